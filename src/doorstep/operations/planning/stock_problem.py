"""A retailer as placement sees it: stock, room, what units are worth from near and far, what is lost without them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation.arrays import Floats, Ints, index_of, ints
from doorstep.geography import TravelTimes
from doorstep.operations.corridor.own_price import drop_density, own_drop_price
from doorstep.operations.corridor.site_problem import site_problem
from doorstep.operations.corridor.strategy import DOORSTEP
from doorstep.operations.corridor.world import build_world
from doorstep.operations.planning.site_demand import SiteDemand, natural_sites
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.order_routing.problem import IMPOSSIBLE
from doorstep.placement import PlacementProblem, placement_problem
from doorstep.placement.problem import UNLIMITED
from doorstep.warehouse.problem import product_volume_ml

TIERS = ("own site", "region", "beyond")
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """Serving a unit from its natural site, its region and beyond: what it costs to pick and bring, and reach.

    ``cost_minor`` (3,) [minor]; ``reach`` (3,) is the share of all units that any site of the tier could bring in time.
    """

    cost_minor: Floats
    reach: Floats


def stock_problem(retailer: Retailer, demand: SiteDemand, tiers: Tiers, wishes: StockWishes) -> PlacementProblem:
    """Return what placement needs of a retailer: present stock, room, what units are worth from near and far."""
    products, sites = retailer.products, retailer.sites
    present, least = (units_of(retailer, name) for name in ("on_hand", "safety_stock"))
    cube = product_volume_ml(products).astype(np.float64)
    margin = ints(products["margin_minor"]).astype(np.float64)
    bought = np.maximum(ints(products["price_minor"]) - margin, 0.0)
    lost = rest_of_orders(retailer)
    dearer = tiers.cost_minor - tiers.cost_minor[0]
    value = (margin + lost)[:, None] * tiers.reach - lost[:, None] - dearer * tiers.reach
    stores = (sites["kind"].cast(pl.String) == "store").to_numpy()
    return placement_problem(
        demand.mean,
        demand.k,
        np.minimum.accumulate(np.maximum(value, -lost[:, None]), axis=1),
        wishes.space * 1_000 * litres_of(retailer, present),
        region=regions_of(sites),
        stockout_cost=lost,
        holding=0.0 if wishes.only_move else bought * wishes.holding * demand.days / DAYS_A_YEAR,
        cube=np.maximum(cube, 1.0),
        supply=present.sum(axis=1) if wishes.only_move else None,
        present=present,
        receive_cost=_receiving(retailer),
        least=np.where(stores, np.minimum(least, present), 0),
        most=np.where((sites["kind"].cast(pl.String) == "parcel_station").to_numpy(), 0, UNLIMITED) + 0 * present,
    )


def litres_of(retailer: Retailer, present: Ints) -> Floats:
    """Return the room of each site [litres] (S,): what it says itself, else what the ``present`` stock (I, S) takes."""
    said = retailer.sites["stock_litres"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    taken = product_volume_ml(retailer.products).astype(np.float64) @ present / 1_000
    return np.where(np.isnan(said), taken, said)


def _receiving(retailer: Retailer) -> Floats:
    """Return what a unit costs that a site receives (S,): the cheapest lane to it, none where no lane comes."""
    lanes = retailer.lanes.group_by("to_site_id").agg(pl.col("parcel_cost_minor").min())
    joined = retailer.sites.select("site_id").join(
        lanes, left_on="site_id", right_on="to_site_id", how="left", maintain_order="left"
    )
    cost: Floats = joined["parcel_cost_minor"].fill_null(0).to_numpy().astype(np.float64)
    return cost


def tiers_of(retailer: Retailer, travel: TravelTimes | None = None) -> Tiers:
    """Return what serving from each tier costs and how much it can serve.

    By the estimates that order routing chooses sites by, over the retailer's orders, each from the cheapest site of the
    tier near it; the first tier is the site that it would be served from if everything lay everywhere. A tier that no
    order could be served from costs what the one before it does; none costs less than one nearer, or reaches more.
    ``travel`` is by default the estimate of the retailer's policy.
    """
    world = build_world(retailer, travel)
    own = own_drop_price(world, drop_density(world))
    rows = np.arange(world.orders)
    problem, _ = site_problem(world, DOORSTEP, own, rows, world.candidates, world.stock, world.capacity)
    lines = problem.lines
    units, weight, volume = (
        np.add.reduceat(np.append(column, 0), lines.start[:-1]) * (np.diff(lines.start) > 0)
        for column in (lines.quantity, lines.weight_g, lines.volume_ml)
    )
    measure = np.maximum(weight, -(-volume * 1000 // problem.dim_ml_per_kg))
    heaviness = np.minimum(np.searchsorted(problem.class_g, measure), problem.class_g.size - 1)
    site = np.maximum(problem.candidates, 0)
    drop = problem.price[rows, :, heaviness]
    pick = problem.package_minor + 0 * problem.line_minor
    cost = drop + pick[site] + problem.line_minor[site] * np.diff(lines.start)[:, None]
    cost = cost + problem.unit_minor[site] * units[:, None]
    home, region = natural_sites(retailer, travel)[:, None], regions_of(retailer.sites)
    can = (problem.candidates >= 0) & (drop < IMPOSSIBLE) & (units[:, None] > 0)
    near = region[site] == region[home]
    found, reach = np.zeros(len(TIERS)), np.zeros(len(TIERS))
    for tier, mine in enumerate((site == home, near & (site != home), ~near)):
        least = np.where(can & mine, cost, IMPOSSIBLE).min(axis=1)
        served = least < IMPOSSIBLE
        share = float(units[served].sum())
        found[tier] = float(least[served].sum()) / share if share else found[max(tier - 1, 0)]
        reach[tier] = share / max(float(units.sum()), 1.0)
    return Tiers(cost_minor=np.maximum.accumulate(found), reach=np.maximum.accumulate(reach[::-1])[::-1])


def rest_of_orders(retailer: Retailer) -> Floats:
    """Return the margin of the rest of an order that a product is in, a unit, on average over its orders (I,).

    An order that lacks a unit is lost whole, so that much is lost with it beside its own margin.
    """
    lines, products = retailer.order_lines, retailer.products
    product = index_of(lines["product_id"], products["product_id"], what="product_id")
    order = index_of(lines["order_id"], retailer.orders["order_id"], what="order_id")
    quantity, margin = ints(lines["quantity"]), np.maximum(ints(products["margin_minor"]), 0)
    worth = np.bincount(order, weights=margin[product] * quantity, minlength=retailer.orders.height)
    rest = worth[order] - margin[product] * quantity
    units = np.bincount(product, weights=quantity, minlength=products.height)
    all_units = max(float(quantity.sum()), 1.0)
    usual = float(rest.sum()) / all_units
    mine = np.bincount(product, weights=rest, minlength=products.height)
    found: Floats = (mine + usual) / (units + 1.0)
    return found


def regions_of(sites: pl.DataFrame) -> Ints:
    """Return the region of each site (S,), numbered from 0; sites without one are together in one more."""
    return np.unique(sites["region"].to_numpy(), return_inverse=True)[1].astype(np.int64)


def units_of(retailer: Retailer, column: str) -> Ints:
    """Return a column of the stock by product and site (I, S)."""
    table = retailer.stock
    product = index_of(table["product_id"], retailer.products["product_id"], what="product_id")
    site = index_of(table["site_id"], retailer.sites["site_id"], what="site_id")
    found = np.zeros((retailer.products.height, retailer.sites.height), np.int64)
    np.add.at(found, (product, site), ints(table[column]))
    return found


def stock_of(retailer: Retailer, units: Ints) -> pl.DataFrame:
    """Return units (I, S) as a table of stock, without what is not there."""
    product, site = np.nonzero(units)
    return pl.DataFrame({
        "site_id": retailer.sites["site_id"].gather(site.tolist()),
        "product_id": retailer.products["product_id"].gather(product.tolist()),
        "on_hand": units[product, site],
    })  # fmt: skip
