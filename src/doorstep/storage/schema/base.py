"""The parts that all tables are made of.

Ids are text, moments are epoch seconds, money is minor units, JSON is canonical text: the same bytes on both databases.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, MetaData, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
"""Every table of doorstep; migrations bring a database to what stands here."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database counts up; SQLite only does so for its own integer type."""


def key(name: str, *, primary: bool = True) -> "Column[str]":
    """Return a text column that identifies something."""
    return Column(name, Text, primary_key=primary, nullable=False)


def tenant() -> "Column[str]":
    """Return the column that keeps tenants apart."""
    return Column("tenant_id", Text, nullable=False)


def text(name: str, default: str = "") -> "Column[str]":
    """Return a text column that is never null."""
    return Column(name, Text, nullable=False, server_default=default)


def maybe_text(name: str) -> "Column[str]":
    """Return a text column that may be null: absent is not the same as empty here."""
    return Column(name, Text)


def whole(name: str, default: int = 0) -> "Column[int]":
    """Return a whole-number column that is never null."""
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def moment(name: str) -> "Column[int]":
    """Return a column of moments [epoch s] that is never null."""
    return Column(name, BigInteger, nullable=False)


def maybe_whole(name: str) -> "Column[int]":
    """Return a whole-number column that may be null."""
    return Column(name, BigInteger)


def maybe_moment(name: str) -> "Column[int]":
    """Return a column of moments [epoch s] that may be null: it has not happened, or never will."""
    return Column(name, BigInteger)


def degrees(name: str) -> "Column[float]":
    """Return a column of WGS 84 degrees."""
    return Column(name, Float(53), nullable=False)


def share(name: str) -> "Column[float]":
    """Return a column of shares from 0 to 1."""
    return Column(name, Float(53), nullable=False)


def flag(name: str) -> "Column[bool]":
    """Return a yes-or-no column."""
    return Column(name, Boolean, nullable=False)


def document(name: str) -> "Column[str]":
    """Return a column of canonical JSON text."""
    return Column(name, Text, nullable=False, server_default="{}")


def content(name: str) -> "Column[bytes]":
    """Return a column of bytes that is never null."""
    return Column(name, LargeBinary, nullable=False)
