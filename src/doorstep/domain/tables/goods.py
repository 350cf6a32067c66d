"""Tables of goods: products, where they lie, and the cartons they travel in."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c


class Products(dy.Schema):
    """What is sold, one row a stock-keeping unit."""

    product_id = c.key("product")
    name = c.text("name for people")
    length_mm = c.whole("longest side as packed [mm]", low=1)
    width_mm = c.whole("second side [mm]", low=1)
    height_mm = c.whole("third side [mm]", low=1)
    weight_g = c.whole("weight as packed [g]")
    price_minor = c.whole("price paid by the shopper")
    margin_minor = dy.Int64(nullable=False, description="price less cost of goods; may be negative")
    flags = c.tags("handling requirements, for example chilled;age_restricted;two_person")

    @dy.rule()
    def margin_is_at_most_the_price(cls) -> pl.Expr:
        """A margin is a part of the price."""
        return pl.col("margin_minor") <= pl.col("price_minor")


class Stock(dy.Schema):
    """Units of a product at a site when the plan starts."""

    site_id = c.key("site")
    product_id = c.key("product")
    on_hand = c.whole("units on hand")
    safety_stock = c.whole("units kept back for walk-in shoppers and counting errors", default=0)


class Receipts(dy.Schema):
    """Units on their way to a site, which can be promised from their arrival on."""

    receipt_id = c.key("receipt, for example the line of a purchase order or a transfer")
    site_id = c.key("site where they arrive", primary=False)
    product_id = c.key("product", primary=False)
    units = c.whole("units expected", low=1)
    expected_at = c.moment("when they can be picked there; counted no more once this has passed")


class Cartons(dy.Schema):
    """Boxes that parcels are packed in; inner sides."""

    carton_id = c.key("carton")
    length_mm = c.whole("inner length [mm]", low=1)
    width_mm = c.whole("inner width [mm]", low=1)
    height_mm = c.whole("inner height [mm]", low=1)
    max_weight_g = c.whole("most weight of goods [g]", low=1)
    tare_g = c.whole("weight of the empty carton [g]", default=0)
    cost_minor = c.whole("cost of the carton and its filling", default=0)


DEFAULT_CARTONS = pl.DataFrame(
    [
        ("XS", 230, 160, 80, 3_000, 60, 25),
        ("S", 310, 220, 150, 8_000, 120, 40),
        ("M", 400, 300, 220, 15_000, 250, 65),
        ("L", 500, 400, 320, 22_000, 450, 105),
        ("XL", 600, 450, 450, 30_000, 750, 160),
    ],
    schema=["carton_id", "length_mm", "width_mm", "height_mm", "max_weight_g", "tare_g", "cost_minor"],
    orient="row",
)
"""Cartons of a retailer whose folder names none."""
