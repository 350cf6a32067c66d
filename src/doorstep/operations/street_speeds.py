"""How long streets take at each time of the day, as a tenant's own vans drove them, and travel times at those speeds.

Each night what was driven the day before becomes observations of streets, in which nobody is named any more; all of
the last weeks together say what each street takes at each time of the day. Where nothing was driven, streets take what
their kind does.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from sqlalchemy import bindparam, delete, insert, select

from doorstep.domain.calendar import wall_clock
from doorstep.foundation.arrays import Ints
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.digest import digest_of
from doorstep.geography.roads.learned import ANY_HOUR, Learned, Observed, all_of, hour_class
from doorstep.storage import Connection
from doorstep.storage.packed_arrays import pack, unpack
from doorstep.storage.prepared import Prepared
from doorstep.storage.schema.roads import driven_streets, street_speeds

DAY_S = 86_400
QUARTER_S = 900
LAST_DAYS = 28
MOST_BYTES, FEWEST_KEPT = 2 << 30, 4
"""Streets at other speeds, and those with obstacles on them, take so much memory each, unless a few take more."""
LEARNT_AT = Prepared(select(street_speeds.c.learnt_at).where(street_speeds.c.tenant_id == bindparam("tenant_id")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """What was learnt of streets, when, and from how much."""

    streets: str
    learnt_at: int
    drives: int
    observations: int
    learnt: Learned


def streets_at(
    connection: Connection, tenant_id: str, tables: Mapping[str, pl.DataFrame], *, at: int | None = None
) -> RoadTimes | None:
    """Return the streets that there are, at the speeds learnt for a moment [epoch s], without it for any hour.

    None where the platform has no streets. Those of which nothing was learnt are driven as their kind is.
    """
    streets = connection.streets
    learnt_at, hour = speeds_key(connection, tenant_id, tables, at=at)
    if streets is None or not learnt_at:
        return streets

    def built() -> RoadTimes:
        speeds = load_speeds(connection, tenant_id)
        if speeds is None or not are_of(connection, speeds):
            return streets
        return streets.at(speeds.learnt.ms(streets.graph, hour))

    return connection.memo(("streets", tenant_id, learnt_at, hour), built, most=most_kept(streets))


def most_kept(streets: RoadTimes) -> int:
    """Return how many other times of streets are kept in memory: a city's for all hours, a country's the last few."""
    return max(FEWEST_KEPT, MOST_BYTES // max(1, streets.metric_of.nbytes))


def speeds_key(
    connection: Connection, tenant_id: str, tables: Mapping[str, pl.DataFrame], *, at: int | None
) -> tuple[int, int]:
    """Return what tells the speeds of one moment from others: when they were learnt, 0 if never, and of which hours."""
    row = connection.fetch(LEARNT_AT, {"tenant_id": tenant_id}) if connection.streets is not None else []
    return (row[0][0] if row else 0), ANY_HOUR if at is None else hour_class(*_clock(zone_of(tables), at))


def zone_of(tables: Mapping[str, pl.DataFrame]) -> str:
    """Return the time zone of most sites, by whose clock the streets' hours go."""
    counts = Counter(tables["sites"]["time_zone"].to_list())
    return min(counts, key=lambda zone: (-counts[zone], zone), default="UTC")


def hours_of(zone: str, moments: Ints) -> Ints:
    """Return the class of the hour of each moment (N,) [epoch s]; in some zones hours begin at a quarter of UTC's."""
    quarters, of = np.unique(moments // QUARTER_S, return_inverse=True)
    classes = np.array([hour_class(*_clock(zone, each * QUARTER_S)) for each in quarters.tolist()], dtype=np.int64)
    return classes[of]


def load_speeds(connection: Connection, tenant_id: str) -> Speeds | None:
    """Return what was learnt last, None if nothing was."""
    row = connection.execute(select(street_speeds).where(street_speeds.c.tenant_id == tenant_id)).one_or_none()
    if row is None:
        return None
    return Speeds(streets=row.streets, learnt_at=row.learnt_at, drives=row.drives, observations=row.observations,
                  learnt=_learnt(row.learnt))  # fmt: skip


def are_of(connection: Connection, speeds: Speeds) -> bool:
    """Return whether speeds were learnt on the streets that there are, not on those of an older extract."""
    streets = connection.streets
    return streets is not None and speeds.streets == connection.memo(("digest", ""), lambda: digest_of(streets))


def store_observed(
    connection: Connection, tenant_id: str, day_at: int, *, streets: str, drives: int, seen: Observed
) -> None:
    """Keep what was driven on a day, in place of what was kept of it; days before the last weeks are forgotten."""
    of = driven_streets.c
    old = (of.day_at == day_at) | (of.day_at <= day_at - LAST_DAYS * DAY_S)
    connection.execute(delete(driven_streets).where(of.tenant_id == tenant_id, old))
    packed = pack(arc=seen.arc.astype(np.int32), hour=seen.hour.astype(np.int8), ratio=seen.ratio)
    row = {"tenant_id": tenant_id, "day_at": day_at, "streets": streets, "drives": drives, "observations": len(seen),
           "observed": packed}  # fmt: skip
    connection.execute(insert(driven_streets).values(row))


def observed_lately(connection: Connection, tenant_id: str, *, streets: str) -> tuple[Observed, int]:
    """Return all observations of streets that are kept, and how many drives they are of."""
    of = driven_streets.c
    query = select(of.observed, of.drives).where(of.tenant_id == tenant_id, of.streets == streets).order_by(of.day_at)
    rows = connection.execute(query).all()
    return all_of([_observed(row.observed) for row in rows]), sum(row.drives for row in rows)


def store_speeds(
    connection: Connection, tenant_id: str, learnt: Learned, *, streets: str, drives: int, now: int
) -> None:
    """Keep what was learnt in place of what was before."""
    connection.execute(delete(street_speeds).where(street_speeds.c.tenant_id == tenant_id))
    packed = pack(ratio=learnt.ratio.astype(np.float32), observations=learnt.observations.astype(np.int32), k=learnt.k)
    row = {"tenant_id": tenant_id, "streets": streets, "learnt_at": now, "drives": drives,
           "observations": int(learnt.observations[ANY_HOUR].sum()), "learnt": packed}  # fmt: skip
    connection.execute(insert(street_speeds).values(row))


def _observed(packed: bytes) -> Observed:
    told = unpack(packed)
    arc, hour = (told[name].astype(np.int64) for name in ("arc", "hour"))
    return Observed(arc=arc, hour=hour, ratio=told["ratio"])


def _learnt(packed: bytes) -> Learned:
    told = unpack(packed)
    observations = told["observations"].astype(np.int64)
    return Learned(ratio=told["ratio"].astype(np.float64), observations=observations, k=float(told["k"]))


def _clock(zone: str, at: int) -> tuple[int, int]:
    clock = wall_clock(zone, at)
    return clock.weekday, clock.hour
