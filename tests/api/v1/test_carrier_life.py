"""A delivery by a carrier from the plan to the door: booked by the worker, followed by webhooks, with all faults."""

from collections.abc import Mapping

import polars as pl
import pytest

from doorstep.domain.new_order import Contact
from doorstep.operations.bring import plan_routes
from doorstep.simulation.carriers import Faults, take_webhooks
from doorstep.storage.check import check_books
from doorstep.worker.carriers import CALL_CARRIERS, CallsCarriers
from doorstep.worker.periodic import calling_carriers
from tests.api.desks import Shop
from tests.connectors.carrier_desks import DESKS, WIRED
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import COURIER, VANS, open_stage, ready
from tests.operations.money.market import keep_all
from tests.operations.shops import TWO_SITES
from tests.worker.working import BOUND_S, Clock, worker_on

READER = Contact(name="Ada Reader", address='{"lines": ["500 Clark St"]}')


class Street:
    """A shop whose courier is simulated, on one clock."""

    def __init__(self, shop: Shop, rates: Mapping[str, float] | None = None, vendor: str = "uber_direct") -> None:
        desk = DESKS[vendor]()
        self.shop, self.wall, self.clock, self.dialect = shop, desk.clock, Clock(NOW), desk.dialect
        self.wall.now = NOW
        self.dialect.fleet.faults = Faults(rates=rates or {}, seed=4)
        shop.carriers["CO"] = desk.carrier
        sites = TWO_SITES.with_columns(phone=pl.lit("+13125550100"), address=pl.lit("1 State St"))
        open_stage(shop.database, vehicles=VANS.clear(), sites=sites, **COURIER)

    def order(self, count: int) -> None:
        with self.shop.database.writing() as connection:
            for _ in range(count):
                ready(connection, ("A", 1), contact=READER)
            plan_routes(connection, CALLER, now=NOW)
        self.wall.now = NOW + 86_400 - 5_400  # half an hour before couriers should come

    def pass_minutes(self, minutes: int) -> None:
        """Let time pass: the worker calls, the courier drives, webhooks come."""
        hook = self.shop.client("")
        for _ in range(minutes):
            self.wall.now += 60
            self.clock.now = self.shop.clock.at = int(self.wall.now)
            worker = worker_on(
                self.shop.database,
                self.clock,
                handlers={CALL_CARRIERS: CallsCarriers(self.shop.carriers)},
                periodic=(calling_carriers(("CO",)),),
            )
            assert worker.drain(BOUND_S)
            for message in take_webhooks(self.dialect):
                answer = hook.post("/v1/hooks/CO", content=message.body, headers=dict(message.headers))
                assert answer.status_code == 200, answer.text

    def expect_sound_books(self) -> None:
        """Keep the books of money too, and recompute them all."""
        keep_all(self.shop.database, now=self.clock.now)
        with self.shop.database.reading() as connection:
            assert check_books(connection) == []

    def states(self) -> list[str]:
        return sorted(each["state"] for each in self.shop.client().get("/v1/deliveries").json()["items"])


def test_orders_come_to_the_door_by_a_carrier(shop: Shop):
    street = Street(shop)
    street.order(2)
    street.pass_minutes(2)
    assert street.states() == ["booked", "booked"]
    street.pass_minutes(70)
    assert street.states() == ["delivered", "delivered"]
    assert [order["state"] for order in shop.client().get("/v1/orders").json()["items"]] == ["completed", "completed"]
    street.expect_sound_books()


@pytest.mark.parametrize(
    "rates",
    [
        {"rate_limited": 0.5, "server_error": 0.3},
        {"timeout_after_commit": 1.0},
        {"duplicate_webhook": 1.0, "reordered_webhook": 0.7},
    ],
    ids=lambda rates: "+".join(rates),
)
def test_no_fault_of_a_carrier_books_twice_or_loses_a_delivery(shop: Shop, rates: dict[str, float]):
    street = Street(shop, rates)
    street.order(2)
    street.pass_minutes(90)
    assert street.states() == ["delivered", "delivered"]
    assert len(street.dialect.fleet.bookings) == 2
    street.expect_sound_books()


@pytest.mark.parametrize("vendor", WIRED)
def test_what_nobody_takes_is_brought_back(shop: Shop, vendor: str):
    street = Street(shop, {"returned": 1.0}, vendor)
    street.order(1)
    street.pass_minutes(90)
    assert street.states() == ["returned"]
    street.expect_sound_books()


def test_couriers_who_drop_out_are_replaced_or_their_orders_left_to_people(shop: Shop):
    street = Street(shop, {"courier_drops_out": 1.0})
    street.order(6)
    street.pass_minutes(90)
    states = street.states()
    assert set(states) <= {"delivered", "rejected"}
    held = [order for order in shop.client().get("/v1/orders").json()["items"] if order["state"] == "on_hold"]
    assert len(held) == states.count("rejected")
    street.expect_sound_books()
