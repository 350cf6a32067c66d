"""Vehicles as they move: what a stream tells at first, then, and to whom."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from typing import cast

import pytest
from anyio.to_thread import run_sync
from fastapi import FastAPI
from sqlalchemy import insert

from doorstep.api.access.cookies import SESSION
from doorstep.console.dispatcher import vehicles
from doorstep.console.dispatcher.vehicles import Scene, Vehicle
from doorstep.foundation import UpstreamError
from doorstep.operations.access import close_session
from doorstep.storage import Database
from doorstep.storage.schema.tracking import devices, last_positions
from tests.api.streams import listen
from tests.console.browsing import Browser, browsing
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import planned, the_routes

VAN = Vehicle("dev_a", "V1", "rou_1", "on_time", -87.0, 41.0, 90)
OTHER = Vehicle("dev_b", "V2", "rou_2", "on_time", -87.5, 41.5, 0)


def told(frame: bytes) -> dict[str, object]:
    """Return what a frame says."""
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    return dict(json.loads(frame[6:]))


async def heard(*looks: list[Vehicle]) -> list[dict[str, object]]:
    """Return the frames of somebody who hears everything, one for each look."""
    left = iter(looks)

    async def find() -> list[Vehicle]:
        return next(left)

    scene = Scene(find)
    await scene.turn()
    found = [told(scene.whole)]
    for _ in looks[1:]:
        await scene.turn()
        found.append(told(scene.news))
    return found


def test_after_everything_only_what_changed_is_told():
    moved, late = replace(VAN, lon=-87.1, bearing=180), replace(OTHER, state="done")
    first, second, third = asyncio.run(heard([VAN, OTHER], [moved, OTHER], [late]))
    assert (first["whole"], first["features"]) == (True, [VAN.feature(0), OTHER.feature(1)])
    assert second == {"tick": 2, "moves": [[0, -87.1, 41.0, 180]], "features": [], "gone": []}
    assert third == {"tick": 3, "moves": [], "features": [late.feature(1)], "gone": [0]}


def test_a_vehicle_that_comes_back_has_its_number_again():
    *_, last = asyncio.run(heard([VAN, OTHER], [OTHER], [OTHER, VAN]))
    assert last["features"] == [VAN.feature(0)]


async def two_frames(scene: Scene, *, slow: bool) -> list[dict[str, object]]:
    async def next_of(frames: AsyncIterator[bytes]) -> dict[str, object]:
        return told(await anext(frames))

    with scene.watched():
        frames = aiter(scene.frames())
        found = [await next_of(frames)]
        wanted = scene.tick + (3 if slow else 1)
        while slow and scene.tick < wanted:
            await asyncio.sleep(0.001)
        return [*found, await next_of(frames)]


@pytest.mark.parametrize("slow", [False, True])
def test_who_could_not_keep_up_is_told_everything_again(monkeypatch: pytest.MonkeyPatch, slow: bool):
    monkeypatch.setattr(vehicles, "TICK_S", 0.002)

    async def find() -> list[Vehicle]:
        return [VAN]

    first, second = asyncio.run(two_frames(Scene(find), slow=slow))
    assert first["whole"]
    assert ("whole" in second) == slow


def test_who_comes_when_all_others_have_left_hears_what_happens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vehicles, "TICK_S", 0.002)

    async def find() -> list[Vehicle]:
        return [VAN]

    async def again() -> list[dict[str, object]]:
        scene = Scene(find)
        await two_frames(scene, slow=False)
        first = await two_frames(scene, slow=False)  # at once, and when the last look has ended
        await asyncio.sleep(0.01)
        return first + await two_frames(scene, slow=False)

    assert ["whole" in frame for frame in asyncio.run(again())] == [True, False] * 2


def test_watchers_are_let_go_when_nothing_can_be_looked_up():
    async def find() -> list[Vehicle]:
        raise UpstreamError("the database is away.")

    async def all_frames() -> list[bytes]:
        scene = Scene(find)
        with scene.watched():
            return [frame async for frame in scene.frames()]

    assert asyncio.run(all_frames()) == []


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        with found.writing() as connection:
            route_id, _ = the_routes(connection)
            device = {"device_no": 1, "device_id": "dev_1", "tenant_id": CALLER.tenant_id, "token_hash": "-",
                      "name": "V1", "app": "owntracks", "vehicle_id": "", "driver": "", "route_id": route_id,
                      "version": 1, "created_at": NOW, "revoked_at": None}  # fmt: skip
            connection.execute(insert(devices).values(device))
            seen = dict.fromkeys(("doubts", "doubted_at", "doubted_lat_e7", "doubted_lon_e7"), 0)
            seen |= {"device_no": 1, "at": NOW, "source": 1, "lat_e7": 410_000_000, "lon_e7": -870_000_000,
                     "received_at": NOW}  # fmt: skip
            connection.execute(insert(last_positions).values(seen))
        yield found


def watched(browser: Browser, until: Callable[[str], Awaitable[bool]]) -> tuple[int, list[dict[str, object]]]:
    """Return what somebody hears until something is true of the frames."""
    cookie = f"{SESSION}={browser.client.cookies[SESSION]}"
    status, text = asyncio.run(listen(cast(FastAPI, browser.client.app), "/dispatch/vehicles", {"Cookie": cookie},
                                      until=until))  # fmt: skip
    return status, [told(f"{frame}\n\n".encode()) for frame in text.split("\n\n") if frame]


async def two(text: str) -> bool:
    """Return whether two frames have come."""
    return text.count("\n\n") >= 2


def test_a_dispatcher_watches_vehicles_of_their_sites(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vehicles, "TICK_S", 0.01)
    with browsing(database, at=NOW + 60) as browser:
        status, (first, *_) = watched(browser, two)
        assert (status, [one["properties"]["label"] for one in first["features"]]) == (200, ["V1"])  # type: ignore[attr-defined]
    with browsing(database, at=NOW + 60, sites=["S2"]) as browser:
        assert watched(browser, two)[1][0]["features"] == []


def test_a_stream_ends_with_the_session(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vehicles, "TICK_S", 0.01)
    monkeypatch.setattr(vehicles, "RECHECK_S", 0.0)
    with browsing(database, at=NOW + 60) as browser:

        async def sign_out(text: str) -> bool:
            if text and not await two(text):
                await run_sync(close)
            return False  # the stream ends by itself

        def close() -> None:
            with database.writing() as connection:
                close_session(connection, browser.client.cookies[SESSION], now=NOW + 60)
            cast(FastAPI, browser.client.app).state.visitors.forget()

        assert watched(browser, sign_out)[1][0]["whole"]


def test_who_has_not_signed_in_watches_nothing_and_too_many_are_told_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    with browsing(database, role="") as browser:
        assert browser.client.get("/dispatch/vehicles", follow_redirects=False).status_code == 303
    monkeypatch.setattr(vehicles, "MOST", 0)
    with browsing(database) as browser:
        assert browser.client.get("/dispatch/vehicles", headers={"Accept": "text/event-stream"}).status_code == 503
