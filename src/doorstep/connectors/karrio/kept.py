"""Bookings and labels as files: what Karrio does not remember."""

import json
import os
from base64 import b64decode
from dataclasses import asdict, dataclass
from urllib.parse import quote

from doorstep.connectors.carrier_folder import CarrierFolder
from doorstep.ports import CarrierRefusedError

ENDINGS = {b"%PDF": "pdf", b"\x89PNG": "png", b"^XA": "zpl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A shipment that was made: our id of it, the carrier's, what it costs, and when it was made and called off."""

    reference: str
    tracking_number: str
    shipment_identifier: str
    service: str
    price_minor: int
    currency: str
    booked_at: int
    arrive_at: int
    cancelled_at: int = 0


class Bookings(CarrierFolder):
    """A folder with a file for each booking and one for its label."""

    def find(self, reference: str) -> Booked | None:
        """Return a booking, None if there is none."""
        file = self._path / f"{_name(reference)}.json"
        return Booked(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None

    def known(self, reference: str) -> Booked:
        """Return a booking.

        Raises
        ------
        CarrierRefusedError
            If there is none.
        """
        found = self.find(reference)
        if found is None:
            raise CarrierRefusedError(f"{reference} was not booked here.", reason="not_found")
        return found

    def keep(self, booked: Booked) -> None:
        """Write a booking."""
        self._replace(f"{_name(booked.reference)}.json", json.dumps(asdict(booked)).encode())

    def keep_label(self, reference: str, encoded: str) -> None:
        """Write a label that came in Base64."""
        label = b64decode(encoded)
        ending = next((end for start, end in ENDINGS.items() if label.startswith(start)), "svg")
        self._replace(f"{_name(reference)}.{ending}", label)

    def _replace(self, name: str, content: bytes) -> None:
        fresh = self._path / f".{name}.new"
        fresh.write_bytes(content)
        os.replace(fresh, self._path / name)


def _name(reference: str) -> str:
    return quote(reference, safe="")
