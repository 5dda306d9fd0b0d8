"""Rows of the benchmark's table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie; NaN without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass(slots=True, frozen=True)
class Row:
    """One measured thing: all its values, their unit, what it is held against.

    ``budget`` is the agreed bound in words; ``ratio`` how the median compares with a
    baseline that ran in the same run, such as "0.13 of Pipecat".
    """

    name: str
    values: Sequence[float]
    unit: str
    budget: str = ""
    ratio: str = ""

    @property
    def median(self) -> float:
        """The middle value; NaN without any."""
        return quantile(self.values, 0.5)

    def line(self) -> str:
        """The row as text: count, median, p95, p99, worst."""
        values = self.values
        if len(values) == 1:
            cells = f"{'':>6} {values[0]:>9.2f} {'':>9} {'':>9} {'':>9}"
        else:
            cells = (
                f"{len(values):>6} {self.median:>9.2f} {quantile(values, 0.95):>9.2f} "
                f"{quantile(values, 0.99):>9.2f} {max(values, default=float('nan')):>9.2f}"
            )
        tail = f"{self.budget:<14} {self.ratio}".rstrip()
        return f"{self.name:<52} {cells} {self.unit:<5} {tail}".rstrip()


HEADER = (
    f"{'':<52} {'n':>6} {'median':>9} {'p95':>9} {'p99':>9} {'worst':>9} {'':<5} "
    f"{'budget':<14} against"
)


def table(rows: Iterable[Row]) -> str:
    """All rows under their header."""
    return "\n".join([HEADER, *(row.line() for row in rows)])
