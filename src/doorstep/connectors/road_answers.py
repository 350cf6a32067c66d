"""Answers of road servers, read with care; and how such servers are asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import numpy as np

from doorstep.foundation import InputError, UpstreamError
from doorstep.foundation.arrays import Ints
from doorstep.ports import CarrierBusyError

T = TypeVar("T")
NO_WAY = -1
LARGEST_BLOCK = 400
"""``osrm-routed`` takes addresses of 25,000 characters: twice as many points, at 28 each and some to spare."""
MOST_FIGURE = 1e9
UNTOLD: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An answered table: ``metres`` and ``seconds`` (O, D), both ``NO_WAY`` where there is none.

    ``origin_m`` (O,) and ``destination_m`` (D,) are how far the points lie from their street, empty where the server
    does not say so with a table.
    """

    metres: Ints
    seconds: Ints
    origin_m: Ints = field(default_factory=lambda: UNTOLD)
    destination_m: Ints = field(default_factory=lambda: UNTOLD)


def check_asking(*, base_url: str, block: int, within_m: int, timeout_s: float, tries: int, at_once: int,
                 remembered: int) -> None:  # fmt: skip
    """Check what the settings of a road server share.

    Raises
    ------
    InputError
        If a number is out of its range, or the address leaves the own network without encryption: where customers live
        is nobody else's business.
    """
    for name, value, least, most in (
        ("block", block, 2, LARGEST_BLOCK),
        ("within_m", within_m, 1, 1_000_000),
        ("timeout_s", timeout_s, 0.001, 3_600),
        ("tries", tries, 1, 10),
        ("at_once", at_once, 1, 64),
        ("remembered", remembered, 0, 10_000_000),
    ):
        if not least <= value <= most:
            raise InputError(f"{name} {value} must be between {least:,} and {most:,}.")
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_near(host))):
        raise InputError(
            f"base_url {base_url!r} must begin with https://.",
            hint="Maybe http: it passes to this machine, to a private address, and to a name without dots.",
        )


def tried(times: int, ask: Callable[[], T]) -> T:
    """Return an answer, asked for again if the server failed: the same question twice harms nothing.

    Raises
    ------
    UpstreamError
        If the server failed each time, or asks to wait.
    """
    for _ in range(times - 1):
        try:
            return ask()
        except CarrierBusyError:
            raise
        except UpstreamError:
            continue
    return ask()


def most_bytes(block: int) -> int:
    """Return how long the answer of a table of ``block`` x ``block`` is at most, many times over."""
    return 1_000_000 + 200 * block * block


def figures(said: object, shape: tuple[int, ...], *, what: str, times: int = 1) -> Ints:
    """Return numbers of a JSON list ``times`` so much as whole ones, nulls as ``NO_WAY``.

    Numbers below nothing are nothing: OSRM counts some metres backwards where two points share a piece of street.

    Raises
    ------
    UpstreamError
        If they are not so many, or not such numbers.
    """
    try:
        read = np.asarray(said, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        read = np.empty(0)
    if read.shape != shape or (np.abs(read) > MOST_FIGURE).any():
        raise UpstreamError(f"{what} are not {' x '.join(map(str, shape))} numbers.")
    return np.where(np.isnan(read), NO_WAY, np.rint(np.maximum(np.nan_to_num(read), 0) * times)).astype(np.int64)


def no_ways(rows: int, columns: int) -> Block:
    """Return the block of points between which there is no way at all."""
    none = np.full((rows, columns), NO_WAY, dtype=np.int64)
    return Block(metres=none, seconds=none)


def either_null(metres: Ints, seconds: Ints) -> tuple[Ints, Ints]:
    """Return both, with ``NO_WAY`` where one of them has it."""
    none = (metres == NO_WAY) | (seconds == NO_WAY)
    return np.where(none, NO_WAY, metres), np.where(none, NO_WAY, seconds)


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or one of the own network."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_loopback or address.is_private
