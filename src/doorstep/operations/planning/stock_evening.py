"""What is done with the stock in the evening: all that replenishment proposes.

``replenishment`` states a day's problem and ``worth_doing`` which proposals are kept: a plan of the stock lists them,
and days that are replayed do them, evening after evening.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats, Ints, index_of, ints, ints_or
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.operations.planning.site_demand import SiteDemand
from doorstep.operations.planning.stock_ledger import Movements
from doorstep.operations.planning.stock_problem import DAYS_A_YEAR, Tiers, rest_of_orders
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.placement import PlacementProblem, ReplenishmentPlan, ReplenishmentProblem, propose
from doorstep.placement.problem import UNLIMITED
from doorstep.placement.replenishment import Kind, Proposal
from doorstep.warehouse.problem import product_volume_ml

LEAD_DAYS = 1
"""Days from a purchase to the shelf, where the folder does not say."""
MARKED_DOWN = 0.5
"""What a unit brings if it is marked down, as a share of what it was bought for."""
LIFE_DAYS = 90
"""Days after which what has not sold is marked down."""

Evening = Callable[[Ints, Movements], Movements]
"""From what lies on the shelves (I, S) and what is on its way to what is sent now."""


def accept_proposals(retailer: Retailer, first: ReplenishmentProblem) -> Evening:
    """Return the evening on which all is done that is worth doing, by the problem of a ``first`` day."""
    stores, days = stores_of(retailer), int(first.cover_days.max())

    def evening(on_hand: Ints, coming: Movements) -> Movements:
        soon = coming.arriving(on_hand.shape, within=days)
        done = worth_doing(propose(replace(first, on_hand=on_hand, incoming=soon)), stores)
        return movements_of(done, first)

    return evening


def movements_of(proposals: tuple[Proposal, ...], problem: ReplenishmentProblem) -> Movements:
    """Return what proposals move; an order that is served from elsewhere moves when it is there."""
    rows = []
    for each in proposals:
        if each.kind == Kind.BUY:
            days = int(problem.lead_days[each.product])
            rows.append((each.product, -1, each.site, each.quantity, max(1, days)))
        elif each.kind == Kind.TRANSFER:
            days = int(problem.lane_days[each.source, each.site])
            rows.append((each.product, each.source, each.site, each.quantity, max(1, days)))
        elif each.kind == Kind.MARKDOWN:
            rows.append((each.product, each.site, -1, each.quantity, 1))
    return Movements.of(rows)


def worth_doing(plan: ReplenishmentPlan, stores: tuple[int, ...]) -> tuple[Proposal, ...]:
    """Return the proposals that are kept, the most valuable first.

    Nothing is marked down at ``stores``: what their walk-in shoppers buy is not among the orders.
    """
    return tuple(each for each in plan.proposals if each.kind != Kind.MARKDOWN or each.site not in stores)


def stores_of(retailer: Retailer) -> tuple[int, ...]:
    """Return the rows of the sites that are stores."""
    return tuple(np.flatnonzero((retailer.sites["kind"].cast(pl.String) == "store").to_numpy()).tolist())


def replenishment(
    retailer: Retailer,
    demand: SiteDemand,
    problem: PlacementProblem,
    tiers: Tiers,
    wishes: StockWishes,
    *,
    target: Ints | None = None,
    today: int | None = None,
) -> ReplenishmentProblem:
    """Return what replenishment needs of a retailer and its demand, towards the ``target`` (I, S) of a plan or none.

    ``today`` is the number of the day [days since 1970-01-01], None for that of the last order.
    """
    today = today_of(retailer) if today is None else today
    margin = ints(retailer.products["margin_minor"]).astype(np.float64)
    bought = np.maximum(ints(retailer.products["price_minor"]) - margin, 0.0)
    count = retailer.products.height
    room, cost, days = _lanes(retailer)
    apart = np.where(problem.region[:, None] == problem.region, tiers.cost_minor[1], tiers.cost_minor[2])
    ship = np.maximum(apart - tiers.cost_minor[0], 0.0)
    np.fill_diagonal(ship, 0.0)
    return ReplenishmentProblem(
        today=today,
        on_hand=problem.present,
        incoming=receipts_of(retailer, today).arriving(problem.present.shape, within=demand.days),
        mean=demand.mean,
        k=demand.k,
        cover_days=np.full(count, demand.days),
        lead_days=np.full(count, min(LEAD_DAYS, demand.days)),
        margin_minor=np.maximum(margin, 0.0) + rest_of_orders(retailer),
        holding_minor=bought * wishes.holding * demand.days / DAYS_A_YEAR,
        service=np.zeros(count),
        buyable=np.full(count, 0 if wishes.only_move else UNLIMITED),
        pack=np.ones(count, np.int64),
        inbound=problem.inbound,
        cube=problem.cube,
        lane_room=room,
        lane_cost_minor=cost,
        lane_days=days,
        ship_cost_minor=ship,
        life_days=np.full(count, LIFE_DAYS),
        markdown_minor=MARKED_DOWN * bought,
        target=target,
    )


def receipts_of(retailer: Retailer, today: int) -> Movements:
    """Return what is expected, with the days from today on; what is late comes tomorrow."""
    receipts = retailer.receipts
    site = index_of(receipts["site_id"], retailer.sites["site_id"], what="site_id")
    product = index_of(receipts["product_id"], retailer.products["product_id"], what="product_id")
    days = np.maximum(ints(receipts["expected_at"]) // SECONDS_PER_DAY - today, 1)
    return Movements(product, np.full(site.size, -1), site, ints(receipts["units"]), days)


def today_of(retailer: Retailer) -> int:
    """Return the day of the last order [days since 1970-01-01, UTC]."""
    return int(ints(retailer.orders["placed_at"]).max()) // SECONDS_PER_DAY


def _lanes(retailer: Retailer) -> tuple[Floats, Floats, Ints]:
    """Return room, cost of a unit and days of the lanes between sites (S, S) each; room is 0 where there is none.

    A parcel is as large as an order is on average.
    """
    count = retailer.sites.height
    room, cost, days = np.zeros((count, count)), np.zeros((count, count)), np.ones((count, count), np.int64)
    lines = retailer.order_lines
    volume = product_volume_ml(retailer.products)[
        index_of(lines["product_id"], retailer.products["product_id"], what="product_id")
    ]
    units = max(int(lines["quantity"].sum()), 1)
    orders = max(retailer.orders.height, 1)
    parcel_ml = float((volume * ints(lines["quantity"])).sum()) / orders
    lanes = retailer.lanes
    start, end = (
        index_of(lanes[name], retailer.sites["site_id"], what=name) for name in ("from_site_id", "to_site_id")
    )
    room[start, end] = ints_or(lanes["capacity_parcels"], UNLIMITED) * max(parcel_ml, 1.0)
    cost[start, end] = ints(lanes["parcel_cost_minor"]) * orders / units
    days[start, end] = 1 + ints(lanes["duration_s"]) // SECONDS_PER_DAY
    return room, cost, days
