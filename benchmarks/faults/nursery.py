"""A process that imports everything once and then forks victims, one at a time, each to be killed.

Reads lines ``KIND SEED`` from its input and prints ``pid N`` for the victim it made; what the victim has been promised
(the answers that came after their commit) it prints itself, a line each.
"""

import os
import random
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import uvicorn
from prometheus_client import CollectorRegistry

from doorstep.api import build_api, configure_logs
from doorstep.assembly import assembled
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.foundation import DoorstepError
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.operations.orders import cancel_order, place_order
from doorstep.settings import Settings, load_settings
from doorstep.storage import Database, Writer
from doorstep.worker import Worker, WorkerSettings

THREADS = 4
LIFE_S = 120.0
LEASE_S = 3
"""So soon the jobs of a worker that was killed go to another; as installed it is a minute."""


def writer(url: str, tenant_id: str, seed: int) -> None:
    """Take orders, cancel some, place others that wait for payment, from several threads through one writer."""
    database = Database(url)
    through = Writer(database)
    caller = Caller(tenant_id, "victim")
    for thread in range(THREADS):
        threading.Thread(target=_order_on, args=(through, caller, f"{seed}-{thread}"), daemon=True).start()
    time.sleep(LIFE_S)


def _order_on(through: Writer, caller: Caller, name: str) -> None:
    for number in range(1_000_000):
        now = int(time.time())
        order = new_order(f"{name}-{number}", "pending" if number % 7 == 3 else "settled")
        request = Intake(caller=caller, order=order, now=now, key=f"key-{order.external_id}")
        try:
            taken = through.together(take_orders, request).result()
            say(f"taken {order.external_id} {taken.order_id}")
            if taken.state == "draft":
                through.call(partial(place_order, caller=caller, order_id=taken.order_id, now=now)).result()
                say(f"placed {order.external_id} {taken.order_id}")
            if number % 5 == 4:
                cancel = partial(
                    cancel_order, caller=caller, order_id=taken.order_id, now=now, reason="changed my mind"
                )
                through.call(cancel).result()
                say(f"cancelled {order.external_id} {taken.order_id}")
        except DoorstepError as refused:
            say(f"refused {order.external_id} {type(refused).__name__}")


def new_order(external_id: str, payment: str = "settled") -> NewOrder:
    """Return an order of two products, drawn by its name."""
    rng = random.Random(external_id)
    lines = tuple(NewLine(product_id=p, quantity=rng.randint(1, 2)) for p in rng.sample("ABC", 2))
    return NewOrder(
        external_id=external_id,
        service_level_id="next_day",
        lat=41.0 + rng.random() / 10,
        lon=-87.0,
        lines=lines,
        payment="pending" if payment == "pending" else "settled",
    )


def api(url: str, _tenant_id: str, seed: int) -> None:
    """Serve the API on port ``seed``."""
    with assembled(_settings(url)) as platform:
        app = build_api(platform, registry=CollectorRegistry())
        uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=seed, log_config=None, access_log=False)).run()


def worker(url: str, _tenant_id: str, seed: int) -> None:
    """Route, release and sweep what there is."""
    with assembled(_settings(url)) as platform:
        work = Worker(
            platform.database,
            platform.writer,
            clock=platform.clock.now,
            rng=np.random.default_rng(seed),
            name=f"w{seed}",
            settings=WorkerSettings(lease_s=LEASE_S),
        )
        work.start()
        say("works")
        time.sleep(LIFE_S)


def _settings(url: str) -> Settings:
    return load_settings(database_url=url, rate_limit_per_s=1e6, rate_limit_burst=1_000_000)


VICTIMS: dict[str, Callable[[str, str, int], None]] = {"writer": writer, "api": api, "worker": worker}


def say(words: str) -> None:
    """Print a line at once, in one write, so that lines of threads do not mix."""
    os.write(1, f"{words}\n".encode())


def main() -> None:
    """Fork a victim for each line of input."""
    url, tenant_id = sys.argv[1:]
    configure_logs(level="error", form="json", stream=sys.stderr)
    for line in sys.stdin:
        kind, seed = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                VICTIMS[kind](url, tenant_id, int(seed))
            finally:
                os._exit(1)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("\ngone")  # the victim may have died in the middle of a line


if __name__ == "__main__":
    main()
