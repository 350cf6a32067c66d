"""Roads that are closed or slow for a while, as dispatchers tell."""

from sqlalchemy import Index, Table

from doorstep.storage.schema.base import document, key, metadata, moment, tenant, text, whole

road_events = Table(
    "road_events",
    metadata,
    key("road_event_id"),
    tenant(),
    document("points"),  # [[lat, lon], ...]: a closed line, or the one middle of a slow circle
    whole("radius_m"),  # 0: a closed line
    whole("slower_pct"),
    moment("starts_at"),
    moment("ends_at"),
    text("note"),
    moment("created_at"),
    Index(None, "tenant_id", "ends_at"),
)
