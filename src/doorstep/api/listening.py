"""Listening to devices: who speaks, by the token; and everything that they say meanwhile written in one go.

A commit costs one wait for the disk, whatever it holds. What is told while one batch commits makes up the next; each
device is answered only after the commit that holds its positions.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from anyio.to_thread import run_sync

from doorstep.api.dependencies import Platform
from doorstep.api.reading import reading
from doorstep.foundation import DoorstepError, NotFoundError
from doorstep.operations.positions.devices import TOKEN_FORM, device_of_token
from doorstep.operations.positions.take import Report, take_positions
from doorstep.storage import OverloadedError
from doorstep.tracking import Position

MOST_REMEMBERED = 200_000
MOST_WAITING = 4_000
"""Reports that may wait; one more is refused."""
Waiting = tuple[Report, "asyncio.Future[None]"]


@dataclass(frozen=True, slots=True)
class Device:
    """A device that has shown a token which was good when it was asked about last."""

    device_id: str
    token_hash: str


class Listening:
    """Knows devices by their tokens, and hands what they tell to the writer.

    Which device a token belongs to is remembered; that it still does is seen whenever positions are written.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._known: OrderedDict[str, str] = OrderedDict()
        self._waiting: list[Waiting] = []
        self._under_way = False

    async def identify(self, token: str, spend: Callable[[str], object] = lambda _: None) -> Device:
        """Return which device shows a token.

        Parameters
        ----------
        spend
            Counts the requests of a device; those without a token that was good before, given as "", of their address.

        Raises
        ------
        NotFoundError
            If none does.
        ProblemError
            ``rate_limited`` if it asks too often.
        """
        token_hash = hashlib.sha256(token.encode()).hexdigest() if TOKEN_FORM.fullmatch(token) else ""
        device_id = self._known.get(token_hash, "")
        spend(device_id)
        if not device_id and token_hash:
            device_id = await run_sync(reading, self._platform, lambda c: device_of_token(c, token_hash))
        if not device_id:
            raise NotFoundError("no device has this token.", hint="Maybe it was renewed or revoked.")
        self._known[token_hash] = device_id
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return Device(device_id, token_hash)

    async def take(self, device: Device, positions: Sequence[Position]) -> None:
        """Return after the commit that holds these positions of a device.

        Raises
        ------
        NotFoundError
            If its token is good no more.
        OverloadedError, DatabaseUnavailableError
            If nothing was kept for now.
        """
        if len(self._waiting) >= MOST_WAITING:
            raise OverloadedError(f"{MOST_WAITING} reports wait to be written.")
        report = Report(device_id=device.device_id, token_hash=device.token_hash, positions=positions)
        told = asyncio.get_running_loop().create_future()
        self._waiting.append((report, told))
        if not self._under_way:
            self._write()
        try:
            await told
        except NotFoundError:
            self._known.pop(device.token_hash, None)
            raise

    def _write(self) -> None:
        """Hand everything that waits to the writer."""
        batch, self._waiting = self._waiting, []
        reports, now, loop = [report for report, _ in batch], self._platform.clock.now(), asyncio.get_running_loop()
        try:
            written = self._platform.writer.call(lambda connection: take_positions(connection, reports, now=now))
        except DoorstepError as fault:
            _answer(batch, [fault] * len(batch))
            return
        self._under_way = True
        written.add_done_callback(lambda done: loop.call_soon_threadsafe(self._written, batch, done))

    def _written(self, batch: list[Waiting], done: "Future[list[NotFoundError | None]]") -> None:
        self._under_way = False
        if self._waiting:
            self._write()
        fault = done.exception()
        _answer(batch, [fault] * len(batch) if fault else done.result())


def _answer(batch: list[Waiting], answers: Sequence[BaseException | None]) -> None:
    for (_, told), fault in zip(batch, answers, strict=True):
        if told.done():  # whoever asked has gone
            continue
        if fault is None:
            told.set_result(None)
        else:
            told.set_exception(fault)
