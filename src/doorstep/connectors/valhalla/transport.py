"""Tables asked of Valhalla over HTTP."""

from dataclasses import dataclass, field

import httpx2
import numpy as np

from doorstep.connectors.carrier_wire import Wire, whole_of
from doorstep.connectors.road_answers import UNTOLD, Block, no_ways, tried
from doorstep.connectors.road_server import ServerTimes, times_by, wire_to
from doorstep.connectors.valhalla import translate
from doorstep.connectors.valhalla.settings import Server
from doorstep.foundation.arrays import Ints
from doorstep.geography import Places

LOCATED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Valhalla:
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
            If it is larger, or points are farther apart, than the server answers.
        UpstreamError
            If the server fails, or refuses.
        """
        said = translate.table_request(self.server, origins, destinations)
        answer = tried(self.server.tries, lambda: self._wire.ask("POST", "/sources_to_targets", said=said))
        if whole_of(answer.content, "error_code") in translate.NONE_FOUND:
            return no_ways(len(origins), len(destinations))
        if not answer.ok:
            raise translate.refused(answer)
        return translate.read_table(answer.content, len(origins), len(destinations))

    def snapped_m(self, places: Places) -> Ints:
        """Return how far points lie from the nearest street, see ``RoadServer``.

        Raises
        ------
        UpstreamError
            If the server fails, or refuses.
        """
        found = [UNTOLD]
        for begin in range(0, len(places), LOCATED_AT_ONCE):
            some = places.take(np.arange(begin, min(begin + LOCATED_AT_ONCE, len(places))))
            found.append(self._located(some))
        return np.concatenate(found)

    def _located(self, places: Places) -> Ints:
        said = translate.locate_request(self.server, places)
        answer = tried(self.server.tries, lambda: self._wire.ask("POST", "/locate", said=said, wants="nothing"))
        if not answer.ok:
            raise translate.refused(answer)
        return translate.read_located(answer, places)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


def valhalla_times(server: Server, *, transport: httpx2.BaseTransport | None = None) -> ServerTimes:
    """Return the travel times of a Valhalla server; ``transport`` is another way than the network."""
    return times_by(Valhalla(server=server, transport=transport), server)
