"""The planner's carriers: another one with its tariff, what is wrong with it, changes, and taking it out."""

from collections.abc import Iterator

import pytest

from doorstep.storage import Database
from doorstep.storage.retailers import load_reference
from tests.console.browsing import Browser, browsing, words_of
from tests.databases import CALLER, NOW, Furnished
from tests.operations.dispatching.test_dispatching import planned

RATES = "up_to_km\tup_to_kg\tprice\tper_km\n5\t10\t6.50\n12,5\t10\t8.90\t0.4"


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found


@pytest.fixture
def planner(database: Database) -> Iterator[Browser]:
    with browsing(database, role="planner", at=NOW + 3600) as browser:
        yield browser


def kept(database: Database, table: str) -> list[dict[str, object]]:
    with database.reading() as connection:
        rows = load_reference(connection, CALLER.tenant_id)[table].to_dicts()
    return [row for row in rows if row["carrier_id"] == "swift"]


def added(planner: Browser, status: int = 200, path: str = "", **fields: str) -> str:
    usual = {"carrier_id": "swift", "name": "Swift", "kind": "on_demand", "basis": "distance", "rates": RATES} | fields
    return words_of(planner.send(f"/plan/carriers{path}", status=status, **usual))


def test_a_carrier_is_added_with_the_tariff_that_was_pasted(database: Database, planner: Browser):
    words = added(planner, lead_min="15", max_weight_kg="20", surcharges="surcharge;amount;percent\nnight;2;7,5")
    assert "Added: it is weighed for every order from now on." in words
    assert "Comes when called, 15 min after the call, delivers 08:00 to 20:00, known as swift." in words
    assert "5 10 1 6.5 0 0" in words
    (carrier,) = kept(database, "carriers")
    assert (carrier["lead_s"], carrier["max_weight_g"], carrier["failure_bp"]) == (900, 20_000, 250)
    rates = kept(database, "carrier_rates")
    assert [(r["max_distance_m"], r["price_minor"], r["price_per_km_minor"]) for r in rates] == [
        (5_000, 650, 0), (12_500, 890, 40)
    ]  # fmt: skip
    assert [(s["amount_minor"], s["percent_bp"]) for s in kept(database, "carrier_surcharges")] == [(200, 750)]
    assert "Swift on demand, 15 min after the call 08:00 to 20:00 2 $6.50 no limit" in words_of(
        planner.see("/plan/carriers")
    )


def test_every_fault_is_told_where_it_stands_and_what_was_typed_is_kept(database: Database, planner: Browser):
    zones = "postal_prefix\tzone\tsite\n606\t2\tS9"
    page = planner.send("/plan/carriers", status=422, carrier_id="swift", kind="parcel", basis="zone", weekdays="89",
                        lead_min="soon", rates="price\nsix\n7", zones=zones)  # fmt: skip
    words = words_of(page)
    assert "2 things to mend; nothing was written" in words
    assert "lead_min &#39;soon&#39; must be a number." in words
    assert "rates, row 1, price &#39;six&#39; must be a number." in words
    assert ">price\nsix\n7</textarea>" in page
    words = added(planner, 422, kind="parcel", basis="zone", weekdays="1", rates="price\n6\n7", zones=zones)
    assert "rates, row 1, zone &#39;&#39; must not be empty: the rate card is by zone." in words
    assert "rates, row 2, zone" in words
    assert "zones, row 1, site &#39;S9&#39; must be a site_id of sites." in words
    assert "weekdays &#39;89&#39;" in added(planner, 422, weekdays="89")
    assert "cost &#39;cost&#39;" not in words
    assert "first line &#39;cost&#39; is no heading" in added(planner, 422, rates="cost\n5")
    assert kept(database, "carriers") == []


def test_a_short_name_is_taken_once(planner: Browser):
    added(planner)
    assert "carrier_id &#39;swift&#39; is taken already." in added(planner, 422)


def test_a_tariff_is_changed_where_nobody_changed_it_meanwhile(database: Database, planner: Browser):
    added(planner)
    assert "prices follow at once" in added(planner, path="/swift", version="1", rates="price\n9")
    assert [rate["price_minor"] for rate in kept(database, "carrier_rates")] == [900]
    assert "changed by somebody meanwhile" in added(planner, 422, path="/swift", version="1")


def test_a_carrier_is_taken_out_with_its_tariff(database: Database, planner: Browser):
    added(planner)
    assert "swift is taken out." in planner.send("/plan/carriers/swift", do="remove")
    assert kept(database, "carriers") + kept(database, "carrier_rates") == []
    planner.see("/plan/carriers/swift", 404)


def test_who_may_only_read_sees_the_tariff_and_changes_nothing(database: Database, planner: Browser):
    added(planner)
    with browsing(database, role="analyst", at=NOW + 3600) as reader:
        page = reader.see("/plan/carriers/swift")
        assert ("6.5" in page, "Change it" in page) == (True, False)
        reader.send("/plan/carriers/swift", status=403, do="remove")
        reader.send("/plan/carriers", status=403, carrier_id="x")
    assert kept(database, "carriers") != []
