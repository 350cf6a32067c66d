"""A network study of a retailer: what it changes, what it says, and that the day after can be planned."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from doorstep.connectors.network_folder.geojson import features
from doorstep.console.report import render_network
from doorstep.console.report.network_page import headline
from doorstep.domain import Retailer
from doorstep.domain.retailer import completed
from doorstep.foundation import InputError, Iterations, Silent
from doorstep.foundation.arrays import floats
from doorstep.operations import plan_day
from doorstep.operations.planning.handover import retailer_after
from doorstep.operations.planning.network import NetworkStudy, Wishes, study_network
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.tables import figures, study_tables
from doorstep.simulation.sample import find_city, sample_retailer


@cache
def shop() -> Retailer:
    return sample_retailer(find_city("Denver, US"), 8, 1, 300, np.random.default_rng(3))


def studied(
    wishes: Wishes | None = None, options: pl.DataFrame | None = None, retailer: Retailer | None = None
) -> NetworkStudy:
    return study_network(
        retailer or shop(),
        options,
        wishes or Wishes(),
        rng=np.random.default_rng(1),
        stop=Iterations(limit=50_000),
        progress=Silent(),
    )


def hub_options(**columns: pl.Expr) -> pl.DataFrame:
    """Return options: the FC, which stays, and every store as a hub that exists where it has vans."""
    sites, runs = shop().sites, set(shop().vehicles["site_id"])
    fc = sites["kind"].cast(pl.String) == "fc"
    table = pl.DataFrame(
        {
            "option_id": "O-" + sites["site_id"],
            "site_id": sites["site_id"],
            "role": ["fc" if here else "hub" for here in fc],
            "exists": [site in runs or here for site, here in zip(sites["site_id"], fc, strict=True)],
            "must_stay": fc,
        }
    )
    return completed("site_options", table.with_columns(**columns))


def test_a_study_keeps_its_rules_and_costs_no_more_than_today():
    study = studied()
    assert study.faults == ()
    assert study.plan.cost.total_milli <= study.plan.today.total_milli
    assert study.plan.bound_milli <= study.plan.cost.total_milli
    assert int(study.problem.parcels.sum()) == int(study.plan.cost.load.sum()) + int(
        study.problem.parcels[study.plan.cost.option == -1].sum()
    )


def test_hubs_that_cost_nothing_open_and_dear_ones_all_close():
    free = studied(options=hub_options())
    assert (free.plan.open & (free.options["role"].cast(pl.String) == "hub").to_numpy()).any()
    dear = studied(options=hub_options(running_cost_minor=pl.when(pl.col("role") == "hub").then(10**7).otherwise(0)))
    assert dear.plan.open.tolist() == (dear.options["role"].cast(pl.String) == "fc").to_list()


def test_the_steps_lead_from_today_to_the_plan_and_add_up():
    study = studied()
    is_open = study.problem.options.exists.copy()
    for step in study.steps:
        assert is_open[step.option] != step.opens
        is_open[step.option] = step.opens
    assert is_open.tolist() == study.plan.open.tolist()
    saved = sum(step.saves_minor for step in study.steps)
    running = (study.plan.today.running_milli - study.plan.cost.running_milli) / 1_000 / study.problem.days
    assert saved == pytest.approx(running)


def test_what_is_to_be_kept_stays_and_what_is_to_be_closed_goes():
    hub = str(shop().vehicles.filter(pl.col("site_id").str.starts_with("S"))["site_id"][0])
    row = studied().options["site_id"].to_list().index(hub)
    assert studied(Wishes(keep=(hub,))).plan.open[row]
    without = studied(Wishes(close=(hub,)))
    assert not without.plan.open[row]
    assert without.plan.today.total_milli == studied().plan.today.total_milli


def test_at_most_so_many_sites_send_vans():
    study = studied(Wishes(hubs=2), hub_options())
    assert int((study.plan.open & (study.problem.options.van >= 0)).sum()) <= 2


def test_wishes_that_cannot_be_are_told_together():
    with pytest.raises(InputError, match=r"--keep nowhere: there is no such option or site"):
        studied(Wishes(keep=("nowhere",)))
    with pytest.raises(InputError) as caught:
        studied(Wishes(keep=("S0001", "S0002"), close=("S0001",), hubs=1, regions=10**6, most_moved=2.0, reach=1.5))
    told = str(caught.value)
    for part in (
        "S0001 is to be kept and closed",
        "1 hubs are too few",
        "1000000 regions cannot be made of",
        "2.0 of the parcels cannot move",
        "reach 1.5 must be a share",
    ):
        assert part in told


def test_sites_afterwards_are_in_the_regions_and_a_study_of_these_moves_no_more_than_it_may():
    study = studied(Wishes(regions=3, verify=False))
    after = retailer_after(shop(), study)
    assert study.region_names == ("0", "1", "2")
    table = study_tables(study)["sites"].filter(pl.col("site_id") != "").select("site_id", pl.col("region").cast(str))
    both = after.sites.select("site_id", "region").join(table, on="site_id")
    assert both.height == shop().sites.height
    assert both["region"].to_list() == both["region_right"].to_list()
    named = replace(after, sites=after.sites.with_columns(region="north-" + pl.col("region")))
    again = study_network(
        named, None, Wishes(regions=3, most_moved=0.1, verify=False),
        rng=np.random.default_rng(2), stop=Iterations(limit=50_000), progress=Silent(),
    )  # fmt: skip
    assert again.region_names == ("north-0", "north-1", "north-2")
    assert again.regions is not None
    assert again.regions.moved_share <= 0.1
    assert set(retailer_after(named, again).sites["region"]) <= set(again.region_names)


def test_the_fewest_further_sites_for_a_reach_are_told_with_what_is_proved():
    few = studied(Wishes(reach=0.9, reach_m=8_000, verify=False))
    assert few.further is not None
    reach = few.further.reach
    assert reach.before < 0.9 <= reach.after
    assert 1 <= reach.fewest <= few.further.option.size
    assert not few.problem.options.exists[few.further.option].any()
    assert (few.problem.options.van[few.further.option] >= 0).all()
    table, told = study_tables(few)["further"], figures(few)["further"]
    assert table["option_id"].to_list() == [few.problem.options.option_id[row] for row in few.further.option]
    assert isinstance(told, dict)
    assert (told["sites"], told["needed_at_least"]) == (table.height, reach.fewest)
    sentence = next(line for line in headline(few, "USD") if line.startswith("For 90"))
    assert str(table["name"][0]) in sentence
    enough = studied(Wishes(reach=0.01, verify=False))
    assert any(line.endswith("no further site is needed.") for line in headline(enough, "USD"))
    with pytest.raises(InputError, match="candidates together bring"):
        studied(Wishes(reach=1.0, reach_m=10, verify=False))


def test_a_study_without_regions_leaves_those_of_the_sites_alone():
    named = replace(shop(), sites=shop().sites.with_columns(region=pl.lit("west")))
    study = study_network(
        named, None, Wishes(verify=False), rng=np.random.default_rng(1), stop=Iterations(limit=1_000), progress=Silent()
    )
    assert set(
        retailer_after(named, study).sites.filter(pl.col("site_id").is_in(named.sites["site_id"]))["region"]
    ) == {"west"}


def test_regions_are_even_and_the_tables_agree_with_them():
    study = studied(Wishes(regions=3, tolerance=0.1))
    assert study.regions is not None
    assert study.regions.balanced
    tables = study_tables(study)
    zones, regions = tables["zones"], tables["regions"]
    parcels = zones["same_day_parcels_per_day"] + zones["later_parcels_per_day"]
    summed = zones.with_columns(parcels=parcels).group_by("region").agg(pl.col("parcels").sum()).sort("region")
    assert summed["parcels"].to_list() == pytest.approx(regions["parcels_per_day"].to_list())
    assert floats(regions["parcels_per_day"]).max() <= 1.1 * float(parcels.sum()) / 3 + 1e-9
    assert tables["sites"]["region"].null_count() == 0


def test_costs_by_part_add_up_to_the_cost_of_a_parcel():
    study = studied()
    costs, told = study_tables(study)["costs"], json.loads(json.dumps(figures(study)))
    assert costs["plan_minor"].sum() == pytest.approx(told["plan"]["cost_per_parcel_minor"])
    assert costs["today_minor"].sum() == pytest.approx(told["today"]["cost_per_parcel_minor"])


def test_the_orders_are_routed_by_the_plan_and_compared_with_the_prediction():
    study = studied()
    assert study.verification is not None
    own = int(study.plan.cost.load.sum())
    assert study.verification.total.doors + study.verification.left == own
    assert study.verification.not_ours == int(study.problem.parcels.sum()) - own
    verified = study_tables(study)["verified"]
    assert int(verified["doors"].sum()) == study.verification.total.doors
    assert set(verified["option_id"]) <= set(study_tables(study)["sites"]["option_id"])
    assert "Routed, a drop costs" in " ".join(headline(study, "USD"))
    assert studied(Wishes(verify=False)).verification is None


def test_the_areas_of_the_sites_hold_what_is_within_reach():
    study = studied()
    areas, parcels = study_tables(study)["catchments"], int(study.problem.parcels.sum())
    assert floats(areas["nearest_parcels_per_day"]).sum() == pytest.approx(study.area.share * parcels)
    assert (areas["shared_parcels_per_day"] <= areas["within_parcels_per_day"]).all()
    assert (areas["nearest_parcels_per_day"] <= areas["within_parcels_per_day"]).all()
    near = studied(Wishes(assumptions=Assumptions(same_day_s=600)))
    assert near.area.share < study.area.share


def test_the_page_and_the_map_show_every_site_and_zone():
    study = studied(Wishes(regions=2))
    html = render_network(study, "USD", title="Network of a test")
    for name in study.options["name"]:
        assert name in html
    assert "<script src" not in html
    assert html.count("<polygon") == len(study.problem.zones)
    assert "2 regions" in " ".join(headline(study, "USD"))
    kinds = [each["geometry"]["type"] for each in json.loads(json.dumps(list(features(study_tables(study)))))]
    assert kinds.count("Polygon") == len(study.problem.zones)
    assert kinds.count("Point") == len(study.problem.options)


def test_the_retailer_after_the_plan_can_be_planned_at_once():
    """A new site at the busiest zone opens; its vans and its lane come with it."""
    study = studied()
    busiest = int(study.problem.parcels.sum(axis=0).argmax())
    new = pl.DataFrame(
        {
            "option_id": ["NEW"],
            "role": ["hub"],
            "lat": [float(study.problem.zones.lat[busiest])],
            "lon": [float(study.problem.zones.lon[busiest])],
            "must_stay": [True],
        }
    )
    options = pl.concat([hub_options(), completed("site_options", new)])
    study = studied(options=options)
    after = retailer_after(shop(), study)
    assert "NEW" in after.sites["site_id"].to_list()
    assert after.vehicles.filter(pl.col("site_id") == "NEW")["count"].sum() >= 1
    assert after.lanes.filter(pl.col("to_site_id") == "NEW").height == 1
    senders = study.plan.open & (study.problem.options.van >= 0)
    ids = [site or option for site, option in study.options.select("site_id", "option_id").iter_rows()]
    assert set(after.vehicles["site_id"]) == {ids[row] for row in np.flatnonzero(senders)}
    result = plan_day(after, iterations=50, seed=1)
    assert not any(result.violations.values())


def test_a_retailer_without_vehicles_gets_plain_vans_where_the_plan_sends_them():
    """The van of the figures is that of the tables: 120 parcels, eight hours."""
    bare = replace(shop(), vehicles=shop().vehicles.clear())
    study = studied(Wishes(keep=("S0001",), verify=False), retailer=bare)
    after = retailer_after(bare, study)
    vans = after.vehicles.filter(pl.col("site_id") == "S0001").row(0, named=True)
    (van,) = study.problem.vans
    assert (vans["max_parcels"], vans["shift_starts"], vans["shift_ends"]) == (120, "08:00", "16:00")
    assert (van.load, van.shift_s) == (120, 8 * 3_600)
    result = plan_day(after, iterations=50, seed=1)
    assert not any(result.violations.values())


def test_a_new_van_takes_the_name_of_no_other():
    """S0002 has no vans; one of S0001 bears the name that its first would get."""
    taken = shop().vehicles.filter(pl.col("site_id") == "S0001").head(1).with_columns(vehicle_id=pl.lit("S0002-van"))
    named = replace(shop(), vehicles=pl.concat([shop().vehicles, taken]))
    study = studied(Wishes(keep=("S0001", "S0002"), verify=False), retailer=named)
    names = dict(retailer_after(named, study).vehicles.select("vehicle_id", "site_id").iter_rows())
    assert names["S0002-van"] == "S0001"
    assert names["S0002-van-2"] == "S0002"


def test_options_of_no_site_that_bear_the_id_of_one_are_refused():
    """A new place named S0002 would be taken for the store of that name."""
    new = pl.DataFrame({"option_id": ["S0002"], "role": ["hub"], "lat": [39.7], "lon": [-105.0]})
    options = pl.concat([hub_options(), completed("site_options", new)])
    with pytest.raises(InputError, match=r"option S0002 has no site_id, and its id is that of a site"):
        studied(options=options)


def test_a_retailer_without_sites_is_told():
    bare = replace(shop(), sites=shop().sites.clear())
    with pytest.raises(InputError, match="there is no site"):
        studied(retailer=bare)
