"""Where a listing goes on: an opaque text that only the listing that gave it takes back.

The text holds a version, a check over listing and place, and the place. The check is no secret: a forged cursor
could only skip rows that its caller may read anyway. It catches cut, mixed-up and outdated cursors.
"""

import base64
import binascii
from dataclasses import dataclass
from hashlib import blake2b

from doorstep.foundation import InputError

VERSION = 1
LONGEST = 256
CHECK_BYTES = 8


class BadCursorError(InputError):
    """A cursor that this listing did not give out."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The last row of a page: listings are ordered by (created, id)."""

    created_at: int
    row_id: str


def encode_cursor(place: Place, *, listing: str) -> str:
    """Return the cursor of the page after a place.

    Parameters
    ----------
    listing
        Names the listing with all that shapes it, for example ``"orders?merchant=m1&state=placed"``: with other
        filters the cursor is refused.
    """
    payload = f"{place.created_at}:{place.row_id}".encode()
    return base64.urlsafe_b64encode(bytes([VERSION]) + _check(payload, listing) + payload).rstrip(b"=").decode()


def decode_cursor(text: str, *, listing: str) -> Place:
    """Return the place that a cursor stands for.

    Raises
    ------
    BadCursorError
        If the cursor is cut, changed, of another version or of another listing.
    """
    try:
        whole = base64.b64decode(text[: LONGEST + 1].encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        version, check, payload = whole[0], whole[1 : CHECK_BYTES + 1], whole[CHECK_BYTES + 1 :]
        created_at, _, row_id = payload.decode().partition(":")
        place = Place(created_at=int(created_at), row_id=row_id)
    except (binascii.Error, UnicodeError, ValueError, IndexError) as error:
        raise _bad() from error
    if len(text) > LONGEST or version != VERSION or check != _check(payload, listing):
        raise _bad()
    if encode_cursor(place, listing=listing) != text:  # several texts decode to the same bytes; only ours counts
        raise _bad()
    return place


def _check(payload: bytes, listing: str) -> bytes:
    return blake2b(payload, digest_size=CHECK_BYTES, key=blake2b(listing.encode(), digest_size=32).digest()).digest()


def _bad() -> BadCursorError:
    return BadCursorError(
        "cursor is not one that this listing gave out with these filters.",
        hint="Maybe start again without cursor, and follow next_cursor or the Link header from there.",
    )
