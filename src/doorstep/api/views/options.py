"""What can be promised for a basket, as callers read it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from doorstep.api.models.options import Option, OptionCost, OwnVanCost
from doorstep.api.models.parts import Money, Window
from doorstep.api.option_ids import Offer, basket_number, option_id
from doorstep.api.views.why_not import fee_reason, what_works, why_not
from doorstep.domain.new_order import NewOrder
from doorstep.operations.caller import Caller
from doorstep.operations.intake.errors import OrderFaultsError
from doorstep.operations.intake.network import LiveNetwork, live_network
from doorstep.operations.memberships import as_members
from doorstep.operations.promise.costs import Earning, earnings_of
from doorstep.operations.promise.offers import Offered, offers_for
from doorstep.operations.promise.own_vans import OwnVan, own_vans_of
from doorstep.storage import Connection

POINTS = 4
"""Decimals of a probability."""


def options_for(
    connection: Connection,
    caller: Caller,
    order: NewOrder,
    *,
    at: int,
    now: int,
    currency: str,
    asked: str,
    secret: str,
    offered_until: int,
    with_costs: bool = False,
) -> list[Option]:
    """Return every service level and slot for a basket, those first that it can have.

    Parameters
    ----------
    order
        The basket and its door, of any service level.
    at
        When it would be placed [epoch s].
    asked
        What the names of options are bound to, ``{level}`` for the service level; they get no names for another moment.
    secret
        What names are signed with.
    offered_until
        How long the names are good [epoch s].
    with_costs
        Whether to tell what each option is expected to cost the retailer.

    Raises
    ------
    OrderFaultsError
        If the basket itself cannot be right, or there is no such membership.
    """
    network = live_network(connection, caller.tenant_id)
    basket = basket_number(order)
    ((order, faults),) = as_members(connection, caller.tenant_id, [order], now=at)
    if faults:
        raise OrderFaultsError(tuple(faults))
    offered = offers_for(connection, caller, order, at=at, now=now)
    earned = earnings_of(connection, caller.tenant_id, network, order, offered, now=at) if with_costs else {}
    vans = own_vans_of(connection, caller.tenant_id, network, order, offered, earned, now=at)
    options = []
    for one, van in zip(offered, vans, strict=True):
        name = None
        if one.refusal is None and at == now:
            until = min(offered_until, one.slot.cutoff_at - 1) if one.slot else offered_until
            offer = Offer(
                start_at=one.start_at, end_at=one.end_at, expires_at=until, fee_minor=one.fee_minor, basket=basket,
                slot_id=one.slot.slot_id if one.slot else None,
            )  # fmt: skip
            name = option_id(offer, asked=asked.replace("{level}", one.service_level_id), secret=secret)
        reason = fee_reason(network, order, one, currency)
        options.append(_shown(one, offered, network, earned, van, name=name, reason=reason, at=at, currency=currency))
    return sorted(options, key=lambda option: not option.feasible)


def _shown(
    one: Offered,
    offered: Sequence[Offered],
    network: LiveNetwork,
    earned: Mapping[str, Earning],
    van: OwnVan | None,
    *,
    name: str | None,
    reason: str,
    at: int,
    currency: str,
) -> Option:
    zone = ZoneInfo(network.time_zones[one.clock])
    cutoff_at = one.slot.cutoff_at if one.slot else _cutoff(network.cutoff(one.service_level_id, one.clock), zone, at)
    refusal, earning = one.refusal, earned.get(one.service_level_id)
    return Option(
        option_id=name,
        slot_id=one.slot.slot_id if one.slot else None,
        service_level_id=one.service_level_id,
        method=network.methods[network.levels[one.service_level_id]],
        window=Window(start=one.slot.starts_at, end=one.slot.ends_at) if one.slot
        else Window.of_closed(one.start_at, one.end_at),
        cutoff_at=cutoff_at if refusal is None or one.slot else None,
        fee=Money(amount=one.fee_minor, currency=currency),
        fee_rule_id=one.rule_id or None,
        membership_discount=Money(amount=one.discount_minor, currency=currency),
        fee_reason=reason,
        sites=list(one.sites),
        splits=one.splits,
        kept_probability=None if one.kept is None else round(one.kept, POINTS),
        cost=_cost(one, earning, van, currency) if earning and refusal is None else None,
        feasible=refusal is None,
        reason_code=refusal.code if refusal else None,
        reason=why_not(one),
        what_works=what_works(one, offered, zone),
        available_from=refusal.available_from if refusal else one.awaits,
        awaits_receipt=one.awaits is not None,
    )  # fmt: skip


def _cost(one: Offered, earning: Earning, van: OwnVan | None, currency: str) -> OptionCost:
    margin = earning.goods_minor + one.fee_minor - earning.cost_minor
    return OptionCost(
        expected=Money(amount=earning.cost_minor, currency=currency),
        margin=Money(amount=margin, currency=currency),
        own_van=_own_van(van, currency) if van else None,
    )


def _own_van(van: OwnVan, currency: str) -> OwnVanCost:
    return OwnVanCost(
        marginal=None if van.cost_minor is None else Money(amount=van.cost_minor, currency=currency),
        basis=van.basis,
        route_id=van.route_id or None,
        feasible=van.feasible,
        reason=van.reason,
    )


@lru_cache(maxsize=4_096)
def _cutoff(cutoff: str, zone: ZoneInfo, at: int) -> int:
    """Return the next moment at which the promise of a level becomes a later one."""
    hour, minute = map(int, cutoff.split(":"))
    return next(moment for moment in _daily(at, zone, hour, minute) if moment >= at)


def _daily(at: int, zone: ZoneInfo, hour: int, minute: int) -> Iterator[int]:
    """Yield a local time of the day of ``at`` and of each day after it, 24:00 being the next midnight."""
    day = datetime.fromtimestamp(at, UTC).astimezone(zone).date() + timedelta(days=hour // 24)
    while True:
        yield int(datetime.combine(day, time(hour % 24, minute), zone).timestamp())
        day += timedelta(days=1)
