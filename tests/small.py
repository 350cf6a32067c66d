"""Small retailers for tests: tables written as rows, moments written as local clock times."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from doorstep.domain import Retailer

CHICAGO = "America/Chicago"
TUESDAY = "2026-03-03"
"""The day of most tests: no holiday, winter time, UTC-6."""


def at(clock: str, day: str = TUESDAY, zone: str = CHICAGO) -> int:
    """Return the epoch second of a local clock time HH:MM or HH:MM:SS on a day."""
    return int(datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo(zone)).timestamp())


def table(header: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    """Return rows under column names separated by spaces."""
    return pl.DataFrame(list(rows), schema=header.split(), orient="row", infer_schema_length=None)


SITES = table("site_id kind lat lon time_zone", ("S1", "store", 41.0, -87.0, CHICAGO))
PRODUCTS = table(
    "product_id length_mm width_mm height_mm weight_g price_minor margin_minor flags",
    ("A", 200, 100, 100, 1_000, 900, 300, ""),
    ("B", 100, 100, 100, 500, 500, 200, "chilled"),
    ("C", 1500, 50, 50, 3_000, 2_000, 700, ""),
)
STOCK = table("site_id product_id on_hand", ("S1", "A", 100), ("S1", "B", 100), ("S1", "C", 100))
ORDERS = table(
    "order_id placed_at lat lon postal_code service_level_id", ("O1", at("08:00"), 41.01, -87.0, "60601", "same_day")
)
LINES = table("order_id line_no product_id quantity", ("O1", 1, "A", 1))
TABLES: Mapping[str, pl.DataFrame] = {
    "sites": SITES,
    "products": PRODUCTS,
    "stock": STOCK,
    "orders": ORDERS,
    "order_lines": LINES,
}


def retailer(**tables: pl.DataFrame) -> Retailer:
    """Return one store with three products and one order, with other tables in the place of these."""
    return Retailer.complete({**TABLES, **tables})
