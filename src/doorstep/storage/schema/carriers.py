"""What was asked of carriers that are connected, and what came of it."""

from sqlalchemy import Index, Table

from doorstep.storage.schema.base import key, maybe_moment, metadata, moment, tenant, text, whole

carrier_bookings = Table(
    "carrier_bookings",
    metadata,
    key("booking_id"),  # the id under which the carrier knows it too
    tenant(),
    text("delivery_id"),
    text("carrier_id"),
    text("carrier_ref"),
    text("state"),
    whole("version", 1),
    text("reason"),
    whole("expected_minor"),  # what the plan counted on
    whole("quoted_minor"),  # what the carrier said when it confirmed
    whole("price_minor"),  # what the carrier says by now
    text("currency"),
    text("tracking_url"),
    text("courier"),
    text("contractor_id"),  # who accepted it, where its carrier is a market of contractors
    maybe_moment("dropoff_at"),
    maybe_moment("heard_at"),
    moment("asked_at"),
    Index(None, "tenant_id", "state", "booking_id"),
    Index(None, "delivery_id"),
    Index(None, "contractor_id", "state"),
    Index(None, "tenant_id", "state", "carrier_id"),
    Index(None, "carrier_id", "carrier_ref"),
)
