"""``doorstep serve``: the API and a worker on one database, in one process."""

import sys
from contextlib import ExitStack
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry

from doorstep.api.build import build_api
from doorstep.assembly import assembled
from doorstep.cli.figures import worker_figures
from doorstep.cli.listening import ListeningServer
from doorstep.cli.running import begin_if_empty, load_networks, load_stock, start_logs, warm_up, working
from doorstep.cli.seeds import Seed
from doorstep.cli.serve_day import serve_day
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.foundation import InputError
from doorstep.settings import load_settings

TURN_S = 0.0005
"""Threads take turns so often: one that reads rows waits for its turn at each row while pages are asked for."""
GRACE_S = 20


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    database_url: str | None = None,
    empty: bool = False,
    worker: bool = True,
    key_file: Path | None = None,
    demo: bool = False,
    speed: float = 60.0,
    orders: int = 150,
    seed: Seed = 1,
    trouble: bool = True,
    until: str = "",
    browser: bool = False,
) -> int:
    """Run the platform until it is interrupted; an empty database begins with a made-up retailer and an admin key.

    With --demo it is a made-up retailer's day, live: simulated shoppers, associates, drivers and trouble, all through
    the API, on a database that is thrown away unless --database-url names an empty one.

    Parameters
    ----------
    host, port, database_url
        In the place of those in the settings; port 0 takes any free one.
    empty
        Begin an empty database without the made-up retailer.
    worker
        Run a worker too; with --no-worker somebody else must (doorstep worker).
    key_file
        Write the first key there, readable by its owner only, instead of printing it.
    demo
        Live a simulated day; it ends when all orders have, at 22:00 local time, or at --until HH:MM.
    speed
        Of the demo: how many times as fast as in real life the day goes; 60 is a minute a second.
    orders, seed
        Of the demo: orders of the day without trouble, and what decides about all chance in it.
    trouble
        Of the demo: 15% more orders, cancellations, breakdowns, a driver who does not come, slow traffic.
    until
        Of the demo: local time at which it ends.
    browser
        Of the demo: open a browser where people sign in.
    """
    if demo:
        return serve_day(host=host, port=port, database_url=database_url, speed=speed, orders=orders, seed=seed,
                         trouble=trouble, until=until, browser=browser)  # fmt: skip
    asked = {"host": host, "port": port, "database_url": database_url}
    settings = load_settings(**{name: value for name, value in asked.items() if value is not None})
    if key_file and not key_file.absolute().parent.is_dir():
        raise InputError(f"key_file is in {key_file.absolute().parent}, which is not a folder.")
    start_logs(settings)
    warm_up()
    with ExitStack() as parts:
        platform = parts.enter_context(assembled(settings))
        shown = begin_if_empty(platform, with_sample=not empty)
        if shown and key_file:
            key_file.touch(mode=0o600)
            key_file.chmod(0o600)  # it may have been there
            key_file.write_text(shown.secret, encoding="utf-8")
        elif shown:
            print(f"A key for everything, shown this once: {shown.secret}", flush=True)
        sys.setswitchinterval(TURN_S)
        load_stock(platform)
        load_networks(platform)
        registry = CollectorRegistry()
        count = worker_figures(platform, registry)
        if worker:
            parts.enter_context(working(platform, "serve", count=count))
        app = build_api(platform, registry=registry, routers=ROUTERS, straights=STRAIGHTS)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=GRACE_S,
        )
        ListeningServer(config, "doorstep listens on {} (endpoints: /docs, Ctrl-C ends it)").run()
    return 0
