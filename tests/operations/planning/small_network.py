"""A retailer of one store and one FC with four orders in two places, whose third parties are worked out by hand."""

import polars as pl

from doorstep.domain import Retailer

NEAR, FAR = (41.8800, -87.6300), (41.8800, -87.4800)
"""At the store, and 12.4 km east of it: 16.1 km on the road."""

ORDERS = (
    ("A", NEAR, "10", "next_day", "light"),
    ("B", NEAR, "10", "next_day", "heavy"),
    ("C", FAR, "20", "next_day", "light"),
    ("D", NEAR, "10", "same_day", "light"),
)
ZONE_RATES = (("near", 1_000, 500), ("near", 5_000, 800), ("far", 1_000, 700), ("far", 5_000, 1_000))


def small_retailer(**changed: pl.DataFrame) -> Retailer:
    """Return the retailer, some of its tables changed."""
    tables = {
        "sites": pl.DataFrame(
            [("S", "store", *NEAR), ("F", "fc", 41.70, -87.90)],
            schema=["site_id", "kind", "lat", "lon"],
            orient="row",
        ).with_columns(time_zone=pl.lit("America/Chicago")),
        "products": pl.DataFrame(
            [("light", 200, 500), ("heavy", 300, 1_500)], schema=["product_id", "length_mm", "weight_g"], orient="row"
        ).with_columns(width_mm=100, height_mm=10, price_minor=100, margin_minor=10),
        "stock": pl.DataFrame({"site_id": ["S"], "product_id": ["light"], "on_hand": [9]}),
        "vehicles": pl.DataFrame(
            {"vehicle_id": ["van"], "site_id": ["S"], "max_weight_g": [10**6], "max_volume_ml": [10**7]}
        ),
        "orders": pl.DataFrame(
            [(name, 1_772_467_200, *place, code, level) for name, place, code, level, _ in ORDERS],
            schema=["order_id", "placed_at", "lat", "lon", "postal_code", "service_level_id"],
            orient="row",
        ),
        "order_lines": pl.DataFrame(
            {
                "order_id": [name for name, *_ in ORDERS],
                "line_no": [1] * len(ORDERS),
                "product_id": [product for *_, product in ORDERS],
                "quantity": [1] * len(ORDERS),
            }
        ),
        "carriers": pl.DataFrame(
            [("post", "parcel", "zone", 1_000), ("dash", "on_demand", "distance", 0)],
            schema=["carrier_id", "kind", "basis", "fuel_surcharge_bp"],
            orient="row",
        ),
        "carrier_rates": pl.concat(
            [
                pl.DataFrame(
                    [("post", *row) for row in ZONE_RATES],
                    schema=["carrier_id", "zone", "max_weight_g", "price_minor"],
                    orient="row",
                ),
                pl.DataFrame({"carrier_id": ["dash"], "zone": [""], "price_minor": [900], "max_distance_m": [5_000]}),
            ],
            how="diagonal",
        ),
        "carrier_zones": pl.DataFrame(
            {"carrier_id": ["post"] * 2, "postal_prefix": ["1", "2"], "zone": ["near", "far"]}
        ),
    }
    return Retailer.complete({**tables, **changed})
