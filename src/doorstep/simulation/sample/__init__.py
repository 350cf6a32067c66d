"""Sample retailers: plausible metros of real cities with made-up shops, goods and orders, repeatable by seed.

People live in a field whose density falls off around a real centre and made-up sub-centres; stores stand among
them, fulfilment centres at the outskirts; demand, stock and fleet are sized by one another. Nothing in it is a
real company's.
"""

from doorstep.simulation.sample.cities import City, cities, find_city
from doorstep.simulation.sample.retailer import PLAN_DATE, build_retailer, sample_retailer

__all__ = ["PLAN_DATE", "City", "build_retailer", "cities", "find_city", "sample_retailer"]
