"""``doorstep simulate-carrier``: a carrier that speaks as a vendor does, for trials without an account or a courier."""

import asyncio
import contextlib
import math
import sys
import time

import httpx2
import uvicorn

from doorstep.cli.listening import ListeningServer
from doorstep.cli.seeds import Seed
from doorstep.foundation import InputError
from doorstep.simulation.carriers import (
    Clock,
    DoorDashDrive,
    Faults,
    Fleet,
    Onfleet,
    Stuart,
    Terms,
    UberDirect,
    take_webhooks,
)
from doorstep.simulation.carriers.serving import Dialect

PULSE_S = 0.25
TRIES = 3
WEBHOOK_TIMEOUT_S = 5.0


def at_speed(speed: float) -> Clock:
    """Return a clock that shows the real time now, and from now on runs ``speed`` times as fast."""
    began_at, began = time.time(), time.monotonic()
    return lambda: began_at + speed * (time.monotonic() - began)


def simulate_carrier(
    name: str,
    /,
    *,
    port: int = 8090,
    faults: str = "",
    webhook_url: str = "",
    seed: Seed = 1,
    speed: float = 60.0,
) -> int:
    """Run a simulated carrier on this machine until it is interrupted.

    Parameters
    ----------
    name
        uber-direct, doordash-drive, stuart or onfleet.
    port
        Where it listens; 0 takes any free one.
    faults
        What goes wrong how often, such as rate_limited=0.1,returned=0.05.
    webhook_url
        Where its webhooks go; without it they go nowhere.
    seed
        By which faults are drawn.
    speed
        How fast its couriers' time runs beside ours.
    """
    if not 0 < speed <= 100_000:
        raise InputError(f"--speed {speed:g} must be above 0 and at most 100,000.")
    clock, drawn = at_speed(speed), Faults.of(faults, seed=seed)
    dialect: UberDirect | DoorDashDrive | Stuart | Onfleet
    match name:
        case "uber-direct":
            dialect = UberDirect(fleet=Fleet(clock, faults=drawn), wall=time.time)
        case "doordash-drive":
            dialect = DoorDashDrive(fleet=Fleet(clock, terms=Terms(quote_s=300), faults=drawn), wall=time.time)
        case "stuart":
            dialect = Stuart(fleet=Fleet(clock, terms=Terms(currency="EUR"), faults=drawn), wall=time.time)
        case "onfleet":
            dialect = Onfleet(fleet=Fleet(clock, terms=Terms(longest_m=math.inf), faults=drawn))
        case _:
            raise InputError(f"carrier {name!r} is none of uber-direct, doordash-drive, stuart, onfleet.")
    print(f"It believes whoever has these keys: {dialect.keys}", flush=True)
    config = uvicorn.Config(dialect.app, host="127.0.0.1", port=port, log_config=None, access_log=False)
    server = ListeningServer(config, "The simulated carrier listens on {} (Ctrl-C ends it)")
    asyncio.run(_run(server, dialect, webhook_url, name))
    return 0


async def _run(server: uvicorn.Server, dialect: Dialect, webhook_url: str, name: str) -> None:
    sending = asyncio.create_task(_send(dialect, webhook_url, name)) if webhook_url else None
    try:
        await server.serve()
    finally:
        if sending is not None:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending


async def _send(dialect: Dialect, webhook_url: str, name: str) -> None:
    """Send what becomes due, in its order, each a few times if need be."""
    async with httpx2.AsyncClient(timeout=WEBHOOK_TIMEOUT_S) as client:
        while True:
            for message in take_webhooks(dialect):
                for _ in range(TRIES):
                    try:
                        answered = await client.post(webhook_url, content=message.body, headers=dict(message.headers))
                    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
                        told = f"{type(fault).__name__} {fault}".strip()
                    else:
                        if answered.is_success:
                            break
                        told = str(answered.status_code)
                    await asyncio.sleep(PULSE_S)
                else:
                    print(f"{name}: a webhook did not arrive at {webhook_url}: {told}", file=sys.stderr, flush=True)
            await asyncio.sleep(PULSE_S)
