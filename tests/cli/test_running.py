"""What a server does before it listens: an empty database gets one tenant, however many servers begin together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from doorstep.assembly import Platform, SystemClock
from doorstep.cli.running import begin_if_empty
from doorstep.operations.access import Shown, find_key, find_tenants
from doorstep.settings import Settings
from doorstep.storage import Database, Writer

TOGETHER = 4


def test_an_empty_database_begins_once_however_many_servers_start_together(empty_database: Database):
    writer = Writer(empty_database)
    platform = Platform(settings=Settings(), clock=SystemClock(), database=empty_database, writer=writer)
    barrier = Barrier(TOGETHER)

    def begin(_: int) -> Shown | None:
        barrier.wait(30)
        return begin_if_empty(platform, with_sample=False)

    with ThreadPoolExecutor(TOGETHER) as threads:
        (shown,) = filter(None, threads.map(begin, range(TOGETHER)))
    writer.close()
    with empty_database.reading() as connection:
        assert len(find_tenants(connection)) == 1
        holder = find_key(connection, shown.secret, now=platform.clock.now())
    assert holder is not None
    assert holder.may("orders:write")
