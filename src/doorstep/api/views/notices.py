"""Notices as they stand, and the rules behind them."""

from sqlalchemy import select

from doorstep.api.models.notices import Notice, NoticePreferences, NoticeRulesChange, NoticeRulesShown, NoticeText
from doorstep.domain.calendar import seconds_of_day
from doorstep.foundation import NotFoundError
from doorstep.operations.notices.rules import NoticeRules
from doorstep.operations.notices.sending import notices_of
from doorstep.operations.notices.texts import Text
from doorstep.storage import Connection
from doorstep.storage.schema.orders import orders
from doorstep.tracking.notices import Rules


def list_notices(connection: Connection, tenant_id: str, order_id: str, *, limit: int, after: str) -> list[Notice]:
    """Return the notices of an order, the oldest first; ``after`` is the last one seen.

    Raises
    ------
    NotFoundError
        If the tenant has no such order.
    """
    mine = (orders.c.order_id == order_id) & (orders.c.tenant_id == tenant_id)
    if connection.execute(select(orders.c.order_id).where(mine)).first() is None:
        raise NotFoundError(f"order {order_id} does not exist.")
    return [
        Notice(
            id=row.notice_id,
            topic=row.topic,
            delivery_id=row.delivery_id or None,
            channel=row.channel or None,
            state=row.state,
            reason=row.reason,
            attempts=row.attempts,
            due_at=row.next_at,
            created_at=row.created_at,
            sent_at=row.sent_at,
        )
        for row in notices_of(connection, tenant_id, order_id, limit=limit, after=after)
    ]


def show_rules(found: NoticeRules) -> NoticeRulesShown:
    """Return rules as callers see them."""
    rules = found.rules
    return NoticeRulesShown(
        topics=sorted(rules.topics),
        quiet_from=_clock(rules.quiet_from_s),
        quiet_until=_clock(rules.quiet_until_s),
        most=rules.most,
        texts=[
            NoticeText.model_validate(
                {"topic": t.topic, "channel": t.channel, "locale": t.locale, "subject": t.subject, "text": t.text}
            )
            for t in found.texts
        ],
        version=found.version,
    )


def rules_of(wanted: NoticeRulesChange) -> NoticeRules:
    """Return the rules that a caller wants.

    Raises
    ------
    InputError
        If there is no such topic, or a text is no sound template.
    """
    rules = Rules(
        topics=frozenset(wanted.topics),
        quiet_from_s=seconds_of_day(wanted.quiet_from),
        quiet_until_s=seconds_of_day(wanted.quiet_until),
        most=wanted.most,
    )
    texts = [Text(**text.model_dump()) for text in wanted.texts]
    return NoticeRules(rules=rules, texts=tuple(texts))


def show_wishes(wishes: dict[str, bool]) -> NoticePreferences:
    """Return what a shopper wants, as they see it."""
    return NoticePreferences(email=wishes.get("email"), sms=wishes.get("sms"))


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02d}:{seconds % 3_600 // 60:02d}"
