"""Meal delivery worked by hand: one restaurant, two doors, 100 metres a minute; and a judge who sees what is wrong."""

from pathlib import Path

import pytest

from benchmarks.dispatch.meal_check import Done, judge
from benchmarks.dispatch.meals import LIVE, NEAREST, Bundle, play_meals, read_meals

TABLES = {
    "instance_parameters": "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
    "maximum click-to-door\tpay per order\tguaranteed pay per hour\n100\t4\t4\t40\t90\t10\t15",
    "restaurants": "restaurant\tx\ty\nr1\t0\t0",
    "couriers": "courier\tx\ty\ton_time\toff_time\nc1\t0\t500\t0\t120\nc2\t0\t950\t0\t60",
    "orders": "order\tx\ty\tplacement_time\trestaurant\tready_time\no1\t1000\t0\t0\tr1\t20\no2\t1100\t0\t2\tr1\t22",
}
MINUTE = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TABLES.items():
        (tmp_path / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
    return tmp_path


def job(
    *,
    decided_at: int = 0,
    leaves_at: int = 13 * MINUTE,
    pickup_at: int = 20 * MINUTE,
    dropoff_at: int = 34 * MINUTE,
) -> Done:
    """Return how c1 brings o1: five minutes there, two in, two out, ten on the road, two to the door."""
    return Done("c1", decided_at, leaves_at, pickup_at, ("o1",), (dropoff_at,))


def test_a_bundle_knows_the_minutes_to_each_door(folder):
    meals = read_meals(folder)
    bundle = Bundle.of(meals, meals.orders)
    assert bundle.drops_s == (14 * MINUTE, 19 * MINUTE)  # 2 + 10 + 2, and 2 + 1 + 2 more
    assert bundle.ready_at == 22 * MINUTE
    assert bundle.latest_at(meals) == 73 * MINUTE  # o2 by 92, 19 after the pickup


def test_what_is_done_by_the_rules_is_judged_right(folder):
    found = judge(folder, [job()])
    assert found.faults == []
    assert (found.delivered, found.mean_minutes, found.in_target) == (1, 34.0, 0.5)
    assert (int(found.pay), int(found.hours)) == (45, 3)  # two hours and one, at 15; one order would be 10


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"leaves_at": 14 * MINUTE}, "picks up sooner than it can be there"),
        ({"pickup_at": 19 * MINUTE, "leaves_at": 12 * MINUTE}, "o1 is taken before it is ready"),
        ({"pickup_at": 121 * MINUTE, "dropoff_at": 135 * MINUTE}, "picks up after the shift"),
        ({"dropoff_at": 33 * MINUTE}, "o1 is brought sooner than it can be"),
        ({"decided_at": 14 * MINUTE}, "leaves before it is decided"),
        ({"decided_at": -1}, "o1 is decided before it is placed"),
    ],
)
def test_what_breaks_a_rule_is_found(folder, changes, fault):
    assert any(fault in one for one in judge(folder, [job(**changes)]).faults)


def test_an_order_comes_once_and_a_courier_is_in_one_place(folder):
    again = job(leaves_at=20 * MINUTE, pickup_at=30 * MINUTE, dropoff_at=44 * MINUTE)
    faults = judge(folder, [job(), again]).faults
    assert any("brought twice" in one for one in faults)
    assert any("while on another way" in one for one in faults)


def test_what_takes_too_long_is_not_delivered(folder):
    found = judge(folder, [job(dropoff_at=91 * MINUTE)])
    assert (found.delivered, found.over_longest) == (0, 1)


@pytest.mark.parametrize("rule", [LIVE, NEAREST])
def test_both_rules_keep_all_rules(folder, rule):
    found = judge(folder, play_meals(read_meals(folder), rule))
    assert found.faults == []
    assert found.delivered == 2


def test_the_nearest_courier_takes_the_first_order_and_the_next_one_the_second(folder):
    jobs = play_meals(read_meals(folder), NEAREST)
    assert [(one.courier, one.orders, one.pickup_at) for one in jobs] == [
        ("c1", ("o1",), 20 * MINUTE),
        ("c2", ("o2",), 24 * MINUTE),  # c1 is the nearest until it is sent at 12; ten minutes of road, two to walk
    ]
