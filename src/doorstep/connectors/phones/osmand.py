"""OsmAnd's online tracking, Traccar Client before 9, and most trackers: fields of a query or of a form.

References
----------
traccar.org/osmand. Speed is in knots; the timestamp has four forms.
"""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from doorstep.connectors.phones.reading import MOST_M, MOST_MPS, Read, course, measured, moment_of
from doorstep.foundation import InputError
from doorstep.tracking import Position
from doorstep.tracking.positions import Source

REPLY = b""
METRES_PER_MILE, SECONDS_PER_HOUR = 1_852, 3_600
"""A knot is a nautical mile an hour."""
MOST_FIELDS = 64


def fields_of(*texts: bytes) -> dict[str, str]:
    """Return the fields of a query and of a form; of a name that comes twice the first counts.

    Raises
    ------
    InputError
        If there are too many.
    """
    fields: dict[str, str] = {}
    for text in texts:
        try:
            pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as fault:
            raise InputError(f"a report has at most {MOST_FIELDS} fields.") from fault
        for name, value in pairs:
            fields.setdefault(name, value.strip())
    return fields


def device_in(fields: Mapping[str, str]) -> str:
    """Return the device identifier among the fields, empty if there is none."""
    return fields.get("id") or fields.get("deviceid") or ""


def read(fields: Mapping[str, str], *, device: str, now: int) -> Read:
    """Return the position in the fields; a report without a place, or from a device without a fix, has none.

    Without a timestamp it is of ``now`` [epoch s].

    Raises
    ------
    InputError
        If a field is no number, or the place is none on earth.
    """
    place = fields.get("location", "").split(",")
    lat, lon = place if len(place) == 2 else (fields.get("lat", ""), fields.get("lon", ""))
    if not (lat and lon) or fields.get("valid", "true").lower() in ("false", "0"):
        return Read([])
    speed_kn = measured(_number(fields, "speed"), MOST_MPS * SECONDS_PER_HOUR / METRES_PER_MILE)
    percent = measured(_number(fields, "batt"), 100.0)
    position = Position(
        device=device,
        at=moment_of(fields["timestamp"]) if fields.get("timestamp") else now,
        lat=_as_number("lat", lat),
        lon=_as_number("lon", lon),
        source=Source.OSMAND,
        speed_mps=None if speed_kn is None else speed_kn * METRES_PER_MILE / SECONDS_PER_HOUR,
        course_deg=course(_number(fields, "bearing") if fields.get("bearing") else _number(fields, "heading")),
        accuracy_m=measured(_number(fields, "accuracy"), MOST_M),
        battery=None if percent is None else percent / 100,
    )
    return Read([position])


def _number(fields: Mapping[str, str], name: str) -> float | None:
    text = fields.get(name)
    return _as_number(name, text) if text else None


def _as_number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as fault:
        raise InputError(f"{name} {text!r} is no number.") from fault
