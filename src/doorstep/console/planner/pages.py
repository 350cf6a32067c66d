"""Pages of the planner, and what their map asks for."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from pydantic import ValidationError
from starlette.responses import HTMLResponse, JSONResponse, Response

from doorstep.api.models.proposals import StockProposal
from doorstep.api.models.stock_plans import StockPlanWishes
from doorstep.api.models.studies import NetworkStudyCreate
from doorstep.api.views.proposals import list_proposals
from doorstep.api.views.stock_plans import STOCK_PLANS, new_stock_plan
from doorstep.api.views.studies import STUDIES, new_study
from doorstep.console.dispatcher.board import zone_of
from doorstep.console.planner.costs import cost_by_day
from doorstep.console.planner.heat import Heat, heat_of
from doorstep.console.planner.in_force import study_in_force
from doorstep.console.planner.network_map import map_in_force, map_of_study, rows_of
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page, part
from doorstep.console.shell.said import go
from doorstep.console.shell.start import FACES, Face, frame
from doorstep.foundation import NotFoundError
from doorstep.operations.planning.adopt import adopt_study
from doorstep.operations.planning.asked import cancel_asked
from doorstep.operations.planning.kept_tables import kept_tables
from doorstep.operations.planning.stock_plans import KIND as STOCK_PLAN
from doorstep.operations.planning.stock_plans import ask_stock_plan
from doorstep.operations.planning.studies import KIND as STUDY
from doorstep.operations.planning.studies import ask_study
from doorstep.operations.stock_proposals import accept_proposal, reject_proposal
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference

NAME = "Plan"
DOES = "Network and regions, demand and stock, what is proposed, and what a parcel costs."
FACES.append(Face(path="/plan", needs="network:read", name=NAME, does=DOES))
router = console_router("/plan", "network:read")
network = console_router("/plan", "network:write")
stock = console_router("/plan", "stock:write")
At = Annotated[Look, Depends(look)]
MOST = 100
STOCK = "/plan/stock"
ACTIONS = {"buy": "Buy", "transfer": "Move", "markdown": "Mark down", "return": "Send back"}


@router.get("")
async def show_overview(at: At) -> Response:
    """Show what there is to decide, and how the last days went."""

    def query(connection: Connection) -> dict[str, object]:
        zone = zone_of(connection, at.tenant_id, at.sees)
        tables = load_reference(connection, at.tenant_id)
        return {
            "zone": zone,
            "days": cost_by_day(connection, at.tenant_id, zone, now=at.now),
            "sites": tables["sites"].height,
            "in_force": study_in_force(connection, at.tenant_id),
            "with_vans": tables["vehicles"]["site_id"].n_unique(),
            "studies": STUDIES.page(connection, at.tenant_id, limit=5),
            "plans": STOCK_PLANS.page(connection, at.tenant_id, limit=5),
            "proposals": _open_proposals(connection, at),
        }

    names = {"title": NAME, "actions": ACTIONS} | await at.read(query)
    return page(at.request, "plan/overview.html", names | await frame(at, NAME))


@router.get("/network")
async def show_network(at: At) -> Response:
    """Show the sites, the studies, and the form for another one."""
    studies = await at.read(lambda connection: STUDIES.page(connection, at.tenant_id, limit=MOST))
    zone = await at.read(lambda connection: zone_of(connection, at.tenant_id, at.sees))
    in_force = await at.read(lambda connection: study_in_force(connection, at.tenant_id))
    names = {"title": "Network", "studies": studies, "zone": zone, "may": at.may("network:write"), "in_force": in_force}
    return page(at.request, "plan/network.html", names | await frame(at, NAME))


@router.get("/network.json")
async def send_network(at: At) -> Response:
    """Send the sites as they are, on the zones of the network in force."""

    def query(connection: Connection) -> dict[str, object]:
        sites, study = (
            load_reference(connection, at.tenant_id)["sites"].to_dicts(),
            study_in_force(connection, at.tenant_id),
        )
        kept = kept_tables(connection, at.tenant_id, study.id, ("zones",)) if study else {}
        return map_in_force(sites, kept.get("zones", {}))

    return JSONResponse(await at.read(query))


@router.get("/network/{study_id}")
async def show_study(at: At, study_id: str) -> Response:
    """Show a study: today's network beside the plan, what to change first, and the map."""

    def query(connection: Connection) -> dict[str, object]:
        study = STUDIES.find(connection, at.tenant_id, study_id)
        kept = kept_tables(connection, at.tenant_id, study_id, ("steps", "regions"))
        tables = {name: rows_of(cells) for name, cells in kept.items()}
        return {"study": study, "steps": tables.get("steps", []), "regions": tables.get("regions", []),
                "zone": zone_of(connection, at.tenant_id, at.sees)}  # fmt: skip

    names = {"title": "Network study", "may": at.may("network:write")} | await at.read(query)
    return page(at.request, "plan/study.html", names | await frame(at, NAME))


@router.get("/network/{study_id}/state")
async def show_study_state(at: At, study_id: str) -> Response:
    """Show anew how far a study is."""
    study = await at.read(lambda connection: STUDIES.find(connection, at.tenant_id, study_id))
    return HTMLResponse(part("plan/study_state.html", {"study": study}))


