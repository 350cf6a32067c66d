"""The story of an order says what happened and why, in numbers that can be checked by hand."""

from dataclasses import replace

import polars as pl
import pytest

from doorstep.console.story import order_story
from doorstep.console.story.alternatives import with_reason
from doorstep.foundation import NotFoundError
from tests.console.small_plan import plan, retailer


def chapters(order_id):
    story = order_story(retailer(), plan(), order_id)
    return story, {chapter.title: " ".join(chapter.sentences) for chapter in story.chapters}


def test_an_order_by_van_has_its_route_its_door_and_its_local_times():
    story, told = chapters("O-1")
    assert story.headline == "Order O-1 arrives at 11:10 CST on Tue 3 Nov, inside its promise, and costs $5.81."
    brought = told["Who brings it, and why"]
    assert "Own route R-1 (V-S1)" in brought
    assert "door 1 of 1, reached at 11:05 and served 11:10 to 11:13" in brought


def test_lines_of_one_product_are_told_together():
    assert "3 x Milk (P-1)." in chapters("O-1")[1]["What was ordered and promised"]


def test_alternatives_carry_their_difference_to_the_choice():
    told = chapters("O-1")[1]
    assert "Chosen: Store 1, $5.81: nearest with all products." in told["Who picks it, and why"]
    assert "Centre Joliet would cost $0.80 more: farther from the door." in told["Who picks it, and why"]
    assert "Store 7 is impossible: lacks P-1" in told["Who picks it, and why"]
    assert "Parcel & Co would cost $0.61 less: it cannot hit the window." in told["Who brings it, and why"]


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("", "Store 1 is far."),
        ("it is late", "Store 1 is far: it is late."),
        ("It is late.", "Store 1 is far. It is late."),
    ],
)
def test_reasons_follow_as_they_are_written(why, text):
    assert with_reason("Store 1 is far", why) == text


def test_sites_that_share_an_order_have_no_cost_of_their_own():
    made = plan()
    both = made.decisions.with_columns(chosen=(pl.col("question") == "site") & pl.col("cost_minor").is_not_null())
    told = order_story(retailer(), replace(made, decisions=both), "O-1").chapters[1].sentences
    assert "Chosen: Store 1: nearest with all products." in told
    assert "Chosen: Centre Joliet: farther from the door." in told


def test_a_site_called_by_its_id_gets_its_name():
    made = plan()
    by_id = made.decisions.with_columns(
        option=pl.when(pl.col("site_id") == "F1").then(pl.lit("F1")).otherwise("option")
    )
    told = order_story(retailer(), replace(made, decisions=by_id), "O-1").chapters[1].sentences
    assert "Centre Joliet (F1) would cost $0.80 more: farther from the door." in told


def test_what_a_site_holds_for_other_orders_is_told_beside_its_cost():
    made = plan()
    dear = made.decisions.with_columns(price_minor=pl.when(pl.col("site_id") == "F1").then(40).otherwise(None))
    told = order_story(retailer(), replace(made, decisions=dear), "O-1").chapters[1].sentences
    worth = "and take what is worth $0.40 to other orders"
    assert f"Centre Joliet would cost $0.80 more, {worth}: farther from the door." in told


def test_cost_parts_add_up_and_the_margin_remains():
    told = chapters("O-1")[1]["What it costs"]
    assert "Pick $1.80, carton $0.40, stem $2.10, drop $1.30 and failure risk $0.21: $5.81 in all." in told
    assert "Goods margin and fee bring $9.49, so $3.68 remain." in told


def test_a_late_order_says_how_late_and_by_whom():
    story, told = chapters("O-2")
    assert "24 h 00 after its promise" in story.headline
    assert "its lane leaves Centre Joliet (F1) for Store" in told["How it is packed"]
    assert "Parcel carrier Parcel & Co (PX) takes 1 parcel" in told["Who brings it, and why"]


def test_a_collected_order_is_ready_not_delivered():
    story, told = chapters("O-3")
    assert story.headline.startswith("Order O-3 is ready for collection at 10:00 CST")
    assert "The shopper collects 1 parcel at Store" in told["Who brings it, and why"]
    assert "PC-3 in its own packaging" in told["How it is packed"]


def test_a_loss_is_called_a_loss():
    assert "so $1.35 are lost" in chapters("O-3")[1]["What it costs"]


def test_an_unserved_order_says_what_would_have_helped():
    story, told = chapters("O-4")
    assert story.headline == "Order O-4 is not served: out of stock."
    assert "Store 1 is impossible: holds 2 of 5." in told["Why it is not served"]
    assert told["What would have helped"] == (
        "Peas (P-3): 5 ordered, 2 can be sold at 1 site; 3 more units would have helped."
    )


def test_alternatives_beyond_the_limit_are_counted():
    picked = order_story(retailer(), plan(), "O-1", most_alternatives=1).chapters[1]
    assert picked.sentences[-1] == "Also weighed: 1 more alternative, in decisions.parquet."


def test_an_unknown_order_names_similar_ones():
    with pytest.raises(NotFoundError, match=r"'O-9' is not among the 4 orders") as fault:
        order_story(retailer(), plan(), "O-9")
    assert fault.value.hint == "Maybe you mean O-4, O-3, O-2."


def test_the_text_keeps_within_its_width():
    assert max(len(line) for line in order_story(retailer(), plan(), "O-1").text(60).splitlines()) <= 60
