"""Small made-up maps of addresses."""

import polars as pl

from doorstep.geography.addresses import AddressIndex, AddressTables

Row = tuple[str, str, str, str, float, float]


def table_of(rows: list[Row]) -> pl.DataFrame:
    names = ["street", "house_number", "postal_code", "city", "lat", "lon"]
    return pl.DataFrame(rows, schema=names, orient="row")


def index_of(*rows: Row) -> AddressIndex:
    return AddressIndex(AddressTables.from_table(table_of(list(rows))))


def street(name: str, *numbers: int | str, lat: float, lon: float = 10.0, code: str = "", city: str = "") -> list[Row]:
    """Return houses 20 m apart, northward from a point."""
    return [(name, str(n), code, city, lat + 0.00018 * k, lon) for k, n in enumerate(numbers)]
