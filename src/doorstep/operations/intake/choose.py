"""The sites that hold an order's units from its first second, before order routing weighs costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doorstep.domain.new_order import NewLine


@dataclass(frozen=True, slots=True)
class Piece:
    """Units of one line at one site."""

    line_no: int
    product_id: str
    site_id: str
    quantity: int


def choose_pieces(
    lines: Sequence[NewLine], sites: Sequence[str], free: Mapping[tuple[str, str], int]
) -> list[Piece] | None:
    """Return pieces that cover all lines, or None if the sites together lack stock.

    The nearest site that has everything; else sites one by one, each time the one that covers most of what is still
    missing, the nearest of equals. Lines are numbered from 1.

    Parameters
    ----------
    sites
        Nearest first.
    free
        Units free by site and product.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
    for site in sites:
        if all(free.get((site, product), 0) >= units for product, units in wanted.items()):
            return [Piece(number, line.product_id, site, line.quantity) for number, line in enumerate(lines, 1)]
    return _split(lines, sites, free)


def _split(lines: Sequence[NewLine], sites: Sequence[str], free: Mapping[tuple[str, str], int]) -> list[Piece] | None:
    missing = {number: (line.product_id, line.quantity) for number, line in enumerate(lines, 1)}
    pieces: list[Piece] = []
    open_sites = list(sites)
    while missing:
        best = max((_covered(missing, site, free) for site in open_sites), key=_units, default=[])
        if not best:
            return None
        pieces += best
        open_sites.remove(best[0].site_id)
        for piece in best:
            product, left = missing.pop(piece.line_no)
            if left > piece.quantity:
                missing[piece.line_no] = (product, left - piece.quantity)
    return pieces


def _units(pieces: Sequence[Piece]) -> int:
    return sum(piece.quantity for piece in pieces)


def _covered(missing: Mapping[int, tuple[str, int]], site: str, free: Mapping[tuple[str, str], int]) -> list[Piece]:
    """Return what a site can give; two lines of one product share its units."""
    left: dict[str, int] = {}
    pieces = []
    for line_no, (product, wanted) in missing.items():
        here = left.setdefault(product, free.get((site, product), 0))
        given = min(here, wanted)
        if given > 0:
            pieces.append(Piece(line_no, product, site, given))
            left[product] = here - given
    return pieces
