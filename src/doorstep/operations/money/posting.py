"""Postings: what the books lack of what should stand in them, so that whoever posts twice posts nothing new."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.domain.calendar import local_day
from doorstep.foundation import InternalError
from doorstep.geography import Places, nearest_places
from doorstep.operations.fulfil.parts import DROPPED, pieces
from doorstep.operations.money.accounts import Account, Standing
from doorstep.operations.money.reading import rows_of
from doorstep.storage import Connection
from doorstep.storage.prepared import inserting
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import money_entries
from doorstep.storage.schema.orders import orders


class Cause(NamedTuple):
    """Why something is posted, and when that happened [epoch s]."""

    reason: str
    occurred_at: int


class About(NamedTuple):
    """What entries are grouped by: the site nearest to the door with its time zone, who brings it, and how."""

    zone: str
    time_zone: str
    mode: str
    carrier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Posted:
    """What stands in the books of a subject, and how many postings made it."""

    standing: Standing
    postings: int


def post(
    connection: Connection,
    tenant_id: str,
    wanted: Mapping[str, Standing],
    causes: Mapping[str, Cause],
    *,
    now: int,
) -> int:
    """Bring the books of subjects to what is wanted, and return how many postings that took.

    Only differences are posted, one posting a subject: what stands there already is not posted again, and nothing is
    ever changed or removed.
    """
    posted = _posted(connection, tenant_id, wanted)
    missing = {}
    for subject_id, standing in wanted.items():
        lack = Standing(standing)
        lack.subtract(posted[subject_id].standing)
        lines = {account: minor for account, minor in lack.items() if minor}
        if sum(lines.values()):
            raise InternalError(f"the posting about {subject_id} sums to {sum(lines.values())}, not to zero.")
        if lines:
            missing[subject_id] = lines
    if missing:
        _store(connection, tenant_id, missing, posted, causes, now)
    return len(missing)


def _posted(connection: Connection, tenant_id: str, subject_ids: Collection[str]) -> Mapping[str, _Posted]:
    of = money_entries.c
    sums: dict[str, Standing] = defaultdict(Standing)
    counts: dict[str, int] = defaultdict(int)
    names = [of[name] for name in Account._fields]
    for piece in pieces(sorted(subject_ids)):
        mine = (of.tenant_id == tenant_id) & of.subject_id.in_(piece)
        sum_, last = func.sum(of.amount_minor).label("minor"), func.max(of.posting_no).label("last_no")
        query = select(of.subject_id, *names, sum_, last)
        for row in connection.execute(query.where(mine).group_by(of.subject_id, *names)):
            account = Account(**{name: getattr(row, name) for name in Account._fields})
            sums[row.subject_id][account] = int(row.minor)
            counts[row.subject_id] = max(counts[row.subject_id], row.last_no)
    return {name: _Posted(standing=sums[name], postings=counts[name]) for name in subject_ids}


def _store(
    connection: Connection,
    tenant_id: str,
    missing: Mapping[str, Mapping[Account, int]],
    posted: Mapping[str, _Posted],
    causes: Mapping[str, Cause],
    now: int,
) -> None:
    accounts = [account for lines in missing.values() for account in lines]
    about = _about(connection, tenant_id, accounts)
    currency = str(load_reference(connection, tenant_id)["policy"]["currency"][0])
    rows = []
    for subject_id, lines in missing.items():
        cause = causes[subject_id]
        for number, (account, minor) in enumerate(sorted(lines.items()), 1):
            here = about[account.order_id, account.delivery_id]
            rows.append(
                account._asdict()
                | {
                    "entry_id": connection.new_id("ent", now),
                    "tenant_id": tenant_id,
                    "subject_id": subject_id,
                    "posting_no": posted[subject_id].postings + 1,
                    "line_no": number,
                    "amount_minor": minor,
                    "currency": currency,
                    "zone": here.zone,
                    "mode": here.mode,
                    "carrier_id": here.carrier_id,
                    "day": local_day(here.time_zone, cause.occurred_at),
                    "reason": cause.reason,
                    "occurred_at": cause.occurred_at,
                    "posted_at": now,
                }
            )
    connection.run(inserting(money_entries), rows)


def _about(connection: Connection, tenant_id: str, accounts: Collection[Account]) -> Mapping[tuple[str, str], About]:
    """Return what entries are grouped by, by order and delivery; an order counts as its last delivery."""
    sites = load_reference(connection, tenant_id)["sites"]
    clocks = dict(sites.select("site_id", "time_zone").iter_rows())
    order_ids = sorted({account.order_id for account in accounts if account.order_id})
    doors = list(rows_of(connection, orders, orders.c.order_id, order_ids))
    zones: dict[str, str] = {}
    if doors:
        ends = Places(
            lat=np.array([door.lat for door in doors], dtype=np.float64),
            lon=np.array([door.lon for door in doors], dtype=np.float64),
        )
        nearest = sites["site_id"].gather(nearest_places(ends, Places.from_table(sites), count=1)[:, 0]).to_list()
        zones = {
            door.order_id: door.pickup_site_id if door.pickup_site_id in clocks else site
            for door, site in zip(doors, nearest, strict=True)
        }
    by_id: dict[str, sa.Row[Any]] = {}
    last: dict[str, sa.Row[Any]] = {}
    for row in rows_of(connection, deliveries, deliveries.c.order_id, order_ids):
        by_id[row.delivery_id] = row
        if row.state not in DROPPED:
            last[row.order_id] = row
    found = {}
    for account in accounts:
        zone = zones.get(account.order_id, "")
        brought = by_id.get(account.delivery_id) or last.get(account.order_id)
        brings = (brought.mode, brought.carrier_id) if brought else ("", "")
        clock = clocks.get(zone) or (next(iter(clocks.values())) if clocks else "UTC")
        found[account.order_id, account.delivery_id] = About(zone, clock, *brings)
    return found
