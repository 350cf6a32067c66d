"""Which tables there are, which may be left out, and which columns point to another table."""

from dataclasses import dataclass, field, replace

import dataframely as dy
import polars as pl

from doorstep.domain.tables import demand, demand_history, fleet, goods, outcome, places, planning


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A column whose values must stand in another table; an empty text points nowhere and is allowed if optional."""

    column: str
    table: str
    target: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSpec:
    """A table of the retailer folder.

    ``default`` stands in for an absent table (None: the table must be there); ``default_note`` says it in words.
    """

    name: str
    schema: type[dy.Schema]
    default: pl.DataFrame | None = None
    default_note: str = ""
    references: tuple[Reference, ...] = field(default=())


def _site(column: str, *, optional: bool = False) -> Reference:
    return Reference(column=column, table="sites", target="site_id", optional=optional)


_PRODUCT = Reference(column="product_id", table="products", target="product_id")
_CARRIER = Reference(column="carrier_id", table="carriers", target="carrier_id")
_ORDER = Reference(column="order_id", table="orders", target="order_id")
_LEVEL = Reference(column="service_level_id", table="service_levels", target="service_level_id")


def _optional(name: str, schema: type[dy.Schema], note: str, *references: Reference) -> TableSpec:
    return TableSpec(name=name, schema=schema, default=pl.DataFrame(), default_note=note, references=references)


_SPECS = (
    TableSpec(name="sites", schema=places.Sites),
    TableSpec(name="products", schema=goods.Products),
    TableSpec(name="stock", schema=goods.Stock, references=(_site("site_id"), _PRODUCT)),
    _optional("receipts", goods.Receipts, "nothing is on its way", _site("site_id"), _PRODUCT),
    TableSpec(
        name="cartons",
        schema=goods.Cartons,
        default=goods.DEFAULT_CARTONS,
        default_note="five cartons from XS (230 x 160 x 80 mm) to XL (600 x 450 x 450 mm)",
    ),
    _optional("compartments", places.Compartments, "no compartments: lockers hand out nothing", _site("site_id")),
    _optional("closed_days", places.ClosedDays, "no site ever closes for a day", _site("site_id", optional=True)),
    _optional("lanes", places.Lanes, "no line-haul between sites", _site("from_site_id"), _site("to_site_id")),
    _optional("vehicles", fleet.Vehicles, "no own fleet", _site("site_id")),
    _optional("carriers", fleet.Carriers, "no third parties"),
    _optional("carrier_rates", fleet.CarrierRates, "no rates: carriers cannot be used", _CARRIER),
    _optional("carrier_zones", fleet.CarrierZones, "no zones", _CARRIER, _site("site_id", optional=True)),
    _optional("carrier_surcharges", fleet.CarrierSurcharges, "no surcharges", _CARRIER),
    _optional("drones", fleet.Drones, "no drones", _CARRIER, _site("site_id")),
    _optional("weather", fleet.Weather, "no weather that stops drones", _site("site_id")),
    TableSpec(
        name="service_levels",
        schema=demand.ServiceLevels,
        default=demand.DEFAULT_SERVICE_LEVELS,
        default_note="same_day (cut-off 13:00), next_day, two_day, click_and_collect",
    ),
    _optional(
        "price_rules",
        demand.PriceRules,
        "the fees of service levels and slots",
        replace(_LEVEL, optional=True),
    ),
    _optional("extras", demand.Extras, "nothing is done at the door but bringing"),
    _optional("membership_plans", demand.MembershipPlans, "no memberships"),
    TableSpec(name="orders", schema=demand.Orders, references=(_LEVEL, _site("pickup_site_id", optional=True))),
    TableSpec(name="order_lines", schema=demand.OrderLines, references=(_ORDER, _PRODUCT)),
    TableSpec(
        name="policy",
        schema=places.Policy,
        default=pl.DataFrame({"currency": ["USD"]}),
        default_note="the defaults of its columns",
    ),
)

RETAILER_TABLES: dict[str, TableSpec] = {spec.name: spec for spec in _SPECS}

PLANNING_TABLES: dict[str, TableSpec] = {
    "site_options": _optional(
        "site_options",
        planning.SiteOptions,
        "sites with vehicles and FCs are today's network, every other store could become a hub",
        _site("site_id", optional=True),
    ),
    "sales": _optional(
        "sales", demand_history.SalesHistory, "the folder's orders are all that is known of demand", _PRODUCT
    ),
    "planned_offers": _optional("planned_offers", demand_history.PlannedOffers, "no offers are planned", _PRODUCT),
    "product_attributes": _optional(
        "product_attributes", demand_history.ProductAttributes, "products are told apart by their flags only", _PRODUCT
    ),
    "calendar_events": _optional("calendar_events", demand_history.CalendarEvents, "the holidays of the United States"),
    "demand_areas": _optional("demand_areas", planning.DemandAreas, "the network is planned for the folder's orders"),
}
"""Tables that may lie in the retailer folder for plans of network and stock; operations do without them."""

PLAN_TABLES: dict[str, type[dy.Schema]] = {
    "order_outcomes": outcome.OrderOutcomes,
    "allocations": outcome.Allocations,
    "parcels": outcome.Parcels,
    "parcel_lines": outcome.ParcelLines,
    "deliveries": outcome.Deliveries,
    "routes": outcome.Routes,
    "stops": outcome.Stops,
    "drop_costs": outcome.DropCosts,
    "decisions": outcome.Decisions,
    "scoreboard": outcome.Scoreboard,
}
