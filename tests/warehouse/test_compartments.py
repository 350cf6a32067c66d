"""Parcels find compartments of their own whenever there is a way, if each size fits into the next larger one."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from doorstep.warehouse.compartments import choose_compartments, fits

SIZES = [(200, 100, 80), (300, 200, 150), (600, 400, 400)]
parcels = st.lists(st.tuples(*(st.integers(10, 620),) * 3).map(lambda p: tuple(sorted(p, reverse=True))), max_size=4)
free = st.tuples(*(st.integers(0, 2),) * 3)


@given(parcels, free)
def test_every_parcel_has_one_alone_or_there_is_no_way(parcels, free):
    ways = [
        way
        for way in product(range(3), repeat=len(parcels))
        if all(fits(parcel, SIZES[n]) for parcel, n in zip(parcels, way, strict=True))
        and all(way.count(n) <= free[n] for n in range(3))
    ]
    found = choose_compartments(parcels, SIZES, list(free))
    assert (found is None) == (not ways)
    assert found is None or tuple(found) in ways


def test_each_takes_the_smallest_that_holds_it():
    assert choose_compartments([(250, 90, 90), (90, 90, 70)], SIZES, [1, 1, 1]) == [1, 0]
    assert choose_compartments([(90, 90, 70), (90, 90, 70)], SIZES, [1, 0, 1]) == [0, 2]
    assert choose_compartments([(700, 10, 10)], SIZES, [1, 1, 1]) is None
