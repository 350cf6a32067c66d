"""Golden scenarios: a retailer folder each, the plan that was worked out by hand, and a README with the arithmetic.

``expected/TABLE.csv`` holds some columns of a table of the plan; the plan's rows of the ids in its first column must be
exactly these. ``expected/summary.json`` holds measures by plan, and unserved orders by reason.
"""

import json
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from doorstep.connectors.retailer_folder import read_folder
from doorstep.operations import DayResult, plan_day

SCENARIOS = Path(__file__).parent / "scenarios"
ITERATIONS = 2_000
NAMES = sorted(folder.name for folder in SCENARIOS.iterdir() if folder.is_dir())
TABLES = [(name, file.stem) for name in NAMES for file in sorted((SCENARIOS / name / "expected").glob("*.csv"))]
SUMMARIES = [name for name in NAMES if (SCENARIOS / name / "expected" / "summary.json").exists()]


@cache
def planned(name: str) -> DayResult:
    """Return the plan of a scenario, made once."""
    reading = read_folder(SCENARIOS / name / "input")
    assert (reading.faults, reading.warnings) == ((), ())
    assert reading.retailer is not None
    return plan_day(reading.retailer, iterations=ITERATIONS, seed=1)


def as_text(table: pl.DataFrame) -> list[tuple[str, ...]]:
    """Return rows as texts, sorted."""
    return sorted(table.select(pl.all().cast(pl.String).fill_null("")).rows())


def test_there_are_scenarios_and_each_explains_itself():
    assert len(NAMES) >= 8
    for name in NAMES:
        lines = (SCENARIOS / name / "README.md").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# ")
        assert len(lines) >= 5


@pytest.mark.parametrize(("name", "table"), TABLES)
def test_a_table_of_the_plan_is_as_worked_by_hand(name, table):
    expected = pl.read_csv(SCENARIOS / name / "expected" / f"{table}.csv", infer_schema=False)
    found = planned(name).plan.tables()[table].select(expected.columns)
    key = expected.columns[0]
    named = found.filter(pl.col(key).cast(pl.String).is_in(expected[key].unique().to_list()))
    assert as_text(named) == as_text(expected)


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_measures_are_as_worked_by_hand(name):
    expected = json.loads((SCENARIOS / name / "expected" / "summary.json").read_text(encoding="utf-8"))
    result = planned(name)
    assert result.unserved["doorstep"] == expected.pop("unserved", result.unserved["doorstep"])
    for plan, measures in expected.items():
        assert {m: result.measures[plan][m] for m in measures} == pytest.approx(measures)


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_is_never_dearer_than_fewest_splits_that_serve_as_many(name):
    ours, rule = (planned(name).measures[plan] for plan in ("doorstep", "fewest_splits_own_fleet"))
    assert ours["served"] >= rule["served"]
    assert ours["served"] > rule["served"] or ours["cost_total_minor"] <= rule["cost_total_minor"]
