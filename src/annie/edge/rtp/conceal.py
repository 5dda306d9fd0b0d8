"""Loss concealment: what the ears and the recorder get where a packet is missing.

After ITU-T G.711 Appendix I: the last pitch period is repeated in phase, fades after
10 ms and is gone after 60 ms; the first good frame is faded in over what was made up.
Two things are simpler. The output isn't delayed by 3.75 ms to smooth the beginning, as
the seam lies between a sample and the one that followed it a period before; and the
period is not lengthened for long losses, which are silent by then. Zeros instead
would be steps of full amplitude: clicks, and to voice activity the end of a word.
"""

from array import array
from typing import Final

from annie.edge.rtp.g711 import audioop
from annie.kit.link import FRAME_BYTES

#: Samples: pitch periods looked for (200 to 66 Hz, or multiples of shorter ones), and how
#: much of the end must fit.
SHORTEST_PERIOD: Final = 40
LONGEST_PERIOD: Final = 120
_TEMPLATE: Final = 80
#: Samples over which a good frame replaces what was made up (4 ms).
_BLEND: Final = 32
#: The fade, in steps of 2.5 ms: full for 10 ms, then to nothing over 50 ms.
_STEP_BYTES: Final = 40
_FADE: Final = tuple(min(1.0, 1.0 - (step - 3) / 20) for step in range(24))
_STEPS: Final = FRAME_BYTES // _STEP_BYTES
FRAMES: Final = len(_FADE) // _STEPS

_RISE: Final = tuple((n + 1) / (_BLEND + 1) for n in range(_BLEND))


class Concealer:
    """One stream. ``heard`` is told every good frame, ``missing`` makes up the others."""

    __slots__ = ("_before", "_lost", "_newest", "_period")

    def __init__(self) -> None:
        self._period = b""
        self.forget()

    def heard(self, pcm: bytes) -> bytes:
        """A good frame (320 bytes); returns it, faded in if it follows a made up one."""
        if self._lost:
            if self._period:
                pcm = self._blend(pcm)
            self._lost = 0
        self._before = self._newest
        self._newest = pcm
        return pcm

    def missing(self) -> bytes | None:
        """20 ms in place of a frame that didn't come; ``None`` once it has faded to nothing."""
        lost = self._lost
        if lost >= FRAMES:
            return None
        if lost == 0:
            self._period = self._last_period()
        self._lost = lost + 1
        raw = self._repeat(lost * FRAME_BYTES, FRAME_BYTES)
        return b"".join(
            audioop.mul(raw[step * _STEP_BYTES : (step + 1) * _STEP_BYTES], 2, factor)
            for step, factor in enumerate(_FADE[lost * _STEPS : (lost + 1) * _STEPS])
        )

    def forget(self) -> None:
        """Another stream began, or silence that was meant: nothing of before is repeated."""
        self._before = self._newest = bytes(FRAME_BYTES)
        self._period = b""
        self._lost = FRAMES

    def _last_period(self) -> bytes:
        recent = self._before + self._newest
        template = recent[-2 * _TEMPLATE :]
        candidates = recent[-2 * (_TEMPLATE + LONGEST_PERIOD) : len(recent) - 2 * SHORTEST_PERIOD]
        offset, _ = audioop.findfit(candidates, template)
        return recent[-2 * (LONGEST_PERIOD - offset) :]

    def _repeat(self, begin: int, count: int) -> bytes:
        period = self._period
        phase = begin % len(period)
        return (period * (count // len(period) + 2))[phase : phase + count]

    def _blend(self, pcm: bytes) -> bytes:
        lost = self._lost
        if lost >= FRAMES:
            made_up = bytes(2 * _BLEND)
        else:
            fade = _FADE[lost * _STEPS]
            raw = self._repeat(lost * FRAME_BYTES, 2 * _BLEND)
            made_up = audioop.mul(raw, 2, fade)
        old = array("h", made_up)
        new = array("h", pcm[: 2 * _BLEND])
        mixed = array(
            "h",
            (round(a + (b - a) * rise) for a, b, rise in zip(old, new, _RISE, strict=True)),
        )
        return mixed.tobytes() + pcm[2 * _BLEND :]
