"""What a delivery that its shopper fetches has beside others: a code, who comes, and which compartment."""

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import key, maybe_moment, maybe_whole, metadata, tenant, text, whole

collections = Table(
    "collections",
    metadata,
    key("delivery_id"),
    tenant(),
    text("site_id"),
    text("code_hash"),  # salt and hash of the code that is asked for at hand-over; empty: none is
    whole("code_tries"),  # wrong ones since the code was made
    maybe_moment("keep_until_at"),
    text("vehicle"),  # as the shopper describes it, while they are coming
    maybe_moment("expected_at"),
    maybe_moment("arrived_at"),
    maybe_whole("bay"),
    UniqueConstraint("tenant_id", "site_id", "bay"),  # two cars in one bay: one of them is somewhere else
)
_kept = collections.c.keep_until_at.is_not(None)
Index(None, collections.c.keep_until_at, sqlite_where=_kept, postgresql_where=_kept)

deposits = Table(
    "deposits",
    metadata,
    tenant(),
    text("compartment_id"),
    whole("number"),
    text("parcel_id"),
    text("delivery_id"),
    whole("line_no"),  # of the reservation that keeps the compartment
    PrimaryKeyConstraint("tenant_id", "compartment_id", "number"),  # so no compartment ever holds two parcels
    UniqueConstraint("parcel_id"),
    CheckConstraint("number > 0", name="number_is_positive"),
    Index(None, "delivery_id"),
)
