"""The embedded synthesizer: SVOX Pico, in English, Spanish and French.

A 12-word sentence takes about 30 ms of one core. The work is done by a process of
its own (see ``nano_worker`` for why), started with the first sentence, and again
whenever it has died.
"""

import re
from collections.abc import AsyncGenerator
from typing import Final

import msgspec
import numpy as np

from annie.kit.language import Language
from annie.speech.engines.nano_worker import Request
from annie.speech.engines.worker_process import WorkerProcess
from annie.speech.mouth.voices import recipe
from annie.speech.protocols import Pcm, SpeechError, VoiceStyle

MAX_TEXT: Final = 4000

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


class NanoTts:
    """``TextToSpeech`` by SVOX Pico in a supervised process, one for all calls.

    A clause of usual length comes as one chunk, 8 kHz int16, at -18 dBFS of active speech, with a
    few ms of silence at both ends. Requests are served in the order they came.
    A clause that takes longer than ``timeout_s``, waiting for others included, raises
    ``SpeechError``; a process that died is replaced and asked once more.
    """

    def __init__(self, timeout_s: float = 4.0) -> None:
        self._worker = WorkerProcess(
            "annie.speech.engines.nano_worker", timeout_s=timeout_s, environment=_ENVIRONMENT
        )

    async def start(self) -> None:
        """Start the process and load the voices now instead of with the first sentence.

        Raises ``SpeechError``.
        """
        for language in Language:
            async for _ in self.synthesize("a", language, VoiceStyle()):
                pass

    async def close(self) -> None:
        """End the process. What is being synthesized raises ``SpeechError``."""
        await self._worker.close()

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
            reply = await self._worker.ask(_encoder.encode(request))
            pcm = np.frombuffer(reply, np.int16)
            if pcm.size:
                yield pcm


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
