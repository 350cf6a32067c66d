"""What delivery costs the shopper: price rules, the most fitting of which applies."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Ints, index_of, ints, ints_or

ANY = -1
UNLIMITED = np.iinfo(np.int64).max
OWN_BP = 10_000
MOST_OWN_FEE = 10**13
"""Of this, ten times as much in basis points is still a 64-bit number [minor units]."""
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRules:
    """R rules, the one that goes first before the others, so that the first whose conditions hold applies.

    Parameters
    ----------
    level : (R,)
        Row of the service level, ``ANY`` for every one.
    basket_below : (R,)
        ``UNLIMITED`` where the band of basket values has no end [minor units].
    fee : (R,)
        Fee of its own [minor units], ``ANY`` where the rule changes the fee of the level or slot.
    """

    rule_id: tuple[str, ...]
    level: Ints
    prefix: Texts
    basket_from: Ints
    basket_below: Ints
    membership: Texts
    load_from_pct: Ints
    fee: Ints
    percent_bp: Ints
    amount: Ints

    @classmethod
    def from_tables(cls, price_rules: pl.DataFrame, service_levels: pl.DataFrame) -> Self:
        """Return the rules of a retailer folder.

        Raises
        ------
        InputError
            If a rule is for a service level that there is not.
        """
        named = price_rules["service_level_id"]
        ids = pl.concat([service_levels["service_level_id"], pl.Series("service_level_id", [""], dtype=pl.String)])
        level = index_of(named, ids, what="service_level_id")
        level = np.where(level == service_levels.height, ANY, level)
        prefix, membership = _texts(price_rules["postal_prefix"]), _texts(price_rules["membership"])
        basket_from = ints(price_rules["basket_from_minor"])
        basket_below = ints_or(price_rules["basket_below_minor"], UNLIMITED)
        load_from = ints(price_rules["slot_load_from_pct"])
        length = np.strings.str_len(prefix)
        conditions = (
            (level != ANY).astype(np.int64)
            + (length > 0)
            + (membership != "")
            + (load_from > 0)
            + ((basket_from > 0) | (basket_below < UNLIMITED))
        )
        keys = (-basket_from, -load_from, -length, -conditions, -ints(price_rules["priority"]))
        first = np.lexsort(keys)  # stable: rules that are equal in everything stay in the order of their rows
        return cls(
            rule_id=tuple(price_rules["rule_id"].gather(first).to_list()),
            level=level[first],
            prefix=prefix[first],
            basket_from=basket_from[first],
            basket_below=basket_below[first],
            membership=membership[first],
            load_from_pct=load_from[first],
            fee=ints_or(price_rules["fee_minor"], ANY)[first],
            percent_bp=ints(price_rules["percent_bp"])[first],
            amount=ints(price_rules["amount_minor"])[first],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fee of each of N options [minor units], and the row of the rule that made it, ``ANY`` for none."""

    fee: Ints
    rule: Ints


def price_options(
    rules: PriceRules,
    *,
    level: Ints,
    own_fee: Ints,
    load_pct: Ints,
    basket: Ints,
    postal_code: Texts,
    membership: Texts,
) -> Fees:
    """Return what each option costs the shopper.

    A rule with a fee of its own replaces the fee of the service level or slot; any other asks a share of it, rounded
    half up, plus an amount. No fee is below zero.

    Parameters
    ----------
    level : (N,)
        Row of the service level.
    own_fee : (N,)
        Fee of the service level or slot before any rule [minor units].
    load_pct : (N,)
        Taken share of the slot [%], 0 for an option without one.
    basket : (N,)
        Value of the goods [minor units].
    postal_code, membership : (N,)
        Of the place and the shopper, empty where they are not known.

    Raises
    ------
    InputError
        If the shapes disagree, or a fee is too large to count with.
    """
    if own_fee.size and own_fee.max() > MOST_OWN_FEE:
        raise InputError(f"own_fee {own_fee.max()} must be at most {MOST_OWN_FEE}.")
    asked = (level, own_fee, load_pct, basket, postal_code, membership)
    if any(column.shape != level.shape or column.ndim != 1 for column in asked):
        raise InputError(f"options {[column.shape for column in asked]} must all be (N,).")
    if not rules.rule_id:
        return Fees(fee=own_fee.copy(), rule=np.full(level.shape, ANY, dtype=np.int64))
    holds = _holds(rules, level, load_pct, basket, postal_code, membership)
    rule = np.where(holds.any(axis=1), holds.argmax(axis=1), ANY)
    shared = (own_fee * rules.percent_bp[rule] + OWN_BP // 2) // OWN_BP + rules.amount[rule]
    ruled = np.where(rules.fee[rule] == ANY, np.maximum(shared, 0), rules.fee[rule])
    return Fees(fee=np.where(rule == ANY, own_fee, ruled), rule=rule)


def _holds(
    rules: PriceRules, level: Ints, load_pct: Ints, basket: Ints, postal_code: Texts, membership: Texts
) -> Bools:
    """Return whether all conditions of each rule hold for each option, (N, R)."""
    value = basket[:, None]
    return np.asarray(
        ((rules.level == ANY) | (rules.level == level[:, None]))
        & np.strings.startswith(postal_code[:, None], rules.prefix)
        & (rules.basket_from <= value)
        & (value < rules.basket_below)
        & ((rules.membership == "") | (rules.membership == membership[:, None]))
        & (rules.load_from_pct <= load_pct[:, None])
    )


def _texts(column: pl.Series) -> Texts:
    return np.array(column.to_list(), dtype=np.str_)
