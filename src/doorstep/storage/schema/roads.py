"""Roads that are closed or slow for a while, as dispatchers tell, and how long streets take, as drives do."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from doorstep.storage.schema.base import content, document, key, metadata, moment, tenant, text, whole

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

driven_streets = Table(
    "driven_streets",
    metadata,
    tenant(),
    moment("day_at"),
    text("streets"),  # their digest
    whole("drives"),
    whole("observations"),
    content("observed"),  # which arcs took how long at which time of the day; not who drove
    PrimaryKeyConstraint("tenant_id", "day_at"),
)

street_speeds = Table(
    "street_speeds",
    metadata,
    key("tenant_id"),
    text("streets"),
    moment("learnt_at"),
    whole("drives"),
    whole("observations"),
    content("learnt"),
)
