"""The mark of the pages (``static/mark.svg``) as PNG, for the home screens of phones; drawn when asked for."""

import struct
import zlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

BLUE, WHITE = (0x00, 0x72, 0xB2), (0xFF, 0xFF, 0xFF)
SIDE, ROUND = 20, 4
"""The square of the mark and the radius of its corners, in the units in which it is drawn."""
PER_PIXEL = 4
"""So many points are looked at along each side of a pixel: edges are smooth by it."""


@cache
def drawn(side: int, *, maskable: bool) -> bytes:
    """Return the mark as a PNG with so many pixels on each side.

    Phones cut a maskable one to a shape of their own, so that its ground has no corners; the house lies within the
    middle circle of four fifths that they leave.
    """
    points = (np.arange(side * PER_PIXEL) + 0.5) * SIDE / (side * PER_PIXEL)
    x, y = points[None, :], points[:, None]
    ground = np.ones((points.size, points.size), dtype=bool) if maskable else _in_square(x, y)
    house = _in_house(x, y)
    blue, white = _share(ground & ~house), _share(ground & house)
    seen = blue + white
    colours = (blue[..., None] * BLUE + white[..., None] * WHITE) / np.maximum(seen, 1e-9)[..., None]
    return _png(np.dstack([colours.round(), (seen * 255).round()]).astype(np.uint8))


def _in_square(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points are within the rounded square."""
    beyond = [np.maximum(np.abs(at - SIDE / 2) - (SIDE / 2 - ROUND), 0) for at in (x, y)]
    inside: NDArray[np.bool_] = np.hypot(*beyond) <= ROUND
    return inside


def _in_house(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points are within the house: walls under a roof, without the door."""
    roof = 4 + 4 / 5 * np.abs(x - 10)
    door = (np.abs(x - 10) <= 1.5) & (y >= 11.5)
    inside: NDArray[np.bool_] = (np.abs(x - 10) <= 5) & (y >= roof) & (y <= 16) & ~door
    return inside


def _share(points: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return of each pixel which share of its points are in a shape."""
    side = len(points) // PER_PIXEL
    shares: NDArray[np.float64] = points.reshape(side, PER_PIXEL, side, PER_PIXEL).mean(axis=(1, 3))
    return shares


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return red, green, blue and opacity ``(H, W, 4)`` as a file."""
    high, wide, _ = pixels.shape
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 6, 0, 0, 0)), (b"IDAT", zlib.compress(lines, 9)),
             (b"IEND", b""))  # fmt: skip
    whole = (struct.pack(">I", len(of)) + kind + of + struct.pack(">I", zlib.crc32(kind + of)) for kind, of in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)
