"""Zones of a network study from where people live, in place of the orders of a few days."""

from dataclasses import dataclass, replace

import h3
import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Floats, Ints, floats, share_exactly
from doorstep.foundation.units import METRES_PER_KM
from doorstep.geography import DensityField, Places, TravelTimes, cell_numbers
from doorstep.geography.cells import DEMAND_RESOLUTION
from doorstep.geography.distance import EARTH_RADIUS_M
from doorstep.network.design import NEVER, DesignProblem
from doorstep.network.design.ways import Ways
from doorstep.operations.planning.zones import LATER, SAME_DAY, TIERS, Spots, Zones, doors_and_tiers

DAYS = 28
"""Days that the demand is counted over, so that few parcels a day are whole numbers too."""
APART = 0.9
"""Share of the cells that have to stay apart when larger ones are taken."""
COARSEST, LAST_RESORT = 5, 3
"""Largest cells that are taken because areas are far apart (253 km2), and because there are too many (12,400 km2)."""
MOST_ZONES = 60_000
MOST_DRAWN = 5_000_000
"""Doors of a day that are drawn; where there would be more there are none."""
FINE = 1e9
"""Expected parcels are shared in parts of so much."""
MOST_PARCELS = 1_000_000_000
"""Parcels of a day: their parts, and their costs over all days, are still counted exactly in 64 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expected:
    """N areas with parcels: ``a_day`` (T, N) by tier, ``land_km2`` (N,), the ``zone`` of each (N,), and the cells."""

    places: Places
    a_day: Floats
    land_km2: Floats
    zone: Ints
    cell: Ints


def zones_of_people(
    areas: pl.DataFrame, retailer: Retailer, orders_per_thousand: float, rng: np.random.Generator
) -> Zones:
    """Return the zones of areas where people live.

    An area has the parcels that its row gives, or ``orders_per_thousand`` a day for a thousand people. Zones are H3
    cells, as large as they may be while nine in ten still tell areas apart. Doors of one day are drawn: as many as
    chance makes of what is expected, anywhere in a circle as large as the area's land.

    Raises
    ------
    InputError
        If the rate is negative or no number, or there is not one parcel, or more than can be counted.
    """
    if not 0 <= orders_per_thousand < float("inf"):
        raise InputError(f"orders_per_thousand {orders_per_thousand} must be a number and at least 0.")
    rate = pl.col("population") * (orders_per_thousand / 1_000)
    table = areas.with_columns(a_day=pl.coalesce("orders_per_day", rate)).filter(pl.col("a_day") > 0)
    total = float(table["a_day"].sum())
    if total > MOST_PARCELS:
        raise InputError(f"{total:,.12g} parcels a day are more than can be planned, {MOST_PARCELS:,}.")
    if round(total * DAYS) < 1:
        raise InputError(
            f"{areas.height} areas with {int(areas['population'].sum())} people have no parcel in {DAYS} days.",
            hint="Maybe population or orders_per_day is missing, or --orders-per-thousand is too low.",
        )
    expected = _expected(table, retailer)
    doors, tier, zone = _drawn(expected, rng)
    return Zones(
        cell=expected.cell,
        places=_middles(expected),
        parcels=_whole(expected),
        doors_per_km2=_densities(expected),
        days=DAYS,
        demand="population",
        notes=_notes(table, orders_per_thousand, expected),
        spots=Spots(
            places=expected.places,
            zone=expected.zone,
            parcels=expected.a_day.sum(axis=0) * DAYS,
            postal_code=table["postal_code"],
            group=table["group"],
        ),
        doors=doors,
        tier=tier,
        zone=zone,
        day=np.zeros(len(doors), np.int64),
    )


def promised_where_reached(zones: Zones, problem: DesignProblem, times: TravelTimes) -> Zones:
    """Return the zones with later parcels in place of those that nobody could bring on the same day.

    A share of people's parcels for the same day holds only where it can be promised: where an option's van or a third
    party gets in time.
    """
    ways = Ways.of(problem, times)
    reached = problem.outside_minor[SAME_DAY] < NEVER
    reached[ways.zone[np.isfinite(ways.drop_milli[SAME_DAY])]] = True
    late = ~reached & (zones.parcels[SAME_DAY] > 0)
    if not late.any():
        return zones
    parcels, density = zones.parcels.copy(), zones.doors_per_km2.copy()
    for column in (parcels, density):
        column[LATER, late] += column[SAME_DAY, late]
        column[SAME_DAY, late] = 0
    a_day = int(zones.parcels[SAME_DAY, late].sum()) / zones.days
    note = f"{a_day:,.1f} parcels a day are too far from everybody for the same day: they count as later ones."
    return replace(
        zones,
        parcels=parcels,
        doors_per_km2=density,
        tier=np.where(late[zones.zone], LATER, zones.tier),
        notes=(*zones.notes, note),
    )


def _expected(table: pl.DataFrame, retailer: Retailer) -> _Expected:
    comes, tier = doors_and_tiers(retailer)
    usual = float((tier[comes] == SAME_DAY).mean()) if comes.any() else 0.0
    soon = floats(table["same_day_bp"].cast(pl.Float64).fill_null(usual * 10_000)) / 10_000
    places = Places.from_table(table)
    cell, zone = _cells(cell_numbers(places, resolution=DEMAND_RESOLUTION))
    km2 = np.array([h3.cell_area(h3.int_to_str(number), "km^2") for number in cell.tolist()])
    part = km2[zone] / np.bincount(zone, minlength=cell.size)[zone]
    land = table["land_km2"].cast(pl.Float64).to_numpy()
    a_day = floats(table["a_day"])
    return _Expected(
        places=places,
        a_day=np.stack([a_day * soon, a_day * (1 - soon)]),
        land_km2=np.where(np.isnan(land), part, land),
        zone=zone,
        cell=cell,
    )


def _cells(fine: Ints) -> tuple[Ints, Ints]:
    """Return the cells that areas of fine cells (N,) are put into, and the cell of each area (N,)."""
    unique, row = np.unique(fine, return_inverse=True)
    taken, zone = unique, np.arange(unique.size)
    for resolution in range(DEMAND_RESOLUTION - 1, LAST_RESORT - 1, -1):
        parent = [h3.str_to_int(h3.cell_to_parent(h3.int_to_str(number), resolution)) for number in unique.tolist()]
        cell, of = np.unique(np.array(parent, np.int64), return_inverse=True)
        apart = cell.size >= APART * unique.size and resolution >= COARSEST
        if not apart and taken.size <= MOST_ZONES:
            break
        taken, zone = cell, of
    return taken, zone.astype(np.int64)[row]


def _whole(expected: _Expected) -> Ints:
    """Return whole parcels of each tier and zone (T, Z) whose sums are those expected, rounded."""
    rows = []
    for a_day in expected.a_day:
        by_zone = np.bincount(expected.zone, weights=a_day, minlength=expected.cell.size)
        rows.append(share_exactly(round(float(a_day.sum()) * DAYS), np.rint(by_zone * FINE).astype(np.int64)))
    return np.stack(rows)


def _middles(expected: _Expected) -> Places:
    """Return the middle of the parcels of each zone."""
    weight, count = expected.a_day.sum(axis=0), expected.cell.size
    whole = np.bincount(expected.zone, weights=weight, minlength=count)
    lat, lon = (
        np.bincount(expected.zone, weights=weight * column, minlength=count) / whole
        for column in (expected.places.lat, expected.places.lon)
    )
    return Places(lat=lat, lon=lon)


def _densities(expected: _Expected) -> Floats:
    """Return the doors per square kilometre that a van of each tier finds in each zone on a day (T, Z).

    Around an area they are the doors of the small cells around, by their land or, where areas have less, by the cells'.
    A zone of several areas has the density whose hops are as long as theirs on average.
    """
    fine = cell_numbers(expected.places, resolution=DEMAND_RESOLUTION)
    none = np.zeros(fine.size, np.int64)
    covered = np.maximum(DensityField.around(none, fine, expected.land_km2).at(none, fine), 1.0)
    found = np.zeros((len(TIERS), expected.cell.size))
    for tier, a_day in enumerate(expected.a_day):
        around = DensityField.around(none, fine, a_day).at(none, fine) / covered
        hop = np.divide(a_day, np.sqrt(around), out=np.zeros(fine.size), where=a_day > 0)
        doors, hops = (np.bincount(expected.zone, weights=one, minlength=expected.cell.size) for one in (a_day, hop))
        found[tier] = np.divide(doors, hops, out=np.zeros(doors.size), where=hops > 0) ** 2
    return found


def _drawn(expected: _Expected, rng: np.random.Generator) -> tuple[Places, Ints, Ints]:
    """Return the doors of one day, their tier and zone (N,) each; none if there would be too many to route."""
    none = np.empty(0, np.int64)
    if expected.a_day.sum() > MOST_DRAWN:
        return Places(lat=np.empty(0), lon=np.empty(0)), none, none
    count = rng.poisson(expected.a_day)
    tier, area = (np.repeat(index.reshape(-1), count.reshape(-1)) for index in np.indices(count.shape))
    away_m = np.sqrt(rng.random(area.size) * expected.land_km2[area] / np.pi) * METRES_PER_KM
    angle = 2 * np.pi * rng.random(area.size)
    lat, lon = expected.places.lat[area], expected.places.lon[area]
    degrees = np.degrees(away_m / EARTH_RADIUS_M)
    east = degrees * np.sin(angle) / np.cos(np.radians(lat))
    doors = Places(lat=lat + degrees * np.cos(angle), lon=lon + east)
    return doors, tier.astype(np.int64), expected.zone[area]


def _notes(table: pl.DataFrame, orders_per_thousand: float, expected: _Expected) -> tuple[str, ...]:
    total = float(expected.a_day.sum())
    people = int(table["population"].sum())
    notes = [f"Demand is that of {table.height:,} areas with {people:,} people."]
    if table["orders_per_day"].null_count():
        notes.append(f"Where the table gives no parcels, a thousand people have {orders_per_thousand:g} a day.")
    if table["land_km2"].null_count():
        km2 = h3.average_hexagon_area(h3.get_resolution(h3.int_to_str(int(expected.cell[0]))), "km^2")
        notes.append(f"Areas of which no land is known are spread over their part of a cell of {km2:,.1f} km2.")
    drawn = "Doors to be routed are drawn: those of one day, evenly over the land of each area."
    many = f"No doors were drawn to be routed: a day would have {total:,.0f}, more than {MOST_DRAWN:,}."
    return (*notes, drawn if total <= MOST_DRAWN else many)
