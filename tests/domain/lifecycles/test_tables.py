"""The tables themselves: the lives that the design names run through, and nothing is left without an end."""

import re
from pathlib import Path

import pytest

from doorstep.cli.lifecycles_command import lifecycles, reference_page
from doorstep.domain.lifecycles import LIFECYCLES, IllegalTransitionError, Machine

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "lifecycles.md"
EACH = pytest.mark.parametrize("machine", LIFECYCLES.values(), ids=lambda machine: machine.name)

FIRST_ATTEMPT = (
    "book assign start_to_pickup arrive_at_pickup pick_up start_to_station receive_at_station release_from_station "
    "start_to_dropoff attempt"
)
FIRST_STATES = (
    "booked assigned en_route_to_pickup at_pickup picked_up in_transit at_station station_released "
    "en_route_to_dropoff attempted"
)


def walk(name: str, events: str) -> list[str]:
    """Return the states that a list of commands leads through."""
    machine = LIFECYCLES[name]
    states = [machine.initial]
    for event in events.split():
        states.append(machine.step(states[-1], event).target)
    return states[1:]


def test_there_is_a_machine_for_everything_that_has_a_state():
    assert list(LIFECYCLES) == [
        "order",
        "shipment",
        "delivery",
        "collection",
        "carrier_booking",
        "carrier_invoice",
        "contractor",
        "contractor_offer",
        "station_unit",
        "exception",
        "errand",
        "route",
        "dispatch_proposal",
        "slot_hold",
        "subscription",
        "membership",
        "return",
        "receipt",
        "network_study",
        "stock_plan",
        "stock_proposal",
        "webhook_message",
    ]


@pytest.mark.parametrize(
    ("name", "events", "states"),
    [
        (
            "order",
            "place allocate release make_ready start_fulfilment complete",
            "placed allocated preparing ready fulfilling completed",
        ),
        (
            "order",
            "place backorder allocate reroute hold resume cancel",
            "placed backordered allocated placed on_hold placed cancelled",
        ),
        (
            "order",
            "place allocate release make_ready start_fulfilment complete_part complete open_return finish_return",
            "placed allocated preparing ready fulfilling partially_completed completed return_open returned",
        ),
        ("order", "expire", "cancelled"),
        (
            "delivery",
            "quote book assign start_to_pickup arrive_at_pickup pick_up start_to_dropoff arrive_at_dropoff deliver",
            "quoted booked assigned en_route_to_pickup at_pickup picked_up en_route_to_dropoff at_dropoff delivered",
        ),
        (
            "delivery",
            "book reassign book assign start_to_pickup arrive_at_pickup pick_up start_to_station receive_at_station",
            "booked reassigning booked assigned en_route_to_pickup at_pickup picked_up in_transit at_station",
        ),
        (
            "delivery",
            FIRST_ATTEMPT + " reschedule start_to_dropoff arrive_at_dropoff deliver",
            FIRST_STATES + " rescheduled en_route_to_dropoff at_dropoff delivered",
        ),
        (
            "delivery",
            FIRST_ATTEMPT + " redirect start_return arrive_at_return take_back",
            FIRST_STATES + " redirected returning at_return returned",
        ),
        (
            "collection",
            "prepare make_ready set_out arrive assign_bay hand_over",
            "preparing ready_for_collection customer_on_the_way customer_arrived bay_assigned handed_over",
        ),
        ("collection", "prepare make_ready deposit collect", "preparing ready_for_collection deposited collected"),
        (
            "collection",
            "prepare make_ready lapse restock",
            "preparing ready_for_collection uncollected restocked",
        ),
        ("station_unit", "receive shelve load depart", "received shelved loaded departed"),
        ("station_unit", "mark_missing receive mark_damaged write_off", "missing received damaged written_off"),
        (
            "station_unit",
            "withdraw expect receive load depart receive",
            "withdrawn expected received loaded departed received",
        ),
        ("exception", "explain reopen resolve", "explained open resolved"),
        (
            "route",
            "plan replan assign dispatch start replan_in_progress complete",
            "planned planned assigned dispatched in_progress in_progress completed",
        ),
        ("slot_hold", "confirm consume", "confirmed consumed"),
        ("slot_hold", "confirm release", "confirmed released"),
        ("subscription", "renew skip pause resume end", "active active paused active ended"),
        ("return", "approve send receive close", "approved in_transit received closed"),
        ("receipt", "change fall_late change fall_late receive", "expected late expected late received"),
        (
            "shipment",
            "start_picking pack stage hand_over close",
            "picking packed staged handed_over closed",
        ),
        ("carrier_invoice", "decide close", "open closed"),
        ("webhook_message", "retry retry deliver", "retrying retrying delivered"),
        ("webhook_message", "retry give_up", "retrying dead"),
    ],
)
def test_a_life_runs_through_the_states_of_the_design(name, events, states):
    assert walk(name, events) == states.split()


