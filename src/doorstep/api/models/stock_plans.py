"""Plans of the stock: what will be wanted, where it should lie, what that brings; and the sales they learn from."""

from typing import Annotated

from pydantic import Field

from doorstep.api.models.base import Example, Reply, Request, shown
from doorstep.api.models.fields import AS_WHOLE, DayIn, Moment, Name, ReferenceId, Version, Whole, state_of
from doorstep.api.models.parts import WindowWish
from doorstep.operations.planning.stock_wishes import StockWishes

MOST_SOLD = 20_000
MOST_UNITS = 10_000_000
LONGEST_S = 3_600
USUAL = StockWishes()
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
SOLD: dict[str, Example] = {"product_id": "SKU-1001", "zone_id": "store-7", "day": "2026-03-01", "units": 14,
                            "price_minor": 1999}  # fmt: skip
PERIOD: dict[str, Example] = {"start": "2026-02-03T00:00:00Z", "end": "2026-03-03T00:00:00Z"}
WISHES: dict[str, Example] = {
    "name": "before Easter",
    "days": 5,
    "space": 1.1,
    "assortment": {"store": 900},
    "period": PERIOD,
}


class SoldUnits(Request):
    """Units of a product sold near a site on a local day, in its shop and by orders."""

    model_config = shown(**SOLD)

    product_id: ReferenceId
    zone_id: ReferenceId = Field(description="the site whose surroundings it was sold in")
    day: DayIn
    units: Annotated[int, Field(ge=0, le=MOST_UNITS), AS_WHOLE] = Field(
        description="units sold; returns are not subtracted"
    )
    price_minor: Whole | None = Field(default=None, description="price of a unit that day; null: not known")
    promotion: Share = Field(default=0.0, description="share of the offer on promotion")
    display: Share = Field(default=0.0, description="share of the offer on display, apart from its shelf")
    in_stock_share: Share = Field(default=1.0, description="share of the day on which it could be bought")


class SalesGiven(Request):
    """What was sold on whole days: each day that is named is replaced by its rows."""

    model_config = shown(sales=[SOLD])

    sales: Annotated[list[SoldUnits], Field(min_length=1, max_length=MOST_SOLD)]


class SalesGivenReply(Reply):
    """What is on record now."""

    model_config = shown(days=1, rows=1)

    days: int = Field(description="days that hold what was given")
    rows: int


class StockPlanWishes(Request):
    """What a planner asks of the stock."""

    model_config = shown(**WISHES)

    name: Name = ""
    days: Annotated[int, Field(ge=1, le=90), AS_WHOLE] = Field(
        default=3, description="days that stock has to last: lead time and review"
    )
    period: WindowWish | None = Field(
        default=None, description="orders placed then tell where units are wanted; null: the last 28 days"
    )
    space: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = Field(
        default=USUAL.space, description="room of each site, as a multiple of what its stock takes today"
    )
    only_move: bool = Field(
        default=USUAL.only_move, description="buy nothing: at most as many units of each product as today, elsewhere"
    )
    holding: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = Field(
        default=USUAL.holding, description="cost of holding a unit for a year, as a share of what it was bought for"
    )
    assortment: dict[ReferenceId, Annotated[int, Field(ge=1, le=MOST_UNITS), AS_WHOLE]] = Field(
        default={}, max_length=10_000, description="products that a site, or each site of a kind, keeps at most"
    )
    replay_days: Annotated[int, Field(ge=0, le=28), AS_WHOLE] = Field(
        default=0, description="days of orders to try both stocks with; 0: none"
    )
    propose: bool = Field(default=True, description="its proposals stand in place of those that are open")
    patience_s: Annotated[int, Field(ge=1, le=LONGEST_S), AS_WHOLE] = Field(
        default=120, description="patience of the search [CPU s]"
    )
    seed: Whole = 1


class StockPlanCreate(StockPlanWishes):
    """Wishes for a plan of the stock."""


STOCK: dict[str, Example] = {"units": 32100, "stock_value_minor": 41200000, "value_minor": 1830000.0,
                             "own_share": 0.83, "in_region_share": 0.91, "unserved_share": 0.021}  # fmt: skip


