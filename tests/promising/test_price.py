"""Of the price rules that hold, the most fitting one makes the fee."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.retailer import completed
from doorstep.foundation import InputError
from doorstep.promising import check_fees
from doorstep.promising.price import ANY, PriceRules, price_options
from tests.small import retailer, table

LEVELS = retailer().service_levels  # same_day 799, next_day 399, two_day 0, click_and_collect 0
SAME_DAY, NEXT_DAY, TWO_DAY = 0, 1, 2


def rules(header: str, *rows: tuple[object, ...]) -> PriceRules:
    return PriceRules.from_tables(completed("price_rules", table(f"rule_id {header}", *rows)), LEVELS)


def fee(
    found: PriceRules,
    *,
    level: int = SAME_DAY,
    own: int = 799,
    load: int = 0,
    basket: int = 5_000,
    postal_code: str = "60606",
    membership: str = "",
) -> tuple[int, str]:
    """Return the fee of one option and the rule that made it."""
    numbers = (np.array([number], dtype=np.int64) for number in (level, own, load, basket))
    texts = (np.array([text], dtype=np.str_) for text in (postal_code, membership))
    names = ("level", "own_fee", "load_pct", "basket", "postal_code", "membership")
    fees = price_options(found, **dict(zip(names, (*numbers, *texts), strict=True)))  # type: ignore[arg-type]
    row = int(fees.rule[0])
    return int(fees.fee[0]), found.rule_id[row] if row != ANY else ""


def test_without_a_rule_the_fee_is_that_of_the_level():
    assert fee(PriceRules.from_tables(completed("price_rules", None), LEVELS)) == (799, "")


def test_a_rule_gives_a_fee_a_share_or_an_amount():
    assert fee(rules("fee_minor", ("free", 0))) == (0, "free")
    assert fee(rules("percent_bp", ("half", 5_000))) == (400, "half")
    assert fee(rules("amount_minor", ("less", -99))) == (700, "less")


def test_a_fee_is_never_below_zero():
    assert fee(rules("amount_minor", ("less", -900))) == (0, "less")


def test_a_rule_holds_from_a_basket_value_to_below_another():
    found = rules("basket_from_minor basket_below_minor fee_minor", ("band", 3_000, 5_000, 1))
    assert [fee(found, basket=value)[1] for value in (2_999, 3_000, 4_999, 5_000)] == ["", "band", "band", ""]


def test_a_rule_for_a_level_a_prefix_a_membership_or_a_load_holds_for_these_only():
    level = rules("service_level_id fee_minor", ("r", "next_day", 1))
    assert (fee(level)[1], fee(level, level=NEXT_DAY)[1]) == ("", "r")
    prefix = rules("postal_prefix fee_minor", ("r", "606", 1))
    assert (fee(prefix)[1], fee(prefix, postal_code="60706")[1], fee(prefix, postal_code="")[1]) == ("r", "", "")
    member = rules("membership fee_minor", ("r", "plus", 1))
    assert (fee(member)[1], fee(member, membership="plus")[1], fee(member, membership="gold")[1]) == ("", "r", "")
    load = rules("slot_load_from_pct fee_minor", ("r", 80, 1))
    assert (fee(load, load=79)[1], fee(load, load=80)[1]) == ("", "r")


def test_the_higher_load_goes_before_the_lower_whatever_the_order_of_rows():
    found = rules("slot_load_from_pct amount_minor", ("busy", 50, 100), ("full", 90, 300))
    assert [fee(found, load=share) for share in (49, 50, 90)] == [(799, ""), (899, "busy"), (1_099, "full")]


def test_more_conditions_go_before_fewer_and_a_longer_prefix_before_a_shorter():
    found = rules(
        "service_level_id postal_prefix fee_minor",
        ("all", "", "", 1), ("level", "same_day", "", 2), ("both", "same_day", "6", 3), ("near", "same_day", "606", 4),
    )  # fmt: skip
    assert fee(found) == (4, "near")
    assert fee(found, postal_code="61") == (3, "both")
    assert fee(found, postal_code="7") == (2, "level")
    assert fee(found, level=TWO_DAY, postal_code="7") == (1, "all")


def test_priority_goes_before_conditions_and_the_earlier_row_before_an_equal_one():
    found = rules("postal_prefix priority fee_minor", ("fit", "606", 0, 1), ("first", "", 1, 2), ("second", "", 1, 3))
    assert fee(found) == (2, "first")


def test_a_rule_for_an_unknown_level_is_refused():
    with pytest.raises(InputError, match=r"service_level_id \['never'\]"):
        rules("service_level_id fee_minor", ("r", "never", 1))


def test_options_of_other_shapes_are_refused():
    one, two = np.zeros(1, np.int64), np.zeros(2, np.int64)
    text = np.array([""])
    with pytest.raises(InputError, match="must all be"):
        price_options(rules("fee_minor", ("r", 1)), level=one, own_fee=two, load_pct=one, basket=one, postal_code=text,
                      membership=text)  # fmt: skip


def test_a_rule_with_a_fee_that_also_changes_one_and_an_empty_band_are_refused():
    for wrong in ({"fee_minor": 1, "amount_minor": 1}, {"basket_from_minor": 5, "basket_below_minor": 5}):
        with pytest.raises(InputError, match="price_rules"):
            completed("price_rules", pl.DataFrame({"rule_id": ["r"], **{k: [v] for k, v in wrong.items()}}))


names = st.sampled_from(["", "same_day", "next_day"])
prefixes = st.sampled_from(["", "6", "606", "7"])
memberships = st.sampled_from(["", "plus"])
few = st.integers(0, 3)
rows = st.tuples(names, prefixes, few, st.none() | st.integers(4, 5), memberships, few, st.none() | few, few)
asked = st.tuples(st.sampled_from(["same_day", "next_day"]), st.integers(0, 20_000), few, st.integers(0, 5),
                  st.sampled_from(["", "60606", "75001"]), memberships)  # fmt: skip
RULE = (
    "service_level_id postal_prefix basket_from_minor basket_below_minor membership slot_load_from_pct fee_minor "
    "priority"
)
OPTION = "service_level_id own_fee_minor load_pct basket_minor postal_code membership"


def book(found: list[tuple[object, ...]]) -> pl.DataFrame:
    """Return rules of which every other one without a fee asks a share and an amount."""
    given = table(f"rule_id {RULE}", *[(f"r{n}", *row) for n, row in enumerate(found)])
    changes = given.with_row_index("n").select(
        percent_bp=pl.when(pl.col("fee_minor").is_null() & (pl.col("n") % 2 == 0)).then(5_001).otherwise(10_000),
        amount_minor=pl.when(pl.col("fee_minor").is_null()).then(-3).otherwise(0),
    )
    return completed("price_rules", pl.concat([given, changes], how="horizontal"))


@given(st.lists(rows, min_size=1, max_size=8), st.lists(asked, min_size=1, max_size=5))
def test_the_checker_agrees_with_every_fee_and_finds_each_that_is_changed(found, options):
    price_rules, given = book(found), table(OPTION, *options)
    rules = PriceRules.from_tables(price_rules, LEVELS)
    fees = price_options(
        rules,
        level=np.array([["same_day", "next_day"].index(name) for name in given["service_level_id"]], dtype=np.int64),
        own_fee=given["own_fee_minor"].to_numpy(),
        load_pct=given["load_pct"].to_numpy(),
        basket=given["basket_minor"].to_numpy(),
        postal_code=np.array(given["postal_code"].to_list(), dtype=np.str_),
        membership=np.array(given["membership"].to_list(), dtype=np.str_),
    )
    said = given.with_columns(
        fee_minor=pl.Series(fees.fee), rule_id=pl.Series([rules.rule_id[r] if r != ANY else "" for r in fees.rule])
    )
    assert check_fees(price_rules, said) == []
    assert len(check_fees(price_rules, said.with_columns(pl.col("fee_minor") + 1))) == len(options)
    assert len(check_fees(price_rules, said.with_columns(rule_id=pl.lit("other")))) == len(options)


def test_a_fee_too_large_to_count_with_is_refused():
    with pytest.raises(InputError, match="own_fee"):
        fee(rules("fee_minor", ("r", 1)), own=10**13 + 1)
