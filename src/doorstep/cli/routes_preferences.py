"""``--territories`` and ``--even-hours``: a plan with compact areas or even hours, and what they cost."""

from collections.abc import Callable
from dataclasses import dataclass

from doorstep.connectors.routes_folder import Measure
from doorstep.connectors.routing_instance.routing_file import RoutingFile
from doorstep.console.route_words import RouteWords
from doorstep.foundation import InputError
from doorstep.foundation.units import SECONDS_PER_HOUR
from doorstep.vehicle_routing import RoutePlan, RoutingProblem
from doorstep.vehicle_routing.preferences import Preferred, SoftTerms

BORDER = 4.0
"""What crossing from one territory to another counts, in metres driven for a stop on average."""
OVER_TARGET = 2.0
"""What an hour beyond the mean counts, in what an hour of a route costs on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wished of routes beyond a low cost: so many ``territories`` (0: none), ``even_hours``.

    Raises
    ------
    InputError
        If there is only one territory.
    """

    territories: int = 0
    even_hours: bool = False

    def __post_init__(self) -> None:
        if self.territories != 0 and self.territories < 2:
            raise InputError(f"--territories {self.territories} must be 2 or more.")

    def __bool__(self) -> bool:
        return self.territories > 0 or self.even_hours

    @property
    def searches(self) -> int:
        """How many whole searches share the patience: two without wishes, then with, and all territories alone."""
        return 4 if self.territories else 3

    def terms(self, problem: RoutingProblem, free: RoutePlan) -> SoftTerms:
        """Return the soft terms, as strong as the plan without them makes sensible."""
        driven = sum(route.metres(problem) for route in free.routes)
        lasted_s = sum(route.end_at - route.start_at for route in free.routes)
        an_hour = free.cost_minor(problem) * SECONDS_PER_HOUR / max(1, lasted_s)
        return SoftTerms(
            territories=max(1, self.territories),
            border_m=max(1, round(BORDER * driven / max(1, len(free.served())))) if self.territories else 0,
            over_target_minor=max(1, round(OVER_TARGET * an_hour)) if self.even_hours else 0,
        )


def price_of(file: RoutingFile, free: Preferred, wished: Preferred) -> tuple[Measure, ...]:
    """Return what wishes cost and change: the plan with them beside the one without."""
    words = RouteWords.of(file)
    more = "more" if wished.price_minor >= 0 else "less"
    price = f"{words.money(abs(wished.price_minor))} {more} ({wished.price_pct:+.2f} %)"
    found = [
        Measure(name="wishes_price", label="Price of what is wished", value=wished.price_minor, text=price,
                definition="Cost beside the plan that is found in equal time without wishes."),
        _change("hours_spread", "Spread of hours", free.spread_s, wished.spread_s, words.duration,
                "Standard deviation of what routes last."),
        _change("longest_route", "Longest route", free.longest_s, wished.longest_s, words.duration,
                "From loading to return."),
    ]  # fmt: skip
    for name, label, before, after in (
        ("overlap_change", "Overlap", free.overlap, wished.overlap),
        ("strays_change", "Strays", free.stray_share, wished.stray_share),
    ):
        if before is not None and after is not None:
            found.append(_change(name, label, before, after, words.share, "As above, and what it is without wishes."))
    return tuple(found)


def _change(
    name: str, label: str, before: float, after: float, say: Callable[[float], str], definition: str
) -> Measure:
    text = f"{say(after)}, else {say(before)}"
    return Measure(name=name, label=label, value=round(after - before, 6), text=text, definition=definition)
