"""Drones: speed over ground against small steps, never more trips than drones, and what their checker finds."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.delivery_mode import check_deliveries
from doorstep.delivery_mode.drones import CODES, DroneFleets, Periods, Wishes, earliest, ground_kmh
from doorstep.delivery_mode.hangar import Hangar
from doorstep.delivery_mode.network import NEVER
from tests.hand_plan import changed, plan, road, shop
from tests.small import at, table

METRES_PER_DEGREE = 6_371_008.8 * math.pi / 180
EIGHT, TEN, EIGHTEEN = at("08:00"), at("10:00"), at("18:00")


def fleets(*periods: tuple[int, int, int, float, int], number: int = 1, kind: str = "air") -> DroneFleets:
    """Return one kind of drones of carrier 0 at site 0: 72 km/h, 320 s in the air, a minute at the door, 5 at home.

    A period is from, until, why not, wind [km/h] and where it comes from [degrees]; drones are back by 18:00.
    """
    column = [np.array(each) for each in zip(*periods, strict=True)]
    one = {"carrier": 0, "site": 0, "number": number, "speed_kmh": 72, "lasts_s": 320, "handover_s": 60,
           "turnaround_s": 300, "lead_s": 0, "max_weight_g": 2_000, "max_side_mm": 400}  # fmt: skip
    return DroneFleets(
        **{name: np.array([value]) for name, value in one.items()},
        is_air=np.array([kind == "air"]),
        site_lat=np.array([41.0]),
        site_lon=np.array([-87.0]),
        periods=(
            Periods(column[0], column[1], np.full(len(periods), EIGHTEEN), column[2], column[3] * 1.0,
                    np.radians(column[4])),
        ),
    )  # fmt: skip


def wishes(*north_m: float, ready_at: int = EIGHT, end_at: int = EIGHTEEN, **others: object) -> Wishes:
    """Return drops so many metres north of the site, of a kilogram each, at doors where drones may land."""
    size = len(north_m)
    rows = {"site": 0, "lon": -87.0, "landing": True, "road_m": 0, "weight_g": 1_000, "side_mm": 200,
            "ready_at": ready_at, "start_at": 0, "end_at": end_at} | others  # fmt: skip
    return Wishes(
        lat=41.0 + np.array(north_m) / METRES_PER_DEGREE, **{name: np.full(size, value) for name, value in rows.items()}
    )


def told(drones: DroneFleets, wish: Wishes) -> str:
    arrive_at, why = earliest(drones, 0, wish)
    assert (arrive_at[0] < NEVER) == (why[0] == 0)
    return str(CODES[why[0]])


CALM = (EIGHT, EIGHTEEN, 0, 0.0, 0)


@settings(max_examples=60)
@given(st.integers(20, 110), st.integers(0, 120), st.floats(0, 2 * math.pi))
def test_the_speed_over_ground_is_that_of_small_steps_on_a_line(speed, wind, angle):
    out, home = ground_kmh(float(speed), wind=float(wind), angle=np.array([angle]))
    for found, ahead in ((out[0], angle), (home[0], angle + math.pi)):
        against, across = wind * math.cos(ahead), wind * math.sin(ahead)
        if abs(across) >= speed:
            assert found == 0
            continue
        low, high = -math.pi / 2, math.pi / 2  # the nose turns until nothing carries it off its line
        for _ in range(60):
            nose = (low + high) / 2
            low, high = (nose, high) if speed * math.sin(nose) < across else (low, nose)
        x = y = 0.0
        for _ in range(100):
            x, y = x + (speed * math.cos(nose) - against) / 100, y + (speed * math.sin(nose) - across) / 100
        assert abs(y) < 1e-6
        assert found == pytest.approx(max(x, 0.0), abs=1e-5)


@pytest.mark.parametrize(
    ("period", "wish", "code"),
    [
        (CALM, wishes(1_112), ""),
        (CALM, wishes(1_112, weight_g=2_001), "drone_too_heavy"),
        (CALM, wishes(1_112, side_mm=401), "drone_too_big"),
        (CALM, wishes(1_112, landing=False), "drone_no_landing"),
        (CALM, wishes(2_600), ""),  # 130 + 60 + 130 s are just what it lasts
        (CALM, wishes(2_620), "drone_too_far"),
        ((EIGHT, EIGHTEEN, 0, 36.0, 0), wishes(1_950), ""),  # 195 + 60 + 65 s
        ((EIGHT, EIGHTEEN, 0, 36.0, 0), wishes(1_980), "drone_wind"),  # 198 + 60 + 66 s
        ((EIGHT, EIGHTEEN, 0, 36.0, 180), wishes(1_980), "drone_wind"),  # out and home change places
        ((EIGHT, EIGHTEEN, 0, 72.0, 90), wishes(500), "drone_wind"),
        (CALM, wishes(990, ready_at=EIGHTEEN - 160), ""),  # 50 + 60 + 50 s before the hours end
        (CALM, wishes(990, ready_at=EIGHTEEN - 159, end_at=EIGHTEEN + 3_600), "drone_curfew"),
        (CALM, wishes(990, ready_at=TEN, end_at=TEN + 49), "window_cannot_be_met"),
        (CALM, wishes(990, site=1), "no_admissible_mode"),
    ],
)
def test_why_no_drone_comes(period, wish, code):
    assert told(fleets(period), wish) == code


def test_a_robot_goes_along_the_road_whatever_the_wind_and_needs_no_landing_site():
    robot = fleets((EIGHT, EIGHTEEN, 0, 100.0, 0), kind="pavement")
    assert told(robot, wishes(1, road_m=2_600, landing=False)) == ""
    assert told(robot, wishes(1, road_m=2_620, landing=False)) == "drone_too_far"


def test_who_waits_for_the_wind_to_fall_arrives_in_the_calm():
    windy = fleets((EIGHT, TEN, 0, 60.0, 0), (TEN, EIGHTEEN, 0, 0.0, 0))
    assert earliest(windy, 0, wishes(1_990))[0].tolist() == [TEN + 100]


@settings(max_examples=60)
@given(st.integers(1, 3), st.lists(st.tuples(st.integers(1, 130), st.integers(0, 1_500)), max_size=14))
def test_no_more_drones_are_away_than_there_are_and_none_waits_for_nothing(number, drops):
    hangar = Hangar(fleets(CALM, number=number))
    drones: list[tuple[int, int]] = []
    for out_s, later_s in drops:
        arrive_at = hangar.book(0, wishes(20 * out_s - 10, ready_at=EIGHT + later_s))
        start, length = arrive_at - out_s, 2 * out_s + 360
        busy = [sum(a <= moment < b for a, b in drones) for moment in range(start, start + length)]
        assert max(busy) < number
        if start > EIGHT + later_s:  # a second earlier some drone more would be away than there are
            earlier = range(start - 1, start - 1 + length)
            assert max(sum(a <= moment < b for a, b in drones) for moment in earlier) == number
        drones.append((start, start + length))


def test_the_checker_of_deliveries_knows_what_drones_cannot_do():
    """D7 goes 3,336 m north to O6 at 14:00: 167 s at 72 km/h, so 394 s with a minute at the door."""
    drones = table(
        "drone_id carrier_id site_id kind count speed_kmh range_m reserve_pct handover_s turnaround_s max_wind_kmh"
        " max_gust_kmh max_rain_mm_h min_visibility_m min_temperature_c max_temperature_c",
        ("D", "CO", "S1", "air", 1, 72, 8_000, 0, 60, 300, 40, None, None, 1_000, 0, None),
    )
    weather = table(
        "weather_id site_id from_at wind_kmh wind_from_deg gust_kmh rain_mm_h visibility_m temperature_c",
        ("W", "S1", at("13:00"), 0, 0, 0, 0, 5_000, 10),
    )
    landing = shop().orders.with_columns(landing_site=pl.lit(value=True))

    def says(drone: dict[str, object] | None = None, sky: dict[str, object] | None = None, **tables: pl.DataFrame):
        changed_ = {"drones": changed(drones, "D", **(drone or {})), "weather": changed(weather, "W", **(sky or {}))}
        found = check_deliveries(shop().tables() | {"orders": landing} | changed_ | tables, plan().tables(), road)
        return " ".join(found)

    assert says() == ""
    assert "its battery lasts for 380 s" in says({"reserve_pct": 5})
    assert "its battery lasts for 400 s" in says(sky={"wind_kmh": 20, "wind_from_deg": 0})
    assert "the wind_kmh at its start is 41" in says(sky={"wind_kmh": 41})
    assert "the visibility_m at its start is 900" in says(sky={"visibility_m": 900})
    assert "the temperature_c at its start is -1" in says(sky={"temperature_c": -1})
    assert "may not land" in says(orders=shop().orders)
    assert "no drones at S1" in says({"site_id": "F1"})
    assert "not allowed at that time" in says(carriers=changed(shop().carriers, "CO", delivers_by="14:00"))
