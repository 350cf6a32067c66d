"""A shop whose own crew of contractors is offered its deliveries, each step in a line."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from doorstep.operations.bring import plan_routes
from doorstep.operations.contractors import Contractor, NewContractor, Report, register, report_on
from doorstep.operations.money import keep_books
from doorstep.storage import Database
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers
from doorstep.storage.schema.fulfilment import deliveries
from doorstep.storage.schema.money import money_entries
from doorstep.worker.periodic import offering
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import VANS, open_stage, ready
from tests.small import table
from tests.worker.working import BOUND_S, Clock, worker_on

START = NOW + 86_400 - 5_400
"""Half an hour before a courier should come."""
MARKET: dict[str, Any] = {
    "carriers": table("carrier_id name kind", ("CREW", "Our crew", "on_demand"), ("CB", "Bob's", "on_demand")),
    "carrier_rates": table("carrier_id price_minor", ("CREW", 800), ("CB", 1_000)),
}


def furnish(database: Database) -> None:
    """Let the shop's own crew bring an order of two A, of two kilograms."""
    open_stage(database, vehicles=VANS.clear(), **MARKET)
    with database.writing() as connection:
        ready(connection, ("A", 2))
        plan_routes(connection, CALLER, now=NOW)


@dataclass
class Market:
    """A shop without vans whose deliveries its crew is offered first, and then a courier by telephone."""

    database: Database
    clock: Clock = field(default_factory=lambda: Clock(START))
    at_once: int = 1

    def joins(self, name: str, **changes: Any) -> Contractor:
        with self.database.writing() as connection:
            new = NewContractor(**{"carrier_id": "CREW", "name": name, "skills": ("chilled",)} | changes)
            contractor_id = register(connection, CALLER, new, now=NOW)
        return Contractor(contractor_id=contractor_id, tenant_id=CALLER.tenant_id, carrier_id="CREW", name=name)

    def work(self, seconds: int = 10) -> None:
        self.clock.now += seconds
        periodic = offering(offer_s=120, at_once=self.at_once)
        assert worker_on(self.database, self.clock, periodic=(periodic,)).drain(BOUND_S)

    def rows(self, of: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(of).order_by(*of.primary_key)).all())

    def offers(self, *crew: Contractor) -> list[tuple[str, str]]:
        names = {who.contractor_id: who.name for who in crew}
        return [(names[row.contractor_id], row.state) for row in self.rows(contractor_offers)]

    def offer_to(self, who: Contractor) -> str:
        return str([row.offer_id for row in self.rows(contractor_offers) if row.contractor_id == who.contractor_id][-1])

    def does(self, step: Any, who: Contractor, **given: Any) -> Any:
        with self.database.writing() as connection:
            return step(connection, who, self.offer_to(who), now=self.clock.now, **given)

    def tells(self, who: Contractor, event: str, **given: Any) -> str:
        self.clock.now += 60
        told = Report(event_id=f"{event}-1", event=event, occurred_at=self.clock.now, **given)
        return str(self.does(lambda c, who, offer, now: report_on(c, who, offer, told, now=now), who))

    def paid(self) -> dict[str, int]:
        with self.database.writing() as connection:
            while keep_books(connection, now=self.clock.now):
                pass
        return {row.party_id: row.amount_minor for row in self.rows(money_entries) if row.account == "contractor"}

    @property
    def bookings(self) -> list[tuple[str, str, str]]:
        return [(row.carrier_id, row.state, row.reason) for row in self.rows(carrier_bookings)]

    @property
    def delivery(self) -> Any:
        (row,) = self.rows(deliveries)
        return row
