"""Arrivals predicted on days that the learner has not seen, beside those that came."""

import time
from itertools import pairwise

import numpy as np

from benchmarks.tracking.days import Course, drive_days, found_town
from doorstep.foundation.arrays import Floats
from doorstep.tracking import learn, predict
from doorstep.tracking.eta import Paces

TRAINED_DAYS, TESTED_DAYS, MOMENTS = 28, 60, 6
EDGES_MIN = (0, 10, 20, 40, 80, 160, 1_440)
LEVELS = (0.9, 0.5)
Row = dict[str, object]


def eta_rows(seed: int, *, trained: int = TRAINED_DAYS, tested: int = TESTED_DAYS) -> list[Row]:
    """Return a row a horizon and one for all: shares of arrivals within intervals [%], mean absolute errors [s]."""
    rng = np.random.default_rng(seed)
    town = found_town(rng)
    began = time.process_time()
    paces = learn([c.driven for c in drive_days(town, range(trained), rng)], rng=rng)
    learnt_s = time.process_time() - began
    began = time.process_time()
    courses = drive_days(town, range(trained, trained + tested), rng)
    found = np.concatenate([_asked(course, paces, rng) for course in courses])
    each_ms = (time.process_time() - began) * 1_000 / (tested * 8 * MOMENTS * len(LEVELS))
    rows = [_row(seed, "all", found)]
    for low, high in pairwise(EDGES_MIN):
        name = f"{low} to {high} min" if high < EDGES_MIN[-1] else f"over {low} min"
        rows.append(_row(seed, name, found[(found[:, 0] >= low * 60) & (found[:, 0] < high * 60)]))
    rows[0] |= {"learn_cpu_s": learnt_s, "predict_cpu_ms": each_ms}
    return rows


def _asked(course: Course, paces: Paces, rng: np.random.Generator) -> Floats:
    route = course.driven
    rows = []
    for now in rng.integers(route.start_at, int(route.arrive_at[-1]), MOMENTS).tolist():
        ahead = route.under_way(now)
        skip = int(ahead.serving)
        etas = [predict(ahead, paces, level=level, rng=rng) for level in LEVELS]
        left = len(ahead.drives)
        done = route.arrive_at.size - left
        came, planned = route.arrive_at[done:], course.planned_arrive_at[done:]
        late_s = _delay(course, done, serving=ahead.serving)
        within = [(e.from_at <= came) & (came <= e.until_at) for e in etas]
        width = [e.until_at - e.from_at for e in etas]
        guesses = (etas[0].expected_at, np.maximum(planned, now), np.maximum(planned + late_s, now))
        errors = [np.abs(guess - came) for guess in guesses]
        rows.append(np.array([etas[0].expected_at - now, *within, *width, *errors], dtype=np.float64).T[skip:])
    return np.concatenate(rows)


def _delay(course: Course, done: int, *, serving: bool) -> int:
    """Return how late the route was when it last told anything."""
    if serving:
        return int(course.driven.arrive_at[done] - course.planned_arrive_at[done])
    return int(course.driven.leave_at[done - 1] - course.planned_leave_at[done - 1]) if done else 0


def _row(seed: int, horizon: str, found: Floats) -> Row:
    mean = found.mean(axis=0)
    return {
        "instance": f"town {seed}",
        "horizon": horizon,
        "arrivals": len(found),
        "within_90_pct": 100 * float(mean[1]),
        "within_50_pct": 100 * float(mean[2]),
        "width_90_s": int(mean[3]),
        "error_s": int(mean[5]),
        "schedule_s": int(mean[6]),
        "schedule_and_delay_s": int(mean[7]),
    }
