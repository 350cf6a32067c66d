"""Facts that arrive late, twice, in any order or not at all: the newest one decides, whatever else was heard."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.lifecycles import LIFECYCLES, Applied, Ignored, Machine

machines = st.sampled_from(list(LIFECYCLES.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    event: str
    occurred_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    machine: Machine
    facts: tuple[Fact, ...]
    states: tuple[str, ...]


@st.composite
def lives(draw: st.DrawFn, *, shortest_gap_s: int = 1, longest: int = 25) -> Life:
    """A legal run from the first state on; within a second (gap 0) it only moves down the table."""
    machine = draw(machines)
    state, at = machine.initial, draw(st.integers(-3, 3))
    facts, states = [], []
    for _ in range(draw(st.integers(1, longest))):
        allowed = machine.allowed(state)
        if not allowed:
            break
        row = machine.step(state, draw(st.sampled_from(allowed)))
        forward = machine.states.index(row.target) > machine.states.index(state)
        at += draw(st.integers(shortest_gap_s if forward else 1, 3))
        facts.append(Fact(event=row.event, occurred_at=at))
        state = row.target
        states.append(state)
    return Life(machine=machine, facts=tuple(facts), states=tuple(states))


def heard(machine: Machine, facts: list[Fact]) -> tuple[str, list[Fact]]:
    """Return the state after facts in the order of their arrival, and the facts that were applied."""
    state, last_at, applied = machine.initial, None, []
    for fact in facts:
        found = machine.record(state, fact.event, occurred_at=fact.occurred_at, last_at=last_at)
        if isinstance(found, Applied):
            state, last_at = found.transition.target, fact.occurred_at
            applied.append(fact)
    return state, applied


def arrivals(life: Life) -> st.SearchStrategy[list[Fact]]:
    """Any of the facts, any number of times, in any order, and somewhere among them the last one.

    Newest first is the order in which a wrong rule would move back most often, so it is drawn on purpose.
    """
    some = st.lists(st.sampled_from(life.facts), max_size=2 * len(life.facts))
    shuffled = some.flatmap(lambda facts: st.permutations([*facts, life.facts[-1]]))
    return st.just([*reversed(life.facts)]) | shuffled


@given(lives(), st.data())
def test_whatever_arrives_beside_the_last_fact_the_life_ends_as_it_did(life, data):
    state, _ = heard(life.machine, data.draw(arrivals(life)))
    assert state == life.states[-1]


@given(lives(shortest_gap_s=0), st.data())
def test_it_does_so_too_when_several_facts_fall_into_one_second(life, data):
    state, _ = heard(life.machine, data.draw(arrivals(life)))
    assert state == life.states[-1]


@pytest.mark.parametrize("machine", LIFECYCLES.values(), ids=lambda machine: machine.name)
def test_any_two_steps_down_the_table_in_one_second_end_at_the_second_one_in_either_order(machine):
    place = machine.states.index
    steps = [
        (row, source) for row in machine.transitions for source in row.sources if place(row.target) > place(source)
    ]
    pairs = [(first, second) for first, _ in steps for second, source in steps if source == first.target]
    for pair in pairs:
        facts = [Fact(event=row.event, occurred_at=0) for row in pair]
        assert {heard(machine, order)[0] for order in (facts, facts[::-1])} == {pair[1].target}


@given(lives(), st.data())
def test_without_the_last_fact_it_ends_at_the_newest_one_heard(life, data):
    facts = data.draw(st.permutations(data.draw(st.lists(st.sampled_from(life.facts), min_size=1))))
    newest = max(facts, key=lambda fact: fact.occurred_at)
    state, _ = heard(life.machine, facts)
    assert state == life.states[life.facts.index(newest)]


@given(lives(shortest_gap_s=0), st.data())
def test_no_fact_is_applied_twice_and_none_after_a_newer_one(life, data):
    _, applied = heard(life.machine, data.draw(arrivals(life)))
    places = [life.facts.index(fact) for fact in applied]
    assert places == sorted(set(places))


@given(lives())
def test_a_clean_run_is_applied_whole(life):
    state, applied = heard(life.machine, list(life.facts))
    assert (state, tuple(applied)) == (life.states[-1], life.facts)


@given(machines, st.data())
def test_a_terminal_state_never_moves(machine, data):
    state = data.draw(st.sampled_from(sorted(machine.terminal)))
    event = data.draw(st.sampled_from([row.event for row in machine.transitions]))
    occurred_at, last_at = data.draw(st.integers()), data.draw(st.none() | st.integers())
    assert machine.record(state, event, occurred_at=occurred_at, last_at=last_at) == Ignored("terminal")


@given(machines, st.data())
def test_any_facts_at_all_move_only_along_the_table_and_never_back_in_time(machine, data):
    events = st.sampled_from([row.event for row in machine.transitions])
    facts = data.draw(st.lists(st.builds(Fact, event=events, occurred_at=st.integers(0, 9)), max_size=30))
    _, applied = heard(machine, facts)
    moments = [fact.occurred_at for fact in applied]
    assert moments == sorted(moments)
    state = machine.initial
    for fact in applied:
        target = next(row.target for row in machine.transitions if row.event == fact.event)
        assert target in ahead(machine, state)
        state = target


def ahead(machine: Machine, state: str) -> set[str]:
    """Return the states that strict commands lead to from here."""
    found: set[str] = set()
    waiting = [state]
    while waiting:
        here = waiting.pop()
        after = {machine.step(here, event).target for event in machine.allowed(here)} - found
        found |= after
        waiting.extend(after)
    return found
