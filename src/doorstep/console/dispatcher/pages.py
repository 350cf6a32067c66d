"""Pages of the dispatcher, and what their elements ask for."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from doorstep.api.views.dispatching import find_proposal
from doorstep.api.views.orders import find_order
from doorstep.api.views.stations import find_exception
from doorstep.console.dispatcher.board import KIND_WORDS, MOST_LISTED, Board, map_of, read_board, timeline_of, zone_of
from doorstep.console.dispatcher.day import (
    STATE_WORDS,
    RouteSeen,
    find_route_seen,
    name_of,
    routes_beside,
    routes_of_the_day,
)
from doorstep.console.dispatcher.drivers import drivers_of
from doorstep.console.dispatcher.scoreboard import Score, scores
from doorstep.console.dispatcher.search import find_anything
from doorstep.console.dispatcher.told import pictures_of, told_of, whom_to_call
from doorstep.console.dispatcher.vehicles import vehicles_of, watch
from doorstep.console.dispatcher.why import why_of
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.guard import Look, behind_check, console_router, look
from doorstep.console.shell.pages import page, part
from doorstep.console.shell.route_lines import route_lines_of
from doorstep.console.shell.said import go, words_of
from doorstep.console.shell.shared import Shared, shared_of
from doorstep.console.shell.start import FACES, Face, frame
from doorstep.foundation import DoorstepError, InputError, NotFoundError
from doorstep.geography.roads.courses import streets_of
from doorstep.operations.bring import assign_route, dispatch_route, replan
from doorstep.operations.dispatching.halting import Parcels, halt_route
from doorstep.operations.dispatching.moving import MovePrice, move_delivery, price_move
from doorstep.operations.dispatching.proposals import accept_proposal, refuse_proposal, undo_proposal
from doorstep.operations.exceptions import resolve_exception
from doorstep.operations.roads import travel_now
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries

NAME, NEEDS = "Dispatch", "routes:read"
FACES.append(Face(path="/dispatch", needs=NEEDS, name=NAME,
                  does="Routes as they run, promises at risk, what can be done and what it costs."))  # fmt: skip
router = console_router("/dispatch", NEEDS)
doing = console_router("/dispatch", "routes:write")
At = Annotated[Look, Depends(look)]
PER_PAGE = 200
TAKEN_UP = {
    "reorder": "Its stops are in the new order.", "swap": "The stops have changed vans.",
    "help": "One van more goes out.", "carrier": "The carrier has it.",
    "call": "Call them now, and agree on a later time.",
}  # fmt: skip
GONE = "The day has gone on: this does not help any more. What helps now stands below."


@router.get("")
async def show_board(at: At) -> Response:
    """Show the board."""
    board = await _board_now(at)
    names = {"title": NAME, "board": board, "most": MOST_LISTED, "kinds": KIND_WORDS, "now": at.now}
    return page(at.request, "dispatch/board.html", names | await frame(at, NAME))


@router.get("/desk")
async def show_desk(at: At) -> Response:
    """Show the left side of the board anew."""
    board = await _board_now(at)
    names = {"board": board, "most": MOST_LISTED, "kinds": KIND_WORDS, "csrf": at.csrf, "currency": at.currency,
             "may": at.may("routes:write"), "now": at.now}  # fmt: skip
    return HTMLResponse(part("dispatch/desk.html", names))


@router.get("/figures")
async def show_figures(at: At) -> Response:
    """Show the figures anew."""
    board = await _board_now(at)
    return HTMLResponse(part("dispatch/figures.html", {"board": board, "currency": at.currency, "now": at.now}))


@router.get("/map.json")
async def send_map(at: At) -> Response:
    """Send routes, stops and sites."""

    def query(connection: Connection) -> dict[str, object]:
        found = routes_of_the_day(connection, at.tenant_id, now=at.now, sees=at.sees)
        tables = load_reference(connection, at.tenant_id)
        sites = [site for site in tables["sites"].to_dicts() if at.sees(site["site_id"])]
        streets = streets_of(travel_now(connection, at.tenant_id, tables, now=at.now))
        lines = route_lines_of(at.request, at.tenant_id)
        return map_of(found, sites, lambda routes: lines.of(routes, streets))

    return await at.send_shared("map", query)


router.get("/vehicles")(watch)


@router.get("/vehicles.json")
async def send_vehicles(request: Request) -> Response:
    """Send where vehicles are."""
    at = Look(request)

    def query(connection: Connection) -> dict[str, object]:
        features = [vehicle.feature(n) for n, vehicle in enumerate(vehicles_of(connection, at))]
        return {"vehicles": {"type": "FeatureCollection", "features": features}}

    return await at.send_shared("vehicles", query)


@router.get("/timeline.json")
async def send_timeline(at: At) -> Response:
    """Send the routes for the timeline."""
    board = await _board_now(at)
    return await at.send_shared("timeline", lambda _connection: timeline_of(board, at.now))


@router.get("/routes")
async def show_routes(at: At, page_number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1) -> Response:
    """Show all routes, a page of them at a time."""
    board = await _board_now(at)
    first = (page_number - 1) * PER_PAGE
    pages = max(1, -(-len(board.routes) // PER_PAGE))
    names = {"title": "All routes", "routes": board.routes[first : first + PER_PAGE], "number": page_number,
             "pages": pages, "states": STATE_WORDS}  # fmt: skip
    return page(at.request, "dispatch/routes.html", names | await frame(at, NAME))


@router.get("/day")
async def show_day(at: At) -> Response:
    """Show today beside yesterday."""

    def query(connection: Connection) -> list[Score]:
        zone = zone_of(connection, at.tenant_id, at.sees)
        return scores(connection, at.tenant_id, zone, now=at.now, sees=at.sees)

    names = {"title": "How the day goes", "scores": await at.read(query)}
    return page(at.request, "dispatch/scoreboard.html", names | await frame(at, NAME))


@router.get("/find")
async def find(at: At, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Go to the order, delivery or route that somebody looks for."""
    path = await at.read(lambda connection: find_anything(connection, at.tenant_id, q.strip()))
    return go(at.request, path) if path else go(at.request, "/dispatch", refused=f"Nothing is called {q!r}.")


