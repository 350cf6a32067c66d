"""Everything wired: the one place that knows which part gets which."""

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from doorstep.connectors.connecting import connected_carriers, connected_channels
from doorstep.connectors.osm.roads_folder import load_roads
from doorstep.connectors.road_live import LiveServer, live_server
from doorstep.geography.roads import RoadTimes
from doorstep.ports import Carrier, Clock, Notifier
from doorstep.settings import Settings
from doorstep.storage import Database, Writer
from doorstep.storage.migrations import upgrade


class SystemClock:
    """The present by the machine's clock."""

    def now(self) -> int:
        """Return the present [epoch s]."""
        return int(time.time())


def keep_what_is_loaded() -> None:
    """Tell the garbage collector that everything there is by now stays.

    Looking through it takes a tenth of a second, for which all callers would wait again and again.
    """
    gc.collect()
    gc.freeze()


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What the API and the worker stand on."""

    settings: Settings
    clock: Clock
    database: Database
    writer: Writer
    carriers: Mapping[str, Carrier] = field(default_factory=dict)
    """The connected carriers by their id."""
    channels: Mapping[str, Notifier] = field(default_factory=dict)
    """The connected channels of notices, ``email`` and ``sms``."""
    made_work: Event = field(default_factory=Event)
    """Set after each commit of this process, so that its worker need not wait for its next look."""


def streets_of(settings: Settings) -> RoadTimes | None:
    """Return the streets that the settings name, None if they name none."""
    return load_roads(Path(settings.roads_folder).expanduser(), settings.roads) if settings.roads else None


def _road_server(settings: Settings) -> LiveServer | None:
    """Return the server of streets that the settings name, None if they name none."""
    if not settings.road_server:
        return None
    return live_server(settings.road_server_kind, settings.road_server, block=settings.road_server_block,
                       timeout_s=settings.road_server_timeout_s)  # fmt: skip


@contextmanager
def assembled(settings: Settings, *, clock: Clock | None = None) -> Iterator[Platform]:
    """Open the platform: its database, brought to this release's tables, and its writer; close both at the end."""
    carriers = connected_carriers(settings.carriers.get_secret_value())
    channels = connected_channels(settings.notices.get_secret_value())
    road_server = _road_server(settings)
    database = Database(settings.database_url.get_secret_value(), readers=settings.reader_connections,
                        streets=streets_of(settings), road_server=road_server)  # fmt: skip
    try:
        upgrade(database)
        made_work = Event()
        writer = Writer(database, most=settings.group_commit_max, committed=made_work)
        try:
            yield Platform(
                settings=settings,
                clock=clock or SystemClock(),
                database=database,
                writer=writer,
                carriers=carriers,
                channels=channels,
                made_work=made_work,
            )
        finally:
            writer.close()
    finally:
        database.close()
        if road_server:
            road_server.close()
        for carrier in carriers.values():
            carrier.close()
        for channel in channels.values():
            channel.close()
