"""Pages of third parties: who they are, what they ask, and another one with its tariff."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from doorstep.console.planner.tariff_text import COLUMNS, as_people_see, read_rows, shown_rows, text_of
from doorstep.console.shell.forms import form_of
from doorstep.console.shell.guard import Look, console_router, look
from doorstep.console.shell.pages import page
from doorstep.console.shell.said import go
from doorstep.console.shell.start import frame
from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.carriers.tariffs import (
    BrokenTariffError,
    Tariff,
    TariffFault,
    find_carrier,
    read_tariff,
    remove_carrier,
    write_carrier,
)
from doorstep.storage import Connection
from doorstep.storage.reference_faults import RowFault
from doorstep.storage.retailers import load_reference

NAME, PATH = "Plan", "/plan/carriers"
LONGEST = 400_000
"""Signs of a pasted tariff."""
router = console_router(PATH, "network:read")
network = console_router(PATH, "network:write")
At = Annotated[Look, Depends(look)]
WORDS = ("name", "kind", "basis", "serves_kinds", "collects", "delivers_from", "delivers_by", "weekdays", "skills")
NUMBERS = {"lead_min": ("lead_s", 60), "max_weight_kg": ("max_weight_g", 1_000), "daily_limit": ("daily_limit", 1),
           "failure_pct": ("failure_bp", 100)}  # fmt: skip
"""Fields that are numbers, the column of each and how many of its units are one."""


@router.get("")
async def show_carriers(at: At) -> Response:
    """Show all third parties, and the form for another one."""
    return await _list(at, {}, [])


@router.get("/{carrier_id:path}")
async def show_carrier(at: At, carrier_id: str) -> Response:
    """Show a third party and its tariff."""
    return await _one(at, carrier_id, None, [])


@network.post("")
async def add_carrier(at: At) -> Response:
    """Add a third party with its tariff, or show what is wrong with it beside what was typed."""
    form = await form_of(at.request, longest=LONGEST)
    carrier, tariff, faults = _read(form, at.currency)
    carrier_id = form.get("carrier_id", "")
    faults = faults or await _write(at, {"carrier_id": carrier_id} | carrier, tariff, version=0)
    if faults:
        return await _list(at, form, faults)
    return go(at.request, f"{PATH}/{carrier_id}", done="Added: it is weighed for every order from now on.")


@network.post("/{carrier_id:path}")
async def change_carrier(at: At, carrier_id: str) -> Response:
    """Change a third party and its tariff, or take it out."""
    form = await form_of(at.request, longest=LONGEST)
    if form.get("do") == "remove":
        return await at.do(
            lambda c: remove_carrier(c, at.caller, carrier_id, now=at.now),
            then=PATH,
            done=f"{carrier_id} is taken out.",
        )
    there = await at.read(lambda c: find_carrier(c, at.tenant_id, carrier_id))
    if there is None:
        raise NotFoundError(f"there is no carrier {carrier_id}.")
    carrier, tariff, faults = _read(form, at.currency)
    seen = int(form["version"]) if form.get("version", "").isdecimal() else there.version
    faults = faults or await _write(at, {**there.values, **carrier}, tariff, version=seen)
    if faults:
        return await _one(at, carrier_id, form, faults)
    return go(at.request, f"{PATH}/{carrier_id}", done="Changed: prices follow at once.")


async def _list(at: Look, typed: Mapping[str, str], faults: list[TariffFault]) -> Response:
    tables = await at.read(lambda c: load_reference(c, at.tenant_id))
    rates = dict(tables["carrier_rates"].group_by("carrier_id").len().iter_rows())
    cheapest = dict(tables["carrier_rates"].group_by("carrier_id").agg(lowest="price_minor").iter_rows())
    names = {
        "title": "Carriers", "carriers": tables["carriers"].to_dicts(), "rates": rates, "typed": typed,
        "cheapest": {name: min(prices) for name, prices in cheapest.items()}, "columns": COLUMNS,
        "faults": list(as_people_see(faults)), "may": at.may("network:write"),
    }  # fmt: skip
    status = 422 if faults else 200
    return page(at.request, "plan/carriers.html", names | await frame(at, NAME), status=status)


async def _one(at: Look, carrier_id: str, typed: Mapping[str, str] | None, faults: list[TariffFault]) -> Response:
    row, tariff = await at.read(
        lambda c: (find_carrier(c, at.tenant_id, carrier_id), read_tariff(c, at.tenant_id, carrier_id))
    )
    if row is None:
        raise NotFoundError(f"there is no carrier {carrier_id}.")
    parts = {part: shown_rows(part, getattr(tariff, part), at.currency) for part in COLUMNS}
    names = {
        "title": str(row.values["name"] or carrier_id), "carrier": row.values, "version": row.version, "parts": parts,
        "typed": typed or _typed(row.values, tariff, at.currency), "columns": COLUMNS, "changing": bool(faults),
        "faults": list(as_people_see(faults)), "may": at.may("network:write"),
    }  # fmt: skip
    status = 422 if faults else 200
    return page(at.request, "plan/carrier.html", names | await frame(at, NAME), status=status)


async def _write(at: Look, carrier: Mapping[str, object], tariff: Tariff, *, version: int) -> list[TariffFault]:
    def act(connection: Connection) -> None:
        write_carrier(connection, at.caller, carrier, tariff, version=version, now=at.now)

    try:
        await at.write(act)
    except BrokenTariffError as broken:
        return list(broken.faults)
    except ConflictError:
        taken = "is taken already" if version == 0 else "was changed by somebody meanwhile: look at it again"
        return [TariffFault("carrier", 0, RowFault("carrier_id", carrier["carrier_id"], taken))]
    return []


def _read(form: Mapping[str, str], currency: str) -> tuple[dict[str, object], Tariff, list[TariffFault]]:
    """Return the carrier's cells and tariff of a form, and what cannot be read."""
    carrier: dict[str, object] = {name: form[name] for name in WORDS if form.get(name)}
    carrier |= {name: "" for name in ("name", "serves_kinds", "skills") if not form.get(name)}
    faults = []
    for field, (column, units) in NUMBERS.items():
        if field in form:
            try:
                carrier[column] = round(float(form[field]) * units) if form[field] else None
            except (ValueError, OverflowError):
                faults.append(TariffFault("carrier", 0, RowFault(field, form[field], "must be a number")))
    parts = {}
    for part in COLUMNS:
        parts[part], wrong = read_rows(part, form.get(part, ""), currency)
        faults += wrong
    return carrier, Tariff(**parts), faults


def _typed(carrier: Mapping[str, object], tariff: Tariff, currency: str) -> dict[str, str]:
    """Return a form as it would have been filled in for a carrier as it stands."""
    typed = {name: str(carrier[name]) for name in WORDS}
    for field, (column, units) in NUMBERS.items():
        value = carrier[column]
        typed[field] = "" if value is None else f"{float(str(value)) / units:.10g}"
    return typed | {part: text_of(part, getattr(tariff, part), currency) for part in COLUMNS}
