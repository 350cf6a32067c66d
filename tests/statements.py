"""What SQLite is asked, and which of it reads all of a table that grows with the orders."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import sqlalchemy as sa

from doorstep.storage import Database
from doorstep.storage.schema.base import metadata

SMALL = {
    *("api_keys", "carriers", "cartons", "closed_days", "compartments", "contractors", "devices", "drones", "jobs"),
    *("journal_head", "lanes", "membership_plans", "network_studies", "people", "policy", "price_rules", "sites"),
    *("service_levels", "stock_plans", "tenants", "vehicles", "weather", "webhook_endpoints"),
}
"""Tables that do not grow with the orders, and the queue, of which nightly work keeps but some days."""
WITH_EVERYTHING = ("storage/check.py", "storage/money_check.py")
"""Modules that are there to read everything."""


@contextmanager
def statements_heard() -> Iterator[dict[str, str]]:
    """Yield a dict that fills with the package's statements, values and all, and the module that asks each first."""
    heard: dict[str, str] = {}
    alike: set[str] = set()

    def hear(statement: str) -> None:
        shape = re.sub(r"'(?:[^']|'')*'|\b\d+\b", "?", statement)
        if shape not in alike and (module := _module()):
            alike.add(shape)
            heard[statement] = module

    def begin(driver: sqlite3.Connection, _record: object) -> None:
        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(hear)

    sa.event.listen(sa.Engine, "connect", begin)
    try:
        yield heard
    finally:
        sa.event.remove(sa.Engine, "connect", begin)


def full_scans(database: Database, heard: dict[str, str]) -> list[str]:
    """Return which module's statement reads a whole table that grows, as "module: table: statement"."""
    found = []
    with database.reading() as connection:
        for statement, module in heard.items():
            if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
                continue
            asked = sa.text("EXPLAIN QUERY PLAN " + statement.replace(":", r"\:"))
            plan = connection.execute(asked).scalars(3).all()
            scanned = {match[1] for step in plan if (match := re.match(r"SCAN (\w+)", str(step)))}
            named = re.findall(r"(?:FROM|JOIN|UPDATE|,) (\w+)(?: AS (\w+))?", statement)
            tables = {table for table, alias in named if {table, alias} & scanned} & metadata.tables.keys()
            found += [f"{module}: {table}: {' '.join(statement.split())}" for table in sorted(tables - SMALL)]
    return found


def _module() -> str:
    """Return the module of the package, those of storage that carry statements apart, that asks just now."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        _, inside, path = frame.f_code.co_filename.replace("\\", "/").rpartition("/src/doorstep/")
        if inside and path not in ("storage/connection.py", "storage/database.py", "storage/writer.py"):
            return "" if path in WITH_EVERYTHING or path.startswith("cli/") else path
        frame = frame.f_back
    return ""
