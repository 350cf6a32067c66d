"""Units on their way to sites: what is expected of them is a position of the ledger, of kind receipt."""

from sqlalchemy import Index, Table, UniqueConstraint

from doorstep.storage.schema.base import key, maybe_text, maybe_whole, metadata, moment, tenant, text, whole

receipts = Table(
    "receipts",
    metadata,
    key("receipt_id"),
    tenant(),
    maybe_text("external_id"),  # the retailer's own name
    text("state"),
    whole("version", 1),
    text("site_id"),
    text("product_id"),
    whole("units"),  # expected
    maybe_whole("received_units"),
    moment("expected_at"),
    moment("created_at"),
    UniqueConstraint("tenant_id", "external_id"),
    Index(None, "tenant_id", "product_id", "state"),
    Index(None, "state", "expected_at"),
)
