"""Round bins over a column of values."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from doorstep.console.report.ticks import step_of
from doorstep.foundation.arrays import Floats, Ints

MOST_BINS = 24
OPEN_ABOVE = 0.995
"""Quantile above which values fall into one last, open bin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """``number`` bins of width ``step`` from ``first`` on; ``is_open``: the last one takes everything above as well."""

    first: float
    step: float
    number: int
    is_open: bool
    whole: bool

    @classmethod
    def over(cls, values: Floats, *, whole: bool) -> Self:
        """Return bins over one or more values."""
        low, top = float(values.min()), float(np.quantile(values, OPEN_ABOVE))
        step = step_of(max(top - low, 1e-2) / MOST_BINS, whole=whole)
        first = float(np.floor(low / step + 1e-9)) * step
        number = int(np.floor((top - first) / step + 1e-9)) + 1
        is_open = bool(values.max() >= first + number * step)
        return cls(first=first, step=step, number=number, is_open=is_open, whole=whole)

    @property
    def single(self) -> bool:
        """True where each bin holds one whole number."""
        return self.whole and self.step == 1

    def counts(self, values: Floats) -> Ints:
        """Return how many values lie in each bin."""
        place = np.floor((values - self.first) / self.step + 1e-9).astype(np.int64)
        return np.bincount(np.minimum(place, self.number - 1), minlength=self.number).astype(np.int64)

    def place(self, value: float) -> float:
        """Return where a value lies, counted in bins from the left edge of the first."""
        return min((value - self.first) / self.step, float(self.number))

    def text(self, k: int) -> str:
        """Return the lower edge of a bin."""
        value = self.first + k * self.step
        digits = 0 if float(self.step).is_integer() else 2 if self.step < 0.1 or self.step == 0.25 else 1
        return f"{value:,.{digits}f}"

    def name(self, k: int) -> str:
        """Return what a bin holds."""
        if self.is_open and k == self.number - 1:
            return f"{self.text(k)} or more"
        return self.text(k) if self.single else f"{self.text(k)} to under {self.text(k + 1)}"
