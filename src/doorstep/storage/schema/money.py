"""Money: a double-entry journal that is only ever added to, what was given back, and what carriers billed."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import key, metadata, moment, tenant, text, whole

money_entries = Table(
    "money_entries",
    metadata,
    key("entry_id"),
    tenant(),
    text("subject_id"),  # order, delivery, booking, route or line of an invoice that it is about
    whole("posting_no"),  # counts the subject's postings; the entries of each sum to zero
    whole("line_no"),
    text("account"),
    text("party_id"),  # whose account; empty for accounts of the result
    whole("amount_minor"),  # positive: earned, or owed to the party
    text("currency"),
    text("order_id"),
    text("delivery_id"),
    text("zone"),  # site nearest to the door
    text("mode"),
    text("carrier_id"),
    whole("day"),  # local, since 1970-01-01
    text("reason"),  # the event behind it
    moment("occurred_at"),
    moment("posted_at"),
    UniqueConstraint("tenant_id", "subject_id", "posting_no", "line_no"),
    Index(None, "tenant_id", "account", "party_id"),
    Index(None, "tenant_id", "order_id"),
    Index(None, "tenant_id", "day"),
)

refunds = Table(
    "refunds",
    metadata,
    key("refund_id"),
    tenant(),
    text("order_id"),
    whole("amount_minor"),
    text("reason"),
    moment("created_at"),
    Index(None, "order_id"),
)

carrier_invoices = Table(
    "carrier_invoices",
    metadata,
    key("invoice_id"),
    tenant(),
    text("carrier_id"),
    text("number"),  # the carrier's own name for it
    text("state"),
    whole("version", 1),
    text("fingerprint"),  # of its lines, to tell the same invoice from another with its number
    moment("created_at"),
    UniqueConstraint("tenant_id", "carrier_id", "number"),
)

carrier_invoice_lines = Table(
    "carrier_invoice_lines",
    metadata,
    key("invoice_id", primary=False),
    whole("line_no"),
    tenant(),
    text("reference"),
    text("kind"),
    whole("amount_minor"),
    whole("day"),
    text("job_id"),  # booking, or the delivery of a carrier that is not connected; empty: unknown
    text("delivery_id"),
    whole("expected_minor"),
    text("outcome"),
    text("state"),
    text("reason"),
    PrimaryKeyConstraint("invoice_id", "line_no"),
    Index(None, "tenant_id", "job_id"),
)
