"""What each measure of the scoreboard is called, what it means, and how its values are written.

The list may be longer or shorter than the scoreboard: a measure without an entry is shown under its own name.
"""

from dataclasses import dataclass

from doorstep.console import words as w

LOWER, NEITHER, HIGHER = -1, 0, 1

MAIN = "Result"
PARTS = "Cost per order by part"
SPEED = "Speed and promise"
DENSITY = "Density of the own fleet"
SPLITS = "Splits, hand-offs and distance"
OTHER = "Other"
GROUPS = (MAIN, PARTS, SPEED, DENSITY, SPLITS, OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measure: ``better`` says which direction is good, by its sign; 0 means neither.

    Parts of the cost are neither, because one is spent to save another; nor is the cost of the day, because plans that
    serve fewer orders spend less.
    """

    name: str
    label: str
    definition: str
    group: str
    better: int = NEITHER


def _entries(group: str, *rows: tuple[str, str, int, str]) -> list[Measure]:
    return [Measure(name=n, label=label, definition=d, group=group, better=b) for n, label, b, d in rows]


_KNOWN = [
    *_entries(
        MAIN,
        ("orders", "Orders", NEITHER, "Orders in the folder."),
        ("served", "Served", HIGHER, "Orders served in full inside their promise, at the door or for collection."),
        ("unserved", "Unserved", LOWER, "Orders that the plan returns with a reason instead of serving them."),
        ("cost_per_order_minor", "Cost per order", LOWER,
         "Cost divided by the orders served; its parts are pick, carton, line-haul, stem, drop, fees and risk."),
        ("cost_per_parcel_minor", "Cost per parcel", LOWER, "Cost of all parts divided by the parcels."),
        ("cost_total_minor", "Cost of the day", NEITHER, "Cost of all parts over all orders served."),
        ("margin_per_order_minor", "Margin per order", HIGHER,
         "Margin of the goods plus the fee paid, less the cost, divided by the orders served."),
        ("on_time_share", "On time", HIGHER, "Orders served inside their promised window, as a share of all orders."),
    ),
    *_entries(
        PARTS,
        ("pick_per_order_minor", "Pick", NEITHER, "Picking, handling and staging at the sites, per order served."),
        ("carton_per_order_minor", "Carton", NEITHER, "Cartons and filling, per order served."),
        ("line_haul_per_order_minor", "Line-haul", NEITHER, "Lanes between sites and cross-docking, per order served."),
        ("stem_per_order_minor", "Stem", NEITHER,
         "Own vehicles' cost of the day and of driving to the first door and back from the last, per order served."),
        ("drop_per_order_minor", "Drop", NEITHER,
         "Own vehicles' cost of driving between doors, waiting and service, per order served."),
        ("carrier_fee_per_order_minor", "Carrier fee", NEITHER,
         "What carriers charge by their rate cards, per order served."),
        ("failure_risk_per_order_minor", "Failure risk", NEITHER,
         "Expected cost of failed deliveries: share that fails times the cost of a failure, per order served."),
    ),
    *_entries(
        SPEED,
        ("same_or_next_day_share", "Same or next day", HIGHER,
         "Orders served by the end of the day after they were placed, as a share of all orders."),
        ("same_day_share", "Same day", HIGHER, "Orders served on the day they were placed, as a share of all orders."),
    ),
    *_entries(
        DENSITY,
        ("own_fleet_share", "Own fleet", NEITHER, "Share of the drops at doors that own vehicles bring."),
        ("routes", "Routes", NEITHER, "Shifts of own vehicles that are used."),
        ("vehicles", "Vehicles", NEITHER, "Own vehicles that are used."),
        ("parcels_per_route", "Parcels per route", HIGHER, "Parcels on own routes divided by the routes."),
        ("stops_per_route", "Stops per route", HIGHER, "Doors served by own routes divided by the routes."),
        ("stops_per_route_hour", "Stops per route-hour", HIGHER,
         "Doors served by own routes divided by their hours from first loading to return."),
        ("km_per_stop", "Driven per stop", LOWER, "Kilometres of own routes divided by the doors served."),
        ("stem_share", "Stem share", LOWER,
         "Share of the driven distance between a site and the first or last door of a trip."),
    ),
    *_entries(
        SPLITS,
        ("split_rate", "Split rate", LOWER, "Share of the orders served that more than one site picks."),
        ("parcels_per_order", "Parcels per order", LOWER, "Parcels divided by the orders served."),
        ("hand_offs_per_parcel", "Hand-offs per parcel", LOWER,
         "Times a parcel changes hands after picking (lane, carrier, van), mean over parcels; collecting counts none."),
        ("distance_site_to_door_m", "Site to door", LOWER,
         "Straight line from the picking site to the door, mean over the parcels that go to a door."),
        ("in_region_share", "In region", HIGHER,
         "Parcels picked in the region of their door, as a share of those that go to doors with a region."),
    ),
]  # fmt: skip

MEASURES = {measure.name: measure for measure in _KNOWN}


def measure_of(name: str) -> Measure:
    """Return the entry of a measure; one that has none goes to the other measures under its own name."""
    if name in MEASURES:
        return MEASURES[name]
    label = w.plain(name)
    for suffix in (" minor", " share", " m", " s"):
        label = label.removesuffix(suffix)
    definition = f"Measure {name} of the scoreboard; this report has no definition of it."
    return Measure(name=name, label=label[:1].upper() + label[1:], definition=definition, group=OTHER)


def value_text(name: str, value: float, currency: str) -> str:
    """Return a value in the unit that the measure's name carries."""
    if name.endswith("_minor"):
        return w.money(value, currency)
    if name.endswith(("_share", "_rate")):
        return w.share(value)
    if name.endswith("_m"):
        return w.distance(value)
    if name.endswith("_s"):
        return w.duration(value)
    if name.startswith("km_"):
        return f"{value:,.2f} km"
    return w.count(value)


def is_ratio(name: str) -> bool:
    """Return True for measures that are compared in percentage points, not in percent."""
    return name.endswith(("_share", "_rate"))
