"""Plus codes: places as short codes, by the Open Location Code specification.

A code of 10 digits is a square of an eighth of a thousandth of a degree, about 14 m; every digit more cuts it into
4 columns and 5 rows.
"""

import math
from dataclasses import dataclass

from doorstep.foundation import InputError

DIGITS = "23456789CFGHJMPQRVWX"
_PAIRS, _MOST, _BASE, _ROWS, _COLUMNS = 10, 15, 20, 5, 4
_FINEST_LAT = 8_000 * _ROWS**5
"""Parts of a degree that the longest code tells apart, northward and eastward."""
_FINEST_LON = 8_000 * _COLUMNS**5


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeArea:
    """The area that a plus code means; ``lat``, ``lon`` is its middle, the sides are degrees."""

    lat: float
    lon: float
    height: float
    width: float


def plus_code(*, lat: float, lon: float, length: int = _PAIRS) -> str:
    """Return the plus code of a place.

    Parameters
    ----------
    length
        Digits: 2, 4, 6, 8, or 10 to 15.

    Raises
    ------
    InputError
        If the length is none of these, or the place no place.
    """
    if not (length in (2, 4, 6, 8) or _PAIRS <= length <= _MOST):
        raise InputError(f"length must be 2, 4, 6, 8 or 10 to 15: it is {length}.")
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise InputError(f"lat {lat} and lon {lon} must be numbers.")
    north = min(max(math.floor(round((lat + 90) * _FINEST_LAT, 6)), 0), 180 * _FINEST_LAT - 1)
    east = math.floor(round((lon + 180) * _FINEST_LON, 6)) % (360 * _FINEST_LON)
    fine = ""
    for _ in range(_MOST - _PAIRS):
        north, row = divmod(north, _ROWS)
        east, column = divmod(east, _COLUMNS)
        fine = DIGITS[row * _COLUMNS + column] + fine
    coarse = ""
    for _ in range(_PAIRS // 2):
        north, up = divmod(north, _BASE)
        east, right = divmod(east, _BASE)
        coarse = DIGITS[up] + DIGITS[right] + coarse
    digits = (coarse + fine)[:length]
    return f"{digits[:8].ljust(8, '0')}+{digits[8:]}"


def area_of_plus_code(code: str, *, near_lat: float = math.nan, near_lon: float = math.nan) -> CodeArea:
    """Return the area of a plus code; a short one (JC5P+8Q) is the nearest such to the place given.

    Raises
    ------
    InputError
        If it is no plus code, or a short one and no place is given.
    """
    text = code.strip().upper()
    if not is_plus_code(text):
        raise InputError(f"{code!r} is not a plus code.", hint="Maybe write it like 8FWC2345+G6.")
    missing = 8 - text.index("+")
    if not missing:
        return _area(text)
    if not (math.isfinite(near_lat) and math.isfinite(near_lon)):
        raise InputError(f"{code!r} is a short plus code.", hint="Maybe say near which place it is, or give it whole.")
    near_lat = min(max(near_lat, -90.0), 90.0)
    found = _area(plus_code(lat=near_lat, lon=near_lon)[:missing] + text)
    step = float(_BASE ** (2 - missing // 2))
    lat = found.lat
    if lat - near_lat > step / 2 and lat - step >= -90:
        lat -= step
    elif near_lat - lat > step / 2 and lat + step <= 90:
        lat += step
    lon = found.lon + step * round((near_lon - found.lon) / step)
    return CodeArea(lat=lat, lon=(lon + 180) % 360 - 180, height=found.height, width=found.width)


def is_plus_code(text: str) -> bool:
    """Return whether a text is a plus code, whole or short."""
    code = text.strip().upper()
    at = code.find("+")
    if at < 0 or code.count("+") > 1 or at > 8 or at % 2 or len(code) == 1:
        return False
    before, after = code[:at], code[at + 1 :]
    if len(after) == 1 or len(code) - 1 > _MOST:
        return False
    if "0" in before:
        kept = before.rstrip("0")
        if at < 8 or after or not kept or len(kept) % 2 or set(kept) - set(DIGITS):
            return False
        before = kept
    if at == 8 and (DIGITS.index(before[0]) if before[0] in DIGITS else 20) > 8:
        return False  # beyond the pole
    if at == 8 and len(before) > 1 and before[1] in DIGITS and DIGITS.index(before[1]) > 17:
        return False  # beyond the date line
    return not set(before + after) - set(DIGITS)


def _area(code: str) -> CodeArea:
    digits = code.replace("+", "").rstrip("0")[:_MOST]
    lat, lon, height, width = -90.0, -180.0, 400.0, 400.0
    for place in range(0, min(len(digits), _PAIRS), 2):
        height, width = height / _BASE, width / _BASE
        lat += DIGITS.index(digits[place]) * height
        lon += DIGITS.index(digits[place + 1]) * width
    for digit in digits[_PAIRS:]:
        height, width = height / _ROWS, width / _COLUMNS
        row, column = divmod(DIGITS.index(digit), _COLUMNS)
        lat, lon = lat + row * height, lon + column * width
    return CodeArea(lat=min(lat + height / 2, 90.0), lon=lon + width / 2, height=height, width=width)
