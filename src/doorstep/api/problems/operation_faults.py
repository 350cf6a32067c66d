"""What operations say is wrong with a request, as faults with pointers into its body."""

from doorstep.api.problems.answers import FaultsError, FieldFault
from doorstep.foundation import DoorstepError
from doorstep.operations.carriers.tariffs import BrokenTariffError
from doorstep.operations.intake.errors import NotEnoughStockError, OrderFaultsError
from doorstep.storage.reference_faults import BrokenRowError

_LONGEST = 200
MOST_FAULTS = 1_000


def faults_in(error: DoorstepError) -> list[FieldFault]:
    """Return the faults that an error carries, none if it only has words."""
    if isinstance(error, FaultsError):
        return list(error.faults[:MOST_FAULTS])
    if isinstance(error, NotEnoughStockError):
        return [
            _fault(f"lines/{number - 1}", "out_of_range", f"{wanted} of {product} wanted, {free} free")
            for number, product, wanted, free in error.short
        ]
    if isinstance(error, OrderFaultsError):
        return [_fault(field, "not_allowed", f"{value!r} {rule}") for field, value, rule in error.faults]
    if isinstance(error, BrokenRowError):
        return [_fault(fault.column.partition(",")[0], "invalid", str(fault)) for fault in error.faults]
    if isinstance(error, BrokenTariffError):
        return [
            _fault(f"{each.part}/{each.row}/{each.fault.column.partition(',')[0]}", "invalid", str(each.fault))
            for each in error.faults[:MOST_FAULTS]
        ]
    return []


def _fault(field: str, code: str, detail: str) -> FieldFault:
    return FieldFault(part="body", pointer=f"/{field}", code=code, detail=detail[:_LONGEST])
