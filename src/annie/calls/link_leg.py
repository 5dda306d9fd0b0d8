"""A call leg at the end of the link to the edge.

The edge plays on its own clock and reports how far it has come; a leg keeps a copy of
what it sent until the edge says that it was played. So every ``on_frame`` carries the
audio that was really on the wire in that tick, also around a flush.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol
from uuid import UUID

import numpy as np

from annie.calls.protocols import CallLegListener
from annie.kit import link
from annie.kit.link import FRAME_SAMPLES, CallFacts, Control, MediaFigures, UpstreamFrame
from annie.speech.protocols import Pcm

logger = logging.getLogger(__name__)

#: Frames that a leg sends ahead of the caller's ear (60 s); the rest waits here. The edge
#: refuses more than 120 s.
SEND_AHEAD: Final = 3000
#: Frames of room worth another packet, when there is more than ``SEND_AHEAD`` to send (1 s).
REFILL: Final = 50
#: When this few frames are left to play, half a frame at the end is padded and sent.
RUNNING_DRY: Final = 2
#: Ticks without audio from the edge that are made up for with lost frames (5 s).
MAX_GAP: Final = 250

_SILENCE: Final = np.zeros(FRAME_SAMPLES, np.int16)
_SILENCE.flags.writeable = False


class LegOwner(Protocol):
    """What a leg needs of the connection."""

    def send(self, message: Control) -> None:
        """Send a control message now."""
        ...

    def schedule(self, leg: "LinkLeg") -> None:
        """Collect the leg's audio at the end of this turn of the loop."""
        ...


class _Epoch:
    """Frames sent for one epoch that weren't reported as played yet, with their true lengths."""

    __slots__ = ("frames", "reported")

    def __init__(self) -> None:
        self.frames: deque[tuple[Pcm, int]] = deque()
        self.reported = 0


