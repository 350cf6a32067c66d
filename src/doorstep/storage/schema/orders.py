"""Orders, their lines and promises; personal data stands apart, so that it can be erased.

Tables that every order writes to have few indexes, and on SQLite no hidden row numbers: each costs a page a commit.
"""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import (
    degrees,
    document,
    flag,
    key,
    maybe_moment,
    maybe_text,
    maybe_whole,
    metadata,
    moment,
    tenant,
    text,
    whole,
)

orders = Table(
    "orders",
    metadata,
    key("order_id"),
    tenant(),
    maybe_text("external_id"),
    text("code"),  # eight characters for people
    text("state"),
    whole("version", 1),
    maybe_moment("event_at"),  # when the last applied event occurred
    moment("placed_at"),
    degrees("lat"),
    degrees("lon"),
    text("postal_code"),
    text("service_level_id"),
    text("pickup_site_id"),
    text("requirements"),
    text("extras"),  # words by ;
    maybe_whole("service_s"),
    flag("landing_site"),
    moment("window_start_at"),
    moment("window_end_at"),
    whole("fee_minor"),
    text("payment"),
    text("if_short"),
    maybe_text("contact_id"),
    maybe_text("hold_id"),
    maybe_text("subscription_id"),
    maybe_text("member_id"),
    text("membership"),  # the plan that made its price
    whole("neighbour_ok"),  # 1: the shopper lets it be left with a neighbour
    whole("membership_discount_minor"),  # what the member did not pay of the fee
    whole("promised_sites"),  # what the probability of keeping the promise was stated from
    maybe_moment("promised_ready_at"),
    text("fingerprint"),  # of what was asked, to tell a repeated request from another one
    UniqueConstraint("tenant_id", "external_id"),
    Index(None, "tenant_id", "state", "order_id"),
    Index(None, "tenant_id", "placed_at"),
    Index(None, "tenant_id", "code"),
    sqlite_with_rowid=False,
)

_unpaid = orders.c.state == "draft"
Index(None, orders.c.placed_at, sqlite_where=_unpaid, postgresql_where=_unpaid)
_with_contact = orders.c.contact_id.is_not(None)
Index(None, orders.c.contact_id, sqlite_where=_with_contact, postgresql_where=_with_contact)

order_lines = Table(
    "order_lines",
    metadata,
    key("order_id", primary=False),
    whole("line_no"),
    tenant(),
    text("product_id"),
    whole("quantity"),
    whole("price_minor"),  # of a unit, when it was ordered
    whole("margin_minor"),
    PrimaryKeyConstraint("order_id", "line_no"),
    sqlite_with_rowid=False,
)

contacts = Table(
    "contacts",
    metadata,
    key("contact_id"),
    tenant(),
    text("name"),
    text("phone"),
    text("email"),
    text("locale"),
    document("address"),
    text("note"),
    moment("created_at"),
    moment("last_order_at"),
    Index(None, "last_order_at"),
    sqlite_with_rowid=False,
)

slots = Table(
    "slots",
    metadata,
    key("slot_id"),
    tenant(),
    text("zone"),
    text("site_id"),
    text("service_level_id"),
    text("state"),
    moment("starts_at"),
    moment("ends_at"),
    moment("cutoff_at"),
    text("unit", "orders"),  # what its capacity counts
    whole("capacity"),
    whole("fee_minor"),
    UniqueConstraint("tenant_id", "zone", "service_level_id", "starts_at"),
    Index(None, "tenant_id", "starts_at"),
)

slot_holds = Table(
    "slot_holds",
    metadata,
    key("hold_id"),
    tenant(),
    text("slot_id"),
    whole("work", 1),  # units of the slot that it holds
    text("state"),
    whole("version", 1),
    maybe_text("order_id"),
    moment("created_at"),
    maybe_moment("expires_at"),
    Index(None, "state", "expires_at"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    key("subscription_id"),
    tenant(),
    text("state"),
    whole("version", 1),
    text("rule"),  # RFC 5545 recurrence
    text("time_zone"),
    moment("starts_at"),
    text("on_closed_day"),  # what becomes of a moment of the rule on a closed day: after, before, skip
    maybe_moment("occurrence_at"),  # the moment of the rule that is due next
    maybe_moment("next_at"),  # when it is due: another day if that one is closed
    document("template"),  # the order to place each time
    maybe_text("contact_id"),
    document("skips"),
    document("swaps"),  # other lines, by the moment of which they are
    moment("created_at"),
    Index(None, "state", "next_at"),
)

memberships = Table(
    "memberships",
    metadata,
    key("membership_id"),
    tenant(),
    text("customer_id"),  # the shop's own name for the customer
    text("plan_id"),
    text("state"),
    whole("version", 1),
    moment("starts_at"),
    moment("ends_at"),  # of the period paid for, or of the trial
    moment("created_at"),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "state", "ends_at"),
)
Index(
    "one_membership_of_a_customer",
    memberships.c.tenant_id,
    memberships.c.customer_id,
    unique=True,
    sqlite_where=memberships.c.state != "cancelled",
    postgresql_where=memberships.c.state != "cancelled",
)

returns = Table(
    "returns",
    metadata,
    key("return_id"),
    tenant(),
    text("order_id"),
    text("state"),
    whole("version", 1),
    text("reason"),
    text("method"),
    text("site_id"),
    document("lines"),
    moment("created_at"),
    Index(None, "order_id"),
)
