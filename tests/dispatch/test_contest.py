"""The contest's day: its rules, worked by hand on an instance of three customers."""

import numpy as np
import pytest

from benchmarks.dispatch.contest import EPOCH_S, Day, Static, can_be_served, read_static
from benchmarks.dispatch.play import POLICIES, Budget, play

HOUR = 3_600


@pytest.fixture
def static() -> Static:
    """A depot and three customers, ten minutes from each other, with windows of two hours from 2, 3 and 4 o'clock."""
    seconds = np.full((4, 4), 600) - 600 * np.eye(4, dtype=np.int64)
    window = np.array([[0, 10], [2, 4], [3, 5], [4, 6]]) * HOUR
    return Static(
        name="tiny", capacity=50, seconds=seconds.astype(np.int64), window=window,
        demand=np.array([0, 1, 2, 3]), service_s=np.array([0, 60, 120, 180]),
    )  # fmt: skip


def test_epochs_begin_an_hour_before_the_first_window_and_end_with_the_last(static):
    day = Day(static=static, seed=1)
    assert (day.epoch, day.last_epoch) == (1, 3)
    assert day.starts_at == 2 * HOUR


def test_requests_mix_four_customers_in_the_order_in_which_numbers_are_drawn(static):
    day, rng = Day(static=static, seed=7), np.random.default_rng(7)
    place, window, demand, service = (rng.integers(3, size=100) + 1 for _ in range(4))
    next(day.epochs())
    asked = day.requests
    assert asked.place.tolist() == place.tolist()  # all of them can be served from the first epoch
    assert (asked.window == static.window[window]).all()
    assert asked.demand.tolist() == demand.tolist()
    assert asked.service_s.tolist() == (60 * service).tolist()


def test_who_can_still_be_served_an_epoch_later_need_not_go(static):
    day = Day(static=static, seed=7)
    for _ in day.epochs():
        must = day.must_go()
        alone = can_be_served(static, day.requests, day.starts_at + EPOCH_S)
        assert must.all() if day.epoch == day.last_epoch else (must == ~alone).all()
        day.serve([[row] for row in np.flatnonzero(must).tolist()])
    assert day.driven_s == 1_200 * day.numbered


@pytest.mark.parametrize(
    ("routes", "rule"),
    [
        ([[0], [0]], "served twice"),
        ([list(range(40))], "overloaded"),
        ([], "could not wait"),
    ],
)
def test_what_breaks_a_rule_is_refused(static, routes, rule):
    day = Day(static=static, seed=7)
    epochs = day.epochs()
    next(epochs)
    if rule == "could not wait":
        day.epoch = day.last_epoch
    with pytest.raises(ValueError, match=rule):
        day.serve(routes)


def test_the_whole_day_is_played_without_a_fault_by_every_policy(static):
    played = [play(static, 3, policy, Budget(seconds=0.0, iterations=1_000)) for policy in POLICIES]
    assert [each.faults for each in played] == [()] * len(POLICIES)
    assert len({each.requests for each in played}) == 1


def test_an_instance_is_read_from_its_file(tmp_path, static):
    lines = ["NAME : tiny", "DIMENSION : 4", "CAPACITY : 50", "EDGE_WEIGHT_SECTION"]
    lines += ["\t".join(map(str, row)) for row in static.seconds.tolist()]
    lines += ["DEMAND_SECTION", *(f"{n}\t{d}" for n, d in enumerate(static.demand, start=1))]
    lines += ["SERVICE_TIME_SECTION", *(f"{n}\t{s}" for n, s in enumerate(static.service_s, start=1))]
    lines += ["TIME_WINDOW_SECTION", *(f"{n}\t{a}\t{b}" for n, (a, b) in enumerate(static.window.tolist(), start=1))]
    path = tmp_path / "tiny.txt"
    path.write_text("\n".join([*lines, "EOF"]))
    read = read_static(path)
    assert (read.name, read.capacity) == ("tiny", 50)
    assert (read.seconds == static.seconds).all()
    assert (read.window == static.window).all()
    assert read.service_s.tolist() == static.service_s.tolist()
