"""What a live call asks of ears and mouth, as narrow as it needs them."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from annie.kit.language import Language
from annie.speech.protocols import CallerTurn, Expectation, Pcm, VoiceStyle


class EarsListener(Protocol):
    """Told what one caller does, on the event loop."""

    def on_speech_started(self) -> None:
        """Real speech began: no cough, no click, no echo, as far as can be told by now."""
        ...

    def on_turn(self, turn: CallerTurn) -> None:
        """The caller gave the floor back. Empty text: it turned out to be no speech."""
        ...


class CallEars(Protocol):
    """The ears of one call."""

    def feed(self, pcm: Pcm, said: Pcm | None = None) -> None:
        """20 ms of the line: what was heard, and what it played meanwhile."""
        ...

    def expect(self, expectation: Expectation, hints: Sequence[str] = ()) -> None: ...

    def annie_speaking(self, speaking: bool) -> None: ...

    def finish(self) -> None:
        """Nothing more will come: a turn that is open is reported as soon as it is recognized."""
        ...

    def unfinished(self) -> CallerTurn | None:
        """What the caller was just saying, with the words known by now; None without any."""
        ...

    def close(self) -> None: ...


class Ears(Protocol):
    """The ears of a process."""

    def open(
        self, language: Language, listener: EarsListener, hints: Sequence[str] = ()
    ) -> CallEars: ...


class Mouth(Protocol):
    """Speech from written text, cached where it is known."""

    def speak(self, text: str, language: Language, style: VoiceStyle) -> AsyncIterator[Pcm]:
        """PCM chunks. Raises ``SpeechError``."""
        ...
