"""Units on the move, the book of a day's shelves, and the check that no unit appears or is lost."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from doorstep.foundation.arrays import Bools, Ints


class Movements(NamedTuple):
    """M movements of units, (M,) each: what leaves ``source`` (-1: bought) is at ``site`` (-1: gone) after ``days``."""

    product: Ints
    source: Ints
    site: Ints
    units: Ints
    days: Ints

    @classmethod
    def of(cls, rows: list[tuple[int, int, int, int, int]]) -> "Movements":
        """Return movements from rows of product, source, site, units and days."""
        return cls(*np.array(rows, np.int64).reshape(-1, 5).T)

    def take(self, rows: Bools) -> "Movements":
        """Return some of the movements."""
        return Movements(*(column[rows] for column in self))

    def plus(self, other: "Movements") -> "Movements":
        """Return these movements and others."""
        return Movements(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))

    def nearer(self) -> "Movements":
        """Return the movements a day later."""
        return self._replace(days=self.days - 1)

    def leaving(self, shape: tuple[int, ...]) -> Ints:
        """Return the units that leave each site (I, S)."""
        return _units(shape, self.product, self.source, self.units)

    def arriving(self, shape: tuple[int, ...], *, within: int) -> Ints:
        """Return the units that are at each site (I, S) within so many days."""
        soon = self.take(self.days <= within)
        return _units(shape, soon.product, soon.site, soon.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLedger:
    """Units of I products at S sites over a day, (I, S) each, and what was sent on its way in the evening.

    ``begin`` lies there after the evening before, ``arrived`` comes in the morning, ``shipped`` goes out with orders,
    ``end`` is left when the evening's ``sent`` has gone.
    """

    begin: Ints
    arrived: Ints
    shipped: Ints
    sent: Movements
    end: Ints


@dataclass(slots=True, kw_only=True)
class LedgerCheck:
    """Checks the ledgers of one day after another by what they say alone.

    ``before`` (I, S) is what lies there before the first day, ``coming`` what is on its way then.
    """

    before: Ints
    coming: Movements
    day: int = field(default=0, init=False)

    def faults(self, ledger: DayLedger) -> list[str]:
        """Return what is wrong with the next day, a sentence each."""
        shape = self.before.shape
        due = self.coming.arriving(shape, within=0)
        left = ledger.begin + ledger.arrived - ledger.shipped - ledger.sent.leaving(shape)
        counts = np.minimum.reduce([ledger.begin, ledger.arrived, ledger.shipped, ledger.end])
        found = [
            *self._differing("begins with", ledger.begin, self.before),
            *self._differing("is sent", ledger.arrived, due),
            *self._differing("ends with", ledger.end, left),
            *self._differing("has", np.minimum(counts, 0), np.zeros_like(counts)),
        ]
        if (ledger.sent.units < 1).any() or (ledger.sent.days < 1).any():
            found.append(f"Day {self.day}: what is sent must be units that take a day or more.")
        self.before, self.day = ledger.end, self.day + 1
        self.coming = self.coming.take(self.coming.days > 0).plus(ledger.sent).nearer()
        return found

    def _differing(self, what: str, there: Ints, right: Ints) -> list[str]:
        wrong = np.argwhere(there != right)
        if not wrong.size:
            return []
        i, s = wrong[0].tolist()
        entry = f"product {i} at site {s} {what} {there[i, s]} units, not {right[i, s]}"
        return [f"Day {self.day}: {entry}; {len(wrong)} entries differ."]


def _units(shape: tuple[int, ...], product: Ints, site: Ints, units: Ints) -> Ints:
    there = site >= 0
    found = np.zeros(shape, np.int64)
    np.add.at(found, (product[there], site[there]), units[there])
    return found
