"""Today beside yesterday: what was ordered, brought and in time, what failed, and what a parcel cost."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, select

from doorstep.console import words
from doorstep.console.dispatcher.day import Sees
from doorstep.domain.lifecycles.delivery import AFTER_ATTEMPT
from doorstep.operations.bring.timing import shift_of
from doorstep.operations.fulfil.parts import DONE, DROPPED
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.orders import orders

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A stretch of time: ``brought`` of the deliveries ended in it, ``in_time`` of those within their promise.

    ``failed`` are deliveries whose last attempt in it failed. Parcels, ``own`` of them on own vans, and their cost are
    of deliveries that were planned in it.
    """

    name: str
    orders: int
    brought: int
    in_time: int
    failed: int
    parcels: int
    own: int
    cost_minor: int

    @property
    def in_time_share(self) -> float | None:
        """Share of what was brought that was in time, None if nothing was."""
        return self.in_time / self.brought if self.brought else None

    @property
    def own_share(self) -> float | None:
        """Share of the parcels on own vans, None if there was none."""
        return self.own / self.parcels if self.parcels else None

    @property
    def per_parcel_minor(self) -> float | None:
        """What a parcel cost, None if there was none."""
        return self.cost_minor / self.parcels if self.parcels else None


def scores(connection: Connection, tenant_id: str, zone: str, *, now: int, sees: Sees) -> list[Score]:
    """Return today so far, yesterday until the same hour, and yesterday; deliveries only of sites that are seen."""
    today = shift_of(zone, "00:00", "24:00", now)[0]
    yesterday = shift_of(zone, "00:00", "24:00", today - DAY_S // 2)[0]
    until = min(yesterday + now - today, today)
    stretches = (
        ("Today so far", today, now + 1),
        (f"Yesterday until {words.clock(now, zone)}", yesterday, until),
        ("Yesterday", yesterday, today),
    )
    return [_score(connection, tenant_id, name, first, end, sees) for name, first, end in stretches]


def _score(connection: Connection, tenant_id: str, name: str, first: int, end: int, sees: Sees) -> Score:
    of = deliveries.c
    placed = select(func.count()).where(
        orders.c.tenant_id == tenant_id, orders.c.placed_at >= first, orders.c.placed_at < end
    )
    ended = _summed(
        connection,
        select(
            of.site_id,
            _many(of.state.in_(DONE)),
            _many(of.state.in_(DONE), of.event_at <= orders.c.window_end_at),
            _many(of.state.in_(AFTER_ATTEMPT)),
        )
        .join(orders, orders.c.order_id == of.order_id)
        .where(of.tenant_id == tenant_id, of.event_at >= first, of.event_at < end),
        sees,
    )
    planned = _summed(
        connection,
        select(
            of.site_id,
            func.sum(of.parcels),
            func.sum(sa.case((of.mode == "own_fleet", of.parcels), else_=0)),
            func.sum(of.cost_minor),
        ).where(of.tenant_id == tenant_id, of.created_at >= first, of.created_at < end, of.state.not_in(DROPPED)),
        sees,
    )
    return Score(name=name, orders=connection.execute(placed).scalar_one(), brought=ended[0], in_time=ended[1],
                 failed=ended[2], parcels=planned[0], own=planned[1], cost_minor=planned[2])  # fmt: skip


def _many(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return func.sum(sa.case((sa.and_(*conditions), 1), else_=0))


def _summed(connection: Connection, query: "sa.Select[Any]", sees: Sees) -> list[int]:
    """Return the three sums of a query by site, over the sites that are seen."""
    sums = [0, 0, 0]
    for row in connection.execute(query.group_by(deliveries.c.site_id)).all():
        if sees(row[0]):
            sums = [total + int(row[n] or 0) for n, total in enumerate(sums, start=1)]
    return sums
