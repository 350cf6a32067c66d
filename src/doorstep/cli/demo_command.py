"""``doorstep demo``: a sample retailer, planned, with its report, and then live."""

import sys
import webbrowser
from datetime import timedelta
from pathlib import Path

import numpy as np

from doorstep.cli.demo_carrier import demo_carrier
from doorstep.cli.demo_dispatch import demo_dispatch
from doorstep.cli.demo_live import demo_live
from doorstep.cli.demo_methods import demo_methods
from doorstep.cli.demo_streets import demo_streets
from doorstep.cli.network_command import network
from doorstep.cli.place_command import place
from doorstep.cli.plan_command import plan_and_write
from doorstep.cli.roads_command import roads_home
from doorstep.cli.sample_command import make_sample
from doorstep.cli.seeds import Seed
from doorstep.cli.serve_command import serve
from doorstep.connectors.osm.roads_folder import build_roads
from doorstep.connectors.plan_folder import read_plan
from doorstep.connectors.retailer_folder import read_folder, write_folder, write_table
from doorstep.console.story import order_story
from doorstep.foundation import InternalError
from doorstep.simulation.sample import PLAN_DATE
from doorstep.simulation.sample.history import sales_history

NETWORK_S, STOCK_S = 30.0, 60.0
"""Patience of the network study, and of forecast and stock [CPU s]; they end earlier where nothing is to be gained."""
HISTORY_DAYS, REPLAY_DAYS = 84, 3
CARRIER_ORDERS = 30


def demo(
    *,
    out: Path = Path("demo-output"),
    near: str = "Chicago, US",
    roads: Path | None = None,
    stores: int = 40,
    fcs: int = 2,
    orders: int = 5000,
    seed: Seed = 1,
    iterations: int | None = None,
) -> int:
    """Make a sample retailer, plan its day beside two baselines, study network and stock, go live, drive on streets.

    Parameters
    ----------
    out
        Folder for the sample (OUT/retailer), the plan (OUT/plan), the network study (OUT/network), the plan of the
        stock (OUT/stock), the live databases (OUT/doorstep.db, OUT/carrier.db, OUT/methods.db), and a made-up town with
        its streets and a plan on them (OUT/town).
    near, stores, fcs, orders, seed
        The sample, as in ``doorstep sample``.
    roads
        An .osm.pbf: the sample lies on its streets; its day, its network and its stock are planned on them, and the
        live platform drives on them; there is no made-up town then.
    iterations
        Patience of the routing engine for each site and day.
    """
    folder, target = out / "retailer", out / "plan"
    streets = _streets(roads) if roads else ""
    city = _make(folder, near, streets, stores, fcs, orders, seed)
    print(f"2. Reading and checking {folder} (doorstep check {folder}).", flush=True)
    reading = read_folder(folder)
    if reading.retailer is None:
        raise InternalError(f"the sample has {len(reading.faults)} faults, first: {reading.faults[0]}.")
    on = f" --roads {streets}" if streets else ""
    print(f"3. Planning (doorstep plan {folder} --out {target}{on}).", flush=True)
    notes = ["Shops, goods, stock, prices and orders are made up; only the city's place and size are real."]
    code = plan_and_write(
        reading.retailer,
        target,
        title=f"A day of deliveries in {city}",
        notes=notes,
        iterations=iterations,
        seed=seed,
        as_json=False,
        roads=streets,
    )
    if code:
        return code
    retailer, plan, _ = read_plan(target)
    split = plan.order_outcomes.sort("sites", "parcels", "order_id", descending=[True, True, False])
    order_id = str(split["order_id"][0])
    print(f"\n4. The story of one order (doorstep explain {target} {order_id}):\n")
    print(order_story(retailer, plan, order_id).text(100))
    code = _study(folder, out, streets, seed)
    if code:
        return code
    database = out / "doorstep.db"
    print(f"\n7. The same retailer, live, on one SQLite file ({database}).", flush=True)
    key = demo_live(reading.retailer, database, streets)
    code = _others(out, made_up_town=not streets, seed=seed)
    if code:
        return code
    print(
        "\nTo watch a day live in a browser, with vans, phones and trouble: doorstep serve --demo --browser", flush=True
    )
    return _offer_more(target / "report.html", database, key.secret)


