"""Points on the earth as two arrays."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """N points, WGS 84 degrees: ``lat`` (N,), ``lon`` (N,)."""

    lat: Floats
    lon: Floats

    def __post_init__(self) -> None:
        if self.lat.shape != self.lon.shape or self.lat.ndim != 1:
            raise InputError(f"lat {self.lat.shape} and lon {self.lon.shape} must both be (N,).")

    def __len__(self) -> int:
        return int(self.lat.shape[0])

    def take(self, rows: Ints) -> "Places":
        """Return the points of some rows."""
        return Places(lat=self.lat[rows], lon=self.lon[rows])

    def joined(self, others: "Places") -> "Places":
        """Return these points and then others."""
        return Places(lat=np.concatenate([self.lat, others.lat]), lon=np.concatenate([self.lon, others.lon]))

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> "Places":
        """Return the points of a table's ``lat`` and ``lon`` columns."""
        return cls(lat=floats(table["lat"]), lon=floats(table["lon"]))
