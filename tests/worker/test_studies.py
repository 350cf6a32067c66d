"""A network study is asked for, worked out by a worker, read, and becomes the retailer's network."""

import json
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import numpy as np
import polars as pl
import pytest
from sqlalchemy import select, update

from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import InputError, Interrupt
from doorstep.operations.onboarding import import_retailer
from doorstep.operations.planning.adopt import adopt_study
from doorstep.operations.planning.asked import cancel_asked
from doorstep.operations.planning.network import Wishes
from doorstep.operations.planning.studies import ATTEMPTS, NewStudy, ask_study
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage import Database, jobs
from doorstep.storage.check import check_books
from doorstep.storage.reference_rows import delete_row, find_row, upsert_row
from doorstep.storage.retailers import load_reference
from doorstep.storage.schema.journal import events
from doorstep.storage.schema.planning import network_studies, plan_tables
from doorstep.worker import StoppedError, studies
from tests.databases import CALLER, Furnished
from tests.operations.planning.test_network_streets import TOWN
from tests.worker.working import BOUND_S, Clock, worker_on

TENANT = CALLER.tenant_id
HUB = "S0002"
SAMPLE = sample_retailer(find_city("Denver, US"), 6, 1, 120, np.random.default_rng(3))
VAN = SAMPLE.vehicles.head(1).with_columns(vehicle_id=pl.lit("hub-van"), site_id=pl.lit(HUB))
SHOP = replace(SAMPLE, vehicles=pl.concat([SAMPLE.vehicles, VAN]))
LONG_S = 8 * BOUND_S
"""For a machine on which kernels are still to be compiled."""
DAY_S = 86_400
FROM_AT = int(SHOP.orders["placed_at"].min())  # type: ignore[arg-type]
UNTIL_AT = FROM_AT + DAY_S + 1
ASKED = NewStudy(
    name="two regions",
    wishes=Wishes(regions=2, tolerance=0.5, verify=False),
    options=None,
    areas=None,
    start_at=FROM_AT,
    end_at=UNTIL_AT,
    seconds=60,
    seed=1,
)


