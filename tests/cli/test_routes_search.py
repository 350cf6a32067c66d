"""Which engine plans a problem and why, and what a listener hears of the patience."""

from dataclasses import dataclass, field

import pytest

from doorstep.cli.routes_judgement import unserved_of
from doorstep.cli.routes_search import Patience, Watched, choose_engine
from doorstep.foundation import AnyOf, InputError, Interrupt, Iterations
from doorstep.vehicle_routing.plan import EMPTY
from tests.connectors.routes_folder.small_plan import file_of, one_route
from tests.vehicle_routing.small_routes import Pair, Rest, Stop, Van, routing, with_roads

PLAIN = routing([Stop(x=1)], [Van()])
RESTING = routing([Stop(x=1)], [Van()], rests=[Rest(earliest=1, latest=2, length=3)])


@dataclass(slots=True)
class Heard:
    steps: list[int] = field(default_factory=list)

    def stage(self, name: str, total: int) -> None:
        """Hear of a stage."""

    def advance(self, steps: int = 1) -> None:
        """Hear of steps."""
        self.steps.append(steps)


def test_the_engine_that_is_asked_for_is_taken():
    assert choose_engine(PLAIN, "pyvrp") == ("pyvrp", "it was asked for")
    assert choose_engine(PLAIN, "auto") == ("sisr", "it plans all that this problem asks for")


def test_a_problem_that_no_engine_plans_is_refused_with_what_each_lacks():
    stops = [Stop(x=1, group=3), Stop(x=2, load=0)]
    lacking = r"sisr does not know loads at stops of pairs, groups .*, pyvrp not pairs that also load from the depot"
    with pytest.raises(InputError, match=f"no engine plans this problem: {lacking}"):
        choose_engine(routing(stops, [Van()], pairs=[Pair(pickup=0, delivery=1)]), "auto")


def test_an_engine_that_is_none_is_refused():
    with pytest.raises(InputError, match="--solver 'vroom' must be one of auto, sisr, pyvrp"):
        choose_engine(PLAIN, "vroom")  # type: ignore[arg-type]


def test_patience_is_ten_cpu_seconds_where_nobody_says():
    assert Patience().cpu_s == 10.0
    assert Patience(iterations=5).cpu_s is None
    assert Patience(iterations=5).stop().take(9) == 5


def test_a_watched_patience_ends_as_it_would_alone_and_tells_how_far_it_is():
    heard, patience = Heard(), Iterations(limit=4)
    watch = Watched(patience, heard)
    stop = AnyOf((patience, Interrupt(), watch))
    assert [stop() for _ in range(5)] == [False, False, False, False, True]
    assert heard.steps == [25, 25, 25, 25]
    assert watch.asked == 5
    assert (watch.take(7), watch.spent()) == (7, 0.0)


@pytest.mark.parametrize(
    ("stop", "van", "reason"),
    [
        (Stop(x=1), Van(count=0), "no_vehicle"),
        (Stop(x=1, needs=2), Van(skills=1), "skill"),
        (Stop(x=1, load=9), Van(capacity=8), "capacity"),
        (Stop(x=1, pickup=9), Van(capacity=8), "capacity"),
        (Stop(x=500), Van(range_m=999), "range"),
        (Stop(x=500, window=(0, 100)), Van(), "window"),
        (Stop(x=1, prize=100), Van(), "prize"),
        (Stop(x=1, prize=-1), Van(), "overlooked"),
    ],
)
def test_a_stop_that_is_left_out_has_a_reason(stop, van, reason):
    assert [left.reason for left in unserved_of(file_of(routing([stop], [van])), EMPTY)] == [reason]


def test_the_reason_nearest_to_a_remedy_is_told_where_vehicles_differ():
    problem = routing([Stop(x=500, needs=1, window=(0, 100))], [Van(), Van(skills=1)])
    assert [left.reason for left in unserved_of(file_of(problem), EMPTY)] == ["window"]


def test_no_road_is_a_reason_and_so_is_the_other_stop_of_a_group_or_pair():
    def cut(metres, seconds):
        metres[0, 1] = 1 << 28

    closed = with_roads(PLAIN, cut)
    assert [left.reason for left in unserved_of(file_of(closed), EMPTY)] == ["no_road"]
    group = routing([Stop(x=1, group=0), Stop(x=2, group=0)], [Van()])
    assert [left.reason for left in unserved_of(file_of(group), one_route(group, [0]))] == ["group_served"]
    pair = routing([Stop(x=1), Stop(x=2, needs=1)], [Van()], pairs=[Pair(pickup=0, delivery=1)])
    assert [left.reason for left in unserved_of(file_of(pair), EMPTY)] == ["pair", "skill"]
