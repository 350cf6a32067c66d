"""What orders found in a stock: a day's counts, and what they are together."""

from dataclasses import dataclass

import numpy as np

from doorstep.foundation.units import METRES_PER_KM


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDay:
    """What the orders of a day found in a stock.

    Parameters
    ----------
    orders, served
        Orders, and those served whole; the others are lost.
    one_site_orders
        Orders that one site served whole.
    units, lost_units
        Units asked for, and those of lost orders.
    own_zone_units, in_region_units
        Units from the site nearest to the door, or where they are collected, and from its region; sites without a
        region are a region of their own.
    unit_m
        Great-circle metres from site to door, summed over the units served.
    packages, parcels
        Packages of the orders served, and the parcels that they are packed in.
    hand_offs
        Times their parcels change hands after picking, lane, van or carrier, by the ways that cost least before there
        are routes.
    wanted_shelves, short_shelves
        Products at sites that something is wanted of, each order's from the site that would serve it if everything lay
        everywhere; and those of them that held less than was wanted of them on the day.
    lost_margin_minor
        Margin of the units of lost orders.
    bought_units, moved_units, marked_down_units
        What is bought, sent from site to site, and sold off in the evening.
    stock_units, stock_value_minor
        What lies on the shelves in the morning, valued at price less margin.
    """

    orders: int
    served: int
    one_site_orders: int
    units: int
    lost_units: int
    own_zone_units: int
    in_region_units: int
    unit_m: int
    packages: int
    parcels: int
    hand_offs: int
    wanted_shelves: int
    short_shelves: int
    lost_margin_minor: int
    bought_units: int
    moved_units: int
    marked_down_units: int
    stock_units: int
    stock_value_minor: int

    @property
    def lost_share(self) -> float:
        """Share of the units asked for that are lost."""
        return _ratio(self.lost_units, self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOutcome:
    """What orders found in a stock over one or more ``days``; ``faults`` of its book, none is expected.

    Figures are sums and shares over the days; ``stock_units`` and ``stock_value_minor`` are means over their mornings.
    """

    days: tuple[StockDay, ...]
    faults: tuple[str, ...] = ()

    def total(self, name: str) -> int:
        """Return the sum of one of a day's counts."""
        return int(sum(getattr(day, name) for day in self.days))

    def mean(self, name: str) -> int:
        """Return the mean over the days of one of a day's counts."""
        return int(np.rint(np.mean([getattr(day, name) for day in self.days])))

    def share(self, part: str, whole: str) -> float:
        """Return one of a day's counts over another, 0 where there is nothing."""
        return _ratio(self.total(part), self.total(whole))

    def figures(self) -> dict[str, float]:
        """Return the figures by name."""
        sums = ("orders", "served", "units", "lost_units", "packages", "lost_margin_minor", "short_shelves",
                "bought_units", "moved_units", "marked_down_units")  # fmt: skip
        served_units = self.total("units") - self.total("lost_units")
        return {
            **{name: self.total(name) for name in sums},
            "lost_share": self.share("lost_units", "units"),
            "own_zone_share": _ratio(self.total("own_zone_units"), served_units),
            "in_region_share": _ratio(self.total("in_region_units"), served_units),
            "one_site_share": self.share("one_site_orders", "served"),
            "hand_offs_per_parcel": self.share("hand_offs", "parcels"),
            "km_per_unit": _ratio(self.total("unit_m") / METRES_PER_KM, served_units),
            "short_share": self.share("short_shelves", "wanted_shelves"),
            "stock_units": self.mean("stock_units"),
            "stock_value_minor": self.mean("stock_value_minor"),
        }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
