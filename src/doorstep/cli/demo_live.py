"""The live part of ``doorstep demo``: the sample's baskets ordered again, now, on a database of their own."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.assembly import Platform, assembled
from doorstep.cli.running import open_first_shop, working
from doorstep.console.words import money, when
from doorstep.domain import Retailer
from doorstep.domain.new_order import NewOrder, TakenOrder
from doorstep.foundation import DoorstepError, InternalError
from doorstep.operations.access import Shown
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.operations.onboarding import orders_of
from doorstep.operations.planning.stock_plans import ask_nightly
from doorstep.operations.promise.offers import offers_for
from doorstep.operations.stock_proposals import MOVES
from doorstep.settings import load_settings
from doorstep.storage.check import check_books
from doorstep.storage.schema.journal import audit
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.planning import stock_plans, stock_proposals

MOST_ORDERS = 500
PATIENCE_S = 120
NIGHT_DAYS = 3


def demo_live(retailer: Retailer, database: Path, streets: str = "") -> Shown:
    """Take orders on a new database, let a worker find their sites, tell one's history, and check the books.

    An earlier demo's database in this place is replaced. The platform drives on the ``streets`` of a name, if any.

    Returns
    -------
    Shown
        A key for everything on this database.
    """
    for leftover in database.parent.glob(database.name + "*"):
        leftover.unlink()
    asked = {"roads": streets} if streets else {}
    settings = load_settings(database_url=f"sqlite:///{database.resolve()}", log_level="error", **asked)
    with assembled(settings) as platform:
        caller, key = open_first_shop(platform, retailer)
        _tell_options(platform, caller, _baskets(retailer)[0], retailer)
        taken = _take_all(platform, caller, _baskets(retailer))
        with working(platform, "demo"):
            states = _wait_for_sites(platform, caller)
            print("   A worker gave them their sites and released what is due: " + _counted(states) + ".", flush=True)
            _tell_night(platform, caller, retailer)
        _tell_history(platform, taken[0], str(retailer.sites["time_zone"][0]))
        with platform.database.reading() as connection:
            faults = check_books(connection)
    if faults:
        raise InternalError(f"the books have {len(faults)} faults, first: {faults[0]}.")
    print(f"   The books agree (doorstep db check --database-url sqlite:///{database}).")
    return key


def _baskets(retailer: Retailer) -> list[NewOrder]:
    """Return the sample's first orders as a shop's front end would send them today."""
    first = replace(retailer, orders=retailer.orders.head(MOST_ORDERS))
    return [replace(order, window=None, if_short="refuse") for order in orders_of(first)]


def _tell_options(platform: Platform, caller: Caller, basket: NewOrder, retailer: Retailer) -> None:
    """Print what can be promised for a basket now, as the checkout would show it."""
    now, zone = platform.clock.now(), str(retailer.sites["time_zone"][0])
    with platform.database.reading() as connection:
        offered = offers_for(
            connection, caller, replace(basket, service_level_id="", pickup_site_id=""), at=now, now=now
        )
    print("   What may be promised for the first basket (POST /v1/options); 95% is stated until outcomes are known:")
    for one in offered:
        words = f"no: {one.refusal.code.replace('_', ' ')}" if one.refusal else (
            f"{when(one.start_at, zone)} to {when(one.end_at, zone)}, {money(one.fee_minor, retailer.currency)}, "
            f"kept with {one.kept or 0:.0%}"
        )  # fmt: skip
        print(f"     {one.service_level_id:18} {words}")


def _take_all(platform: Platform, caller: Caller, baskets: Sequence[NewOrder]) -> list[TakenOrder]:
    """Send all baskets at once and one of them twice, as a nervous front end does."""
    started, now = time.perf_counter(), platform.clock.now()
    asked = [Intake(caller=caller, order=basket, now=now) for basket in [*baskets, baskets[0]]]
    waiting: list[Future[TakenOrder]] = [platform.writer.together(take_orders, intake) for intake in asked]
    taken, refused = [], []
    for future in waiting:
        try:
            taken.append(future.result(PATIENCE_S))
        except DoorstepError as fault:
            refused.append(fault.message)
    seconds, accepted = time.perf_counter() - started, len({order.order_id for order in taken})
    print(
        f"   {len(asked)} orders sent in one go, {accepted} accepted in {seconds:.1f} s, each with its stock and "
        f"pickers reserved on disk; one came twice and is one; {len(refused)} refused"
        + (f" (the first: {refused[0]})." if refused else "."),
        flush=True,
    )
    return taken


def _wait_for_sites(platform: Platform, caller: Caller) -> dict[str, int]:
    """Wait until the worker has looked at every order, and return how many are in which state."""
    until = time.monotonic() + PATIENCE_S
    query = select(orders.c.state, func.count().label("orders")).where(orders.c.tenant_id == caller.tenant_id)
    query = query.group_by(orders.c.state)
    before: dict[str, int] = {}
    while True:
        with platform.database.reading() as connection:
            states = {row.state: row.orders for row in connection.execute(query)}
        if states.get("placed", 0) == 0 and states == before:
            return states
        if time.monotonic() > until:
            raise InternalError(f"the worker did not find sites in {PATIENCE_S} s.")
        before = states
        time.sleep(1.0)


def _tell_night(platform: Platform, caller: Caller, retailer: Retailer) -> None:
    """Have the stock planned as every night, and print what the plan proposes."""
    with platform.database.writing() as connection:
        plan_id = ask_nightly(connection, caller, days=NIGHT_DAYS, now=platform.clock.now() + 1)
    if plan_id is None:
        print("   Too few orders for a plan of the stock.")
        return
    platform.made_work.set()
    until = time.monotonic() + PATIENCE_S
    while (plan := _plan(platform, plan_id)).state == "asked":
        if time.monotonic() > until:
            raise InternalError(f"the worker did not plan the stock in {PATIENCE_S} s.")
        time.sleep(0.2)
    if plan.state != "done":
        raise InternalError(f"the plan of the stock {plan.state}: {plan.error}")
    best = select(stock_proposals).where(stock_proposals.c.tenant_id == caller.tenant_id)
    with platform.database.reading() as connection:
        found = connection.execute(best.order_by(stock_proposals.c.value_minor.desc())).all()
    value = money(sum(row.value_minor for row in found), retailer.currency)
    print(f"   Tonight's plan of the stock (POST /v1/stock-plans) proposes {len(found)} changes worth {value}.", end="")
    first = next((row for row in found if row.action in MOVES), None)
    print(f" One of them: {first.action} {first.units}: {first.reason}" if first else "", flush=True)


def _plan(platform: Platform, plan_id: str) -> "sa.Row[tuple[str, str]]":
    query = select(stock_plans.c.state, stock_plans.c.error).where(stock_plans.c.plan_id == plan_id)
    with platform.database.reading() as connection:
        return connection.execute(query).one()


def _tell_history(platform: Platform, order: TakenOrder, zone: str) -> None:
    """Print the audit rows of an order."""
    query = select(audit).where(audit.c.object_id == order.order_id).order_by(audit.c.audit_no)
    with platform.database.reading() as connection:
        rows = connection.execute(query).all()
    print(f"   Order {order.code}, by its audit rows:")
    for row in rows:
        print(f"     {when(row.at, zone)}  {row.actor:10}  {row.from_state or '-':10} -> {row.to_state}")


def _counted(states: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