@pytest.mark.parametrize("state", ["fulfilling", "partially_completed", "completed", "return_open", "returned"])
def test_an_order_is_not_cancelled_once_it_is_fulfilling(state):
    with pytest.raises(IllegalTransitionError):
        LIFECYCLES["order"].step(state, "cancel")


def test_a_delivery_is_cancelled_rejected_or_expired_before_it_is_picked_up_and_not_after():
    machine = LIFECYCLES["delivery"]
    for event in ("cancel", "reject", "expire"):
        sources = {state for state in machine.states if event in machine.allowed(state)}
        assert sources == {
            "created",
            "quoted",
            "booked",
            "assigned",
            "reassigning",
            "en_route_to_pickup",
            "at_pickup",
        }


def test_a_new_plan_of_a_route_publishes_that_it_was_updated():
    assert LIFECYCLES["route"].step("planned", "replan").publishes == "route.updated"


@pytest.mark.parametrize(
    ("name", "terminal"),
    [
        ("order", "returned cancelled"),
        ("shipment", "closed cancelled"),
        ("delivery", "delivered returned abandoned cancelled rejected expired"),
        ("collection", "handed_over collected restocked cancelled"),
        ("station_unit", "written_off"),
        ("exception", "resolved"),
        ("route", "completed cancelled"),
        ("slot_hold", "consumed released expired"),
        ("subscription", "ended"),
        ("return", "closed declined cancelled expired"),
        ("receipt", "received cancelled"),
        ("carrier_invoice", "closed"),
        ("webhook_message", "delivered dead"),
    ],
)
def test_the_terminal_states_are_the_ends_that_the_design_names(name, terminal):
    assert LIFECYCLES[name].terminal == set(terminal.split())


@EACH
def test_from_every_state_an_end_can_be_reached(machine: Machine):
    def ends(state: str, seen: frozenset[str]) -> bool:
        if state in machine.terminal:
            return True
        after = {machine.step(state, event).target for event in machine.allowed(state)} - seen
        return any(ends(target, seen | after) for target in after)

    assert [state for state in machine.states if not ends(state, frozenset({state}))] == []


@EACH
def test_published_types_are_dotted_and_begin_with_what_the_machine_is_about(machine: Machine):
    about = {"slot_hold": "slot"}.get(machine.name, machine.name)
    for row in machine.transitions:
        assert re.fullmatch(rf"{about}\.[a-z_]+", row.publishes), row


@EACH
def test_rows_follow_the_object_s_life_so_that_the_tie_break_by_progress_is_right(machine: Machine):
    place = {state: number for number, state in enumerate(machine.states)}
    ahead = reach(machine)
    backward = [
        (source, row.event)
        for row in machine.transitions
        for source in row.sources
        if place[row.target] <= place[source] and source not in ahead[row.target]
    ]
    assert backward == []


def reach(machine: Machine) -> dict[str, set[str]]:
    """Return what lies ahead of each state, by repeated squaring of the relation instead of a search."""
    ahead = {state: {row.target for row in machine.transitions if state in row.sources} for state in machine.states}
    for _ in machine.states:
        ahead = {state: found.union(*(ahead[after] for after in found)) for state, found in ahead.items()}
    return ahead


def test_the_committed_reference_page_is_what_the_tables_say(capsys):
    assert lifecycles(markdown=True) == 0
    printed = capsys.readouterr().out
    assert printed == reference_page()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "write it anew: doorstep lifecycles --markdown > docs/reference/lifecycles.md"
    )


def test_in_plain_text_every_transition_has_a_line(capsys):
    assert lifecycles() == 0
    printed = capsys.readouterr().out
    assert (
        "slot_hold: starts as held\n    confirm                held -> confirmed; publishes slot.confirmed" in printed
    )
    assert printed.count(" -> ") == sum(len(machine.transitions) for machine in LIFECYCLES.values())
