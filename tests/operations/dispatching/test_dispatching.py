"""Routes that run: what is seen of them, what is proposed when promises are at risk, and what people decide."""

from collections.abc import Iterator, Sequence

import polars as pl
import pytest
from sqlalchemy import select, update

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import ConflictError, Iterations, NotFoundError
from doorstep.operations.bring import dispatch_route, plan_routes
from doorstep.operations.dispatching.halting import halt_route
from doorstep.operations.dispatching.letting_go import let_go, take_off
from doorstep.operations.dispatching.limits import DispatchLimits, load_limits, store_limits
from doorstep.operations.dispatching.moving import move_delivery
from doorstep.operations.dispatching.proposals import accept_proposal, refuse_proposal, store_drafts, undo_proposal
from doorstep.operations.dispatching.running import load_run, sites_with_routes
from doorstep.operations.dispatching.weighing import Draft, at_risk, weigh
from doorstep.operations.tracking import follow_route
from doorstep.operations.transitions import advance
from doorstep.storage import Connection, Database
from doorstep.storage.check import check_books
from doorstep.storage.schema.dispatching import dispatch_proposals
from doorstep.storage.schema.fulfilment import deliveries, routes, shipments, stops
from doorstep.worker.dispatching import look_at
from tests.databases import CALLER, NOW, Furnished
from tests.operations.fulfil.stage import COURIER, HOUR, VANS, open_stage, ready
from tests.operations.fulfil.test_replan import check_costs, tell

MINUTE = 60
ASKING = DispatchLimits(automatic=())


def planned(database: Database) -> None:
    """Plan five doors along a street north and three to the west, for two of a store's three vans."""
    vans = VANS.filter(VANS["site_id"] == "S1")
    vans = vans.with_columns(max_parcels=pl.lit(5), count=pl.lit(3), max_reloads=pl.lit(0))
    open_stage(database, vehicles=vans, **COURIER)
    with database.writing() as connection:
        for n in range(5):
            ready(connection, lat=41.02 + n / 50, window=(NOW, NOW + 3 * HOUR))
        for n in range(3):
            ready(connection, lon=-87.1 - n / 20, window=(NOW, NOW + 2 * HOUR))
        plan_routes(connection, CALLER, now=NOW + 60, iterations=200)


@pytest.fixture
def database(furnished: Furnished) -> Iterator[Database]:
    with furnished(planned) as found:
        yield found
        with found.reading() as connection:
            assert check_books(connection) == []


def doors(connection: Connection, route_id: str) -> list[str]:
    query = select(stops.c.delivery_id).where(stops.c.route_id == route_id, stops.c.delivery_id != "")
    return list(connection.execute(query.order_by(stops.c.sequence)).scalars())


def the_routes(connection: Connection) -> tuple[str, str]:
    """Return the route to the west, of three doors, and the one north, of five."""
    rows = connection.execute(select(routes.c.route_id).order_by(routes.c.stops, routes.c.route_id)).scalars().all()
    assert len(rows) == 2
    return rows[0], rows[1]


def state_of(connection: Connection, route_id: str) -> str:
    return str(connection.execute(select(routes.c.state).where(routes.c.route_id == route_id)).scalar_one())


def look(connection: Connection, now: int, limits: DispatchLimits = ASKING) -> tuple[dict[str, int], tuple[Draft, ...]]:
    """Return who is at risk, by how much, and what is worth proposing."""
    _, run, offers = look_at(connection, CALLER.tenant_id, "S1", now)
    assert run is not None
    risk = {run.names[stop]: by_s for stop, by_s in at_risk(run, limits).items()}
    return risk, weigh(run, limits, offers, Iterations(limit=4_000), seed=1)


def keep(connection: Connection, drafts: Sequence[Draft], now: int, limits: DispatchLimits = ASKING) -> tuple[str, ...]:
    return store_drafts(connection, CALLER, "S1", drafts, limits, now=now)


def proposals(connection: Connection) -> list[tuple[str, str, str]]:
    of = dispatch_proposals.c
    rows = connection.execute(select(of.kind, of.state, of.decided_by).order_by(of.kind, of.proposal_id))
    return [tuple(row) for row in rows]


