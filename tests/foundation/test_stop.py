"""When a search ends."""

from doorstep.foundation import AnyOf, Interrupt, Iterations, Seconds


def test_iterations_allow_as_many_steps_as_they_say():
    stop = Iterations(limit=2)
    assert [stop() for _ in range(4)] == [False, False, True, True]


def test_no_iterations_stop_at_once():
    assert Iterations(limit=0)() is True


def test_seconds_count_cpu_time_from_the_first_question():
    clock = iter([100.0, 100.0, 101.5, 102.0, 150.0])
    stop = Seconds(limit=2.0, _clock=lambda: next(clock))
    assert [stop() for _ in range(4)] == [False, False, True, True]


def test_an_interrupt_stays_asked():
    stop = Interrupt()
    assert stop() is False
    stop.ask()
    assert [stop(), stop()] == [True, True]


def test_any_of_asks_every_criterion_so_that_counters_stay_true():
    interrupt, count = Interrupt(asked=True), Iterations(limit=2)
    stop = AnyOf((interrupt, count))
    assert [stop(), stop()] == [True, True]
    interrupt.asked = False
    assert stop() is True  # the third question of the counter


def test_any_of_goes_on_while_no_criterion_stops_it():
    assert AnyOf((Interrupt(), Iterations(limit=1)))() is False


def test_iterations_are_taken_in_portions_until_none_is_left():
    stop = Iterations(limit=5)
    assert (stop.take(3), stop.spent(), stop.take(3), stop.spent(), stop.take(3)) == (3, 0.6, 2, 1.0, 0)


def test_seconds_grant_all_that_is_asked_for_until_they_are_used_up():
    readings = iter([10.0, 10.5, 11.0, 12.0])
    stop = Seconds(limit=2.0, _clock=lambda: next(readings))
    assert (stop.take(7), stop.spent(), stop.take(7)) == (7, 0.5, 0)


def test_any_of_grants_what_every_criterion_allows_and_is_spent_with_the_first():
    asked = Interrupt()
    stop = AnyOf((Iterations(limit=4), asked))
    assert (stop.take(3), stop.spent()) == (3, 0.75)
    asked.ask()
    assert (stop.take(3), stop.spent()) == (0, 1.0)
