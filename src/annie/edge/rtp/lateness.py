"""How late packets left, as a histogram cheap enough to record each of them."""

from typing import Final

BIN_SECONDS: Final = 0.0001
BINS: Final = 1000


class Lateness:
    """Seconds between when a packet was due and when it was sent, in bins of 0.1 ms to 100 ms."""

    __slots__ = ("_bins", "count", "worst")

    def __init__(self) -> None:
        self._bins = [0] * (BINS + 1)
        self.count = 0
        self.worst = 0.0

    def record(self, seconds: float) -> None:
        """One packet. Early counts as on time."""
        self.count += 1
        if seconds > self.worst:
            self.worst = seconds
        index = int(seconds / BIN_SECONDS)
        self._bins[min(index, BINS) if index > 0 else 0] += 1

    def quantile(self, share: float) -> float:
        """Seconds within which ``share`` (0 to 1) of the packets left; 0.0 if there were none."""
        wanted = share * self.count
        seen = 0
        for index, count in enumerate(self._bins):
            seen += count
            if count and seen >= wanted:
                return min((index + 1) * BIN_SECONDS, self.worst)
        return self.worst

    def reset(self) -> None:
        """Begin anew."""
        self.__init__()
