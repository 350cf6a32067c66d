"""Network studies: which sites should send vans, in which regions, and what that saves."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, LARGEST, Moment, Name, ReferenceId, Version, Whole, state_of
from doorstep.api.models.network import DemandArea, SiteOption
from doorstep.api.models.parts import WindowWish
from doorstep.operations.planning.problem import Assumptions
from doorstep.operations.planning.zones import DEMANDS

MOST_NAMES, MOST_OPTIONS, MOST_AREAS = 1_000, 10_000, 50_000
LONGEST_S = 3_600
USUAL = Assumptions()
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
PERIOD: dict[str, Example] = {"start": "2026-02-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"}
WISHES: dict[str, Example] = {"name": "eight regions", "period": PERIOD, "regions": 8, "tolerance": 0.05, "hubs": 40,
                              "keep": ["store-7"]}  # fmt: skip


class StudyAssumptions(Request):
    """What the tables do not say."""

    model_config = shown(same_day_s=2700, hub_day_minor=15000)

    orders_per_thousand: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = Field(
        default=USUAL.orders_per_thousand,
        description="parcels a day of a thousand people, where areas do not give them",
    )
    same_day_s: Annotated[int, Field(ge=60, le=86_400), AS_WHOLE] = Field(
        default=USUAL.same_day_s, description="how long a van may drive to the first door of a same-day tour [s]"
    )
    hub_day_minor: Whole = Field(default=USUAL.hub_day_minor, description="a hub's day, without options [minor units]")
    opening_minor: Whole = Field(default=USUAL.opening_minor, description="opening a hub, once [minor units]")
    closing_minor: Whole = Field(default=USUAL.closing_minor, description="closing a hub, once [minor units]")
    truck_km_minor: Whole = Field(default=USUAL.truck_km_minor, description="a truck's kilometre [minor units]")
    truck_parcels: Annotated[int, Field(ge=1, le=LARGEST), AS_WHOLE] = Field(
        default=USUAL.truck_parcels, description="parcels in a truck"
    )
    amortised_days: Annotated[int, Field(ge=1, le=36_500), AS_WHOLE] = Field(
        default=USUAL.amortised_days, description="days over which what is paid once counts"
    )


class NetworkWishes(Request):
    """What a planner asks of the network beyond least cost."""

    model_config = shown(**WISHES)

    name: Name = ""
    period: WindowWish | None = Field(
        default=None, description="orders placed then are what the network is for; null: the last 28 days"
    )
    regions: Annotated[int, Field(ge=0, le=1_000), AS_WHOLE] = Field(default=0, description="how many; 0: none")
    tolerance: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = Field(
        default=0.1, description="how far a region may be from the average volume, as a share"
    )
    most_moved: Share = Field(
        default=1.0, description="share of the parcels that may change region, where there are so many regions today"
    )
    hubs: Annotated[int, Field(ge=0, le=100_000), AS_WHOLE] = Field(
        default=0, description="how many sites may send vans at most; 0: as many as pay"
    )
    keep: list[ReferenceId] = Field(default=[], max_length=MOST_NAMES, description="options or sites that stay")
    close: list[ReferenceId] = Field(default=[], max_length=MOST_NAMES, description="options or sites that go")
    reach: Share = Field(
        default=0.0, description="share of the parcels to lie near a site with vans: which further sites that needs"
    )
    reach_m: Annotated[int, Field(ge=1, le=20_000_000), AS_WHOLE] = Field(
        default=16_093, description="how near, as the crow flies [m]"
    )
    verify: bool = Field(default=True, description="route the orders by the plan and compare the cost of a drop")
    assumptions: StudyAssumptions = StudyAssumptions()
    patience_s: Annotated[int, Field(ge=1, le=LONGEST_S), AS_WHOLE] = Field(
        default=60, description="patience of the design [CPU s]"
    )
    seed: Whole = 1


class NetworkStudyCreate(NetworkWishes):
    """Wishes, and what sites could be and where people live, if the retailer's own tables and orders do not say."""

    model_config = shown(**WISHES)

    options: list[SiteOption] | None = Field(  # type: ignore[valid-type]
        default=None,
        min_length=1,
        max_length=MOST_OPTIONS,
        description="what sites could be; null: sites with vehicles and FCs are today's, every store could be a hub",
    )
    areas: list[DemandArea] | None = Field(  # type: ignore[valid-type]
        default=None,
        min_length=1,
        max_length=MOST_AREAS,
        description="where people live: the network is for their parcels in place of the orders of the period",
    )


NETWORK: dict[str, Example] = {
    "cost_per_parcel_minor": 454.2, "sites_with_vans": 12, "fcs": 2, "own_share": 0.97, "same_day_own_share": 0.91,
    "unserved_parcels": 0,
}  # fmt: skip


