"""Orders as callers write them, as what intake takes."""

from dataclasses import replace

from doorstep.api.models.orders import OrderContent, OrderCreate
from doorstep.api.models.parts import Place
from doorstep.api.option_ids import basket_number, read_option
from doorstep.domain.new_order import Contact, NewLine, NewOrder
from doorstep.operations.caller import Caller
from doorstep.operations.intake.draft import Intake
from doorstep.storage.journal import canonical


def new_intake(order: OrderCreate, caller: Caller, *, now: int, key: str | None, secret: str) -> Intake:
    """Return the order that a caller asks for, as one request; an offered option gives it its window, slot and price.

    Parameters
    ----------
    secret
        With which the tenant's options are signed.

    Raises
    ------
    InputError
        If the option was not offered for it. Whether it has expired is for intake to say: it knows who comes again.
    """
    new = replace(
        repeatable_order(order),
        external_id=order.external_id,
        window=order.window.closed if order.window else None,
        payment=order.payment,
        hold_id=order.hold_id,
    )
    if not order.option_id:
        return Intake(caller=caller, order=new, now=now, key=key)
    offer = read_option(
        order.option_id, asked=asked_of(caller.tenant_id, order.service_level_id, order.place), secret=secret
    )
    return Intake(
        caller=caller,
        order=replace(new, window=(offer.start_at, offer.end_at)),
        now=now,
        key=key,
        offered_until=offer.expires_at,
        fee_minor=offer.fee_minor if offer.basket == basket_number(new) else None,
        slot_id=offer.slot_id,
    )


def repeatable_order(order: OrderContent) -> NewOrder:
    """Return the order without what can happen but once: its name, payment, window and hold."""
    return NewOrder(
        service_level_id=order.service_level_id,
        lat=order.place.lat,
        lon=order.place.lon,
        postal_code=order.place.postal_code,
        lines=tuple([NewLine(product_id=line.product_id, quantity=line.quantity) for line in order.lines]),
        pickup_site_id=order.pickup_site_id or "",
        requirements=";".join(order.requirements),
        extras=";".join(order.extras),
        landing_site=order.place.landing_site,
        contact=contact_of(order),
        if_short=order.if_short,
        membership=order.membership,
        member_id=order.member_id,
        neighbour_ok=order.neighbour_ok,
    )


def contact_of(order: OrderContent) -> Contact | None:
    """Return who receives an order with all that is personal about it, None if there is nothing."""
    address = canonical(order.place.address.model_dump()) if order.place.address else "{}"
    if order.contact is None and not order.note and not order.place.address:
        return None
    known = {} if order.contact is None else order.contact.model_dump()
    return Contact(**known, address=address, note=order.note)


def asked_of(tenant_id: str, service_level_id: str, place: Place) -> str:
    """Return what an option's name is bound to."""
    return f"{tenant_id}|{service_level_id}|{place.lat:.6f}|{place.lon:.6f}"
