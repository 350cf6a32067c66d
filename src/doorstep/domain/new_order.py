"""What a shop sends when a shopper has ordered."""

from dataclasses import dataclass
from typing import Literal

MOST_LINES = 200
"""Most lines of one order."""
AHEAD_S = 400 * 86_400
"""How far ahead anything may be asked for: windows, slots, the first order of a subscription. No window reaches further
back either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """Units of one product; a product may stand on two lines."""

    product_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who receives it: personal data, stored apart and erased in time. ``address`` is JSON text."""

    name: str = ""
    phone: str = ""
    email: str = ""
    locale: str = ""
    address: str = "{}"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order as asked for; ``lat`` and ``lon`` are WGS 84 degrees of the door.

    Parameters
    ----------
    external_id
        The shop's own name for it; the same one never makes a second order.
    window
        Start and end of a window of its own [epoch s], both belonging to it; None: the service level's.
    extras
        Work at the door besides bringing, words by ``;``.
    landing_site
        Whether drones of the air may land at the door or lower a parcel there.
    payment
        ``pending`` holds the stock for a while and waits for ``place_order``.
    if_short
        What to do if stock lacks.
    hold_id
        A slot hold made at checkout, confirmed with the order.
    membership
        Of the shopper, for the price of delivery and what is only for members: a plan, or a word of price rules.
    member_id
        The shopper's membership here, which says the plan.
    neighbour_ok
        The shopper lets it be left with a neighbour.
    """

    service_level_id: str
    lat: float
    lon: float
    lines: tuple[NewLine, ...]
    external_id: str | None = None
    postal_code: str = ""
    pickup_site_id: str = ""
    requirements: str = ""
    extras: str = ""
    service_s: int | None = None
    landing_site: bool = False
    window: tuple[int, int] | None = None
    contact: Contact | None = None
    payment: Literal["settled", "pending"] = "settled"
    if_short: Literal["refuse", "backorder"] = "refuse"
    hold_id: str | None = None
    subscription_id: str | None = None
    membership: str = ""
    member_id: str | None = None
    neighbour_ok: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOrder:
    """An order as accepted.

    Window ends belong to it [epoch s]; ``held`` are line, site and units reserved on shelves, ``coming`` line, site,
    units and receipt of those that have yet to come; ``membership_discount_minor`` is what its member did not pay of
    the fee; ``repeated`` says that it had been accepted before.
    """

    order_id: str
    code: str
    state: str
    version: int
    placed_at: int
    window_start_at: int
    window_end_at: int
    fee_minor: int
    membership: str = ""
    membership_discount_minor: int = 0
    held: tuple[tuple[int, str, int], ...] = ()
    coming: tuple[tuple[int, str, int, str], ...] = ()
    repeated: bool = False
