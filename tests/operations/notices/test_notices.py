"""Notices from events to telephones: each once, none that is not wanted, none too late."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select

from doorstep.connectors.sms import Account as SmsAccount
from doorstep.connectors.sms import Sms
from doorstep.connectors.smtp import Account as SmtpAccount
from doorstep.connectors.smtp import Smtp
from doorstep.domain.new_order import Contact
from doorstep.foundation import InputError
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.notices import due_notices, make_notices
from doorstep.operations.notices.rules import NoticeRules, load_rules, store_rules
from doorstep.operations.notices.texts import LOCALES, SAMPLE, Text, rendered
from doorstep.operations.notices.wishes import change_wishes, wishes_of
from doorstep.ports import Notifier
from doorstep.simulation.carriers import InProcess
from doorstep.simulation.notices import Gateway
from doorstep.storage import Database
from doorstep.storage.schema.journal import relays
from doorstep.storage.schema.notices import notice_links, notices, opt_outs
from doorstep.tracking.notices import CHANNELS, TOPICS, Rules
from doorstep.worker.notices import Notices
from tests.databases import CALLER, NOW, Furnished
from tests.mail import mail_server
from tests.operations.fulfil.stage import open_stage, placed
from tests.worker.working import BOUND_S, Clock, worker_on

ANN = Contact(name="Ann", phone="+12025550143", email="ann@example.com", locale="de-AT")
BOTH = frozenset(CHANNELS)
URL = "https://shop.example"


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(open_stage) as found:
        yield found


def tell(connection, order_id: str, type_: str, *, now: int = NOW, **data: object) -> None:
    """Publish an event about an order as another operation would."""
    connection.journal.publish(
        event_id=connection.new_id("evt", now), tenant_id=CALLER.tenant_id, type=type_, kind="order",
        object_id=order_id, sequence=1, at=now, data=data,
    )  # fmt: skip


def make(database: Database, *, now: int = NOW) -> None:
    with database.writing() as connection:
        make_notices(connection, reachable=BOTH, now=now)


def due(database: Database, *, now: int = NOW):
    with database.writing() as connection:
        return due_notices(connection, public_url=URL, now=now, limit=10)


def states(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as connection:
        rows = connection.execute(select(notices).order_by(notices.c.notice_id))
        return [(row.topic, row.channel, row.state if not row.reason else row.reason) for row in rows]


def test_an_order_is_confirmed_once_in_the_shoppers_language_with_a_way_to_stop(database):
    with database.writing() as connection:
        placed(connection, contact=ANN)
    make(database)
    with database.writing() as connection:
        connection.execute(delete(relays))  # as if nobody remembered how far it had come
    make(database)
    (notice,) = due(database)
    assert notice.message.subject.startswith("Ihre Bestellung ")
    assert "Vielen Dank, Ann." in notice.message.text
    assert notice.message.stop_url.removesuffix("stop") + "page" in notice.message.text
    assert notice.message.stop_url.startswith(f"{URL}/v1/notice-preferences/")
    assert due(database) == []  # leased
    (again,) = due(database, now=NOW + 301)
    assert (again.notice_id, again.attempt, again.message) == (notice.notice_id, 2, notice.message)


def test_nobody_is_told_who_left_no_address(database):
    with database.writing() as connection:
        placed(connection)
        placed(connection, contact=Contact(name="Bob"))
    make(database)
    assert states(database) == [("confirmed", "", "no_address")]


def test_what_waits_for_the_morning_is_dropped_once_it_is_outdated(database):
    evening = NOW + 13 * 3_600 + 1_800  # 21:30 in Chicago
    with database.writing() as connection:
        order_id = placed(connection, contact=ANN)
        tell(connection, order_id, "delivery.arriving", now=evening)
        tell(connection, order_id, "delivery.attempted", now=evening)
    make(database, now=evening)
    assert states(database)[1:] == [("arriving", "", "outdated"), ("attempted", "sms", "waiting")]
    morning = NOW + 24 * 3_600
    assert due(database, now=morning - 1) == []
    assert [n.channel for n in due(database, now=morning)] == ["email", "sms"]  # what happened a day ago just passes
    due(database, now=evening + 25 * 3_600)
    assert ("attempted", "sms", "outdated") in states(database)


def test_whoever_opts_out_hears_no_more_also_of_the_next_order(database):
    with database.writing() as connection:
        placed(connection, contact=ANN)
    make(database)
    (notice,) = due(database)
    token = notice.message.stop_url.split("/")[-2]
    with database.writing() as connection:
        assert wishes_of(connection, token) == {"email": True, "sms": True}
        assert change_wishes(connection, token, {"email": False}, now=NOW) == {"email": False, "sms": True}
        order_id = placed(connection, contact=ANN)
        change_wishes(connection, token, {"sms": False}, now=NOW)
        tell(connection, order_id, "delivery.delivered")
    assert due(database, now=NOW + 400) == []
    make(database)
    assert states(database) == [
        ("confirmed", "email", "opted_out"), ("confirmed", "", "opted_out"), ("delivered", "", "opted_out"),
    ]  # fmt: skip
    with database.writing() as connection:
        assert change_wishes(connection, token, {"sms": True}, now=NOW) == {"email": False, "sms": True}
        assert len(connection.execute(select(opt_outs)).all()) == 1
        assert "ann@" not in str(connection.execute(select(opt_outs)).all())


def test_a_delivery_has_few_notices_and_the_last_is_for_how_it_ends(database):
    with database.writing() as connection:
        store_rules(connection, CALLER, NoticeRules(rules=Rules(most=3)), now=NOW)
        order_id = placed(connection, contact=ANN)
        for minute in range(3):
            tell(connection, order_id, "delivery.delay_predicted", now=NOW + minute, expected_at=NOW + 3_600)
        tell(connection, order_id, "delivery.delivered", now=NOW + 9)
    make(database, now=NOW + 10)
    assert [state for _, _, state in states(database)] == [
        "waiting", "waiting", "enough_told", "enough_told", "waiting",
    ]  # fmt: skip


def test_nothing_is_told_of_a_person_who_is_forgotten(database):
    with database.writing() as connection:
        order_id = placed(connection, contact=ANN)
    make(database)
    due(database)
    with database.writing() as connection:
        erase_contact(connection, CALLER, order_id, now=NOW)
        assert connection.execute(select(notice_links)).all() == []
        assert "Ann" not in str(connection.execute(select(notices)).all())
    assert due(database, now=NOW + 400) == []
    assert states(database) == [("confirmed", "email", "forgotten")]


def test_a_retailers_own_words_go_before_ours_and_must_be_sound(database):
    own = Text(
        topic="confirmed", channel="email", locale="de", text="Servus {{ name }}, {{ code }} kommt am {{ day }}."
    )
    with database.writing() as connection:
        kept = store_rules(connection, CALLER, NoticeRules(texts=(own,)), now=NOW)
        assert load_rules(connection, CALLER.tenant_id) == kept
        placed(connection, contact=ANN)
    make(database)
    (notice,) = due(database)
    assert notice.message.text.startswith("Servus Ann, ")
    for text in ("{{ names }}", "{% if %}", "{{ ''.__class__.__mro__ }}", ""):
        with pytest.raises(InputError, match="confirmed"):
            Text(topic="confirmed", channel="email", locale="de", text=text)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_topic_has_its_words_in_every_language(locale):
    for topic in TOPICS:
        for channel in CHANNELS:
            subject, text = rendered(topic, channel, locale, {}, SAMPLE)
            assert "K7QF2M9T" in subject
            assert "K7QF2M9T" in text
            assert "https://example.com/n/0" in text
            assert channel == "email" or len(text) < 200
            assert "{" not in subject + text


def sent_by_worker(database: Database, clock: Clock, channels: dict[str, Notifier]) -> None:
    told = Notices(channels=channels, public_url=URL)
    worker = worker_on(database, clock, handlers=told.handlers, periodic=told.periodic)
    assert worker.drain(BOUND_S)
    clock.now += 1
    assert worker.drain(BOUND_S)


def test_the_worker_sends_letters_and_messages_and_tries_again_what_was_not_taken(database):
    gateway, clock = Gateway(busy=1), Clock(NOW)
    with mail_server() as mail:
        account = SmtpAccount(host="127.0.0.1", port=mail.port, sender="hi@shop.example", security="none", timeout_s=5)
        sms = Sms(account=SmsAccount(base_url="http://127.0.0.1:9", key="simulated"), transport=InProcess(gateway.app))
        channels: dict[str, Notifier] = {"email": Smtp(account=account), "sms": sms}
        with database.writing() as connection:
            order_id = placed(connection, contact=ANN)
            tell(connection, order_id, "delivery.delay_predicted", expected_at=NOW + 7_200, from_at=NOW + 6_600,
                 until_at=NOW + 8_100, late="likely")  # fmt: skip
        sent_by_worker(database, clock, channels)
        assert [letter["To"] for letter in mail.letters] == ["ann@example.com"]
        assert gateway.messages == {}
        clock.now += 40
        sent_by_worker(database, clock, channels)
        (message,) = gateway.messages.values()
        assert "um 10:00 Uhr (9:50 Uhr bis 10:15 Uhr)" in message.text
        clock.now += 4_000
        sent_by_worker(database, clock, channels)
        assert (len(mail.letters), len(gateway.messages)) == (1, 1)
    assert [state for _, _, state in states(database)] == ["sent", "sent"]


def test_what_is_refused_for_good_is_not_tried_again(database):
    clock = Clock(NOW)
    gateway = Gateway()
    sms = Sms(account=SmsAccount(base_url="http://127.0.0.1:9", key="simulated"), transport=InProcess(gateway.app))
    with database.writing() as connection:
        placed(connection, contact=Contact(phone="12"))
    sent_by_worker(database, clock, {"sms": sms})
    with database.reading() as connection:
        (row,) = connection.execute(select(notices)).all()
    assert (row.state, row.attempts, row.next_at) == ("failed", 1, None)
    assert "invalid_number" in row.reason
    assert json.loads(row.facts).keys() <= {"at"}
