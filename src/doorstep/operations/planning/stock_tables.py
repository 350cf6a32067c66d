"""A plan of the stock as tables and figures, for files and pages."""

from dataclasses import asdict

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats, Ints
from doorstep.operations.planning.placing import StockStudy
from doorstep.operations.planning.stock_outcome import StockOutcome
from doorstep.placement import PlacementPlan
from doorstep.placement.plan import explain

EXPLAINED = 200
"""Changes that are explained: those of most units."""
CLASSES = 10
"""Classes of products by how much is wanted of them, each with as many products."""


def study_tables(retailer: Retailer, study: StockStudy) -> dict[str, pl.DataFrame]:
    """Return the tables of a study by name: stock by product and site, sites, changes with reasons, cover.

    If there was a replay, also its days, and if small sites keep less than everything, what they keep.
    """
    tables = {
        "stock": stock_table(retailer, study),
        "sites": site_table(retailer, study),
        "changes": change_table(retailer, study),
        "cover": cover_table(retailer, study),
    }
    if study.replayed is not None:
        tables["replay"] = replay_table(study)
    if study.assortments:
        tables["assortment"] = assortment_table(retailer, study)
    return tables


def stock_table(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return units today and by the plan wherever there are any, and what one more would be worth [minor]."""
    today, then = study.problem.present, study.plan.units
    product, site = np.nonzero((today > 0) | (then > 0))
    return pl.DataFrame({
        "site_id": retailer.sites["site_id"].gather(site.tolist()),
        "product_id": retailer.products["product_id"].gather(product.tolist()),
        "expected": study.demand.mean[product, site],
        "units_today": today[product, site],
        "units": then[product, site],
        "gain_minor": study.plan.gain[product, site],
    })  # fmt: skip


def site_table(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return stock, room and demand of each site, today and by the plan; room in litres."""
    problem, plan = study.problem, study.plan
    room = problem.cube @ np.stack([problem.present, plan.units]) / 1_000
    return retailer.sites.select("site_id", pl.col("kind").cast(pl.String), "name").with_columns(
        expected=pl.Series(study.demand.mean.sum(axis=0)),
        units_today=pl.Series(problem.present.sum(axis=0)),
        units=pl.Series(plan.units.sum(axis=0)),
        products_today=pl.Series((problem.present > 0).sum(axis=0)),
        products=pl.Series((plan.units > 0).sum(axis=0)),
        litres_today=pl.Series(room[0]),
        litres=pl.Series(room[1]),
        litres_there=pl.Series(problem.capacity / 1_000),
        litre_price_minor=pl.Series(1_000 * plan.space_price),
    )


def change_table(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return the largest changes of units, with the reason for what should be there."""
    change = study.plan.units - study.problem.present
    order = np.argsort(-np.abs(change), axis=None, kind="stable")[:EXPLAINED]
    rows = [
        (
            retailer.sites["site_id"][site],
            retailer.products["product_id"][product],
            retailer.products["name"][product],
            int(study.problem.present[product, site]),
            int(study.plan.units[product, site]),
            explain(study.problem, study.plan, product, site),
        )
        for product, site in zip(*(index.tolist() for index in np.unravel_index(order, change.shape)), strict=True)
        if change[product, site]
    ]
    columns = ["site_id", "product_id", "name", "units_today", "units", "reason"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def cover_table(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return for how many days the stock of each site lasts, by class of products, those wanted most first."""
    wanted = study.demand.mean / study.demand.days
    rank = np.argsort(np.argsort(-wanted.sum(axis=1), kind="stable"), kind="stable")
    group = np.minimum(rank * CLASSES // max(rank.size, 1), CLASSES - 1)
    frames = []
    for name, units in (("today", study.problem.present), ("plan", study.plan.units)):
        days = _days(units, wanted, group)
        site, number = np.indices(days.shape)
        frames.append(
            pl.DataFrame({
                "stock": name,
                "site_id": retailer.sites["site_id"].gather(site.reshape(-1).tolist()),
                "class": number.reshape(-1) + 1,
                "days": days.reshape(-1),
            })
        )  # fmt: skip
    return pl.concat(frames)


def replay_table(study: StockStudy) -> pl.DataFrame:
    """Return the counts of each day that was replayed, with today's stock and with the plan's."""
    both = (("today", study.replayed_today), ("plan", study.replayed))
    rows = [
        {"stock": name, "day": number + 1, **asdict(day)}
        for name, outcome in both
        if outcome is not None
        for number, day in enumerate(outcome.days)
    ]
    return pl.DataFrame(rows)


def assortment_table(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return the products that small sites keep, those that are worth most first, with their units by the plan."""
    site, product, score = (
        np.concatenate([part(each) for each in study.assortments])
        for part in (
            lambda each: np.full(int(each.chosen.sum()), each.site),
            lambda each: np.flatnonzero(each.chosen),
            lambda each: each.score[each.chosen] / max(float(each.score.sum()), 1e-300),
        )
    )
    table = pl.DataFrame({
        "site_id": retailer.sites["site_id"].gather(site.tolist()),
        "product_id": retailer.products["product_id"].gather(product.tolist()),
        "score": score,
        "units": study.plan.units[product, site],
    })  # fmt: skip
    return table.sort("site_id", "score", "product_id", descending=[False, True, False])


def small_sites(retailer: Retailer, study: StockStudy) -> pl.DataFrame:
    """Return for each small site what it keeps and which share of its orders is complete from that."""
    rows = [
        (
            retailer.sites["site_id"][each.site],
            each.size,
            int(each.chosen.sum()),
            each.orders,
            each.complete,
            each.most_sold,
            each.past,
            each.bound,
        )
        for each in study.assortments
    ]
    columns = ("site_id", "most_products", "products", "orders", "complete_share", "most_sold_share", "past_share",
               "past_bound")  # fmt: skip
    return pl.DataFrame(rows, schema=columns, orient="row")


def figures(retailer: Retailer, study: StockStudy) -> dict[str, object]:
    """Return the figures of a study, today's stock beside the plan's [units, minor units, shares]."""
    price, margin = (retailer.products[name].to_numpy() for name in ("price_minor", "margin_minor"))
    bought = price - margin

    def of(plan: PlacementPlan, replayed: StockOutcome | None) -> dict[str, object]:
        told: dict[str, object] = {
            "units": int(plan.units.sum()),
            "stock_value_minor": int(bought @ plan.units.sum(axis=1)),
            "value_minor": plan.value,
            "own_share": plan.own,
            "in_region_share": plan.in_region,
            "unserved_share": 1.0 - plan.served,
        }
        if replayed is not None:
            told["replayed"] = {**replayed.figures(), "days": [asdict(day) for day in replayed.days]}
        return told

    return {
        "days": study.demand.days,
        "expected_units": float(study.demand.mean.sum()),
        "today": of(study.today, study.replayed_today),
        "plan": of(study.plan, study.replayed),
        "bound_minor": study.plan.bound,
        "gap_pct": 100 * study.plan.gap,
        "violations": len(study.faults),
        "notes": list(study.notes),
        **({"small_sites": small_sites(retailer, study).to_dicts()} if study.assortments else {}),
    }


def _days(units: Ints, wanted: Floats, group: Ints) -> Floats:
    """Return days of cover by site and class (S, C), NaN where nothing is wanted."""
    there, asked = np.zeros((2, wanted.shape[1], CLASSES))
    for number in range(CLASSES):
        mine = group == number
        there[:, number], asked[:, number] = units[mine].sum(axis=0), wanted[mine].sum(axis=0)
    days: Floats = np.divide(there, asked, out=np.full(there.shape, np.nan), where=asked > 0)
    return days
