"""Drones: whether one comes to a door and back, in which wind, weather and hours, and when it arrives.

The weather at the start counts for the whole trip. A drone of the air flies straight, turned into the wind so far that
it stays on its line: of the wind across nothing is left but speed lost, the wind along is added or taken off.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl

from doorstep.delivery_mode.network import NEVER
from doorstep.delivery_mode.rate_card import NO_LIMIT, RateCards
from doorstep.delivery_mode.tariff import NO_MODE, POSSIBLE, WINDOW
from doorstep.foundation.arrays import Bools, Floats, Ints, index_of, ints
from doorstep.geography import great_circle_m

SECONDS = 3.6
"""A way in metres over a speed in km/h, times this, is seconds."""

WORDS = {
    "drone_too_heavy": "it is heavier than a drone carries.",
    "drone_too_big": "one of its parcels is longer than a drone takes.",
    "drone_no_landing": "the address has no place where a drone may land or lower a parcel.",
    "drone_too_far": "no drone's battery lasts there and back with its reserve.",
    "drone_wind": "the wind is too strong for drones, or to come back with the reserve.",
    "drone_rain": "there is too much rain or snow for drones.",
    "drone_visibility": "the air is not clear enough for drones.",
    "drone_temperature": "it is too cold or too hot for drones.",
    "drone_curfew": "drones may not be under way at that time.",
    "drone_busy": "no drone is free in time.",
}
"""Why no drone comes, in words by code; the later one of two is nearer to a drone that comes."""
CODES = ("", "window_cannot_be_met", "no_admissible_mode", *WORDS)
"""Code by the number of the reason why a carrier does not bring a drop."""
TOO_HEAVY, TOO_BIG, NO_LANDING, TOO_FAR, WIND, RAIN, VISIBILITY, TEMPERATURE, CURFEW, BUSY = range(3, len(CODES))


class Periods(NamedTuple):
    """W periods in which the weather is the same and drones may be under way, in order, all (W,).

    A trip starts from ``from_at`` to before ``until_at`` and is back by ``back_by`` [epoch s]; ``why`` is 0 or the
    weather that stops it; the wind is in km/h, and comes from ``wind_from`` [radians].
    """

    from_at: Ints
    until_at: Ints
    back_by: Ints
    why: Ints
    wind: Floats
    wind_from: Floats


class DroneFleets(NamedTuple):
    """F kinds of drones, each at one site: (F,) arrays; ``lasts_s`` is how long a trip may last, the reserve kept."""

    carrier: Ints
    site: Ints
    is_air: Bools
    number: Ints
    speed_kmh: Ints
    lasts_s: Ints
    handover_s: Ints
    turnaround_s: Ints
    lead_s: Ints
    max_weight_g: Ints
    max_side_mm: Ints
    site_lat: Floats
    site_lon: Floats
    periods: tuple[Periods, ...]

    def are_of(self, carrier: int) -> bool:
        """Return whether a carrier has drones, and so nothing else."""
        return bool((self.carrier == carrier).any())

    def at(self, carrier: int, site: int) -> list[int]:
        """Return the rows of a carrier's drones at a site."""
        return np.flatnonzero((self.carrier == carrier) & (self.site == site)).tolist()


class Wishes(NamedTuple):
    """N drops that a drone may bring, all (N,).

    ``weight_g`` of each whole, ``side_mm`` of its longest parcel, ``landing`` whether the door has a place for it,
    ``road_m`` to the door, ``ready_at`` at the site, and the window ``start_at``, ``end_at`` at the door [epoch s].
    """

    site: Ints
    lat: Floats
    lon: Floats
    landing: Bools
    road_m: Ints
    weight_g: Ints
    side_mm: Ints
    ready_at: Ints
    start_at: Ints
    end_at: Ints

    def take(self, rows: Ints) -> "Wishes":
        """Return some of the drops."""
        return Wishes(**{name: column[rows] for name, column in self._asdict().items()})


class Trips(NamedTuple):
    """Trips of one period, (N,): the earliest and the latest start, seconds to the door and in all, and why not."""

    first_at: Ints
    last_at: Ints
    out_s: Ints
    trip_s: Ints
    why: Ints


def drone_fleets(
    sites: pl.DataFrame, drones: pl.DataFrame, weather: pl.DataFrame, carriers: pl.DataFrame, cards: RateCards
) -> DroneFleets:
    """Return the drones of a retailer's tables, on the calendar of the rate cards."""
    carrier = index_of(drones["carrier_id"], carriers["carrier_id"], what="carrier_id of drones")
    site = index_of(drones["site_id"], sites["site_id"], what="site_id of drones")
    speed = ints(drones["speed_kmh"])
    lasts_s = ints(drones["range_m"]) * 36 * (100 - ints(drones["reserve_pct"])) // (1_000 * np.maximum(speed, 1))
    return DroneFleets(
        carrier=carrier,
        site=site,
        is_air=(drones["kind"].cast(pl.String) == "air").to_numpy(),
        number=ints(drones["count"]),
        speed_kmh=speed,
        lasts_s=lasts_s,
        handover_s=ints(drones["handover_s"]),
        turnaround_s=ints(drones["turnaround_s"]),
        lead_s=cards.lead_s[carrier],
        max_weight_g=cards.max_weight_g[carrier],
        max_side_mm=cards.max_side_mm[carrier],
        site_lat=sites["lat"].to_numpy()[site],
        site_lon=sites["lon"].to_numpy()[site],
        periods=tuple(
            _periods(row, weather.filter(pl.col("site_id") == row["site_id"]).sort("from_at"), cards, c, s)
            for row, c, s in zip(drones.iter_rows(named=True), carrier.tolist(), site.tolist(), strict=True)
        ),
    )


