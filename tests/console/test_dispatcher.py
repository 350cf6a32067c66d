"""The dispatcher's pages: what runs, what is at risk, what a move would cost, and what is done about it."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, update

from doorstep.operations.bring.proofs import Proof, keep_proof
from doorstep.operations.dispatching.moving import move_delivery, price_move
from doorstep.operations.shoppers.remarks import Remark, record_remark
from doorstep.storage import Database
from doorstep.storage.schema.fulfilment import deliveries, routes
from doorstep.storage.schema.orders import contacts, orders
from tests.api.desks import PHOTO, call_proposed
from tests.console.browsing import browsing, words_of
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import doors, planned, the_routes


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


def test_the_board_shows_routes_figures_and_what_needs_somebody(database: Database):
    call_proposed(database)
    with browsing(database, at=NOW + 120) as browser:
        words = words_of(browser.see("/dispatch"))
        assert "Needs you 1" in words
        assert "Call the customer S1 It will be late. costs $2.00 worth $5.50" in words
        assert "Routes 2" in words
        assert "0 of 5 done" in words
        assert "orders 8" in words
        assert words_of(browser.see("/dispatch/desk")) in words


def test_the_map_and_the_timeline_have_every_stop(database: Database):
    with database.reading() as connection:
        names = sorted(name for route in the_routes(connection) for name in doors(connection, route))
    with browsing(database, at=NOW + 120) as browser:
        layers = browser.ask("/dispatch/map.json")
        stops = layers["stops"]["features"]  # type: ignore[index]
        assert sorted(stop["properties"]["delivery"] for stop in stops) == names
        assert {stop["properties"]["state"] for stop in stops} == {"on_time"}
        bounds = [float(each) for each in layers["bounds"]]  # type: ignore[attr-defined]
        assert (bounds[0] < -87.1, bounds[1] <= 41.0, bounds[2] >= -87.0, bounds[3] > 41.09) == (True,) * 4
        day = browser.ask("/dispatch/timeline.json")
        found = [stop["id"] for route in day["routes"] for stop in route["stops"]]  # type: ignore[attr-defined]
        assert sorted(found) == names


def test_a_move_costs_what_its_price_said(database: Database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        name = doors(connection, north)[-1]
        before = sum(connection.execute(select(routes.c.cost_minor)).scalars())
        price = price_move(connection, CALLER, name, route_id=west, after="", now=NOW + 120)
        assert sum(connection.execute(select(routes.c.cost_minor)).scalars()) == before  # nothing was done
        moved = move_delivery(connection, CALLER, name, route_id=west, after="", now=NOW + 120)
        assert moved.late_s == {n: s for n, s in price.late_after_s.items() if n in doors(connection, west)}
        after = sum(connection.execute(select(routes.c.cost_minor)).scalars())
        assert price.cost_minor == pytest.approx(after - before, abs=3)


def test_a_dispatcher_asks_for_the_price_moves_a_stop_and_sees_it_moved(database: Database):
    with database.reading() as connection:
        west, north = the_routes(connection)
        name = doors(connection, north)[-1]
    with browsing(database, at=NOW + 120) as browser:
        told = browser.ask(f"/dispatch/deliveries/{name}/price?route_id={west}")
        assert words_of(str(told["words"])).startswith("costs $")
        page = browser.send(f"/dispatch/deliveries/{name}/move", route_id=west, back=f"/dispatch/routes/{west}")
        assert f"Moved: it is on V1 \u00b7 {west[-4:]} now." in page
        with database.reading() as connection:
            assert name in doors(connection, west)
        nowhere = browser.ask(f"/dispatch/deliveries/{name}/price?route_id=rte_none")
        assert "does not go on" in str(nowhere["refused"])
        assert "does not go on" in browser.send(f"/dispatch/deliveries/{name}/move", route_id="rte_none")


def test_a_route_is_given_to_a_driver_and_leaves(database: Database):
    with database.reading() as connection:
        west, _ = the_routes(connection)
    with browsing(database, at=NOW + 120) as browser:
        assert "Give it to them" in browser.see(f"/dispatch/routes/{west}")
        assert "driver is empty" in browser.send(f"/dispatch/routes/{west}/assign", driver="")
        assert "Let it leave" in browser.send(f"/dispatch/routes/{west}/assign", driver="Ana")
        assert "It may leave." in browser.send(f"/dispatch/routes/{west}/dispatch")
        assert "The route has ended" in browser.send(f"/dispatch/routes/{west}/halt", reason="breakdown")
        with database.reading() as connection:
            of = connection.execute(select(routes.c.state).where(routes.c.route_id == west))
            assert of.scalar_one() == "cancelled"


def test_a_proposal_is_taken_up_or_turned_down_with_one_button(database: Database):
    proposal = call_proposed(database)
    with browsing(database, at=NOW + 120) as browser:
        assert "no step" in browser.send(f"/dispatch/proposals/{proposal}/eat", status=404)
        assert "Needs you 1" in words_of(browser.see("/dispatch"))
        page = browser.send(f"/dispatch/proposals/{proposal}/refuse")
        assert "Turned down." in page
        assert "Needs you 0" in words_of(page)  # what was decided is not there for another second
        assert "this does not help any more" in browser.send(f"/dispatch/proposals/{proposal}/accept")


def test_whoever_takes_a_call_up_is_led_to_whom_to_call(furnished: Furnished):
    with furnished(planned) as database:
        with database.writing() as connection:
            west, _ = the_routes(connection)
            name = doors(connection, west)[0]
            who = {"contact_id": "con_1", "tenant_id": CALLER.tenant_id, "name": "Jo Shopper", "phone": "+13125550143"}
            connection.execute(insert(contacts).values(who | {"created_at": NOW, "last_order_at": NOW}))
            mine = select(deliveries.c.order_id).where(deliveries.c.delivery_id == name)
            connection.execute(update(orders).where(orders.c.order_id.in_(mine)).values(contact_id="con_1"))
        proposal = call_proposed(database, delivery_id=name)
        with browsing(database, at=NOW + 120) as browser:
            assert f'href="/dispatch/find?q={name}"' in browser.see("/dispatch")
            page = browser.send(f"/dispatch/proposals/{proposal}/accept")
            assert "Call them now, and agree on a later time." in page
            assert 'href="tel:+13125550143"' in page
            assert "Jo Shopper" in page
        with browsing(database, role="analyst", at=NOW + 130) as reader, database.reading() as connection:
            assert "+13125550143" not in reader.see(f"/dispatch/orders/{connection.execute(mine).scalar_one()}")


def test_why_is_told_for_an_order_that_is_found_by_its_code(database: Database):
    with database.writing() as connection:
        west, _ = the_routes(connection)
        name = doors(connection, west)[0]
        order_id = connection.execute(
            select(deliveries.c.order_id).where(deliveries.c.delivery_id == name)
        ).scalar_one()
    with browsing(database, at=NOW + 120) as browser:
        for asked in (order_id, name):
            words = words_of(browser.see(f"/dispatch/find?q={asked}"))
            assert "Who brings it" in words
            assert "own fleet chosen" in words
            assert "Which site picks it" in words
        assert "Nothing is called" in browser.see("/dispatch/find?q=ord_none")
        assert browser.client.get("/dispatch/routes/rte_none").status_code == 404


def test_what_a_shopper_reports_stands_on_the_board_and_in_their_words_with_the_order(database: Database):
    with database.writing() as connection:
        west, _ = the_routes(connection)
        name = doors(connection, west)[0]
        mine = deliveries.c.delivery_id == name
        connection.execute(update(deliveries).where(mine).values(state="delivered"))
        order_id = connection.execute(select(deliveries.c.order_id).where(mine)).scalar_one()
        said = Remark(kind="problem", reason="damaged", text="The <box> was wet.")
        record_remark(connection, CALLER, name, said, now=NOW)
        keep_proof(connection, CALLER, "prf_1", Proof(name, "image/jpeg", PHOTO), now=NOW)
    with browsing(database, at=NOW + 120) as browser:
        assert "says: it is damaged." in words_of(browser.see("/dispatch"))
        page = browser.see(f"/dispatch/orders/{order_id}")
        assert "Problem: it is damaged The &lt;box&gt; was wet." in words_of(page)
        [src] = re.findall(r'<img src="(/v1/[^"]+)"', page)
        assert browser.client.get(src).content == PHOTO


def test_what_is_late_stands_first_and_says_by_how_much(database: Database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        connection.execute(update(routes).where(routes.c.route_id == north).values(starts_at=NOW + 7200))
    with browsing(database, at=NOW + 3 * 3600 - 300) as browser:
        words = words_of(browser.see("/dispatch"))
        assert "late" in words
        page = words_of(browser.see(f"/dispatch/routes/{west}"))
        assert "late by" in page


def test_who_works_at_another_site_sees_and_does_nothing_here(database: Database):
    call_proposed(database)
    with database.reading() as connection:
        west, north = the_routes(connection)
        name = doors(connection, north)[-1]
    with browsing(database, at=NOW + 120, sites=["S2"]) as browser:
        words = words_of(browser.see("/dispatch"))
        assert "Needs you 0" in words
        assert "Routes 0" in words
        assert browser.client.get(f"/dispatch/routes/{west}").status_code == 404
        assert "does not exist" in browser.send(f"/dispatch/routes/{west}/assign", status=404, driver="Ana")
        assert "does not exist" in browser.send(f"/dispatch/deliveries/{name}/move", status=404, route_id=west)
        price = browser.ask(f"/dispatch/deliveries/{name}/price?route_id={west}")
        assert "does not exist" in str(price["refused"])
        assert browser.client.get(f"/dispatch/find?q={name}").status_code == 404
        with database.reading() as connection:
            assert name in doors(connection, north)


def test_today_stands_beside_yesterday_with_what_was_in_time_and_what_a_parcel_cost(database: Database):
    with database.writing() as connection:
        west, _ = the_routes(connection)
        first, second, *_ = doors(connection, west)
        for name, late_s in ((first, -60), (second, 3600 * 24)):
            of = select(orders.c.window_end_at).join(deliveries, deliveries.c.order_id == orders.c.order_id)
            until = connection.execute(of.where(deliveries.c.delivery_id == name)).scalar_one()
            brought = {"state": "delivered", "event_at": min(until + late_s, NOW + 3600)}
            connection.execute(update(deliveries).where(deliveries.c.delivery_id == name).values(**brought))
        connection.execute(update(orders).where(orders.c.order_id.in_(
            select(deliveries.c.order_id).where(deliveries.c.delivery_id == second))).values(window_end_at=NOW)
        )  # fmt: skip
    with browsing(database, at=NOW + 7200) as browser:
        words = words_of(browser.see("/dispatch/day"))
        assert "Orders placed 8 0 0" in words
        assert "Brought or collected 2 0 0 In time, of those 50.0 % – –" in words
        assert "By own vans, of those 100.0 % – –" in words
        assert "today and yesterday" in browser.see("/dispatch")
        browser.clock.at += 86_400
        words = words_of(browser.see("/dispatch/day"))
        assert "Orders placed 0 8 8 Brought or collected 0 2 2 In time, of those – 50.0 % 50.0 %" in words
    with browsing(database, at=NOW + 7200, sites=["S2"]) as elsewhere:
        assert "Brought or collected 0 0 0" in words_of(elsewhere.see("/dispatch/day"))


def test_routes_beyond_those_beside_the_map_stand_on_pages_of_their_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("doorstep.console.dispatcher.pages.MOST_LISTED", 1)
    monkeypatch.setattr("doorstep.console.dispatcher.pages.PER_PAGE", 1)
    with browsing(database, at=NOW + 120) as browser:
        board = browser.see("/dispatch")
        assert board.count('data-route="') == 1
        assert "All 2 routes" in words_of(board)
        pages = [words_of(browser.see(f"/dispatch/routes?page={number}")) for number in (1, 2, 3)]
        assert ["Page 1 of 2 After" in pages[0], "Before Page 2 of 2" in pages[1]] == [True, True]
        assert "There are not so many." in pages[2]
        assert pages[0] != pages[1]
