"""What carriers ask for: the tariff of each, read and replaced as a whole."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from doorstep.api.access.guarded import guarded_router
from doorstep.api.conventions.versions import VersionNeededError
from doorstep.api.desk import Acting, MaybeVersion, Reading
from doorstep.api.models.fields import ReferenceId
from doorstep.api.models.rows import Cell, Row
from doorstep.api.models.tariffs import CarrierRate, CarrierSurcharge, CarrierZone, TariffChange, TariffShown
from doorstep.api.problems import documented
from doorstep.operations.carriers.tariffs import CARRIERS, Tariff, read_tariff, write_tariff
from doorstep.storage import Connection
from doorstep.storage.reference_rows import find_row

CarrierId = Annotated[ReferenceId, Path()]
CHANGES = documented("not_found", "version_needed", "version_changed", "bad_version", "idempotency_key_reused")
router: APIRouter = guarded_router("network", "/tariffs")


@router.get("/{carrier_id:path}", response_model=TariffShown, responses=documented("not_found", "bad_version"))
async def read_tariff_of_carrier(carrier_id: CarrierId, desk: Reading) -> Response:
    """Show what a carrier asks; the `ETag` is that of the carrier, and is needed to change it."""
    return await desk.show(lambda connection: _shown(connection, desk.tenant_id, carrier_id))


@router.put("/{carrier_id:path}", response_model=TariffShown, responses=CHANGES)
async def put_tariff_of_carrier(
    carrier_id: CarrierId, wanted: TariffChange, desk: Acting, version: MaybeVersion
) -> Response:
    """Write the whole tariff of a carrier; needs `If-Match` with its `ETag`. Prices of options follow at once."""

    def act(connection: Connection) -> TariffShown:
        found = find_row(connection, desk.tenant_id, CARRIERS, (carrier_id,))
        if version is None:
            raise VersionNeededError(
                f"carrier {carrier_id} exists: a change needs the header If-Match.", hint="Maybe read its tariff first."
            )
        version.check(found.version)
        tariff = Tariff(rates=_cells(wanted.rates), zones=_cells(wanted.zones), surcharges=_cells(wanted.surcharges))
        write_tariff(connection, desk.caller, carrier_id, tariff, version=found.version, now=desk.now)
        return _shown(connection, desk.tenant_id, carrier_id)

    return await desk.act(act)


def _cells(rows: Sequence[Row]) -> list[dict[str, Cell]]:
    return [row.to_row() for row in rows]


def _shown(connection: Connection, tenant_id: str, carrier_id: str) -> TariffShown:
    row = find_row(connection, tenant_id, CARRIERS, (carrier_id,))
    tariff = read_tariff(connection, tenant_id, carrier_id)
    return TariffShown(
        carrier_id=carrier_id,
        version=row.version,
        rates=[CarrierRate.from_row(rate) for rate in tariff.rates],  # type: ignore[arg-type]
        zones=[CarrierZone.from_row(zone) for zone in tariff.zones],  # type: ignore[arg-type]
        surcharges=[CarrierSurcharge.from_row(extra) for extra in tariff.surcharges],  # type: ignore[arg-type]
    )
