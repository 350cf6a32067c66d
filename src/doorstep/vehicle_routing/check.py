"""Recomputes every route from the plan's tables: sequence, clock, loads, range, skills and cost."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl

Road = Callable[[float, float, float, float], tuple[int, int]]
"""Metres and seconds from a point to another: lat, lon, lat, lon."""

Row = dict[str, object]


def check_routes(tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame], road: Road) -> list[str]:
    """Return one sentence for each broken rule of the routes.

    Each delivery of the own fleet is on exactly one stop of its route; arrivals, waits and service follow from the road
    and the clock; windows, releases, shifts, closed days, capacities, range, reloads, skills and the number of vehicles
    are kept; distance, time and fixed cost are recomputed.

    Parameters
    ----------
    tables, plan
        Tables of the retailer and of the plan by name.
    road
        Independent travel metres and seconds.
    """
    stops: dict[str, list[Row]] = defaultdict(list)
    for stop in plan["stops"].sort("route_id", "sequence").iter_rows(named=True):
        stops[stop["route_id"]].append(stop)
    book = _Book(tables, plan, road)
    faults = book.coverage(stops)
    rows = Counter(plan["routes"]["route_id"].to_list())
    faults += [f"route {route} has stops but no row." for route in stops if route not in rows]
    faults += [f"route {route} stands {count} times." for route, count in rows.items() if count > 1]
    for route in plan["routes"].iter_rows(named=True):
        faults += [f"route {route['route_id']}: {fault}" for fault in book.route(route, stops[route["route_id"]])]
    return faults + book.fleet_sizes()


class _Book:
    """The tables as dictionaries."""

    def __init__(self, tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame], road: Road) -> None:
        self.road = road
        self.sites = {r["site_id"]: r for r in tables["sites"].iter_rows(named=True)}
        self.vehicles = {r["vehicle_id"]: r for r in tables["vehicles"].iter_rows(named=True)}
        self.orders = {r["order_id"]: r for r in tables["orders"].iter_rows(named=True)}
        self.windows = {r["order_id"]: r for r in plan["order_outcomes"].iter_rows(named=True)}
        self.closed = {(r["site_id"], r["day"]) for r in tables["closed_days"].iter_rows(named=True)}
        self.routes = plan["routes"]
        self.own = {r["delivery_id"]: r for r in plan["deliveries"].iter_rows(named=True) if r["mode"] == "own_fleet"}
        self.service_s = int(tables["policy"]["door_service_s"][0])
        self.needs: dict[str, set[str]] = defaultdict(set)
        for parcel in plan["parcels"].iter_rows(named=True):
            self.needs[parcel["delivery_id"]] |= set(filter(None, parcel["requirements"].split(";")))
        offered = tables["service_levels"]
        self.early = dict(zip(offered["service_level_id"], offered["early_allowed"], strict=True))
        self.level_service_s = dict(zip(offered["service_level_id"], offered["service_s"], strict=True))
        levels = dict(
            zip(tables["service_levels"]["service_level_id"], tables["service_levels"]["requirements"], strict=True)
        )
        for delivery_id, row in self.own.items():
            order = self.orders[row["order_id"]]
            asked = f"{order['requirements']};{levels[order['service_level_id']]}"
            self.needs[delivery_id] |= set(filter(None, asked.split(";")))

    def coverage(self, stops: dict[str, list[Row]]) -> list[str]:
        """Every own delivery is on one stop of the route it names, and no stop is without delivery."""
        seen = Counter(
            (s["delivery_id"], route) for route, rows in stops.items() for s in rows if s["kind"] == "delivery"
        )
        expected = Counter((d, r["route_id"]) for d, r in self.own.items())
        return [
            f"delivery {d} stands {seen[d, r]} times on route {r}." for d, r in (seen - expected) + (expected - seen)
        ]

    def route(self, route: Row, stops: list[Row]) -> list[str]:
        """Return the faults of one route."""
        vehicle = self.vehicles[str(route["vehicle_id"])]
        site = self.sites[str(route["site_id"])]
        faults = [] if vehicle["site_id"] == route["site_id"] else ["its vehicle belongs to another site."]
        if not stops or stops[0]["kind"] != "start" or stops[-1]["kind"] != "end":
            return [*faults, "does not start and end at its site."]
        faults += self._clock(stops, site) + self._loads(stops, vehicle)
        first, last = stops[0], stops[-1]
        zone = ZoneInfo(str(site["time_zone"]))
        begins, ends = (
            _clock_on(_int(first["service_at"]), str(vehicle[n]), zone) for n in ("shift_starts", "shift_ends")
        )
        if _int(first["service_at"]) < begins or _int(last["arrive_at"]) > ends:
            faults.append(f"works {first['service_at']} to {last['arrive_at']}, outside its shift {begins} to {ends}.")
        day = datetime.fromtimestamp(_int(first["service_at"]), zone).date().isoformat()
        if self.closed & {(route["site_id"], day), ("", day)}:
            faults.append(f"is out on {day}, a closed day of {route['site_id']}.")
        metres = sum(_int(stop["distance_m"]) for stop in stops)
        if vehicle["max_distance_m"] is not None and metres > _int(vehicle["max_distance_m"]):
            faults.append(f"drives {metres} m, beyond its range {vehicle['max_distance_m']} m.")
        if sum(stop["kind"] == "reload" for stop in stops) > _int(vehicle["max_reloads"]):
            faults.append("reloads too often.")
        faults += self._figures(route, stops)
        return faults + _cost_faults(route, vehicle, metres, _int(last["arrive_at"]) - _int(first["service_at"]))

    def _figures(self, route: Row, stops: list[Row]) -> list[str]:
        """Return the faults of the route's clock and counts, which its stops must bear out."""
        doors = [self.own[str(stop["delivery_id"])] for stop in stops if stop["kind"] == "delivery"]
        stems = [s for b, s in pairwise(stops) if b["kind"] != "delivery" or s["kind"] != "delivery"]
        expected = {
            "starts_at": stops[0]["service_at"],
            "ends_at": stops[-1]["arrive_at"],
            "stops": len(doors),
            "parcels": sum(_int(door["parcels"]) for door in doors),
            "trips": 1 + sum(stop["kind"] == "reload" for stop in stops),
            "stem_m": sum(_int(stop["distance_m"]) for stop in stems),
        }
        return [f"{name} is {route[name]}, not {value}." for name, value in expected.items() if route[name] != value]

    def _clock(self, stops: list[Row], site: Row) -> list[str]:
        faults = []
        for before, stop in pairwise(stops):
            place = f"stop {stop['sequence']}"
            metres, seconds = self.road(before["lat"], before["lon"], stop["lat"], stop["lon"])  # type: ignore[arg-type]
            if stop["distance_m"] != metres:
                faults.append(f"{place}: {stop['distance_m']} m driven, the road is {metres} m.")
            if _int(stop["arrive_at"]) != _int(before["leave_at"]) + seconds:
                faults.append(
                    f"{place}: arrives at {stop['arrive_at']}, {seconds} s after leaving {before['leave_at']}."
                )
            if _int(stop["service_at"]) < _int(stop["arrive_at"]):
                faults.append(f"{place}: service begins before arrival.")
        for number, stop in enumerate(stops):
            faults += self._stop(stop, stops[number + 1 :], site)
        return faults

    def _stop(self, stop: Row, later: list[Row], site: Row) -> list[str]:
        place = f"stop {stop['sequence']}"
        if stop["kind"] in ("start", "reload"):
            return self._loading(stop, later, site)
        if stop["kind"] == "end":
            return [] if (stop["lat"], stop["lon"]) == (site["lat"], site["lon"]) else [f"{place}: ends elsewhere."]
        delivery = self.own[str(stop["delivery_id"])]
        order, window = self.orders[delivery["order_id"]], self.windows[delivery["order_id"]]
        faults = []
        early = self.early[order["service_level_id"]] and order["window_start_at"] is None
        opens = order["placed_at"] if early else window["window_start_at"]
        if not opens <= _int(stop["service_at"]) <= window["window_end_at"]:
            faults.append(f"{place}: service at {stop['service_at']} is outside the promise.")
        usual = self.level_service_s[order["service_level_id"]]
        known = (order["service_s"], usual, self.service_s)
        service = next(seconds for seconds in known if seconds is not None)
        if _int(stop["leave_at"]) != _int(stop["service_at"]) + service:
            faults.append(
                f"{place}: stays {_int(stop['leave_at']) - _int(stop['service_at'])} s, service takes {service}."
            )
        if (stop["lat"], stop["lon"]) != (order["lat"], order["lon"]):
            faults.append(f"{place}: is not at the door of order {order['order_id']}.")
        if delivery["arrive_at"] != stop["service_at"]:
            faults.append(f"{place}: delivery says {delivery['arrive_at']}, route {stop['service_at']}.")
        return faults

    def _loading(self, stop: Row, later: list[Row], site: Row) -> list[str]:
        place = f"stop {stop['sequence']}"
        faults = [] if (stop["lat"], stop["lon"]) == (site["lat"], site["lon"]) else [f"{place}: loads elsewhere."]
        if _int(stop["leave_at"]) < _int(stop["service_at"]) + _int(site["loading_s"]):
            faults.append(f"{place}: loads for less than {site['loading_s']} s.")
        for door in later:
            if door["kind"] != "delivery":
                break
            if self.own[str(door["delivery_id"])]["ready_at"] > _int(stop["service_at"]):
                faults.append(f"{place}: delivery {door['delivery_id']} is loaded before it is ready.")
        return faults

    def _loads(self, stops: list[Row], vehicle: Row) -> list[str]:
        faults = []
        skills = set(filter(None, str(vehicle["skills"]).split(";")))
        load: Counter[str] = Counter()
        for stop in stops:
            if stop["kind"] != "delivery":
                load.clear()
                continue
            delivery = self.own[str(stop["delivery_id"])]
            load.update({n: delivery[n] for n in ("weight_g", "volume_ml", "parcels")})
            for what in ("weight_g", "volume_ml", "parcels"):
                most = vehicle[f"max_{what}"]
                if most is not None and load[what] > _int(most):
                    faults.append(f"stop {stop['sequence']}: {what} {load[what]} exceeds {most}.")
            missing = self.needs[str(stop["delivery_id"])] - skills
            if missing:
                faults.append(f"stop {stop['sequence']}: needs {sorted(missing)}, which the vehicle lacks.")
        return faults

    def fleet_sizes(self) -> list[str]:
        """No vehicle type is out more often on a day than there are vehicles."""
        out: Counter[tuple[str, object]] = Counter()
        for route in self.routes.iter_rows(named=True):
            zone = ZoneInfo(self.sites[route["site_id"]]["time_zone"])
            out[route["vehicle_id"], datetime.fromtimestamp(route["starts_at"], UTC).astimezone(zone).date()] += 1
        return [
            f"{number} routes of {vehicle} on {day}, {self.vehicles[vehicle]['count']} vehicles."
            for (vehicle, day), number in out.items()
            if number > self.vehicles[vehicle]["count"]
        ]


def _cost_faults(route: Row, vehicle: Row, metres: int, seconds: int) -> list[str]:
    expected = {
        "fixed_minor": _int(vehicle["fixed_cost_minor"]),
        "distance_minor": _half_up(Fraction(metres * _int(vehicle["cost_per_km_minor"]), 1000)),
        "time_minor": _half_up(Fraction(seconds * _int(vehicle["cost_per_hour_minor"]), 3600)),
    }
    expected["cost_minor"] = sum(expected.values())
    expected["distance_m"] = metres
    return [f"{name} is {route[name]}, not {value}." for name, value in expected.items() if route[name] != value]


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def _int(value: object) -> int:
    return int(str(value))


def _clock_on(moment: int, text: str, zone: ZoneInfo) -> int:
    day = datetime.fromtimestamp(moment, UTC).astimezone(zone).date()
    if text == "24:00":
        return int(datetime.combine(day + timedelta(days=1), time(0), zone).timestamp())
    return int(datetime.combine(day, time.fromisoformat(text), zone).timestamp())
