"""Names that are alike: found by the pairs of letters that they share, judged by their slips."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from doorstep.foundation.arrays import Floats, Ints
from doorstep.geography.addresses._kernels import edit_distance
from doorstep.geography.addresses.wording import Wording, spellings, wording

COMPARED = 32
"""Names judged letter by letter, those that share most pairs of letters."""

MOST_READ, LEAST_PAIRS = 150_000, 4
"""The rarest pairs of a name are looked up, as many as have so many names together: common ones tell little."""

LEAST_ALIKE = 0.6
OTHER_KIND = 0.6
"""Most that names may be alike whose general words contradict: Park Street, Park Road."""

UNSURE = 0.79
"""Most that names may be alike that may well be two streets: more slips than a hand makes, or a word that one lacks."""

MOST_SLIPS = 2
OTHER_ORDER = 0.97
PARTLY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A name of the index (its row) and how alike it is, 0 to 1; 1 is the same name, whatever its spelling."""

    name: int
    alike: float


class NameIndex:
    """N names, asked for the few that are most like another one."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        spelt = [(row, text) for row, name in enumerate(self.names) for text in spellings(name) if text]
        self._name = np.array([row for row, _ in spelt], dtype=np.int64)
        self._spelt = [text for _, text in spelt]
        self._same: dict[str, list[int]] = {}
        for row, text in spelt:
            self._same.setdefault(wording(text).key, []).append(row)
        pairs: dict[str, list[int]] = {}
        size = np.zeros(len(spelt), dtype=np.int64)
        for place, text in enumerate(self._spelt):
            found = _pairs(wording(text))
            size[place] = len(found)
            for pair in found:
                pairs.setdefault(pair, []).append(place)
        self._size = size
        self._pairs = {pair: np.array(places, dtype=np.int32) for pair, places in pairs.items()}
        self.alike = lru_cache(maxsize=4_096)(self._alike)

    def __len__(self) -> int:
        return len(self.names)

    def same(self, name: str) -> list[int]:
        """Return the names that are the same but for spelling, shortened words and accents."""
        return sorted({row for text in spellings(name) for row in self._same.get(wording(text).key, ())})

    def _alike(self, name: str) -> tuple[Likeness, ...]:
        best: dict[int, float] = {}
        for text in spellings(name):
            asked = wording(text)
            for place in self._likely(asked):
                found = likeness(asked, wording(self._spelt[place]))
                row = int(self._name[place])
                if found >= LEAST_ALIKE and found > best.get(row, 0.0):
                    best[row] = found
        for row in self.same(name):
            best[row] = 1.0
        ordered = sorted(best.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Likeness(name=row, alike=alike) for row, alike in ordered)

    def _likely(self, asked: Wording) -> list[int]:
        """Return the places of the spellings that share most pairs of letters, by both measures of sharing."""
        wanted = _pairs(asked)
        lists = sorted((self._pairs[pair] for pair in wanted if pair in self._pairs), key=len)
        if not lists:
            return []
        read = np.cumsum([len(places) for places in lists])
        lists = lists[: max(LEAST_PAIRS, int(np.searchsorted(read, MOST_READ, side="right")))]
        shared = np.bincount(np.concatenate(lists), minlength=self._size.size)
        whole: Floats = 2.0 * shared / (self._size + len(wanted))
        held: Floats = shared / np.minimum(np.maximum(self._size, 1), len(wanted)) + 0.001 * whole
        return sorted({*_most(whole, COMPARED), *_most(held, COMPARED // 2)})


def _most(values: Floats, count: int) -> list[int]:
    count = min(count, values.size)
    rows = np.argpartition(-values, count - 1)[:count]
    kept: list[int] = rows[values[rows] > 0].tolist()
    return kept


def _pairs(asked: Wording) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a name, its beginning and end among them."""
    return frozenset(a + b for text in {asked.whole, asked.own} for a, b in pairwise(f"^{text}$"))


def likeness(asked: Wording, name: Wording) -> float:
    """Return how alike two names are, 0 to 1.

    Their own words are compared, in order, sorted, and word by word (some left out or shortened). General words that
    contradict keep it low, and so do general words that one of them lacks, unless that is a slip of a letter or two.
    """
    if asked.key == name.key:
        return 1.0
    own = max(
        _letters(asked.own, name.own),
        OTHER_ORDER * _letters("".join(sorted(asked.core)), "".join(sorted(name.core))),
        _words(asked.core, name.core),
    )
    if asked.kinds == name.kinds and asked.sides == name.sides:
        return min(own, 0.999)
    if _contradict(asked.kinds, name.kinds) or _contradict(asked.sides, name.sides):
        return min(OTHER_KIND, own)
    return max(min(0.999, _letters(asked.whole, name.whole)), UNSURE * own)


def _contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one <= other and not other <= one)


def _letters(one: str, other: str) -> float:
    """Return the share of letters that need no change; kept low where more than a hand's slips are needed."""
    if one == other:
        return 1.0
    wrong = slips(one, other)
    alike = max(0.0, 1.0 - wrong / max(len(one), len(other)))
    return min(alike, UNSURE) if wrong > MOST_SLIPS else alike


def slips(one: str, other: str) -> int:
    """Return the number of slips between two words."""
    return int(edit_distance(_points(one), _points(other)))


@lru_cache(maxsize=65_536)
def _points(text: str) -> Ints:
    return np.array([ord(letter) for letter in text], dtype=np.int64)


def _words(asked: tuple[str, ...], name: tuple[str, ...]) -> float:
    """Return how alike names are word by word: each the same, nearly the same, shortened or missing."""
    if len(asked) == 1 and len(name) == 1:
        return 0.0
    left = list(name)
    matched = 0.0
    for word in asked:
        partner = max(left, key=lambda other: _partners(word, other), default="")
        worth = _partners(word, partner) if partner else 0.0
        if worth > 0:
            left.remove(partner)
            matched += worth * (len(word) + len(partner))
    share = PARTLY * matched / (sum(map(len, asked)) + sum(map(len, name)))
    return share if not left and len(asked) == len(name) else min(share, UNSURE)


def _partners(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if other.startswith(one) and not one.isdigit():  # shortened: Friedr, or J
        return 0.95 if len(one) >= 3 else 0.9
    alike = _letters(one, other)
    return alike if alike >= 0.7 else 0.0
