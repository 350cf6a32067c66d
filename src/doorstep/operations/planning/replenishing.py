"""From a plan of the stock to what should be done: buy, move, ship from elsewhere, mark down, and by when."""

import re

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats, Ints, index_of, ints, ints_or
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.operations.planning.placing import DAYS_A_YEAR, StockStudy, StockWishes, rest_of_orders
from doorstep.placement import ReplenishmentPlan, ReplenishmentProblem, propose
from doorstep.placement.problem import UNLIMITED
from doorstep.warehouse.problem import product_volume_ml

LEAD_DAYS = 1
"""Days from a purchase to the shelf, where the folder does not say."""
MARKED_DOWN = 0.5
"""What a unit brings if it is marked down, as a share of what it was bought for."""
LIFE_DAYS = 90
"""Days after which what has not sold is marked down."""
MOST_PROPOSALS = 2_000
"""Proposals that are kept, the most valuable."""
SITE = re.compile(r"\b[Ss]ite (\d+)\b")
"""How reasons name a site: by its row."""
COLUMNS = {"action": pl.String, "product_id": pl.String, "from_site_id": pl.String, "site_id": pl.String,
           "units": pl.Int64, "value_minor": pl.Int64, "deadline": pl.Date, "reason": pl.String}  # fmt: skip


def proposals_of(
    retailer: Retailer, study: StockStudy, wishes: StockWishes, *, today: int | None = None
) -> pl.DataFrame:
    """Return what should be done with the stock today, the most valuable first.

    ``today`` is the number of the day [days since 1970-01-01], None for that of the last order.

    Sites are filled to what demand, margin and holding ask for; trucks drive where the folder has lanes. Nothing is
    marked down at stores: what their walk-in shoppers buy is not among the orders.
    """
    table = proposal_table(retailer, propose(replenishment_problem(retailer, study, wishes, today=today)))
    stores = retailer.sites.filter(pl.col("kind").cast(pl.String) == "store")["site_id"].implode()
    return table.filter((pl.col("action") != "markdown") | ~pl.col("site_id").is_in(stores)).head(MOST_PROPOSALS)


def replenishment_problem(
    retailer: Retailer, study: StockStudy, wishes: StockWishes, *, today: int | None = None
) -> ReplenishmentProblem:
    """Return what replenishment needs of a retailer and its demand."""
    today = _today(retailer) if today is None else today
    products, demand, problem = retailer.products, study.demand, study.problem
    margin = ints(products["margin_minor"]).astype(np.float64)
    bought = np.maximum(ints(products["price_minor"]) - margin, 0.0)
    count = products.height
    lead = min(LEAD_DAYS, demand.days)
    room, cost, days = _lanes(retailer)
    apart = np.where(problem.region[:, None] == problem.region, study.tiers.cost_minor[1], study.tiers.cost_minor[2])
    ship = np.maximum(apart - study.tiers.cost_minor[0], 0.0)
    np.fill_diagonal(ship, 0.0)
    return ReplenishmentProblem(
        today=today,
        on_hand=problem.present,
        incoming=_incoming(retailer, today + 1 + demand.days),
        mean=demand.mean,
        k=demand.k,
        cover_days=np.full(count, demand.days),
        lead_days=np.full(count, lead),
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
    )


def proposal_table(retailer: Retailer, plan: ReplenishmentPlan) -> pl.DataFrame:
    """Return proposals as a table, the most valuable first."""
    sites, products = retailer.sites["site_id"], retailer.products["product_id"]
    rows = [
        (
            str(each.kind).replace("-", "_"),
            products[each.product],
            sites[each.source] if each.source not in (-1, each.site) else "",
            sites[each.site],
            each.quantity,
            each.value_minor,
            each.deadline,
            SITE.sub(lambda found: str(sites[int(found[1])]), each.reason),
        )
        for each in plan.proposals
    ]
    numbered = pl.DataFrame(rows, schema=COLUMNS | {"deadline": pl.Int32}, orient="row")
    return numbered.with_columns(pl.col("deadline").cast(pl.Date))


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


def _incoming(retailer: Retailer, until: int) -> Ints:
    """Return the units that are expected before a day (I, S)."""
    found = np.zeros((retailer.products.height, retailer.sites.height), np.int64)
    receipts = retailer.receipts.filter(pl.col("expected_at") < until * SECONDS_PER_DAY)
    product = index_of(receipts["product_id"], retailer.products["product_id"], what="product_id")
    site = index_of(receipts["site_id"], retailer.sites["site_id"], what="site_id")
    np.add.at(found, (product, site), ints(receipts["units"]))
    return found


def _today(retailer: Retailer) -> int:
    """Return the day of the last order [days since 1970-01-01, UTC]."""
    return int(ints(retailer.orders["placed_at"]).max()) // SECONDS_PER_DAY
