"""Orders routed by several threads from one stale memory of the stock; the ledger says yes or no.

The memory is shared without locks and every thread routes from it at once: it proposes, the commit decides, and what
was refused is corrected in memory and routed again. Orders are cancelled, picked up and restocked meanwhile. In the end
the books must agree and no position may have promised more than it has.
"""

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa

from benchmarks.operations.shop import sqlite_url
from doorstep.foundation.arrays import Ints
from doorstep.operations.access import create_tenant
from doorstep.order_routing import OrderRoutingPlan, OrderRoutingProblem, StockBook, route_orders
from doorstep.order_routing.problem import UNLIMITED, MergedLines
from doorstep.storage import Connection, Database, ledger
from doorstep.storage.check import check_books
from doorstep.storage.ledger import Place, Want
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.ledger import STOCK
from doorstep.storage.writer import Writer

Row = dict[str, object]
PRODUCTS, SITES, BATCH, UNITS = 300, 20, 200, 2
THREADS = 3
RESTOCK_SHARE = 0.9
"""Units that come back for each unit picked, so that stock stays scarce."""


@dataclass(slots=True)
class Storm:
    """What all threads share."""

    writer: Writer
    tenant_id: str
    problem: OrderRoutingProblem
    places: list[Place]
    position: Ints
    operations: int
    done: int = 0
    reserved: int = 0
    refused: int = 0
    numbers: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, done: int, reserved: int = 0, refused: int = 0) -> bool:
        """Count ledger entries and return whether more are wanted."""
        with self.lock:
            self.done, self.reserved, self.refused = self.done + done, self.reserved + reserved, self.refused + refused
            return self.done < self.operations

    def names(self, count: int) -> list[str]:
        """Return names of so many new orders."""
        with self.lock:
            self.numbers += count
            return [f"ord_{number}" for number in range(self.numbers - count, self.numbers)]


