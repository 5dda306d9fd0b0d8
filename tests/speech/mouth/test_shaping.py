"""From a synthesizer's 16 kHz to the telephone's 8 kHz."""

import numpy as np
import numpy.typing as npt
import pytest

from annie.speech.mouth.shaping import active_level_dbfs, shape
from annie.speech.protocols import Pcm

pytestmark = pytest.mark.unit


def _tone(seconds: float, hertz: float = 500, amplitude: float = 8000) -> Pcm:
    time = np.arange(int(16000 * seconds)) / 16000
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


def _silence(seconds: float) -> Pcm:
    return np.zeros(int(16000 * seconds), np.int16)


def _shaped(*parts: Pcm, size: float = 1.0, tilt_db: float = 0.0, gain_db: float = 0.0) -> Pcm:
    return shape(np.concatenate(parts), size=size, tilt_db=tilt_db, gain_db=gain_db)


def _peak_hz(pcm: Pcm) -> float:
    spectrum: npt.NDArray[np.float64] = np.abs(np.fft.rfft(pcm.astype(np.float64)))
    return float(np.argmax(spectrum)) * 8000 / pcm.size


def test_silence_at_both_ends_is_cut_to_a_few_ms() -> None:
    pcm = _shaped(_silence(0.3), _tone(1.0), _silence(0.5))
    assert 8000 <= pcm.size <= 8000 + 8 * 40


def test_a_long_pause_within_is_shortened_and_a_short_one_kept() -> None:
    long = _shaped(_tone(1.0), _silence(0.8), _tone(1.0))
    short = _shaped(_tone(1.0), _silence(0.2), _tone(1.0))
    assert long.size == pytest.approx(8 * 2300, abs=8 * 40)
    assert short.size == pytest.approx(8 * 2200, abs=8 * 40)


def test_it_begins_and_ends_without_a_click() -> None:
    pcm = _shaped(_tone(0.5, amplitude=20000))
    assert abs(int(pcm[0])) < 50
    assert abs(int(pcm[-1])) < 50


def test_a_smaller_speaker_is_higher_and_shorter() -> None:
    same, small = _shaped(_tone(1.0)), _shaped(_tone(1.0), size=1.25)
    assert _peak_hz(same) == pytest.approx(500, rel=0.02)
    assert _peak_hz(small) == pytest.approx(625, rel=0.02)
    assert small.size == pytest.approx(same.size / 1.25, rel=0.02)


def test_tilt_raises_what_is_above_the_pivot_and_lowers_what_is_below() -> None:
    high, low = _tone(1.0, 2000), _tone(1.0, 500)
    flat = active_level_dbfs(_shaped(high)) - active_level_dbfs(_shaped(low))
    tilted = active_level_dbfs(_shaped(high, tilt_db=3)) - active_level_dbfs(
        _shaped(low, tilt_db=3)
    )
    assert tilted - flat == pytest.approx(6, abs=0.3)


def test_peaks_are_bent_never_cut() -> None:
    pcm = _shaped(_tone(1.0, amplitude=32000), gain_db=12)
    assert np.abs(pcm.astype(int)).max() < 0.91 * 32768


def test_rumble_below_the_voice_is_taken_out() -> None:
    assert active_level_dbfs(_shaped(_tone(1.0, 30, 16000))) < -30


@pytest.mark.parametrize("samples", [0, 1, 10, 160])
def test_next_to_nothing_is_no_error(samples: int) -> None:
    assert _shaped(np.zeros(samples, np.int16)).size == 0


def test_the_level_leaves_pauses_out() -> None:
    assert active_level_dbfs(np.zeros(8000, np.int16)) == float("-inf")
    full = active_level_dbfs(_shaped(_tone(1.0)))
    paused = active_level_dbfs(_shaped(_tone(1.0), _silence(0.3), _tone(1.0)))
    assert paused == pytest.approx(full, abs=0.4)
