"""A day of orders that want more than the near shelves hold: at once, with foresight, and with a second look.

Run it with ``python examples/scarce_stock.py``.
"""

import numpy as np

from doorstep.order_routing import OrderRoutingProblem, StockBook, replay_orders, shadow_prices
from doorstep.order_routing.problem import UNLIMITED, MergedLines
from doorstep.order_routing.replay import Forecast, Policy

ORDERS, SITES, PRODUCTS = 400, 12, 40
LOST_MINOR = 3_000
POLICIES = (
    Policy(name="nearest", rule="nearest"),
    Policy(name="myopic"),
    Policy(name="foresight", samples=4),
    Policy(name="reoptimised", samples=4, hold_pct=50),
)


def day(rng: np.random.Generator, stock: StockBook) -> tuple[OrderRoutingProblem, np.ndarray]:
    """Return orders of one to three products at random doors of a square of 300 km, and metres from each site."""
    sites = np.random.default_rng(7).uniform(0, 300, (SITES, 2))
    doors = rng.uniform(0, 300, (ORDERS, 2))
    km = np.hypot(*(doors[:, None] - sites[None]).transpose(2, 0, 1))
    baskets = [np.sort(rng.choice(PRODUCTS, rng.integers(1, 4), replace=False)) for _ in range(ORDERS)]
    lines = np.concatenate(baskets).astype(np.int64)
    one = np.ones_like(lines)
    return OrderRoutingProblem(
        lines=MergedLines(np.cumsum([0, *map(len, baskets)]), lines, one, 500 * one, 900 * one),
        sequence=np.arange(ORDERS),
        candidates=np.tile(np.arange(SITES), (ORDERS, 1)),
        price=(450 + 2 * km).astype(np.int64)[:, :, None],
        why=np.zeros((ORDERS, SITES), np.int64),
        class_g=np.array([30_000]),
        dim_ml_per_kg=5_000,
        pick_day=np.zeros((ORDERS, SITES), np.int64),
        capacity=np.full((SITES, 1), UNLIMITED),
        package_minor=np.full(SITES, 60),
        line_minor=np.full(SITES, 80),
        unit_minor=np.zeros(SITES, np.int64),
        stock=stock,
    ), (km * 1_000).astype(np.int64)


def main() -> None:
    """Print what each policy makes of the same day."""
    rng = np.random.default_rng(1)
    units = rng.multinomial(26, np.full(SITES, 1 / SITES), PRODUCTS)  # 26 of each product; about 20 will be asked for
    product, site = np.nonzero(units)
    stock = StockBook(np.searchsorted(product, np.arange(PRODUCTS + 1)), site, units[product, site])
    problem, metres = day(rng, stock)
    before, _ = day(rng, stock)  # another day like it is all that foresight knows
    forecast = Forecast(like=before, weight=np.ones(ORDERS), expected=float(ORDERS))
    refuse = np.full(ORDERS, LOST_MINOR)
    plans = {
        policy.name: replay_orders(
            problem, policy, np.random.default_rng(1), metres=metres, refuse_minor=refuse, forecast=forecast
        )
        for policy in POLICIES
    }
    totals = {name: int(np.where(plan.status == 0, plan.cost_minor, refuse).sum()) for name, plan in plans.items()}
    bound = shadow_prices(problem, refuse, iterations=400, reach_minor=min(totals.values())).bound_minor
    for name, plan in plans.items():
        packages = len(np.unique(np.column_stack([plan.order, plan.site]), axis=0))
        print(
            f"{name:<12} ${totals[name] / ORDERS / 100:.2f} an order, {packages / ORDERS:.2f} packages, "
            f"{(plan.status != 0).sum()} lost, {totals[name] / bound - 1:.1%} above what any policy must cost"
        )


if __name__ == "__main__":
    main()
