"""Why an order was not accepted."""

from doorstep.foundation import ConflictError, InputError


class OrderFaultsError(InputError):
    """Parts of an order that cannot be right; ``faults`` are field, value and rule."""

    def __init__(self, faults: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__("; ".join(f"{field} {value!r} {rule}" for field, value, rule in faults) + ".")
        self.faults = faults


class NotEnoughStockError(ConflictError):
    """Stock or picking capacity lacks; ``short`` are line, product, units wanted and units free nearby."""

    def __init__(self, short: tuple[tuple[int, str, int, int], ...]) -> None:
        words = "; ".join(f"line {n}: {wanted} of {product} wanted, {free} free" for n, product, wanted, free in short)
        super().__init__(f"not enough stock: {words}." if words else "no site has picking capacity in time.")
        self.short = short


class NoCompartmentError(ConflictError):
    """No compartment is free for a parcel of the order, or none is large enough (``too_big``)."""

    code = "no_compartment"

    def __init__(self, site_id: str, *, too_big: bool) -> None:
        what = "a parcel of this order fits no compartment" if too_big else "too few fitting compartments are free"
        super().__init__(f"{what} of {site_id}.", hint="Maybe collect it elsewhere, or order less.")
        self.too_big = too_big


class OfferExpiredError(ConflictError):
    """The delivery option that the order takes up stands no longer."""

    def __init__(self) -> None:
        super().__init__("this option has expired.", hint="Maybe ask for the options again.")


class DuplicateOrderError(ConflictError):
    """The shop's own name stands for another order already."""

    def __init__(self, external_id: str, order_id: str) -> None:
        super().__init__(f"external_id {external_id} is order {order_id}, with other contents.")
        self.order_id = order_id


class ReusedKeyError(InputError):
    """An idempotency key came with another request before."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key came with another request before.", hint="Maybe make a new key.")
