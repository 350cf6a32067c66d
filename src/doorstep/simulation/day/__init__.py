"""A retailer's day lived by simulated people through the API: they ask, report and decide as people do, in its words.

Shoppers order and change their minds, associates pack, drivers and couriers bring, people at the desk decide, and
trouble comes. Each acts at moments of a clock that the platform shares; what an actor decides depends on the seed and
on the name of what it is about, never on the order in which things are heard.
"""

from doorstep.simulation.day.api import Api
from doorstep.simulation.day.clock import ScaledClock
from doorstep.simulation.day.day import Day
from doorstep.simulation.day.hours import Hours
from doorstep.simulation.day.shop import day_shop
from doorstep.simulation.day.summary import summary

__all__ = ["Api", "Day", "Hours", "ScaledClock", "day_shop", "summary"]
