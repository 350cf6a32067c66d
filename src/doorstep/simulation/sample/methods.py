"""A small made-up retailer that has every way of delivery: one store, one centre, a station, lockers, a kiosk."""

import polars as pl

from doorstep.domain import Retailer
from doorstep.simulation.sample.cities import City

STORE, CENTRE, STATION, LOCKERS, KIOSK = "S1", "F1", "P1", "L1", "K1"
CREW = "crew"
"""The market of contractors: a carrier whose deliveries are offered to them one by one."""
BOOK, LAMP, SOFA = "book", "lamp", "sofa"
"""Products: small and everywhere, small and in the centre only, and too large for one person."""
PLAN = "plus"
Rows = dict[str, list[object]]


def methods_shop(city: City) -> Retailer:
    """Return the retailer in a city: no orders, stock of three products, and a service level for every method."""
    tables = {**_places(city), **_fleet(), **_goods(), **_checkout()}
    return Retailer.complete({name: pl.DataFrame(rows, strict=False) for name, rows in tables.items()})


def _places(city: City) -> dict[str, Rows]:
    return {
        "sites": {
            "site_id": [STORE, CENTRE, STATION, LOCKERS, KIOSK],
            "kind": ["store", "fc", "parcel_station", "locker_bank", "pickup_point"],
            "name": ["Main Street", "Centre", "Station South", "Lockers at the metro", "Kiosk"],
            "lat": [city.lat + north for north in (0.0, 0.25, -0.05, 0.02, 0.0)],
            "lon": [city.lon + east for east in (0.0, 0.0, 0.0, 0.0, 0.03)],
            "time_zone": [city.time_zone] * 5,
            "preparation_s": [1_200, 3_600, 0, 0, 0],
            "curbside_bays": [3, 0, 0, 0, 0],
            "skills": ["two_person;evening;by_air;driverless", "", "", "", ""],
            "next_day_cutoff": ["00:00", "00:00", "23:00", "00:00", "00:00"],
        },
        "lanes": {
            "from_site_id": [CENTRE, STORE, STORE],
            "to_site_id": [STATION, LOCKERS, KIOSK],
            "departs": ["03:00", "12:00", "12:00"],
            "duration_s": [3_600, 1_800, 1_800],
            "parcel_cost_minor": [60, 40, 40],
        },
        "compartments": {
            "compartment_id": ["L1-small", "L1-large"],
            "site_id": [LOCKERS, LOCKERS],
            "length_mm": [320, 520],
            "width_mm": [230, 420],
            "height_mm": [160, 330],
            "count": [12, 4],
        },
    }


def _fleet() -> dict[str, Rows]:
    return {
        "vehicles": {
            "vehicle_id": ["station-van", "crew-van", "bike"],
            "site_id": [STATION, STORE, STORE],
            "vehicle_type": ["van", "van", "bike"],
            "shift_starts": ["08:00", "09:00", "09:00"],
            "shift_ends": ["20:00", "20:00", "21:00"],
            "max_weight_g": [900_000, 900_000, 60_000],
            "max_volume_ml": [6_000_000, 9_000_000, 200_000],
            "max_distance_m": [250_000, 250_000, 60_000],
            "fixed_cost_minor": [1_000, 3_000, 300],
            "cost_per_km_minor": [60, 75, 5],
            "cost_per_hour_minor": [2_200, 4_400, 2_000],
            "skills": ["", "two_person;concierge", ""],
        },
        "carriers": {
            "carrier_id": ["courier", CREW, "sky", "kerb"],
            "name": ["City courier", "Our crew of contractors", "Drones", "Vans without a driver"],
            "kind": ["on_demand"] * 4,
            "serves_kinds": ["", "store", "store", "store"],
            "max_weight_g": [25_000, 20_000, 2_500, 40_000],
            "max_side_mm": [800, 800, 350, 800],
            "delivers_from": ["08:00", "08:00", "09:00", "07:00"],
            "delivers_by": ["20:00", "23:00", "18:00", "23:00"],
            "lead_s": [1_200, 1_200, 300, 600],
            "skills": ["", "evening", "by_air", "driverless"],
        },
        "carrier_rates": {
            "carrier_id": ["courier", "courier", CREW, "sky", "kerb"],
            "max_distance_m": [6_000, 15_000, None, None, 8_000],
            "price_minor": [900, 1_600, 1_100, 450, 500],
        },
        "drones": {
            "drone_id": ["S1-sky", "S1-kerb"],
            "carrier_id": ["sky", "kerb"],
            "site_id": [STORE, STORE],
            "kind": ["air", "road"],
            "count": [2, 1],
            "speed_kmh": [72, 30],
            "range_m": [14_000, 60_000],
            "max_wind_kmh": [45, None],
        },
    }


