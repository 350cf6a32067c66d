"""What only shows when tables are held against each other, and against the world: references, time zones, methods."""

from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import polars as pl

from doorstep.connectors.retailer_folder.hints import Candidates
from doorstep.connectors.retailer_folder.tables import TableReading
from doorstep.domain.tables import COLLECTED, RETAILER_TABLES, Reference
from doorstep.domain.tables.columns import default_of
from doorstep.domain.tables.demand import is_collected_at
from doorstep.geography import Places, great_circle_m, nearest_places

FAR_M = 300_000
"""Orders farther than this from every site are probably somewhere else in truth [m]."""

NEEDS_A_ROW = ("sites", "products", "orders")


class Folder:
    """The tables read so far; absent ones answer with what stands in for them."""

    def __init__(self, readings: Mapping[str, TableReading], present: frozenset[str]) -> None:
        self.readings = readings
        self._present = present

    def column(self, table: str, column: str) -> pl.Series | None:
        """Return a column, of the default where the table is absent, None where it could not be read."""
        reading = self.readings.get(table)
        if reading is not None:
            return reading.values[column] if reading.usable and self._whole(reading, column) else None
        default = RETAILER_TABLES[table].default
        if table in self._present or default is None:
            return None
        return default[column] if column in default.columns else pl.Series(column, [], dtype=pl.String)

    @staticmethod
    def _whole(reading: TableReading, column: str) -> bool:
        """Return whether the file gave the column at all."""
        kind = reading.spec.schema.columns()[column]
        return column in reading.raw.columns or default_of(kind) is not None


def check_links(folder: Folder) -> None:
    """Add to the readings every fault between tables."""
    for reading in folder.readings.values():
        if reading.usable:
            for reference in reading.spec.references:
                _check_reference(folder, reading, reference)
    _check_counts(folder)
    _check_time_zones(folder)
    _check_lanes(folder)
    _check_zones_of_rates(folder)
    _check_drones(folder)
    _check_pickups(folder)
    _check_orders_have_lines(folder)
    _warn_of_far_orders(folder)


def _usable(folder: Folder, table: str) -> TableReading | None:
    reading = folder.readings.get(table)
    return reading if reading is not None and reading.usable else None


def _check_reference(folder: Folder, reading: TableReading, reference: Reference) -> None:
    known = folder.column(reference.table, reference.target)
    if known is None:
        return
    values, known = reading.values[reference.column], known.drop_nulls().unique(maintain_order=True)
    wrong = ~values.is_in(known.implode()).fill_null(value=True) & reading.sound(reference.column)
    if reference.optional:
        wrong = wrong & (values != "").fill_null(value=False)
    if wrong.any():
        near = Candidates(known.to_list())
        absent = f"Maybe the table {reference.table} is missing." if not known.len() else ""
        rule = f"must be a {reference.target} of {reference.table}"
        reading.add(wrong, (reference.column,), rule, lambda value: near.hint(value) or absent)


def _check_counts(folder: Folder) -> None:
    for table in NEEDS_A_ROW:
        reading = _usable(folder, table)
        if reading and not reading.values.height and not reading.faults:
            reading.faults.append(reading.source.fault("the table must have at least one row"))
    policy = _usable(folder, "policy")
    if policy and policy.values.height != 1:
        rule = f"the table must have exactly one row; it has {policy.values.height}"
        policy.faults.append(policy.source.fault(rule))


def _check_time_zones(folder: Folder) -> None:
    sites = _usable(folder, "sites")
    if sites is None:
        return
    zones = sites.values["time_zone"]
    unknown = [zone for zone in zones.drop_nulls().unique().to_list() if not is_time_zone(zone)]
    if unknown:
        near = _all_zones()
        wrong = zones.is_in(unknown) & sites.sound("time_zone")
        sites.add(wrong, ("time_zone",), "must be an IANA time zone", lambda value: near.hint(value) or _SUCH_ZONES)


_SUCH_ZONES = "Maybe a name like America/Chicago or Europe/Paris."