class NetworkFigures(Reply):
    """A network in figures."""

    model_config = shown(**NETWORK)

    cost_per_parcel_minor: float = Field(description="sites, line-haul, handling, vans, third parties [minor units]")
    sites_with_vans: int
    fcs: int
    own_share: float = Field(description="parcels that own vans bring")
    same_day_own_share: float = Field(description="same-day parcels that own vans bring")
    unserved_parcels: int = Field(description="parcels that nobody can bring")


class ReachFigures(Reply):
    """Share of all parcels within the drive of a same-day tour."""

    model_config = shown(today=0.87, plan=0.93)

    today: float
    plan: float


REGIONS: dict[str, Example] = {"count": 8, "mean_m": 41200.0, "bound_m": 40870.0, "gap_pct": 0.8, "balanced": True,
                               "moved_share": 0.04}  # fmt: skip


class CoverageFigures(Reply):
    """Share of all parcels within a distance of a site that sends vans, as the crow flies."""

    model_config = shown(within_m=16093, today=0.9, plan=0.95)

    within_m: int
    today: float
    plan: float


FURTHER: dict[str, Example] = {"share": 0.95, "within_m": 16093, "sites": 3, "needed_at_least": 3, "today": 0.9,
                               "then": 0.953}  # fmt: skip


class FurtherFigures(Reply):
    """Further sites that a wished reach needs; the table further names them."""

    model_config = shown(**FURTHER)

    share: float = Field(description="that was asked for")
    within_m: int
    sites: int = Field(description="that are enough")
    needed_at_least: int = Field(description="proved: fewer would not do")
    today: float
    then: float


class RegionFigures(Reply):
    """Regions in figures."""

    model_config = shown(**REGIONS)

    count: int
    mean_m: float = Field(description="from centre to door [m]")
    bound_m: float = Field(description="no such division has less [m]")
    gap_pct: float
    balanced: bool = Field(description="whether all are within the tolerance")
    moved_share: float = Field(description="parcels that change their region")


VERIFIED: dict[str, Example] = {"doors": 5000, "predicted_minor": 377.0, "routed_minor": 360.4, "error_pct": 4.6,
                                "unreached_doors": 0}  # fmt: skip


class VerifiedFigures(Reply):
    """What a drop was said to cost, and what it costs on routes."""

    model_config = shown(**VERIFIED)

    doors: int
    predicted_minor: float = Field(description="[minor units]")
    routed_minor: float = Field(description="[minor units]")
    error_pct: float = Field(description="by how much the prediction is too high")
    unreached_doors: int


FIGURES: dict[str, Example] = {
    "demand": "orders", "coverage": {"within_m": 16093, "today": 0.9, "plan": 0.95}, "further": FURTHER,
    "parcels_per_day": 1780.0, "zones": 412, "options": 60, "today": NETWORK | {"cost_per_parcel_minor": 514.0},
    "plan": NETWORK, "bound_per_parcel_minor": 453.9, "gap_pct": 0.07, "same_day_reach_share": {"today": 0.87,
    "plan": 0.93}, "steps": 9, "violations": 0, "regions": REGIONS, "verified": VERIFIED,
    "notes": ["Drives are on streets, © OpenStreetMap contributors, ODbL 1.0."],
}  # fmt: skip


class StudyFigures(Reply):
    """A study in figures: today's network beside the plan."""

    model_config = shown(**FIGURES)

    demand: str = Field(description="whose parcels: orders or population", json_schema_extra={"enum": [*DEMANDS]})
    parcels_per_day: float
    zones: int
    options: int
    today: NetworkFigures
    plan: NetworkFigures
    bound_per_parcel_minor: float = Field(description="no network of these options costs less [minor units]")
    gap_pct: float = Field(description="how far the plan is above that at most")
    same_day_reach_share: ReachFigures
    coverage: CoverageFigures
    further: FurtherFigures | None = None
    steps: int = Field(description="changes from today to the plan; the table steps has them by payback")
    violations: int
    regions: RegionFigures | None = None
    verified: VerifiedFigures | None = None
    notes: list[str] = Field(default_factory=list, description="what was assumed, and what was driven on, in sentences")


class NetworkStudy(Reply):
    """A network study, and what came of it."""

    model_config = shown(
        id="nst_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="done",
        version=2,
        asked=WISHES,
        job_id="job_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        stage="",
        created_at="2026-03-02T10:00:00Z",
        ended_at="2026-03-02T10:01:40Z",
        figures=FIGURES,
        tables=[
            "catchments",
            "costs",
            "coverage",
            "further",
            "lanes",
            "regions",
            "sites",
            "steps",
            "verified",
            "zones",
        ],
        error="",
    )

    id: str
    state: Annotated[str, state_of("network_study")]
    version: Version
    asked: NetworkWishes
    job_id: str = Field(description="the job that works it out")
    stage: str = Field(description="what is being done")
    created_at: Moment
    ended_at: Moment | None
    figures: StudyFigures | None = Field(description="null: it is not done")
    tables: list[str] = Field(description="what can be fetched of it; options and areas are those that were given")
    error: str = Field(description="why it cannot be")
