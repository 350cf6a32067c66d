"""A small made-up machine by hand: what a command may do, and how a reported fact is read.

packed -> sent -> tried -> (retried -> sent ...) -> done, and packed -> dropped
"""

import pytest

from doorstep.domain.lifecycles import Applied, Ignored, IllegalTransitionError, Machine, Transition
from doorstep.foundation import ConflictError, InputError


def row(event: str, sources: str, target: str) -> Transition:
    return Transition(event=event, sources=tuple(sources.split()), target=target, publishes=f"toy.{event}")


TOY = Machine(
    name="toy",
    initial="packed",
    transitions=(
        row("send", "packed retried", "sent"),
        row("try", "sent", "tried"),
        row("retry", "tried", "retried"),
        row("finish", "tried", "done"),
        row("drop", "packed", "dropped"),
    ),
)


def reason(state: str, event: str, *, occurred_at: int, last_at: int | None) -> str:
    found = TOY.record(state, event, occurred_at=occurred_at, last_at=last_at)
    assert isinstance(found, Ignored), found
    return found.reason


def target(state: str, event: str, *, occurred_at: int, last_at: int | None) -> str:
    found = TOY.record(state, event, occurred_at=occurred_at, last_at=last_at)
    assert isinstance(found, Applied), found
    return found.transition.target


def test_states_come_in_the_order_in_which_the_table_reaches_them():
    assert TOY.states == ("packed", "sent", "tried", "retried", "done", "dropped")


def test_a_state_that_no_row_leaves_is_terminal():
    assert TOY.terminal == {"done", "dropped"}


def test_the_events_allowed_in_a_state_come_in_table_order():
    assert TOY.allowed("tried") == ("retry", "finish")
    assert TOY.allowed("done") == ()


def test_a_command_that_the_state_allows_gives_its_row():
    assert TOY.step("retried", "send") == TOY.transitions[0]


def test_a_command_that_the_state_does_not_allow_is_a_conflict_that_names_what_is_allowed():
    with pytest.raises(ConflictError) as caught:
        TOY.step("packed", "finish")
    error = caught.value
    assert isinstance(error, IllegalTransitionError)
    assert (error.kind, error.state, error.event, error.allowed) == ("toy", "packed", "finish", ("send", "drop"))
    assert str(error) == "toy is packed, which does not allow finish; allowed from there: send, drop."


def test_a_command_in_a_terminal_state_hears_that_nothing_leaves_it():
    with pytest.raises(IllegalTransitionError, match="toy is done, which does not allow send; nothing leaves"):
        TOY.step("done", "send")


@pytest.mark.parametrize("event", ["fly", ""])
def test_an_event_that_the_machine_does_not_know_is_broken_input(event):
    with pytest.raises(InputError, match="is none of toy: send, try, retry, finish, drop"):
        TOY.step("packed", event)
    with pytest.raises(InputError, match="is none of toy"):
        TOY.record("done", event, occurred_at=1, last_at=None)


def test_a_state_that_the_machine_does_not_know_is_broken_input():
    for ask in (TOY.allowed, lambda state: TOY.step(state, "send")):
        with pytest.raises(InputError, match="state 'gone' is none of toy: packed, sent"):
            ask("gone")
    with pytest.raises(InputError, match="state 'gone'"):
        TOY.record("gone", "send", occurred_at=1, last_at=None)


def test_the_first_fact_is_applied_whenever_it_happened():
    assert target("packed", "send", occurred_at=-5, last_at=None) == "sent"


def test_a_fact_whose_forerunners_were_never_reported_is_applied():
    assert target("packed", "finish", occurred_at=9, last_at=1) == "done"


def test_a_fact_older_than_the_last_is_late():
    assert reason("tried", "send", occurred_at=4, last_at=5) == "late"
    assert reason("tried", "finish", occurred_at=4, last_at=5) == "late"


def test_the_same_fact_again_is_repeated():
    assert reason("tried", "try", occurred_at=5, last_at=5) == "repeated"


def test_a_state_that_cannot_be_entered_twice_calls_a_second_entry_repeated_whenever_it_happened():
    line = Machine(name="line", initial="a", transitions=(row("go", "a", "b"), row("end", "b", "c")))
    assert line.record("b", "go", occurred_at=9, last_at=5) == Ignored("repeated")


def test_of_two_facts_of_one_second_the_further_one_holds_in_either_order():
    assert target("sent", "try", occurred_at=5, last_at=5) == "tried"
    assert reason("tried", "send", occurred_at=5, last_at=5) == "late"


def test_a_target_that_does_not_lie_ahead_is_unreachable():
    assert reason("sent", "drop", occurred_at=9, last_at=5) == "unreachable"
    assert reason("sent", "drop", occurred_at=5, last_at=5) == "unreachable"


@pytest.mark.parametrize("event", ["send", "finish", "drop"])
def test_a_terminal_state_never_moves(event):
    assert reason("done", event, occurred_at=9, last_at=5) == "terminal"


def test_a_second_attempt_moves_round_the_cycle_although_nobody_reported_the_way_round():
    assert target("tried", "try", occurred_at=9, last_at=5) == "tried"


def test_once_round_the_cycle_the_first_attempt_stays_past():
    """Reachability alone would apply all four of these and end in ``tried``."""
    state, last_at, said = "packed", None, []
    for event, occurred_at in [("try", 2), ("try", 5), ("retry", 3), ("send", 4), ("finish", 6), ("try", 5)]:
        found = TOY.record(state, event, occurred_at=occurred_at, last_at=last_at)
        said.append(found.reason if isinstance(found, Ignored) else found.transition.target)
        if isinstance(found, Applied):
            state, last_at = found.transition.target, occurred_at
    assert said == ["tried", "tried", "late", "late", "done", "terminal"]


def test_two_machines_of_the_same_table_are_equal():
    again = Machine(name="toy", initial="packed", transitions=TOY.transitions)
    assert again == TOY
    assert hash(again) == hash(TOY)


def test_an_event_in_two_rows_is_refused():
    with pytest.raises(InputError, match="machine m has an event in two rows"):
        Machine(name="m", initial="a", transitions=(row("go", "a", "b"), row("go", "b", "c")))


def test_a_state_that_nothing_leads_to_is_refused():
    with pytest.raises(InputError, match=r"machine m never reaches \['x', 'y'\] from a"):
        Machine(name="m", initial="a", transitions=(row("go", "a", "b"), row("end", "x", "y")))


def test_a_row_without_sources_is_refused():
    with pytest.raises(InputError, match="never reaches a row without sources"):
        Machine(name="m", initial="a", transitions=(row("go", "a", "b"), row("end", "", "b")))
