"""``--roads NAME``: the streets that a command drives on."""

from doorstep.cli.roads_command import roads_home
from doorstep.connectors.osm.roads_folder import load_roads
from doorstep.domain import Retailer
from doorstep.geography.roads.access import StreetsOrEstimate
from doorstep.operations.corridor.world import great_circle_times


def streets_or_estimate(roads: str, retailer: Retailer) -> StreetsOrEstimate | None:
    """Return the streets of a name, with the retailer's own estimate where there are none; None without a name.

    Raises
    ------
    NotFoundError
        If no such roads were built.
    """
    if not roads:
        return None
    return StreetsOrEstimate(streets=load_roads(roads_home(), roads), estimate=great_circle_times(retailer))
