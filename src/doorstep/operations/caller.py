"""On whose behalf an operation runs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Tenant and actor: an API key, a person, or a part of doorstep itself such as ``worker``."""

    tenant_id: str
    actor: str
