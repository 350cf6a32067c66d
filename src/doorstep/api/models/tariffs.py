"""What a carrier asks: its rate card, its zones by postal code, and its surcharges."""

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import ReferenceId, Version
from doorstep.api.models.rows import row_model

MOST_ROWS = 5_000
_RATE: dict[str, Example] = {"max_distance_m": 8000, "price_minor": 650}
_ZONE: dict[str, Example] = {"postal_prefix": "606", "zone": "2"}
_SURCHARGE: dict[str, Example] = {"surcharge": "long", "over_side_mm": 1200, "amount_minor": 900}
_TARIFF: dict[str, Example] = {"rates": [_RATE], "zones": [], "surcharges": [_SURCHARGE]}
CarrierRate = row_model("CarrierRate", "carrier_rates", example=_RATE, without="carrier_id")
CarrierZone = row_model("CarrierZone", "carrier_zones", example=_ZONE, without="carrier_id")
CarrierSurcharge = row_model("CarrierSurcharge", "carrier_surcharges", example=_SURCHARGE, without="carrier_id")


class TariffChange(Request):
    """The whole tariff of a carrier, in place of what it asked before."""

    model_config = shown(**_TARIFF)

    rates: list[CarrierRate] = Field(  # type: ignore[valid-type]
        default=[], max_length=MOST_ROWS, description="the rate card; of the rows that fit, the nearest limits apply"
    )
    zones: list[CarrierZone] = Field(  # type: ignore[valid-type]
        default=[], max_length=MOST_ROWS, description="zones by postal code, for a carrier by zone"
    )
    surcharges: list[CarrierSurcharge] = Field(  # type: ignore[valid-type]
        default=[], max_length=MOST_ROWS, description="extra charges; each applies when all that it names holds"
    )


class TariffShown(Reply):
    """The tariff of a carrier; it has the version of the carrier."""

    model_config = shown(carrier_id="swift", version=3, **_TARIFF)

    carrier_id: ReferenceId = Field(description="the carrier")
    version: Version
    rates: list[CarrierRate] = Field(description="the rate card")  # type: ignore[valid-type]
    zones: list[CarrierZone] = Field(description="zones by postal code")  # type: ignore[valid-type]
    surcharges: list[CarrierSurcharge] = Field(description="extra charges")  # type: ignore[valid-type]
