"""Recordings: aligned, seekable, whole after errors, and never in a call's way."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
import soundfile

from annie.calls import recorder as recorder_module
from annie.calls.recorder import Recorder
from annie.calls.salvage import PARTIAL_SUFFIX, open_flac, recover

pytestmark = pytest.mark.unit


def _ramp(start: int, count: int = 160) -> np.ndarray:
    return np.arange(start, start + count, dtype=np.int32).astype(np.int16)


def test_caller_is_left_annie_is_right_and_any_position_can_be_sought(tmp_path: Path):
    recorder = Recorder(tmp_path)
    recording = recorder.open(uuid4())
    for frame in range(187):
        recording.write(_ramp(frame * 160), -_ramp(frame * 160))
    recording.close()
    assert recorder.stop()
    with soundfile.SoundFile(str(recording.path)) as file:
        assert (file.samplerate, file.channels, file.frames) == (8000, 2, 187 * 160)
        assert file.seekable()
        file.seek(20_000)
        sound = file.read(500, dtype="int16")
    assert np.array_equal(sound[:, 0], _ramp(20_000, 500))
    assert np.array_equal(sound[:, 1], -_ramp(20_000, 500))
    assert list(tmp_path.iterdir()) == [recording.path]


def test_a_disk_that_stalls_costs_seconds_but_neither_waiting_nor_alignment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    gate = threading.Event()

    def slow(path: Path) -> soundfile.SoundFile:
        gate.wait(30)
        return open_flac(path)

    monkeypatch.setattr(recorder_module, "open_flac", slow)
    recorder = Recorder(tmp_path, capacity=3)
    recording = recorder.open(uuid4())
    for frame in range(500):  # ten seconds; at most four of them fit
        recording.write(_ramp(frame * 160), _ramp(frame * 160))
    assert recording.dropped_samples >= 5 * 8000
    gate.set()
    recording.close()
    assert recorder.stop()
    sound, _ = soundfile.read(str(recording.path), dtype="int16")
    assert len(sound) == 500 * 160
    expected = _ramp(0, 80_000)
    kept = sound[:, 0] == expected
    assert kept[:8000].all()
    assert (sound[:, 0][~kept] == 0).all()


def test_a_disk_error_costs_the_recording_only(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    recorder = Recorder(blocked)
    recording = recorder.open(uuid4())
    for _ in range(100):
        recording.write(_ramp(0), _ramp(0))
    recording.close()
    other = Recorder(tmp_path)
    fine = other.open(uuid4())
    fine.write(_ramp(0), _ramp(0))
    fine.close()
    assert recorder.stop()
    assert other.stop()
    assert fine.path.exists()


def test_closing_twice_and_writing_afterwards_change_nothing(tmp_path: Path):
    recorder = Recorder(tmp_path)
    recording = recorder.open(uuid4())
    recording.write(_ramp(0), _ramp(0))
    recording.close()
    recording.write(_ramp(0), _ramp(0))
    recording.close()
    assert recorder.stop()
    assert soundfile.info(str(recording.path)).frames == 160


_CRASH = """
import os, sys, time, uuid
from pathlib import Path
import numpy as np
from annie.calls.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
recording = recorder.open(uuid.uuid4())
noise = np.random.default_rng(1).integers(-9000, 9000, (1000, 160)).astype(np.int16)
for frame in noise:
    recording.write(frame, frame)
recorder.stop()
os._exit(1)
"""


def test_what_a_crash_left_is_salvaged(tmp_path: Path):
    subprocess.run([sys.executable, "-c", _CRASH, str(tmp_path)], check=False, timeout=60)
    assert [path.name.endswith(PARTIAL_SUFFIX) for path in tmp_path.iterdir()] == [True]
    (conversation_id,) = recover(tmp_path)
    (saved,) = tmp_path.iterdir()
    assert saved.stem == str(conversation_id)
    assert saved.suffix == ".flac"
    assert 15 * 8000 <= soundfile.info(str(saved)).frames <= 20 * 8000


_TAKEN_OVER = """
import os, sys, uuid
from pathlib import Path
import numpy as np
from annie.calls.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]))
recording = recorder.open(uuid.UUID(sys.argv[2]), began=float(sys.argv[3]))
frame = np.full(160, int(sys.argv[4]), np.int16)
for _ in range(200):
    recording.write(frame, frame)
if sys.argv[5] == "ends":
    recording.close()
recorder.stop()
os._exit(1)
"""


def test_a_recording_goes_on_in_another_process_at_its_place_in_the_call(tmp_path: Path):
    conversation = uuid4()
    for began, level, end in (("0", "1000", "dies"), ("6", "2000", "dies"), ("11", "3000", "ends")):
        arguments = [str(tmp_path), str(conversation), began, level, end]
        subprocess.run([sys.executable, "-c", _TAKEN_OVER, *arguments], check=False, timeout=60)
    (saved,) = tmp_path.iterdir()
    sound, rate = soundfile.read(str(saved), dtype="int16")
    assert saved.name == f"{conversation}.flac"
    assert rate == 8000
    heard = [int(sound[round(at * 8000), 0]) for at in (1.0, 5.0, 7.0, 10.5, 12.0, 14.9)]
    assert heard == [1000, 0, 2000, 0, 3000, 3000]
    assert len(sound) == 15 * 8000


def test_an_unreadable_rest_is_deleted_and_a_living_writers_file_is_left(tmp_path: Path):
    (tmp_path / f"{uuid4()}.999999999.0{PARTIAL_SUFFIX}").write_bytes(b"not audio")
    living = tmp_path / f"{uuid4()}.{os.getppid()}.0{PARTIAL_SUFFIX}"
    living.write_bytes(b"")
    assert recover(tmp_path) == []
    assert list(tmp_path.iterdir()) == [living]
