"""Free units in memory against a dictionary, whichever form a product has."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.operations.intake.shelves import MOST, Shelves

SITES = tuple(f"S{number}" for number in range(6))
LATER = ("N1", "N2")
puts = st.lists(
    st.tuples(st.sampled_from(SITES + LATER), st.sampled_from("AB"), st.integers(0, 40) | st.just(MOST + 7)),
    max_size=40,
)


@given(puts)
def test_shelves_hold_what_was_put_there_last_up_to_what_they_can_tell_apart(changes):
    shelves, wanted = Shelves(SITES), {}
    for site, product, units in changes:
        shelves.put(site, product, units)
        wanted[site, product] = min(units, MOST)
    for product in "ABC":
        assert {site: shelves.get(site, product) for site in SITES + LATER} == {
            site: wanted.get((site, product), 0) for site in SITES + LATER
        }
        assert dict(shelves.holders(product)) == {
            site: units for (site, other), units in wanted.items() if other == product and units > 0
        }


@pytest.mark.parametrize("sites", [1, 2, 3, 6])
def test_a_product_put_everywhere_can_be_changed_site_by_site(sites: int):
    shelves = Shelves(SITES)
    shelves.put("S0", "A", 9)
    shelves.put_everywhere("A", array("h", [1, 2, 3, 4, 5, 6]))
    for site in SITES[:sites]:
        shelves.put(site, "A", 0)
    assert [shelves.get(site, "A") for site in SITES] == [0] * sites + [1, 2, 3, 4, 5, 6][sites:]
    assert shelves.get("nowhere", "A") == 0
