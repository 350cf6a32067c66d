"""A retailer of two sites and four orders with its plan, checked by hand; names carry markup on purpose."""

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from doorstep.domain import DayPlan, Retailer
from doorstep.domain.tables import COST_PARTS, PLAN_TABLES

ZONE = ZoneInfo("America/Chicago")
EVIL = '<script>alert(1)</script> & "quotes" </title>'


def at(hour: int, minute: int = 0, *, day: int = 3) -> int:
    """Return a moment of November 2026 on Chicago's clock."""
    return int(datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp())


def retailer() -> Retailer:
    """Return the input: a store and a fulfilment centre, three products, one van, one carrier."""
    return Retailer.complete(
        {
            "sites": pl.DataFrame(
                {
                    "site_id": ["S1", "F1"],
                    "kind": ["store", "fc"],
                    "name": [f"Store {EVIL}", "Centre Joliet"],
                    "lat": [41.88, 41.53],
                    "lon": [-87.63, -88.08],
                    "time_zone": ["America/Chicago"] * 2,
                }
            ),
            "products": pl.DataFrame(
                {
                    "product_id": ["P-1", "P-2", "P-3"],
                    "name": ["Milk", f"Lamp {EVIL}", "Peas"],
                    "length_mm": [200, 300, 150],
                    "width_mm": [100, 200, 100],
                    "height_mm": [100, 150, 50],
                    "weight_g": [1030, 2500, 450],
                    "price_minor": [199, 4900, 249],
                    "margin_minor": [50, 1900, 80],
                    "flags": ["", "", "chilled"],
                }
            ),
            "stock": pl.DataFrame(
                {
                    "site_id": ["S1", "F1", "S1"],
                    "product_id": ["P-1", "P-2", "P-3"],
                    "on_hand": [20, 5, 3],
                    "safety_stock": [2, 0, 1],
                }
            ),
            "vehicles": pl.DataFrame(
                {"vehicle_id": ["V-S1"], "site_id": ["S1"], "max_weight_g": [500_000], "max_volume_ml": [2_000_000]}
            ),
            "carriers": pl.DataFrame({"carrier_id": ["PX"], "name": ["Parcel & Co"], "kind": ["parcel"]}),
            "orders": pl.DataFrame(
                {
                    "order_id": ["O-1", "O-2", "O-3", "O-4"],
                    "placed_at": [at(8, 5), at(8, 30), at(9), at(9, 15)],
                    "lat": [41.90, 41.70, 41.87, 41.92],
                    "lon": [-87.65, -87.90, -87.62, -87.70],
                    "postal_code": ["60614", "00501", "60605", "60647"],
                    "service_level_id": ["same_day", "next_day", "click_and_collect", "same_day"],
                    "pickup_site_id": ["", "", "S1", ""],
                }
            ),
            "order_lines": pl.DataFrame(
                {
                    "order_id": ["O-1", "O-1", "O-2", "O-3", "O-4"],
                    "line_no": [1, 2, 1, 1, 1],
                    "product_id": ["P-1", "P-1", "P-2", "P-1", "P-3"],
                    "quantity": [2, 1, 1, 4, 5],
                }
            ),
        }
    )


def framed(table: str, rows: list[tuple[object, ...]]) -> pl.DataFrame:
    """Return rows as a table of the plan."""
    schema = PLAN_TABLES[table]
    frame = pl.DataFrame(rows, schema=list(schema.columns()), orient="row", infer_schema_length=None)
    return schema.validate(frame, cast=True)


