"""An order on its way in: checked, with its promise and the sites that may serve it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from doorstep.domain.new_order import MOST_LINES, NewOrder, TakenOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.choose import Piece
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.intake.holds import slot_of_hold
from doorstep.operations.intake.network import LiveNetwork, Near, windows_at
from doorstep.storage import Connection

Fault = tuple[str, str, str]
MOST_UNITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One request: an order, who sent it and when; ``key`` names the request, so that sending it again is safe."""

    caller: Caller
    order: NewOrder
    now: int
    key: str | None = None


@dataclass(slots=True)
class Draft:
    """An order on its way in; window ends belong to it [epoch s], ``hours`` are the pick hours by site."""

    intake: Intake
    fingerprint: str
    order_id: str = ""
    code: str = ""
    state: str = "placed"
    start_at: int = 0
    end_at: int = 0
    fee_minor: int = 0
    first_sites: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    hours: dict[str, int] = field(default_factory=dict)
    answer: TakenOrder | DoorstepError | None = None

    @property
    def products(self) -> set[str]:
        """The products ordered."""
        return {line.product_id for line in self.intake.order.lines}

    @property
    def lines_at(self) -> dict[str, int]:
        """How many order lines each site picks."""
        lines: dict[str, int] = {}
        for site, _ in sorted({(piece.site_id, piece.line_no) for piece in self.pieces}):
            lines[site] = lines.get(site, 0) + 1
        return lines


def prepare(connection: Connection, tenant_id: str, network: LiveNetwork, drafts: Sequence[Draft], now: int) -> None:
    """Give drafts their ids, promises and candidate sites, or the faults of what was asked as their answers."""
    sound = []
    for draft in drafts:
        faults = faults_of(draft.intake.order, network, now)
        if faults:
            draft.answer = OrderFaultsError(tuple(faults))
        else:
            sound.append(draft)
    nearby = network.near([(draft.intake.order.lat, draft.intake.order.lon) for draft in sound])
    for draft, near in zip(sound, nearby, strict=True):
        _prepare(connection, tenant_id, network, draft, near, now)


def _prepare(connection: Connection, tenant_id: str, network: LiveNetwork, draft: Draft, near: Near, now: int) -> None:
    order = draft.intake.order
    level = network.levels[order.service_level_id]
    clock, draft.first_sites, draft.sites = near.clock, near.first, near.sites
    if network.collected[level]:
        clock = network.site_rows[order.pickup_site_id]
        draft.sites = (order.pickup_site_id, *network.lanes_to.get(order.pickup_site_id, ()))
        draft.first_sites = draft.sites[:1]
    draft.order_id = connection.new_id("ord", now)
    draft.code = connection.new_code()
    draft.fee_minor = network.fee_minor[level]
    if order.hold_id is not None:
        slot = slot_of_hold(connection, tenant_id, order.hold_id)
        draft.start_at, draft.end_at = (slot.starts_at, slot.ends_at - 1) if slot else (now, now)
        draft.fee_minor = slot.fee_minor if slot else draft.fee_minor
    elif order.window is not None:
        draft.start_at, draft.end_at = order.window
    else:
        windows = windows_at(connection, tenant_id, network, now)
        draft.start_at, draft.end_at = int(windows.start_at[level, clock]), int(windows.end_at[level, clock])


def faults_of(order: NewOrder, network: LiveNetwork, now: int) -> list[Fault]:
    """Return everything about an order that cannot be right: field, value and rule."""
    faults: list[Fault] = []
    if not (-90 <= order.lat <= 90 and -180 <= order.lon <= 180):
        faults.append(("place", f"{order.lat}, {order.lon}", "must be WGS 84 degrees"))
    if not 1 <= len(order.lines) <= MOST_LINES:
        faults.append(("lines", str(len(order.lines)), f"must be 1 to {MOST_LINES}"))
    for row, line in enumerate(order.lines):
        if line.product_id not in network.products:
            faults.append((f"lines/{row}/product_id", line.product_id, "is not a product"))
        if not 1 <= line.quantity <= MOST_UNITS:
            faults.append((f"lines/{row}/quantity", str(line.quantity), f"must be 1 to {MOST_UNITS}"))
    if order.window is not None and not now < order.window[1] >= order.window[0]:
        faults.append(("window", f"{order.window[0]} to {order.window[1]}", "must end after it starts, and after now"))
    return faults + _level_faults(order, network)


def _level_faults(order: NewOrder, network: LiveNetwork) -> list[Fault]:
    level = network.levels.get(order.service_level_id)
    if level is None:
        return [("service_level_id", order.service_level_id, "is not a service level")]
    if network.collected[level] and order.pickup_site_id not in network.site_rows:
        return [("pickup_site_id", order.pickup_site_id, "must be the site where the shopper collects")]
    if not network.collected[level] and order.pickup_site_id:
        return [("pickup_site_id", order.pickup_site_id, "goes only with collected orders")]
    return []
