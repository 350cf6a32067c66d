"""What a plan drives by: streets where there are any, and straight lines fitted to them where there are none."""

from dataclasses import dataclass, replace

import numpy as np

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.geography import GreatCircleTimes, Places, TravelTimes
from doorstep.geography.calibration import Calibration, calibrated
from doorstep.geography.roads import RoadTimes
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.operations.corridor.world import great_circle_times

HOP_M = 1_000
"""Between two doors of a tour one is as fast as over so many metres, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drives:
    """The ``travel`` of everything that drives, and the ``estimate`` for what is only guessed.

    ``guess`` says in a sentence how good the estimate is, empty where it is the policy's; ``notes`` say what is driven
    on, and how many places lie where no street is.
    """

    travel: TravelTimes
    estimate: GreatCircleTimes
    guess: str
    notes: tuple[str, ...]

    @property
    def hop_kmh(self) -> float:
        """How fast a van is between two doors that are near each other."""
        if self.estimate.near_distance_m >= HOP_M:
            return float(self.estimate.near_speed_kmh)
        return 3.6 * HOP_M / float(self.estimate.seconds(np.array([HOP_M]))[0])


def drives_of(retailer: Retailer, travel: TravelTimes | None, places: Places | None = None) -> Drives:
    """Return what a plan of a retailer drives by; without ``travel`` the straight lines of its policy.

    Parameters
    ----------
    places
        What is driven from and to, by default its sites and doors. On streets, straight lines are fitted to those near
        them.
    """
    policy = great_circle_times(retailer)
    if isinstance(travel, StreetsOrEstimate):
        at = Places.from_table(retailer.sites).joined(Places.from_table(retailer.orders)) if places is None else places
        return _on_streets(travel, at)
    if travel is not None and not isinstance(travel, GreatCircleTimes):
        return Drives(travel=travel, estimate=policy, guess="", notes=())
    told = f"Travel times are estimates, no streets: {straight_lines(policy)}."
    return Drives(travel=policy, estimate=policy, guess="", notes=(told,))


def fitted(travel: StreetsOrEstimate, places: Places) -> Calibration | None:
    """Return straight lines fitted to the streets near places, None where the places are too few to fit by."""
    on_streets = places.take(np.flatnonzero(~travel.beyond(places)))
    if len(on_streets) < 2:
        return None
    try:
        return calibrated(travel, on_streets, rng=np.random.default_rng(len(on_streets)))
    except InputError:  # too few pairs
        return None


def straight_lines(times: GreatCircleTimes) -> str:
    """Return an estimate in words."""
    return (
        f"straight lines times {times.circuity_pct / 100:.2f}, at {times.near_speed_kmh} km/h for the first "
        f"{times.near_distance_m:,} m and {times.far_speed_kmh} km/h beyond"
    )


def _on_streets(travel: StreetsOrEstimate, places: Places) -> Drives:
    fit, beyond = fitted(travel, places), int(travel.beyond(places).sum())
    found = travel if fit is None else replace(travel, estimate=fit.times)
    guess = f"As the policy says, {straight_lines(found.estimate)}." if fit is None else fit.told()
    streets = travel.streets
    notes = ["Drives are those that the road server says, and estimates where it knew no way or did not answer."]
    if isinstance(streets, RoadTimes):
        notes = [f"Drives are on streets, {streets.credit}."]
    if beyond:
        notes.append(
            f"{beyond:,} of {len(places):,} places lie more than {travel.streets.within_m:,} m from any street that is "
            f"known: drives from and to them are estimates, not streets. {guess}"
        )
    return Drives(travel=found, estimate=found.estimate, guess=guess, notes=tuple(notes))
