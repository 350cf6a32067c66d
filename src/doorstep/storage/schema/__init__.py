"""All tables of the database, by room of the house; ``metadata`` holds every one of them."""

from doorstep.storage.schema import (
    access,
    carriers,
    collections,
    contractors,
    errands,
    fulfilment,
    journal,
    ledger,
    money,
    orders,
    planning,
    receipts,
    reference,
    tracking,
)
from doorstep.storage.schema.base import metadata

__all__ = [
    "access",
    "carriers",
    "collections",
    "contractors",
    "errands",
    "fulfilment",
    "journal",
    "ledger",
    "metadata",
    "money",
    "orders",
    "planning",
    "receipts",
    "reference",
    "tracking",
]
