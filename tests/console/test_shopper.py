"""The shopper's page: what it says in each state, what it lets be done, and to whom."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select, update

from doorstep.operations.bring import ReportedEvent, record_event
from doorstep.operations.bring.pins import pin_of
from doorstep.operations.bring.proofs import Proof, keep_proof
from doorstep.operations.event_stream import read_events
from doorstep.operations.forgetting import erase_contact
from doorstep.operations.shoppers.links import LINK_S, revoke_links
from doorstep.operations.shoppers.remarks import remarks_of
from doorstep.storage.journal import canonical
from doorstep.storage.schema.etas import etas
from doorstep.storage.schema.fulfilment import deliveries, exceptions
from doorstep.storage.schema.journal import audit, events
from doorstep.storage.schema.orders import orders
from doorstep.storage.schema.shoppers import delivery_links
from tests.api.desks import PHOTO
from tests.console.shopper_stage import DOOR, HOUR, KERB, Pages, pages_of
from tests.databases import CALLER, NOW, Furnished

MOST_BYTES = 60_000


@pytest.fixture
def pages(furnished: Furnished) -> Iterator[Pages]:
    """Open the pages of a shop."""
    with pages_of(furnished) as found:
        yield found


def test_the_page_says_when_it_comes_and_how_many_stops_are_before(pages: Pages):
    said = pages.see(pages.link())
    assert "Arriving between 08:10 and 08:40 2 stops before you." in said
    assert "Chicago IL" in said
    assert not any(word in said for word in ("Ada", "233", "Wacker", "60606", "3125550100", "ada@"))
    with pages.shop.database.writing() as connection:
        connection.execute(delete(etas))
    pages.put("booked")
    assert "Coming on Wed 4 Mar between 15:00 and 17:00 We are getting it ready." in pages.see(pages.link())


@pytest.mark.parametrize(
    ("state", "head", "buttons"),
    [
        ("booked", "Coming on Wed 4 Mar", {"neighbour", "safe-place", "instruction"}),
        ("at_dropoff", "The driver is at your door", {"neighbour", "safe-place", "instruction"}),
        ("attempted", "We could not deliver it",
         {"neighbour", "safe-place", "instruction", "reschedule", "pick-up-point", "problem"}),
        ("returning", "It is on its way back to us", set()),
        ("delivered", "Delivered at 08:00", {"rating", "problem"}),
        ("cancelled", "This delivery was cancelled", set()),
    ],
)  # fmt: skip
def test_only_what_the_state_allows_is_offered(pages: Pages, state: str, head: str, buttons: set[str]):
    link = pages.link()
    pages.put(state)
    with pages.shop.database.writing() as connection:
        connection.execute(delete(etas))
    assert head in pages.see(link)
    assert pages.buttons(link) == buttons


def test_nobody_gets_in_without_a_good_link(pages: Pages):
    link, other = pages.link(), pages.link()
    shown = pages.client.get(link)
    assert [shown.headers[name] for name in ("cache-control", "x-robots-tag", "referrer-policy")] == [
        "no-store", "noindex, nofollow", "no-referrer"
    ]  # fmt: skip
    for path in ("/t/" + "0" * 32, "/t/x", f"{link[:-1]}a", f"{link}/nothing"):
        assert pages.client.get(path).status_code in (404, 405), path
    assert pages.do(link, "nothing")[0] == 404
    assert pages.do(link, "neighbour", headers={"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert pages.do(link, "neighbour", headers={"Origin": "https://elsewhere.example"})[0] == 403
    with pages.shop.database.writing() as connection:
        kept = [
            str(tuple(row)) for table in (delivery_links, audit, events) for row in connection.execute(select(table))
        ]
        assert not any(link[3:] in row for row in kept)
        assert revoke_links(connection, CALLER, DOOR, now=NOW) == 2
    assert {pages.client.get(each).status_code for each in (link, f"{link}/status", f"{other}/map.json")} == {410}
    assert pages.do(link, "neighbour") == (410, "This link has expired The shop can send you a new one.")
    fresh = pages.link(KERB)
    pages.shop.clock.at = NOW + LINK_S
    assert pages.client.get(fresh).status_code == 410


def test_after_an_attempt_another_time_is_chosen_and_kept(pages: Pages):
    link = pages.link()
    pages.put("attempted")
    code, said = pages.do(link, "reschedule", {"time": "1-2"})
    assert (code, "This time cannot be chosen. Choose one of those below." in said) == (422, True)
    start = NOW + 4 * HOUR
    code, said = pages.do(link, "reschedule", {"time": f"{start}-{start + 4 * HOUR}"})
    assert (code, "Coming again today between 12:00 and 16:00" in said) == (303, True)
    assert "reschedule" not in pages.buttons(link)
    asked = "The shopper of order {} asks for another time after an attempt in vain: arrange it."
    assert exceptions_of(pages) == [("shopper_asked", asked)]
    code, said = pages.do(link, "reschedule", {"time": f"{start}-{start + 4 * HOUR}"})
    assert (code, "This is not possible any more. The page shows what is." in said) == (409, True)


def test_after_an_attempt_it_goes_to_a_pick_up_point(pages: Pages):
    link = pages.link()
    pages.put("attempted")
    assert "Corner kiosk, 2.2 km 9 Elm Street Lake Street store, 1.1 km" not in pages.see(link)
    assert "Lake Street store, 1.1 km 7 Lake Street Corner kiosk, 2.2 km 9 Elm Street" in pages.see(link)
    assert pages.do(link, "pick-up-point", {"site": "S2"})[0] == 422
    assert "Going to Corner kiosk" in pages.do(link, "pick-up-point", {"site": "P1"})[1]


def test_a_neighbour_may_take_what_is_not_for_the_shopper_alone(pages: Pages):
    link = pages.link()
    assert "A neighbour may take it." in pages.do(link, "neighbour")[1]
    assert "neighbour" not in pages.buttons(link)
    with pages.shop.database.writing() as connection:
        connection.execute(update(orders).values(requirements="signature", neighbour_ok=0))
    assert "It is given to you in person only." in pages.see(link)
    assert pages.buttons(link) == {"instruction"}
    assert pages.do(link, "safe-place", {"text": "shed"})[0] == 409


def test_the_photo_of_the_door_is_seen_by_its_own_link_only_and_kept_by_nobody(pages: Pages):
    link, other = pages.link(), pages.link(KERB)
    with pages.shop.database.writing() as connection:
        for proof_id in ("prf_1", "prf_unnamed"):
            keep_proof(connection, CALLER, proof_id, Proof(DOOR, "image/jpeg", PHOTO), now=NOW)
        told = canonical({"proofs": [{"kind": "photo", "proof_id": "prf_1"}]})
        for event, name in (("start_to_dropoff", "a"), ("arrive_at_dropoff", "b"), ("deliver", "c")):
            fact = ReportedEvent(source="test", source_event_id=name, kind="delivery", object_id=DOOR, event=event,
                                 occurred_at=NOW, details=told if event == "deliver" else "{}")  # fmt: skip
            record_event(connection, CALLER, fact, now=NOW)
    assert f'src="{link}/photos/prf_1"' in pages.client.get(link).text
    photo = pages.client.get(f"{link}/photos/prf_1")
    assert (photo.content, photo.headers["content-type"], photo.headers["cache-control"]) == (
        PHOTO, "image/jpeg", "no-store",
    )  # fmt: skip
    assert pages.client.get(f"{link}/photos/prf_unnamed").status_code == 404
    assert pages.client.get(f"{other}/photos/prf_1").status_code == 404
    with pages.shop.database.writing() as connection:
        revoke_links(connection, CALLER, DOOR, now=NOW)
    assert pages.client.get(f"{link}/photos/prf_1").status_code == 410


def exceptions_of(pages: Pages) -> list[tuple[str, str]]:
    """Return codes and sentences of what is before dispatch, without the order's code."""
    with pages.shop.database.reading() as connection:
        mine = select(orders.c.code).join(deliveries, deliveries.c.order_id == orders.c.order_id)
        code = connection.execute(mine.where(deliveries.c.delivery_id == DOOR)).scalar_one()
        found = connection.execute(select(exceptions.c.code, exceptions.c.detail)).all()
    return [(row.code, row.detail.replace(code, "{}")) for row in found]


