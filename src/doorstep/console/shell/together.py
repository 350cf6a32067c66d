"""What many ask one by one is looked up for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


class Together(Generic[Key, Found]):
    """Looks up what was asked since the last look-up began; nobody waits longer than for two of them.

    Parameters
    ----------
    find
        Returns what belongs to each of several keys; those that nothing belongs to are left out.
    """

    def __init__(self, find: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._find = find
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._running: asyncio.Task[None] | None = None

    async def get(self, key: Key) -> Found | None:
        """Return what belongs to a key, None if nothing does."""
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(future)

    async def _run(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                found = await self._find(list(asked))
            except Exception as fault:  # raised where somebody waits
                for future in asked.values():
                    future.set_exception(fault)
                continue
            for key, future in asked.items():
                future.set_result(found.get(key))
