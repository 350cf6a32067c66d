"""A part of what was claimed for a holder is lost on the way."""

from sqlalchemy import update

from doorstep.foundation import ConflictError
from doorstep.storage.connection import Connection
from doorstep.storage.ledger import Holding, forget_claims
from doorstep.storage.schema.ledger import reservations


def forget_part(connection: Connection, claimed: Holding, quantity: int) -> None:
    """Take from a holder a part of what was claimed for it, as ``forget_claims`` does with all.

    Raises
    ------
    ConflictError
        If it is no longer claimed as given.
    """
    if quantity >= claimed.quantity:
        forget_claims(connection, [claimed])
        return
    mine = (
        (reservations.c.holder_id == claimed.holder_id)
        & (reservations.c.line_no == claimed.line_no)
        & (reservations.c.position_id == claimed.position_id)
        & (reservations.c.taken_by == claimed.taken_by)
        & (reservations.c.quantity == claimed.quantity)
    )
    less = update(reservations).where(mine).values(quantity=claimed.quantity - quantity)
    if connection.execute(less).rowcount != 1:
        raise ConflictError("a reservation has changed meanwhile.", hint="Maybe read it again and retry.")