def _goods() -> dict[str, Rows]:
    return {
        "products": {
            "product_id": [BOOK, LAMP, SOFA],
            "length_mm": [200, 300, 1_900],
            "width_mm": [150, 200, 900],
            "height_mm": [40, 150, 800],
            "weight_g": [700, 1_900, 48_000],
            "price_minor": [2_400, 5_900, 89_900],
            "margin_minor": [900, 2_300, 31_000],
            "flags": ["", "", "two_person"],
        },
        "stock": {
            "site_id": [STORE, CENTRE, CENTRE, STORE],
            "product_id": [BOOK, BOOK, LAMP, SOFA],
            "on_hand": [60, 60, 20, 2],
        },
        "orders": {},
        "order_lines": {},
    }


def _checkout() -> dict[str, Rows]:
    levels = [
        ("express", "express", "19:00", 0, "09:00", "21:00", True, 120, 990, "", None),
        ("same_day", "same_day", "14:00", 0, "10:00", "21:00", True, None, 790, "", None),
        ("next_day", "next_day", "20:00", 1, "08:00", "20:00", True, None, 390, "", None),
        ("two_day", "two_day", "24:00", 2, "08:00", "20:00", True, None, 0, "", None),
        ("scheduled", "scheduled", "24:00", 1, "08:00", "20:00", False, None, 590, "", None),
        ("white_glove", "scheduled", "16:00", 1, "09:00", "20:00", False, None, 6_900, "two_person", 1_800),
        ("evening", "same_day", "17:00", 0, "19:00", "22:30", False, None, 690, "evening", None),
        ("by_air", "express", "16:00", 0, "09:00", "18:00", True, 45, 490, "by_air", None),
        ("driverless", "same_day", "19:00", 0, "09:00", "22:00", True, None, 290, "driverless", None),
        ("concierge", "concierge", "24:00", 1, "09:00", "20:00", False, None, 2_900, "concierge", 1_200),
        ("click_and_collect", "click_and_collect", "20:00", 0, "09:00", "22:00", True, None, 0, "", None),
        ("curbside", "curbside", "20:00", 0, "09:00", "22:00", True, None, 0, "", None),
        ("locker", "locker", "11:00", 0, "09:00", "22:00", True, None, 190, "", None),
        ("pickup_point", "pickup_point", "11:00", 0, "09:00", "20:00", True, None, 190, "", None),
    ]
    names = ("service_level_id", "method", "cutoff", "promise_days", "window_starts", "window_ends", "early_allowed",
             "within_minutes", "fee_minor", "requirements", "service_s")  # fmt: skip
    return {
        "service_levels": dict(zip(names, map(list, zip(*levels, strict=True)), strict=True)),
        "extras": {
            "extra_id": ["assembly", "haul_away"],
            "name": ["Assembly", "Haul away the old one"],
            "service_s": [1_800, 600],
            "price_minor": [4_900, 2_900],
            "requirements": ["two_person", "two_person"],
        },
        "membership_plans": {
            "plan_id": [PLAN],
            "name": ["Plus"],
            "fee_minor": [9_900],
            "period_days": [365],
            "free_over_minor": [3_500],
            "percent_bp": [5_000],
        },
    }
