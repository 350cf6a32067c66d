"""What the ledger has changed since a moment, for those who keep a copy of the stock in memory.

Entries are numbered as they are made, and on PostgreSQL a transaction may commit after one with higher numbers. A copy
therefore reads again the positions that unsettled entries speak of, as they stand: reading one twice does no harm.
"""

from collections.abc import Iterator
from typing import NamedTuple

from doorstep.storage.connection import Connection
from doorstep.storage.prepared import Prepared

PAGE = 50_000
"""Positions read at a time."""
_TIDE = Prepared.of_words(
    sqlite="SELECT COALESCE(MAX(entry_id), 0), 0, 0 FROM ledger_entries",
    postgresql="""SELECT (SELECT COALESCE(MAX(entry_id), 0) FROM ledger_entries),
    CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
    CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)""",
)
_ALL = Prepared.of_words(
    sqlite="""SELECT position_id, site_id, item, MAX(on_hand - reserved - safety, 0) FROM positions
    WHERE tenant_id = :tenant_id AND kind = 'stock' AND position_id > :after ORDER BY position_id LIMIT :most""",
    postgresql="""SELECT position_id, site_id, item, GREATEST(on_hand - reserved - safety, 0) FROM positions
    WHERE tenant_id = %(tenant_id)s AND kind = 'stock' AND position_id > %(after)s
    ORDER BY position_id LIMIT %(most)s""",
)
_TOUCHED = Prepared.of_words(
    sqlite="""SELECT p.site_id, p.item, MAX(p.on_hand - p.reserved - p.safety, 0)
    FROM (SELECT DISTINCT position_id FROM ledger_entries WHERE entry_id > :after) AS touched
    CROSS JOIN positions AS p ON p.position_id = touched.position_id
    WHERE p.tenant_id = :tenant_id AND p.kind = 'stock'""",
    postgresql="""SELECT p.site_id, p.item, GREATEST(p.on_hand - p.reserved - p.safety, 0) FROM positions AS p
    WHERE p.position_id = ANY(ARRAY(SELECT DISTINCT position_id FROM ledger_entries WHERE entry_id > %(after)s))
    AND p.tenant_id = %(tenant_id)s AND p.kind = 'stock'""",
)


class Tide(NamedTuple):
    """How far the ledger has come for one transaction.

    ``newest`` is the highest entry that it sees. Transactions up to ``running`` had ended when it began, those from
    ``coming`` on had not begun to write; on SQLite, where one writes at a time, both are 0. A transaction numbers its
    entries after its first change of a position, so one that had not begun to write numbers them above ``newest``.
    """

    newest: int
    running: int
    coming: int

    @property
    def is_still(self) -> bool:
        """Whether nobody was writing: whatever comes to be seen later has a number above ``newest``."""
        return self.running == self.coming


class FreeUnits(NamedTuple):
    """Units of a product at a site that may still be promised."""

    site_id: str
    product_id: str
    units: int


def tide(connection: Connection) -> Tide:
    """Return how far the ledger has come."""
    return Tide(*connection.fetch(_TIDE, {})[0])


def all_free(connection: Connection, tenant_id: str) -> Iterator[FreeUnits]:
    """Yield what is free of everything that a tenant has, or had, in stock."""
    after, wanted = 0, {"tenant_id": tenant_id, "most": PAGE}
    while rows := connection.fetch(_ALL, wanted | {"after": after}):
        yield from (FreeUnits(*free) for _, *free in rows)
        after = rows[-1][0]


def free_since(connection: Connection, tenant_id: str, *, entry_id: int) -> list[FreeUnits]:
    """Return what is free now of whatever entries after one have touched."""
    return [FreeUnits(*row) for row in connection.fetch(_TOUCHED, {"tenant_id": tenant_id, "after": entry_id})]
