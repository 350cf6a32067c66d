"""Checks deliveries and carriers' fees from the tables with wall clocks, sharing nothing with the quoting code."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import polars as pl

from doorstep.delivery_mode.check_days import ClosedLog
from doorstep.delivery_mode.check_drones import DroneLog

Road = Callable[[float, float, float, float], tuple[int, int]]
"""Metres and seconds from a point to another: lat, lon, lat, lon."""

Row = dict[str, object]


def check_deliveries(tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame], road: Road) -> list[str]:
    """Return one sentence for each broken rule of deliveries.

    Every parcel travels once, is ready when its delivery says, took a lane that exists and had room, and arrives inside
    the promise, nothing of it on a closed day; carriers may take it, keep its requirements and their daily limits, and
    ask what their rate card says; what waits in a locker fits a compartment; line-haul and failure cost follow from the
    tables.

    Parameters
    ----------
    tables, plan
        Tables of the retailer and of the plan by name.
    road
        Independent travel metres and seconds.
    """
    return _Ledger(tables, plan, road).faults()


class _Ledger:
    """The tables as dictionaries."""

    def __init__(self, tables: dict[str, pl.DataFrame], plan: dict[str, pl.DataFrame], road: Road) -> None:
        self.road = road
        self.sites = {r["site_id"]: r for r in tables["sites"].iter_rows(named=True)}
        self.carriers = {r["carrier_id"]: r for r in tables["carriers"].iter_rows(named=True)}
        self.levels = {r["service_level_id"]: r for r in tables["service_levels"].iter_rows(named=True)}
        self.orders = {r["order_id"]: r for r in tables["orders"].iter_rows(named=True)}
        self.lanes = {(r["from_site_id"], r["to_site_id"]): r for r in tables["lanes"].iter_rows(named=True)}
        self.cartons = {r["carton_id"]: r for r in tables["cartons"].iter_rows(named=True)}
        self.products = {r["product_id"]: r for r in tables["products"].iter_rows(named=True)}
        self.compartments = _grouped(tables["compartments"], "site_id")
        self.contents = _grouped(plan["parcel_lines"], "parcel_id")
        self.policy = tables["policy"].row(0, named=True)
        self.rates = _grouped(tables["carrier_rates"], "carrier_id")
        self.extras = _grouped(tables["carrier_surcharges"], "carrier_id")
        self.zones = _grouped(tables["carrier_zones"], "carrier_id")
        self.windows = {r["order_id"]: r for r in plan["order_outcomes"].iter_rows(named=True)}
        self.deliveries = plan["deliveries"]
        self.parcels = _grouped(plan["parcels"], "delivery_id")
        self.closed = ClosedLog(tables)
        self.drones = DroneLog(tables)
        self.lane_load: Counter[tuple[str, str, int]] = Counter()
        self.lane_g: Counter[tuple[str, str, int]] = Counter()
        self.carrier_load: Counter[tuple[str, date]] = Counter()

    def faults(self) -> list[str]:
        """All faults of all deliveries, then of the capacities they share."""
        known = set(self.deliveries["delivery_id"])
        found = [f"parcels of delivery {d}, which does not exist." for d in self.parcels if d not in known]
        travels = Counter(str(parcel["parcel_id"]) for parcels in self.parcels.values() for parcel in parcels)
        found += [f"parcel {parcel} travels twice." for parcel, times in travels.items() if times > 1]
        for row in self.deliveries.iter_rows(named=True):
            found += [f"delivery {row['delivery_id']}: {fault}" for fault in self._delivery(row)]
        for (sender, receiver, at), parcels in self.lane_load.items():
            most = self.lanes[sender, receiver]["capacity_parcels"]
            if most is not None and parcels > _int(most):
                found.append(f"lane {sender} to {receiver} at {at}: {parcels} parcels, room for {most}.")
            heaviest, weight_g = self.lanes[sender, receiver]["capacity_g"], self.lane_g[sender, receiver, at]
            if heaviest is not None and weight_g > _int(heaviest):
                found.append(f"lane {sender} to {receiver} at {at}: {weight_g} g, room for {heaviest}.")
        for (carrier, day), units in self.carrier_load.items():
            most = self.carriers[carrier]["daily_limit"]
            if most is not None and units > _int(most):
                found.append(f"carrier {carrier} on {day}: {units} units, its limit is {most}.")
        return found + self.drones.crowds()

    def _delivery(self, row: Row) -> list[str]:
        parcels = self.parcels.get(str(row["delivery_id"]), [])
        sums = {"parcels": len(parcels), "weight_g": _sum(parcels, "weight_g"), "volume_ml": _sum(parcels, "volume_ml")}
        found = [
            f"{name} is {row[name]}, its parcels say {value}." for name, value in sums.items() if row[name] != value
        ]
        strangers = [p for p in parcels if p["order_id"] != row["order_id"]]
        found += [f"carries parcel {p['parcel_id']} of order {p['order_id']}." for p in strangers]
        found += self._ready(row, parcels)
        window = self.windows[str(row["order_id"])]
        if window["status"] != "served":
            return [*found, "belongs to an order that is not served."]
        if _int(row["arrive_at"]) > window["window_end_at"]:
            found.append(f"arrives at {row['arrive_at']}, after the promise ends at {window['window_end_at']}.")
        mode = str(row["mode"])
        if mode == "pickup":
            found += self._pickup(row, parcels)
        elif mode == "own_fleet":
            risk = Fraction(self.policy["failed_delivery_cost_minor"] * self.policy["own_failure_bp"], 10_000)
            found += _differs(row, "failure_risk_minor", _half_up(risk))
            found += _differs(row, "carrier_fee_minor", 0)
        else:
            found += self._carrier(row, parcels, window)
        return found

    def _pickup(self, row: Row, parcels: list[Row]) -> list[str]:
        where = str(self.orders[str(row["order_id"])]["pickup_site_id"])
        found = [] if where == row["dispatch_site_id"] else [f"waits at {row['dispatch_site_id']}, not at {where}."]
        if row["arrive_at"] != row["ready_at"]:
            found.append(f"can be collected at {row['arrive_at']}, ready at {row['ready_at']}.")
        if self.closed.shut(where, _day(_int(row["arrive_at"]), self.sites[where])):
            found.append(f"can be collected at {row['arrive_at']}, a closed day of {where}.")
        rooms = [_sides(room) for room in self.compartments.get(where, [])]
        if rooms or self.sites[where]["kind"] == "locker_bank":
            for parcel in parcels:
                sides = self._sides_of(parcel)
                if not any(all(a <= b for a, b in zip(sides, room, strict=True)) for room in rooms):
                    found.append(f"parcel {parcel['parcel_id']} fits no compartment of {where}.")
        return found + _differs(row, "failure_risk_minor", 0) + _differs(row, "carrier_fee_minor", 0)

    def _sides_of(self, parcel: Row) -> list[int]:
        """Return the sides inside a parcel's carton, or those of its one product."""
        if parcel["carton_id"]:
            return _sides(self.cartons[parcel["carton_id"]])
        return _sides(self.products[self.contents[str(parcel["parcel_id"])][0]["product_id"]])

    def _ready(self, row: Row, parcels: list[Row]) -> list[str]:
        """Readiness of all parcels at the dispatching site, and the cost of their lanes."""
        dispatch = str(row["dispatch_site_id"])
        placed = _int(self.orders[str(row["order_id"])]["placed_at"])
        found, latest, haul = [], 0, 0
        grams: Counter[str] = Counter()
        for parcel in parcels:
            origin = str(parcel["site_id"])
            ready = _ready_at(self.sites[origin], placed, self.closed)
            if parcel["lane_departs_at"] is not None:
                lane = self.lanes.get((origin, dispatch))
                if lane is None:
                    found.append(f"no lane from {origin} to {dispatch}.")
                    continue
                departs = _int(parcel["lane_departs_at"])
                if departs < ready or not self._departs(lane, departs):
                    found.append(
                        f"parcel {parcel['parcel_id']} cannot take a lane at {departs}, it is ready at {ready}."
                    )
                self.lane_load[origin, dispatch, departs] += 1
                self.lane_g[origin, dispatch, departs] += _int(parcel["weight_g"])
                grams[origin] += _int(parcel["weight_g"])
                site = self.sites[dispatch]
                ready = departs + _int(lane["duration_s"]) + _int(site["cross_dock_s"])
                haul += _int(lane["parcel_cost_minor"]) + _int(site["cross_dock_cost_minor"])
                missing = _words(parcel["requirements"]) - _words(site["skills"])
                found += [f"{dispatch} cannot keep {sorted(missing)}."] if missing else []
            elif origin != dispatch:
                found.append(f"parcel {parcel['parcel_id']} lies at {origin}, the delivery leaves {dispatch}.")
            latest = max(latest, ready)
        for origin, weight_g in grams.items():
            haul += _half_up(Fraction(weight_g * _int(self.lanes[origin, dispatch]["kg_cost_minor"]), 1000))
        return found + _differs(row, "ready_at", latest) + _differs(row, "line_haul_minor", haul)

    def _carrier(self, row: Row, parcels: list[Row], window: Row) -> list[str]:
        carrier = self.carriers.get(str(row["carrier_id"]))
        if carrier is None:
            return [f"carrier {row['carrier_id']!r} does not exist."]
        label = "on_demand" if carrier["kind"] == "on_demand" else "parcel_carrier"
        site, order = self.sites[str(row["dispatch_site_id"])], self.orders[str(row["order_id"])]
        level = self.levels[str(order["service_level_id"])]
        needs = _words(order["requirements"]) | _words(level["requirements"])
        needs |= {word for parcel in parcels for word in _words(parcel["requirements"])}
        found = [] if row["mode"] == label else [f"is called {row['mode']}, its carrier is {label}."]
        if _words(carrier["serves_kinds"]) and site["kind"] not in _words(carrier["serves_kinds"]):
            found.append(f"carrier {row['carrier_id']} does not collect from a {site['kind']}.")
        if needs - _words(carrier["skills"]):
            found.append(f"carrier {row['carrier_id']} cannot keep {sorted(needs - _words(carrier['skills']))}.")
        metres, seconds = self.road(site["lat"], site["lon"], order["lat"], order["lon"])
        found += _differs(row, "distance_m", metres)
        risk = Fraction(self.policy["failed_delivery_cost_minor"] * _int(carrier["failure_bp"]), 10_000)
        found += _differs(row, "failure_risk_minor", _half_up(risk))
        own = order["window_start_at"] is not None
        early = bool(level["early_allowed"]) and not own
        offers = self._offers(carrier, site, order, row, parcels, metres, seconds, needs, window, early=early)
        if (_int(row["carrier_fee_minor"]), _int(row["arrive_at"])) not in offers:
            found.append(
                f"fee {row['carrier_fee_minor']}, arrival {row['arrive_at']}: the carrier offers {sorted(offers)}."
            )
        if self.drones.drones.get(carrier["carrier_id"]):
            found += self.drones.faults(row, carrier, site, order, metres)
        day = _day(_int(row["arrive_at"]), site)
        self.carrier_load[str(row["carrier_id"]), day] += 1 if carrier["kind"] == "on_demand" else len(parcels)
        return found

    def _offers(
        self, carrier: Row, site: Row, order: Row, row: Row, parcels: list[Row], metres: int, seconds: int,
        needs: set[str], window: Row, *, early: bool,
    ) -> set[tuple[int, int]]:  # fmt: skip
        """Fee and arrival of every transit time that the carrier's card allows."""
        name = str(carrier["carrier_id"])
        zone = (
            None
            if carrier["basis"] == "distance"
            else self._zone(name, str(site["site_id"]), str(order["postal_code"]))
        )
        units = [
            (_int(p["weight_g"]), _int(p["volume_ml"]), _int(p["longest_side_mm"])) for p in parcels
        ]  # weight, volume, side
        side = max(u[2] for u in units)
        if carrier["max_side_mm"] is not None and side > _int(carrier["max_side_mm"]):
            return set()
        if carrier["kind"] == "on_demand":
            units = [(sum(u[0] for u in units), sum(u[1] for u in units), side)]
        if carrier["max_weight_g"] is not None and max(u[0] for u in units) > _int(carrier["max_weight_g"]):
            return set()
        found = set()
        for transit in {_int(rate["transit_days"]) for rate in self.rates.get(name, [])}:
            fees = [self._fee(carrier, transit, zone, metres, unit, needs) for unit in units]
            arrival = (
                _int(row["arrive_at"])  # what drones may do is checked apart
                if self.drones.drones.get(name)
                else self._arrival(carrier, site, transit, _int(row["ready_at"]), seconds, window, early=early)
            )
            if arrival is not None and None not in fees:
                found.add((sum(fee for fee in fees if fee is not None), arrival))
        return found

    def _zone(self, carrier: str, site: str, postal: str) -> str:
        for wanted in (site, ""):
            rows = [z for z in self.zones.get(carrier, []) if z["site_id"] == wanted]
            fitting = [z for z in rows if postal.startswith(str(z["postal_prefix"]))]
            if fitting:
                return str(max(fitting, key=lambda z: len(str(z["postal_prefix"])))["zone"])
        return "?"

    def _fee(
        self, carrier: Row, transit: int, zone: str | None, metres: int, unit: tuple[int, int, int], needs: set[str]
    ) -> int | None:
        weight, volume, side = unit
        billable = weight
        if carrier["dim_ml_per_kg"] is not None:
            billable = max(weight, -(-volume * 1000 // _int(carrier["dim_ml_per_kg"])))
        rows = [
            rate
            for rate in self.rates.get(str(carrier["carrier_id"]), [])
            if rate["transit_days"] == transit
            and (zone is None or rate["zone"] == zone)
            and (rate["max_distance_m"] is None or metres <= _int(rate["max_distance_m"]))
            and (rate["max_weight_g"] is None or billable <= _int(rate["max_weight_g"]))
        ]
        if not rows:
            return None
        rate = min(rows, key=_nearest_limits)
        beyond = max(0, metres - _int(rate["included_m"]))
        price = _int(rate["price_minor"]) + _half_up(Fraction(beyond * _int(rate["price_per_km_minor"]), 1000))
        fee = price + _half_up(Fraction(price * _int(carrier["fuel_surcharge_bp"]), 10_000))
        for extra in self.extras.get(str(carrier["carrier_id"]), []):
            holds = extra["over_side_mm"] is None or side > _int(extra["over_side_mm"])
            holds &= extra["over_weight_g"] is None or weight > _int(extra["over_weight_g"])
            if holds and _words(extra["requirement"]) <= needs:
                fee += _int(extra["amount_minor"]) + _half_up(Fraction(price * _int(extra["percent_bp"]), 10_000))
        return fee

    def _arrival(
        self, carrier: Row, site: Row, transit: int, ready_at: int, seconds: int, window: Row, *, early: bool
    ) -> int | None:
        zone = ZoneInfo(str(site["time_zone"]))

        def works(day: date) -> bool:
            return str(day.isoweekday()) in str(carrier["weekdays"]) and not self.closed.all_shut(day)

        def comes(day: date) -> bool:
            return works(day) and not self.closed.shut(site["site_id"], day)

        day = _day(ready_at, site) - timedelta(days=1)
        if carrier["kind"] == "on_demand":
            at = max(ready_at + _int(carrier["lead_s"]) + seconds, _int(window["window_start_at"]))
            while _clock(day, str(carrier["delivers_by"]), zone) < at or not comes(day):
                day += timedelta(days=1)
            at = max(at, _clock(day, str(carrier["delivers_from"]), zone))
            return at if at <= _int(window["window_end_at"]) else None
        while _clock(day, str(carrier["collects"]), zone) < ready_at or not comes(day):
            day += timedelta(days=1)
        left = transit
        while left:
            day += timedelta(days=1)
            left -= works(day)
        if not early and _clock(day, str(carrier["delivers_from"]), zone) < _int(window["window_start_at"]):
            return None
        by = _clock(day, str(carrier["delivers_by"]), zone)
        return by if by <= _int(window["window_end_at"]) else None

    def _departs(self, lane: Row, moment: int) -> bool:
        """Whether a lane departs then: its sender is open, and its receiver when the parcels are ready there."""
        sender, receiver = (self.sites[str(lane[end])] for end in ("from_site_id", "to_site_id"))
        ready_day = _day(moment + _int(lane["duration_s"]) + _int(receiver["cross_dock_s"]), receiver)
        if self.closed.shut(lane["to_site_id"], ready_day):
            return False
        zone, today = ZoneInfo(str(sender["time_zone"])), _day(moment, sender)
        return any(
            moment == _clock(day, str(lane["departs"]), zone)
            and str(day.isoweekday()) in str(lane["weekdays"])
            and not self.closed.shut(lane["from_site_id"], day)
            for day in (today, today - timedelta(days=1))
        )


def _nearest_limits(rate: Row) -> tuple[int, ...]:
    """Return what rate rows are ordered by; an open limit comes last."""
    columns = ("max_distance_m", "max_weight_g", "price_minor")
    return tuple(1 << 60 if rate[column] is None else _int(rate[column]) for column in columns)


def _day(moment: int, site: Row) -> date:
    return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(str(site["time_zone"]))).date()


def _ready_at(site: Row, placed_at: int, closed: ClosedLog) -> int:
    zone, today = ZoneInfo(str(site["time_zone"])), _day(placed_at, site)
    work = _int(site["preparation_s"])
    start = max(placed_at, _clock(today, str(site["opens"]), zone))
    late = placed_at > _clock(today, str(site["order_cutoff"]), zone)
    if late or start + work > _clock(today, str(site["closes"]), zone) or closed.shut(site["site_id"], today):
        today += timedelta(days=1)
        while closed.shut(site["site_id"], today):
            today += timedelta(days=1)
        start = _clock(today, str(site["opens"]), zone)
    return start + work


def _clock(day: date, text: str, zone: ZoneInfo) -> int:
    if text == "24:00":
        return int(datetime.combine(day + timedelta(days=1), time(0), zone).timestamp())
    return int(datetime.combine(day, time.fromisoformat(text), zone).timestamp())


def _differs(row: Row, column: str, expected: int) -> list[str]:
    return [] if row[column] == expected else [f"{column} is {row[column]}, not {expected}."]


def _sides(row: Row) -> list[int]:
    return sorted(_int(row[name]) for name in ("length_mm", "width_mm", "height_mm"))


def _grouped(table: pl.DataFrame, column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in table.iter_rows(named=True):
        groups[row[column]].append(row)
    return dict(groups)


def _words(text: object) -> set[str]:
    return {word for word in str(text).split(";") if word}


def _sum(rows: list[Row], column: str) -> int:
    return sum(_int(row[column]) for row in rows)


def _half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def _int(value: object) -> int:
    return int(str(value))
