"""The sites that hold an order's units from its first second, before order routing weighs costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from doorstep.domain.new_order import NewLine
from doorstep.operations.intake.expected import Expected


@dataclass(frozen=True, slots=True)
class Piece:
    """Units of one line at one site: on its shelf, or of a receipt that is expected there."""

    line_no: int
    product_id: str
    site_id: str
    quantity: int
    receipt_id: str = ""


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


def told_apart(pieces: Sequence[Piece], free: Mapping[tuple[str, str], int], coming: Sequence[Expected]) -> list[Piece]:
    """Return pieces of what is on shelves and of what is expected, told apart; what is there, or comes first, is taken.

    Parameters
    ----------
    pieces
        Chosen from both together.
    free
        Units on shelves by site and product.
    coming
        Receipts, the earliest first.
    """
    left: dict[tuple[str, str, str], int] = {}
    for receipt in coming:
        left[receipt.site_id, receipt.product_id, receipt.receipt_id] = receipt.free
    shelf = {(piece.site_id, piece.product_id, ""): free.get((piece.site_id, piece.product_id), 0) for piece in pieces}
    found = []
    for piece in pieces:
        wanted, units = piece.quantity, shelf | left
        for site, product, receipt_id in units:
            given = min(wanted, units[site, product, receipt_id])
            if (site, product) == (piece.site_id, piece.product_id) and given > 0:
                found.append(replace(piece, quantity=given, receipt_id=receipt_id))
                (left if receipt_id else shelf)[site, product, receipt_id] -= given
                wanted -= given
    return found


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
