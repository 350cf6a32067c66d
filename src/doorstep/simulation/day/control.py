"""Dispatch control as people use it: proposals taken up, breakdowns and slow roads reported.

All that is asked of these endpoints is here. A server that does not have them says so once: then trouble is only lived.
"""

from doorstep.simulation.day.api import Api, Json
from doorstep.simulation.day.driving import Slow
from doorstep.simulation.day.hours import written

PROPOSALS, BREAKDOWN, ROAD_EVENTS = "/v1/dispatch-proposals", "/v1/routes/{route_id}/breakdown", "/v1/road-events"
VALUES = ("value", "saving", "gain")
"""Members of a proposal that say what it is worth, in the order in which they are looked for."""


class Control:
    """What a server can do about trouble, by its OpenAPI document."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._paths = set(api.ask("GET", "/openapi.json").body.get("paths", {}))

    def report_breakdown(self, route_id: str, *, back_at: int | None) -> bool:
        """Report a van that goes no further; its parcels are stranded, or back at the site at a moment [epoch s].

        Returns whether the server has taken care of it.
        """
        if BREAKDOWN not in self._paths:
            return False
        told: Json = {"parcels": "stranded" if back_at is None else "back_at_site", "reason": "breakdown",
                      "back_at": None if back_at is None else written(back_at)}  # fmt: skip
        return self._api.ask("POST", BREAKDOWN.format(route_id=route_id), told).ok

    def report_slow(self, slow: Slow) -> bool:
        """Report an area in which drives take longer; returns whether the server has taken note of it."""
        if ROAD_EVENTS not in self._paths:
            return False
        centre = {"type": "Point", "coordinates": [slow.centre.lon, slow.centre.lat]}
        told: Json = {"kind": "slow", "centre": centre, "radius_m": slow.radius_m, "percent": slow.percent,
                      "from": written(slow.from_at), "until": written(slow.until_at)}  # fmt: skip
        return self._api.ask("POST", ROAD_EVENTS, told).ok

    def proposals(self) -> list[Json]:
        """Return the open proposals, the most valuable first."""
        if PROPOSALS not in self._paths:
            return []
        return sorted(self._api.pages(PROPOSALS, state="proposed"), key=worth, reverse=True)

    def accept(self, proposal: Json) -> bool:
        """Take a proposal up; returns whether that was still possible."""
        return self._api.ask("POST", f"{PROPOSALS}/{proposal['id']}/accept").ok


def worth(proposal: Json) -> int:
    """Return what a proposal is worth [minor units], 0 where it does not say."""
    for name in VALUES:
        told = proposal.get(name, proposal.get(f"{name}_minor"))
        if told is not None:
            return int(told["amount"] if isinstance(told, dict) else told)
    return 0
