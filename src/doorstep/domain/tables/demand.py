"""Tables of demand: what can be chosen at checkout, and what was ordered."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c
from doorstep.domain.tables.places import HANDING_OUT

COLLECTED = ("click_and_collect", "curbside", "locker", "pickup_point")
"""Methods in which the shopper comes; the others go to the door."""
METHODS = ("express", "same_day", "next_day", "two_day", "scheduled", "concierge", *COLLECTED)
COLLECTED_AT = {"locker": "locker_bank", "pickup_point": "pickup_point"}
"""Kind of site by method; the other methods in which the shopper comes are collected at sites of all other kinds."""


def is_collected_at(kind: str, method: str) -> bool:
    """Return whether orders of a method in which the shopper comes are collected at sites of a kind."""
    wanted = COLLECTED_AT.get(method)
    return kind == wanted if wanted else kind not in HANDING_OUT


MOST_FEE = 10**12
"""Largest fee of a price rule [minor units]."""


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
    service_s = dy.Int64(
        nullable=True, min=0, max=86_400, description="time at the door of its orders [s]; empty: the policy's"
    )
    within_minutes = dy.Int64(
        nullable=True,
        min=15,
        max=1_440,
        description="the window begins when the order is placed, or at window_starts if that is later, and ends so "
        "many minutes later, at the next quarter of an hour, at window_ends at the latest; empty: the whole window",
    )
    keep_hours = c.limit("hours for which what is ready waits for the shopper, then it goes back on the shelf", low=1)

    @dy.rule()
    def window_ends_after_it_starts(cls) -> pl.Expr:
        """A promised window ends on the day it starts."""
        return pl.col("window_starts") < pl.col("window_ends")

    @dy.rule()
    def method_concierge_requires_the_skill_concierge(cls) -> pl.Expr:
        """The method concierge requires the skill concierge of who brings it."""
        words = pl.col("requirements").str.split(";")
        return (pl.col("method").cast(pl.String) != "concierge") | words.list.contains("concierge")


class PriceRules(dy.Schema):
    """What delivery costs the shopper where it is not the fee of the service level or slot; one rule is applied.

    Of the rules whose conditions all hold, the one with the highest priority applies; of equals the one with more
    conditions; then the longer prefix, the higher load, the higher basket value, and the earlier row.
    """

    rule_id = c.key("rule")
    service_level_id = c.text("service level that it is for; empty: every one")
    postal_prefix = c.text("start of the postal codes that it is for; empty: every place")
    basket_from_minor = c.whole("value of the goods from which it holds", default=0)
    basket_below_minor = c.limit("value of the goods below which it holds", low=1)
    membership = c.text("membership of the shopper that it is for; empty: any and none")
    slot_load_from_pct = c.whole(
        "taken share of a slot from which it holds [%]; 0: also without a slot", default=0, high=100
    )
    fee_minor = dy.Int64(
        nullable=True, min=0, max=MOST_FEE, description="fee; empty: the level's or slot's own, changed as follows"
    )
    percent_bp = c.whole("share of the own fee that is asked [basis points]", default=10_000, high=100_000)
    amount_minor = dy.Int64(
        nullable=False,
        min=-MOST_FEE,
        max=MOST_FEE,
        metadata={"default": 0},
        description="added to that share; may be negative, the fee may not",
    )
    priority = dy.Int64(nullable=False, metadata={"default": 0}, description="the highest priority applies")

    @dy.rule()
    def basket_band_is_not_empty(cls) -> pl.Expr:
        """A band of basket values ends after it starts."""
        return (pl.col("basket_from_minor") < pl.col("basket_below_minor")).fill_null(value=True)

    @dy.rule()
    def fee_is_given_or_changed_but_not_both(cls) -> pl.Expr:
        """A rule with a fee of its own changes no other fee."""
        changes = (pl.col("percent_bp") != 10_000) | (pl.col("amount_minor") != 0)
        return pl.col("fee_minor").is_null() | ~changes


class Extras(dy.Schema):
    """Work at the door that an order may ask for besides being brought, such as assembly or haul-away."""

    extra_id = dy.String(primary_key=True, nullable=False, regex=r"^[a-z0-9_]{1,40}$", description="extra, a word")
    name = c.text("name for people; empty: the id")
    service_s = c.whole("time that it takes at the door [s]", default=0, high=86_400)
    price_minor = c.whole("what the shopper pays for it, on top of the fee and whatever the membership", default=0)
    requirements = c.tags("what it requires of who brings the order, for example two_person")


class MembershipPlans(dy.Schema):
    """What shoppers may be members of, and what it makes of delivery; price rules may ask for a plan besides."""

    plan_id = c.key("plan; the membership of price rules")
    name = c.text("name for people; empty: the plan's id")
    fee_minor = c.whole("what a period costs the member", default=0)
    period_days = c.whole("days of a period", low=1, default=365, high=3_660)
    trial_days = c.whole("days for which it may be tried without the fee", default=0, high=366)
    free_over_minor = dy.Int64(
        nullable=True, min=0, description="value of the goods from which delivery is free; empty: it never is"
    )
    percent_bp = c.whole(
        "share of the delivery fee that members pay below that value [basis points]", default=10_000, high=10_000
    )
    service_levels = c.tags("service levels for which these two hold; empty: every one")
    members_only = c.tags("service levels that only members of this plan, or of another that names them, may have")
    slot_priority = dy.Bool(
        nullable=False,
        metadata={"default": False},
        description="its members may book the last share of a slot, which the policy keeps for them",
    )


class Orders(dy.Schema):
    """Orders as accepted at checkout."""

    order_id = c.key("order")
    placed_at = c.moment("when the order was placed")
    lat = c.latitude()
    lon = c.longitude()
    postal_code = c.text("postal code of the place, as text")
    service_level_id = c.key("delivery option chosen", primary=False)
    pickup_site_id = c.text("where the shopper collects; for click_and_collect, curbside, locker and pickup_point")
    requirements = c.tags("requirements of this order, for example signature")
    service_s = dy.Int64(nullable=True, min=0, description="time at the door [s]; empty: the service level's")
    window_start_at = c.moment("start of an own window; empty: from the service level", nullable=True)
    window_end_at = c.moment("end of an own window; empty: from the service level", nullable=True)

    landing_site = dy.Bool(
        nullable=False,
        metadata={"default": False},
        description="drones of the air may land there or lower a parcel",
    )

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
