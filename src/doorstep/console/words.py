"""Amounts, times and codes as people read them; the only place where the faces round, convert or translate.

Times are local to the place that they are about. Nothing here depends on the language settings of the machine.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

MINUS = "\u2212"
NBSP = "\u00a0"

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217 currencies whose minor unit is not a hundredth."""

MODE_NAMES = {
    "own_fleet": "own fleet",
    "on_demand": "on-demand courier",
    "parcel_carrier": "parcel carrier",
    "pickup": "pickup",
}
UNSERVED = "unserved"
KIND_NAMES = {"store": "store", "fc": "fulfilment centre", "hub": "hub", "parcel_station": "parcel station"}
REASON_NAMES = {
    "out_of_stock": "out of stock",
    "no_capacity": "no capacity",
    "no_admissible_mode": "no admissible mode",
    "window_cannot_be_met": "window cannot be met",
}
PART_NAMES = {
    "pick": "pick",
    "carton": "carton",
    "line_haul": "line-haul",
    "stem": "stem",
    "drop": "drop",
    "carrier_fee": "carrier fee",
    "failure_risk": "failure risk",
}
PLAN_NAMES = {
    "doorstep": "doorstep",
    "nearest_fc_cheapest_carrier": "nearest FC, cheapest carrier",
    "fewest_splits_own_fleet": "fewest splits, own fleet",
}

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plain(code: str) -> str:
    """Return a code such as ``same_day`` as words."""
    return code.replace("_", " ")


def money(minor: float, currency: str) -> str:
    """Return an amount of minor units with its currency, for example $1,204.50 or CHF 3.20."""
    digits = DIGITS.get(currency, 2)
    amount = f"{abs(minor) / 10**digits:,.{digits}f}"
    sign = MINUS if minor < 0 and amount.strip("0.,") else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{currency} {sign}{amount}"


def count(number: float) -> str:
    """Return a whole number with thousands separated; others get two decimals, from ten on one."""
    digits = 0 if float(number).is_integer() else 2 if abs(number) < 10 else 1
    return f"{number:,.{digits}f}".replace("-", MINUS)


def many(number: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, for example 1 parcel or 2 parcels."""
    return f"{count(number)} {noun if number == 1 else plural or noun + 's'}"


def share(ratio: float) -> str:
    """Return a ratio as a percentage with one decimal."""
    return f"{ratio:.1%}".replace("%", f"{NBSP}%").replace("-", MINUS)


def distance(metres: float) -> str:
    """Return a distance: metres below one kilometre, then kilometres."""
    if abs(metres) < 1_000:
        return f"{metres:,.0f} m"
    return f"{metres / 1_000:,.1f} km" if abs(metres) < 100_000 else f"{metres / 1_000:,.0f} km"


def duration(seconds: float) -> str:
    """Return a duration: 40 s, 25 min, 1 h 25, 2 d 3 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d}"
    return f"{hours // 24} d {hours % 24} h"


def weight(grams: float) -> str:
    """Return a weight: grams below one kilogram, then kilograms."""
    return f"{grams:,.0f} g" if grams < 1_000 else f"{grams / 1_000:,.1f} kg"


def volume(millilitres: float) -> str:
    """Return a volume in litres."""
    return f"{millilitres / 1_000:,.1f} l"


def local(at: int, zone: str) -> datetime:
    """Return a moment on the clock of a place."""
    return datetime.fromtimestamp(at, ZoneInfo(zone))


def day(moment: date) -> str:
    """Return a day, or that of a local moment, for example Tue 3 Nov."""
    return f"{_WEEKDAYS[moment.weekday()]} {moment.day} {_MONTHS[moment.month - 1]}"


def clock(at: int, zone: str) -> str:
    """Return the local time of day, for example 14:30."""
    return f"{local(at, zone):%H:%M}"


def when(at: int, zone: str) -> str:
    """Return the local time, its zone and the day, for example 14:30 CST on Tue 3 Nov."""
    moment = local(at, zone)
    return f"{moment:%H:%M} {moment.tzname()} on {day(moment)}"


def period(start_at: int, end_at: int, zone: str) -> str:
    """Return a local period, its day named once where both ends share it."""
    start, end = local(start_at, zone), local(end_at, zone)
    if start.date() == end.date():
        return f"{day(end)} between {start:%H:%M} and {end:%H:%M} {end.tzname()}"
    return f"between {start:%H:%M} on {day(start)} and {end:%H:%M} {end.tzname()} on {day(end)}"


def listed(items: list[str], *, most: int = 6, noun: str = "more") -> str:
    """Return items as an enumeration in a sentence; beyond ``most`` only their number."""
    shown = items if len(items) <= most else [*items[: most - 1], f"{len(items) - most + 1} {noun}"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nothing"


def sentence(text: str) -> str:
    """Return a text that starts with a capital and ends with a full stop; empty stays empty."""
    trimmed = text.strip()
    if not trimmed:
        return ""
    closed = trimmed if trimmed[-1] in ".!?" else trimmed + "."
    return closed[0].upper() + closed[1:]
