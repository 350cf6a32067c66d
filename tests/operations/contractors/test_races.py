"""Contractors at once: whoever accepts first has the delivery."""

from doorstep.foundation import ConflictError
from doorstep.operations.contractors import accept_offer, decline_offer
from doorstep.storage import Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.contractors import contractor_offers
from tests.databases import Furnished
from tests.operations.contractors.crew import Market, furnish
from tests.operations.fulfil.test_races import at_once


def agrees(database: Database) -> None:
    with database.reading() as connection:
        assert check_books(connection) == []


def test_of_four_who_accept_at_once_one_has_it_and_the_others_are_told(furnished: Furnished):
    with furnished(furnish) as database:
        market = Market(database, at_once=4)
        crew = [market.joins(name) for name in "ABCD"]
        market.work()
        offers = [market.offer_to(who) for who in crew]
        now = market.clock.now
        answers = at_once(
            database,
            *[lambda c, who=who, offer=offer: accept_offer(c, who, offer, now=now)
              for who, offer in zip(crew, offers, strict=True)],
        )  # fmt: skip
        assert sum(isinstance(answer, ConflictError) for answer in answers) == 3
        assert sorted(row.state for row in market.rows(contractor_offers)) == ["accepted", *["withdrawn"] * 3]
        assert [row.state for row in market.rows(carrier_bookings)] == ["confirmed"]
        agrees(database)


def test_who_accepts_and_declines_at_once_does_one_of_both(furnished: Furnished):
    with furnished(furnish) as database:
        market = Market(database)
        ann = market.joins("Ann")
        market.work()
        offer, now = market.offer_to(ann), market.clock.now
        at_once(
            database,
            lambda c: accept_offer(c, ann, offer, now=now),
            lambda c: decline_offer(c, ann, offer, reason="busy", now=now),
        )
        state = (market.rows(contractor_offers)[0].state, market.rows(carrier_bookings)[0].state)
        assert state in (("accepted", "confirmed"), ("declined", "asked"))
        agrees(database)
