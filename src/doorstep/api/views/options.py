"""What can be promised for a basket, worked out as intake would, with nothing written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from doorstep.api.models.options import Option
from doorstep.api.models.parts import Money, Window
from doorstep.api.option_ids import Offer, option_id
from doorstep.domain.new_order import NewOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.balances import Balances
from doorstep.operations.intake.draft import Draft, Intake, prepare
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.storage import Connection

MOST_PICKUPS = 5
"""Nearest sites at which a basket is tried for collection."""


def options_for(
    connection: Connection, caller: Caller, order: NewOrder, *, at: int, currency: str, asked: str, offered_until: int
) -> list[Option]:
    """Return every service level for a basket, those first that it can have.

    Parameters
    ----------
    order
        The basket and its door, of any service level.
    at
        When it would be placed [epoch s].
    asked
        What the names of options are bound to, ``{level}`` for the service level; empty: they get no names.
    offered_until
        How long the names are good [epoch s].

    Raises
    ------
    OrderFaultsError
        If the basket itself cannot be right.
    """
    network = live_network(connection, caller.tenant_id)
    if not asked:  # windows of a minute to come are not worth keeping for others
        connection.memorable = False
    tried = _tried(connection, caller, network, order, at=at)
    fees, methods = network.fee_minor, network.tables["service_levels"]["method"]
    options = []
    for level, row in network.levels.items():
        good = [draft for draft in tried[level] if draft.answer is None]
        best = (good or tried[level])[0]
        offer = Offer(start_at=best.start_at, end_at=best.end_at, expires_at=offered_until)
        options.append(
            Option(
                option_id=option_id(offer, asked=asked.replace("{level}", level)) if good and asked else None,
                service_level_id=level,
                method=str(methods[row]),
                window=Window.of_closed(best.start_at, best.end_at),
                cutoff_at=_cutoff(network, row, best, at) if good else None,
                fee=Money(amount=fees[row], currency=currency),
                sites=[each.intake.order.pickup_site_id for each in good] if network.collected[row] else _sites(best),
                feasible=bool(good),
                reason=best.answer.message if isinstance(best.answer, DoorstepError) else "",
            )
        )
    return sorted(options, key=lambda option: not option.feasible)


def _tried(
    connection: Connection, caller: Caller, network: LiveNetwork, order: NewOrder, *, at: int
) -> dict[str, list[Draft]]:
    """Return the order tried out with every service level: at the door, or at each of the nearest sites."""
    tried = {
        level: [
            Draft(Intake(caller=caller, order=replace(order, service_level_id=level, pickup_site_id=site), now=at), "")
            for site in (_pickups(network, order) if network.collected[row] else [""])
        ]
        for level, row in network.levels.items()
    }
    drafts = [draft for each in tried.values() for draft in each]
    prepare(connection, caller.tenant_id, network, drafts, at)
    for draft in drafts:
        if isinstance(draft.answer, OrderFaultsError):
            raise draft.answer
        Balances(connection, caller.tenant_id, network, at).assign([draft])
    return tried


def _pickups(network: LiveNetwork, order: NewOrder) -> list[str]:
    return network.by_distance(network.site_rows, lat=order.lat, lon=order.lon)[:MOST_PICKUPS]


def _sites(draft: Draft) -> list[str]:
    return list(dict.fromkeys(piece.site_id for piece in draft.pieces))


def _cutoff(network: LiveNetwork, level: int, draft: Draft, at: int) -> int:
    """Return the next moment at which the promise of a level becomes a later one."""
    site = draft.intake.order.pickup_site_id or network.site_ids[network.near([_door(draft)])[0].clock]
    zone = ZoneInfo(network.tables["sites"]["time_zone"][network.site_rows[site]])
    hour, minute = map(int, str(network.tables["service_levels"]["cutoff"][level]).split(":"))
    return next(moment for moment in _daily(at, zone, hour, minute) if moment >= at)


def _daily(at: int, zone: ZoneInfo, hour: int, minute: int) -> Iterator[int]:
    """Yield a local time of the day of ``at`` and of each day after it, 24:00 being the next midnight."""
    day = datetime.fromtimestamp(at, UTC).astimezone(zone).date() + timedelta(days=hour // 24)
    while True:
        yield int(datetime.combine(day, time(hour % 24, minute), zone).timestamp())
        day += timedelta(days=1)


def _door(draft: Draft) -> tuple[float, float]:
    return draft.intake.order.lat, draft.intake.order.lon
