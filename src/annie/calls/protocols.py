"""The contract of a call leg: what the live call knows of a telephone line."""

from typing import Protocol
from uuid import UUID

from annie.kit.link import CallFacts, MediaFigures
from annie.speech.protocols import Pcm


class CallLegListener(Protocol):
    """Told what happens on the line, on the event loop, in the order of the wire."""

    def on_established(self) -> None:
        """The caller hears from now on."""
        ...

    def on_frame(self, pcm: Pcm, played: Pcm, lost: bool) -> None:
        """20 ms: what the caller said, and what was played to them meanwhile (both 160 samples)."""
        ...

    def on_digit(self, digit: str) -> None:
        """A key was pressed (RFC 4733)."""
        ...

    def on_ended(self, by: str, reason: str) -> None:
        """The call is over; no further calls follow."""
        ...


class CallLeg(Protocol):
    """One line to one caller."""

    @property
    def facts(self) -> CallFacts:
        """What the INVITE said."""
        ...

    @property
    def media(self) -> MediaFigures | None:
        """How the audio fared; known once the call has ended, if ever."""
        ...

    @property
    def queued_samples(self) -> int:
        """Samples given to ``play`` that the caller hasn't heard yet."""
        ...

    @property
    def played_samples(self) -> int:
        """Samples of ``play`` that the caller has heard since the call began."""
        ...

    def listen(self, listener: CallLegListener) -> None:
        """Name who is told; called once, before ``answer``."""
        ...

    def ring(self) -> None: ...

    def answer(self) -> None: ...

    def reject(self, status: int, reason: str) -> None: ...

    def play(self, pcm: Pcm) -> None:
        """Queue audio behind what is queued; any length, 8 kHz int16."""
        ...

    def flush(self) -> None:
        """Stop playing at once and forget the queue."""
        ...

    def checkpoint(self, conversation: UUID, language: str, state: bytes, *, owed: bool) -> None:
        """Leave with the line what another process needs to go on with the call.

        ``owed``: the caller waits for us, so a standstill of ours leaves them in silence.
        """
        ...

    def send_digits(self, digits: str) -> None: ...

    def hang_up(self, *, after_playout: bool = False) -> None: ...
