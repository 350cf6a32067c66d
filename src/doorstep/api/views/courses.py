"""What vans drove, and what that taught about streets."""

import numpy as np

from doorstep.api.conventions.geojson import DECIMALS
from doorstep.api.models.roads import HourSpeed, RouteCourse, StopPassed, StreetDriven, StreetSpeeds, Stretch
from doorstep.geography.roads.learned import ANY_HOUR, BEGINS, HOURS
from doorstep.operations.street_speeds import Speeds, are_of, load_speeds
from doorstep.operations.tracking.proof_of_route import ProofOfRoute, proof_of_route
from doorstep.storage import Connection


def show_street_speeds(connection: Connection, tenant_id: str) -> StreetSpeeds:
    """Return what was learnt of the streets that there are, nothing before anything was."""
    speeds = load_speeds(connection, tenant_id)
    streets = 0 if connection.streets is None else connection.streets.graph.singles
    if speeds is None or not are_of(connection, speeds):
        return StreetSpeeds(learnt_at=None, drives=0, observations=0, streets_driven=0, streets=streets, hours=[])
    driven = speeds.learnt.observations[ANY_HOUR]
    return StreetSpeeds(
        learnt_at=speeds.learnt_at, drives=speeds.drives, observations=speeds.observations,
        streets_driven=int((driven > 0).sum()), streets=streets, hours=[_hour(speeds, row) for row in range(HOURS)],
    )  # fmt: skip


def show_course(connection: Connection, tenant_id: str, route_id: str, *, now: int) -> RouteCourse:
    """Return what the van of a route drove."""
    proof = proof_of_route(connection, tenant_id, route_id, now=now)
    course = proof.course
    return RouteCourse(
        began_at=course.began_at, ended_at=course.ended_at, positions=len(course.track),
        matched_pct=round(100 * proof.used) if len(course.track) else 0, distance_m=proof.metres,
        planned_m=course.planned_m, stretches=[_stretch(proof, row) for row in range(len(proof.lines))],
        stops=[
            StopPassed(sequence=each.sequence, delivery_id=each.delivery_id, distance_m=each.metres, at=each.at)
            for each in proof.passed
        ],
    )  # fmt: skip


def _hour(speeds: Speeds, row: int) -> HourSpeed:
    """Return the hours of a class; streets count as often as they were driven at any hour."""
    learnt, begin = speeds.learnt, row % len(BEGINS)
    order = np.argsort(learnt.ratio[row], kind="stable")
    often = np.cumsum(learnt.observations[ANY_HOUR][order])
    middle = order[np.searchsorted(often, often[-1] / 2)]
    return HourSpeed(
        weekend=row >= len(BEGINS), from_hour=BEGINS[begin], to_hour=(*BEGINS[1:], 24)[begin],
        percent=round(100 * float(learnt.ratio[row, middle])), observations=int(learnt.observations[row].sum()),
    )  # fmt: skip


def _stretch(proof: ProofOfRoute, row: int) -> Stretch:
    lat, lon = np.round(proof.lines[row], DECIMALS).T.tolist()
    return Stretch(
        line=list(zip(lon, lat, strict=True)), confidence_pct=round(100 * proof.confidence[row]),
        streets=[StreetDriven(name=name, distance_m=metres) for name, metres in proof.streets[row]],
    )  # fmt: skip
