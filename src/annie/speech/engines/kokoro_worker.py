"""The process in which Kokoro synthesizes; run and fed by ``kokoro``.

It stands behind everything else on the machine: lowest useful priority and one thread,
so that preparing takes only what calls and packets leave. eSpeak NG, which spells the
words out, runs in a process below it (see ``espeak_worker``).
"""

import os
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from annie.kit.language import Language
from annie.speech.engines.kokoro_phonemes import tokens
from annie.speech.engines.worker_wire import REPLY_HEADER, REQUEST_HEADER, STATUS_OK, serve
from annie.speech.kokoro_models import kokoro_files
from annie.speech.mouth.shaping import active_level_dbfs, shape

SOURCE_RATE: Final = 24000
NICENESS: Final = 10
LEVEL_DBFS: Final = -18.0

#: Rows of a voice: one style for each number of tokens.
_STYLE: Final = 256
#: A clause that the model makes very quiet is noise, which isn't to be raised to speech.
_MOST_GAIN_DB: Final = 20.0

_Vectors = npt.NDArray[np.float32]


class Request(msgspec.Struct, frozen=True, array_like=True):
    """One clause to speak. ``blend`` is voices with their weights; see ``kokoro_voices``."""

    text: str
    language: Language
    blend: list[tuple[str, float]]
    british: bool
    speed: float
    size: float
    tilt_db: float


_decoder = msgspec.msgpack.Decoder(Request)


class _Speller:
    """eSpeak NG in its own process, which ends with this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "annie.speech.engines.espeak_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, words: str, voice: str) -> str:
        body = voice.encode() + b"\0" + words.replace("\0", " ").encode("utf-8", "ignore")
        try:
            status, reply = self._ask(body)
        except (OSError, struct.error):
            # Whoever feeds this process replaces it, and with it what runs below.
            sys.exit("eSpeak NG's process has died")
        if status != STATUS_OK:
            raise RuntimeError(reply)
        return reply

    def _ask(self, body: bytes) -> tuple[int, str]:
        source, sink = self._process.stdout, self._process.stdin
        if source is None or sink is None:
            raise BrokenPipeError
        sink.write(REQUEST_HEADER.pack(len(body)) + body)
        sink.flush()
        status, length = REPLY_HEADER.unpack(source.read(REPLY_HEADER.size))
        return status, source.read(length).decode("utf-8", "replace")


@cache
def _speller() -> _Speller:
    return _Speller()


@cache
def _model() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The arena stays: without it a clause takes up to four times the memory, and longer.
    return onnxruntime.InferenceSession(
        str(kokoro_files().model), options, providers=["CPUExecutionProvider"]
    )


@cache
def _voice(name: str) -> _Vectors:
    path: Path = kokoro_files().voices / f"{name}.bin"
    return np.fromfile(path, np.float32).reshape(-1, _STYLE)


def synthesize(request: Request) -> bytes:
    """Telephone PCM of ``request``; raises what eSpeak or the model raises."""
    found = tokens(request.text, request.language, _speller(), british=request.british)
    if not found:
        return b""
    total = sum(weight for _, weight in request.blend)
    style = sum(_voice(name)[len(found) - 1] * (weight / total) for name, weight in request.blend)
    (audio,) = _model().run(
        None,
        {
            "tokens": np.array([[0, *found, 0]], np.int64),
            "style": np.asarray(style, np.float32)[None],
            "speed": np.array([request.speed], np.float32),
        },
    )
    peak = float(np.abs(audio).max(initial=0.0))
    raw = np.round(audio * (32767 / max(peak, 1.0))).astype(np.int16)
    plain = shape(raw, rate=SOURCE_RATE, size=request.size, tilt_db=request.tilt_db, gain_db=0.0)
    gain = min(LEVEL_DBFS - active_level_dbfs(plain), _MOST_GAIN_DB) if plain.size else 0.0
    # Once more and not scaled: the limiter must see the level that is wanted.
    return shape(
        raw, rate=SOURCE_RATE, size=request.size, tilt_db=request.tilt_db, gain_db=gain
    ).tobytes()


def answer(body: bytes) -> bytes:
    """Telephone PCM of an encoded ``Request``."""
    return synthesize(_decoder.decode(body))


if __name__ == "__main__":
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    serve(answer, sys.stdin.buffer, sys.stdout.buffer)
