"""The connected carriers of the settings: which connector speaks to each, and with which account."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from doorstep.connectors import doordash_drive, karrio, onfleet, rate_card, stuart, uber_direct
from doorstep.foundation import InputError
from doorstep.ports import Carrier


@dataclass(frozen=True, slots=True)
class Connector:
    """How a connector is made: its ``account`` is a dataclass, whose fields the settings name."""

    account: type[Any]
    make: Callable[[Any], Carrier]


CONNECTORS: Mapping[str, Connector] = {
    "uber_direct": Connector(uber_direct.Account, uber_direct.UberDirect),
    "doordash_drive": Connector(doordash_drive.Account, doordash_drive.DoorDashDrive),
    "stuart": Connector(stuart.Account, stuart.Stuart),
    "onfleet": Connector(onfleet.Account, onfleet.Onfleet),
    "karrio": Connector(karrio.Account, karrio.ParcelCarrier),
    "rate_card": Connector(rate_card.Account, rate_card.RateCardCarrier),
}


def connected_carriers(text: str) -> dict[str, Carrier]:
    """Return the carriers that a JSON text names, by their id; none for an empty text.

    Raises
    ------
    InputError
        If it is no such JSON, or a carrier's connector or keys are unknown or missing; it lists every fault, and no
        value: they are secret.
    """
    if not text.strip():
        return {}
    try:
        asked = json.loads(text)
    except ValueError as fault:
        raise InputError("carriers is not JSON.", hint='Maybe {"CO": {"connector": "uber_direct", ...}}.') from fault
    if not isinstance(asked, dict) or not all(isinstance(keys, dict) for keys in asked.values()):
        raise InputError("carriers must be a JSON object of objects, by carrier id.")
    faults = [fault for name, keys in asked.items() for fault in _faults(name, keys)]
    if faults:
        raise InputError(" ".join(faults))
    return {name: _made(name, keys) for name, keys in asked.items()}


def _faults(name: str, keys: Mapping[str, object]) -> list[str]:
    connector = CONNECTORS.get(str(keys.get("connector")))
    if connector is None:
        return [f"carriers.{name}.connector must be one of {', '.join(CONNECTORS)}."]
    known = {
        field.name: field.default is MISSING and field.default_factory is MISSING for field in fields(connector.account)
    }
    unknown = [f"carriers.{name}.{key} is unknown." for key in keys if key not in known and key != "connector"]
    return unknown + [
        f"carriers.{name}.{key} is missing." for key, needed in known.items() if needed and key not in keys
    ]


def _made(name: str, keys: Mapping[str, object]) -> Carrier:
    connector = CONNECTORS[str(keys["connector"])]
    try:
        return connector.make(connector.account(**{key: value for key, value in keys.items() if key != "connector"}))
    except (InputError, TypeError) as fault:
        raise InputError(f"carriers.{name}: {fault}") from fault
