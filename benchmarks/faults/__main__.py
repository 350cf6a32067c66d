"""``python3 run.py bench faults``: five hundred kills of writers, API servers and workers, on both databases."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.faults.kills import Report, kill_apis, kill_workers, kill_writers
from benchmarks.operations.shop import postgresql_url, sqlite_url
from benchmarks.table import machine, print_table, write_json
from doorstep.operations.access import create_key, create_tenant
from doorstep.operations.caller import Caller
from doorstep.operations.onboarding import import_retailer
from doorstep.storage import Database
from doorstep.storage.migrations import upgrade
from tests.operations.shops import TWO_SITES
from tests.small import retailer, table

SHARES = {"writer": 0.6, "api": 0.25, "worker": 0.15}
UNITS = 10_000_000


def main() -> int:
    """Run the benchmark; exit code 1 if any promise was broken."""
    asked = _arguments()
    rows: list[dict[str, object]] = []
    for kind in ("sqlite", "postgres"):
        with sqlite_url() if kind == "sqlite" else postgresql_url() as url:
            if url is None:
                print("PostgreSQL needs the development requirements: skipped.", file=sys.stderr)
                continue
            tenant_id, key = _shop(url)
            for victim, share in SHARES.items():
                kills = max(1, round(asked.kills * share / 2))
                print(f"{kind}: killing {kills} times: {victim} ...", file=sys.stderr, flush=True)
                started = time.perf_counter()
                report = _killer(victim, url, tenant_id, key, kills, asked.seed)()
                rows.append(_row(kind, victim, report, time.perf_counter() - started))
    summary = {
        "kills": sum(int(str(row["kills"])) for row in rows),
        "promised": sum(int(str(row["promised"])) for row in rows),
        "violations": sum(int(str(row["violations"])) for row in rows),
    }
    print(machine())
    print_table(rows)
    print(f"\nsummary: {summary}")
    if asked.json:
        write_json(asked.json, "faults", rows, summary)
    return 1 if summary["violations"] else 0


def _shop(url: str) -> tuple[str, str]:
    stock = [(site, product, UNITS) for site in ("S1", "S2") for product in "ABC"]
    empty = retailer(sites=TWO_SITES, stock=table("site_id product_id on_hand", *stock))
    database = Database(url)
    upgrade(database)
    now = int(time.time())
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "faults", now=now), "bench")
        tables = empty.tables() | {"orders": empty.orders.clear(), "order_lines": empty.order_lines.clear()}
        import_retailer(connection, caller, type(empty)(**tables), now=now)
        key = create_key(connection, caller, name="bench", scopes=["orders:write"], now=now)
    database.close()
    return caller.tenant_id, key.secret


def _killer(victim: str, url: str, tenant_id: str, key: str, kills: int, seed: int) -> Callable[[], Report]:
    if victim == "writer":
        return lambda: kill_writers(url, tenant_id, kills=kills, seed=seed)
    if victim == "api":
        return lambda: kill_apis(url, tenant_id, key, kills=kills, seed=seed)
    return lambda: kill_workers(url, tenant_id, kills=kills, seed=seed)


def _row(kind: str, victim: str, report: Report, wall_s: float) -> dict[str, object]:
    for fault in (*report.lost, *report.doubled, *report.faults)[:10]:
        print(f"{kind} {victim}: {fault}", file=sys.stderr)
    return {
        "instance": kind,
        "solver": f"kill -9 {victim}",
        "kills": report.kills,
        "promised": report.promised,
        "lost": len(report.lost),
        "doubled": len(report.doubled),
        "book_faults": len(report.faults),
        "violations": report.violations,
        "wall_s": round(wall_s, 1),
    }


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="bench faults", description=__doc__)
    asked.add_argument("--kills", type=int, default=500, help="kills in all, over both databases")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", type=Path, help="also write one JSON object there")
    return asked.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