@router.get("/routes/{route_id}")
async def show_route(at: At, route_id: str) -> Response:
    """Show a route with what can be done with it."""

    def query(connection: Connection) -> dict[str, object]:
        route = _route(connection, at, route_id)
        return {
            "route": route,
            "others": routes_beside(connection, at.tenant_id, route.site_id, now=at.now),
            "drivers": drivers_of(connection, at.tenant_id),
            "name_of": name_of,
            "streets": connection.streets is not None,
        }

    names = {"title": "Route", "states": STATE_WORDS, "may": at.may("routes:write")} | await at.read(query)
    return page(at.request, "dispatch/route.html", names | await frame(at, NAME))


@router.get("/orders/{order_id}")
async def show_order(at: At, order_id: str) -> Response:
    """Show an order: what was decided about it, and why not otherwise."""

    def query(connection: Connection) -> dict[str, object]:
        order = find_order(connection, at.tenant_id, order_id, currency=at.currency)
        sites = {shipment.site_id for shipment in order.shipments}
        if sites and not any(map(at.sees, sites)):
            raise NotFoundError(f"order {order_id} does not exist.")
        zone = zone_of(connection, at.tenant_id, at.sees)
        return {
            "order": order,
            "zone": zone,
            "why": why_of(connection, at.tenant_id, order_id, at.currency),
            "told": told_of(connection, at.tenant_id, order.deliveries, zone),
            "call": whom_to_call(connection, at.tenant_id, order) if at.may("deliveries:write") else None,
            "pictures": pictures_of(connection, at.tenant_id, order.deliveries) if at.may("deliveries:read") else [],
        }

    names = {"title": "Order"} | await at.read(query)
    return page(at.request, "dispatch/order.html", names | await frame(at, NAME))


