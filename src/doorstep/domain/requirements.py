"""Requirements and skills as bit sets: a parcel may go where every one of its requirements is among the skills."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints

MOST_WORDS = 62
NETWORK_COLUMNS = {
    "products": "flags",
    "service_levels": "requirements",
    "extras": "requirements",
    "carrier_surcharges": "requirement",
    "vehicles": "skills",
    "carriers": "skills",
    "sites": "skills",
}
"""Where a retailer's own words stand; orders may bring others, which nobody can keep."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a retailer's requirements and skills; word k is bit k.

    All words that are not among them share the bit after the last. A vocabulary that has all skills gives that bit to
    none of them, so what requires an unknown word goes nowhere, however many such words there are.
    """

    words: tuple[str, ...]

    @classmethod
    def of(cls, columns: Iterable[pl.Series]) -> "Vocabulary":
        """Return the vocabulary of several columns of words separated by semicolons.

        Raises
        ------
        InputError
            If there are more than 62 different words.
        """
        words = sorted({word for column in columns for tags in column.unique() for word in words_of(tags)})
        if len(words) > MOST_WORDS:
            raise InputError(f"{len(words)} different requirements and skills; at most {MOST_WORDS} are possible.")
        return cls(tuple(words))

    @classmethod
    def of_network(cls, tables: Mapping[str, pl.DataFrame]) -> "Vocabulary":
        """Return the vocabulary of a retailer's tables, those of orders left aside; raises like ``of``."""
        return cls.of(tables[table][column] for table, column in NETWORK_COLUMNS.items())

    def bits(self, column: pl.Series) -> Ints:
        """Return one bit set a row, (N,)."""
        number = {word: 1 << k for k, word in enumerate(self.words)}
        unknown = 1 << len(self.words)
        by_text = {tags: sum({number.get(w, unknown) for w in words_of(tags)}) for tags in column.unique()}
        return np.array([by_text[tags] for tags in column], dtype=np.int64)

    def text(self, bits: int) -> str:
        """Return the words of a bit set, separated by semicolons."""
        return ";".join(word for k, word in enumerate(self.words) if bits >> k & 1)


def words_of(tags: str) -> list[str]:
    """Return the words of a text separated by semicolons, each once, in order."""
    return list(dict.fromkeys(word for word in tags.split(";") if word))
