"""Plans of the network and of the stock, the tables that they consist of, and what they are made from and come to."""

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table

from doorstep.storage.schema.base import (
    document,
    flag,
    key,
    maybe_moment,
    maybe_whole,
    metadata,
    moment,
    share,
    tenant,
    text,
    whole,
)

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

stock_plans = Table(
    "stock_plans",
    metadata,
    key("plan_id"),
    tenant(),
    text("name"),
    text("state"),
    whole("version", 1),
    document("asked"),
    document("figures"),
    text("error"),
    text("job_id"),
    moment("created_at"),
    maybe_moment("ended_at"),
    Index(None, "tenant_id", "plan_id"),
)

plan_tables = Table(
    "plan_tables",
    metadata,
    key("plan_id", primary=False),  # a network study or a plan of the stock
    key("name", primary=False),
    tenant(),
    text("rows"),  # as a JSON object: a list of cells for each column
    PrimaryKeyConstraint("plan_id", "name"),
)

sales = Table(
    "sales",
    metadata,
    tenant(),
    whole("day"),  # local, since 1970-01-01
    key("product_id", primary=False),
    key("zone_id", primary=False),
    flag("given"),  # by the retailer; else from its orders
    whole("units"),
    maybe_whole("price_minor"),
    share("promotion"),
    share("display"),
    share("in_stock_share"),
    PrimaryKeyConstraint("tenant_id", "day", "product_id", "zone_id"),
    CheckConstraint("units >= 0", name="units_are_not_negative"),
    sqlite_with_rowid=False,
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
    Index(None, "state", "deadline_at"),
    Index(None, "tenant_id", "state", "proposal_id"),
)
