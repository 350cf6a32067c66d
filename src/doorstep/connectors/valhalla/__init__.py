"""Travel times of a Valhalla server: ``valhalla_times`` makes the ``TravelTimes`` of one ``Server``."""

from doorstep.connectors.valhalla.settings import Server
from doorstep.connectors.valhalla.transport import Valhalla, valhalla_times

__all__ = ["Server", "Valhalla", "valhalla_times"]
