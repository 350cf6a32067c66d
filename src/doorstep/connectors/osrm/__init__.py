"""Travel times of an OSRM server: ``osrm_times`` makes the ``TravelTimes`` of one ``Server``."""

from doorstep.connectors.osrm.settings import Server
from doorstep.connectors.osrm.transport import Osrm, osrm_times

__all__ = ["Osrm", "Server", "osrm_times"]
