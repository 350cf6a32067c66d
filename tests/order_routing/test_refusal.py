"""What sites refused is learnt by site and hour, and makes them dearer by what a refusal is expected to cost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Ints
from doorstep.order_routing import route_orders
from doorstep.order_routing.refusal import HOURS, Belief, learn_acceptance, refusal_risk
from doorstep.order_routing.rules import cost_components
from tests.order_routing.small_orders import allocations, array, routing

NINE = 9


def counts(*rows: tuple[int, int, int], sites: int = 2) -> Ints:
    """Return counts by site and hour, 0 where no row (site, hour, count) says otherwise."""
    found = np.zeros((sites, HOURS), dtype=np.int64)
    for site, hour, count in rows:
        found[site, hour] = count
    return found


def test_where_nothing_is_known_the_stated_share_holds():
    assert learn_acceptance(counts(), counts()) == pytest.approx(0.98)


def test_an_hour_is_shrunk_towards_its_site_and_a_site_towards_all():
    belief = Belief(accepted=0.9, strength=10, site_strength=10, hour_strength=10)
    found = learn_acceptance(counts((0, NINE, 10), (1, NINE, 20)), counts((0, NINE, 6)), belief)
    everywhere = (24 + 9) / 40  # 24 of 30 accepted, and nine of the ten that the belief is worth
    refusing, other = (4 + 10 * everywhere) / 20, (20 + 10 * everywhere) / 30
    assert found[0, NINE] == pytest.approx((4 + 10 * refusing) / 20)
    assert found[0, 10] == pytest.approx(refusing)
    assert found[1, NINE] == pytest.approx((20 + 10 * other) / 30)
    assert found[0, NINE] < found[0, 10] < everywhere < found[1, 10] < found[1, NINE]


def test_the_risk_is_the_expected_cost_of_routing_again():
    acceptance = np.full((2, HOURS), 1.0)
    acceptance[1, NINE] = 0.75
    site, hour = array([[0, 1, -1], [1, 1, 0]]), array([[NINE, NINE, 0], [10, NINE, NINE]])
    assert refusal_risk(acceptance, site, hour, 500).tolist() == [[0, 125, 0], [0, 125, 0]]


small_counts = arrays(np.int64, (3, HOURS), elements=st.integers(0, 30))


@given(small_counts, small_counts, st.integers(0, 2), st.integers(0, HOURS - 1), st.booleans())
def test_a_refusal_more_never_lowers_any_risk(accepted, refused, site, hour, instead):
    """The one more is a package more, or one that would otherwise have been accepted."""
    one = counts((site, hour, int(not instead or accepted[site, hour] > 0)), sites=3)
    asked = accepted + refused
    before = learn_acceptance(asked, refused)
    after = learn_acceptance(asked if instead else asked + one, refused + one)
    assert (after <= before + 1e-12).all()
    assert ((after > 0) & (after < 1)).all()


def test_a_site_that_refuses_often_loses_to_a_dearer_one():
    plain = routing([[(0, 1)]], stock=[[1], [1]], price=[[500, 560]])
    acceptance = learn_acceptance(counts((0, NINE, 100), (1, NINE, 100)), counts((0, NINE, 40)))
    risk = refusal_risk(acceptance, plain.candidates, np.full_like(plain.candidates, NINE), 500)
    wary = replace(plain, risk_minor=risk)
    assert allocations(route_orders(plain), plain) == [(0, 0, 0, 1)]
    plan = route_orders(wary)
    assert allocations(plan, wary) == [(0, 0, 1, 1)]
    assert plan.single_minor.tolist() == [[500 + risk[0, 0], 560 + risk[0, 1]]]
    assert cost_components(wary, plan)["risk"].tolist() == [risk[0, 1]]


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        (counts(), counts(sites=3)),
        (np.zeros((2, 12), dtype=np.int64), np.zeros((2, 12), dtype=np.int64)),
        (counts((0, NINE, 1)), counts((0, NINE, 2))),
        (counts(), counts((1, NINE, -1))),
    ],
)
def test_counts_that_cannot_be_are_refused(asked, refused):
    with pytest.raises(InputError):
        learn_acceptance(asked, refused)


@pytest.mark.parametrize("wrong", [{"accepted": 1.0}, {"strength": 0.0}, {"hour_strength": -1.0}])
def test_a_belief_that_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        Belief(**wrong)
