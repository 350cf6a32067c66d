"""From a plan of the stock to what should be done: buy, move, ship from elsewhere, mark down, and by when."""

import re

import polars as pl

from doorstep.domain import Retailer
from doorstep.operations.planning.placing import StockStudy
from doorstep.operations.planning.stock_evening import replenishment, stores_of, worth_doing
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.placement import ReplenishmentProblem, propose
from doorstep.placement.replenishment import Proposal

MOST_PROPOSALS = 2_000
"""Proposals that are kept, the most valuable."""
SITE = re.compile(r"\b[Ss]ite (\d+)\b")
"""How reasons name a site: by its row."""
COLUMNS = {"action": pl.String, "product_id": pl.String, "from_site_id": pl.String, "site_id": pl.String,
           "units": pl.Int64, "value_minor": pl.Int64, "deadline": pl.Date, "reason": pl.String}  # fmt: skip


def proposals_of(
    retailer: Retailer, study: StockStudy, wishes: StockWishes, *, to_plan: bool = False, today: int | None = None
) -> pl.DataFrame:
    """Return what should be done with the stock today, the most valuable first.

    Each site is filled to what its own demand, margin and holding ask for, whatever room it has; or, ``to_plan``, to
    the units of the study's plan, which have their room and serve other sites' orders too. Trucks drive where the
    folder has lanes. Nothing is marked down at stores: what their walk-in shoppers buy is not among the orders.
    ``today`` is the number of the day [days since 1970-01-01], None for that of the last order.
    """
    plan = propose(replenishment_problem(retailer, study, wishes, to_plan=to_plan, today=today))
    return proposal_table(retailer, worth_doing(plan, stores_of(retailer))[:MOST_PROPOSALS])


def replenishment_problem(
    retailer: Retailer, study: StockStudy, wishes: StockWishes, *, to_plan: bool = False, today: int | None = None
) -> ReplenishmentProblem:
    """Return what replenishment needs of a retailer and its demand, towards the study's plan or not."""
    target = study.plan.units if to_plan else None
    return replenishment(retailer, study.demand, study.problem, study.tiers, wishes, target=target, today=today)


def proposal_table(retailer: Retailer, proposals: tuple[Proposal, ...]) -> pl.DataFrame:
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
        for each in proposals
    ]
    numbered = pl.DataFrame(rows, schema=COLUMNS | {"deadline": pl.Int32}, orient="row")
    return numbered.with_columns(pl.col("deadline").cast(pl.Date))
