"""Which products small sites keep, so that most orders near them are complete from one site."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.demand import BasketModel, learn_baskets
from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints, index_of, ints, starts_of
from doorstep.foundation.units import SECONDS_PER_DAY
from doorstep.geography import TravelTimes
from doorstep.operations.planning.site_demand import natural_sites
from doorstep.operations.planning.stock_wishes import StockWishes
from doorstep.placement import Baskets, choose_assortment
from doorstep.placement.assortment import completion_bound
from doorstep.placement.baskets import basket_weights

FOLDS = 5
"""Parts of the orders that are judged in turn by what is chosen without them."""
FIRST = 1e9
"""Score of what must be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAssortment:
    """What a small site keeps.

    Parameters
    ----------
    site, size
        The site, and how many products it may keep; not fewer than it must show.
    chosen : (I,)
        Products that it keeps.
    score : (I,)
        What having a product is worth: the weight of orders that it is expected to complete.
    orders
        Orders that would come from the site if everything lay everywhere.
    complete, most_sold
        Share of them that is complete from what is chosen without them, and from as many products that sell most
        without them: each order is judged by choices in which it took no part.
    past, bound
        Share of them that is complete from ``chosen``, which knows them, and the share that no products of this
        number exceed.
    """

    site: int
    size: int
    chosen: Bools
    score: Floats
    orders: int
    complete: float
    most_sold: float
    past: float
    bound: float


def site_assortments(
    retailer: Retailer, demand: Floats, least: Ints, wishes: StockWishes, travel: TravelTimes | None = None
) -> tuple[SiteAssortment, ...]:
    """Return what each site keeps that is to keep fewer products than there are.

    Baskets are learnt from the retailer's orders and weighed by what will be asked for; those of a site are the orders
    that would come from it if everything lay everywhere, and those of other sites count little.

    Parameters
    ----------
    demand : (I, S)
        Units expected of each product at each site.
    least : (I, S)
        Units that must be shown, of products that therefore are kept, be they more than asked for.
    travel
        What orders are brought by; by default the estimate of the retailer's policy.

    Raises
    ------
    InputError
        If a site or kind is unknown.
    """
    sizes = _sizes(retailer.sites, wishes.assortment)
    small = [(site, size) for site, size in enumerate(sizes) if size < retailer.products.height]
    if not small:
        return ()
    orders = retailer.orders.sort("placed_at", maintain_order=True)
    model = bought_together(retailer, orders, demand)
    natural = natural_sites(retailer, travel)[
        index_of(orders["order_id"], retailer.orders["order_id"], what="order_id")
    ]
    placed_at = ints(orders["placed_at"])
    age_days = (placed_at[-1] - placed_at) / SECONDS_PER_DAY
    found = []
    for site, size in small:
        must = least[:, site] > 0
        found.append(_chosen(model, natural == site, age_days, must, site, max(size, int(must.sum()))))
    return tuple(found)


def bought_together(retailer: Retailer, orders: pl.DataFrame, demand: Floats) -> BasketModel:
    """Return what is bought together in orders, oldest first, where (I, S) units are expected."""
    order = index_of(retailer.order_lines["order_id"], orders["order_id"], what="order_id")
    product = index_of(retailer.order_lines["product_id"], retailer.products["product_id"], what="product_id")
    by = np.argsort(order, kind="stable")
    start = starts_of(order[by], orders.height)
    return learn_baskets(start, product[by], items=retailer.products.height, demand=demand.sum(axis=1))


def _sizes(sites: pl.DataFrame, asked: tuple[tuple[str, int], ...]) -> list[int]:
    """Return how many products each site may keep; more than anybody has where nothing is asked."""
    ids, kinds = sites["site_id"].to_list(), sites["kind"].cast(pl.String).to_list()
    most = dict(asked)
    unknown = sorted(set(most) - set(ids) - set(kinds))
    if unknown:
        raise InputError(f"assortment {unknown}: neither a site nor a kind of site that there is.")
    return [most.get(name, most.get(kind, 1 << 40)) for name, kind in zip(ids, kinds, strict=True)]


def _chosen(model: BasketModel, own: Bools, age_days: Floats, must: Bools, site: int, size: int) -> SiteAssortment:
    filled = np.diff(model.past.start) > 0
    weight = model.past.weight * basket_weights(age_days, own)
    plan = choose_assortment(_part(model, filled, weight), size, must=must)
    mine = _part(model, filled & own, model.past.weight)
    fold = np.arange(own.size) % FOLDS
    shares, total = np.zeros(2), max(float(model.past.weight[filled & own].sum()), 1e-300)
    for part in range(FOLDS):
        judged = _part(model, filled & own & (fold == part), model.past.weight)
        if not judged.weight.size:
            continue
        known = _part(model, filled & (fold != part), weight)
        chosen = choose_assortment(known, size, must=must).chosen if known.weight.size else must
        sold = np.bincount(known.item, np.repeat(known.weight, known.size), minlength=known.products)
        picks = (chosen, _most_sold(sold.astype(np.float64), must, size))
        shares += [judged.complete_share(each) * judged.weight.sum() for each in picks]
    return SiteAssortment(
        site=site,
        size=size,
        chosen=plan.chosen,
        score=plan.score,
        orders=int((filled & own).sum()),
        complete=float(shares[0] / total),
        most_sold=float(shares[1] / total),
        past=mine.complete_share(plan.chosen),
        bound=completion_bound(mine, size),
    )


def _most_sold(sold: Floats, must: Bools, size: int) -> Bools:
    chosen = np.zeros(sold.size, np.bool_)
    chosen[np.argsort(-(sold + FIRST * must), kind="stable")[:size]] = True
    return chosen


def _part(model: BasketModel, keep: Bools, weight: Floats) -> Baskets:
    size = np.diff(model.past.start)
    return Baskets(
        start=np.concatenate([[0], np.cumsum(size[keep])]).astype(np.int64),
        item=model.past.item[np.repeat(keep, size)],
        weight=weight[keep],
        products=model.popularity.size,
    )
