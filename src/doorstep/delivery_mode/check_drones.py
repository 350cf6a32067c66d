"""Checks trips of drones with wall clocks and vectors on a globe, sharing nothing with the code that plans them."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from doorstep.delivery_mode.check_days import ClosedLog

Row = dict[str, object]
EARTH_M = 6_371_008.8
ROUNDING_S = 2
"""Two ways of reckoning may differ by a second on each way."""
CALM: Row = {"from_at": 0, "wind_kmh": 0, "wind_from_deg": 0, "gust_kmh": 0, "rain_mm_h": 0}
ABOVE = (("max_wind_kmh", "wind_kmh"), ("max_gust_kmh", "gust_kmh"), ("max_rain_mm_h", "rain_mm_h"),
         ("max_temperature_c", "temperature_c"))  # fmt: skip
BELOW = (("min_visibility_m", "visibility_m"), ("min_temperature_c", "temperature_c"))


class DroneLog:
    """All drones and the weather, and the trips that were found sound."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.drones, self.weather, self.closed = defaultdict(list), defaultdict(list), ClosedLog(tables)
        for row in tables["drones"].iter_rows(named=True):
            self.drones[row["carrier_id"]].append(row)
        for row in tables["weather"].sort("from_at").iter_rows(named=True):
            self.weather[row["site_id"]].append(row)
        self.trips: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def faults(self, delivery: Row, carrier: Row, site: Row, order: Row, road_m: int) -> list[str]:
        """Return what is wrong with a delivery by a carrier's drones: nothing if one kind of them could bring it."""
        told = [f"carrier {carrier['carrier_id']} has no drones at {site['site_id']}."]
        for drone in self.drones[carrier["carrier_id"]]:
            if drone["site_id"] != site["site_id"]:
                continue
            for start, back, fault in self._trips(drone, delivery, carrier, site, order, road_m):
                if not fault:
                    self.trips[drone["drone_id"]].append((start, back + drone["turnaround_s"]))
                    return []
                told = [f"drone {drone['drone_id']} cannot bring it: {fault}."]
        return told

    def crowds(self) -> list[str]:
        """Return where more drones are away than there are."""
        kinds = [drone for drones in self.drones.values() for drone in drones]
        return [
            f"{away} drones {drone['drone_id']} are away at {at}, there are {drone['count']}."
            for drone in kinds
            for at, _ in self.trips[drone["drone_id"]]
            if (away := sum(a <= at < b - ROUNDING_S for a, b in self.trips[drone["drone_id"]])) > drone["count"]
        ]

    def _trips(
        self, drone: Row, delivery: Row, carrier: Row, site: Row, order: Row, road_m: int
    ) -> Iterator[tuple[int, int, str]]:
        """Yield start, return and fault of the trip for each row of weather at the site that could have been."""
        rows = self.weather[site["site_id"]] or [CALM]
        ends = [*(_int(row["from_at"]) for row in rows[1:]), 1 << 60]
        for number, (weather, until) in enumerate(zip(rows, ends, strict=True)):
            out_s, home_s = _seconds(drone, weather, site, order, road_m)
            if not math.isfinite(out_s + home_s):
                yield 0, 0, "the wind across is too strong"
                continue
            away_s = math.ceil(out_s) + _int(drone["handover_s"]) + math.ceil(home_s)
            start = _int(delivery["arrive_at"]) - math.ceil(out_s)
            if (number and start < _int(weather["from_at"]) - ROUNDING_S) or start >= until + ROUNDING_S:
                yield start, start + away_s, "there was no such weather at its start"
                continue
            if self.closed.shut(site["site_id"], _day(start, site)):
                yield start, start + away_s, "its site is closed on that day"
                continue
            yield start, start + away_s, _fault(drone, weather, delivery, carrier, site, order, start, start + away_s)


def _day(moment: int, site: Row) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(str(site["time_zone"]))).date()


def _fault(drone: Row, weather: Row, delivery: Row, carrier: Row, site: Row, order: Row, start: int, back: int) -> str:
    """Return what stops a trip, empty if nothing does."""
    lasts_s = _int(drone["range_m"]) * 3.6 / _int(drone["speed_kmh"]) * (100 - _int(drone["reserve_pct"])) / 100
    known = [
        (limit, name, sign) for pairs, sign in ((ABOVE, 1), (BELOW, -1)) for limit, name in pairs if name in weather
    ]
    stops = [
        name
        for limit, name, sign in known
        if drone[limit] is not None and sign * (_int(weather[name]) - _int(drone[limit])) > 0
    ]
    if stops:
        return f"the {stops[0]} at its start is {weather[stops[0]]}"
    if back - start > lasts_s + ROUNDING_S:
        return f"it is away for {back - start} s, its battery lasts for {lasts_s:.0f} s"
    if drone["kind"] == "air" and not order["landing_site"]:
        return "it may not land there"
    if start < _int(delivery["ready_at"]) + _int(carrier["lead_s"]) - ROUNDING_S:
        return f"it starts at {start}, before it can"
    zone, day = ZoneInfo(str(site["time_zone"])), _day(start, site)
    opens, closes = (_clock(day, str(carrier[name]), zone) for name in ("delivers_from", "delivers_by"))
    if (
        str(day.isoweekday()) not in str(carrier["weekdays"])
        or start < opens - ROUNDING_S
        or back > closes + ROUNDING_S
    ):
        return f"it is away from {start} to {back}, which is not allowed at that time"
    return ""


def _seconds(drone: Row, weather: Row, site: Row, order: Row, road_m: int) -> tuple[float, float]:
    """Return the seconds out and home; infinite against a wind that it cannot keep its line in.

    The speed over ground g along the unit vector u is what makes the length of g u - w the drone's own speed.
    """
    own = _int(drone["speed_kmh"]) / 3.6
    if drone["kind"] in ("pavement", "road"):
        return road_m / own, road_m / own
    way_m, east, north = _way(site, order)
    blows_to = math.radians(_int(weather["wind_from_deg"]) + 180)
    wind = _int(weather["wind_kmh"]) / 3.6
    along = wind * (math.sin(blows_to) * east + math.cos(blows_to) * north)
    rest = along * along - wind * wind + own * own
    if rest <= 0:
        return math.inf, math.inf
    out, home = along + math.sqrt(rest), -along + math.sqrt(rest)
    return (way_m / out if out > 0 else math.inf), (way_m / home if home > 0 else math.inf)


def _way(site: Row, order: Row) -> tuple[float, float, float]:
    """Return the metres from a site to a door, and how far east and north the way begins, as parts of 1."""
    a, b = (_on_globe(float(str(p["lat"])), float(str(p["lon"]))) for p in (site, order))
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    way_m = EARTH_M * math.atan2(math.hypot(*cross), dot)
    lon = math.radians(float(str(site["lon"])))
    east = -math.sin(lon) * b[0] + math.cos(lon) * b[1]
    up = math.hypot(a[0], a[1])
    north = up * b[2] - a[2] * (math.cos(lon) * b[0] + math.sin(lon) * b[1])
    length = math.hypot(east, north) or 1.0
    return way_m, east / length, north / length


def _on_globe(lat: float, lon: float) -> tuple[float, float, float]:
    phi, lam = math.radians(lat), math.radians(lon)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def _clock(day: date, text: str, zone: ZoneInfo) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    day += timedelta(days=hour // 24)
    return int(datetime.combine(day, time(hour % 24, minute), zone).timestamp())


def _int(value: object) -> int:
    return int(str(value))
