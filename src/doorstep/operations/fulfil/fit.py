"""How an order's reservations change when other sites are to serve it: as little as possible."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from doorstep.storage.ledger import Holding


class OrderedLine(NamedTuple):
    """What is still to be served of a line."""

    line_no: int
    product_id: str
    quantity: int


class Piece(NamedTuple):
    """Units of a line to reserve at a site."""

    line_no: int
    product_id: str
    site_id: str
    quantity: int


class Fit(NamedTuple):
    """Reservations to end, and units to reserve instead."""

    ending: list[Holding]
    pieces: list[Piece]


def fit_reservations(
    lines: Sequence[OrderedLine], wanted: Mapping[tuple[str, str], int], held: Sequence[Holding]
) -> Fit:
    """Return the change after which lines hold exactly the units wanted.

    A reservation that is wanted whole stays untouched; one that is wanted in part is ended and made anew.

    Parameters
    ----------
    lines
        Their units of a product add up to what is wanted of it, or to more.
    wanted
        Units by product and site.
    held
        Reservations of stock.
    """
    left = Counter(dict(wanted))
    open_units = {line.line_no: line.quantity for line in lines}
    fit = Fit([], [])
    for holding in held:
        site, product = holding.place.site_id, holding.place.item
        kept = min(holding.quantity, left[product, site], open_units.get(holding.line_no, 0))
        left[product, site] -= kept
        if holding.line_no in open_units:
            open_units[holding.line_no] -= kept
        if kept == holding.quantity:
            continue
        fit.ending.append(holding)
        if kept:
            fit.pieces.append(Piece(holding.line_no, product, site, kept))
    for line in lines:
        for product, site in sorted(left):
            taken = min(left[product, site], open_units[line.line_no]) if product == line.product_id else 0
            if taken:
                left[product, site] -= taken
                open_units[line.line_no] -= taken
                fit.pieces.append(Piece(line.line_no, product, site, taken))
    return Fit(fit.ending, _merged(fit.pieces))


def lines_by_site(lines: Sequence[OrderedLine], fit: Fit, held: Sequence[Holding]) -> dict[str, int]:
    """Return how many lines each site picks after a change."""
    kept = {(h.place.site_id, h.line_no) for h in held if h not in fit.ending}
    picked = Counter(site for site, _ in sorted(kept | {(piece.site_id, piece.line_no) for piece in fit.pieces}))
    assert sum(picked.values()) >= len(lines), "a line is picked nowhere"
    return dict(picked)


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    units: Counter[tuple[int, str, str]] = Counter()
    for piece in pieces:
        units[piece[:3]] += piece.quantity
    return [Piece(*key, quantity) for key, quantity in sorted(units.items())]