def out(connection: Connection, route_id: str, *, late_s: int) -> tuple[list[str], int]:
    """Send a van out that is at its first door so much later than planned; return its doors and that moment."""
    dispatch_route(connection, CALLER, route_id, driver="Ana", now=NOW + 300)
    names = doors(connection, route_id)
    first = connection.execute(select(stops.c.arrive_at).where(stops.c.delivery_id == names[0])).scalar_one()
    for name in names:
        for event in ("start_to_pickup", "arrive_at_pickup", "pick_up"):
            tell(connection, name, event, NOW + 310)
    tell(connection, names[0], "start_to_dropoff", NOW + 320)
    tell(connection, names[0], "arrive_at_dropoff", first + late_s)
    follow_route(connection, CALLER, route_id, now=first + late_s + 30)
    return names, first + late_s + 30


def test_what_is_planned_runs_as_planned_and_nothing_is_proposed(database):
    with database.reading() as connection:
        names = {name: doors(connection, name) for name in the_routes(connection)}
        run = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 120)
        assert run is not None
        assert {r.route_id: [n for t in r.trips for n in t] for r in run.routes} == names
        assert (run.open, run.aboard) == (frozenset(), frozenset())
        assert look(connection, NOW + 120) == ({}, ())
        assert load_run(connection, CALLER.tenant_id, "S2", now=NOW + 120) is None


def test_who_will_be_late_is_seen_before_and_a_call_is_proposed_once_for_each(database):
    with database.writing() as connection:
        _, north = the_routes(connection)
        names, now = out(connection, north, late_s=130 * MINUTE)
        run = load_run(connection, CALLER.tenant_id, "S1", now=now)
        assert run is not None
        assert {run.names[stop] for stop in run.aboard} == set(names)
        risk, drafts = look(connection, now)
        assert set(risk) >= {names[-1]}
        assert names[0] not in risk
        calls = {draft.delivery_id: draft for draft in drafts if draft.kind == "call"}
        assert (calls[names[-1]].until_at or 0) > NOW + 3 * HOUR
        assert not any(draft.delivery_id in names for draft in drafts if draft.kind == "carrier")  # they are on the van
        first = keep(connection, drafts, now)
        assert len(first) == len(drafts)
        assert keep(connection, look(connection, now + 5)[1], now + 5) == ()
        call = next(i for i, draft in zip(first, drafts, strict=True) if draft.delivery_id == names[-1])
        accept_proposal(connection, CALLER, call, now=now + 10)
        again = look(connection, now + 15)[1]
        assert keep(connection, again, now + 15) == ()
        assert doors(connection, north) == names
        refused = next(i for i in first if i != call)
        refuse_proposal(connection, CALLER, refused, reason="driver_knows", now=now + 20)
        assert keep(connection, look(connection, now + 25)[1], now + 25) == ()
        with pytest.raises(IllegalTransitionError):
            accept_proposal(connection, CALLER, refused, now=now + 30)


