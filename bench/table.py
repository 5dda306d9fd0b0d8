"""Rows of the benchmark's table."""

from collections.abc import Sequence
from dataclasses import dataclass


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie; NaN without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass(slots=True, frozen=True)
class Row:
    """One measured thing: all its values, their unit, and the budget it is held against."""

    name: str
    values: Sequence[float]
    unit: str
    budget: str

    def line(self) -> str:
        """The row as text: count, median, p95, p99, worst."""
        values = self.values
        if len(values) == 1:
            cells = f"{'':>6} {values[0]:>9.2f} {'':>9} {'':>9} {'':>9}"
        else:
            cells = (
                f"{len(values):>6} {quantile(values, 0.5):>9.2f} {quantile(values, 0.95):>9.2f} "
                f"{quantile(values, 0.99):>9.2f} {max(values, default=float('nan')):>9.2f}"
            )
        return f"{self.name:<50} {cells} {self.unit:<4} {self.budget}"


HEADER = f"{'':<50} {'n':>6} {'median':>9} {'p95':>9} {'p99':>9} {'worst':>9}      budget"