@router.get("/deliveries/{delivery_id}/price")
async def send_price(
    at: At, delivery_id: str, route_id: str, after: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """Send what moving a delivery would cost, and whom it would make late."""

    def query(connection: Connection) -> MovePrice:
        _check_seen(connection, at, delivery_id)
        return price_move(connection, at.caller, delivery_id, route_id=route_id, after=after, now=at.now)

    try:
        price = await at.read(query)
    except DoorstepError as refused:
        return JSONResponse({"refused": words_of(refused)})
    before, then = price.late_before_s, price.late_after_s
    return JSONResponse(
        {
            "words": part("dispatch/price.html", {"price": price, "currency": at.currency,
                                                  "breaks": sorted(then.keys() - before.keys()),
                                                  "mends": sorted(before.keys() - then.keys())}),
            "cost_minor": price.cost_minor, "late_before": len(before), "late_after": len(then),
        }
    )  # fmt: skip


@doing.post("/proposals/{proposal_id}/{step}")
async def decide(at: At, proposal_id: str, step: str) -> Response:
    """Take a proposal up, turn it down, or take it back."""
    reason = (await form_of(at.request)).get("reason", "") or "not now"
    proposal = await at.read(lambda c: find_proposal(c, at.tenant_id, proposal_id, currency=at.currency))
    if not at.sees(proposal.site_id):
        raise NotFoundError(f"dispatch proposal {proposal_id} does not exist.")
    if step != "undo" and proposal.state != "proposed":
        return go(at.request, "/dispatch", refused=GONE)
    steps: dict[str, tuple[str, Callable[[Connection], object]]] = {
        "accept": (TAKEN_UP[proposal.kind], lambda c: accept_proposal(c, at.caller, proposal_id, now=at.now)),
        "refuse": ("Turned down.", lambda c: refuse_proposal(c, at.caller, proposal_id, reason=reason, now=at.now)),
        "undo": ("Taken back.", lambda c: undo_proposal(c, at.caller, proposal_id, now=at.now)),
    }
    calls = step == "accept" and proposal.kind == "call"
    return await _done(at, f"/dispatch/find?q={proposal.delivery_id}" if calls else "/dispatch", steps, step)


@doing.post("/exceptions/{exception_id}/resolve")
async def resolve(at: At, exception_id: str) -> Response:
    """End an exception that somebody has looked into."""
    reason = (await form_of(at.request)).get("reason", "") or "looked into"
    found = await at.read(lambda c: find_exception(c, at.tenant_id, exception_id))
    if not at.sees(found.site_id):
        raise NotFoundError(f"exception {exception_id} does not exist.")
    return await at.do(
        lambda c: resolve_exception(c, at.caller, exception_id, reason=reason, now=at.now),
        then="/dispatch", done="Closed.",
    )  # fmt: skip


@doing.post("/routes/{route_id}/{step}")
async def change_route(at: At, route_id: str, step: str) -> Response:
    """Give a route to a driver, send it out, plan it again, or end it."""
    form = await form_of(at.request)
    driver, reason = form.get("driver", ""), form.get("reason", "") or "breakdown"
    await at.read(lambda connection: _route(connection, at, route_id))  # it must be theirs to see

    def assign(connection: Connection) -> object:
        if not driver:
            raise InputError("driver is empty.", hint="Maybe choose one from the list.")
        return assign_route(connection, at.caller, route_id, driver=driver, now=at.now)

    def halt(connection: Connection) -> object:
        parcels: Parcels = "stranded" if form.get("parcels") == "stranded" else "back_at_site"
        back_at = at.now if parcels == "back_at_site" else None
        return halt_route(connection, at.caller, route_id, parcels=parcels, reason=reason, now=at.now, back_at=back_at)

    steps: dict[str, tuple[str, Callable[[Connection], object]]] = {
        "assign": (f"The route is {driver}'s.", assign),
        "dispatch": ("It may leave.", lambda c: dispatch_route(c, at.caller, route_id, now=at.now)),
        "replan": ("Planned again.", lambda c: replan(c, at.caller, route_id, now=at.now)),
        "halt": ("The route has ended; what it was to bring looks for another van.", halt),
    }  # fmt: skip
    return await _done(at, f"/dispatch/routes/{route_id}", steps, step)


@doing.post("/deliveries/{delivery_id}/move")
async def move(at: At, delivery_id: str) -> Response:
    """Put a delivery on another route, or in another place on its own."""
    form = await form_of(at.request)
    route_id, after = form.get("route_id", ""), form.get("after")
    await at.read(lambda connection: _check_seen(connection, at, delivery_id))
    other = await at.read(lambda c: find_route_seen(c, at.tenant_id, route_id, now=at.now, sees=at.sees))
    back = form.get("back", "") if form.get("back", "").startswith("/dispatch") else "/dispatch"
    return await at.do(
        lambda c: move_delivery(c, at.caller, delivery_id, route_id=route_id, after=after, now=at.now),
        then=back, done=f"Moved: it is on {other.name if other else route_id} now.",
    )  # fmt: skip


async def _board_now(at: Look) -> Board:
    """Return the board as it was at most a second ago: all who see the same share it."""
    boards: Shared[Board] = shared_of(at.request, "boards")
    return await boards.get(at.scene, lambda: at.read(_board(at)))


def _board(at: Look) -> Callable[[Connection], Board]:
    return lambda connection: read_board(
        connection, at.tenant_id, now=at.now, currency=at.currency, sees=at.sees, sites=at.scene[1]
    )  # fmt: skip


def _route(connection: Connection, at: Look, route_id: str) -> RouteSeen:
    found = find_route_seen(connection, at.tenant_id, route_id, now=at.now, sees=at.sees)
    if found is None:
        raise NotFoundError(f"route {route_id} does not exist.")
    return found


def _check_seen(connection: Connection, at: Look, delivery_id: str) -> None:
    """Go on if a delivery is of a site that this person sees."""
    of = deliveries.c
    found = connection.execute(select(of.site_id).where(of.delivery_id == delivery_id, of.tenant_id == at.tenant_id))
    site_id = found.scalar_one_or_none()
    if site_id is None or not at.sees(site_id):
        raise NotFoundError(f"delivery {delivery_id} does not exist.")


async def _done(
    at: Look, path: str, steps: dict[str, tuple[str, Callable[[Connection], object]]], step: str
) -> Response:
    if step not in steps:
        raise NotFoundError(f"there is no step {step}.")
    done, operation = steps[step]
    return await at.do(operation, then=path, done=done)


STRAIGHTS = {
    ("GET", "/dispatch/vehicles"): behind_check(NEEDS, watch),
    ("GET", "/dispatch/vehicles.json"): behind_check(NEEDS, send_vehicles),
}
"""What maps watch, or ask for every two seconds where they cannot."""
