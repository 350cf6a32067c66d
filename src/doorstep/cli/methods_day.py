"""An order by every method in a small made-up retailer, lived through hour by hour."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import select

from doorstep.console.words import money, plain, when
from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.operations.access import create_tenant
from doorstep.operations.bring import ReportedEvent, dispatch_route, plan_routes, record_event
from doorstep.operations.caller import Caller
from doorstep.operations.collect.codes import issue_code
from doorstep.operations.collect.kerb import arrive, arrives_at, assign_bay, set_out
from doorstep.operations.collect.lockers import deposit
from doorstep.operations.concierge import NewErrand, add_errands, end_errand
from doorstep.operations.contractors import (
    Contractor,
    NewContractor,
    Report,
    Rule,
    accept_offer,
    bookings_to_offer,
    decline_offer,
    offer_booking,
    register,
    report_on,
)
from doorstep.operations.contractors.registry import as_contractor, find_contractor
from doorstep.operations.fulfil import hand_over_delivery, pack_shipment, release_wave, route_orders
from doorstep.operations.intake.take import take_order
from doorstep.operations.memberships import NewMembership, create_membership
from doorstep.operations.money.keep import keep_books
from doorstep.operations.money.margins import Span, margins
from doorstep.operations.onboarding import import_retailer
from doorstep.operations.people import create_person
from doorstep.operations.promise.offers import offers_for
from doorstep.operations.shoppers.links import find_link, issue_link
from doorstep.operations.stations.recording import Scan, ScanKind
from doorstep.operations.stations.scans import record_scans
from doorstep.operations.subscriptions import NewSubscription, create_subscription, renew_due
from doorstep.simulation.sample import City
from doorstep.simulation.sample import methods as shop
from doorstep.storage import Connection, Database
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers
from doorstep.storage.schema.errands import errands
from doorstep.storage.schema.fulfilment import deliveries, parcels, routes, shipments, station_units, stops
from doorstep.storage.schema.orders import orders

BEGUN_AT, HOUR_S, HOURS = 1_772_553_600, 3_600, 34  # from Tuesday 3 March 2026, 09:00 in Denver
RULE = Rule(offer_s=120, at_once=1)
DRIVER, TRUCK = "driver:day", "driver:night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """An order: fee and window of its promise, who brought it, when it came, by what proof, and what it left."""

    name: str
    fee_minor: int
    window_start_at: int
    window_end_at: int
    by: str
    came_at: int | None
    proof: str
    margin_minor: int


class MethodsDay:
    """A shop with every method on a database, and the hours that it lives through."""

    def __init__(self, database: Database, city: City) -> None:
        self._database, self._city = database, city
        self._order_ids: dict[str, str] = {}
        self._proof: dict[str, str] = {}
        with database.writing() as connection:
            self._caller = Caller(create_tenant(connection, "methods", now=BEGUN_AT), "demo")
            import_retailer(connection, self._caller, shop.methods_shop(city), now=BEGUN_AT)
            for number in range(1, 4):
                new = NewContractor(carrier_id=shop.CREW, name=f"Contractor {number}", skills=("evening",))
                register(connection, self._caller, new, now=BEGUN_AT)

    def options(self) -> list[str]:
        """Return what may be promised for a book, a line for each service level."""
        with self._database.reading() as connection:
            offered = offers_for(connection, self._caller, self._asked("", shop.BOOK), at=BEGUN_AT, now=BEGUN_AT)
        zone, currency = self._city.time_zone, self._city.currency
        return [
            f"{one.service_level_id:18} "
            + (f"no: {plain(one.refusal.code)}" if one.refusal else f"{when(one.start_at, zone)} to "
               f"{when(one.end_at, zone)}, {money(one.fee_minor, currency)}")
            for one in offered
        ]  # fmt: skip

    def order(self) -> None:
        """Order by every method, as a member, and every week."""
        tomorrow = BEGUN_AT + 24 * HOUR_S
        with self._database.writing() as connection:
            new = NewMembership(customer_id="shopper-1", plan_id=shop.PLAN, starts_at=BEGUN_AT)
            member_id = create_membership(connection, self._caller, new, now=BEGUN_AT)
            asked = {
                "express": self._asked("express", shop.BOOK),
                "same day": self._asked("same_day", shop.BOOK),
                "next day": self._asked("next_day", shop.LAMP),
                "next day, member": self._asked("next_day", shop.LAMP, member_id=member_id),
                "window": self._asked("scheduled", shop.BOOK, window=(tomorrow + 9 * HOUR_S, tomorrow + 11 * HOUR_S)),
                "evening, crew": self._asked("evening", shop.BOOK),
                "drone": self._asked("by_air", shop.BOOK, landing_site=True),
                "no driver": self._asked("driverless", shop.BOOK),
                "white-glove": self._asked("white_glove", shop.SOFA, extras="assembly;haul_away"),
                "concierge": self._asked("concierge", shop.BOOK),
                "click and collect": self._asked("click_and_collect", shop.BOOK, pickup_site_id=shop.STORE),
                "curbside": self._asked("curbside", shop.BOOK, pickup_site_id=shop.STORE),
                "locker": self._asked("locker", shop.BOOK, pickup_site_id=shop.LOCKERS),
                "pick-up point": self._asked("pickup_point", shop.BOOK, pickup_site_id=shop.KIOSK),
            }
            for name, order in asked.items():
                self._order_ids[name] = take_order(connection, self._caller, order, now=BEGUN_AT).order_id
            agent_id = create_person(connection, self._caller, email="ana@shop.example", name="Ana", role="dispatcher",
                                     password_hash=None, now=BEGUN_AT)  # fmt: skip
            wishes = [NewErrand(kind="call_ahead"), NewErrand(kind="request", text="Leave the book on the piano")]
            add_errands(connection, self._caller, self._order_ids["concierge"], agent_id, wishes, now=BEGUN_AT)
            weekly = NewSubscription(rule="FREQ=WEEKLY", time_zone=self._city.time_zone, starts_at=BEGUN_AT + HOUR_S,
                                     order=self._asked("next_day", shop.LAMP))  # fmt: skip
            create_subscription(connection, self._caller, weekly, now=BEGUN_AT)

    def live(self) -> None:
        """Let the hours pass: prepare what is due, plan who brings it, and bring it."""
        for hour in range(HOURS):
            now = BEGUN_AT + hour * HOUR_S
            with self._database.writing() as connection:
                self._prepare(connection, now)
                self._haul(connection, now)
                self._drive(connection, now)
                self._offer(connection, now)
                self._collect(connection, now)
        while True:
            with self._database.writing() as connection:
                if not keep_books(connection, now=BEGUN_AT + HOURS * HOUR_S):
                    return

    def _prepare(self, connection: Connection, now: int) -> None:
        for renewal in renew_due(connection, self._caller, now=now):
            if renewal.order_id:
                self._order_ids["subscription"] = renewal.order_id
        route_orders(connection, self._caller, now=now)
        release_wave(connection, self._caller, now=now, everything=True)
        picked = select(shipments.c.shipment_id).where(shipments.c.state == "picking")
        for shipment_id in list(connection.execute(picked).scalars()):
            pack_shipment(connection, self._caller, shipment_id, now=now)
        plan_routes(connection, self._caller, now=now)

    def _haul(self, connection: Connection, now: int) -> None:
        """Scan what the night's truck brings: out of the centre, into the station."""
        unit = station_units.c
        due = select(parcels.c.sscc, unit.departs_at, unit.due_at).join(
            station_units, unit.parcel_id == parcels.c.parcel_id
        )
        for row in connection.execute(due.where(unit.state == "expected", unit.due_at <= now)).all():
            self._scan(connection, shop.CENTRE, "load", row.sscc, row.departs_at, f"site:{shop.CENTRE}", TRUCK)
            self._scan(connection, shop.STATION, "receive", row.sscc, row.due_at, TRUCK, f"site:{shop.STATION}")

    def _scan(
        self, connection: Connection, site: str, kind: ScanKind, sscc: str, at: int, giver: str, taker: str
    ) -> None:
        scan = Scan(source=f"station/{site}", scan_id=f"{kind}-{sscc}", kind=kind, sscc=sscc, occurred_at=at,
                    giver=giver, taker=taker)  # fmt: skip
        record_scans(connection, self._caller, site, [scan], now=at)

    def _drive(self, connection: Connection, now: int) -> None:
        """Send out the routes of the next hour, and courier's deliveries; tell what happened at each door."""
        begin = select(routes.c.route_id).where(routes.c.state == "planned", routes.c.starts_at < now + HOUR_S)
        for route_id in list(connection.execute(begin.order_by(routes.c.starts_at)).scalars()):
            dispatch_route(connection, self._caller, route_id, now=now, driver=DRIVER)
            at_doors = select(stops.c.delivery_id, stops.c.service_at).where(stops.c.route_id == route_id)
            for stop in connection.execute(at_doors.where(stops.c.kind == "delivery")).all():
                self._deliver(connection, stop.delivery_id, stop.service_at, "photo at the door")
            self._report(connection, "route", route_id, "complete", now + HOUR_S)
        _of = deliveries.c
        called = select(_of.delivery_id, _of.arrive_at).where(
            _of.state.in_(("booked", "at_station")), _of.carrier_id.not_in(("", shop.CREW)), _of.ready_at <= now
        )
        for row in connection.execute(called).all():
            hand_over_delivery(connection, self._caller, row.delivery_id, now=now)
            self._deliver(connection, row.delivery_id, row.arrive_at, "the carrier's photo")

    def _offer(self, connection: Connection, now: int) -> None:
        """Offer what the crew should bring: one declines, one does not answer in time, the third brings it."""
        for booking_id in bookings_to_offer(connection, self._caller, now=now):
            first = self._offered(connection, booking_id, now)
            decline_offer(connection, first[0], first[1], reason="too_far", now=now + 30)
            self._offered(connection, booking_id, now + 40)
            who, offer_id = self._offered(connection, booking_id, now + 40 + RULE.offer_s)
            accept_offer(connection, who, offer_id, now=now + 200)
            query = select(deliveries).join(
                carrier_bookings, carrier_bookings.c.delivery_id == deliveries.c.delivery_id
            )
            bringing = connection.execute(query.where(carrier_bookings.c.booking_id == booking_id)).one()
            for event, at in (("pick_up", now + 900), ("deliver", max(bringing.arrive_at, now + 2_400))):
                report_on(connection, who, offer_id, Report(event_id=event, event=event, occurred_at=at), now=at)
            self._proof[bringing.delivery_id] = f"one declined, one let it expire, {who.name} accepted"

    def _offered(self, connection: Connection, booking_id: str, now: int) -> tuple[Contractor, str]:
        """Offer a booking to the next contractor, and return who that is and the offer."""
        offer_booking(connection, self._caller, booking_id, RULE, now=now)
        of = contractor_offers.c
        query = select(of.offer_id, of.contractor_id).where(of.booking_id == booking_id, of.state == "offered")
        row = connection.execute(query).one()
        found = find_contractor(connection, self._caller.tenant_id, row.contractor_id)
        return as_contractor(found), row.offer_id

    def _deliver(self, connection: Connection, delivery_id: str, at: int, proof: str) -> None:
        of = errands.c
        wished = select(of.errand_id, of.kind).join(deliveries, deliveries.c.order_id == of.order_id)
        wishes = connection.execute(wished.where(deliveries.c.delivery_id == delivery_id, of.state == "open")).all()
        if any(wish.kind == "call_ahead" for wish in wishes):
            self._report(connection, "delivery", delivery_id, "call", at - 600)
            proof = f"called ahead, {proof}"
        self._report(connection, "delivery", delivery_id, "deliver", at)
        for wish in wishes:
            if wish.kind == "request":
                end_errand(connection, self._caller, wish.errand_id, "finish", now=at)
        self._proof[delivery_id] = proof

    def _report(
        self, connection: Connection, kind: Literal["delivery", "route"], object_id: str, event: str, at: int
    ) -> None:
        told = ReportedEvent(source="phone", source_event_id=f"{object_id}-{event}", kind=kind, object_id=object_id,
                             event=event, occurred_at=at)  # fmt: skip
        record_event(connection, self._caller, told, now=at)

    def _collect(self, connection: Connection, now: int) -> None:
        """Put into lockers what has come there, and let shoppers fetch what has been ready for an hour."""
        _of = deliveries.c
        query = select(_of.delivery_id, _of.state, _of.site_id, _of.ready_at, orders.c.service_level_id.label("level"))
        waiting = query.join(orders, orders.c.order_id == _of.order_id).where(
            _of.kind == "collection", _of.state.in_(("preparing", "ready_for_collection", "deposited"))
        )
        for row in connection.execute(waiting).all():
            if row.ready_at > now:
                continue
            if row.level == "locker" and row.state != "deposited":
                put = deposit(connection, self._caller, row.delivery_id, now=now)
                self._proof[row.delivery_id] = f"opened compartment {put[0].compartment_id} {put[0].number} with a code"
            elif row.state == "preparing":
                self._report(connection, "delivery", row.delivery_id, "make_ready", now)
            elif row.level == "curbside":
                self._to_the_kerb(connection, row.delivery_id, now)
            else:
                issue_code(connection, self._caller, row.delivery_id, now=now)
                hand_over_delivery(connection, self._caller, row.delivery_id, now=now)
                self._proof.setdefault(row.delivery_id, "said the code")

    def _to_the_kerb(self, connection: Connection, delivery_id: str, now: int) -> None:
        """Let a shopper follow the link, set out, arrive, stand in a bay, and get the goods."""
        token, _ = issue_link(connection, self._caller, delivery_id, now=now)
        link = find_link(connection, token, now=now)
        near = (self._city.lat + 0.04, self._city.lon)
        set_out(connection, link, vehicle="blue van", expected_at=arrives_at(connection, link, near, now=now), now=now)
        arrive(connection, link, bay=None, now=now + 600)
        assign_bay(connection, self._caller, delivery_id, bay=None, now=now + 660)
        hand_over_delivery(connection, self._caller, delivery_id, now=now + 720)
        self._proof[delivery_id] = "handed into a blue van in bay 1"

    def told(self) -> list[Lived]:
        """Return what became of every order."""
        _of = deliveries.c
        with self._database.reading() as connection:
            left = {m.key: m.margin_minor for m in margins(connection, self._caller.tenant_id, "order", Span())}
            placed = {row.order_id: row for row in connection.execute(select(orders))}
            rows = connection.execute(
                select(deliveries, routes.c.vehicle_id)
                .join(routes, routes.c.route_id == _of.route_id, isouter=True)
                .order_by(_of.delivery_id)
            ).all()
        by_order = {row.order_id: row for row in rows}
        return [
            Lived(
                name=name,
                fee_minor=placed[order_id].fee_minor,
                window_start_at=placed[order_id].window_start_at,
                window_end_at=placed[order_id].window_end_at,
                by=_who(by_order[order_id]),
                came_at=by_order[order_id].event_at,
                proof=self._proof.get(by_order[order_id].delivery_id, by_order[order_id].state),
                margin_minor=left.get(order_id, 0),
            )
            for name, order_id in self._order_ids.items()
        ]

    def _asked(self, level: str, product: str, **changes: object) -> NewOrder:
        lines = (NewLine(product_id=product, quantity=1),)
        order = NewOrder(service_level_id=level, lat=self._city.lat + 0.012, lon=self._city.lon + 0.01, lines=lines)
        return replace(order, **changes)  # type: ignore[arg-type]


def _who(delivery: "sa.Row[Any]") -> str:
    if delivery.mode == "pickup":
        return f"collected at {delivery.site_id}"
    return f"{delivery.vehicle_id} from {delivery.site_id}" if delivery.route_id else str(delivery.carrier_id)
