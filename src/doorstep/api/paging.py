"""Lists in pages: what a caller asks for, and what goes on where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel
from starlette.requests import Request

from doorstep.api.conventions.cursors import LONGEST, Place, decode_cursor, encode_cursor
from doorstep.api.conventions.links import next_link
from doorstep.api.models.base import Page
from doorstep.api.models.fields import AS_WHOLE

MOST = 200
USUAL = 50
NUMBER_DIGITS = 19
Item = TypeVar("Item", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWish:
    """Which part of a list is wanted: ``after`` is the id of the last row seen, empty at the start."""

    limit: int
    after: str
    listing: str
    path: str
    query: tuple[tuple[str, str], ...]

    @property
    def number(self) -> int:
        """The number of the last row seen, 0 at the start: for lists whose rows have numbers."""
        return int(self.after) if self.after.isdecimal() and len(self.after) < NUMBER_DIGITS else 0

    def cut(self, items: Sequence[Item], place_of: Callable[[Item], tuple[int, str]]) -> tuple[Page[Item], str]:
        """Return the page of items, of which one more than wanted was asked for, and its ``Link`` header.

        Parameters
        ----------
        place_of
            Returns when an item was created, and its id.
        """
        shown = list(items[: self.limit])
        if len(items) <= self.limit or not shown:
            return Page(items=shown), ""
        created_at, row_id = place_of(shown[-1])
        cursor = encode_cursor(Place(created_at=created_at, row_id=row_id), listing=self.listing)
        return Page(items=shown, next_cursor=cursor), next_link(self.path, self.query, cursor=cursor)


async def wanted_page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST, description="most items"), AS_WHOLE] = USUAL,
    cursor: Annotated[str | None, Query(max_length=LONGEST, description="`next_cursor` of the page before")] = None,
) -> PageWish:
    """Return which part of the list a request wants.

    Raises
    ------
    BadCursorError
        If the cursor is of another list, tenant or filter.
    """
    query = tuple(request.query_params.multi_items())
    filters = sorted((name, value) for name, value in query if name not in ("cursor", "limit"))
    tenant_id = request.scope["state"]["visitor"].holder.tenant_id
    listing = f"{tenant_id} {request.url.path}?{urlencode(filters)}"
    after = decode_cursor(cursor, listing=listing).row_id if cursor else ""
    return PageWish(limit=limit, after=after, listing=listing, path=request.url.path, query=query)
