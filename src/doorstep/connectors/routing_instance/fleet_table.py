"""A CSV table of vehicles for a table of stops: a row for each type."""

from pathlib import Path

import dataframely as dy

from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Source
from doorstep.connectors.retailer_folder.tables import read_table
from doorstep.connectors.routing_instance.stops_table import DAY, Fleet
from doorstep.domain.tables import TableSpec
from doorstep.domain.tables import columns as c
from doorstep.foundation import InputError, NotFoundError
from doorstep.vehicle_routing.problem import MOST


class FleetRows(dy.Schema):
    """Types of vehicles."""

    count = c.whole("vehicles of the type", high=10**6)
    capacity = c.whole("units of load that each carries", high=MOST)
    shift = c.text("when it works, HH:MM-HH:MM", default=DAY)
    fixed_minor = c.whole("cost of a vehicle that leaves", default=0, high=MOST)
    per_km_minor = c.whole("cost of a kilometre", default=0, high=MOST)
    per_hour_minor = c.whole("cost of an hour", default=0, high=MOST)
    max_reloads = c.whole("times that it may load again", default=0, high=10**6)
    skills = c.tags("what it can do")


def read_fleet_table(path: Path) -> tuple[Fleet, ...]:
    """Return the types of vehicles in a CSV file with the columns of ``Fleet``, ``count`` and ``capacity`` at least.

    Raises
    ------
    InputError
        Listing every fault of the file; an unknown column is one.
    NotFoundError
        If there is no such file.
    """
    if not path.is_file():
        raise NotFoundError(f"{path} is not a file.", hint="Maybe the name lacks its ending, .csv.")
    source = Source(table=path.stem, file=path.name)
    reading = read_table(TableSpec(name=path.stem, schema=FleetRows), source, read_csv_text(source, path.read_bytes()))
    faults = [*(str(fault) for fault in sorted(reading.faults, key=lambda fault: fault.row)), *reading.warnings]
    if not faults and not reading.values.height:
        faults.append(str(source.fault("the table has no rows; there must be a vehicle")))
    if faults:
        raise InputError("\n".join(faults))
    return tuple(Fleet(**row) for row in reading.values.iter_rows(named=True))
