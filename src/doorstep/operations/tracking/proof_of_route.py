"""The streets that a van drove on its route, and how near it came to each of its stops."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from doorstep.foundation import ConflictError
from doorstep.foundation.arrays import Floats
from doorstep.geography import great_circle_m
from doorstep.geography.roads.matching import Matcher, Track
from doorstep.geography.roads.snap import WHOLE
from doorstep.geography.roads.way import line_of, street_names
from doorstep.operations.tracking.courses import Course, course_of
from doorstep.storage import Connection
from doorstep.storage.schema.fulfilment import stops


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How near a van came to a stop [m], and when [epoch s]; both None if nothing is known of where it was."""

    sequence: int
    delivery_id: str
    metres: int | None
    at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfRoute:
    """What a van drove.

    Attributes
    ----------
    lines
        Its stretches without a gap on streets, each (P, 2) latitudes and longitudes.
    streets
        Of each stretch the streets in turn, and metres on each.
    confidence
        How likely each stretch is, from 0 to 1.
    used
        Which share of the positions the streets explain, from 0 to 1.
    """

    course: Course
    lines: tuple[Floats, ...]
    streets: tuple[tuple[tuple[str, int], ...], ...]
    confidence: tuple[float, ...]
    used: float
    passed: tuple[Passed, ...]

    @property
    def metres(self) -> int:
        """How far it drove on streets, gaps left out [m]."""
        return sum(metres for stretch in self.streets for _, metres in stretch)


def proof_of_route(connection: Connection, tenant_id: str, route_id: str, *, now: int) -> ProofOfRoute:
    """Return what the van of a route that has started drove until its end, or until now.

    Raises
    ------
    NotFoundError
        If the tenant has no such route.
    ConflictError
        If it has not started, or the platform has no streets.
    """
    course, streets = course_of(connection, tenant_id, route_id, now=now), connection.streets
    if streets is None:
        raise ConflictError("the platform has no streets.", hint="Maybe name some: setting roads.")
    match = Matcher(streets).match(course.track)
    lines, names, sure = [], [], []
    for row in np.unique(match.driven.row).tolist():
        of = np.flatnonzero(match.driven.row == row)
        arc, begin, finish = (part[of] for part in (match.driven.arc, match.driven.begin, match.driven.finish))
        lines.append(line_of(streets, list(zip(arc.tolist(), begin.tolist(), finish.tolist(), strict=True))))
        dm = streets.graph.dm[arc] * (finish - begin) // WHOLE
        names.append(tuple(street_names(streets, arc.tolist(), dm.tolist())))
        sure.append(float(match.confidence[row]))
    return ProofOfRoute(course=course, lines=tuple(lines), streets=tuple(names), confidence=tuple(sure),
                        used=match.used, passed=_passed(connection, route_id, course.track))  # fmt: skip


def _passed(connection: Connection, route_id: str, track: Track) -> tuple[Passed, ...]:
    of = stops.c
    query = select(of.sequence, of.delivery_id, of.lat, of.lon).where(of.route_id == route_id, of.kind == "delivery")
    found = []
    for row in connection.execute(query.order_by(of.sequence)):
        metres = at = None
        if len(track):
            here = np.full(len(track), row.lat), np.full(len(track), row.lon)
            away = great_circle_m(lat_a=track.lat, lon_a=track.lon, lat_b=here[0], lon_b=here[1])
            nearest = int(away.argmin())
            metres, at = round(float(away[nearest])), int(track.at[nearest])
        found.append(Passed(sequence=row.sequence, delivery_id=row.delivery_id, metres=metres, at=at))
    return tuple(found)
