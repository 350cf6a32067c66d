"""Plans: network studies and the tables that they consist of, proposals for the stock."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from doorstep.storage.schema.base import document, key, maybe_moment, metadata, moment, tenant, text, whole

network_studies = Table(
    "network_studies",
    metadata,
    key("study_id"),
    tenant(),
    text("name"),
    text("state"),
    whole("version", 1),
    document("asked"),
    document("figures"),
    document("changes"),  # of reference rows, by table: what adopting writes and deletes
    text("error"),
    text("job_id"),
    moment("created_at"),
    maybe_moment("ended_at"),
    Index(None, "tenant_id", "study_id"),
)

network_study_tables = Table(
    "network_study_tables",
    metadata,
    key("study_id", primary=False),
    key("name", primary=False),
    tenant(),
    text("rows"),  # as a JSON object: a list of cells for each column
    PrimaryKeyConstraint("study_id", "name"),
)

stock_proposals = Table(
    "stock_proposals",
    metadata,
    key("proposal_id"),
    tenant(),
    text("state"),
    whole("version", 1),
    text("action"),
    text("product_id"),
    text("site_id"),
    text("from_site_id"),  # empty: nothing starts anywhere
    whole("units"),
    whole("value_minor"),
    text("reason"),
    moment("deadline_at"),
    moment("arrives_at"),
    text("receipt_id"),  # what was made of it
    moment("created_at"),
    Index(None, "tenant_id", "state", "proposal_id"),
)
