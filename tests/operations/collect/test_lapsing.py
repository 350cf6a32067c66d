"""What nobody came for lapses without being asked."""

from doorstep.operations.collect.lockers import deposit
from doorstep.worker import PERIODIC
from tests.databases import CALLER, NOW
from tests.operations.collect.banks import brought
from tests.operations.fulfil.stage import HOUR, deliveries_of, steps_of
from tests.worker.working import BOUND_S, Clock, worker_on


def test_the_worker_lets_lapse_what_was_kept_long_enough(database):
    with database.writing() as connection:
        order_id, delivery_id = brought(connection, ("A", 1))
        deposit(connection, CALLER, delivery_id, now=NOW)
    lapsing = tuple(each for each in PERIODIC if each.kind == "lapse_uncollected")
    clock, states = Clock(NOW + 72 * HOUR - 60), []
    worker = worker_on(database, clock, periodic=lapsing)
    for _ in range(2):
        worker.drain(BOUND_S)
        clock.now += 60
        with database.reading() as connection:
            states += [state for _, state in deliveries_of(connection, order_id)]
    assert states == ["deposited", "uncollected"]
    with database.reading() as connection:
        assert steps_of(connection, delivery_id)[-2:] == ["deposit", "lapse"]
