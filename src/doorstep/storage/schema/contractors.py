"""Contractors, who bring single deliveries with vehicles of their own, and what was offered to them."""

from sqlalchemy import Index, Table, UniqueConstraint

from doorstep.storage.schema.base import key, maybe_text, maybe_whole, metadata, moment, tenant, text, whole

contractors = Table(
    "contractors",
    metadata,
    key("contractor_id"),
    tenant(),
    text("carrier_id"),  # the market that they work for
    text("name"),
    text("phone"),
    text("vehicle"),  # for people
    text("state"),
    whole("version", 1),
    maybe_whole("max_weight_g"),
    maybe_whole("max_volume_ml"),
    text("skills"),  # requirements that they can keep, as in tables
    text("site_ids"),  # where they load; empty: everywhere
    text("zones"),  # beginnings of the postal codes that they go to; empty: every place
    whole("most_at_once", 1),
    whole("offered_at"),  # when something was offered to them last; 0: never
    maybe_text("link_hash"),
    moment("created_at"),
    UniqueConstraint("link_hash"),
    Index(None, "tenant_id", "carrier_id"),
)

contractor_offers = Table(
    "contractor_offers",
    metadata,
    key("offer_id"),
    tenant(),
    text("booking_id"),
    text("delivery_id"),
    text("contractor_id"),
    text("state"),
    whole("version", 1),
    whole("pay_minor"),
    text("reason"),
    moment("expires_at"),
    moment("offered_at"),
    UniqueConstraint("booking_id", "contractor_id"),
    Index(None, "delivery_id"),
    Index(None, "contractor_id", "state"),
)