def _periods(drone: dict[str, object], weather: pl.DataFrame, cards: RateCards, carrier: int, site: int) -> Periods:
    """Return the periods of drones: the hours of their carrier on the days it comes, cut where the weather changes."""
    comes = cards.comes[carrier, site]
    opens, closes = (clock[carrier, site][comes] for clock in (cards.delivers_from_at, cards.delivers_by_at))
    begins = np.append(ints(weather["from_at"]), NEVER) if weather.height else np.array([0, NEVER])
    begins[0] = 0
    day, row = np.nonzero((begins[:-1] < closes[:, None]) & (begins[1:] > opens[:, None]))
    calm = np.zeros(1)
    return Periods(
        from_at=np.maximum(opens[day], begins[row]),
        until_at=np.minimum(closes[day], begins[row + 1]),
        back_by=closes[day],
        why=(_stops(drone, weather) if weather.height else np.zeros(1, np.int64))[row],
        wind=(weather["wind_kmh"].to_numpy().astype(np.float64) if weather.height else calm)[row],
        wind_from=(np.radians(weather["wind_from_deg"].to_numpy()) if weather.height else calm)[row],
    )


def _stops(drone: dict[str, object], weather: pl.DataFrame) -> Ints:
    """Return which weather stops drones whatever their trip, by row of the weather, 0 for none."""

    def above(column: str, limit: str) -> Bools:
        most = NO_LIMIT if drone[limit] is None else drone[limit]
        return (weather[column] > most).to_numpy()

    def below(column: str, limit: str) -> Bools:
        least = -NO_LIMIT if drone[limit] is None else drone[limit]
        return (weather[column] < least).to_numpy()

    stops = (
        (above("wind_kmh", "max_wind_kmh") | above("gust_kmh", "max_gust_kmh"), WIND),
        (above("rain_mm_h", "max_rain_mm_h"), RAIN),
        (below("visibility_m", "min_visibility_m"), VISIBILITY),
        (above("temperature_c", "max_temperature_c") | below("temperature_c", "min_temperature_c"), TEMPERATURE),
    )
    return np.select([stop for stop, _ in stops], [code for _, code in stops], default=0).astype(np.int64)


def refused(fleets: DroneFleets, fleet: int, wishes: Wishes) -> Ints:
    """Return why drones do not take drops whatever the hour and weather, 0 for those that they take, (N,)."""
    _, trip_s = calm_s(fleets, fleet, wishes)
    tests = (
        (wishes.weight_g > fleets.max_weight_g[fleet], TOO_HEAVY),
        (wishes.side_mm > fleets.max_side_mm[fleet], TOO_BIG),
        (fleets.is_air[fleet] & ~wishes.landing, NO_LANDING),
        (trip_s > fleets.lasts_s[fleet], TOO_FAR),
    )
    return np.select([test for test, _ in tests], [code for _, code in tests], default=POSSIBLE).astype(np.int64)


def trips(fleets: DroneFleets, fleet: int, wishes: Wishes) -> Iterator[Trips]:
    """Yield the trips of each period that touches the windows of drops, earliest period first."""
    all_periods, called_at = fleets.periods[fleet], wishes.ready_at + fleets.lead_s[fleet]
    if not wishes.site.size:
        return
    near = (all_periods.until_at > called_at.min()) & (all_periods.from_at <= wishes.end_at.max())
    for here in np.flatnonzero(near).tolist():
        period = Periods(*(column[here] for column in all_periods))
        out_s, trip_s, able = _in_wind(fleets, fleet, wishes, period)
        first = np.maximum(np.maximum(called_at, period.from_at), wishes.start_at - out_s)
        in_time, home_in_time = wishes.end_at - out_s, period.back_by - trip_s
        last = np.minimum(np.minimum(in_time, home_in_time), period.until_at - 1)
        touches = (np.maximum(called_at, period.from_at) < period.until_at) & (period.from_at <= wishes.end_at)
        code = np.select(
            [~touches, np.full(able.shape, period.why > 0), ~able, first > in_time, first > home_in_time, first > last],
            [CURFEW, period.why, WIND, WINDOW, CURFEW, CURFEW],
            default=POSSIBLE,
        )
        yield Trips(first, last, out_s, trip_s, code.astype(np.int64))