class LinkLeg:
    """One call; implements ``annie.calls.protocols.CallLeg``."""

    def __init__(
        self,
        owner: LegOwner,
        call: int,
        facts: CallFacts,
        resumed: link.CallResumed | None = None,
    ) -> None:
        self._owner = owner
        self._call = call
        self._facts = facts
        self._media: MediaFigures | None = None
        self._listener: CallLegListener | None = None
        self._answered = False
        self._ended = False
        self._hanging_up = False
        self._hang_up_sent = False
        self._epoch = 0
        self._epochs: dict[int, _Epoch] = {0: _Epoch()}
        # Audio given to ``play`` that is not on its way yet, and how much of it.
        self._unsent: deque[Pcm] = deque()
        self._unsent_samples = 0
        # Samples of the current epoch that are at the edge or on the way there.
        self._sent_samples = 0
        self._heard: deque[Pcm] = deque()
        self._played_samples = 0
        self._last_tick: int | None = None
        if resumed is not None:
            self._take_over(resumed)
        self._complained = False

    @property
    def facts(self) -> CallFacts:
        """What the INVITE said."""
        return self._facts

    @property
    def media(self) -> MediaFigures | None:
        """How the audio fared; known once the call has ended, if ever."""
        return self._media

    @property
    def queued_samples(self) -> int:
        """Samples given to ``play`` that the caller hasn't heard yet."""
        return self._unsent_samples + self._sent_samples

    @property
    def played_samples(self) -> int:
        """Samples of ``play`` that the caller has heard since the call began."""
        return self._played_samples

    def listen(self, listener: CallLegListener) -> None:
        """Name who is told."""
        self._listener = listener

    def ring(self) -> None:
        """Send 180 Ringing."""
        self._send(link.Ring(self._call))

    def answer(self) -> None:
        """Send 200 OK; audio given to ``play`` before follows at once."""
        if self._answered:
            return
        self._answered = True
        self._send(link.Answer(self._call))
        self._owner.schedule(self)

    def reject(self, status: int, reason: str) -> None:
        """Refuse the call with a SIP status from 300 to 699."""
        self._send(link.Reject(self._call, status, reason))

    def play(self, pcm: Pcm) -> None:
        """Queue audio behind what is queued; any length, 8 kHz int16.

        Chunks join sample by sample: the part that doesn't fill a frame waits for the
        next chunk, and is only padded with silence when the caller would otherwise run
        out of audio within 40 ms.
        """
        if self._ended or self._hanging_up or not len(pcm):
            return
        # A copy: the caller may go on using its buffer.
        self._unsent.append(np.array(pcm, np.int16))
        self._unsent_samples += len(pcm)
        self._owner.schedule(self)

    def flush(self) -> None:
        """Stop playing at once and forget the queue."""
        if self._ended:
            return
        self._unsent.clear()
        self._unsent_samples = 0
        self._sent_samples = 0
        # With nothing under way every frame was played, and the edge's queue is empty.
        if self._epochs[self._epoch].frames:
            self._send(link.Flush(self._call, self._epoch))
            self._epoch += 1
            self._epochs[self._epoch] = _Epoch()
        if self._hanging_up:
            self._owner.schedule(self)

    def checkpoint(self, conversation: UUID, language: str, state: bytes, *, owed: bool) -> None:
        """Leave with the edge what another process needs to go on with the call."""
        self._send(link.Checkpoint(self._call, conversation, language, owed, state))

    def send_digits(self, digits: str) -> None:
        """Press keys: 0-9, *, #, A-D. What is being played waits meanwhile."""
        self._send(link.SendDigits(self._call, digits))

    def hang_up(self, *, after_playout: bool = False) -> None:
        """End the call at once, or when all that was given to ``play`` has been heard."""
        if self._ended:
            return
        if not after_playout or not self._answered:
            self._send(link.Hangup(self._call))
            return
        self._hanging_up = True
        self._owner.schedule(self)

    # For VoiceLink

    def established(self) -> None:
        """The edge sent our 200."""
        if self._listener is not None:
            self._tell(self._listener.on_established)

    def digit(self, digit: str) -> None:
        """The edge heard a key."""
        if self._listener is not None:
            self._tell(self._listener.on_digit, digit)

    def ended(self, by: str, reason: str, media: MediaFigures | None = None) -> None:
        """The call is over, or we can't know any more."""
        if self._ended:
            return
        self._media = media
        self._ended = True
        self._unsent.clear()
        self._unsent_samples = 0
        if self._listener is not None:
            self._tell(self._listener.on_ended, by, reason)

    def flushed(self, epoch: int, played: int) -> None:
        """The edge ended an epoch: what it hadn't played of it never will be."""
        self._account(epoch, played)
        if epoch != self._epoch:
            self._epochs.pop(epoch, None)

    def frame(self, tick: int, frame: UpstreamFrame) -> None:
        """This tick's audio from the edge."""
        self._account(frame.epoch, frame.played)
        if self._last_tick is not None:
            self._bridge(tick - self._last_tick - 1)
        self._last_tick = tick
        lost = bool(frame.flags & link.FLAG_LOST)
        self._tell_frame(np.frombuffer(frame.pcm, "<i2"), lost)
        if self._unsent_samples >= FRAME_SAMPLES and self._room >= REFILL and not self._ended:
            self._owner.schedule(self)

    def take_audio(self) -> tuple[int, int, bytes] | None:
        """What may be sent now: ``(call, epoch, pcm)``, as ``encode_downstream`` takes it."""
        frames = min(self._unsent_samples // FRAME_SAMPLES, self._room)
        if not self._answered or self._ended or not frames:
            return None
        pcm = np.concatenate(self._unsent)
        sending = pcm[: frames * FRAME_SAMPLES]
        rest = pcm[frames * FRAME_SAMPLES :]
        self._unsent.clear()
        if len(rest):
            self._unsent.append(rest)
        self._unsent_samples = len(rest)
        self._keep(sending, FRAME_SAMPLES)
        return self._call, self._epoch, sending.astype("<i2", copy=False).tobytes()

    def take_remainder(self) -> tuple[int, int, bytes] | None:
        """The last part of a frame, padded, where nothing came to fill it in time."""
        if not self._answered or self._ended or not 0 < self._unsent_samples < FRAME_SAMPLES:
            return None
        waiting = len(self._epochs[self._epoch].frames)
        if waiting > RUNNING_DRY and not self._hanging_up:
            return None
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        samples = self._unsent_samples
        frame[:samples] = np.concatenate(self._unsent)
        self._unsent.clear()
        self._unsent_samples = 0
        self._keep(frame, samples)
        return self._call, self._epoch, frame.astype("<i2", copy=False).tobytes()

    def sent(self) -> None:
        """Audio was sent; a hang-up that waited for it may follow."""
        if self._hanging_up and not self._unsent_samples and not self._hang_up_sent:
            self._hang_up_sent = True
            self._send(link.Hangup(self._call, after_playout=True))

    @property
    def hanging_up(self) -> bool:
        """No more audio will come: what there is need not wait to fill a frame."""
        return self._hanging_up

    @property
    def _room(self) -> int:
        return SEND_AHEAD - len(self._epochs[self._epoch].frames)

    def _take_over(self, resumed: link.CallResumed) -> None:
        """What the edge still plays of our predecessor's counts as ours, though unknown."""
        self._answered = True
        self._epoch = resumed.epoch
        epoch = _Epoch()
        epoch.reported = resumed.played
        epoch.frames.extend([(_SILENCE, FRAME_SAMPLES)] * resumed.queued)
        self._epochs = {resumed.epoch: epoch}
        self._sent_samples = resumed.queued * FRAME_SAMPLES

    def _keep(self, pcm: Pcm, true_samples: int) -> None:
        frames = self._epochs[self._epoch].frames
        for begin in range(0, len(pcm), FRAME_SAMPLES):
            frames.append((pcm[begin : begin + FRAME_SAMPLES], true_samples))
        self._sent_samples += len(pcm) // FRAME_SAMPLES * true_samples

    def _account(self, number: int, played: int) -> None:
        epoch = self._epochs.get(number)
        if epoch is None:
            return
        for _ in range(min(played - epoch.reported, len(epoch.frames))):
            frame, samples = epoch.frames.popleft()
            epoch.reported += 1
            self._heard.append(frame)
            self._played_samples += samples
            if number == self._epoch:
                self._sent_samples -= samples

    def _tell_frame(self, pcm: Pcm, lost: bool) -> None:
        played = self._heard.popleft() if self._heard else _SILENCE
        if self._listener is not None:
            self._tell(self._listener.on_frame, pcm, played, lost)

    def _bridge(self, missing: int) -> None:
        """Ticks that the edge had to drop: the listener's clock must not stand still."""
        for _ in range(min(missing, MAX_GAP)):
            self._tell_frame(_SILENCE, True)
        if missing > 0:
            while len(self._heard) > 1:
                self._heard.popleft()

    def _send(self, message: Control) -> None:
        if not self._ended:
            self._owner.send(message)

    def _tell(self, event: Callable[..., None], *arguments: object) -> None:
        try:
            event(*arguments)
        except Exception:
            # A fault in one call's handling must not touch the others; once in the log is
            # enough for something that may fail fifty times a second.
            if not self._complained:
                self._complained = True
                logger.exception("call_listener_failed", extra={"call": self._call})
