"""Tables asked of OSRM over HTTP."""

from dataclasses import dataclass, field

import httpx2
import numpy as np

from doorstep.connectors.carrier_wire import Wire
from doorstep.connectors.osrm import translate
from doorstep.connectors.osrm.settings import Server
from doorstep.connectors.road_answers import UNTOLD, Block, tried
from doorstep.connectors.road_server import ServerTimes, times_by, wire_to
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Osrm:
    """Implements ``road_server.RoadServer``; ``transport`` is another way than the network."""

    server: Server
    transport: httpx2.BaseTransport | None = None
    _wire: Wire = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_wire", wire_to(translate.NAME, self.server, self.transport))

    def table(self, origins: Places, destinations: Places) -> Block:
        """Return one table, see ``RoadServer``.

        Raises
        ------
        InputError
            If it is larger than the server answers.
        UpstreamError
            If the server fails, or refuses.
        """
        path = translate.table_path(self.server.profile, origins, destinations)
        answer = tried(self.server.tries, lambda: self._wire.ask("GET", path, named="a table"))
        if not answer.ok:
            raise translate.refused(answer)
        return translate.read_table(answer.content, len(origins), len(destinations))

    def snapped_m(self, places: Places) -> Ints:
        """Return how far points lie from the nearest street, see ``RoadServer``: tables of one row tell it.

        Raises
        ------
        UpstreamError
            If the server fails, or refuses.
        """
        wide = 2 * self.server.block - 1
        found = [UNTOLD]
        for begin in range(0, len(places), wide):
            rows = np.arange(begin, min(begin + wide, len(places)))
            found.append(self.table(places.take(rows[:1]), places.take(rows)).destination_m)
        return np.concatenate(found)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


def osrm_times(server: Server, *, transport: httpx2.BaseTransport | None = None) -> ServerTimes:
    """Return the travel times of an OSRM server; ``transport`` is another way than the network."""
    return times_by(Osrm(server=server, transport=transport), server)
