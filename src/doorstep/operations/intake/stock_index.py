"""A tenant's free stock in memory, which follows the ledger: what quotes look at instead of the database.

It is a copy: it proposes, and the ledger's conditional update decides when an order comes.
"""

from collections.abc import Iterable, Sequence
from threading import Lock

from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.intake.shelves import MOST, Shelves
from doorstep.storage import Connection
from doorstep.storage.ledger import Place
from doorstep.storage.ledger_changes import Tide, all_free, free_since, tide
from doorstep.storage.schema.ledger import STOCK


class StockIndex:
    """Free units of all products at all sites as some transaction saw them; threads may share it.

    Entries up to ``_settled`` are in it for good: no transaction that may yet commit has a number so low. Positions
    touched by any later entry are read again each time, as they stand, until the transactions that were writing when
    the newest of them was seen (``_mark``) have ended.
    """

    def __init__(self, tenant_id: str, site_ids: Iterable[str]) -> None:
        self._tenant_id = tenant_id
        self._shelves = Shelves(site_ids)
        self._settled: int | None = None
        self._mark: Tide | None = None
        self._lock = Lock()

    def follow(self, connection: Connection) -> bool:
        """Take over what a transaction sees that only reads; return False if the first copy cannot be made yet.

        A copy is only complete once no transaction is under way that wrote before it; until then the database is asked.
        """
        with self._lock:
            seen = tide(connection)
            settled = self._settled_by(seen)
            if self._settled is None:
                if settled is None:
                    return False
                for site, product, units in all_free(connection, self._tenant_id):
                    self._shelves.put(site, product, units)
            elif seen.newest > self._settled:
                for site, product, units in free_since(connection, self._tenant_id, entry_id=self._settled):
                    self._shelves.put(site, product, units)
            if settled is not None:
                self._settled = max(settled, self._settled or 0)
            return True

    def free(self, places: Iterable[Place]) -> dict[Place, int]:
        """Return what is free at places of stock; where it is more than can be told apart, the place is left out."""
        with self._lock:
            found = {place: self._shelves.get(place.site_id, place.item) for place in places}
        return {place: units for place, units in found.items() if units < MOST}

    def holders(self, products: Sequence[str]) -> list[Place]:
        """Return where any of some products is free, wherever that is."""
        with self._lock:
            return [Place(STOCK, site, product) for product in products for site, _ in self._shelves.holders(product)]

    def _settled_by(self, seen: Tide) -> int | None:
        """Return up to which entry nothing can come any more, None if nothing new is known; note what to wait for."""
        if seen.is_still:
            self._mark = None
            return seen.newest
        if self._mark is None:
            self._mark = seen
            return None
        if seen.running < self._mark.coming:
            return None
        settled, self._mark = self._mark.newest, seen
        return settled


def stock_index(connection: Connection, tenant_id: str, network: LiveNetwork) -> StockIndex | None:
    """Return the tenant's index as this transaction sees the stock; None where the database must be asked.

    A transaction that may change something would put into the copy what may yet be taken back.
    """
    if not connection.only_reads:
        return None
    index = connection.memo(("stock_index", tenant_id, 0), lambda: StockIndex(tenant_id, network.site_ids))
    return index if index.follow(connection) else None
