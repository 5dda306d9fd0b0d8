"""Recognition for a caller who doesn't know in which language the number answers."""

from collections.abc import Sequence

import numpy as np

from annie.kit.language import Language
from annie.speech.engines.whisper import WhisperRecognizer
from annie.speech.protocols import Pcm, Recognition, Transcript


class GuessingRecognizer:
    """Tells the language from the first utterance and stays with it."""

    def __init__(self, recognizer: WhisperRecognizer, language: Language | None = None) -> None:
        self.recognizer = recognizer
        self._known = language

    @property
    def language(self) -> Language:
        """The language in use; English until something was heard."""
        return self._known or Language.ENGLISH

    @property
    def idle(self) -> bool:
        """As the recognizer behind it."""
        return self.recognizer.idle

    def open(self, language: Language, hints: Sequence[str] = ()) -> Recognition:
        """Begin an utterance; ``language`` is only what the caller of this assumed."""
        if self._known is not None:
            return self.recognizer.open(self._known, hints)
        return _Guess(self)

    async def settle(self, audio: Pcm) -> Language:
        """Hear everything in the language of ``audio`` from now on."""
        if self._known is None:
            self._known = await self.recognizer.guess_language(audio)
        return self._known


class _Guess:
    def __init__(self, owner: GuessingRecognizer) -> None:
        self._owner = owner
        self._audio: list[Pcm] = []

    def feed(self, pcm: Pcm) -> None:
        self._audio.append(pcm)

    @property
    def partial(self) -> str:
        return ""

    async def finish(self) -> Transcript:
        audio = np.concatenate([np.zeros(0, np.int16), *self._audio])
        recognition = self._owner.recognizer.open(await self._owner.settle(audio))
        recognition.feed(audio)
        try:
            return await recognition.finish()
        finally:
            recognition.close()

    def close(self) -> None:
        self._audio.clear()
