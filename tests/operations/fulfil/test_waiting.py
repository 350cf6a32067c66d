"""Orders that wait for the next plan where others are likely to come to the next doors, and only then."""

from dataclasses import replace
from functools import partial

import numpy as np

from doorstep.operations.bring.problem import load_problem
from doorstep.operations.bring.waiting import load_coming, without_waiting
from doorstep.operations.corridor.wait import DAY_S, Lately
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import HOUR, VANS, open_stage, ready

FAR = 41.25
MINUTE = 60


def yesterday(*minutes: int, lat: float = FAR) -> Lately:
    """Return a day on which orders came to one street, so many minutes after the hour that it is now."""
    at = np.array([NOW - DAY_S + minute * MINUTE for minute in minutes], dtype=np.int64)
    count = at.size
    return Lately(
        days=1,
        known_at=at,
        lat=lat + np.arange(count) / 2_000,
        lon=np.full(count, -87.0),
        start_at=at,
        end_at=at + 3 * HOUR,
        release_at=at + 5 * MINUTE,
        service_s=np.full(count, 120),
        load=np.tile(np.array([[1_000, 2_000, 1]]), (count, 1)),
        needs=[""] * count,
    )


def test_who_has_time_waits_for_those_who_are_likely_to_come_next_door(database):
    vans = VANS.filter(VANS["site_id"] == "S1")
    open_stage(database, vehicles=vans)
    with database.writing() as connection:
        patient = ready(connection, lat=FAR, window=(NOW, NOW + 3 * HOUR))
    with database.reading() as connection:
        problem = load_problem(connection, CALLER.tenant_id, now=NOW, site_id="S1")
        assert load_coming(connection, CALLER.tenant_id, "S1", now=NOW) is None  # nothing was brought yet
    soon = partial(without_waiting, site_id="S1", next_at=NOW + 15 * MINUTE, seed=1)
    assert set(problem.bundles) == {patient}
    left, waits = soon(problem, yesterday(5, 8, 11))
    assert (set(left.bundles), set(waits)) == (set(), {patient})
    for lately in (None, yesterday(-60), yesterday(5, 8, 11, lat=40.5)):
        kept, nobody = soon(problem, lately)
        assert (set(kept.bundles), nobody) == ({patient}, {}), lately
    late = replace(problem, now=NOW + 150 * MINUTE)
    assert without_waiting(late, yesterday(155, 158), site_id="S1", next_at=NOW + 165 * MINUTE, seed=1)[1] == {}
