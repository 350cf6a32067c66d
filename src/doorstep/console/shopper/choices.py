"""What a shopper may do with a delivery as it stands: other times, other places, and what they can say."""

from datetime import timedelta
from typing import NamedTuple

import numpy as np

from doorstep.console.shopper.about import About
from doorstep.console.shopper.sentences import COLLECTING
from doorstep.console.words import day, distance, local
from doorstep.domain.calendar import local_at, seconds_of_day
from doorstep.geography import great_circle_m
from doorstep.operations.intake.network import LiveNetwork
from doorstep.operations.shoppers.remarks import RemarkKind, may_remark

PARTS = (("08:00", "12:00"), ("12:00", "16:00"), ("16:00", "20:00"))
NOTICE_S, DAYS_AHEAD = 2 * 3_600, 4
"""A time that is chosen begins no sooner than so many seconds from now, and within so many days."""
MOST_PLACES, MOST_PLACE_M = 4, 15_000
WAY_BACK = ("returning", "at_return")


class Time(NamedTuple):
    """A time that may be chosen [epoch s], and its words."""

    value: str
    start_at: int
    end_at: int
    date: str
    day: str
    hours: str

    @property
    def words(self) -> str:
        """The day with its hours."""
        return f"{self.day}, {self.hours}"


class OtherPlace(NamedTuple):
    """A site where it may be collected instead."""

    site_id: str
    name: str
    address: str
    away: str


def offered(of: About) -> frozenset[str]:
    """Return the names of what may be done now."""
    found = {name for name, remark in REMARKS.items() if may_remark(remark, _lifecycle(of), of.state)}
    if of.alone:
        found.discard("safe-place")
    if of.kind == "collection":
        return frozenset(found | _at_the_kerb(of))
    if of.state == "attempted":
        found |= {"reschedule", "pick-up-point"}
    again = of.state == "attempted" or not of.neighbour_ok
    if not of.over and of.state not in WAY_BACK and not of.alone and again:
        found.add("neighbour")
    return frozenset(found)


REMARKS: dict[str, RemarkKind] = {
    "instruction": "instruction",
    "safe-place": "safe_place",
    "rating": "rating",
    "problem": "problem",
}


def times(of: About, network: LiveNetwork, site_id: str, *, now: int) -> list[Time]:
    """Return the times at which another try may be made, on days on which the site is open."""
    site, today = network.site_rows.get(site_id), local(now, of.zone).date()
    closed = network.closed[site] if site is not None else frozenset()
    found = []
    for ahead in range(DAYS_AHEAD):
        date = today + timedelta(days=ahead)
        for begins, ends in PARTS if date.isoformat() not in closed else ():
            start, end = (local_at(of.zone, date, seconds_of_day(at)) for at in (begins, ends))
            if start >= now + NOTICE_S:
                found.append(Time(f"{start}-{end}", start, end, date.isoformat(), day(date), f"{begins} to {ends}"))
    return found


def other_places(of: About, network: LiveNetwork) -> list[OtherPlace]:
    """Return the sites near the door where it can be collected instead, the nearest first."""
    sites = network.tables["sites"]
    far = great_circle_m(
        lat_a=sites["lat"].to_numpy(), lon_a=sites["lon"].to_numpy(), lat_b=np.array(of.lat), lon_b=np.array(of.lon)
    )
    found = []
    for row in np.argsort(far, kind="stable"):
        site = sites.row(int(row), named=True)
        if site["kind"] in ("pickup_point", "store") and far[row] <= MOST_PLACE_M:
            away = distance(float(far[row]))
            name = site["name"] or site["site_id"]
            found.append(OtherPlace(site["site_id"], name, site["address"] or "", away))
    return found[:MOST_PLACES]


def _lifecycle(of: About) -> str:
    return "collection" if of.kind == "collection" else "delivery"


def _at_the_kerb(of: About) -> set[str]:
    if of.waiting is None or of.waiting.method != "curbside":
        return set()
    coming = {"on-my-way", "arrived"} if of.state in ("ready_for_collection", "customer_on_the_way") else set()
    if of.state == "customer_arrived" and of.waiting.site and of.waiting.site.bays:
        coming.add("arrived")
    return coming | ({"left"} if of.state in COLLECTING else set())