def furnish(database: Database) -> None:
    """Give a database a sample retailer and its orders, half of them of one day, half of the next."""
    first = SHOP.orders.head(SHOP.orders.height // 2)
    lines = SHOP.order_lines.join(first, on="order_id", how="semi", maintain_order="left")
    with database.writing() as connection:
        import_retailer(connection, CALLER, replace(SHOP, orders=first, order_lines=lines), now=FROM_AT)
        import_retailer(connection, CALLER, SHOP, now=FROM_AT + DAY_S)


@pytest.fixture
def stage(furnished: Furnished) -> Iterator[Database]:
    """Give a furnished database, whose books agree in the end."""
    with furnished(furnish) as database:
        yield database
        with database.reading() as connection:
            assert check_books(connection) == []


def ask(database: Database, **changes: object) -> str:
    with database.writing() as connection:
        return ask_study(connection, CALLER, replace(ASKED, **changes), now=UNTIL_AT)  # type: ignore[arg-type]


def drained(database: Database, study_id: str):
    """Return the row of a study after all jobs are done."""
    assert worker_on(database, Clock(UNTIL_AT + 60)).drain(LONG_S)
    with database.reading() as connection:
        return connection.execute(select(network_studies).where(network_studies.c.study_id == study_id)).one()


def kept(database: Database, study_id: str) -> dict[str, pl.DataFrame]:
    query = select(plan_tables).where(plan_tables.c.plan_id == study_id)
    with database.reading() as connection:
        return {row.name: pl.DataFrame(json.loads(row.rows), strict=False) for row in connection.execute(query)}


def test_a_study_is_worked_out_kept_and_told(stage: Database):
    study_id = ask(stage)
    row = drained(stage, study_id)
    figures = json.loads(row.figures)
    assert (row.state, row.error) == ("done", "")
    assert (row.version, row.ended_at) == (2, UNTIL_AT + 60)
    assert figures["violations"] == 0
    assert figures["bound_per_parcel_minor"] <= figures["plan"]["cost_per_parcel_minor"]
    assert figures["plan"]["cost_per_parcel_minor"] <= figures["today"]["cost_per_parcel_minor"]
    tables = kept(stage, study_id)
    per_day = tables["zones"].select(pl.col("same_day_parcels_per_day") + pl.col("later_parcels_per_day")).sum().item()
    assert per_day == pytest.approx(figures["parcels_per_day"])
    assert set(tables["sites"]["option_id"]) == set(SHOP.sites["site_id"])
    assert tables["regions"]["name"].to_list() == ["0", "1"]
    with stage.reading() as connection:
        told = list(connection.execute(select(events.c.type).where(events.c.object_id == study_id)).scalars())
        job = jobs.read(connection, TENANT, row.job_id)
    assert told == ["network_study.created", "network_study.done"]
    assert (job.state, job.result["sites"], "stage" in job.checkpoint) == ("done", SHOP.sites.height, True)


def test_only_orders_of_the_period_count_and_without_any_the_study_says_so(stage: Database):
    first, second, both = (
        json.loads(drained(stage, ask(stage, **period)).figures)["parcels_per_day"]
        for period in ({"end_at": FROM_AT + 1}, {"start_at": FROM_AT + 1}, {})
    )
    assert first + second == both  # the two moments are a day apart: they count as one day
    assert min(first, second) > 0
    none = drained(stage, ask(stage, start_at=UNTIL_AT, end_at=UNTIL_AT + 1))
    assert (none.state, none.figures) == ("failed", "{}")
    assert none.error == "no order comes to the door: there is no network to design."


def test_names_that_there_are_not_are_all_told_when_the_study_is_asked_for(stage: Database):
    row = {"option_id": "O1", "site_id": "nowhere", "role": "hub"}
    with pytest.raises(InputError) as caught:
        ask(stage, wishes=Wishes(keep=("O9",), close=("S0001",)), options=[row, row])
    told = str(caught.value)
    for part in ("O9 is to be kept or closed", "option O1: there is no site nowhere", "option O1 is there 2 times"):
        assert part in told
    assert "S0001" in told  # options are given, and it is none of them
    ask(stage, wishes=Wishes(keep=("S0001",)))


def test_options_that_are_given_are_those_that_are_weighed(stage: Database):
    fc = next(row["site_id"] for row in SHOP.sites.iter_rows(named=True) if row["kind"] == "fc")
    common = {"must_stay": False, "sends_vans": True, "holds_stock": True, "opening_cost_minor": 0,
              "closing_cost_minor": 0, "handling_cost_minor": 0, "parcels_per_day": None, "running_cost_minor": 0,
              "name": "", "lat": None, "lon": None, "exists": True}  # fmt: skip
    options = [
        {"option_id": "centre", "site_id": fc, "role": "fc", **common},
        {"option_id": "mill", "site_id": "", "role": "hub", **common, "exists": False, "must_stay": True,
         "name": "Old mill", "lat": 39.74, "lon": -104.98},
    ]  # fmt: skip
    study_id = ask(stage, options=options, wishes=Wishes(verify=False))
    assert drained(stage, study_id).state == "done"
    sites = kept(stage, study_id)["sites"]
    assert sites.sort("option_id").select("option_id", "fate").rows() == [("centre", "kept"), ("mill", "opened")]
    with stage.writing() as connection:
        adopt_study(connection, CALLER, study_id, now=UNTIL_AT + 90)
        tables = load_reference(connection, TENANT)
    mill = tables["sites"].row(by_predicate=pl.col("site_id") == "mill", named=True)
    assert (mill["kind"], mill["name"], mill["lat"], mill["region"]) == ("hub", "Old mill", 39.74, "")
    assert tables["vehicles"].filter(pl.col("site_id") == "mill")["vehicle_id"].to_list() == ["mill-van"]
    assert (fc, "mill") in tables["lanes"].select("from_site_id", "to_site_id").rows()


def test_a_study_becomes_the_network_once_and_leaves_alone_what_it_says_nothing_of(stage: Database):
    study_id = ask(stage, wishes=Wishes(regions=2, tolerance=0.5, close=(HUB,), verify=False))
    drained(stage, study_id)
    sites = kept(stage, study_id)["sites"]
    fates = dict(sites.select("site_id", "fate").iter_rows())
    site = SHOP.sites["site_id"][0]
    with stage.writing() as connection:
        values = find_row(connection, TENANT, "sites", [site]).values
        upsert_row(connection, TENANT, "sites", {**values, "closes": "21:30"})
        before = load_reference(connection, TENANT)
        going = before["vehicles"].filter(pl.col("site_id") == HUB)["vehicle_id"].to_list()
        delete_row(connection, TENANT, "vehicles", going[:1])  # one that is gone already is no fault
        adopt_study(connection, CALLER, study_id, now=UNTIL_AT + 90)
        after = load_reference(connection, TENANT)
    assert set(after["sites"]["region"]) == {"0", "1"}
    assert find_closes(after, site) == "21:30"
    assert after["sites"].height == SHOP.sites.height
    assert fates[HUB] == "closed"
    assert {fates[name] for name in set(after["vehicles"]["site_id"]) & set(fates)} <= {"kept", "opened"}
    with stage.writing() as connection, pytest.raises(IllegalTransitionError):
        adopt_study(connection, CALLER, study_id, now=UNTIL_AT + 91)


def test_a_cell_that_is_being_changed_while_a_study_is_adopted_stays_changed(stage: Database):
    """Whoever adopts waits for a change that is under way, and reads the row after it."""
    study_id = ask(stage, wishes=Wishes(regions=2, tolerance=0.5, verify=False))
    drained(stage, study_id)
    site = SHOP.sites["site_id"][0]

    def adopt() -> None:
        with stage.writing() as connection:
            adopt_study(connection, CALLER, study_id, now=UNTIL_AT + 90)

    second = Thread(target=adopt)
    with stage.writing() as connection:
        values = find_row(connection, TENANT, "sites", [site]).values
        upsert_row(connection, TENANT, "sites", {**values, "closes": "21:30"})
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join()
    with stage.reading() as connection:
        assert find_closes(load_reference(connection, TENANT), site) == "21:30"


def find_closes(tables: dict[str, pl.DataFrame], site: str) -> str:
    return str(tables["sites"].row(by_predicate=pl.col("site_id") == site, named=True)["closes"])


def test_a_study_that_is_called_off_is_not_worked_out(stage: Database):
    study_id = ask(stage)
    with stage.writing() as connection:
        cancel_asked(connection, CALLER, "network_study", study_id, now=UNTIL_AT + 1)
    row = drained(stage, study_id)
    assert (row.state, row.figures) == ("cancelled", "{}")
    with stage.reading() as connection:
        assert jobs.read(connection, TENANT, row.job_id).state == "cancelled"
    with stage.writing() as connection, pytest.raises(IllegalTransitionError):
        cancel_asked(connection, CALLER, "network_study", study_id, now=UNTIL_AT + 2)


def test_a_study_whose_job_was_cancelled_or_given_up_can_still_be_called_off(stage: Database):
    study_id = ask(stage)
    with stage.writing() as connection:
        job_id = connection.execute(select(network_studies.c.job_id)).scalar_one()
        jobs.cancel(connection, TENANT, job_id, now=UNTIL_AT)
        cancel_asked(connection, CALLER, "network_study", study_id, now=UNTIL_AT + 1)
    assert drained(stage, study_id).state == "cancelled"


def test_a_job_that_comes_too_late_changes_nothing(stage: Database):
    ask(stage)
    with stage.writing() as connection:
        connection.execute(update(network_studies).values(state="cancelled"))
    worker_on(stage, Clock(UNTIL_AT + 60)).drain(LONG_S)
    with stage.writing() as connection:
        assert jobs.read(
            connection, TENANT, connection.execute(select(network_studies.c.job_id)).scalar_one()
        ).state == ("done")
        assert connection.execute(select(network_studies.c.figures)).scalar_one() == "{}"
        connection.execute(update(network_studies).values(state="asked"))  # as its journal says


def test_a_study_that_nobody_can_work_out_fails_at_the_last_attempt(stage: Database, monkeypatch):
    def breaks(*_: object, **__: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(studies, "study_network", breaks)
    ask(stage)
    clock = Clock(UNTIL_AT + 60)
    worker = worker_on(stage, clock)
    states = []
    for _ in range(ATTEMPTS):
        worker.drain(LONG_S)
        clock.now += 3_600
        with stage.reading() as connection:
            states.append(connection.execute(select(network_studies.c.state)).scalar_one())
    assert states == ["asked"] * (ATTEMPTS - 1) + ["failed"]
    with stage.reading() as connection:
        error = connection.execute(select(network_studies.c.error)).scalar_one()
    assert error == "It could not be worked out: ValueError: a defect"


def test_a_site_that_an_earlier_study_opened_keeps_what_people_made_of_it(stage: Database):
    common = {"must_stay": True, "sends_vans": True, "holds_stock": True, "opening_cost_minor": 0,
              "closing_cost_minor": 0, "handling_cost_minor": 0, "parcels_per_day": None,
              "running_cost_minor": 0, "name": "", "lat": None, "lon": None, "exists": True}  # fmt: skip
    fc = SHOP.sites.filter(pl.col("kind") == "fc")["site_id"][0]
    mill = {"exists": False, "name": "Old mill", "lat": 39.74, "lon": -104.98}
    options = [
        {"option_id": "centre", "site_id": fc, "role": "fc", **common},
        {"option_id": "mill", "site_id": "", "role": "hub", **common, **mill},
    ]
    ids = [ask(stage, options=options, wishes=Wishes(verify=False)) for _ in range(2)]
    assert [drained(stage, study_id).state for study_id in ids] == ["done", "done"]
    with stage.writing() as connection:
        adopt_study(connection, CALLER, ids[0], now=UNTIL_AT + 90)
        values = find_row(connection, TENANT, "sites", ["mill"]).values
        upsert_row(connection, TENANT, "sites", {**values, "closes": "19:15"})
        adopt_study(connection, CALLER, ids[1], now=UNTIL_AT + 91)
        assert find_row(connection, TENANT, "sites", ["mill"]).values["closes"] == "19:15"


class Leaving:
    """A task of a worker that is about to end."""

    def __init__(self) -> None:
        self.interrupt = Interrupt()
        self.checkpoint: dict[str, object] = {}
        self.stages: list[str] = []

    def check(self) -> None:
        if self.interrupt.asked:
            raise StoppedError("it ends")

    def write_checkpoint(self, operation, checkpoint) -> None:
        operation(None)
        self.checkpoint = checkpoint(None)
        self.stages.append(str(self.checkpoint["stage"]))


def test_the_stages_are_noted_once_each_and_the_work_ends_when_the_worker_does():
    task = Leaving()
    told = studies.Told(task)  # type: ignore[arg-type]
    for name in ("design", "design", "regions"):
        told.stage(name, 3)
        told.advance()
    assert task.stages == ["design", "regions"]
    task.interrupt.ask()
    with pytest.raises(StoppedError):
        told.advance()
    with pytest.raises(StoppedError):
        told.stage("verify", 1)


def test_a_study_of_a_platform_with_streets_is_on_them_and_says_where_they_end(stage: Database):
    stage.streets = TOWN
    notes = json.loads(drained(stage, ask(stage)).figures)["notes"]
    assert notes[0] == "Drives are on streets, © OpenStreetMap contributors, ODbL 1.0."
    beyond, places = notes[1].split(" places lie more than 2,000 m")[0].split(" of ")
    assert beyond == places  # the town is not in Denver
    assert "As the policy says, straight lines times 1.30" in notes[1]
