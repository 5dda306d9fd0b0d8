"""A bad network in virtual time: loss, jitter, reordering and duplicates from a seed."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

FRAME = 160
TICK = 0.02


@dataclass(frozen=True)
class Network:
    """``jitter`` is the mean of an exponential delay in seconds, as queues make it.

    A packet in ``loss`` is lost, and ``burst`` - 1 after it; ``reordered`` come 30 ms late;
    ``duplicated`` come twice, the second time 5 ms later. All three are shares.
    """

    jitter: float = 0.0
    loss: float = 0.0
    burst: int = 1
    reordered: float = 0.0
    duplicated: float = 0.0
    seed: int = 1

    def carry(self, packets: Iterable[tuple[float, T]]) -> list[tuple[float, T]]:
        """From when each packet was sent to when it arrives, in the order of arrival."""
        chance = random.Random(self.seed)
        arriving: list[tuple[float, int, T]] = []
        losing = 0
        for number, (sent, packet) in enumerate(packets):
            if losing == 0 and chance.random() < self.loss:
                losing = self.burst
            if losing:
                losing -= 1
                continue
            delay = 0.03 + (chance.expovariate(1 / self.jitter) if self.jitter else 0.0)
            if chance.random() < self.reordered:
                delay += 0.03
            arriving.append((sent + delay, number, packet))
            if chance.random() < self.duplicated:
                arriving.append((sent + delay + 0.005, number, packet))
        return [(at, packet) for at, _, packet in sorted(arriving, key=lambda each: each[:2])]
