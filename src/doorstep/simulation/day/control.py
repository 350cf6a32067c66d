"""Dispatch control as people use it: proposals taken up, breakdowns and slow roads reported."""

from doorstep.simulation.day.api import Api, Json
from doorstep.simulation.day.driving import Slow
from doorstep.simulation.day.hours import written

PROPOSALS, HALT, ROAD_EVENTS = "/v1/dispatch-proposals", "/v1/routes/{route_id}/halt", "/v1/road-events"


class Control:
    """What a dispatcher tells the server, and takes up of what it proposes."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def report_breakdown(self, route_id: str, *, back_at: int | None) -> bool:
        """Report a van that goes no further; its parcels are stranded, or back at the site at a moment [epoch s].

        Returns whether the server has taken care of it.
        """
        told: Json = {"parcels": "stranded" if back_at is None else "back_at_site", "reason": "breakdown",
                      "back_at": None if back_at is None else written(back_at)}  # fmt: skip
        return self._api.ask("POST", HALT.format(route_id=route_id), told).ok

    def report_slow(self, slow: Slow) -> bool:
        """Report an area in which drives take longer; returns whether the server has taken note of it."""
        centre = {"type": "Point", "coordinates": [slow.centre.lon, slow.centre.lat]}
        told: Json = {
            "centre": centre, "radius_m": slow.radius_m,
            "slower_pct": slow.percent - 100, "starts_at": written(slow.from_at), "ends_at": written(slow.until_at),
        }  # fmt: skip
        return self._api.ask("POST", ROAD_EVENTS, told).ok

    def proposals(self) -> list[Json]:
        """Return the open proposals, the most valuable first."""
        return sorted(self._api.pages(PROPOSALS, state="proposed"), key=worth, reverse=True)

    def accept(self, proposal: Json) -> bool:
        """Take a proposal up; returns whether that was still possible."""
        return self._api.ask("POST", f"{PROPOSALS}/{proposal['id']}/accept").ok


def worth(proposal: Json) -> int:
    """Return what a proposal is worth [minor units]."""
    return int(proposal["gain"]["amount"])