def plan() -> DayPlan:
    """Return the plan: O-1 by van, O-2 by carrier and late, O-3 collected, O-4 unserved."""
    day, after = (at(8), at(20)), (at(8, day=4), at(20, day=4))
    served = [
        ("O-1", "served", "", "", "same_day", *day, at(11, 10), True, True, 1, 1, 2300, None, 100),
        ("O-2", "served", "", "", "next_day", *after, at(20, day=5), False, False, 1, 1, 24000, None, 200),
        ("O-3", "served", "", "", "click_and_collect", *day, at(10), True, True, 1, 1, 1200, None, 100),
    ]
    costs = [(180, 40, 0, 210, 130, 0, 21), (170, 65, 90, 0, 0, 950, 35), (270, 65, 0, 0, 0, 0, 0)]
    outcomes: list[tuple[object, ...]] = [
        (*row, *parts, sum(parts), revenue) for row, parts, revenue in zip(served, costs, (949, 2299, 200), strict=True)
    ]
    lacks = f"P-3 is sold out {EVIL}"
    outcomes.append(
        ("O-4", "unserved", "out_of_stock", lacks, "same_day", *day, None, False, False, 0, 0, 0, None, 0, *[0] * 9)
    )
    route = ("R-1", "V-S1", "S1", at(10, 30), at(11, 40), 9400, 9400, 1, 1, 1, 200, 80, 60, 210, 340)
    by_van, by_carrier = ("own_fleet", "", "R-1"), ("parcel_carrier", "PX", "")
    other_mode = ("S1", "parcel_carrier", "PX", 300, None, False, "", "it cannot hit the window")
    return DayPlan(
        order_outcomes=framed("order_outcomes", outcomes),
        allocations=framed(
            "allocations", [("O-1", "P-1", "S1", 3), ("O-2", "P-2", "F1", 1), ("O-3", "P-1", "S1", 4)]
        ),
        parcels=framed(
            "parcels",
            [
                ("PC-1", "O-1", "S1", "S", "D-1", None, 3210, 10230, 310, "", 40),
                ("PC-2", "O-2", "F1", "M", "D-2", at(18), 2750, 26400, 400, "", 65),
                ("PC-3", "O-3", "S1", "", "D-3", None, 4370, 26400, 400, "", 65),
            ],
        ),
        parcel_lines=framed("parcel_lines", [("PC-1", "P-1", 3), ("PC-2", "P-2", 1), ("PC-3", "P-1", 4)]),
        deliveries=framed(
            "deliveries",
            [
                ("D-1", "O-1", "S1", *by_van, at(9), at(11, 10), 1, 3210, 10230, 3000, 0, 210, 130, 0, 21),
                ("D-2", "O-2", "S1", *by_carrier, at(21), at(20, day=5), 1, 2750, 26400, 31000, 90, 0, 0, 950, 35),
                ("D-3", "O-3", "S1", "pickup", "", "", at(10), at(10), 1, 4370, 26400, 0, 0, 0, 0, 0, 0),
            ],
        ),
        routes=framed("routes", [route]),
        stops=framed(
            "stops",
            [
                ("R-1", 0, "start", "", 41.88, -87.63, at(10, 30), at(10, 30), at(10, 45), 0),
                ("R-1", 1, "delivery", "D-1", 41.90, -87.65, at(11, 5), at(11, 10), at(11, 13), 4700),
                ("R-1", 2, "end", "", 41.88, -87.63, at(11, 40), at(11, 40), at(11, 40), 4700),
            ],
        ),
        drop_costs=framed(
            "drop_costs",
            [
                ("S1", "882664c1a9fffff", "longer", 3, 0.2, 1500, 1200, 300, 25.0),
                ("S1", "882664c1abfffff", "longer", 1, 0.24, 300, 400, -100, 25.0),
                ("S1", "882664c1adfffff", "up_to_2_hours", 2, 3.0, 700, 700, 0, 10.0),
            ],
        ),
        decisions=framed(
            "decisions",
            [
                ("O-1", "site", "", "Store 1", "S1", "", "", 581, 0, True, "", "nearest with all products"),
                ("O-1", "site", "", "Centre Joliet", "F1", "", "", 661, 0, False, "", "farther from the door"),
                ("O-1", "site", "", "Store 7", "S7", "", "", None, None, False, "", f"lacks P-1 {EVIL}"),
                ("O-1", "mode", "D-1", "van R-1", "S1", "own_fleet", "", 361, None, True, "", "it passes by"),
                ("O-1", "mode", "D-1", "Parcel & Co", *other_mode),
                ("O-4", "site", "", "Store 1", "S1", "", "", None, None, False, "", "holds 2 of 5"),
            ],
        ),
    )  # fmt: skip


def scoreboard() -> pl.DataFrame:
    """Return measures of the plan and of both baselines; one of them is unknown to the report."""
    parts = {f"{part}_per_order_minor": 100.0 for part in COST_PARTS}
    ours = {
        "orders": 4,
        "served": 3,
        "unserved": 1,
        "cost_per_order_minor": 742.0,
        "on_time_share": 2 / 3,
        "split_rate": 0.0,
        "routes": 1,
        "parcels_per_route": 1.0,
        "sunshine_per_cloud_s": 90.0,
        **parts,
    }
    carriers = ours | {"cost_per_order_minor": 1060.0, "on_time_share": 0.5, "routes": 0, "parcels_per_route": 0.0}
    vans = ours | {"cost_per_order_minor": 742.0}
    plans = {"doorstep": ours, "nearest_fc_cheapest_carrier": carriers, "fewest_splits_own_fleet": vans}
    rows = [(name, measure, float(value)) for name, values in plans.items() for measure, value in values.items()]
    return framed("scoreboard", rows)  # type: ignore[arg-type]


def empty_plan() -> DayPlan:
    """Return a plan in which nothing happens."""
    tables = {name: framed(name, []) for name in PLAN_TABLES if name != "scoreboard"}
    return DayPlan(**tables)
