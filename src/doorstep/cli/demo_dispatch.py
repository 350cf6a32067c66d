"""The part of ``doorstep demo`` in which a driver does not come: what is at risk, proposed, and taken up."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from doorstep.console.words import money
from doorstep.domain.new_order import NewOrder
from doorstep.foundation import InternalError, Iterations
from doorstep.operations.access import create_tenant
from doorstep.operations.bring import plan_routes
from doorstep.operations.caller import Caller
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.dispatching.handing import offers_for
from doorstep.operations.dispatching.limits import DispatchLimits
from doorstep.operations.dispatching.proposals import accept_proposal, store_drafts
from doorstep.operations.dispatching.running import SiteRun, load_run
from doorstep.operations.dispatching.weighing import Draft, at_risk, weigh
from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.intake.errors import NotEnoughStockError
from doorstep.operations.intake.take import take_order
from doorstep.operations.onboarding import import_retailer
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.hours import Hours
from doorstep.simulation.day.shop import DAY, day_shop, draw_wishes, pool_of
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.fulfilment import routes, shipments

ORDERS, SEED, ITERATIONS = 80, 1, 2_000
WAITED_S = 600
"""How long the van waits for its driver."""
LIMITS = DispatchLimits(automatic=())
SHOWN = 5


def demo_dispatch(path: Path) -> None:
    """Print what happens when a driver does not come; an earlier database in this place is replaced."""
    for leftover in path.parent.glob(path.name + "*"):
        leftover.unlink()
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    shop = day_shop(ORDERS, SEED)
    hours = Hours.of(DAY, str(shop.sites["time_zone"][0]))
    with database.writing() as connection:
        caller = Caller(create_tenant(connection, "dispatch", now=hours.evening_at), "demo")
        import_retailer(connection, caller, shop, now=hours.evening_at)
        wishes = draw_wishes(pool_of(shop), ORDERS, hours, Dice(SEED), trouble=False)
        taken = _take(connection, caller, [wish.order for wish in wishes if not wish.at], hours.evening_at)
        route_orders(connection, caller, taken, now=hours.evening_at)
        _pack(connection, caller, hours.begins_at)
        planned = plan_routes(connection, caller, now=hours.begins_at, iterations=ITERATIONS, seed=SEED)
    print(f"   {len(taken)} orders of the evening before, packed, on {len(planned.routes)} routes.")
    with database.writing() as connection:
        _live(connection, caller, shop.currency, hours)
    with database.reading() as connection:
        faults = check_books(connection)
    database.close()
    if faults:
        raise InternalError(f"the books have {len(faults)} faults, first: {faults[0]}.")
    print(f"   The books agree (doorstep db check --database-url sqlite:///{path}).")


def _take(connection: Connection, caller: Caller, wanted: Sequence[NewOrder], now: int) -> list[str]:
    """Return the ids of the orders that can be taken; the others lack stock."""
    taken = []
    for order in wanted:
        with suppress(NotEnoughStockError):
            taken.append(take_order(connection, caller, order, now=now).order_id)
    return taken


def _pack(connection: Connection, caller: Caller, now: int) -> None:
    release_wave(connection, caller, now=now, everything=True)
    picking = select(shipments.c.shipment_id).where(shipments.c.state == "picking").order_by(shipments.c.shipment_id)
    for shipment_id in connection.execute(picking).scalars().all():
        pack_shipment(connection, caller, shipment_id, now=now)


def _live(connection: Connection, caller: Caller, currency: str, hours: Hours) -> None:
    """Let the driver of the longest route not come, and take up the best that is proposed."""
    longest = select(routes).where(routes.c.state == "planned").order_by(routes.c.stops.desc(), routes.c.route_id)
    route = connection.execute(longest.limit(1)).one()
    now = max(route.starts_at, hours.begins_at) + WAITED_S
    halted = halt_route(connection, caller, route.route_id, parcels="back_at_site", reason="no_driver", now=now)
    told = f"{len(halted.waiting)} deliveries ride with nobody (POST /v1/routes/{route.route_id}/halt)"
    print(f"   {hours.local(now)}: the driver of {route.vehicle_id} has not come. {told}.")
    run, drafts = _look(connection, caller, route.site_id, now)
    print(f"   Proposed a moment later (GET /v1/dispatch-proposals), {len(drafts)} in all, the best first:")
    for draft in drafts[:SHOWN]:
        cost, gain = money(draft.cost_minor, currency), money(draft.gain_minor, currency)
        print(f"     {draft.kind:8} moves {draft.moved:2}, costs {cost}, worth {gain}. {draft.reason}")
    if not drafts:
        return
    ids = store_drafts(connection, caller, route.site_id, drafts, LIMITS, now=now)
    accept_proposal(connection, caller, ids[0], now=now + 60)
    after, _ = _look(connection, caller, route.site_id, now + 120)
    left = len(at_risk(after, LIMITS)) if after else 0
    print(f"   Accepted the first: {len(at_risk(run, LIMITS)) if run else 0} promises at risk before, {left} after it.")


def _look(connection: Connection, caller: Caller, site_id: str, now: int) -> tuple[SiteRun | None, tuple[Draft, ...]]:
    run = load_run(connection, caller.tenant_id, site_id, now=now)
    if run is None:
        return None, ()
    offers = offers_for(connection, run, at_risk(run, LIMITS))
    return run, weigh(run, LIMITS, offers, Iterations(limit=ITERATIONS), seed=SEED)
