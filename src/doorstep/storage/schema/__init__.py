"""All tables of the database, by room of the house; ``metadata`` holds every one of them."""

from doorstep.storage.schema import (
    access,
    carriers,
    collections,
    contractors,
    errands,
    etas,
    fulfilment,
    journal,
    ledger,
    money,
    notices,
    orders,
    planning,
    receipts,
    reference,
    roads,
    tracking,
)
from doorstep.storage.schema.base import metadata

__all__ = [
    "access",
    "carriers",
    "collections",
    "contractors",
    "errands",
    "etas",
    "fulfilment",
    "journal",
    "ledger",
    "metadata",
    "money",
    "notices",
    "orders",
    "planning",
    "receipts",
    "reference",
    "roads",
    "tracking",
]
