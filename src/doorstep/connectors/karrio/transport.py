"""Karrio's gateway to one carrier; the only place that knows Karrio, which is loaded here and not before."""

from collections.abc import Mapping, Sequence
from typing import Any

from doorstep.connectors.karrio.settings import Account
from doorstep.foundation import InputError, UpstreamError
from doorstep.ports import CarrierRefusedError

UNSUPPORTED = "SHIPPING_SDK_NON_SUPPORTED_ERROR"


class Gateway:
    """Asks one carrier through Karrio."""

    def __init__(self, account: Account) -> None:
        try:
            from karrio.core import models
            from karrio.sdk import Rating, Shipment, Tracking, gateway
        except ModuleNotFoundError as missing:
            raise InputError(
                f"Parcel carriers need {missing.name}, which is not installed.",
                hint='Maybe install it with: pip install "doorstep[parcel]"',
            ) from missing
        self._models, self._rating, self._shipment, self._tracking = models, Rating, Shipment, Tracking
        self._name = account.gateway
        try:
            self._gateway = gateway[account.gateway].create(dict(account.credentials))
        except Exception as fault:
            raise InputError(f"gateway {account.gateway!r} is none that Karrio has, or lacks credentials.") from fault

    def rates(self, asked: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rates of a request."""
        known = {name: value for name, value in asked.items() if name != "service"}
        return list(self._asked(self._rating.fetch, self._models.RateRequest(**known), "out_of_coverage"))

    def ship(self, asked: Mapping[str, Any], service: str) -> Any:  # noqa: ANN401 - a class of Karrio's
        """Return a new shipment."""
        return self._asked(self._shipment.create, self._models.ShipmentRequest(**asked, service=service), "invalid")

    def track(self, tracking_number: str) -> Any | None:  # noqa: ANN401
        """Return what a carrier tells of a parcel, None where it tells nothing."""
        request = self._models.TrackingRequest(tracking_numbers=[tracking_number])
        try:
            found = self._asked(self._tracking.fetch, request, UNSUPPORTED)
        except CarrierRefusedError:
            return None
        return found[0] if found else None

    def cancel(self, shipment_identifier: str) -> None:
        """Call a shipment off."""
        request = self._models.ShipmentCancelRequest(shipment_identifier=shipment_identifier)
        self._asked(self._shipment.cancel, request, "not_cancellable")

    def _asked(self, call: Any, request: Any, reason: str) -> Any:  # noqa: ANN401
        """Return what came of a request.

        Raises
        ------
        CarrierRefusedError
            If the carrier says why not; ``reason`` is what that means here.
        UpstreamError
            If Karrio fails on it.
        """
        try:
            found, messages = call(request).from_(self._gateway).parse()
        except Exception as fault:
            raise UpstreamError(f"{self._name} does not answer: {type(fault).__name__}: {fault}.") from fault
        if not found:
            told = "; ".join(str(message.message) for message in messages) or "it says nothing"
            if any(str(message.code) == "SHIPPING_SDK_INTERNAL_ERROR" for message in messages):
                raise UpstreamError(f"{self._name} answered something else: {told}")
            raise CarrierRefusedError(f"{self._name} refuses: {told}", reason=reason)
        return found
