"""What options are expected to cost the retailer, as order routing would decide on them now.

Routing weighs rate cards and usual van routes, which takes far longer than an answer to a shopper may: only those who
ask for costs pay for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.operations.corridor.live import SiteDecision
from doorstep.operations.fulfil.trial import Free, free_units, try_order
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.promise.offers import Offered
from doorstep.storage import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """What an option costs (handling and bringing), and what the goods earn without delivery [minor units].

    ``own_drop_minor`` is what own vans usually cost for it, None if they do not come; ``site_id`` is the site that
    would serve all of it, empty if there are several.
    """

    cost_minor: int
    goods_minor: int
    own_drop_minor: int | None = None
    site_id: str = ""


def earnings_of(
    connection: Connection,
    tenant_id: str,
    network: LiveNetwork,
    order: NewOrder,
    offered: Sequence[Offered],
    *,
    now: int,
) -> dict[str, Earning]:
    """Return what each service level that can be had costs and earns; those that routing cannot serve are left out.

    A slot costs what its service level does. A split costs what its parts cost, each brought alone.
    """
    goods = sum(network.margin_minor[line.product_id] * line.quantity for line in order.lines)
    free = free_units(connection, tenant_id, order.lines)
    found: dict[str, Earning] = {}
    for one in offered:
        if one.refusal is None and one.slot is None:
            pickup = one.sites[0] if network.collected[network.levels[one.service_level_id]] else ""
            asked = replace(
                order, service_level_id=one.service_level_id, pickup_site_id=pickup, extras="",
                service_s=network.door.service_s(order, network.levels[one.service_level_id]),
                requirements=network.door.requirements(order),
            )  # fmt: skip
            decided = try_order(connection, tenant_id, asked, free, now=now)
            cost = _cost(connection, tenant_id, asked, free, decided, now)
            if cost is not None:
                sites = decided.allocations["site_id"].unique().to_list()
                found[one.service_level_id] = Earning(
                    cost_minor=cost,
                    goods_minor=goods,
                    own_drop_minor=_own_drops(decided),
                    site_id=sites[0] if len(sites) == 1 else "",
                )
    return found


def _own_drops(decided: SiteDecision) -> int | None:
    """Return what own vans usually cost from all the sites together, None if one of them has none."""
    costs = decided.own_drops["own_minor"].to_list()
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _cost(
    connection: Connection, tenant_id: str, order: NewOrder, free: Sequence[Free], decided: SiteDecision, now: int
) -> int | None:
    costs = _chosen(decided)
    if len(costs) > 1:
        costs = []
        for site, lines in _parts(decided):
            here = [units for units in free if units[0] == site]
            costs += _chosen(try_order(connection, tenant_id, replace(order, lines=lines), here, now=now))
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None


def _chosen(decided: SiteDecision) -> list[int | None]:
    """Return what each chosen site would cost if it served all alone, None where it could not."""
    return [row["cost_minor"] for row in decided.decisions.iter_rows(named=True) if row["chosen"]]


def _parts(decided: SiteDecision) -> Iterator[tuple[str, tuple[NewLine, ...]]]:
    by_site: dict[str, list[NewLine]] = {}
    for _, product, site, quantity in decided.allocations.iter_rows():
        by_site.setdefault(site, []).append(NewLine(product_id=product, quantity=quantity))
    for site, lines in by_site.items():
        yield site, tuple(lines)
