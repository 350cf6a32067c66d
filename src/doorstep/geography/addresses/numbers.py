"""House numbers: 12, 12a, 12-16, 12;14, flat 3 of 12."""

import re
from dataclasses import dataclass
from functools import lru_cache

from doorstep.geography.addresses.street_words import NUMBER_WORDS
from doorstep.geography.addresses.wording import folded

WIDEST_RANGE = 40
"""12-16 holds 14; 37-12, as in Queens, is a number of its own, and so is 1-97."""

_RANGE = re.compile(r"(\d+)\s*(?:-|–|—|/|bis|to|a)\s*(\d+)")
_NUMBER = re.compile(r"(\d+)\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A house number: its digits, and what follows them without spaces and signs (a letter, a flat)."""

    digits: int
    rest: str = ""


@lru_cache(maxsize=65_536)
def numbers_of(text: str) -> tuple[Number, ...]:
    """Return the numbers that a text stands for: several where it is a list or a range; none without digits."""
    found: dict[Number, None] = {}
    for part in re.split(r"[;,&+]", text.casefold()):
        words = [word for word in re.split(r"[\s.#]+", part) if word and word not in NUMBER_WORDS]
        bare = " ".join(words).strip()
        span = _RANGE.fullmatch(bare)
        if span and 0 < int(span[2]) - int(span[1]) <= WIDEST_RANGE and len(span[2]) < 9:
            first, last = int(span[1]), int(span[2])
            step = 2 if (last - first) % 2 == 0 else 1
            found |= dict.fromkeys(Number(digits=n) for n in range(first, last + 1, step))
            continue
        single = _NUMBER.match(bare)
        if single and len(single[1]) < 9:
            found[Number(digits=int(single[1]), rest=_rest(single[2]))] = None
    return tuple(found)


def _rest(text: str) -> str:
    joined = folded(text).replace(" ", "")
    return f"/{joined}" if joined[:1].isdigit() else joined


def without_flat(rest: str) -> tuple[str, ...]:
    """Return what may stand behind the digits of the house of a flat, the nearest first: of b12, b then nothing.

    A letter alone is no flat: 12a is a house.
    """
    if re.fullmatch(r"[^\W\d]\d+", rest):
        return rest[0], ""
    return ("",) if rest.startswith("/") else ()
