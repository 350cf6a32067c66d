"""Tables that a forecast reads: what was sold where on which day, what products are, what days are special."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c


class SalesHistory(dy.Schema):
    """Units sold, one row a product, zone and local day.

    A day without a row is a day without a sale; a day on which nothing at all has a row counts as closed.
    """

    product_id = c.key("product")
    zone_id = c.key("zone of demand, store or site")
    day = dy.Date(primary_key=True, nullable=False, description="local day")
    units = c.whole("units sold; returns are not subtracted")
    price_minor = dy.Int64(nullable=True, min=0, description="price of a unit that day; empty: not known")
    promotion = dy.Float64(
        nullable=False, min=0.0, max=1.0, metadata={"default": 0.0}, description="share of the offer on promotion"
    )
    display = dy.Float64(
        nullable=False,
        min=0.0,
        max=1.0,
        metadata={"default": 0.0},
        description="share of the offer on display, apart from its shelf",
    )
    in_stock_share = dy.Float64(
        nullable=False,
        min=0.0,
        max=1.0,
        metadata={"default": 1.0},
        description="share of the day on which it could be bought",
    )


class PlannedOffers(dy.Schema):
    """Prices and promotions of days to come, one row a product, zone and local day."""

    product_id = c.key("product")
    zone_id = c.key("zone of demand, store or site")
    day = dy.Date(primary_key=True, nullable=False, description="local day after the last day of sales")
    price_minor = dy.Int64(nullable=True, min=0, description="planned price of a unit; empty: as it is")
    promotion = dy.Float64(
        nullable=False, min=0.0, max=1.0, metadata={"default": 0.0}, description="share of the offer on promotion"
    )
    display = dy.Float64(
        nullable=False,
        min=0.0,
        max=1.0,
        metadata={"default": 0.0},
        description="share of the offer on display, apart from its shelf",
    )


class ProductAttributes(dy.Schema):
    """What a product is, from coarse to fine; new products are forecast by it."""

    product_id = c.key("product")
    department = c.text("coarsest group")
    category = c.text("group within the department")
    type = c.text("finest group")
    brand = c.text("brand or maker")


class CalendarEvents(dy.Schema):
    """Days on which people buy otherwise; events of one kind are taken to work alike."""

    day = dy.Date(primary_key=True, nullable=False, description="local day")
    name = c.key("name for people, for example Easter")
    kind = c.text("events that work alike, for example feast", default="other")

    @dy.rule()
    def kind_is_one_word(cls) -> pl.Expr:
        """A kind is a lower-case word."""
        return pl.col("kind").str.contains(r"^[a-z][a-z0-9_]*$")


class OrderCounts(dy.Schema):
    """Orders, one row a zone, local hour and delivery method; an hour without a row had no order."""

    zone_id = c.key("zone of demand")
    method = c.key("delivery method")
    day = dy.Date(primary_key=True, nullable=False, description="local day")
    hour = dy.Int64(primary_key=True, nullable=False, min=0, max=23, description="local hour")
    orders = c.whole("orders placed")
