"""What a retailer tells its shoppers, and in which words."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from sqlalchemy import select, update

from doorstep.operations.caller import Caller
from doorstep.operations.notices.texts import Text
from doorstep.storage import Connection
from doorstep.storage.journal import canonical
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.notices import notice_rules
from doorstep.tracking.notices import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRules:
    """The rules, the retailer's own texts, and their version: 1 where nothing was said and ours hold."""

    rules: Rules = field(default_factory=Rules)
    texts: tuple[Text, ...] = ()
    version: int = 1

    @property
    def own(self) -> Mapping[tuple[str, str, str], Text]:
        """The texts by topic, channel and locale."""
        return {(text.topic, text.channel, text.locale): text for text in self.texts}


def load_rules(connection: Connection, tenant_id: str) -> NoticeRules:
    """Return a tenant's rules and texts."""
    row = connection.execute(select(notice_rules).where(notice_rules.c.tenant_id == tenant_id)).one_or_none()
    if row is None:
        return NoticeRules()
    told = json.loads(row.rules)
    rules = Rules(**told["rules"] | {"topics": frozenset(told["rules"]["topics"])})
    return NoticeRules(rules=rules, texts=tuple(Text(**text) for text in told["texts"]), version=row.version)


def store_rules(connection: Connection, caller: Caller, wanted: NoticeRules, *, now: int) -> NoticeRules:
    """Keep rules and texts in place of those before, and return them with their version."""
    mine = notice_rules.c.tenant_id == caller.tenant_id
    connection.run(inserting(notice_rules, ignore=True), [{"tenant_id": caller.tenant_id, "rules": "{}", "version": 1}])
    version = connection.execute(select(notice_rules.c.version).where(mine).with_for_update()).scalar_one()
    rules = asdict(wanted.rules) | {"topics": sorted(wanted.rules.topics)}
    text = canonical({"rules": rules, "texts": [asdict(text) for text in wanted.texts]})
    connection.execute(update(notice_rules).where(mine).values(rules=text, version=version + 1))
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="notice_rules", object_id=caller.tenant_id,
        event="change",
    )  # fmt: skip
    return NoticeRules(rules=wanted.rules, texts=wanted.texts, version=version + 1)
