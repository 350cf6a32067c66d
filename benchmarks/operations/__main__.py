"""``python3 run.py bench operations``: durable orders a second, beside a naive ORM version in the same run.

Every order is answered only after the commit that holds it is on disk. SQLite lies on the disk of the folder where the
command runs, so the figures go with that disk's fsync rate, which is measured too.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.operations.http_load import CONNECTIONS, measure_http
from benchmarks.operations.load import Measured, run
from benchmarks.operations.naive import THREADS, measure_naive
from benchmarks.operations.shop import Shop, make_shop, open_shop, postgresql_url, sqlite_url
from benchmarks.table import machine, print_table, write_json
from doorstep.assembly import keep_what_is_loaded
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.storage import Database, Writer
from doorstep.storage.check import check_books

WARM_UP = 3_000
Row = dict[str, object]


def main() -> int:
    """Run the benchmark; exit code 1 if the books do not agree afterwards."""
    asked = _arguments()
    shop = make_shop(asked.seeds[0])
    fsync = fsync_per_s()
    rows: list[Row] = []
    for kind in ("sqlite", "postgres"):
        with sqlite_url() if kind == "sqlite" else postgresql_url() as url:
            if url is None:
                print("PostgreSQL needs the development requirements: skipped.", file=sys.stderr)
                continue
            rows += _rows(kind, url, shop, asked)
    print("http ...", file=sys.stderr, flush=True)
    posts, alone, beside = measure_http(shop, asked.orders // 3, asked.seeds[0])
    for solver, found, at_once in (("http POST /v1/orders", posts, CONNECTIONS), ("http POST /v1/options", alone, 1),
                                   ("http POST /v1/options beside orders", beside, 1)):  # fmt: skip
        rows.append(_row("sqlite", asked.seeds[0], solver, found, at_once, 0))
    print(f"{machine()}; the disk does {fsync:.0f} fsync/s")
    print_table(rows)
    http = {"http_orders_per_s": round(posts.per_s), "quote_p50_ms": round(alone.p50_ms, 1),
            "quote_p50_beside_orders_ms": round(beside.p50_ms, 1)}  # fmt: skip
    summary = {"fsync_per_s": round(fsync)} | _summary(rows) | http
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "operations", rows, summary)
    return 1 if summary["violations"] else 0


def fsync_per_s(seconds: float = 2.0) -> float:
    """Return how often a second this folder's disk makes a small write durable."""
    with TemporaryDirectory(prefix="bench-", dir=Path.cwd()) as folder:
        file = os.open(Path(folder) / "probe", os.O_CREAT | os.O_WRONLY)
        started, count = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            os.write(file, b"x" * 4096)
            os.fdatasync(file)
            count += 1
        os.close(file)
    return count / seconds


def _rows(kind: str, url: str, shop: Shop, asked: argparse.Namespace) -> list[Row]:
    rows = []
    database = Database(url)
    caller = open_shop(database, shop)
    for seed in asked.seeds:
        print(f"{kind}, seed {seed} ...", file=sys.stderr, flush=True)
        if asked.peers:
            products = shop.retailer.products["product_id"].to_list()
            naive = measure_naive(url, products, shop.orders(asked.orders // 5, seed))
            rows.append(_row(kind, seed, "naive_orm", naive, THREADS, 0))
        for count, measure in ((WARM_UP, False), (asked.orders, True)):  # the first fill caches of doors and hours
            requests = [
                Intake(caller=caller, order=order, now=shop.now, key=f"{count}-{order.external_id}")
                for order in shop.orders(count, seed if measure else -seed)
            ]
            writer = Writer(database)
            keep_what_is_loaded()  # as a server does when it starts
            found = run(lambda request, writer=writer: writer.together(take_orders, request), requests, asked.in_flight)
            writer.close()
        with database.reading() as connection:
            faults = check_books(connection)
        rows.append(_row(kind, seed, "doorstep", found, asked.in_flight, len(faults)))
    database.close()
    return rows


def _row(kind: str, seed: int, solver: str, found: Measured, in_flight: int, violations: int) -> Row:
    return {
        "instance": kind,
        "seed": seed,
        "solver": solver,
        "orders": found.done,
        "refused": found.failed,
        "in_flight": in_flight,
        "orders_per_s": round(found.per_s),
        "p50_ms": round(found.p50_ms, 1),
        "p99_ms": round(found.p99_ms, 1),
        "cpu_us_per_order": round(found.cpu_s / max(found.done, 1) * 1e6),
        "wall_s": round(found.wall_s, 1),
        "violations": violations,
    }


def _summary(rows: list[Row]) -> Row:
    summary: Row = {"violations": sum(int(str(row["violations"])) for row in rows)}
    for kind in ("sqlite", "postgres"):
        ours, naive = (
            [row for row in rows if row["instance"] == kind and row["solver"] == solver]
            for solver in ("doorstep", "naive_orm")
        )
        if ours:
            summary[f"{kind}_orders_per_s"] = _mean(ours, "orders_per_s")
            summary[f"{kind}_p99_ms"] = max(float(str(row["p99_ms"])) for row in ours)
        if ours and naive:
            ratio = _mean(ours, "orders_per_s") / _mean(naive, "orders_per_s")
            summary[f"{kind}_times_naive"] = round(ratio, 1)
    return summary


def _mean(rows: list[Row], column: str) -> float:
    return round(statistics.mean(float(str(row[column])) for row in rows))


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench operations", description=__doc__)
    asked.add_argument("--orders", type=int, default=10_000, help="orders to take on each database")
    asked.add_argument("--in-flight", type=int, default=64, help="orders waiting for their answer at any time")
    asked.add_argument("--seed", dest="seeds", type=int, action="append", help="repeatable; default 1")
    asked.add_argument("--peers", action="store_true", help="add the naive ORM version, in the same run")
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    found = asked.parse_args()
    found.seeds = found.seeds or [1]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
