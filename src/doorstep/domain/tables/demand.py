"""Tables of demand: what can be chosen at checkout, and what was ordered."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c

METHODS = ("same_day", "next_day", "two_day", "scheduled", "click_and_collect", "curbside")
COLLECTED = ("click_and_collect", "curbside")
"""Methods in which the shopper comes; the others go to the door."""


class ServiceLevels(dy.Schema):
    """Delivery options: a promise is a window on a day counted from the day the order was placed."""

    service_level_id = c.key("delivery option")
    method = c.choice("how the order reaches the shopper", METHODS)
    cutoff = c.time_of_day("orders placed later are promised a day later", default="24:00")
    promise_days = c.whole("days from the day of placing to the promised day", default=0, high=30)
    window_starts = c.time_of_day("start of the promised window", default="08:00")
    window_ends = c.time_of_day("end of the promised window", default="20:00")
    early_allowed = dy.Bool(
        nullable=False,
        metadata={"default": True},
        description="delivery before the window starts, on the promised day or an earlier one, keeps the promise",
    )
    fee_minor = c.whole("fee paid by the shopper", default=0)
    requirements = c.tags("requirements of every order with this option, for example two_person")

    @dy.rule()
    def window_ends_after_it_starts(cls) -> pl.Expr:
        """A promised window ends on the day it starts."""
        return pl.col("window_starts") < pl.col("window_ends")


class Orders(dy.Schema):
    """Orders as accepted at checkout."""

    order_id = c.key("order")
    placed_at = c.moment("when the order was placed")
    lat = c.latitude()
    lon = c.longitude()
    postal_code = c.text("postal code of the place, as text")
    service_level_id = c.key("delivery option chosen", primary=False)
    pickup_site_id = c.text("where the shopper collects; for click_and_collect and curbside")
    requirements = c.tags("requirements of this order, for example signature")
    service_s = dy.Int64(nullable=True, min=0, description="time at the door [s]; empty: the policy's")
    window_start_at = c.moment("start of an own window; empty: from the service level", nullable=True)
    window_end_at = c.moment("end of an own window; empty: from the service level", nullable=True)

    @dy.rule()
    def own_window_has_both_ends(cls) -> pl.Expr:
        """A window of the order's own has a start and an end."""
        return pl.col("window_start_at").is_null() == pl.col("window_end_at").is_null()

    @dy.rule()
    def own_window_ends_after_it_starts(cls) -> pl.Expr:
        """A window of the order's own does not end before it starts."""
        return (pl.col("window_start_at") <= pl.col("window_end_at")).fill_null(value=True)


class OrderLines(dy.Schema):
    """Lines of the orders; a product may stand on two lines of one order."""

    order_id = c.key("order")
    line_no = dy.Int64(primary_key=True, nullable=False, min=1, description="number of the line in its order")
    product_id = c.key("product", primary=False)
    quantity = c.whole("units", low=1, high=10_000)


DEFAULT_SERVICE_LEVELS = pl.DataFrame(
    {
        "service_level_id": ["same_day", "next_day", "two_day", "click_and_collect"],
        "method": ["same_day", "next_day", "two_day", "click_and_collect"],
        "cutoff": ["13:00", "24:00", "24:00", "18:00"],
        "promise_days": [0, 1, 2, 0],
        "fee_minor": [799, 399, 0, 0],
    }
)
"""Delivery options of a retailer whose folder names none."""
