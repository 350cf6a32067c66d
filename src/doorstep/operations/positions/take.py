"""Positions taken in: kept once each, and what is current moved on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.foundation import NotFoundError
from doorstep.storage import Connection
from doorstep.storage.position_statements import KEEP, LAST_COLUMNS, MOVE, STANDING
from doorstep.storage.prepared import Values
from doorstep.tracking import Position, screen
from doorstep.tracking.positions import Source
from doorstep.tracking.screening import Standing

E7 = 10_000_000
_SOURCES = {source.value: source for source in Source}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a device has told at once, and the hash of the token that it has shown.

    None: it has shown none, as somebody else answers for who it is, such as the broker that it has signed in to.
    """

    device_id: str
    token_hash: str | None
    positions: Sequence[Position]


@dataclass(frozen=True, slots=True)
class _Known:
    """A device that may speak."""

    device_no: int
    token_hash: str
    standing: Standing


def take_positions(connection: Connection, reports: Sequence[Report], *, now: int) -> list[NotFoundError | None]:
    """Keep what devices have told, each position once with its verdict; return for each report what is wrong with it.

    A device that is unknown or revoked by now, or has another token, is not heard.
    """
    known = _known(connection, {report.device_id for report in reports})
    told: dict[str, list[Position]] = {}
    answers: list[NotFoundError | None] = []
    for report in reports:
        device = known.get(report.device_id)
        if device is None or report.token_hash not in (None, device.token_hash):
            answers.append(NotFoundError("no device has this token.", hint="Maybe it was renewed or revoked."))
            continue
        told.setdefault(report.device_id, []).extend(report.positions)
        answers.append(None)
    kept: list[Values] = []
    moved: list[Values] = []
    for device_id, positions in sorted(told.items()):  # in one order: no two servers wait for each other in a circle
        device = known[device_id]
        screened = screen(positions, device.standing, now=now)
        kept += [(*_row(device.device_no, position, now), verdict.value) for position, verdict in screened.kept]
        current = screened.standing.current
        if current is not None and screened.standing != device.standing:
            moved.append(_last(device.device_no, current, screened.standing, now))
    connection.run_bulk(KEEP, kept)
    connection.run_bulk(MOVE, moved)
    return answers


def _known(connection: Connection, device_ids: set[str]) -> dict[str, _Known]:
    rows = connection.fetch(STANDING, {"ids": json.dumps(sorted(device_ids))})
    return {row[0]: _Known(row[1], row[2], _standing(row[0], row[3:])) for row in rows}


def _standing(device_id: str, values: Sequence[int | None]) -> Standing:
    """Return where a device is, by its row of last positions without the number of the device."""
    last = dict(zip(LAST_COLUMNS[1:], values, strict=True))
    if last["at"] is None:
        return Standing()
    current = position_of(device_id, last)
    if not last["doubts"]:
        return Standing(current=current)
    doubted = {"at": last["doubted_at"], "lat_e7": last["doubted_lat_e7"], "lon_e7": last["doubted_lon_e7"]}
    return Standing(
        current=current, doubted=position_of(device_id, doubted | {"source": last["source"]}), doubts=last["doubts"]
    )


def position_of(device_id: str, row: Mapping[str, int | None]) -> Position:
    """Return the position that is kept in a row."""
    at, source, lat_e7, lon_e7 = row["at"], row["source"], row["lat_e7"], row["lon_e7"]
    assert at is not None
    assert source is not None
    assert lat_e7 is not None
    assert lon_e7 is not None
    speed, battery, moving = row.get("speed_cmps"), row.get("battery_pct"), row.get("moving")
    return Position(
        device=device_id,
        at=at,
        lat=lat_e7 / E7,
        lon=lon_e7 / E7,
        source=_SOURCES[source],
        speed_mps=None if speed is None else speed / 100,
        course_deg=row.get("course_deg"),
        accuracy_m=row.get("accuracy_m"),
        battery=None if battery is None else battery / 100,
        moving=None if moving is None else bool(moving),
    )


def _row(device_no: int, position: Position, now: int) -> Values:
    """Return what both tables have of a position, in the order of their columns."""
    speed, course, accuracy, battery = position.speed_mps, position.course_deg, position.accuracy_m, position.battery
    return (
        device_no,
        position.at,
        position.source.value,
        round(position.lat * E7),
        round(position.lon * E7),
        None if speed is None else round(speed * 100),
        None if course is None else round(course) % 360,
        None if accuracy is None else round(accuracy),
        None if battery is None else round(battery * 100),
        None if position.moving is None else int(position.moving),
        now,
    )


def _last(device_no: int, current: Position, standing: Standing, now: int) -> Values:
    """Return the row that says where a device is."""
    doubted = standing.doubted or current
    doubt = (standing.doubts, doubted.at, round(doubted.lat * E7), round(doubted.lon * E7))
    return (*_row(device_no, current, now), *doubt)
