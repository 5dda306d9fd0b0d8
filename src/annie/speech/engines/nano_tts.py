"""The embedded synthesizer: SVOX Pico, in English, Spanish and French.

A 12-word sentence takes about 30 ms of one core. The work is done by a process of
its own (see ``nano_worker`` for why), started with the first sentence, and again
whenever it has died.
"""

import asyncio
import contextlib
import logging
import os
import re
import sys
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
import numpy as np

from annie.kit.language import Language
from annie.speech.engines.nano_worker import REPLY_HEADER, REQUEST_HEADER, STATUS_OK, Request
from annie.speech.mouth.voices import recipe
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle

logger = logging.getLogger(__name__)

MAX_TEXT: Final = 4000
_START_TIMEOUT_S: Final = 10.0
_EXIT_TIMEOUT_S: Final = 1.0

#: Pico reads memory it never wrote, which makes the lengths of its pauses a matter of
#: chance. Above this size glibc takes memory fresh from the system, which is zero.
_ENVIRONMENT: Final = {"MALLOC_MMAP_THRESHOLD_": "1048576"}

#: Pico reads these as markup (or, the zero byte, as the end of the text).
_UNSAFE: Final = {ord(c): " " for c in "<>&\\"} | dict.fromkeys(range(32), " ")

#: Pico's time grows with the square of a word's length: 200 letters take it seconds.
_LONG_WORD: Final = re.compile(r"(\w{40})(?=\w)")
_REPEATED_MARK: Final = re.compile(r"([^\w\s])(?:\s*\1)+")
#: "nine A M" becomes one word, which people and recognizers hear as "9m".
_RUN_INTO_A_TIME: Final = re.compile(r"(?<=\w) (?=[AP] M\b)")
#: One piece takes at most a few tenths of a second, in which other calls wait.
_PIECE: Final = 500

_encoder = msgspec.msgpack.Encoder()


class _WorkerDiedError(Exception):
    """The process ended before it had answered."""


class NanoTts:
    """``TextToSpeech`` by SVOX Pico in a supervised process, one for all calls.

    A clause of usual length comes as one chunk, 8 kHz int16, at -18 dBFS of active speech, with a
    few ms of silence at both ends. Requests are served in the order they came.
    A clause that takes longer than ``timeout_s``, waiting for others included, raises
    ``SpeechError``; a process that died is replaced and asked once more.
    """

    def __init__(self, timeout_s: float = 4.0) -> None:
        self._timeout_s = timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._exchanges: set[asyncio.Task[bytes]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start the process and load the voices now instead of with the first sentence.

        Raises ``SpeechError``.
        """
        for language in Language:
            async for _ in self.synthesize("a", language, VoiceStyle()):
                pass

    async def close(self) -> None:
        """End the process. What is being synthesized raises ``SpeechError``."""
        self._closed = True
        await self._discard()
        if self._exchanges:
            await asyncio.wait(self._exchanges, timeout=_EXIT_TIMEOUT_S)

    async def synthesize(
        self, text: str, language: Language, style: VoiceStyle
    ) -> AsyncGenerator[Pcm, None]:
        """PCM of ``text``, at most ``MAX_TEXT`` characters: one chunk each 500 characters.

        There is no chunk when the text has no word.

        Raises:
            SpeechError: too long, too slow, closed, or Pico failed.
        """
        if len(text) > MAX_TEXT:
            raise SpeechError(f"text of {len(text)} characters is over the limit of {MAX_TEXT}")
        voice = recipe(style.voice, language)
        for piece in _pieces(text):
            request = Request(
                text=piece,
                speaker=voice.speaker,
                pitch=voice.source_pitch,
                speed=voice.source_speed(style.speed),
                size=voice.size,
                tilt_db=voice.tilt_db,
                gain_db=voice.gain_db,
            )
            # An exchange that nobody waits for any more is finished all the same, because
            # the reply must be taken off the pipe before the next request.
            exchange = asyncio.create_task(self._exchange(_encoder.encode(request)))
            self._exchanges.add(exchange)
            exchange.add_done_callback(self._finished)
            pcm = np.frombuffer(await asyncio.shield(exchange), np.int16)
            if pcm.size:
                yield pcm

    def _finished(self, exchange: asyncio.Task[bytes]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()

    async def _exchange(self, body: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._timeout_s + _START_TIMEOUT_S), self._turn:
                return await self._ask(body)
        except TimeoutError as error:
            raise SpeechError("the synthesizer is overloaded") from error

    async def _ask(self, body: bytes) -> bytes:
        for attempt in (1, 2):
            process = await self._running()
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await _converse(process, body)
            except TimeoutError as error:
                await self._discard()
                raise SpeechError(f"no answer in {self._timeout_s:g} s") from error
            except asyncio.CancelledError:
                await self._discard()
                raise
            except _WorkerDiedError:
                await self._discard()
                logger.warning("synthesizer_died", extra={"attempt": attempt})
        raise SpeechError("the synthesizer died twice over this text")

    async def _running(self) -> asyncio.subprocess.Process:
        if self._closed:
            raise SpeechError("the synthesizer is closed")
        if self._process is None or self._process.returncode is not None:
            try:
                async with asyncio.timeout(_START_TIMEOUT_S):
                    # A session of its own: an interrupt typed at the terminal is for
                    # the process that feeds it, whose end it follows.
                    self._process = await asyncio.create_subprocess_exec(
                        sys.executable,
                        "-m",
                        "annie.speech.engines.nano_worker",
                        stdin=asyncio.subprocess.PIPE,
                        stdout=asyncio.subprocess.PIPE,
                        env={**os.environ, **_ENVIRONMENT},
                        start_new_session=True,
                    )
            except (OSError, TimeoutError) as error:
                raise SpeechError(f"the synthesizer can't be started: {error}") from error
        return self._process

    async def _discard(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_TIMEOUT_S):
                await process.wait()


async def _converse(process: asyncio.subprocess.Process, body: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise _WorkerDiedError
    try:
        process.stdin.write(REQUEST_HEADER.pack(len(body)) + body)
        await process.stdin.drain()
        status, length = REPLY_HEADER.unpack(await process.stdout.readexactly(REPLY_HEADER.size))
        reply = await process.stdout.readexactly(length)
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        raise _WorkerDiedError from error
    if status != STATUS_OK:
        raise SpeechError(reply.decode("utf-8", "replace"))
    return reply


def _pieces(text: str) -> list[str]:
    """``text`` without what trips Pico, cut between words; nothing if it has no word."""
    rest = text.encode("utf-8", "ignore").decode().translate(_UNSAFE)
    rest = _LONG_WORD.sub(r"\1 ", _REPEATED_MARK.sub(r"\1", rest)).strip()
    rest = _RUN_INTO_A_TIME.sub(", ", rest)
    pieces: list[str] = []
    while rest:
        end = len(rest) if len(rest) <= _PIECE else rest.rfind(" ", 1, _PIECE)
        piece, rest = (
            (rest[:end], rest[end:].strip()) if end > 0 else (rest[:_PIECE], rest[_PIECE:])
        )
        if any(c.isalnum() for c in piece):
            pieces.append(piece)
    return pieces
