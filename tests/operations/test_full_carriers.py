"""Days on which carriers are full, cartons are missing, or the plan's reasons were tampered with."""

import numpy as np
import polars as pl
import pytest

from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.operations import plan_day
from doorstep.operations.corridor.verify import verify
from doorstep.operations.corridor.world import great_circle_times
from doorstep.simulation.sample import find_city, sample_retailer


def small() -> Retailer:
    return sample_retailer(find_city("Lyon, FR"), 3, 1, 40, np.random.default_rng(5))


def with_tables(retailer: Retailer, **tables: pl.DataFrame) -> Retailer:
    return Retailer.complete(retailer.tables() | tables)


def test_carriers_without_room_cost_no_more_orders_than_no_carriers_at_all():
    retailer = small()
    full = with_tables(retailer, carriers=retailer.carriers.with_columns(daily_limit=pl.lit(0, dtype=pl.Int64)))
    none = with_tables(
        retailer,
        **{
            name: retailer.tables()[name].clear()
            for name in ("carriers", "carrier_rates", "carrier_zones", "carrier_surcharges")
        },
    )
    served = [plan_day(each, iterations=60).measures["doorstep"]["served"] for each in (full, none)]
    assert served[0] >= served[1] > 0


def test_without_a_single_carton_everything_travels_in_its_own_packaging():
    retailer = small()
    result = plan_day(with_tables(retailer, cartons=retailer.cartons.clear()), iterations=5)
    assert set(result.plan.parcels["carton_id"]) == {""}
    assert not any(result.violations.values())


def test_a_decision_that_was_not_taken_is_a_violation():
    retailer = small()
    plan = plan_day(retailer, iterations=5).plan
    assert verify(retailer, plan, great_circle_times(retailer)) == []
    decisions = plan.decisions.with_columns(chosen=pl.lit(value=False))
    spoiled = type(plan)(**(plan.tables() | {"decisions": decisions}))
    assert "done but not chosen" in verify(retailer, spoiled, great_circle_times(retailer))[0]


def test_patience_below_one_is_refused():
    with pytest.raises(InputError, match="iterations 0 must be at least 1"):
        plan_day(small(), iterations=0)
