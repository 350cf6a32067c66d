"""Carriers and what they ask: a carrier's row and its tariff, checked together and written together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from doorstep.foundation import InputError, NotFoundError
from doorstep.operations.caller import Caller
from doorstep.storage import Connection
from doorstep.storage.reference_faults import BrokenRowError, RowFault
from doorstep.storage.reference_parts import BrokenRowsError, part_of, replace_part
from doorstep.storage.reference_rows import ReferenceRow, delete_row, find_row, upsert_row

CARRIERS = "carriers"
PARTS = {"rates": "carrier_rates", "zones": "carrier_zones", "surcharges": "carrier_surcharges"}
"""Parts of a tariff, and the table in which each stands."""
Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a carrier asks: rows of its rate card, of zones by postal code, and of surcharges, without the carrier."""

    rates: Rows = field(default=())
    zones: Rows = field(default=())
    surcharges: Rows = field(default=())


@dataclass(frozen=True, slots=True)
class TariffFault:
    """One thing to mend: the part it is in (``carrier`` is the carrier's own row), the row from 0, and the fault."""

    part: str
    row: int
    fault: RowFault

    def __str__(self) -> str:
        where = "" if self.part == "carrier" else f"{self.part}, row {self.row + 1}: "
        return f"{where}{self.fault}"


class BrokenTariffError(InputError):
    """A tariff that cannot be taken; ``faults`` are all that is wrong with it and with the carrier's row."""

    def __init__(self, faults: Sequence[TariffFault]) -> None:
        super().__init__(f"{'; '.join(map(str, faults))}.")
        self.faults = tuple(faults)


def read_tariff(connection: Connection, tenant_id: str, carrier_id: str) -> Tariff:
    """Return the tariff of a carrier as it stands; of a carrier that does not exist it is empty."""
    parts = {name: part_of(connection, tenant_id, table, carrier_id=carrier_id) for name, table in PARTS.items()}
    return Tariff(**parts)


def write_carrier(
    connection: Connection,
    caller: Caller,
    carrier: Mapping[str, object],
    tariff: Tariff,
    *,
    version: int | None,
    now: int,
) -> ReferenceRow:
    """Write a carrier and its whole tariff in place of what stands there, and return its row.

    Parameters
    ----------
    carrier
        Cells of ``carriers`` by column; what is absent takes its default.
    version
        The version that the caller saw, 0 for a carrier that is new; another one there is a conflict.

    Raises
    ------
    BrokenTariffError
        If anything is wrong with the carrier or its tariff; it lists every fault, and nothing is written.
    ConflictError
        If the carrier has changed since the caller saw it.
    """
    try:
        row = upsert_row(connection, caller.tenant_id, CARRIERS, carrier, version=version)
    except BrokenRowError as broken:
        raise BrokenTariffError([TariffFault("carrier", 0, fault) for fault in broken.faults]) from None
    carrier_id = str(row.values["carrier_id"])
    faults: list[TariffFault] = list(_without_zone(row, tariff))
    for name, table in PARTS.items():
        try:
            replace_part(connection, caller.tenant_id, table, getattr(tariff, name), carrier_id=carrier_id)
        except BrokenRowsError as wrong:
            faults += [TariffFault(name, number, fault) for number, those in wrong.by_row.items() for fault in those]
    if faults:
        raise BrokenTariffError(faults)
    event = "create" if row.version == 1 else "change"
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind=CARRIERS, object_id=carrier_id, event=event
    )
    return row


def write_tariff(
    connection: Connection, caller: Caller, carrier_id: str, tariff: Tariff, *, version: int | None, now: int
) -> ReferenceRow:
    """Write the tariff of a carrier that is there, and return its row; parameters and errors as ``write_carrier``.

    Raises
    ------
    NotFoundError
        If there is no such carrier.
    """
    row = find_row(connection, caller.tenant_id, CARRIERS, (carrier_id,))
    return write_carrier(connection, caller, row.values, tariff, version=version, now=now)


def remove_carrier(connection: Connection, caller: Caller, carrier_id: str, *, now: int) -> None:
    """Delete a carrier with its tariff.

    Raises
    ------
    ConflictError
        If something else points to it, such as drones.
    NotFoundError
        If there is no such carrier.
    """
    for table in PARTS.values():
        replace_part(connection, caller.tenant_id, table, (), carrier_id=carrier_id)
    delete_row(connection, caller.tenant_id, CARRIERS, (carrier_id,))
    connection.journal.audit(
        tenant_id=caller.tenant_id, at=now, actor=caller.actor, kind=CARRIERS, object_id=carrier_id, event="delete"
    )


def find_carrier(connection: Connection, tenant_id: str, carrier_id: str) -> ReferenceRow | None:
    """Return a carrier's row, None if there is none."""
    try:
        return find_row(connection, tenant_id, CARRIERS, (carrier_id,))
    except NotFoundError:
        return None


def _without_zone(carrier: ReferenceRow, tariff: Tariff) -> Iterator[TariffFault]:
    """Yield the rates of a carrier by zone that name none: they could never apply."""
    if carrier.values["basis"] == "zone":
        for number, rate in enumerate(tariff.rates):
            if not rate.get("zone"):
                yield TariffFault("rates", number, RowFault("zone", "", "must not be empty: the rate card is by zone"))
