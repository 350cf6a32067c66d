"""What dispatchers let doorstep do by itself, and what it proposes when the day does not go as planned."""

from sqlalchemy import Index, Table

from doorstep.storage.schema.base import document, key, maybe_moment, maybe_text, metadata, moment, tenant, text, whole

dispatch_limits = Table("dispatch_limits", metadata, key("tenant_id"), document("limits"), whole("version", 1))

dispatch_proposals = Table(
    "dispatch_proposals",
    metadata,
    key("proposal_id"),
    tenant(),
    text("state"),
    whole("version", 1),
    text("site_id"),
    text("kind"),
    maybe_text("delivery_id"),  # the promise at risk, where it is about one alone
    text("carrier_id"),
    maybe_moment("until_at"),  # the later time that a call tells
    whole("cost_minor"),  # what it costs more than driving on as planned
    whole("late_before"),  # deliveries that would be late, and in all by how long, without it and with it
    whole("late_before_s"),
    whole("late_after"),
    whole("late_after_s"),
    whole("moved"),
    whole("shift_s"),
    whole("gain_minor"),
    document("changes"),  # of routes: what they were to do, and are to do instead
    text("reason"),
    text("decided_by"),
    moment("created_at"),
    maybe_moment("decided_at"),
    Index(None, "tenant_id", "state", "proposal_id"),
    Index(None, "tenant_id", "decided_at"),
    Index(None, "created_at"),
)

vehicle_outages = Table(
    "vehicle_outages",
    metadata,
    key("route_id"),  # on which it broke down, or whose driver did not come
    tenant(),
    text("vehicle_id"),
    moment("until_at"),
    Index(None, "tenant_id", "until_at"),
)