def earliest(fleets: DroneFleets, carrier: int, wishes: Wishes) -> tuple[Ints, Ints]:
    """Return when a carrier's drones arrive at the earliest, ``NEVER`` if they do not come, and why not, both (N,)."""
    arrive, why = np.full(wishes.site.shape, NEVER), np.full(wishes.site.shape, -1, dtype=np.int64)
    for fleet in np.flatnonzero(fleets.carrier == carrier).tolist():
        rows = np.flatnonzero(wishes.site == fleets.site[fleet])
        found, reason = _earliest_of(fleets, fleet, wishes.take(rows))
        arrive[rows], why[rows] = np.minimum(arrive[rows], found), np.maximum(why[rows], reason)
    return arrive, np.where(arrive < NEVER, POSSIBLE, np.where(why < 0, NO_MODE, why))


def _earliest_of(fleets: DroneFleets, fleet: int, wishes: Wishes) -> tuple[Ints, Ints]:
    """Return the same of one kind of drones at their site."""
    reason, found = refused(fleets, fleet, wishes), np.full(wishes.site.shape, NEVER)
    calm_at = wishes.ready_at + fleets.lead_s[fleet] + calm_s(fleets, fleet, wishes)[0]
    stopped, noted = np.where(calm_at > wishes.end_at, WINDOW, CURFEW), np.zeros(wishes.site.shape, dtype=np.bool_)
    for trip in trips(fleets, fleet, wishes):
        found = np.where(trip.why == POSSIBLE, np.minimum(found, trip.first_at + trip.out_s), found)
        tells = ~noted & (trip.why != CURFEW)
        stopped, noted = np.where(tells, trip.why, stopped), noted | tells
    return np.where(reason == POSSIBLE, found, NEVER), np.where(reason == POSSIBLE, stopped, reason)


def calm_s(fleets: DroneFleets, fleet: int, wishes: Wishes) -> tuple[Ints, Ints]:
    """Return the seconds to each door, and there and back with the hand-over, without wind."""
    out_s = np.ceil(_way_m(fleets, fleet, wishes) * SECONDS / fleets.speed_kmh[fleet]).astype(np.int64)
    return out_s, 2 * out_s + fleets.handover_s[fleet]


def _way_m(fleets: DroneFleets, fleet: int, wishes: Wishes) -> Floats:
    if not fleets.is_air[fleet]:
        return wishes.road_m.astype(np.float64)
    return great_circle_m(
        lat_a=fleets.site_lat[fleet], lon_a=fleets.site_lon[fleet], lat_b=wishes.lat, lon_b=wishes.lon
    )


def _in_wind(fleets: DroneFleets, fleet: int, wishes: Wishes, period: Periods) -> tuple[Ints, Ints, Bools]:
    """Return seconds to each door, seconds of the trip, and whether the battery lasts for it."""
    if not fleets.is_air[fleet]:
        out_s, trip_s = calm_s(fleets, fleet, wishes)
        return out_s, trip_s, trip_s <= fleets.lasts_s[fleet]
    way_m = _way_m(fleets, fleet, wishes)
    course = _bearing(fleets.site_lat[fleet], fleets.site_lon[fleet], wishes.lat, wishes.lon)
    out_kmh, home_kmh = ground_kmh(
        float(fleets.speed_kmh[fleet]), wind=float(period.wind), angle=period.wind_from - course
    )
    moves = np.minimum(out_kmh, home_kmh) > 0
    out_s, home_s = (
        np.ceil(way_m * SECONDS / np.where(moves, kmh, 1.0)).astype(np.int64) for kmh in (out_kmh, home_kmh)
    )
    trip_s = out_s + fleets.handover_s[fleet] + home_s
    return out_s, trip_s, moves & (trip_s <= fleets.lasts_s[fleet])


def ground_kmh(speed: float, *, wind: float, angle: Floats) -> tuple[Floats, Floats]:
    """Return the speed over ground out and home along a line, 0 where the wind across is stronger than the drone.

    Parameters
    ----------
    speed, wind
        In the air, and of the wind [km/h].
    angle
        From the way out to where the wind comes from [radians]: 0 is against the drone.
    """
    along = wind * np.cos(angle)
    left = speed**2 - (wind * np.sin(angle)) ** 2
    straight = np.sqrt(np.maximum(left, 0.0))
    out, home = (np.where(left > 0, np.maximum(straight + sign * along, 0.0), 0.0) for sign in (-1, 1))
    return out, home


def _bearing(lat_a: float, lon_a: float, lat_b: Floats, lon_b: Floats) -> Floats:
    """Return the course from a point to others at its start, clockwise from north [radians]."""
    phi_a, phi_b, turn = np.radians(lat_a), np.radians(lat_b), np.radians(lon_b - lon_a)
    east = np.sin(turn) * np.cos(phi_b)
    north = np.cos(phi_a) * np.sin(phi_b) - np.sin(phi_a) * np.cos(phi_b) * np.cos(turn)
    course: Floats = np.arctan2(east, north)
    return course
