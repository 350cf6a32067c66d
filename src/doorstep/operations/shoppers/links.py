"""What lets a shopper see and change a delivery without an account: links that nobody guesses.

A link has 160 random bits, is told once and kept as a hash, and leads to one delivery. There may be several, as every
notice brings its own; all of them end together when they are revoked.
"""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select, update

from doorstep.foundation import ConflictError, NotFoundError
from doorstep.operations.access import hash_secret
from doorstep.operations.caller import Caller
from doorstep.operations.fulfil.hand_over import lock_delivery
from doorstep.operations.fulfil.parts import DROPPED
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.shoppers import delivery_links

LINK_S = 30 * 86_400
"""How long a link is good; what it tells of a van ends with the delivery."""
MOST_LINKS = 50
"""Of one delivery, so that nobody fills the table."""
PATH = "/t/"
"""Of the page that a link leads to, before its token."""
SHOPPER = "shopper"
"""Who has done what is done by a link."""


class LinkGoneError(ConflictError):
    """The link has expired, or was revoked."""

    code = "gone"

    def __init__(self) -> None:
        super().__init__("this link has expired.", hint="Maybe ask the shop for a new one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Whose delivery a link leads to, and on whose behalf its holder acts."""

    caller: Caller
    delivery_id: str
    order_id: str
    site_id: str
    kind: Literal["door", "collection"]


def issue_link(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> tuple[str, int]:
    """Return the token of a new link to a delivery and when it ends [epoch s]; links that it had stay good.

    Raises
    ------
    NotFoundError, ConflictError
        If the tenant has no such delivery, it was called off, or it has too many links.
    """
    lock_delivery(connection, caller, delivery_id)
    state = connection.execute(select(deliveries.c.state).where(deliveries.c.delivery_id == delivery_id)).scalar_one()
    if state in DROPPED:
        raise ConflictError(f"delivery {delivery_id} is {state}: there is nothing to follow.")
    mine = (delivery_links.c.delivery_id == delivery_id) & (delivery_links.c.expires_at > now)
    if connection.execute(select(func.count()).where(mine)).scalar_one() >= MOST_LINKS:
        raise ConflictError(f"delivery {delivery_id} has {MOST_LINKS} links.", hint="Maybe revoke them first.")
    token, until = connection.new_secret(), now + LINK_S
    row = {"link_hash": hash_secret(token), "tenant_id": caller.tenant_id, "delivery_id": delivery_id,
           "created_at": now, "expires_at": until}  # fmt: skip
    connection.run(inserting(delivery_links), [row])
    _audit(connection, caller, delivery_id, "create", now)
    return token, until


def find_link(connection: Connection, token: str, *, now: int) -> Link:
    """Return what a token leads to.

    Raises
    ------
    NotFoundError, LinkGoneError
        If it never led anywhere, or does no longer.
    """
    query = select(
        delivery_links.c.tenant_id, delivery_links.c.expires_at, deliveries.c.delivery_id, deliveries.c.order_id,
        deliveries.c.site_id, deliveries.c.kind,
    ).join(deliveries, deliveries.c.delivery_id == delivery_links.c.delivery_id)  # fmt: skip
    row = connection.execute(query.where(delivery_links.c.link_hash == hash_secret(token))).one_or_none()
    if row is None:
        raise NotFoundError("this link leads nowhere.", hint="Maybe it was not copied whole.")
    if row.expires_at <= now:
        raise LinkGoneError
    kind: Literal["door", "collection"] = "collection" if row.kind == "collection" else "door"
    caller = Caller(row.tenant_id, SHOPPER)
    return Link(caller=caller, delivery_id=row.delivery_id, order_id=row.order_id, site_id=row.site_id, kind=kind)


def find_collection_link(connection: Connection, token: str, *, now: int) -> Link:
    """Return what a token of something that is collected leads to.

    Raises
    ------
    NotFoundError, LinkGoneError
        If it never led anywhere, leads to a door, or does no longer.
    """
    link = find_link(connection, token, now=now)
    if link.kind != "collection":
        raise NotFoundError("this link leads to a delivery that goes to a door.")
    return link


def revoke_links(connection: Connection, caller: Caller, delivery_id: str, *, now: int) -> int:
    """End every link of a delivery at once, and return how many there were.

    Raises
    ------
    NotFoundError
        If the tenant has no such delivery.
    """
    lock_delivery(connection, caller, delivery_id)
    good = (delivery_links.c.delivery_id == delivery_id) & (delivery_links.c.expires_at > now)
    ended = connection.execute(update(delivery_links).where(good).values(expires_at=now)).rowcount
    if ended:
        _audit(connection, caller, delivery_id, "revoke", now)
    return ended


def _audit(connection: Connection, caller: Caller, delivery_id: str, event: str, now: int) -> None:
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind="delivery_link", object_id=delivery_id,
        event=event,
    )  # fmt: skip
