"""What the settings connect: carriers and channels of notices, each by which connector and with which account."""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, Generic, TypeVar

from doorstep.connectors import doordash_drive, karrio, onfleet, rate_card, sms, smtp, stuart, uber_direct
from doorstep.foundation import InputError
from doorstep.ports import Carrier, Notifier

T = TypeVar("T")
CHANNEL_NAMES = ("email", "sms")


@dataclass(frozen=True, slots=True)
class Connector(Generic[T]):
    """How a connector is made: its ``account`` is a dataclass, whose fields the settings name."""

    account: type[Any]
    make: Callable[[Any], T]


CONNECTORS: Mapping[str, Connector[Carrier]] = {
    "uber_direct": Connector(uber_direct.Account, uber_direct.UberDirect),
    "doordash_drive": Connector(doordash_drive.Account, doordash_drive.DoorDashDrive),
    "stuart": Connector(stuart.Account, stuart.Stuart),
    "onfleet": Connector(onfleet.Account, onfleet.Onfleet),
    "karrio": Connector(karrio.Account, karrio.ParcelCarrier),
    "rate_card": Connector(rate_card.Account, rate_card.RateCardCarrier),
}
CHANNELS: Mapping[str, Connector[Notifier]] = {
    "smtp": Connector(smtp.Account, lambda account: smtp.Smtp(account=account)),
    "sms": Connector(sms.Account, lambda account: sms.Sms(account=account)),
}


def connected_carriers(text: str) -> dict[str, Carrier]:
    """Return the carriers that a JSON text names, by their id; none for an empty text.

    Raises
    ------
    InputError
        If it is no such JSON, or a carrier's connector or keys are unknown or missing; it lists every fault, and no
        value: they are secret.
    """
    example = '{"CO": {"connector": "uber_direct", ...}}'
    return _connected("carriers", text, CONNECTORS, example)


def connected_channels(text: str) -> dict[str, Notifier]:
    """Return the channels that a JSON text names, ``email`` and ``sms``; none for an empty text.

    Raises
    ------
    InputError
        As ``connected_carriers``, or if there is no such channel.
    """
    found = _connected("notices", text, CHANNELS, '{"email": {"connector": "smtp", ...}}')
    if unknown := sorted(set(found) - set(CHANNEL_NAMES)):
        raise InputError(f"notices {unknown} must be among {', '.join(CHANNEL_NAMES)}.")
    return found


def _connected(what: str, text: str, connectors: Mapping[str, Connector[T]], example: str) -> dict[str, T]:
    if not text.strip():
        return {}
    try:
        asked = json.loads(text)
    except ValueError as fault:
        raise InputError(f"{what} is not JSON.", hint=f"Maybe {example}.") from fault
    if not isinstance(asked, dict) or not all(isinstance(keys, dict) for keys in asked.values()):
        raise InputError(f"{what} must be a JSON object of objects, by id.")
    faults = [fault for name, keys in asked.items() for fault in _faults(f"{what}.{name}", keys, connectors)]
    if faults:
        raise InputError(" ".join(faults))
    return {name: _made(f"{what}.{name}", keys, connectors) for name, keys in asked.items()}


def _faults(name: str, keys: Mapping[str, object], connectors: Mapping[str, Connector[T]]) -> list[str]:
    connector = connectors.get(str(keys.get("connector")))
    if connector is None:
        return [f"{name}.connector must be one of {', '.join(connectors)}."]
    known = {
        field.name: field.default is MISSING and field.default_factory is MISSING for field in fields(connector.account)
    }
    unknown = [f"{name}.{key} is unknown." for key in keys if key not in known and key != "connector"]
    return unknown + [f"{name}.{key} is missing." for key, needed in known.items() if needed and key not in keys]


def _made(name: str, keys: Mapping[str, object], connectors: Mapping[str, Connector[T]]) -> T:
    connector = connectors[str(keys["connector"])]
    try:
        return connector.make(connector.account(**{key: value for key, value in keys.items() if key != "connector"}))
    except (InputError, TypeError) as fault:
        raise InputError(f"{name}: {fault}") from fault
