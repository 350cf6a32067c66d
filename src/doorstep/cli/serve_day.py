"""``doorstep serve --demo``: the platform with a day that simulated people live on it through the API."""

import tempfile
import traceback
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from types import FrameType

import httpx2
import uvicorn

from doorstep.api.build import build_api
from doorstep.assembly import Platform, assembled, streets_of
from doorstep.cli.day_screen import Screen
from doorstep.cli.listening import ListeningServer
from doorstep.cli.made_up_streets import TOWN, write_town
from doorstep.cli.running import load_networks, load_stock, open_first_shop, start_logs, warm_up, worker_of, working
from doorstep.connectors.osm.roads_folder import build_roads
from doorstep.console.faces import ROUTERS, STRAIGHTS
from doorstep.foundation import InputError
from doorstep.operations.caller import Caller
from doorstep.operations.passwords import hash_password
from doorstep.operations.people import create_person
from doorstep.settings import Settings, load_settings
from doorstep.simulation.day import Api, Day, Hours, ScaledClock, day_shop, summary
from doorstep.simulation.day.shop import DAY, day_city

MOST_SPEED = 600.0
PERSON = "demo@doorstep.example"
STEP_S, PATIENCE_S = 0.1, 60.0
"""Between two looks at what happened; and for an answer of the server [s]."""
PING_S = 30
GRACE_S = 5
TOWN_SEED = 1
FREE_OF_LIMITS = {"rate_limit_per_s": 1e6, "rate_limit_burst": 1_000_000, "address_rate_limit_per_s": 1e6,
                  "address_rate_limit_burst": 1_000_000}  # fmt: skip


def serve_day(
    *, host: str | None, port: int | None, database_url: str | None, speed: float, orders: int, seed: int,
    trouble: bool, until: str, browser: bool = False,
) -> int:  # fmt: skip
    """Run the platform for a day of simulated people, until the day or Ctrl-C ends it; return the exit code."""
    if not 0 < speed <= MOST_SPEED:
        raise InputError(f"speed {speed:g} must be above 0 and at most {MOST_SPEED:g}.")
    if orders < 1:
        raise InputError(f"orders {orders} must be at least 1.")
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-day-")))
        settings = _on_streets(day_settings(database_url or f"sqlite:///{folder / 'day.db'}", host, port), folder)
        hours = Hours.of(DAY, day_city(streets_of(settings)).time_zone, until=until)
        clock = ScaledClock(hours.evening_at, speed=speed)
        start_logs(settings)
        warm_up()
        platform = parts.enter_context(assembled(settings, clock=clock))
        streets = platform.database.streets
        retailer = day_shop(orders, seed, streets)
        caller, key = open_first_shop(platform, retailer)
        password = _first_person(platform, caller)
        load_stock(platform)
        load_networks(platform)
        screen = Screen(hours)
        print(f"A key for everything, shown this once: {key.secret}", flush=True)
        print(f"To look at it in a browser, sign in as {PERSON} with the password {password}", flush=True)

        def day_at(address: str) -> Day:
            http = parts.enter_context(httpx2.Client(base_url=address, timeout=PATIENCE_S))
            return Day(Api(http, key.secret), retailer, hours, orders=orders, seed=seed, trouble=trouble,
                       say=screen.say, ping_s=max(PING_S, round(speed / 2)), streets=streets)  # fmt: skip

        live = partial(_live, platform=platform, clock=clock, screen=screen, day_at=day_at)
        server = DayServer(platform, live, browser=browser)
        server.run()
        return server.code


def _first_person(platform: Platform, caller: Caller) -> str:
    """Make somebody who may see all pages, and return their password."""
    password, salt = platform.database.ids.secret()[:16], platform.database.ids.secret()
    kept = hash_password(password, salt=salt)
    with platform.database.writing() as connection:
        create_person(connection, caller, email=PERSON, name="You", role="admin", password_hash=kept,
                      now=platform.clock.now())  # fmt: skip
    return password


def evening(platform: Platform) -> Platform:
    """Return a platform on the evening before: orders find their sites, but nobody plans yet who brings them."""
    return replace(platform, settings=platform.settings.model_copy(update={"plan_routes_minutes": 0}))


def day_settings(database_url: str, host: str | None = None, port: int | None = None) -> Settings:
    """Return settings for a day: no party outside is called, and nobody is held up by limits of requests."""
    asked = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    return load_settings(database_url=database_url, log_level="error", carriers="", notices="", nats_url="",
                         plan_stock_days=0, **FREE_OF_LIMITS, **asked)  # fmt: skip


def _on_streets(settings: Settings, folder: Path) -> Settings:
    """Return settings with streets: those that they name, else those of a made-up town, built in a folder."""
    if settings.roads or settings.road_server:
        return settings
    print("A made-up town of streets, where none are named (DOORSTEP_ROADS).", flush=True)
    extract = folder / f"{TOWN}.osm.pbf"
    write_town(extract, TOWN_SEED)
    build_roads(extract, folder / "roads")
    return settings.model_copy(update={"roads": TOWN, "roads_folder": str(folder / "roads")})


class DayServer(ListeningServer):
    """A server beside which a day is lived; it ends with the day, and the day ends when it is told to end.

    Parameters
    ----------
    live
        Lives the day at an address, until it is over or the event is set; ``code`` tells whether it came to its end.
    """

    def __init__(self, platform: Platform, live: Callable[[str, Event], None], *, browser: bool = False) -> None:
        settings = platform.settings
        app = build_api(platform, routers=ROUTERS, straights=STRAIGHTS)
        config = uvicorn.Config(app, host=settings.host, port=settings.port, log_config=None, access_log=False,
                                server_header=False, timeout_graceful_shutdown=GRACE_S)  # fmt: skip
        super().__init__(config, "doorstep listens on {} (endpoints: /docs, Ctrl-C ends the day)")
        self.code = 0
        self._live, self._ending, self._browser = live, Event(), browser
        self._thread: Thread | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the day, which ends the server; a second wish ends the server at once."""
        if self._ending.is_set() or self._thread is None:
            super().handle_exit(sig, frame)
        self._ending.set()

    def listens(self, address: str) -> None:
        """Begin the day."""
        super().listens(address)
        if self._browser:
            webbrowser.open(f"{address}/sign-in?email={PERSON}")
        self._thread = Thread(target=self._day, args=(address,), name="day")
        self._thread.start()

    def _day(self, address: str) -> None:
        try:
            self._live(address, self._ending)
        except Exception:  # whatever it is, the server must not go on without the day
            traceback.print_exc()
            self.code = 1
        finally:
            self.should_exit = True


def _live(
    address: str,
    ending: Event,
    *,
    platform: Platform,
    clock: ScaledClock,
    screen: Screen,
    day_at: Callable[[str], Day],
) -> None:
    """Let the shoppers of the evening order, start the clock, and go on until the day is over."""
    day = day_at(address)
    hours = day.world.hours
    print("Shoppers order on the evening before...", flush=True)
    day.begin(clock.now())
    worker_of(evening(platform), "evening").drain(PATIENCE_S)
    clock.start(hours.begins_at)
    with working(platform, "day", speed=clock.speed):
        while not (day.is_over(now := clock.now()) or ending.is_set()):
            day.step(now)
            screen.show(day, now)
            ending.wait(STEP_S)
        day.step(now)
        screen.row(day, now)
        print(f"\nThe day until {hours.local(min(now, hours.ends_at))}, by the platform's own figures:", flush=True)
        for name, figure in summary(day):
            print(f"  {name:22} {figure}", flush=True)
