"""The whole day: everybody hears what happened, and does what is due."""

from doorstep.domain import Retailer
from doorstep.geography import GreatCircleTimes, TravelTimes
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.simulation.day.agenda import Agenda
from doorstep.simulation.day.api import Api
from doorstep.simulation.day.associates import Associates
from doorstep.simulation.day.board import Board
from doorstep.simulation.day.control import Control
from doorstep.simulation.day.couriers import Couriers
from doorstep.simulation.day.course import Spot
from doorstep.simulation.day.desk import Desk
from doorstep.simulation.day.dice import Dice
from doorstep.simulation.day.drivers import Drivers
from doorstep.simulation.day.driving import Roads
from doorstep.simulation.day.hours import MINUTE_S, Hours
from doorstep.simulation.day.shop import draw_wishes, pool_of
from doorstep.simulation.day.shoppers import Shoppers
from doorstep.simulation.day.troubles import Troubles
from doorstep.simulation.day.world import Say, World

PING_S = 30
"""How often phones say where they are [s]."""
LOOK_S = 10 * MINUTE_S
ROAD_POLICY = ("circuity_pct", "near_speed_kmh", "far_speed_kmh", "near_distance_m")


class Day:
    """A day of a retailer that is lived as fast as its steps are taken.

    Parameters
    ----------
    retailer
        Whose sites, goods and stock the platform has; its orders are the pool of what shoppers may want.
    orders
        How many orders there are without trouble.
    say
        Is told what people would talk about.
    ping_s
        How often phones say where they are [s].
    streets
        What the platform drives on; by default its vans drive straight lines, as long as its policy says.
    """

    def __init__(
        self,
        api: Api,
        retailer: Retailer,
        hours: Hours,
        *,
        orders: int,
        seed: int,
        trouble: bool,
        say: Say,
        ping_s: int = PING_S,
        streets: RoadTimes | None = None,
    ) -> None:
        dice, control = Dice(seed), Control(api)
        self.world = World(api=api, hours=hours, agenda=Agenda(), dice=dice, say=say)
        self.board = Board()
        roads = Roads(travel=_travel(retailer, streets))
        wishes = draw_wishes(pool_of(retailer), orders, hours, dice, trouble=trouble)
        self.shoppers = Shoppers(self.world, wishes, self.board.due_at)
        self.drivers = Drivers(self.world, roads, ping_s=ping_s)
        self.desk = Desk(self.world, control)
        if trouble:
            centre = Spot(float(retailer.sites["lat"].mean()), float(retailer.sites["lon"].mean()))  # type: ignore[arg-type]
            Troubles(self.world, self.drivers, roads, control, centre)
        others = (Associates(self.world), Couriers(self.world))
        self._hear = (self.world, self.board, self.shoppers, self.drivers, self.desk, *others)
        self.world.agenda.at(hours.begins_at + LOOK_S, self._look)

    def begin(self, at: int) -> None:
        """Let the shoppers order who do so the evening before [epoch s]."""
        self.shoppers.order_the_evening_before(at)

    def step(self, now: int) -> None:
        """Hear what happened, and do all that is due."""
        for event in self.world.api.news():
            for one in self._hear:
                one.hear(event)
        self.world.agenda.run(now)

    def is_over(self, now: int) -> bool:
        """Return whether the day is at its end, or nothing is left to do."""
        if now >= self.world.hours.ends_at:
            return True
        return not (self.shoppers.waiting or self.board.open_orders or self.drivers.out)

    def _look(self, at: int) -> None:
        self.board.look(self.world.api.pages("/v1/routes", state="in_progress"), at)
        self.world.agenda.at(at + LOOK_S, self._look)


def _travel(retailer: Retailer, streets: RoadTimes | None) -> TravelTimes:
    """Return the roads as the platform knows them: its streets, or what the retailer's policy says."""
    estimate = GreatCircleTimes(**{name: int(retailer.policy[name][0]) for name in ROAD_POLICY})
    return estimate if streets is None else StreetsOrEstimate(streets=streets, estimate=estimate)