@cache
def is_time_zone(name: str) -> bool:
    """Return whether the system knows a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def _all_zones() -> Candidates:
    return Candidates(sorted(available_timezones()))


def _check_lanes(folder: Folder) -> None:
    lanes = _usable(folder, "lanes")
    if lanes is not None:
        same = (lanes.values["from_site_id"] == lanes.values["to_site_id"]).fill_null(value=False)
        both = ("from_site_id", "to_site_id")
        lanes.add(same & lanes.sound(*both), both, "a lane must lead to another site")


def _check_zones_of_rates(folder: Folder) -> None:
    rates, carriers = _usable(folder, "carrier_rates"), _usable(folder, "carriers")
    if rates is None or carriers is None:
        return
    by_zone = carriers.values.filter((pl.col("basis") == "zone") & carriers.sound("basis"))["carrier_id"].drop_nulls()
    wrong = rates.values["carrier_id"].is_in(by_zone.implode()) & (rates.values["zone"] == "")
    rule = "must not be empty: the carrier's basis is zone"
    hint = "Maybe the carrier's basis should be 'distance'."
    rates.add(wrong.fill_null(value=False) & rates.sound("zone", "carrier_id"), ("zone",), rule, hint)


def _check_drones(folder: Folder) -> None:
    drones, carriers = _usable(folder, "drones"), _usable(folder, "carriers")
    if drones is None or carriers is None:
        return
    called = carriers.values.filter((pl.col("kind") != "parcel") | ~carriers.sound("kind"))["carrier_id"].drop_nulls()
    known = carriers.values["carrier_id"].drop_nulls()
    name = drones.values["carrier_id"]
    wrong = name.is_in(known.implode()) & ~name.is_in(called.implode())
    drones.add(wrong.fill_null(value=False), ("carrier_id",), "must be a carrier of the kind on_demand")


def _check_pickups(folder: Folder) -> None:
    orders = _usable(folder, "orders")
    levels, methods = folder.column("service_levels", "service_level_id"), folder.column("service_levels", "method")
    if orders is None or levels is None or methods is None:
        return
    collected = levels.filter(methods.cast(pl.String).is_in(list(COLLECTED)).fill_null(value=False))
    wrong = orders.values["service_level_id"].is_in(collected.implode()) & (orders.values["pickup_site_id"] == "")
    rule = f"must not be empty: the shopper collects (method {' or '.join(COLLECTED)})"
    orders.add(wrong.fill_null(value=False) & orders.sound("pickup_site_id"), ("pickup_site_id",), rule)
    _check_kinds_of_pickups(folder, orders, dict(zip(levels, methods.cast(pl.String), strict=True)))


def _check_kinds_of_pickups(folder: Folder, orders: TableReading, method_of: Mapping[str, str]) -> None:
    sites, kinds = folder.column("sites", "site_id"), folder.column("sites", "kind")
    if sites is None or kinds is None:
        return
    kind_of = dict(zip(sites, kinds.cast(pl.String), strict=True))
    asked = orders.values.select("service_level_id", "pickup_site_id").iter_rows()
    pairs = [(kind_of.get(site), method_of.get(level)) for level, site in asked]
    fits = [kind is None or method not in COLLECTED or is_collected_at(kind, method) for kind, method in pairs]
    rule = "must be a site of the kind at which orders of this method are collected"
    wrong = ~pl.Series(fits, dtype=pl.Boolean) & orders.sound("pickup_site_id", "service_level_id")
    orders.add(wrong, ("pickup_site_id",), rule)


def _check_orders_have_lines(folder: Folder) -> None:
    orders, ordered = _usable(folder, "orders"), folder.column("order_lines", "order_id")
    if orders is None or ordered is None:
        return
    ids = orders.values["order_id"]
    wrong = ~ids.is_in(ordered.drop_nulls().unique().implode()).fill_null(value=True) & orders.sound("order_id")
    orders.add(wrong, ("order_id",), "must have at least one line in order_lines")


def _warn_of_far_orders(folder: Folder) -> None:
    orders, sites = _usable(folder, "orders"), _usable(folder, "sites")
    if orders is None or sites is None:
        return
    placed = orders.values.with_columns(row=orders.rows).filter(orders.sound("lat", "lon"))
    known = sites.values.filter(sites.sound("lat", "lon"))
    if not placed.height or not known.height:
        return
    doors, stands = Places.from_table(placed), Places.from_table(known)
    near = stands.take(nearest_places(doors, stands, count=1)[:, 0])
    away = great_circle_m(lat_a=doors.lat, lon_a=doors.lon, lat_b=near.lat, lon_b=near.lon) > FAR_M
    if away.any():
        first = placed.row(int(away.argmax()), named=True)
        orders.warnings.append(
            f"{orders.source.file}: {away.sum():,} orders lie more than {FAR_M // 1000} km from every site, the first "
            f"is {first['order_id']!r} at {first['lat']}, {first['lon']}. Maybe lat and lon are swapped or lack a sign."
        )
