"""What an address index is made of, as plain arrays."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints
from doorstep.geography.places import Places

Codes: TypeAlias = npt.NDArray[np.int32]
"""Rows of a list of texts."""

SETTLEMENTS = {"name": pl.String, "kind": pl.String, "lat": pl.Float64, "lon": pl.Float64}
POSTAL_AREAS = {"postal_code": pl.String, "lat": pl.Float64, "lon": pl.Float64}
HOUSES = ("street", "house_number", "postal_code", "city", "lat", "lon")

NAMES_APART = ";"
"""Between the names of one street or settlement, the usual one first."""


class Texts:
    """Texts kept once each: row 0 is the empty one."""

    def __init__(self) -> None:
        self._row: dict[str, int] = {"": 0}
        self._texts = [""]

    def row(self, text: str) -> int:
        """Return the row of a text, a new one where it is met for the first time."""
        row = self._row.setdefault(text, len(self._texts))
        if row == len(self._texts):
            self._texts.append(text)
        return row

    def text(self, row: int) -> str:
        """Return the text of a row."""
        return self._texts[row]

    def all(self) -> tuple[str, ...]:
        """Return the texts in the order of their rows."""
        return tuple(self._texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressTables:
    """A houses, W named pieces of streets and some settlements; texts stand in ``texts``, the arrays hold their rows.

    Parameters
    ----------
    texts
        Every text once; row 0 is empty.
    house_number, street, postal_code, city : (A,)
        Parts of each address.
    house : Places of length A
        Where it stands.
    between : (A,)
        True where the number was counted along a line of numbers, and not mapped by itself.
    way_names, way_postal_code : (W,)
        Names of a piece of a street, the usual one first, with semicolons between; postal code or empty.
    way_starts : (W + 1,)
        First point of each piece in ``way_points``, and the end.
    way_points : Places
        Points along the pieces.
    settlements
        ``name`` (several by semicolons), ``kind`` as in OpenStreetMap (city, town, village ...), ``lat``, ``lon``.
    postal_areas
        ``postal_code``, ``lat``, ``lon`` of the middles of areas, where the map draws them.
    """

    texts: tuple[str, ...]
    house_number: Codes
    street: Codes
    postal_code: Codes
    city: Codes
    house: Places
    between: Bools
    way_names: Codes
    way_postal_code: Codes
    way_starts: Ints
    way_points: Places
    settlements: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SETTLEMENTS))
    postal_areas: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=POSTAL_AREAS))

    def __post_init__(self) -> None:
        houses = len(self.house)
        columns = (self.house_number, self.street, self.postal_code, self.city, self.between)
        if any(column.shape != (houses,) for column in columns):
            raise InputError(f"{houses} houses need as many numbers, streets, postal codes and cities.")
        ways = len(self.way_names)
        if self.way_postal_code.shape != (ways,) or self.way_starts.shape != (ways + 1,):
            raise InputError(f"{ways} pieces of streets need as many postal codes and one start more.")
        if not self.texts or self.texts[0]:
            raise InputError("the first of the texts must be the empty one.")

    @classmethod
    def from_table(
        cls, houses: pl.DataFrame, *, settlements: pl.DataFrame | None = None, postal_areas: pl.DataFrame | None = None
    ) -> "AddressTables":
        """Return the tables of a register of addresses, such as a municipality publishes.

        Parameters
        ----------
        houses
            ``street``, ``house_number``, ``postal_code``, ``city`` (texts), ``lat``, ``lon``.

        Raises
        ------
        InputError
            If a column is missing.
        """
        missing = [name for name in HOUSES if name not in houses.columns]
        if missing:
            raise InputError(f"the table of houses lacks {', '.join(missing)}.")
        texts = Texts()

        def rows(name: str) -> Codes:
            column = houses[name].cast(pl.String).fill_null("")
            return np.array([texts.row(text) for text in column.to_list()], dtype=np.int32)

        parts = {name: rows(name) for name in HOUSES[:4]}
        return cls(
            texts=texts.all(),
            **parts,
            house=Places.from_table(houses),
            between=np.zeros(houses.height, dtype=np.bool_),
            way_names=np.zeros(0, dtype=np.int32),
            way_postal_code=np.zeros(0, dtype=np.int32),
            way_starts=np.zeros(1, dtype=np.int64),
            way_points=Places(lat=np.zeros(0), lon=np.zeros(0)),
            settlements=pl.DataFrame(schema=SETTLEMENTS) if settlements is None else settlements,
            postal_areas=pl.DataFrame(schema=POSTAL_AREAS) if postal_areas is None else postal_areas,
        )
