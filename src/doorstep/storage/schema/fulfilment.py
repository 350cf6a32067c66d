"""What becomes of an order: shipments, parcels, deliveries, routes, stops, and the decisions behind them."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import (
    Serial,
    content,
    degrees,
    document,
    key,
    maybe_moment,
    maybe_text,
    metadata,
    moment,
    tenant,
    text,
    whole,
)

shipments = Table(
    "shipments",
    metadata,
    key("shipment_id"),
    tenant(),
    text("order_id"),
    text("site_id"),
    text("state"),
    whole("version", 1),
    maybe_text("delivery_id"),
    maybe_moment("ready_at"),
    maybe_moment("lane_departs_at"),  # the lane that it takes to where its delivery leaves from
    maybe_moment("lane_arrives_at"),
    moment("created_at"),
    Index(None, "order_id"),
    Index(None, "delivery_id"),
    Index(None, "tenant_id", "state"),
    Index(None, "tenant_id", "site_id", "state"),
)
_by_lane = shipments.c.lane_departs_at.is_not(None)
Index(None, shipments.c.tenant_id, shipments.c.lane_departs_at, sqlite_where=_by_lane, postgresql_where=_by_lane)

_here = shipments.c.state.in_(("planned", "picking", "packed", "staged"))
Index("one_shipment_is_prepared", shipments.c.order_id, shipments.c.site_id, unique=True, sqlite_where=_here,
      postgresql_where=_here)  # fmt: skip

parcels = Table(
    "parcels",
    metadata,
    key("parcel_id"),
    tenant(),
    text("shipment_id"),
    text("order_id"),
    text("site_id"),
    text("carton_id"),
    whole("weight_g"),
    whole("volume_ml"),
    whole("longest_side_mm"),
    text("requirements"),
    whole("carton_minor"),
    maybe_text("sscc"),
    text("holder"),  # who has it by the newest scan: kind and id, as in driver:Ana
    Index(None, "order_id"),
    Index(None, "shipment_id"),
    UniqueConstraint("tenant_id", "sscc"),
)

sscc_serials = Table(
    "sscc_serials",
    metadata,
    Column("serial", Serial, primary_key=True, autoincrement=True),
    tenant(),
    key("parcel_id", primary=False),
    sqlite_autoincrement=True,  # no serial is ever used again
)

parcel_lines = Table(
    "parcel_lines",
    metadata,
    key("parcel_id", primary=False),
    text("product_id"),
    tenant(),
    whole("quantity"),
    PrimaryKeyConstraint("parcel_id", "product_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    key("delivery_id"),
    tenant(),
    text("order_id"),
    text("kind"),  # door or collection: which lifecycle it follows
    text("state"),
    whole("version", 1),
    maybe_moment("event_at"),
    text("site_id"),  # it leaves from there, or is collected there
    text("mode"),
    text("carrier_id"),
    maybe_text("route_id"),
    whole("attempts"),
    whole("pin_tries"),  # wrong ones that were said at the door
    maybe_moment("ready_at"),
    maybe_moment("arrive_at"),
    whole("parcels"),
    whole("weight_g"),
    whole("volume_ml"),
    whole("cost_minor"),
    document("cost_parts"),
    moment("created_at"),
    Index(None, "tenant_id", "state", "delivery_id"),
    Index(None, "tenant_id", "carrier_id", "arrive_at"),
    Index(None, "tenant_id", "created_at"),
    Index(None, "order_id"),
    Index(None, "route_id"),
)

routes = Table(
    "routes",
    metadata,
    key("route_id"),
    tenant(),
    text("site_id"),
    text("vehicle_id"),
    text("driver"),
    text("state"),
    whole("version", 1),
    maybe_moment("event_at"),
    moment("starts_at"),
    moment("ends_at"),
    whole("distance_m"),
    whole("stops"),
    whole("parcels"),
    whole("trips", 1),
    whole("cost_minor"),
    whole("driver_minor"),  # of that, for the hours of the driver
    moment("created_at"),
    Index(None, "tenant_id", "state", "route_id"),
    Index(None, "tenant_id", "starts_at"),
)

stops = Table(
    "stops",
    metadata,
    key("route_id", primary=False),
    whole("sequence"),
    tenant(),
    text("kind"),
    text("delivery_id"),
    degrees("lat"),
    degrees("lon"),
    moment("arrive_at"),
    moment("service_at"),
    moment("leave_at"),
    whole("distance_m"),
    PrimaryKeyConstraint("route_id", "sequence"),
)

decisions = Table(
    "decisions",
    metadata,
    key("decision_id"),
    tenant(),
    text("order_id"),
    text("question"),
    moment("at"),
    document("alternatives"),  # the chosen one is marked; each has its cost and one plain sentence
    Index(None, "order_id"),
)

station_units = Table(
    "station_units",
    metadata,
    key("unit_id"),
    tenant(),
    text("parcel_id"),
    text("site_id"),
    text("state"),
    whole("version", 1),
    maybe_moment("event_at"),
    text("place"),  # lane or shelf
    maybe_moment("departs_at"),  # of the lane by which it should come
    maybe_moment("due_at"),  # when that lane is there
    moment("created_at"),
    UniqueConstraint("parcel_id", "site_id"),
    Index(None, "state", "due_at"),
    Index(None, "tenant_id", "site_id", "state"),
)

exceptions = Table(
    "exceptions",
    metadata,
    key("exception_id"),
    tenant(),
    text("code"),
    text("state"),
    whole("version", 1),
    text("site_id"),
    text("sscc"),
    maybe_text("parcel_id"),
    text("source"),  # of the scan that does not add up, and its name there
    text("source_event_id"),
    text("detail"),
    moment("created_at"),
    UniqueConstraint("tenant_id", "source", "source_event_id", "code"),
    Index(None, "tenant_id", "site_id", "state"),
    Index(None, "parcel_id"),
)

tracking_events = Table(
    "tracking_events",
    metadata,
    tenant(),
    text("source"),
    text("source_event_id"),
    text("kind"),
    text("object_id"),
    text("event"),
    moment("occurred_at"),
    moment("recorded_at"),
    text("outcome"),  # applied, or why not: terminal, late, repeated, unreachable
    text("reason"),
    document("details"),
    PrimaryKeyConstraint("tenant_id", "source", "source_event_id"),
    Index(None, "object_id", "occurred_at"),
    Index(None, "recorded_at"),
)

proofs = Table(
    "proofs",
    metadata,
    tenant(),
    key("proof_id", primary=False),  # made by whoever took it
    text("delivery_id"),
    text("media_type"),
    content("content"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "proof_id"),
    Index(None, "delivery_id"),
    Index(None, "created_at"),
)
