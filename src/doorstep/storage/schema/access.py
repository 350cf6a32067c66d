"""Who may come in: tenants, API keys, people, their sessions; and the replies kept for repeated requests."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from doorstep.storage.schema.base import document, key, maybe_moment, maybe_text, metadata, moment, tenant, text, whole

tenants = Table(
    "tenants",
    metadata,
    key("tenant_id"),
    text("name"),
    moment("created_at"),
    whole("reference_version"),  # counts the changes of the tenant's reference tables
    text("offer_secret"),  # signs the names of offered options
)

api_keys = Table(
    "api_keys",
    metadata,
    key("key_id"),
    tenant(),
    text("name"),
    text("prefix"),  # what people see of it
    text("secret_hash"),
    text("scopes"),  # words separated by spaces
    moment("created_at"),
    maybe_moment("expires_at"),
    maybe_moment("last_used_at"),
    maybe_moment("revoked_at"),
    UniqueConstraint("secret_hash"),
    Index(None, "tenant_id", "key_id"),
)

people = Table(
    "people",
    metadata,
    key("person_id"),
    tenant(),
    text("email"),
    text("name"),
    text("role"),
    document("sites"),  # ids of those that they work at; none: all
    maybe_text("password_hash"),
    maybe_text("issuer"),
    maybe_text("subject"),
    moment("created_at"),
    maybe_moment("disabled_at"),
    UniqueConstraint("tenant_id", "email"),
    UniqueConstraint("tenant_id", "issuer", "subject"),
)

sessions = Table(
    "sessions",
    metadata,
    key("session_hash"),
    tenant(),
    text("person_id"),
    text("csrf_hash"),
    moment("created_at"),
    moment("expires_at"),
    Index(None, "expires_at"),
)

replies = Table(
    "replies",
    metadata,
    tenant(),
    text("request_key"),
    text("fingerprint"),
    whole("status"),
    text("body"),
    moment("created_at"),
    PrimaryKeyConstraint("tenant_id", "request_key"),
    Index(None, "created_at"),
    sqlite_with_rowid=False,
)