def test_what_a_van_that_does_not_leave_was_to_bring_rides_with_another(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        names = doors(connection, west)
        halted = halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        assert (halted.state, sorted(halted.waiting), halted.returning) == ("cancelled", sorted(names), ())
        risk, drafts = look(connection, NOW + 310)
        assert set(risk) == set(names)
        (best, *_) = drafts
        assert (best.kind, best.late_after_s, len(best.late_before_s)) == ("help", (), 3)
        ids = keep(connection, drafts, NOW + 310)
        accept_proposal(connection, CALLER, ids[0], now=NOW + 320)
        assert {state for kind, state, _ in proposals(connection) if kind == "carrier"} == {"expired"}
        fresh = [c for c in connection.execute(select(routes.c.route_id)).scalars() if c not in (west, north)]
        assert len(fresh) == 1
        assert doors(connection, fresh[0]) == [name for trip in best.changes[0].after for name in trip]
        check_costs(connection, fresh[0])
        assert look(connection, NOW + 330) == ({}, ())
        undo_proposal(connection, CALLER, ids[0], now=NOW + 340)
        assert state_of(connection, fresh[0]) == "cancelled"
        assert set(look(connection, NOW + 350)[0]) == set(names)
        with pytest.raises(ConflictError, match="goes nowhere"):
            halt_route(connection, CALLER, west, parcels="stranded", reason="again", now=NOW + 360)


def test_inside_the_limits_it_is_taken_up_at_once(database):
    limits = DispatchLimits(automatic=("help",), most_cost_minor=10_000)
    with database.writing() as connection:
        west, _ = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        drafts = look(connection, NOW + 310, limits)[1]
        keep(connection, drafts, NOW + 310, limits)
        kinds = {(kind, state, who) for kind, state, who in proposals(connection) if state != "expired"}
        assert ("help", "accepted", "dispatch") in kinds
        assert look(connection, NOW + 320, limits) == ({}, ())
        assert store_limits(connection, CALLER, limits, now=NOW + 330).version == 2
        assert load_limits(connection, CALLER.tenant_id).automatic == ("help",)


def test_a_courier_can_bring_what_has_not_left(database):
    with database.writing() as connection:
        west, _ = the_routes(connection)
        names = doors(connection, west)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        drafts = look(connection, NOW + 310)[1]
        couriers = [draft for draft in drafts if draft.kind == "carrier"]
        assert {draft.delivery_id for draft in couriers} == set(names)
        ids = keep(connection, drafts, NOW + 310)
        taken = next(i for i, draft in zip(ids, drafts, strict=True) if draft is couriers[0])
        accept_proposal(connection, CALLER, taken, now=NOW + 320)
        of = deliveries.c
        row = connection.execute(select(deliveries).where(of.delivery_id == couriers[0].delivery_id)).one()
        assert (row.state, row.carrier_id, row.mode, row.route_id) == ("booked", "CO", "on_demand", None)
        assert set(look(connection, NOW + 330)[0]) == set(names) - {row.delivery_id}
        with pytest.raises(ConflictError, match="CO has delivery"):
            undo_proposal(connection, CALLER, taken, now=NOW + 340)


def test_a_proposal_is_refused_when_the_day_has_gone_on(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        drafts = look(connection, NOW + 310)[1]
        ids = keep(connection, drafts, NOW + 310)
        (best, *_) = (i for i, draft in zip(ids, drafts, strict=True) if draft.kind == "help")
        name = doors(connection, north)[0]
        for waiting in [n for c in drafts[0].changes for t in c.after for n in t][:1]:
            move_delivery(connection, CALLER, doors(connection, north)[-1], route_id=north, after="", now=NOW + 315)
            assert doors(connection, north)[1] == name
            with pytest.raises(ConflictError, match="no place"):  # five parcels are all that its van takes
                move_delivery(connection, CALLER, waiting, route_id=north, now=NOW + 316)
        halt_route(connection, CALLER, north, parcels="back_at_site", reason="no_driver", now=NOW + 318)
        with connection.savepoint(), pytest.raises(NotFoundError):
            move_delivery(connection, CALLER, name, route_id=north, now=NOW + 319)
        assert sites_with_routes(connection, CALLER.tenant_id, now=NOW + 319) == ["S1"]  # what rides with nobody counts
        accept_proposal(connection, CALLER, best, now=NOW + 320)  # a van was left for that
        again = look(connection, NOW + 330)[1]
        assert not any(draft.kind == "help" for draft in again)  # and none is left now


def test_parcels_of_a_broken_van_ride_on_when_they_are_back_or_return(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        names, now = out(connection, north, late_s=0)
        tell(connection, names[0], "deliver", now)
        back = halt_route(connection, CALLER, north, parcels="back_at_site", back_at=now + HOUR, reason="breakdown",
                          now=now + 60)  # fmt: skip
        assert (back.state, back.waiting) == ("completed", tuple(names[1:]))
        run = load_run(connection, CALLER.tenant_id, "S1", now=now + 70)
        assert run is not None
        release = run.running.problem.stops.release_at[[run.names.index(name) for name in names[1:]]]
        assert release.tolist() == [now + HOUR] * 4
        others, later = out(connection, west, late_s=30 * MINUTE)
        lost = halt_route(connection, CALLER, west, parcels="stranded", reason="breakdown", now=later + 60)
        assert (lost.state, lost.returning) == ("completed", tuple(others))
        states = connection.execute(select(deliveries.c.state).where(deliveries.c.delivery_id.in_(others))).scalars()
        assert set(states) == {"returning"}


def test_what_nobody_can_bring_is_planned_anew_or_goes_back_on_the_shelf(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        _, now = out(connection, north, late_s=0)
        halt_route(connection, CALLER, north, parcels="back_at_site", reason="breakdown", now=now + 60)
        run = load_run(connection, CALLER.tenant_id, "S1", now=now + 70)
        assert run is not None
        bring = weigh(run, ASKING, (), Iterations(limit=0), seed=1)
        helped = {name for draft in bring for change in draft.changes for trip in change.after for name in trip}
        lost = let_go(connection, CALLER, run, bring, now=now + 80)
        assert set(lost) == set(run.names) - helped - {run.names[stop] for stop in run.aboard}
        late = load_run(connection, CALLER.tenant_id, "S1", now=NOW + HOUR)
        assert late is not None
        assert not {late.names[stop] for stop in late.aboard} & set(
            let_go(connection, CALLER, late, (), now=NOW + HOUR)
        )
        late = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 2 * HOUR)
        assert late is not None
        gone = let_go(connection, CALLER, late, (), now=NOW + 2 * HOUR)
        assert set(gone) == set(late.names)
        states = {row.delivery_id: row.state for row in connection.execute(select(deliveries))}
        assert {states[late.names[stop]] for stop in late.aboard} == {"returned"}
        assert {states[name] for name in (*lost, *gone)} <= {"returned", "cancelled"}
        assert load_run(connection, CALLER.tenant_id, "S1", now=NOW + 2 * HOUR) is None


def test_a_van_out_at_the_end_of_its_shift_stops_nobody_from_thinking(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        _, now = out(connection, north, late_s=0)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=now)
        for hours in (10, 24, 72):
            assert isinstance(look(connection, NOW + hours * HOUR)[1], tuple)


def test_what_a_dispatcher_has_moved_meanwhile_is_on_one_route_only(database):
    with database.writing() as connection:
        west, north = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        drafts = look(connection, NOW + 310)[1]
        helping = next(draft for draft in drafts if draft.kind == "help")
        name = helping.changes[0].after[0][0]
        last = doors(connection, north)[-1]
        move_delivery(connection, CALLER, last, route_id=north, after="", now=NOW + 311)
        hand_over = next(draft for draft in drafts if draft.kind == "carrier" and draft.delivery_id == name)
        (taken,) = keep(connection, [hand_over], NOW + 312)
        accept_proposal(connection, CALLER, taken, now=NOW + 313)
        (late,) = keep(connection, [helping], NOW + 314)  # thought of before that
        with connection.savepoint(), pytest.raises(ConflictError, match="not brought any more"):
            accept_proposal(connection, CALLER, late, now=NOW + 315)


def test_what_its_van_left_behind_is_taken_off_and_the_route_ends_without_it(database):
    with database.writing() as connection:
        _, north = the_routes(connection)
        names = doors(connection, north)
        late = update(shipments).where(shipments.c.delivery_id == names[2])
        connection.execute(late.values(state="picking"))
        dispatch_route(connection, CALLER, north, driver="Ana", now=NOW + 300)
        connection.execute(late.values(state="packed"))
        for name in (*names[:2], *names[3:]):
            for event in ("start_to_pickup", "arrive_at_pickup", "pick_up"):
                tell(connection, name, event, NOW + 310)
        run = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 330)
        assert run is not None
        assert run.left_behind == ()  # it is still being loaded
        tell(connection, names[0], "start_to_dropoff", NOW + 340)
        run = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 350)
        assert run is not None
        assert run.left_behind == ((north, names[2]),)
        assert take_off(connection, CALLER, run, now=NOW + 360) == (names[2],)
        assert doors(connection, north) == [*names[:2], *names[3:]]
        for name in doors(connection, north):
            for event in ("start_to_dropoff", "arrive_at_dropoff", "deliver"):
                tell(connection, name, event, NOW + 2_000)
        assert state_of(connection, north) == "completed"
        assert set(look(connection, NOW + 2_010)[0]) >= {names[2]}


def test_what_was_taken_back_is_not_taken_up_again(database):
    limits = DispatchLimits(automatic=("help",), most_cost_minor=10_000)
    with database.writing() as connection:
        west, _ = the_routes(connection)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        ids = keep(connection, look(connection, NOW + 310, limits)[1], NOW + 310, limits)
        helped = select(dispatch_proposals.c.proposal_id).where(dispatch_proposals.c.state == "accepted")
        taken = connection.execute(helped).scalar_one()
        assert taken in ids
        undo_proposal(connection, CALLER, taken, now=NOW + 320)
        keep(connection, look(connection, NOW + 380, limits)[1], NOW + 380, limits)
        assert connection.execute(helped).scalars().all() == []


def test_who_was_called_off_meanwhile_is_not_given_up_twice(database):
    with database.writing() as connection:
        west, _ = the_routes(connection)
        names = doors(connection, west)
        halt_route(connection, CALLER, west, parcels="back_at_site", reason="no_driver", now=NOW + 300)
        run = load_run(connection, CALLER.tenant_id, "S1", now=NOW + 310)
        assert run is not None
        advance(connection, CALLER, "delivery", names[0], "cancel", now=NOW + 320)
        assert set(let_go(connection, CALLER, run, (), now=NOW + 330)) == set(names[1:])
