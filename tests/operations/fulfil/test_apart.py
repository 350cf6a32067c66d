"""Orders that make deciding fail are told apart from those that can be decided."""

import pytest
from sqlalchemy import update

from doorstep.operations.fulfil.apart import decide_apart, hold_undecidable
from doorstep.operations.fulfil.deciding import load_case
from doorstep.operations.orders import cancel_order
from doorstep.storage.schema.orders import orders
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import open_stage, placed, state_of


def change(connection, order_id, **columns):
    connection.execute(update(orders).where(orders.c.order_id == order_id).values(columns))


def case_of(connection):
    return load_case(connection, CALLER.tenant_id, None, now=NOW, limit=500)


def test_the_others_are_decided_as_if_the_order_were_not_there(database):
    open_stage(database)
    with database.writing() as connection:
        ids = [placed(connection) for _ in range(5)]
        change(connection, ids[3], window_end_at=2**50)
        change(connection, ids[4], service_level_id="gone")
        choices, faults = decide_apart(case_of(connection))
        assert [(order_id, type(fault)) for order_id, fault in faults.items()] == [(ids[3], ValueError)]
        assert [choices[order_id].reason for order_id in (*ids[:3], ids[4])] == ["", "", "", "not_in_catalogue"]
        assert all(sum(choices[order_id].wanted.values()) == 1 for order_id in ids[:3])


def test_an_order_alone_is_not_blamed(database):
    open_stage(database)
    with database.writing() as connection:
        change(connection, placed(connection), window_end_at=2**50)
        with pytest.raises(ValueError, match="out of range"):
            decide_apart(case_of(connection))


def test_an_order_that_changed_meanwhile_is_not_put_on_hold(database):
    open_stage(database)
    with database.writing() as connection:
        ids = [placed(connection) for _ in range(2)]
        case = case_of(connection)
        cancel_order(connection, CALLER, ids[0], now=NOW, reason="x")
        assert hold_undecidable(connection, CALLER, case, ids, now=NOW) == [ids[1]]
        assert [state_of(connection, order_id) for order_id in ids] == ["cancelled", "on_hold"]