@router.get("/network/{study_id}/map.json")
async def send_study_map(at: At, study_id: str) -> Response:
    """Send zones and sites of a study."""
    tables = await at.read(lambda c: kept_tables(c, at.tenant_id, study_id, ("zones", "sites")))
    if len(tables) < 2:
        raise NotFoundError(f"network study {study_id} has no map.", hint="Maybe it is not done yet.")
    return JSONResponse(map_of_study(tables["zones"], tables["sites"]))


@router.get("/stock")
async def show_stock(at: At) -> Response:
    """Show what is proposed about the stock, and the plans."""

    def query(connection: Connection) -> dict[str, object]:
        products = load_reference(connection, at.tenant_id)["products"].select("product_id", "name")
        return {"proposals": _open_proposals(connection, at), "products": dict(products.iter_rows()),
                "plans": STOCK_PLANS.page(connection, at.tenant_id, limit=MOST),
                "heat": _heat(connection, at.tenant_id),
                "zone": zone_of(connection, at.tenant_id, at.sees)}  # fmt: skip

    names = {"title": "Stock", "actions": ACTIONS, "may": at.may("stock:write")} | await at.read(query)
    return page(at.request, "plan/stock.html", names | await frame(at, NAME))


@network.post("/network")
async def begin_study(at: At) -> Response:
    """Ask for a study."""
    form = await form_of(at.request)
    asked = _wishes(form, whole=("regions", "hubs", "patience_s"), shares=("tolerance",), words=("name",))
    try:
        wanted = NetworkStudyCreate.model_validate(asked)
    except ValidationError as faults:
        return go(at.request, "/plan/network", refused=_told(faults))
    study = new_study(wanted, now=at.now)
    return await at.do(
        lambda c: ask_study(c, at.caller, study, now=at.now),
        then="/plan/network",
        done="The study is being worked out.",
    )


@network.post("/network/{study_id}/{step}")
async def step_study(at: At, study_id: str, step: str) -> Response:
    """Adopt a study or call it off."""
    path = f"/plan/network/{study_id}"
    if step == "adopt":
        return await at.do(
            lambda c: adopt_study(c, at.caller, study_id, now=at.now), then=path, done="It is the network now."
        )
    if step == "cancel":
        return await at.do(
            lambda c: cancel_asked(c, at.caller, STUDY, study_id, now=at.now), then=path, done="Called off."
        )
    raise NotFoundError(f"there is no step {step}.")


@stock.post("/stock")
async def begin_stock_plan(at: At) -> Response:
    """Ask for a plan of the stock."""
    form = await form_of(at.request)
    asked = _wishes(form, whole=("days", "patience_s"), shares=(), words=("name",))
    try:
        wanted = StockPlanWishes.model_validate(asked | {"only_move": form.get("only_move") == "yes"})
    except ValidationError as faults:
        return go(at.request, "/plan/stock", refused=_told(faults))
    plan = new_stock_plan(wanted, now=at.now)
    return await at.do(
        lambda c: ask_stock_plan(c, at.caller, plan, now=at.now), then=STOCK, done="The plan is being worked out."
    )


@stock.post("/stock/{plan_id}/cancel")
async def cancel_stock_plan(at: At, plan_id: str) -> Response:
    """Call a plan off."""
    return await at.do(
        lambda c: cancel_asked(c, at.caller, STOCK_PLAN, plan_id, now=at.now), then=STOCK, done="Called off."
    )


@stock.post("/proposals/{proposal_id}/{step}")
async def decide(at: At, proposal_id: str, step: str) -> Response:
    """Take a proposal up or turn it down."""
    reason = (await form_of(at.request)).get("reason", "") or "not now"
    if step == "accept":
        return await at.do(
            lambda c: accept_proposal(c, at.caller, proposal_id, now=at.now), then=STOCK, done="Taken up."
        )
    if step == "reject":
        return await at.do(
            lambda c: reject_proposal(c, at.caller, proposal_id, reason=reason, now=at.now),
            then=STOCK, done="Turned down.",
        )  # fmt: skip
    raise NotFoundError(f"there is no step {step}.")


def _heat(connection: Connection, tenant_id: str) -> Heat | None:
    """Return the heat table of the last plan that is worked out, None if there is none or nothing was expected."""
    done = (plan for plan in STOCK_PLANS.page(connection, tenant_id, limit=MOST) if plan.state == "done")
    last = next(done, None)
    tables = kept_tables(connection, tenant_id, last.id, ["stock"]) if last else {}
    return heat_of(tables["stock"], last.asked.days) if last and tables else None


def _open_proposals(connection: Connection, at: Look) -> list[StockProposal]:
    found = list_proposals(connection, at.tenant_id, currency=at.currency, limit=MOST, state="proposed")
    return sorted((p for p in found if at.sees(p.site_id)), key=lambda p: -p.value.amount)


def _wishes(
    form: Mapping[str, str], *, whole: tuple[str, ...], shares: tuple[str, ...], words: tuple[str, ...]
) -> dict[str, object]:
    """Return the fields of a form that are filled in: whole numbers, percentages as shares, and words."""
    asked: dict[str, object] = {name: form[name] for name in words if form.get(name)}
    for name in whole:
        if form.get(name):
            asked[name] = int(form[name]) if form[name].isdecimal() else form[name]
    for name in shares:
        if form.get(name):
            asked[name] = float(form[name]) / 100 if form[name].replace(".", "", 1).isdecimal() else form[name]
    return asked


def _told(faults: ValidationError) -> str:
    """Return what is wrong with a form, field by field."""
    return " ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}." for fault in faults.errors())
