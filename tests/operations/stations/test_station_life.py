"""Parcels from the centre's dock to the van at the station: numbered, expected, scanned hand over hand, missed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.domain.sscc import is_sscc
from doorstep.operations.bring import dispatch_route
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.fulfil import hand_over_delivery, route_orders
from doorstep.operations.orders import resume_order
from doorstep.operations.stations.custody import Hop, follow_hands
from doorstep.operations.stations.overdue import note_overdue
from doorstep.operations.stations.scans import record_scans
from doorstep.operations.stations.writing_off import write_off_unit
from doorstep.storage.check import check_books
from doorstep.storage.schema.fulfilment import deliveries, exceptions, routes, shipments, station_units
from doorstep.worker.periodic import PERIODIC, look
from tests.databases import CALLER, NOW
from tests.operations.fulfil.stage import deliveries_of, shipments_in, state_of
from tests.operations.fulfil.test_facts import undone
from tests.operations.shops import shelf
from tests.operations.stations.depot import (
    ARRIVED,
    CENTRE,
    DUE,
    HERE,
    TRUCK,
    labels,
    on_the_truck,
    open_depot,
    scan,
    scanned,
    unit,
    units,
    way,
)
from tests.small import at, table
from tests.trials import trials

A, LONG = ("A", 1), ("C", 1)


def opened(connection) -> list[tuple[str, str]]:
    query = select(exceptions.c.code, exceptions.c.state).order_by(exceptions.c.exception_id)
    return [tuple(row) for row in connection.execute(query)]


def test_a_parcel_goes_from_hand_to_hand_and_its_delivery_follows(furnished):
    with furnished(open_depot) as database:
        with database.writing() as connection:
            near, far = on_the_truck(connection, [A], [A])
            (one,), (two,) = labels(connection, near), labels(connection, far)
            assert [is_sscc(label) for label in {one, two}] == [True, True]
            assert units(connection, near, far) == [("expected", "", CENTRE)] * 2
            row = connection.execute(select(station_units)).first()
            assert (row.site_id, row.departs_at, row.due_at) == ("P1", DUE - 3_600, DUE)
            assert shelf(connection, "F1", "A").on_hand == 100
            loaded = [scan(label, "load", DUE - 3_700, site="F1") for label in (one, two)]
            found = scanned(connection, *loaded, site="F1")
            assert [(s.outcome, s.holder, way(s).to, way(s).name) for s in found] == [
                ("applied", TRUCK, "site", "P1")
            ] * 2
            assert shelf(connection, "F1", "A").on_hand == 98
            assert [deliveries_of(connection, order)[0][1] for order in (near, far)] == ["in_transit"] * 2
            route = connection.execute(select(routes)).one()
            assert (route.state, state_of(connection, near)) == ("planned", "fulfilling")
            found = scanned(connection, *(scan(label, "receive", ARRIVED) for label in (one, two)))
            ways = [way(s) for s in found]
            assert [(w.to, w.name, w.vehicle_id) for w in ways] == [("route", route.route_id, "V1")] * 2
            assert sorted((w.stop, w.load_order) for w in ways) == [(1, 2), (2, 1)]
            scanned(connection, scan(one, "shelve", ARRIVED + 60, place="L1/4"))
            assert units(connection, near, far) == [("shelved", "L1/4", HERE), ("received", "", HERE)]
            assert deliveries_of(connection, near)[0][1] == "at_station"
            out = at("15:00")
            scanned(connection, *(scan(label, "load", out, by="driver:Ana") for label in (one, two)))
            assert deliveries_of(connection, near)[0][1] == "station_released"
            sent = dispatch_route(connection, CALLER, route.route_id, now=out + 60, driver="Ana")
            assert (len(sent.gone), sent.waiting) == (2, ())
            assert units(connection, near, far) == [("departed", "", "driver:Ana")] * 2
            assert opened(connection) == []
        with database.reading() as connection:
            assert check_books(connection) == []


def test_who_hands_over_what_he_does_not_have_is_named_until_a_later_scan_explains_it(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [A])
        (label,) = labels(connection, order)
        (early,) = scanned(connection, scan(label, "load", ARRIVED + 600, by="driver:Ana"))
        assert (early.holder, opened(connection)) == ("driver:Ana", [("broken_custody", "open")])
        scanned(connection, scan(label, "receive", ARRIVED))
        scanned(connection, scan(label, "load", DUE - 3_700, site="F1"), site="F1")
        assert opened(connection) == [("broken_custody", "explained")] * 2
        assert units(connection, order) == [("loaded", "", "driver:Ana")]
        (again,) = scanned(connection, scan(label, "receive", ARRIVED))
        assert (again.known, again.outcome, again.holder) == (True, "late", "driver:Ana")


def test_what_cannot_be_meant_is_refused_and_what_nobody_knows_is_kept(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [A])
        (label,) = labels(connection, order)
        wrong = [
            scan(label, "receive", ARRIVED, site="P2"),
            scan(label, "load", ARRIVED, by=""),
            scan("095200000000000998", "receive", ARRIVED),
        ]
        found = record_scans(connection, CALLER, "P1", wrong, now=ARRIVED)
        assert [s.outcome for s in found] == ["refused", "refused", "unknown"]
        assert found[0].detail == "receive at P1 is taken by site:P2, not by site:P1."
        assert opened(connection) == [("unknown_label", "open")]
        scanned(connection, scan(label, "receive", ARRIVED, name="s1"))
        (other,) = scanned(connection, scan(label, "shelve", ARRIVED, name="s1"))
        assert other.detail.startswith("s1 was the name of another scan before.")


def test_what_does_not_come_is_missing_and_what_nobody_moves_overstays_but_any_scan_counts(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        first, second = on_the_truck(connection, [A], [A])
        (one,), (two,) = labels(connection, first), labels(connection, second)
        scanned(connection, scan(one, "receive", ARRIVED))
        assert note_overdue(connection, CALLER, now=DUE + 7_200) == {"missing": 0, "overstay": 0}
        due = [look(connection, PERIODIC, now=DUE + n).missing for n in (7_200, 7_201)]
        assert ["note_overdue_units" in {job.kind for job in jobs} for jobs in due] == [False, True]
        assert note_overdue(connection, CALLER, now=DUE + 7_201) == {"missing": 1, "overstay": 0}
        (route,) = connection.execute(select(routes.c.route_id)).scalars()
        sent = dispatch_route(connection, CALLER, route, now=DUE + 7_300, driver="Ana")
        assert [len(sent.gone), sent.waiting] == [1, (deliveries_of(connection, second)[0][0],)]
        scanned(connection, scan(two, "receive", ARRIVED))  # a phone without a network sends late
        assert [state for state, _, _ in units(connection, first, second)] == ["departed", "received"]
        assert note_overdue(connection, CALLER, now=ARRIVED + 86_401) == {"missing": 0, "overstay": 1}
        scanned(connection, scan(two, "load", ARRIVED + 90, by="driver:Ana"), now=ARRIVED + 86_500)
        assert units(connection, second) == [("loaded", "", "driver:Ana")]


def test_a_parcel_written_off_is_sent_again_and_the_rest_of_its_order_still_arrives(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [("A", 2), ("C", 2)])
        bad, *_, good = labels(connection, order)
        for label in labels(connection, order):
            scanned(connection, scan(label, "receive", ARRIVED))
        (hurt,) = scanned(connection, scan(bad, "damaged", ARRIVED + 60, place="cage"))
        (whole,) = scanned(connection, scan(good, "shelve", ARRIVED))
        with pytest.raises(IllegalTransitionError):
            write_off_unit(connection, CALLER, unit(whole), reason="x", now=ARRIVED + 90)
        write_off_unit(connection, CALLER, unit(hurt), reason="crushed", now=ARRIVED + 90)
        assert (state_of(connection, order), hurt.state) == ("on_hold", "damaged")
        resume_order(connection, CALLER, order, now=ARRIVED + 100)
        route_orders(connection, CALLER, [order], now=ARRIVED + 110)
        assert len(shipments_in(connection, order, "planned")) == 1
        assert [shelf(connection, "F1", p).reserved for p in "AC"] == [0, 1]  # what was in the parcel, and no more
        (late,) = scanned(connection, scan(bad, "receive", ARRIVED + 200))
        assert (late.outcome, opened(connection)[-1]) == ("terminal", ("written_off", "open"))


def test_an_order_of_which_all_parcels_are_written_off_is_abandoned(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [A])
        (label,) = labels(connection, order)
        scanned(connection, scan(label, "load", DUE - 3_700, site="F1"), site="F1")
        (gone,) = scanned(connection, scan(label, "missing", ARRIVED))
        write_off_unit(connection, CALLER, unit(gone), reason="lost", now=ARRIVED + 90)
        assert [state for _, state in deliveries_of(connection, order)] == ["abandoned"]
        assert (state_of(connection, order), shelf(connection, "F1", "A").on_hand) == ("on_hold", 99)


def test_a_delivery_called_off_before_the_truck_left_is_expected_no_more_until_it_is_planned_again(furnished):
    with furnished(open_depot) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [A])
        ((delivery, _),) = deliveries_of(connection, order)
        change_delivery(connection, CALLER, delivery, Decided(event="cancel", reason="x"), now=NOW + 90)
        assert [state for state, _, _ in units(connection, order)] == ["withdrawn"]
        assert connection.execute(select(shipments.c.delivery_id)).scalar_one() is None
        on_the_truck(connection)
        assert [state for state, _, _ in units(connection, order)] == ["expected"]


def test_a_carrier_takes_its_delivery_at_the_station_when_the_last_parcel_is_loaded(furnished):
    with furnished(open_with_carrier) as database, undone(database) as connection:
        (order,) = on_the_truck(connection, [("A", 1), ("C", 1)])
        ((delivery, _),) = deliveries_of(connection, order)
        row = connection.execute(select(deliveries)).one()
        assert (row.site_id, row.carrier_id) == ("P1", "PC")
        first, second = labels(connection, order)
        for label in (first, second):
            (told,) = scanned(connection, scan(label, "receive", ARRIVED))
            assert (way(told).to, way(told).name) == ("carrier", "PC")
        scanned(connection, scan(first, "load", at("17:00"), by="carrier:PC"))
        assert deliveries_of(connection, order) == [(delivery, "booked")]
        scanned(connection, scan(second, "load", at("17:01"), by="carrier:PC"))
        assert deliveries_of(connection, order) == [(delivery, "picked_up")]
        hand_over_delivery(connection, CALLER, delivery, now=at("17:05"))
        assert units(connection, order) == [("departed", "", "carrier:PC")] * 2


def open_with_carrier(database) -> None:
    carriers = table("carrier_id name kind serves_kinds", ("PC", "Parcels", "parcel", "parcel_station"))
    rates = table("carrier_id price_minor", ("PC", 300))
    open_depot(database, carriers=carriers, carrier_rates=rates, vehicles=NO_VANS)


NO_VANS = table("vehicle_id site_id max_weight_g max_volume_ml", ("VX", "P1", 1, 1))

WALKS = st.lists(
    st.sampled_from(
        [
            ("receive", TRUCK), ("shelve", ""), ("load", "driver:Ana"), ("unload", "driver:Ana"), ("depart", ""),
            ("load", "carrier:PC"), ("damaged", ""), ("missing", ""), ("receive", "driver:Ana"),
        ]
    ),
    min_size=1,
    max_size=7,
)  # fmt: skip


@settings(max_examples=trials(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), walks=st.tuples(WALKS, WALKS))
def test_in_whatever_order_and_how_often_scans_come_the_end_is_that_of_one_by_one(loaded, data, walks):
    database, order, both = loaded
    told = [
        scan(label, kind, ARRIVED + 60 * data.draw(st.integers(0, 5)), by=by, place=f"L{n}", name=f"{label}/{n}")
        for label, walk in zip(both, walks, strict=True)
        for n, (kind, by) in enumerate(walk)
    ]
    batches = [told], [[one] for one in data.draw(st.permutations([*told, *told[::2]]))]
    assert end_of(database, order, batches[0]) == end_of(database, order, batches[1])


def end_of(database, order, batches):
    """Return how scans end: units and their holders, the delivery, and the scans that break custody."""
    with undone(database) as connection:
        for batch in batches:
            scanned(connection, *batch)
        broken = (exceptions.c.code == "broken_custody") & (exceptions.c.state == "open")
        names = connection.execute(select(exceptions.c.source_event_id).where(broken)).scalars()
        return units(connection, order), deliveries_of(connection, order), sorted(names)


@pytest.fixture(scope="module")
def loaded(templates, tmp_path_factory):
    """Open the depot on SQLite with an order of two parcels on its way: every example takes back what it did."""
    with templates.copy(open_depot, tmp_path_factory.mktemp("depot"), None) as database:
        with database.writing() as connection:
            (order,) = on_the_truck(connection, [("A", 1), ("C", 1)])
        with database.reading() as connection:
            both = labels(connection, order)
        yield database, order, both


def test_custody_by_hand():
    def hop(at_, kind, giver, taker, *, inferred=False):
        return Hop("s", f"{at_}", "P1", at_, kind, giver, taker, inferred)

    chain = [
        hop(1, "load", "F", "T"),
        hop(2, "receive", "T", "P"),
        hop(3, "receive", "T", "P"),
        hop(4, "load", "P", "A"),
    ]
    assert follow_hands(reversed(chain), "F") == ("A", [])  # both parties scanned the second hop
    assert follow_hands(chain[3:], "F") == ("A", [chain[3]])
    assert follow_hands([hop(1, "load", "T", "A", inferred=True), hop(2, "unload", "A", "P")], "F") == ("P", [])
    assert follow_hands(chain[3:], "") == ("A", [])  # what was before is forgotten
