"""What the delivery of orders on their way in costs the shopper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from doorstep.domain.new_order import NewLine, NewOrder
from doorstep.foundation import InputError
from doorstep.operations.intake.network import LiveNetwork
from doorstep.promising import price_options
from doorstep.promising.price import ANY


class Asked(NamedTuple):
    """What a fee depends on: the order, its service level, the fee before any rule, and the taken share of its slot."""

    order: NewOrder
    service_level_id: str
    own_fee_minor: int
    load_pct: int


class Fee(NamedTuple):
    """What the shopper pays, and the rule that made it, empty for the fee of the service level or slot itself.

    ``discount_minor`` is what somebody without the membership would pay more.
    """

    fee_minor: int
    rule_id: str
    discount_minor: int = 0


def fees_of(network: LiveNetwork, asked: Sequence[Asked]) -> list[Fee]:
    """Return what each option costs, its extras included; quotes and orders come here alike.

    The price rules make the fee, of that a member pays what the plan says, and extras are paid on top by all.

    Raises
    ------
    InputError
        If a basket is worth more than can be counted.
    """
    return [
        fee._replace(fee_minor=fee.fee_minor + network.door.price_minor(one.order))
        for one, fee in zip(asked, _of_delivery(network, asked), strict=True)
    ]


def _of_delivery(network: LiveNetwork, asked: Sequence[Asked]) -> list[Fee]:
    if not asked or (not network.rules.rule_id and not network.plans):
        return [Fee(one.own_fee_minor, "") for one in asked]
    orders = {id(one.order): one.order for one in asked}
    worth = {key: basket_minor(network, order.lines) for key, order in orders.items()}
    ruled = _by_rules(network, asked, worth)
    if not any(order.membership for order in orders.values()):
        return ruled
    strange = {key: replace(order, membership="") for key, order in orders.items()}
    usual = _by_rules(
        network,
        [one._replace(order=strange[id(one.order)]) for one in asked],
        worth | {id(order): worth[key] for key, order in strange.items()},
    )
    return [
        _of_member(network, one, fee, worth[id(one.order)], other.fee_minor)
        for one, fee, other in zip(asked, ruled, usual, strict=True)
    ]


def _of_member(network: LiveNetwork, asked: Asked, fee: Fee, basket: int, usual_minor: int) -> Fee:
    """Return what a shopper pays where anybody else pays ``usual_minor``."""
    plan = network.plans.get(asked.order.membership)
    paid = plan.fee(asked.service_level_id, fee.fee_minor, basket) if plan else fee.fee_minor
    return Fee(paid, fee.rule_id, max(0, usual_minor - paid))


def _by_rules(network: LiveNetwork, asked: Sequence[Asked], worth: Mapping[int, int]) -> list[Fee]:
    if not network.rules.rule_id:
        return [Fee(one.own_fee_minor, "") for one in asked]
    fees = price_options(
        network.rules,
        level=_column(network.levels[one.service_level_id] for one in asked),
        own_fee=_column(one.own_fee_minor for one in asked),
        load_pct=_column(one.load_pct for one in asked),
        basket=_column(worth[id(one.order)] for one in asked),
        postal_code=np.array([one.order.postal_code for one in asked], dtype=np.str_),
        membership=np.array([one.order.membership for one in asked], dtype=np.str_),
    )
    return [
        Fee(fee, network.rules.rule_id[rule] if rule != ANY else "")
        for fee, rule in zip(fees.fee.tolist(), fees.rule.tolist(), strict=True)
    ]


def basket_minor(network: LiveNetwork, lines: Iterable[NewLine]) -> int:
    """Return the value of goods [minor units].

    Raises
    ------
    InputError
        If it is more than can be counted.
    """
    value = sum(network.price_minor[line.product_id] * line.quantity for line in lines)
    if value >= 2**63:
        raise InputError(f"a basket worth {value} is more than can be counted.")
    return value


def _column(values: Iterable[int]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    return np.array(list(values), dtype=np.int64)