def storm_rows(*, seed: int, operations: int) -> list[Row]:
    """Return one row: ledger operations, what was refused, and what was oversold."""
    with sqlite_url() as url:
        database = Database(url)
        upgrade(database)
        with database.writing() as connection:
            tenant_id = create_tenant(connection, "storm", now=0)
            places = [Place(STOCK, f"s{site}", f"p{product}") for product in range(PRODUCTS) for site in range(SITES)]
            found = ledger.open_positions(connection, tenant_id, dict.fromkeys(places, UNITS), now=0)
        position = np.array([found[place].position_id for place in places])
        writer = Writer(database)
        storm = Storm(writer, tenant_id, _orders(np.random.default_rng(seed)), places, position, operations)
        started, cpu = time.perf_counter(), time.process_time()
        threads = [threading.Thread(target=_route, args=(storm, [seed, number])) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.close()
        with database.reading() as connection:
            faults = check_books(connection)
            oversold = connection.execute(sa.text("SELECT COUNT(*) FROM positions WHERE reserved > on_hand")).scalar()
            entries = connection.execute(sa.text("SELECT COUNT(*) FROM ledger_entries")).scalar()
        database.close()
    return [
        {
            "instance": f"sqlite, {THREADS} routing threads, {PRODUCTS} products at {SITES} sites",
            "seed": seed, "solver": "ledger", "operations": entries, "orders_reserved": storm.reserved,
            "refused_and_routed_again": storm.refused, "oversold": oversold, "violations": len(faults),
            "cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - started,
        }
    ]  # fmt: skip


def _orders(rng: np.random.Generator) -> OrderRoutingProblem:
    """Return orders of one to three lines with all sites as candidates, and an empty memory."""
    orders = 20_000
    baskets = [np.sort(rng.choice(PRODUCTS, rng.integers(1, 4), replace=False)) for _ in range(orders)]
    lines = np.concatenate(baskets).astype(np.int64)
    one = np.ones_like(lines)
    book = StockBook(
        np.arange(PRODUCTS + 1) * SITES, np.empty(0, np.int64), np.full(PRODUCTS * SITES, UNITS, dtype=np.int64)
    )
    return OrderRoutingProblem(
        lines=MergedLines(np.cumsum([0, *map(len, baskets)]), lines, one, one, one),
        sequence=np.arange(orders),
        candidates=np.tile(np.arange(SITES), (orders, 1)),
        price=rng.integers(400, 1_500, (orders, SITES, 1)),
        why=np.zeros((orders, SITES), np.int64),
        class_g=np.array([1_000]),
        dim_ml_per_kg=5_000,
        pick_day=np.zeros((orders, SITES), np.int64),
        capacity=np.full((SITES, 1), UNLIMITED),
        package_minor=np.zeros(SITES, np.int64),
        line_minor=np.full(SITES, 50),
        unit_minor=np.zeros(SITES, np.int64),
        stock=book,
    )


def _route(storm: Storm, seed: list[int]) -> None:
    """Route, reserve, cancel and pick until there were enough operations."""
    rng = np.random.default_rng(seed)
    standing: list[str] = []
    again = np.empty(0, np.int64)
    more = True
    while more:
        rows = np.concatenate([again, rng.integers(0, storm.problem.sequence.size, BATCH - again.size)])
        asked = storm.problem.take(rows)
        plan = route_orders(asked, in_place=True)  # takes from the memory that all threads share
        names = storm.names(rows.size)
        ending = [standing.pop(rng.integers(len(standing))) for _ in range(max(0, len(standing) - 2_000))]
        wants = _wants(storm, asked, plan, names)
        future: Future[_Answer] = storm.writer.call(lambda c, w=wants, e=ending: _commit(c, storm, w, e))  # type: ignore[misc]
        answer = future.result()
        storm.problem.stock.units[answer.rows] = answer.free  # the ledger knows better
        refused = {number for number, name in enumerate(names) if name in answer.refused}
        standing += [name for name in wants if name not in answer.refused]
        again = rows[sorted(refused)][: BATCH // 2]
        more = storm.count(done=answer.entries, reserved=len(wants) - len(refused), refused=len(refused))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the ledger made of a batch: refused orders, entries, and what is free where anything changed or lacked."""

    refused: frozenset[str]
    entries: int
    rows: Ints
    free: Ints


def _wants(storm: Storm, asked: OrderRoutingProblem, plan: OrderRoutingPlan, names: list[str]) -> dict[str, list[Want]]:
    wants: dict[str, list[Want]] = {}
    rows = asked.lines.product[plan.line] * SITES + plan.site
    for order, line, row, quantity in zip(
        plan.order.tolist(), plan.line.tolist(), rows.tolist(), plan.quantity.tolist(), strict=True
    ):
        wants.setdefault(names[order], []).append(Want(names[order], line, int(storm.position[row]), quantity))
    return wants


def _commit(connection: Connection, storm: Storm, wants: dict[str, list[Want]], ending: list[str]) -> _Answer:
    """Reserve order by order, let half of the ending orders go and pick the others, and restock what was picked."""
    entries = 0
    refused = set()
    touched: set[int] = set()
    for name, pieces in wants.items():
        if ledger.reserve(connection, storm.tenant_id, pieces, now=0):
            entries += len(pieces)
        else:
            refused.add(name)
            touched |= {want.position_id for want in pieces}
    held = ledger.holdings(connection, ending) if ending else []
    picked = set(ending[::2])
    gone = [holding for holding in held if holding.holder_id in picked]
    ledger.claim(connection, storm.tenant_id, gone, "shipment", now=0)
    ledger.end(connection, storm.tenant_id, [holding for holding in held if holding.holder_id not in picked], now=0)
    back: dict[Place, int] = {}
    for number, holding in enumerate(gone):
        if number < RESTOCK_SHARE * len(gone):
            back[holding.place] = back.get(holding.place, 0) + holding.quantity
    ledger.change_on_hand(connection, storm.tenant_id, back, "receive", "restock", now=0)
    touched |= {holding.position_id for holding in held}
    rows = np.flatnonzero(np.isin(storm.position, list(touched)))
    there = ledger.find(connection, storm.tenant_id, [storm.places[row] for row in rows])
    return _Answer(
        frozenset(refused),
        entries + len(held) + len(back),
        rows,
        np.array([there[storm.places[row]].free for row in rows], dtype=np.int64),
    )
