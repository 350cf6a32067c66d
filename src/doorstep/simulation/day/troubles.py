"""What goes wrong in a day: vans that break down, a driver who does not show up, an hour of slow traffic."""

from collections.abc import Sequence
from functools import partial

from doorstep.simulation.day.control import Control
from doorstep.simulation.day.course import Spot
from doorstep.simulation.day.drivers import Drivers
from doorstep.simulation.day.driving import Roads, Slow
from doorstep.simulation.day.hours import HOUR_S, MINUTE_S
from doorstep.simulation.day.tour import Tour
from doorstep.simulation.day.world import World

BREAKDOWNS = 2
BREAK_S = (2 * HOUR_S, 10 * HOUR_S)
"""When vans break down, after the day's beginning."""
REPAIR_S, TOW_S, AGAIN_S = 2 * HOUR_S, HOUR_S, 10 * MINUTE_S
NO_SHOW_S = (HOUR_S, 6 * HOUR_S)
STAND_IN_S = 45 * MINUTE_S
SLOW_S = (3 * HOUR_S, 9 * HOUR_S)
SLOW_FOR_S, SLOW_M, SLOW_PERCENT = HOUR_S, 8_000, 180


class Troubles:
    """The troubles of a day, each at a moment that chance has chosen."""

    def __init__(self, world: World, drivers: Drivers, roads: Roads, control: Control, centre: Spot) -> None:
        self._world, self._drivers, self._roads, self._control = world, drivers, roads, control
        luck, begins_at = world.dice.of("trouble"), world.hours.begins_at
        for number in range(BREAKDOWNS):
            at = begins_at + int(luck.uniform(*BREAK_S))
            world.agenda.at(at, partial(self._break_down, number))
        world.agenda.at(begins_at + int(luck.uniform(*NO_SHOW_S)), self._no_show)
        from_at = begins_at + int(luck.uniform(*SLOW_S))
        slow = Slow(centre=centre, radius_m=SLOW_M, percent=SLOW_PERCENT, from_at=from_at,
                    until_at=from_at + SLOW_FOR_S)  # fmt: skip
        world.agenda.at(from_at, partial(self._slow_down, slow))

    def _break_down(self, number: int, at: int) -> None:
        """Stop a van that still has something to bring; if none has, look again a little later."""
        running = sorted((t for t in self._drivers.out if not t.stands and t.next_call()), key=lambda t: t.driver)
        if not running:
            self._world.agenda.at(at + AGAIN_S, partial(self._break_down, number))
            return
        tour = self._chosen(running, number)
        self._drivers.break_down(tour, at)
        back_at = None if number % 2 else at + TOW_S  # every other one is towed home with what it has on board
        if self._control.report_breakdown(tour.route_id, back_at=back_at):
            self._world.say(at, f"the van of {tour.driver} breaks down; dispatch is told")
            self._world.agenda.at(at + TOW_S, partial(self._drivers.tow_home, tour, given_back=back_at is None))
        else:
            self._world.say(at, f"the van of {tour.driver} breaks down, and is repaired {REPAIR_S // 60} minutes later")
            self._world.agenda.at(at + REPAIR_S, partial(self._drivers.go_on, tour))

    def _chosen(self, running: Sequence[Tour], number: int) -> Tour:
        return running[int(self._world.dice.luck("breakdown", number) * len(running))]

    def _no_show(self, _at: int) -> None:
        self._drivers.no_show_s = STAND_IN_S

    def _slow_down(self, slow: Slow, at: int) -> None:
        self._roads.slow.append(slow)
        told = self._control.report_slow(slow)
        until = self._world.hours.local(slow.until_at)
        self._world.say(at, f"traffic is slow within {SLOW_M // 1000} km of the centre until {until}"
                        + ("; dispatch is told" if told else ""))  # fmt: skip
