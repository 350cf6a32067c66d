"""``doorstep worker``: jobs, webhooks and periodic work in a process of their own."""

import signal
from threading import Event

from doorstep.assembly import assembled
from doorstep.cli.running import load_networks, start_logs, warm_up, working
from doorstep.settings import load_settings


def work(*, name: str = "worker", database_url: str | None = None) -> int:
    """Run a worker until it is interrupted; several may run beside one another.

    Parameters
    ----------
    name
        Stands in the log and as owner of the jobs it runs; give each its own.
    database_url
        In the place of the one in the settings.
    """
    settings = load_settings(**({} if database_url is None else {"database_url": database_url}))
    start_logs(settings)
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    warm_up()
    with assembled(settings) as platform:
        load_networks(platform)
        with working(platform, name):
            print(f"{name} works (Ctrl-C ends it).", flush=True)
            while not ended.wait(60.0):
                pass
    return 0
