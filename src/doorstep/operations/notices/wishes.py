"""What shoppers want to hear: a link in every notice, by which they say by which channels not to be told again.

What they do not want is kept by a hash of the address, so that it holds for the next order too, and after the person
is forgotten.
"""

import hashlib
from collections.abc import Mapping

from sqlalchemy import delete, select

from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.schema.notices import notice_links, opt_outs
from doorstep.storage.schema.orders import contacts
from doorstep.tracking.notices import CHANNELS


def address_hash(tenant_id: str, channel: str, address: str) -> str:
    """Return what stands for an address, however it is written; the same one at two tenants is two."""
    return hashlib.sha256(f"{tenant_id}\n{channel}\n{address.strip().lower()}".encode()).hexdigest()


def addresses(email: str, phone: str) -> dict[str, str]:
    """Return the addresses of a contact by channel."""
    return {channel: address for channel, address in (("email", email), ("sms", phone)) if address}


def unwanted(connection: Connection, tenant_id: str, known: Mapping[str, str]) -> set[str]:
    """Return the channels by which whoever has these addresses does not want to hear."""
    hashes = {address_hash(tenant_id, channel, address): channel for channel, address in known.items()}
    mine = (opt_outs.c.tenant_id == tenant_id) & opt_outs.c.address_hash.in_(hashes)
    return {hashes[found] for found in connection.execute(select(opt_outs.c.address_hash).where(mine)).scalars()}


def token_of(connection: Connection, tenant_id: str, contact_id: str) -> str:
    """Return the token of a contact's link, made at its first notice."""
    row = {"contact_id": contact_id, "tenant_id": tenant_id, "token": connection.new_secret()}
    connection.run(inserting(notice_links, ignore=True), [row])
    return str(
        connection.execute(select(notice_links.c.token).where(notice_links.c.contact_id == contact_id)).scalar_one()
    )


def wishes_of(connection: Connection, token: str) -> dict[str, bool]:
    """Return by which channels the holder of a link can be told, and whether they want that.

    Raises
    ------
    NotFoundError
        If the link leads nowhere, or the person is forgotten.
    """
    tenant_id, known = _holder(connection, token)
    off = unwanted(connection, tenant_id, known)
    return {channel: channel not in off for channel in CHANNELS if channel in known}


def change_wishes(connection: Connection, token: str, wanted: Mapping[str, bool], *, now: int) -> dict[str, bool]:
    """Keep what the holder of a link wants of some channels, and return it for all.

    Raises
    ------
    NotFoundError
        If the link leads nowhere, or the person is forgotten.
    """
    tenant_id, known = _holder(connection, token)
    for channel, wants in wanted.items():
        if channel not in known:
            continue
        row = {"tenant_id": tenant_id, "channel": channel, "at": now,
               "address_hash": address_hash(tenant_id, channel, known[channel])}  # fmt: skip
        mine = (opt_outs.c.tenant_id == tenant_id) & (opt_outs.c.address_hash == row["address_hash"])
        if wants:
            connection.execute(delete(opt_outs).where(mine))
        else:
            connection.run(inserting(opt_outs, ignore=True), [row])
    return wishes_of(connection, token)


def locale_of(connection: Connection, token: str) -> str:
    """Return the locale of the holder of a link, empty if nobody is known."""
    query = select(contacts.c.locale).join(notice_links, notice_links.c.contact_id == contacts.c.contact_id)
    return str(connection.execute(query.where(notice_links.c.token == token)).scalar_one_or_none() or "")


def _holder(connection: Connection, token: str) -> tuple[str, dict[str, str]]:
    query = (
        select(contacts.c.tenant_id, contacts.c.email, contacts.c.phone)
        .join(notice_links, notice_links.c.contact_id == contacts.c.contact_id)
        .where(notice_links.c.token == token)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("this link leads nowhere.", hint="Maybe the order is long ago.")
    return row.tenant_id, addresses(row.email, row.phone)
