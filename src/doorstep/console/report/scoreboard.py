"""View of the scoreboard: the plan beside its baselines, measure by measure."""

from dataclasses import dataclass, field
from typing import TypeAlias

import polars as pl

from doorstep.console import words as w
from doorstep.console.report.measures import DENSITY, GROUPS, MEASURES, Measure, is_ratio, measure_of, value_text

OURS = "doorstep"
ALWAYS = frozenset({"own_fleet_share", "routes", "vehicles"})
"""Measures of the own fleet that mean something where no route is driven."""
WHERE_ANY = frozenset({"in_region_share"})
"""Measures that mean something only where some plan has any: few retailers have regions."""
Values: TypeAlias = dict[str, dict[str, float]]
"""Values by plan, then by measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the plan stands to a baseline in one measure: ``tone`` is better, worse or even."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value of the scoreboard; an absent value is an empty text."""

    text: str
    difference: Difference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """A measure and its cells, one a plan."""

    measure: Measure
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreGroup:
    """Measures that belong together."""

    name: str
    rows: tuple[ScoreRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scoreboard, our plan first."""

    plans: tuple[str, ...]
    plan_names: tuple[str, ...]
    groups: tuple[ScoreGroup, ...]
    values: Values = field(repr=False)

    def value(self, measure: str, plan: str = OURS) -> float | None:
        """Return a value, None where the scoreboard has none."""
        return self.values.get(plan, {}).get(measure)


def read_scores(scoreboard: pl.DataFrame, currency: str) -> Scores:
    """Return the view of a scoreboard frame (plan, measure, value)."""
    values: Values = {}
    for plan, name, value in scoreboard.select("plan", "measure", "value").iter_rows():
        values.setdefault(plan, {})[name] = value
    plans = tuple(sorted(values, key=lambda plan: plan != OURS))
    named = dict.fromkeys(scoreboard["measure"])
    present = [name for name in named if name not in WHERE_ANY or any(of.get(name) for of in values.values())]
    order = {name: place for place, name in enumerate(MEASURES)}
    measures = sorted((measure_of(name) for name in present), key=lambda m: order.get(m.name, len(order)))
    groups = []
    for group in GROUPS:
        rows = tuple(_row(m, plans, values, currency) for m in measures if m.group == group)
        if rows:
            groups.append(ScoreGroup(name=group, rows=rows))
    names = tuple(w.PLAN_NAMES.get(plan, w.plain(plan)) for plan in plans)
    return Scores(plans=plans, plan_names=names, groups=tuple(groups), values=values)


def _row(measure: Measure, plans: tuple[str, ...], values: Values, currency: str) -> ScoreRow:
    ours = values.get(OURS, {}).get(measure.name)
    cells = []
    for plan in plans:
        value = values[plan].get(measure.name)
        if value is None or (measure.group == DENSITY and is_idle(plan, values) and measure.name not in ALWAYS):
            cells.append(Cell(text=""))
            continue
        against = None if plan == OURS or ours is None else difference(measure, ours, value)
        cells.append(Cell(text=value_text(measure.name, value, currency), difference=against))
    return ScoreRow(measure=measure, cells=tuple(cells))


def is_idle(plan: str, values: Values) -> bool:
    """Return True for a plan without routes: the density of nothing says nothing."""
    return values[plan].get("routes") == 0


def difference(measure: Measure, ours: float, theirs: float) -> Difference | None:
    """Return how ``ours`` stands to ``theirs``: in points for shares, in percent otherwise; None if not comparable."""
    gap = ours - theirs
    if is_ratio(measure.name):
        size, unit = 100 * gap, "points"
    elif theirs:
        size, unit = 100 * gap / abs(theirs), "%"
    elif gap:
        return None
    else:
        size, unit = 0.0, "%"
    if abs(size) < 0.05:
        return Difference(text="the same", tone="even")
    tone = "even" if not measure.better else "better" if gap * measure.better > 0 else "worse"
    arrow = "▲" if gap > 0 else "▼"
    return Difference(text=f"{arrow} {abs(size):,.1f} {unit}", tone=tone)
