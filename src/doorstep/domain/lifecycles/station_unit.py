"""The life of a handling unit at a parcel station: every hop is a scan that names who hands over and who takes."""

from doorstep.domain.lifecycles.machine import Machine, Transition

STATION_UNIT = Machine(
    name="station_unit",
    initial="expected",
    transitions=(
        # A missing unit that turns up is received like any other, so is one that comes back from the door.
        Transition(
            event="receive",
            sources=("expected", "missing", "withdrawn", "departed"),
            target="received",
            publishes="station_unit.received",
        ),
        Transition(
            event="shelve",
            sources=("received", "shelved", "overstay"),
            target="shelved",
            publishes="station_unit.shelved",
        ),
        Transition(
            event="mark_overstay", sources=("received", "shelved"), target="overstay", publishes="station_unit.overstay"
        ),
        Transition(
            event="mark_damaged",
            sources=("received", "shelved", "overstay", "loaded"),
            target="damaged",
            publishes="station_unit.damaged",
        ),
        # Straight from the dock where the route waits; a damaged or forgotten unit leaves on a route as well.
        Transition(
            event="load",
            sources=("received", "shelved", "overstay", "damaged"),
            target="loaded",
            publishes="station_unit.loaded",
        ),
        Transition(event="unload", sources=("loaded",), target="received", publishes="station_unit.unloaded"),
        Transition(
            event="mark_missing",
            sources=("expected", "received", "shelved", "overstay", "damaged", "loaded"),
            target="missing",
            publishes="station_unit.missing",
        ),
        Transition(event="depart", sources=("loaded",), target="departed", publishes="station_unit.departed"),
        # Its delivery was called off before the truck left, and may be planned by the same station again.
        Transition(
            event="withdraw", sources=("expected", "missing"), target="withdrawn", publishes="station_unit.withdrawn"
        ),
        Transition(event="expect", sources=("withdrawn",), target="expected", publishes="station_unit.expected"),
        Transition(
            event="write_off",
            sources=("missing", "damaged"),
            target="written_off",
            publishes="station_unit.written_off",
        ),
    ),
)
