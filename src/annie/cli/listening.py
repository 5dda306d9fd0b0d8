"""Recognition for a caller who doesn't know in which language the number answers."""

import asyncio
from collections.abc import Sequence

from annie.kit.language import Language
from annie.speech.protocols import Pcm, Recognition, SpeechToText, Transcript


class GuessingRecognizer:
    """Recognizes the first utterance in every language and stays with the most confident."""

    def __init__(self, recognizer: SpeechToText, language: Language | None = None) -> None:
        self._recognizer = recognizer
        self._known = language

    @property
    def language(self) -> Language:
        """The language in use; English until something was understood."""
        return self._known or Language.ENGLISH

    def open(self, language: Language, hints: Sequence[str] = ()) -> Recognition:
        """Begin an utterance; ``language`` is only what the caller of this assumed."""
        if self._known is not None:
            return self._recognizer.open(self._known, hints)
        return _Guess(self, [self._recognizer.open(each, hints) for each in Language])

    def settle(self, language: Language) -> None:
        """From now on everything is heard in ``language``."""
        self._known = language


class _Guess:
    def __init__(self, owner: GuessingRecognizer, recognitions: list[Recognition]) -> None:
        self._owner = owner
        self._recognitions = recognitions

    def feed(self, pcm: Pcm) -> None:
        for each in self._recognitions:
            each.feed(pcm)

    @property
    def partial(self) -> str:
        return ""

    async def finish(self) -> Transcript:
        heard = await asyncio.gather(*(each.finish() for each in self._recognitions))
        best = max(heard, key=lambda each: each.confidence if each.text else -1.0)
        if best.text:
            self._owner.settle(best.language)
        return best

    def close(self) -> None:
        for each in self._recognitions:
            each.close()
