"""Goods that come back: counted, inspected, on the shelf again if they are good."""

import pytest
from sqlalchemy import select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, InputError, NotFoundError
from doorstep.operations.bring import ReportedEvent, plan_routes, record_event
from doorstep.operations.returns import Inspected, ReturnLine, receive_return, request_return, step_return
from doorstep.storage.schema.orders import returns
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, ready, state_of, steps_of
from tests.operations.shops import shelf


def delivered(connection) -> str:
    """Return an order of two A and a B that has arrived."""
    order_id = ready(connection, ("A", 2), ("B", 1))
    (delivery_id,) = plan_routes(connection, CALLER, now=NOW + 60, iterations=5).deliveries
    fact = ReportedEvent(source="phone7", source_event_id=delivery_id, kind="delivery", object_id=delivery_id,
                         event="deliver", occurred_at=NOW + 900)  # fmt: skip
    record_event(connection, CALLER, fact, now=NOW + 900)
    return order_id


def asking(connection, order_id: str, *lines: tuple[int, int], reason: str = "unwanted", site_id: str = "") -> str:
    asked = [ReturnLine(line_no=n, quantity=q) for n, q in lines]
    return request_return(connection, CALLER, order_id, asked, now=NOW + 1_000, reason=reason, site_id=site_id)


def good(line_no: int, quantity: int) -> Inspected:
    return Inspected(line_no=line_no, quantity=quantity, restockable=True)


def test_good_units_go_back_on_the_shelf_they_came_from(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        return_id = asking(connection, order_id, (1, 2))
        assert state_of(connection, order_id) == "return_open"
        step_return(connection, CALLER, return_id, "approve", now=NOW + 1_100)
        step_return(connection, CALLER, return_id, "send", now=NOW + 1_200)
        bad = Inspected(line_no=1, quantity=1, restockable=False)
        found = receive_return(connection, CALLER, return_id, now=NOW + 2_000, inspected=[good(1, 1), bad])
        assert (found.state, found.order_state, found.restocked) == ("closed", "completed", 1)
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)
        again = receive_return(connection, CALLER, return_id, now=NOW + 2_000, inspected=[good(1, 1), bad])
        assert again.restocked == 0
        assert shelf(connection, "S1", "A")[1:3] == (99, 0)
    with database.reading() as connection:
        assert steps_of(connection, return_id) == ["create", "approve", "send", "receive", "close"]
        assert steps_of(connection, order_id)[-2:] == ["open_return", "close_return"]


def test_an_order_of_which_everything_came_back_is_returned(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        first, second = asking(connection, order_id, (1, 2)), asking(connection, order_id, (2, 1), site_id="S2")
        assert receive_return(connection, CALLER, first, now=NOW, inspected=[good(1, 2)]).order_state == "return_open"
        assert receive_return(connection, CALLER, second, now=NOW, inspected=[good(2, 1)]).order_state == "returned"
        assert (shelf(connection, "S1", "A").on_hand, shelf(connection, "S2", "B").on_hand) == (100, 101)


def test_the_same_request_is_one_return(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        assert asking(connection, order_id, (1, 1)) == asking(connection, order_id, (1, 1))
        assert asking(connection, order_id, (1, 1), reason="damaged") != asking(connection, order_id, (1, 1))
        with pytest.raises(InputError, match="0 can"):
            asking(connection, order_id, (1, 1), reason="late")


def test_a_declined_return_leaves_the_order_completed_and_its_units_free_to_come_back(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        return_id = asking(connection, order_id, (1, 2))
        step_return(connection, CALLER, return_id, "decline", now=NOW)
        assert state_of(connection, order_id) == "completed"
        with pytest.raises(IllegalTransitionError):
            receive_return(connection, CALLER, return_id, now=NOW, inspected=[])
        asking(connection, order_id, (1, 2))
        assert state_of(connection, order_id) == "return_open"


def test_a_return_that_is_lost_can_be_given_up(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        return_id = asking(connection, order_id, (1, 1))
        for event in ("approve", "send", "lose", "close"):
            step_return(connection, CALLER, return_id, event, now=NOW)
        assert state_of(connection, order_id) == "completed"
        assert shelf(connection, "S1", "A").on_hand == 98
        assert connection.execute(select(returns.c.state)).scalar_one() == "closed"


def test_only_what_has_arrived_can_come_back(database):
    open_stage(database)
    with database.writing() as connection:
        order_id = ready(connection)
        with pytest.raises(ConflictError, match="only what has arrived"):
            asking(connection, order_id, (1, 1))
        with pytest.raises(NotFoundError):
            asking(connection, "ord_unknown", (1, 1))
        with pytest.raises(NotFoundError):
            step_return(connection, CALLER, "ret_unknown", "approve", now=NOW)


@pytest.mark.parametrize(
    ("lines", "site"), [([], ""), ([(9, 1)], ""), ([(1, 3)], ""), ([(1, 0)], ""), ([(1, 1)], "S9")]
)
def test_what_was_never_ordered_cannot_come_back(database, lines, site):
    open_stage(database)
    with database.writing() as connection:
        order_id = delivered(connection)
        with pytest.raises(InputError):
            asking(connection, order_id, *lines, site_id=site)


def test_more_than_was_to_come_back_is_refused(database):
    open_stage(database)
    with database.writing() as connection:
        return_id = asking(connection, delivered(connection), (1, 1))
        for wrong in ([good(1, 2)], [good(2, 1)], [good(1, 0)]):
            with pytest.raises(InputError):
                receive_return(connection, CALLER, return_id, now=NOW, inspected=wrong)