@pytest.mark.parametrize(("stars", "codes"), [("2", ["low_rating"]), ("3", [])])
def test_few_stars_are_looked_into(pages: Pages, stars: str, codes: list[str]):
    pages.put("delivered")
    pages.do(pages.link(), "rating", {"stars": stars})
    assert [code for code, _ in exceptions_of(pages)] == codes


def test_a_pin_stands_on_the_page_of_who_has_to_say_it_until_they_have_it(pages: Pages):
    link = pages.link()
    assert "PIN" not in pages.see(link)
    with pages.shop.database.writing() as connection:
        connection.execute(update(orders).values(requirements="pin"))
        pin = pin_of(connection, CALLER.tenant_id, DOOR)
    assert f"PIN {pin} Tell it to the driver at the door" in pages.see(link)
    pages.put("delivered")
    assert pin not in pages.see(link)


def test_what_a_shopper_says_is_told_without_words_and_forgotten_with_them(pages: Pages):
    link = pages.link()
    assert "Ring twice." in pages.do(link, "instruction", {"text": "Ring twice."})[1]
    assert "the shed" in pages.do(link, "safe-place", {"text": "the shed"})[1]
    assert pages.do(link, "rating", {"stars": "5"})[0] == 409
    pages.put("delivered")
    code, said = pages.do(link, "rating", {"text": "Kind <driver>"})
    assert (code, "Maybe choose one first." in said, "Kind <driver>" in said) == (422, True, True)
    assert "Your rating 4 of 5" in pages.do(link, "rating", {"stars": "4", "text": "Kind"})[1]
    assert "You reported damaged" in pages.do(link, "problem", {"reason": "damaged", "text": "Wet"})[1]
    with pages.shop.database.writing() as connection:
        news = select(events).where(events.c.type == "delivery.remarked").order_by(events.c.event_no)
        told = [{key: value for key, value in event.data.items() if key in ("remark", "stars", "reason")}
                for event in read_events(connection, news)]  # fmt: skip
        order_id = connection.execute(
            select(deliveries.c.order_id).where(deliveries.c.delivery_id == DOOR)
        ).scalar_one()
        erase_contact(connection, CALLER, order_id, now=NOW)
        kept = [(row.kind, row.stars, row.text) for row in remarks_of(connection, CALLER.tenant_id, DOOR)]
    assert told == [{"remark": "instruction"}, {"remark": "safe_place"}, {"remark": "rating", "stars": 4},
                    {"remark": "problem", "reason": "damaged"}]  # fmt: skip
    assert exceptions_of(pages) == [("shopper_problem", "The shopper of order {} says: it is damaged.")]
    assert sorted(kept) == [("instruction", 0, ""), ("problem", 0, ""), ("rating", 4, ""), ("safe_place", 0, "")]