REPLAYED: dict[str, Example] = {"orders": 5000, "lost_share": 0.018, "own_zone_share": 0.81, "in_region_share": 0.9,
                                "one_site_share": 0.93, "km_per_unit": 14.2, "lost_margin_minor": 81200}  # fmt: skip


class ReplayFigures(Reply):
    """What orders found in some stock, by the real order routing."""

    model_config = shown(**REPLAYED)

    orders: int
    lost_share: float = Field(description="of the units asked for, those of orders that could not be served whole")
    own_zone_share: float = Field(description="of the units served, those from the nearest site")
    in_region_share: float = Field(description="of the units served, those from their region")
    one_site_share: float = Field(description="of the orders served, those that one site served whole")
    km_per_unit: float = Field(description="from site to door, as the crow flies [km]")
    lost_margin_minor: int = Field(description="margin of the units lost [minor units]")


class StockFigures(Reply):
    """Some stock in figures, by the demand that is expected."""

    model_config = shown(**STOCK)

    units: int
    stock_value_minor: int = Field(description="at what was paid for it [minor units]")
    value_minor: float = Field(description="what it is expected to bring over the days, less its costs [minor units]")
    own_share: float = Field(description="of the units wanted, those served from the best site for them")
    in_region_share: float = Field(description="of the units wanted, those served from their region")
    unserved_share: float = Field(description="of the units wanted, those that nobody can serve")
    replayed: ReplayFigures | None = Field(default=None, description="null: no orders were replayed")


FORESEEN: dict[str, Example] = {"first_day": "2026-03-03", "days": 7, "expected_per_day": 4310.5,
                                "sold_per_day": 4188.2, "method": "learnt"}  # fmt: skip


class ForecastFigures(Reply):
    """The forecast that a plan is made for; its tables are `forecast` and `days`."""

    model_config = shown(**FORESEEN)

    first_day: str
    days: int
    expected_per_day: float = Field(description="units")
    sold_per_day: float = Field(description="units, over as many days before")
    method: str = Field(description="learnt, or window: averages of the last weeks")


FIGURES: dict[str, Example] = {
    "days": 5, "expected_units": 21500.0, "today": STOCK, "plan": STOCK | {"units": 33900, "unserved_share": 0.012},
    "bound_minor": 1840000.0, "gap_pct": 0.02, "violations": 0, "proposals": 214, "forecast": FORESEEN,
    "notes": ["Drives are on streets, © OpenStreetMap contributors, ODbL 1.0."],
}  # fmt: skip


class StockPlanFigures(Reply):
    """A plan in figures: the stock as it lies beside the plan."""

    model_config = shown(**FIGURES)

    days: int
    expected_units: float = Field(description="wanted over the days")
    today: StockFigures
    plan: StockFigures
    bound_minor: float = Field(description="no stock that keeps the rules is worth more [minor units]")
    gap_pct: float = Field(description="how far the plan is below that at most")
    violations: int
    notes: list[str] = Field(
        default_factory=list, description="what was assumed, and what orders are brought on, in sentences"
    )
    proposals: int
    forecast: ForecastFigures | None = Field(default=None, description="null: nothing was sold before today")


class StockPlan(Reply):
    """A plan of the stock, and what came of it."""

    model_config = shown(
        id="spl_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        state="done",
        version=2,
        asked=WISHES,
        job_id="job_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        stage="",
        created_at="2026-03-03T08:00:00Z",
        ended_at="2026-03-03T08:00:40Z",
        figures=FIGURES,
        tables=["changes", "cover", "days", "forecast", "proposals", "sites", "stock"],
        error="",
    )

    id: str
    state: Annotated[str, state_of("stock_plan")]
    version: Version
    asked: StockPlanWishes
    job_id: str = Field(description="the job that works it out")
    stage: str = Field(description="what is being done")
    created_at: Moment
    ended_at: Moment | None
    figures: StockPlanFigures | None = Field(description="null: it is not done")
    tables: list[str] = Field(description="what can be fetched of it; of old plans nothing")
    error: str = Field(description="why it cannot be")
