"""Reservations change as little as possible, and afterwards they are what is wanted."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from doorstep.operations.fulfil.fit import OrderedLine, Piece, fit_reservations, lines_by_site
from doorstep.storage.ledger import Holding, Place


def holding(line_no: int, product: str, site: str, quantity: int) -> Holding:
    return Holding("O1", line_no, hash((product, site)), quantity, Place("stock", site, product))


TWO_LINES = [OrderedLine(1, "A", 2), OrderedLine(2, "A", 3)]


def test_what_is_wanted_already_stays_untouched():
    held = [holding(1, "A", "S1", 2), holding(2, "A", "S2", 3)]
    assert fit_reservations(TWO_LINES, {("A", "S1"): 2, ("A", "S2"): 3}, held) == ([], [])


def test_a_reservation_wanted_in_part_is_made_anew():
    held = [holding(1, "A", "S1", 2), holding(2, "A", "S1", 3)]
    fit = fit_reservations(TWO_LINES, {("A", "S1"): 4, ("A", "S2"): 1}, held)
    assert fit.ending == [held[1]]
    assert fit.pieces == [Piece(2, "A", "S1", 2), Piece(2, "A", "S2", 1)]
    assert lines_by_site(TWO_LINES, fit, held) == {"S1": 2, "S2": 1}


units = st.integers(0, 4)
products, sites = st.sampled_from("AB"), st.sampled_from(["S1", "S2", "S3"])


@given(st.lists(st.tuples(products, st.lists(st.tuples(sites, st.integers(1, 3)), min_size=1, max_size=3)), max_size=4),
       st.data())  # fmt: skip
def test_afterwards_every_line_is_whole_and_every_site_gives_what_is_wanted(lines, data):
    ordered = [OrderedLine(n, product, sum(q for _, q in parts)) for n, (product, parts) in enumerate(lines, 1)]
    wanted: Counter[tuple[str, str]] = Counter()
    for product, parts in lines:
        for site, quantity in parts:
            wanted[product, site] += quantity
    held = []
    for line in ordered:
        left = line.quantity
        for site in ("S1", "S2", "S3"):
            quantity = data.draw(st.integers(0, left))
            left -= quantity
            held += [holding(line.line_no, line.product_id, site, quantity)] if quantity else []
    fit = fit_reservations(ordered, wanted, held)
    after: Counter[tuple[int, str, str]] = Counter()
    for h in held:
        if h not in fit.ending:
            after[h.line_no, h.place.item, h.place.site_id] += h.quantity
    for piece in fit.pieces:
        after[piece[:3]] += piece.quantity
    for line in ordered:
        assert sum(q for (n, _, _), q in after.items() if n == line.line_no) == line.quantity
    for (product, site), quantity in wanted.items():
        assert sum(q for (_, p, s), q in after.items() if (p, s) == (product, site)) == quantity
