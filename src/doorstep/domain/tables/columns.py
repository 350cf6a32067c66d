"""Kinds of column that several tables share, each with its rule and its description."""

import dataframely as dy

TIME_OF_DAY = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
TAGS = r"^([a-z0-9_]+(;[a-z0-9_]+)*)?$"


def key(description: str, *, primary: bool = True) -> dy.String:
    """Return a text column that identifies something; ids and postal codes are never numbers."""
    return dy.String(primary_key=primary, nullable=False, min_length=1, description=description)


def whole(description: str, *, low: int = 0, default: int | None = None, high: int | None = None) -> dy.Int64:
    """Return a whole-number column; without a default the file must give it."""
    metadata = {} if default is None else {"default": default}
    return dy.Int64(nullable=False, min=low, max=high, metadata=metadata, description=description)


def limit(description: str, *, low: int = 0) -> dy.Int64:
    """Return a whole-number column that may stay empty; empty means no limit."""
    return dy.Int64(nullable=True, min=low, description=f"{description}; empty: no limit")


def time_of_day(description: str, *, default: str | None = None) -> dy.String:
    """Return a local time column, HH:MM from 00:00 to 24:00."""
    metadata = {} if default is None else {"default": default}
    return dy.String(nullable=False, regex=TIME_OF_DAY, metadata=metadata, description=f"{description}, local HH:MM")


def tags(description: str) -> dy.String:
    """Return a column of lower-case words separated by semicolons; empty means none."""
    return dy.String(nullable=False, regex=TAGS, metadata={"default": ""}, description=f"{description}; words by ';'")


def text(description: str, *, default: str = "") -> dy.String:
    """Return a free text column."""
    return dy.String(nullable=False, metadata={"default": default}, description=description)


def choice(description: str, values: tuple[str, ...], *, default: str | None = None) -> dy.Enum:
    """Return a column that takes one of a few words."""
    metadata = {} if default is None else {"default": default}
    return dy.Enum(list(values), nullable=False, metadata=metadata, description=description)


def moment(description: str, *, nullable: bool = False) -> dy.Int64:
    """Return a column of moments [epoch s, UTC]; files may also write ISO 8601 with an offset."""
    return dy.Int64(nullable=nullable, min=0, description=f"{description} [epoch s; files may write ISO 8601 + offset]")


def latitude() -> dy.Float64:
    """Return a WGS 84 latitude column in degrees."""
    return dy.Float64(nullable=False, min=-90.0, max=90.0, description="WGS 84 latitude [degrees]")


def longitude() -> dy.Float64:
    """Return a WGS 84 longitude column in degrees."""
    return dy.Float64(nullable=False, min=-180.0, max=180.0, description="WGS 84 longitude [degrees]")


def default_of(column: dy.Column) -> object | None:
    """Return the value that an empty or absent cell of this column takes, None if it must be given or stays empty."""
    return (column.metadata or {}).get("default")
