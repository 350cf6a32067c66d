"""Parcel stations: scans, units, what does not add up."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from doorstep.api.models.base import Reply, Request, shown
from doorstep.api.models.fields import (
    CallerId,
    MaybeReasonCode,
    Moment,
    MomentIn,
    Name,
    ReferenceId,
    Version,
    Whole,
    state_of,
)

MOST_SCANS = 200
HAND_OVERS = ("receive", "load", "unload")


class Party(Request):
    """Somebody who hands over or takes."""

    model_config = shown(kind="driver", id="Ana")

    kind: Literal["site", "driver", "carrier", "contractor"]
    id: ReferenceId

    @property
    def text(self) -> str:
        """The party in one word, as doorstep keeps it inside."""
        return f"{self.kind}:{self.id}"


class ScanCreate(Request):
    """One scan of a parcel's label; one that hands it over names both parties."""

    model_config = shown(
        id="s-0001",
        kind="receive",
        sscc="095200000000000011",
        occurred_at="2026-03-03T13:05:00-06:00",
        from_party={"kind": "driver", "id": "Tom"},
        to_party={"kind": "site", "id": "P1"},
    )

    id: CallerId = Field(description="names the scan at its site: sent again, it counts once")
    kind: Literal["receive", "shelve", "load", "unload", "depart", "damaged", "missing"]
    sscc: Annotated[str, Field(pattern=r"^[0-9]{18}$", description="what the label says")]
    occurred_at: MomentIn
    from_party: Party | None = None
    to_party: Party | None = None
    place: Name = Field(default="", description="lane and shelf, for example L1/4")
    reason: MaybeReasonCode = ""

    @model_validator(mode="after")
    def _names_both_parties(self) -> Self:
        if (self.kind in HAND_OVERS) != (self.from_party is not None and self.to_party is not None):
            raise PydanticCustomError("inconsistent", "receive, load and unload name both parties, others neither")
        return self


class ScanBatch(Request):
    """Scans made at a site, in any order."""

    model_config = shown(
        scans=[
            {
                "id": "s-0001",
                "kind": "shelve",
                "sscc": "095200000000000011",
                "occurred_at": "2026-03-03T13:06:00-06:00",
                "place": "L1/4",
            }
        ]
    )

    scans: Annotated[list[ScanCreate], Field(min_length=1, max_length=MOST_SCANS)]


class Destination(Reply):
    """Where a parcel goes from here."""

    model_config = shown(
        to="route", id="rte_01JNB8X4T5V6W7X8Y9Z0A1B2C3", vehicle_id="V1", driver="Ana",
        starts_at="2026-03-03T21:00:00Z", stop=3, load_order=2,
    )  # fmt: skip

    to: Literal["route", "carrier", "collection", "site", "shelf"] = Field(
        description="shelf: nobody is to bring it yet; site: it leaves from another one; collection: here"
    )
    id: str = Field(description="route, carrier or site; empty for the others")
    vehicle_id: str
    driver: str
    starts_at: Moment | None
    stop: Whole = Field(description="its door on the route, from 1; 0: none")
    load_order: Whole = Field(description="of its trip, the last door first, from 1; 0: none")


class ScanResult(Reply):
    """What became of a scan, who has the parcel now, and where it goes."""

    model_config = shown(
        id="s-0001", outcome="applied", known=False, sscc="095200000000000011",
        parcel_id="pcl_01JNB8X4T5V6W7X8Y9Z0A1B2C3", unit_id="unt_01JNB8X4T5V6W7X8Y9Z0A1B2C3", state="received",
        holder="site:P1", exceptions=[], destination=None, detail="",
    )  # fmt: skip

    id: str
    outcome: Literal["applied", "late", "repeated", "terminal", "unreachable", "unknown", "refused"] = Field(
        description="unknown: nobody knows the label; refused: not kept, `detail` says why"
    )
    known: bool = Field(description="whether it had been told before")
    sscc: str
    parcel_id: str | None
    unit_id: str | None
    state: str = Field(description="of the unit at this site; empty: it has none here")
    holder: str = Field(description="who has the parcel by all scans: kind and id")
    exceptions: list[str] = Field(description="what does not add up")
    destination: Destination | None
    detail: str


class ScanResults(Reply):
    """What became of a batch, in the order in which it was sent."""

    model_config = shown(results=[])

    results: list[ScanResult]


class StationUnit(Reply):
    """A parcel at a site that a lane takes it to."""

    model_config = shown(
        id="unt_01JNB8X4T5V6W7X8Y9Z0A1B2C3", site_id="P1", state="shelved", version=3,
        parcel_id="pcl_01JNB8X4T5V6W7X8Y9Z0A1B2C3", order_id="ord_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        sscc="095200000000000011", place="L1/4", holder="site:P1", departs_at="2026-03-03T18:00:00Z",
        due_at="2026-03-03T19:00:00Z", seen_at="2026-03-03T19:06:00Z", destination=None,
    )  # fmt: skip

    id: str
    site_id: str
    state: Annotated[str, state_of("station_unit")]
    version: Version
    parcel_id: str
    order_id: str
    sscc: str
    place: str
    holder: str
    departs_at: Moment | None = Field(description="of its lane; null: nobody planned it")
    due_at: Moment | None = Field(description="when its lane should be there")
    seen_at: Moment | None = Field(description="when its newest scan was made")
    destination: Destination | None


class Station(Reply):
    """What is at a site that lanes go to."""

    model_config = shown(site_id="P1", units={"expected": 12, "shelved": 40}, overdue=1, open_exceptions=0)

    site_id: str
    units: dict[str, Whole] = Field(description="by state")
    overdue: Whole = Field(description="expected, though their lane should have been there")
    open_exceptions: Whole


class CustodyException(Reply):
    """Something that does not add up."""

    model_config = shown(
        id="exc_01JNB8X4T5V6W7X8Y9Z0A1B2C3", code="broken_custody", state="open", version=1, site_id="P1",
        sscc="095200000000000011", parcel_id=None, scan_id="s-0001",
        detail="driver:Tom handed it to site:P1, and did not have it.", created_at="2026-03-03T19:05:00Z",
    )  # fmt: skip

    id: str
    code: Literal["broken_custody", "unknown_label", "not_expected", "written_off", "called_off",
                  "given_back_after_pickup", "wrong_pin", "shopper_problem", "low_rating", "shopper_asked"]  # fmt: skip
    state: Annotated[str, state_of("exception")]
    version: Version
    site_id: str
    sscc: str
    parcel_id: str | None
    scan_id: str
    detail: str
    created_at: Moment
