"""Keys and the audit chain, for those who administer."""

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.api.models.events import AuditRow
from doorstep.api.models.keys import ApiKey
from doorstep.api.views.matching import matching
from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.schema.access import api_keys
from doorstep.storage.schema.journal import audit

_SHOWN = [column for column in api_keys.c if column.name != "secret_hash"]


def list_keys(connection: Connection, tenant_id: str, *, limit: int, before: str = "") -> list[ApiKey]:
    """Return keys, the newest first, without their secrets."""
    query = select(*_SHOWN).where(api_keys.c.tenant_id == tenant_id)
    if before:
        query = query.where(api_keys.c.key_id < before)
    rows = connection.execute(query.order_by(api_keys.c.key_id.desc()).limit(limit))
    return [_shown(row) for row in rows]


def find_key_row(connection: Connection, tenant_id: str, key_id: str) -> ApiKey:
    """Return a key; raises ``NotFoundError`` if the tenant has no such key."""
    mine = (api_keys.c.tenant_id == tenant_id) & (api_keys.c.key_id == key_id)
    row = connection.execute(select(*_SHOWN).where(mine)).one_or_none()
    if row is None:
        raise NotFoundError(f"key {key_id} does not exist.")
    return _shown(row)


def list_audit(
    connection: Connection,
    tenant_id: str,
    *,
    limit: int,
    before: int = 0,
    object_id: str | None = None,
    actor: str | None = None,
) -> list[AuditRow]:
    """Return rows of the audit chain, the newest first; ``before`` is the number of the last one seen."""
    query = select(audit).where(audit.c.tenant_id == tenant_id)
    wanted = {audit.c.object_id: object_id, audit.c.actor: actor}
    query = matching(query, wanted)
    if before:
        query = query.where(audit.c.audit_no < before)
    rows = connection.execute(query.order_by(audit.c.audit_no.desc()).limit(limit)).mappings()
    return [AuditRow(**{name: row[name] for name in AuditRow.model_fields}) for row in rows]


def _shown(row: "sa.Row[tuple[object, ...]]") -> ApiKey:
    return ApiKey(
        id=row.key_id,
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes.split(),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
