"""Which sites refuse what they are asked for, and when: learnt from the shipments of the last weeks."""

from typing import NamedTuple

import numpy as np
import polars as pl
import sqlalchemy as sa
from sqlalchemy import select

from doorstep.domain.calendar import Calendar
from doorstep.foundation.arrays import Floats, Ints
from doorstep.operations.fulfil.parts import PACKED
from doorstep.order_routing.refusal import HOURS, learn_acceptance
from doorstep.storage import Connection
from doorstep.storage.retailers import load_reference, reference_version
from doorstep.storage.schema.fulfilment import shipments
from doorstep.storage.schema.journal import audit

HOUR_S = 3_600
LAST_DAYS_S = 28 * 86_400
"""How far back shipments are learnt from."""
MOST_SHIPMENTS, FEWEST_SHIPMENTS = 50_000, 50
"""The latest shipments from which is learnt, and with how many outcomes less nothing is known."""


class Counted(NamedTuple):
    """Packages that a site was asked for at a moment, or in the hour that begins then."""

    site_id: str
    asked_at: int
    packages: int


def usual_acceptance(connection: Connection, tenant_id: str, *, now: int) -> Floats | None:
    """Return the probability that each site serves what it is asked for (S, 24), None if too little is known.

    Worked out once an hour for each version of the reference tables.
    """
    key = ("acceptance", tenant_id, reference_version(connection, tenant_id), now // HOUR_S)
    return connection.memo(key, lambda: _acceptance(connection, tenant_id, now))


def _acceptance(connection: Connection, tenant_id: str, now: int) -> Floats | None:
    asked, refused = outcomes(connection, tenant_id, now=now)
    return learn_acceptance(asked, refused) if asked.sum() >= FEWEST_SHIPMENTS else None


def outcomes(connection: Connection, tenant_id: str, *, now: int) -> tuple[Ints, Ints]:
    """Return shipments with an outcome, and those of them that were refused, by site and local hour (S, 24).

    A site has served what it packed. It has refused a shipment whose order was taken from it to look for another site:
    it declined, or a count found fewer units than the book. Where such an order had shipments at several sites, nobody
    knows who refused, and none of them counts; nor does a shipment that was cancelled for another reason.
    """
    sites = load_reference(connection, tenant_id)["sites"]
    served = by_site_and_hour(_served(connection, tenant_id, now), sites, now=now)
    refused = by_site_and_hour(_refused(connection, tenant_id, now), sites, now=now)
    return served + refused, refused


def latest_shipments(tenant_id: str, now: int) -> sa.Subquery:
    """Return the query of a tenant's latest shipments, none older than is learnt from."""
    latest = (
        select(shipments)
        .where(shipments.c.tenant_id == tenant_id)
        .order_by(shipments.c.shipment_id.desc())
        .limit(MOST_SHIPMENTS)
        .subquery()
    )
    recent = latest.c.created_at.between(now - LAST_DAYS_S, now)
    return select(latest).where(recent).subquery()


def _served(connection: Connection, tenant_id: str, now: int) -> list[Counted]:
    latest = latest_shipments(tenant_id, now)
    hour_at = latest.c.created_at - latest.c.created_at % HOUR_S
    packed = latest.c.state.in_(PACKED)
    query = select(latest.c.site_id, hour_at, sa.func.count()).where(packed).group_by(latest.c.site_id, hour_at)
    return list(map(Counted._make, connection.execute(query)))


def _refused(connection: Connection, tenant_id: str, now: int) -> list[Counted]:
    latest = latest_shipments(tenant_id, now)
    cancel, reroute = audit.alias("cancel"), audit.alias("reroute")
    query = (
        select(sa.func.min(latest.c.site_id), sa.func.min(latest.c.created_at), sa.func.count())
        .join(cancel, (cancel.c.object_id == latest.c.shipment_id) & (cancel.c.event == "cancel"))
        .join(
            reroute,
            (reroute.c.object_id == latest.c.order_id) & (reroute.c.event == "reroute") & (reroute.c.at == cancel.c.at),
        )
        .where(latest.c.state == "cancelled")
        .group_by(latest.c.order_id, reroute.c.audit_no)
        .having(sa.func.count() == 1)
    )
    return list(map(Counted._make, connection.execute(query)))


def by_site_and_hour(asked: list[Counted], sites: pl.DataFrame, *, now: int) -> Ints:
    """Return counts by site and local hour (S, 24); sites that the retailer no longer has are left aside."""
    rows, zones = {name: row for row, name in enumerate(sites["site_id"].to_list())}, sites["time_zone"].to_list()
    known = [one for one in asked if one.site_id in rows]
    calendar = Calendar.spanning(zones, now - LAST_DAYS_S, now, further_days=1)
    site = np.array([rows[one.site_id] for one in known], dtype=np.int64)
    hour = calendar.hour_of(site, np.array([one.asked_at for one in known], dtype=np.int64))
    found = np.zeros((len(zones), HOURS), dtype=np.int64)
    np.add.at(found, (site, hour), np.array([one.packages for one in known], dtype=np.int64))
    return found