def test_a_shopper_drives_to_the_kerb_by_the_buttons(pages: Pages):
    link = pages.link(KERB)
    assert "Ready at Lake Street store" in pages.see(link)
    assert pages.buttons(link) == {"on-my-way", "arrived"}
    code, said = pages.do(link, "on-my-way", {"vehicle": "blue  van", "minutes": "soon"})
    assert (code, "minutes 'soon' must be a whole number." in said.lower()) == (422, True)
    assert (
        'value="blue  van"'
        in pages.client.post(f"{link}/on-my-way", data={"vehicle": "blue  van", "minutes": "x"}).text
    )
    assert (
        "Lake Street store expects you, at 08:15."
        in pages.do(link, "on-my-way", {"vehicle": "blue van", "minutes": "15"})[1]
    )
    assert pages.do(link, "arrived", {"bay": "7"})[0] == 422
    assert "You stand in bay 2. Somebody brings it out to you." in pages.do(link, "arrived", {"bay": "2"})[1]
    assert pages.buttons(link) == {"left"}
    assert "Ready at Lake Street store" in pages.do(link, "left")[1]


def test_the_map_shows_the_van_roughly_until_it_comes_next_and_never_the_door(pages: Pages):
    link = pages.link()
    rough = pages.client.get(f"{link}/map.json").json()
    assert rough["vehicles"]["features"][0]["geometry"]["coordinates"] == [-87.01, 41.01]
    pages.put("delivered", "dlv_a")
    pages.put("attempted", "dlv_b")
    near = pages.client.get(f"{link}/map.json").json()
    assert "You are next." in pages.see(link)
    assert near["vehicles"]["features"][0]["geometry"]["coordinates"] == [-87.01235, 41.01235]
    assert near["stops"]["features"][0]["geometry"]["coordinates"] == [-87.0, 41.01]
    pages.put("delivered")
    assert pages.client.get(f"{link}/map.json").json() == {
        name: {"type": "FeatureCollection", "features": []} for name in ("vehicles", "stops")
    }


def test_an_open_page_is_told_that_there_is_news(pages: Pages):
    link = pages.link()
    status = pages.client.get(f"{link}/status?seen=picked_up-live").text
    assert ("2 stops before you." in status, "There is news" in status, "<html" in status) == (True, False, False)
    pages.put("delivered")
    assert "There is news" in pages.client.get(f"{link}/status?seen=picked_up-live").text


def test_the_page_before_the_map_weighs_little(pages: Pages):
    html = pages.client.get(pages.link()).text
    files = [part.split('"')[0] for part in html.split('="/static/')[1:]]
    loaded = [f"/static/{name}" for name in files if not name.split("/", 1)[1].startswith("built/map")]
    sent = len(html.encode()) + sum(len(pages.client.get(path).content) for path in loaded)
    assert any(path.endswith("shopper.css") for path in loaded)
    assert sent <= MOST_BYTES
