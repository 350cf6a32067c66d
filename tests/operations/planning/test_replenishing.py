"""Proposals from a plan of the stock: what is bought and moved, where trucks drive, and by when."""

from datetime import date

import numpy as np
import polars as pl

from doorstep.domain import Retailer
from doorstep.foundation import Iterations, Silent
from doorstep.operations.planning.placing import StockStudy, StockWishes, study_stock
from doorstep.operations.planning.replenishing import proposals_of, replenishment_problem
from doorstep.operations.planning.site_demand import SiteDemand
from tests.small import CHICAGO, at, retailer, table


def shop(*shelves: tuple[str, str, int], lanes: bool = True) -> Retailer:
    """Return a centre F1 and a store S1 with vans, perhaps with a lane to it, and ten orders for A near the store."""
    sites = table(
        "site_id kind lat lon time_zone",
        ("F1", "fc", 41.0, -87.0, CHICAGO),
        ("S1", "store", 41.2, -87.0, CHICAGO),
    )
    vans = table(
        "vehicle_id site_id count shift_starts shift_ends max_weight_g max_volume_ml",
        *[(f"V{site}", site, 1, "08:00", "20:00", 500_000, 5_000_000) for site in ("F1", "S1")],
    )
    orders = table(
        "order_id placed_at lat lon postal_code service_level_id",
        *[(f"O{number}", at("08:00"), 41.2, -87.0, "60601", "same_day") for number in range(10)],
    )
    lines = table("order_id line_no product_id quantity", *[(f"O{number}", 1, "A", 1) for number in range(10)])
    road = table("from_site_id to_site_id departs duration_s parcel_cost_minor", ("F1", "S1", "04:00", 3_600, 30))
    given = {"sites": sites, "vehicles": vans, "orders": orders, "order_lines": lines,
             "stock": table("site_id product_id on_hand", *shelves)}  # fmt: skip
    return retailer(**given | ({"lanes": road} if lanes else {}))


def studied(asked: Retailer, wishes: StockWishes) -> StockStudy:
    """Return the study of a demand for ten units of A at the store in two days."""
    mean = np.zeros((3, 2))
    mean[0, 1] = 10.0
    demand = SiteDemand(mean=mean, k=np.full((3, 2), np.inf), days=2, notes=())
    return study_stock(
        asked, demand, wishes, rng=np.random.default_rng(1), stop=Iterations(limit=1_000), progress=Silent()
    )


def proposed(asked: Retailer, *, only_move: bool = False) -> pl.DataFrame:
    wishes = StockWishes(only_move=only_move, replay_days=0, space=1_000.0)
    return proposals_of(asked, studied(asked, wishes), wishes)


def test_what_lies_too_much_at_the_centre_is_moved_to_where_it_is_wanted():
    table = proposed(shop(("F1", "A", 40), ("S1", "A", 2)), only_move=True)
    moved = table.filter(pl.col("action") == "transfer")
    assert moved.select("product_id", "from_site_id", "site_id").unique().rows() == [("A", "F1", "S1")]
    assert 8 <= moved["units"].sum() <= 38
    assert (moved["value_minor"] > 0).all()
    assert (moved["deadline"] >= date(2026, 3, 3)).all()
    assert "A" not in table.filter(pl.col("action") == "buy")["product_id"].to_list()


def test_without_a_lane_nothing_is_moved_and_what_lacks_is_bought():
    table = proposed(shop(("F1", "A", 0), ("S1", "A", 2), lanes=False))
    assert table.filter(pl.col("action") == "transfer").height == 0
    bought = table.filter((pl.col("action") == "buy") & (pl.col("product_id") == "A"))
    assert bought["site_id"].to_list() == ["S1"]
    assert bought["units"].sum() >= 8


def test_what_is_expected_in_time_need_not_be_bought():
    coming = table("receipt_id site_id product_id units expected_at", ("r", "S1", "A", 30, at("12:00", "2026-03-04")))
    asked = shop(("S1", "A", 2), lanes=False)
    whole = Retailer.complete(asked.tables() | {"receipts": coming})
    wishes = StockWishes(replay_days=0, space=1_000.0)
    assert replenishment_problem(whole, studied(whole, wishes), wishes).incoming[0].tolist() == [0, 30]
    assert proposed(whole).filter((pl.col("action") == "buy") & (pl.col("product_id") == "A")).height == 0


def test_the_most_valuable_comes_first_and_everything_has_a_reason():
    found = proposed(shop(("F1", "A", 3), ("S1", "A", 1)))
    assert found["value_minor"].to_list() == sorted(found["value_minor"], reverse=True)
    assert (found["reason"] != "").all()
    assert found["reason"].str.contains("S1").any()
    assert not found["reason"].str.contains(r"[Ss]ite \d").any()
    assert set(found["action"]) <= {"buy", "transfer", "ship_from", "markdown"}


def test_towards_the_plan_sites_get_what_it_wants_there_and_no_more():
    asked, wishes = shop(("F1", "A", 3), ("S1", "A", 1)), StockWishes(replay_days=0, space=1_000.0)
    study = studied(asked, wishes)
    moved = proposals_of(asked, study, wishes, to_plan=True).filter(pl.col("action").is_in(["buy", "transfer"]))
    change = {row["site_id"]: row["units"] for row in
              moved.group_by("site_id").agg(pl.col("units").sum()).iter_rows(named=True)}  # fmt: skip
    short = np.maximum(study.plan.units - study.problem.present, 0).sum(axis=0)
    assert change == {site: units for site, units in zip(("F1", "S1"), short.tolist(), strict=True) if units}
    assert sum(change.values()) > 6


def test_nothing_is_marked_down_at_a_store():
    found = proposed(shop(("F1", "C", 500), ("S1", "C", 500)))
    marked = found.filter(pl.col("action") == "markdown")
    assert marked["site_id"].to_list() == ["F1"]
