"""Devices that are heard: what is kept, what is current, who is not listened to, and what is left after a month."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.access import hash_secret
from doorstep.operations.caller import Caller
from doorstep.operations.housekeeping import Kept, purge
from doorstep.operations.positions.devices import (
    Riding,
    change_device,
    device_of_token,
    register_device,
    renew_token,
    revoke_device,
)
from doorstep.operations.positions.take import Report, take_positions
from doorstep.storage import Connection, Database
from doorstep.storage.schema.journal import audit
from doorstep.storage.schema.tracking import device_positions, last_positions, position_cells
from doorstep.tracking import Position
from doorstep.tracking.positions import Source
from doorstep.tracking.screening import Verdict
from tests.databases import CALLER, NOW, Furnished
from tests.operations.shops import open_shop

DAY_S = 86_400


def a_shop(database: Database) -> None:
    open_shop(database, {})


@pytest.fixture
def here(furnished: Furnished) -> Iterator[Connection]:
    """Open a transaction on a shop."""
    with furnished(a_shop) as database, database.writing() as connection:
        yield connection


class Phone:
    """A device that speaks."""

    def __init__(self, connection: Connection, caller: Caller = CALLER) -> None:
        self.connection = connection
        shown = register_device(connection, caller, "phone", "driver_page", Riding(driver="Ana"), now=NOW)
        self.device_id, self.token = shown.name, shown.secret

    def at(self, seconds: int, lat: float = 41.0, **changes: object) -> Position:
        usual = Position(device=self.device_id, at=NOW + seconds, lat=lat, lon=-87.0, source=Source.OWN)
        return replace(usual, **changes)  # type: ignore[arg-type]

    def report(self, *positions: Position) -> Report:
        return Report(device_id=self.device_id, token_hash=hash_secret(self.token), positions=positions)

    def tell(self, *positions: Position, now: int = NOW) -> NotFoundError | None:
        return take_positions(self.connection, [self.report(*positions)], now=now)[0]

    def kept(self) -> list[tuple[int, int]]:
        of = device_positions.c
        rows = self.connection.execute(select(of.at, of.verdict).order_by(of.device_no, of.at, of.source))
        return [(row.at - NOW, row.verdict) for row in rows]

    def current_at(self) -> list[int]:
        return [at - NOW for at in self.connection.execute(select(last_positions.c.at)).scalars()]


def test_positions_are_kept_once_and_the_newest_good_one_is_current(here: Connection):
    phone = Phone(here)
    first = phone.at(0, speed_mps=8.456, course_deg=359.7, accuracy_m=4.4, battery=0.504, moving=True)
    assert phone.tell(phone.at(10), first, first) is None
    assert phone.tell(first, phone.at(5), phone.at(11, 42.0), phone.at(200)) is None
    assert phone.kept() == [(0, Verdict.GOOD), (5, Verdict.LATE), (10, Verdict.GOOD), (11, Verdict.JUMP),
                            (200, Verdict.FUTURE)]  # fmt: skip
    assert phone.current_at() == [10]
    row = here.execute(select(device_positions).order_by(device_positions.c.at)).first()
    assert row is not None
    assert tuple(row)[1:] == (NOW, 1, 410_000_000, -870_000_000, 846, 0, 4, 50, 1, NOW, 0)


def test_doubts_last_from_one_report_to_the_next(here: Connection):
    phone = Phone(here)
    for seconds, lat in ((0, 41.0), (10, 42.0), (20, 42.0001), (30, 42.0002)):
        phone.tell(phone.at(seconds, lat))
    assert phone.kept() == [(0, Verdict.GOOD), (10, Verdict.JUMP), (20, Verdict.JUMP), (30, Verdict.GOOD)]
    assert phone.current_at() == [30]


def test_many_devices_are_taken_together_and_each_is_answered(here: Connection):
    phones = [Phone(here) for _ in range(3)]
    reports = [phone.report(phone.at(10 * number), phone.at(1)) for number, phone in enumerate(phones)]
    wrong = replace(reports[1], token_hash=reports[0].token_hash)
    unknown = replace(reports[1], device_id="dev_unknown")
    answers = take_positions(here, [reports[0], wrong, unknown, reports[2], reports[0]], now=NOW + 60)
    assert [type(answer).__name__ for answer in answers] == [
        "NoneType", "NotFoundError", "NotFoundError", "NoneType", "NoneType"
    ]  # fmt: skip
    assert (phones[0].kept(), sorted(phones[0].current_at())) == ([(0, 0), (1, 0), (1, 0), (20, 0)], [1, 20])


def test_a_token_that_was_renewed_or_whose_device_was_revoked_is_not_heard(here: Connection):
    phone = Phone(here)
    old = phone.report(phone.at(1))
    phone.token = renew_token(here, CALLER, phone.device_id, now=NOW)
    assert isinstance(take_positions(here, [old], now=NOW)[0], NotFoundError)
    assert device_of_token(here, old.token_hash or "") == ""
    assert (phone.tell(phone.at(2)), phone.current_at()) == (None, [2])
    revoke_device(here, CALLER, phone.device_id, now=NOW)
    assert isinstance(phone.tell(phone.at(3)), NotFoundError)
    assert (phone.kept(), phone.current_at()) == ([(2, 0)], [])
    assert device_of_token(here, hash_secret(phone.token)) == ""
    here.journal.write(here)
    done = here.execute(select(audit.c.event).where(audit.c.kind == "device").order_by(audit.c.audit_no)).scalars()
    assert list(done) == ["create", "renew_token", "revoke"]


def test_a_device_rides_with_what_its_tenant_has_and_nobody_elses_can_be_changed(here: Connection):
    phone = Phone(here)
    with pytest.raises(InputError, match="vehicle_id 'none' does not exist"):
        change_device(here, CALLER, phone.device_id, {"vehicle_id": "none"}, now=NOW)
    with pytest.raises(InputError, match="route_id 'rte_1' does not exist"):
        register_device(here, CALLER, "x", "traccar", Riding(route_id="rte_1"), now=NOW)
    other = Caller("ten_other", "test")
    for act in (renew_token, revoke_device):
        with pytest.raises(NotFoundError):
            act(here, other, phone.device_id, now=NOW)
    with pytest.raises(NotFoundError):
        change_device(here, other, phone.device_id, {"name": "x"}, now=NOW)


def test_after_a_month_only_counts_by_day_and_cell_are_left(here: Connection):
    phone, other = Phone(here), Phone(here)
    phone.tell(phone.at(0), phone.at(1), phone.at(2, 60.0), phone.at(3), phone.at(DAY_S), now=NOW + DAY_S)
    other.tell(other.at(4))
    later = NOW + 30 * DAY_S + 5
    assert purge(here, now=later, kept=Kept(), limit=2)["positions"] == 2
    assert phone.kept() == [(2, Verdict.JUMP), (3, 0), (DAY_S, 0), (4, 0)]
    assert purge(here, now=later, kept=Kept())["positions"] == 3
    assert (phone.kept(), phone.current_at()) == ([(DAY_S, 0)], [DAY_S])
    cells = here.execute(select(position_cells)).all()
    assert [(row.tenant_id, row.day_at, row.positions) for row in cells] == [(CALLER.tenant_id, NOW - NOW % DAY_S, 4)]