def _others(out: Path, *, made_up_town: bool, seed: int) -> int:
    """Show what other shops do, and a town's streets; return the exit code."""
    booked, every, stranded = (out / f"{name}.db" for name in ("carrier", "methods", "dispatch"))
    print(f"\n8. A shop without vans, for two days of virtual time with a simulated carrier ({booked}).", flush=True)
    demo_carrier(booked, CARRIER_ORDERS)
    print(f"\n9. A shop with every method: an order by each, lived through in virtual time ({every}).", flush=True)
    demo_methods(every)
    print(f"\n10. A morning on which a driver does not come ({stranded}).", flush=True)
    demo_dispatch(stranded)
    if not made_up_town:
        return 0
    print(f"\n11. Streets and addresses of a made-up town ({out / 'town'}).", flush=True)
    return demo_streets(out / "town", seed)


def _offer_more(report: Path, database: Path, key: str) -> int:
    """Ask whether somebody wants to see more, where somebody can answer; return the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        pictures = Path(__file__).parents[3] / "docs" / "images" / "pages"
        if pictures.is_dir():
            print(f"Pictures of all pages, busy and empty: {pictures}", flush=True)
        return 0
    if _says_yes("Watch a day live in a browser now? [Y/n] ", usual=True):
        return serve(demo=True, browser=True)
    if _says_yes("Open the report in a browser? [Y/n] ", usual=True):
        webbrowser.open(report.resolve().as_uri())
    if _says_yes("Serve the live platform with these orders? [y/N] ", usual=False):
        print(f"A key for everything, shown this once: {key}", flush=True)
        return serve(database_url=f"sqlite:///{database.resolve()}")
    return 0


def _says_yes(question: str, *, usual: bool) -> bool:
    answer = input(question).strip().lower()
    return usual if not answer else answer in ("y", "yes")


def _study(folder: Path, out: Path, streets: str, seed: int) -> int:
    """Study the network and place the stock; return the exit code."""
    on = f" --roads {streets}" if streets else ""
    asked = f"{folder}{on} --regions 4 --out {out / 'network'}"
    print(f"\n5. The network behind it (doorstep network {asked}):\n", flush=True)
    code = network(folder, out=out / "network", roads=streets, regions=4, seconds=NETWORK_S, seed=seed)
    if code:
        return code
    asked = f"{folder}{on} --replay-days {REPLAY_DAYS} --out {out / 'stock'}"
    print(f"\n6. Where its stock should lie (doorstep place {asked}):\n", flush=True)
    return place(folder, out=out / "stock", roads=streets, replay_days=REPLAY_DAYS, seconds=STOCK_S, seed=seed)


def _streets(extract: Path) -> str:
    """Build the streets of an extract and return what they are called."""
    print(f"0. The streets of {extract} (doorstep roads build {extract}).", flush=True)
    return build_roads(extract, roads_home())[0].name


def _make(folder: Path, near: str, streets: str, stores: int, fcs: int, orders: int, seed: int) -> str:
    """Write the sample with some weeks of sales before its day, and return where it is."""
    told = f"{stores} stores, {fcs} FCs, {orders:,} orders after {HISTORY_DAYS} days of sales"
    where, sampled = make_sample(near, streets, stores, fcs, orders, seed)
    print(f"1. A made-up retailer in {where}: {told}.", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(sampled, folder, "csv")
    sales = sales_history(sampled, PLAN_DATE - timedelta(days=1), HISTORY_DAYS, np.random.default_rng([seed, 1]))
    write_table(folder, "sales", sales, "parquet")
    return where
