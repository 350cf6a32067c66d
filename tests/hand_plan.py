"""A day planned by hand: six served orders by van, parcel carrier, courier and collection, and one without stock.

The road of this small world runs along the grid: a hundredth of a degree is 1,000 m, driven in 100 s. All on Tuesday,
2026-03-03, in Chicago. The arithmetic of each figure stands beside it.
"""

import polars as pl

from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import PLAN_TABLES
from tests.small import CHICAGO, at, retailer, table

WEDNESDAY = "2026-03-04"
DAY = (at("08:00"), at("20:00"))
"""The promise of same_day and click_and_collect."""


def road(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
    """Return metres and seconds along the grid."""
    metres = round((abs(lat_b - lat_a) + abs(lon_b - lon_a)) * 100_000)
    return metres, metres // 10


def shop() -> Retailer:
    """Return a store S1 and a centre F1 with a lane, one van, a parcel carrier PX and a courier CO."""
    return retailer(
        sites=table(
            "site_id kind lat lon time_zone pick_lines_per_day region",
            ("S1", "store", 41.0, -87.0, CHICAGO, 5, "east"),
            ("F1", "fc", 41.0, -87.2, CHICAGO, None, "west"),
        ),
        stock=table(
            "site_id product_id on_hand safety_stock",
            ("S1", "A", 4, 1),
            ("S1", "B", 2, 0),
            ("S1", "C", 1, 0),
            ("F1", "A", 2, 0),
            ("F1", "C", 1, 0),
        ),
        cartons=table(  # 2,904 ml, of which 85 % or 2,468 ml are usable
            "carton_id length_mm width_mm height_mm max_weight_g tare_g cost_minor",
            ("K", 220, 120, 110, 5_000, 100, 40),
        ),
        lanes=table(
            "from_site_id to_site_id departs duration_s parcel_cost_minor capacity_parcels",
            ("F1", "S1", "12:00", 3_600, 60, 2),
        ),
        vehicles=table(
            "vehicle_id site_id max_weight_g max_volume_ml max_parcels max_distance_m max_reloads fixed_cost_minor"
            " cost_per_km_minor cost_per_hour_minor skills",
            ("V1", "S1", 2_500, 6_000, 2, 6_000, 1, 1_000, 50, 1_800, "chilled;signature"),
        ),
        carriers=table(
            "carrier_id kind serves_kinds weekdays dim_ml_per_kg max_weight_g max_side_mm daily_limit fuel_surcharge_bp"
            " failure_bp skills",
            ("PX", "parcel", "store;fc", "12345", 4_000, 10_000, 2_000, 2, 1_000, 250, ""),
            ("CO", "on_demand", "store", "1234567", None, 20_000, None, 1, 0, 100, "signature"),
        ),
        carrier_rates=table(
            "carrier_id max_distance_m max_weight_g price_minor price_per_km_minor included_m",
            ("PX", 15_000, 2_000, 600, 0, 0),
            ("PX", 15_000, 10_000, 900, 0, 0),
            ("CO", None, None, 700, 100, 2_000),
        ),
        carrier_surcharges=table(
            "carrier_id surcharge over_side_mm amount_minor percent_bp", ("PX", "long", 1_000, 250, 1_000)
        ),
        orders=table(
            "order_id placed_at lat lon postal_code service_level_id pickup_site_id requirements window_start_at"
            " window_end_at",
            ("O1", at("08:00"), 41.01, -87.0, "60601", "same_day", "", "", None, None),
            ("O2", at("08:00"), 41.01, -87.01, "60601", "same_day", "", "", None, None),
            ("O3", at("09:00"), 40.99, -87.0, "60602", "same_day", "", "signature", None, None),
            ("O4", at("09:00"), 41.0, -87.1, "60604", "next_day", "", "", None, None),
            ("O5", at("09:00"), 41.02, -87.02, "60605", "click_and_collect", "S1", "", None, None),
            ("O6", at("12:00"), 41.03, -87.0, "60606", "same_day", "", "signature", at("14:00"), at("15:00")),
            ("O7", at("12:30"), 41.01, -87.0, "60601", "same_day", "", "", None, None),
        ),
        order_lines=table(
            "order_id line_no product_id quantity",
            ("O1", 1, "A", 1),
            ("O2", 1, "B", 1),
            ("O2", 2, "B", 1),
            ("O3", 1, "A", 1),
            ("O4", 1, "A", 1),
            ("O4", 2, "C", 1),
            ("O5", 1, "A", 2),
            ("O6", 1, "C", 1),
            ("O7", 1, "B", 1),
        ),
    )


def framed(name: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    """Return rows as a table of the plan."""
    schema = PLAN_TABLES[name]
    frame = pl.DataFrame(list(rows), schema=list(schema.columns()), orient="row", infer_schema_length=None)
    return schema.validate(frame, cast=True)


def outcome(
    order: str, method: str, window: tuple[int, int], delivered: int, *counts: int, parts: tuple[int, ...], revenue: int
) -> tuple[object, ...]:
    """Return a served order's row; counts are sites, parcels, metres, parcels from its own region and hand-offs."""
    return (order, "served", "", "", method, *window, delivered, True, True, *counts, *parts, sum(parts), revenue)


def plan() -> DayPlan:
    """Return the plan.

    The van loads at 09:00, drives 1, 1 and 2 km past O1 and O2 and back (09:27:40), waits for O3's parcel, loads again
    at 10:00 and drives 1 km to O3 and 1 km back: 6 km, 4,880 s. It costs 1,000 + 300 + 2,440 = 3,740. Of that the stem
    is 1,000 for the van, 250 for 5 km and 1,150 for 500 s of driving and twice 900 s of loading: 2,400, 800 a stop. The
    1,340 left are shared by 180, 100 + 180 and 180 s: 377, 586, 377.
    """
    tomorrow = (at("08:00", WEDNESDAY), at("20:00", WEDNESDAY))
    never = ("O7", "unserved", "out_of_stock", "", "same_day", *DAY, None, False, False, *[0] * 14)
    return DayPlan(
        order_outcomes=framed(
            "order_outcomes",  # pick, carton, line-haul, stem, drop, fee, risk
            outcome("O1", "same_day", DAY, at("09:16:40"), 1, 1, 1_000, 1, 100,
                    parts=(120, 40, 0, 800, 377, 0, 21), revenue=1_099),
            outcome("O2", "same_day", DAY, at("09:21:20"), 1, 1, 1_400, 1, 100,
                    parts=(130, 40, 0, 800, 586, 0, 21), revenue=1_199),
            outcome("O3", "same_day", DAY, at("10:16:40"), 1, 1, 1_000, 1, 100,
                    parts=(120, 40, 0, 800, 377, 0, 21), revenue=1_099),
            outcome("O4", "next_day", tomorrow, tomorrow[1], 2, 2, 10_000, 1, 100,
                    parts=(240, 40, 0, 0, 0, 1_990, 70), revenue=1_399),
            outcome("O5", "click_and_collect", DAY, at("13:30"), 1, 2, 20_000, 0, 100,
                    parts=(210, 80, 170, 0, 0, 0, 0), revenue=600),
            outcome("O6", "same_day", (at("14:00"), at("15:00")), at("14:00"), 1, 1, 3_000, 1, 100,
                    parts=(120, 0, 0, 0, 0, 800, 14), revenue=1_499),
            never,
        ),
        allocations=framed(
            "allocations",
            ("O1", "A", "S1", 1),
            ("O2", "B", "S1", 2),
            ("O3", "A", "S1", 1),
            ("O4", "A", "S1", 1),
            ("O4", "C", "F1", 1),
            ("O5", "A", "F1", 2),
            ("O6", "C", "S1", 1),
        ),
        parcels=framed(
            "parcels",
            ("P1", "O1", "S1", "K", "D1", None, 1_100, 2_904, 220, "", 40),
            ("P2", "O2", "S1", "K", "D2", None, 1_100, 2_904, 220, "chilled", 40),
            ("P3", "O3", "S1", "K", "D3", None, 1_100, 2_904, 220, "", 40),
            ("P4", "O4", "S1", "K", "D4", None, 1_100, 2_904, 220, "", 40),
            ("P5", "O4", "F1", "", "D5", None, 3_000, 3_750, 1_500, "", 0),
            ("P6", "O5", "F1", "K", "D6", at("12:00"), 1_100, 2_904, 220, "", 40),
            ("P7", "O5", "F1", "K", "D6", at("12:00"), 1_100, 2_904, 220, "", 40),
            ("P8", "O6", "S1", "", "D7", None, 3_000, 3_750, 1_500, "", 0),
        ),
        parcel_lines=framed(
            "parcel_lines",
            ("P1", "A", 1),
            ("P2", "B", 2),
            ("P3", "A", 1),
            ("P4", "A", 1),
            ("P5", "C", 1),
            ("P6", "A", 1),
            ("P7", "A", 1),
            ("P8", "C", 1),
        ),
        deliveries=framed(
            "deliveries",
            ("D1", "O1", "S1", "own_fleet", "", "R1", at("09:00"), at("09:16:40"),
             1, 1_100, 2_904, 1_000, 0, 800, 377, 0, 21),
            ("D2", "O2", "S1", "own_fleet", "", "R1", at("09:00"), at("09:21:20"),
             1, 1_100, 2_904, 2_000, 0, 800, 586, 0, 21),
            ("D3", "O3", "S1", "own_fleet", "", "R1", at("10:00"), at("10:16:40"),
             1, 1_100, 2_904, 1_000, 0, 800, 377, 0, 21),
            # 600 for 1,100 g, 10 % fuel; 900 for 3,000 g, 10 % fuel, 250 + 10 % for the long side
            ("D4", "O4", "S1", "parcel_carrier", "PX", "", at("10:00"), tomorrow[1],
             1, 1_100, 2_904, 10_000, 0, 0, 0, 660, 35),
            ("D5", "O4", "F1", "parcel_carrier", "PX", "", at("10:00"), tomorrow[1],
             1, 3_000, 3_750, 10_000, 0, 0, 0, 1_330, 35),
            # the lane of 12:00 takes an hour, sorting half an hour; two parcels at 60 + 25
            ("D6", "O5", "S1", "pickup", "", "", at("13:30"), at("13:30"),
             2, 2_200, 5_808, 0, 170, 0, 0, 0, 0),
            # 700 and a kilometre beyond the first two; called at 13:00 it could be there at 13:25
            ("D7", "O6", "S1", "on_demand", "CO", "", at("13:00"), at("14:00"),
             1, 3_000, 3_750, 3_000, 0, 0, 0, 800, 14),
        ),
        routes=framed(
            "routes",
            ("R1", "V1", "S1", at("09:00"), at("10:21:20"), 6_000, 5_000, 3, 3, 2, 1_000, 300, 2_440, 2_400, 3_740),
        ),
        stops=framed(
            "stops",
            ("R1", 0, "start", "", 41.0, -87.0, at("09:00"), at("09:00"), at("09:15"), 0),
            ("R1", 1, "delivery", "D1", 41.01, -87.0, at("09:16:40"), at("09:16:40"), at("09:19:40"), 1_000),
            ("R1", 2, "delivery", "D2", 41.01, -87.01, at("09:21:20"), at("09:21:20"), at("09:24:20"), 1_000),
            ("R1", 3, "reload", "", 41.0, -87.0, at("09:27:40"), at("10:00"), at("10:15"), 2_000),
            ("R1", 4, "delivery", "D3", 40.99, -87.0, at("10:16:40"), at("10:16:40"), at("10:19:40"), 1_000),
            ("R1", 5, "end", "", 41.0, -87.0, at("10:21:20"), at("10:21:20"), at("10:21:20"), 1_000),
        ),
        drop_costs=framed("drop_costs"),
        decisions=framed("decisions"),
    )  # fmt: skip


def changed(frame: pl.DataFrame, where: str, **values: object) -> pl.DataFrame:
    """Return a table in which the row of an id (``ID`` or ``ROUTE/SEQUENCE``) has other values."""
    number = pl.col("sequence").cast(pl.String) if "sequence" in frame.columns else pl.lit("")
    row = pl.format("{}/{}", pl.col(frame.columns[0]), number) == (where if "/" in where else f"{where}/")
    assert frame.filter(row).height == 1, where
    for name, value in values.items():
        frame = frame.with_columns(
            pl.when(row).then(pl.lit(value, dtype=frame.schema[name])).otherwise(pl.col(name)).alias(name)
        )
    return frame
