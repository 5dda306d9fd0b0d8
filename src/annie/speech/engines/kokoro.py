"""The natural synthesizer: Kokoro-82M, in English, Spanish and French, where installed.

A second of speech takes about 0.6 s of one core, so this is for what can be synthesized
ahead; the process that does it gives way to everything else (see ``kokoro_worker``), is
started with the first sentence and ends when there was nothing to do for a while.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
import numpy as np

from annie.kit.language import Language
from annie.speech.engines.kokoro_worker import Request
from annie.speech.engines.worker_process import WorkerProcess
from annie.speech.kokoro_models import kokoro_files
from annie.speech.mouth.kokoro_voices import blend
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle

MAX_TEXT: Final = 4000
#: Changes whenever the same words would sound different: kept audio is made anew.
VERSION: Final = "kokoro-82m-int8/2"

#: Memory grows with the longest piece: 290 MB at 60 characters, 420 at 100, 1.1 GB at 300.
_PIECE: Final = 100
#: Where a piece may end with least harm, and how long it should be at least.
_MARK: Final = re.compile(r"[,;:.!?…](?=\s)")
_SHORTEST: Final = 40
_TIMEOUT_S: Final = 120.0
#: Loading the model takes a second; it isn't worth its memory while nothing is made.
_IDLE_S: Final = 60.0
_LONG_WORD: Final = re.compile(r"(\w{40})(?=\w)")

_encoder = msgspec.msgpack.Encoder()


class KokoroTts:
    """``TextToSpeech`` by Kokoro in a supervised process, one for all calls.

    A clause comes as one chunk, 8 kHz int16, at -18 dBFS of active speech, with a few ms
    of silence at both ends. Requests are served in the order they came.

    Raises:
        ModelError: it isn't installed; the message says what to run.
    """

    def __init__(self, timeout_s: float = _TIMEOUT_S, idle_s: float = _IDLE_S) -> None:
        kokoro_files()
        self._idle_s = idle_s
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._worker = WorkerProcess(
            "annie.speech.engines.kokoro_worker", timeout_s=timeout_s, queue_s=timeout_s
        )

    @property
    def ready(self) -> bool:
        """Its process is there and has nothing to do."""
        return self._worker.running and not self._worker.pending

    async def close(self) -> None:
        """End the process. What is being synthesized raises ``SpeechError``."""
        if self._idle is not None:
            self._idle.cancel()
        await self._worker.close()

    async def synthesize(
        self, text: str, language: Language, style: VoiceStyle
    ) -> AsyncGenerator[Pcm, None]:
        """PCM of ``text``, at most ``MAX_TEXT`` characters: one chunk each 100 characters.

        There is no chunk when the text has no word.

        Raises:
            SpeechError: too long, too slow, closed, or Kokoro failed.
        """
        if len(text) > MAX_TEXT:
            raise SpeechError(f"text of {len(text)} characters is over the limit of {MAX_TEXT}")
        made = blend(style.voice, language)
        for piece in _pieces(text):
            request = Request(
                text=piece,
                language=language,
                blend=list(made.speakers),
                british=made.british,
                speed=made.source_speed(style.speed),
                size=made.size,
                tilt_db=made.tilt_db,
            )
            try:
                reply = await self._worker.ask(_encoder.encode(request))
            finally:
                self._end_later()
            pcm = np.frombuffer(reply, np.int16)
            if pcm.size:
                yield pcm

    def _end_later(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._end)

    def _end(self) -> None:
        if self._worker.pending:
            self._end_later()
            return
        task = asyncio.create_task(self._worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _pieces(text: str) -> list[str]:
    """``text`` cut at a comma, else between words; nothing if it has no word."""
    rest = text.encode("utf-8", "ignore").decode()
    rest = _LONG_WORD.sub(r"\1 ", "".join(c if c.isprintable() else " " for c in rest)).strip()
    pieces: list[str] = []
    while rest:
        end = len(rest) if len(rest) <= _PIECE else _cut(rest)
        piece, rest = rest[:end], rest[end:].strip()
        if any(c.isalnum() for c in piece):
            pieces.append(piece)
    return pieces


def _cut(text: str) -> int:
    marks = [match.end() for match in _MARK.finditer(text, _SHORTEST, _PIECE)]
    if marks:
        return marks[-1]
    space = text.rfind(" ", 1, _PIECE)
    return space if space > 0 else _PIECE
