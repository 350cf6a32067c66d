"""The report of a network: what it costs beside today's, the map, the steps by their payback, the tables."""

import polars as pl

from doorstep import __version__
from doorstep.console import words as w
from doorstep.console.report.charts import Bar, Segment
from doorstep.console.report.coverage import coverage_note, coverage_view
from doorstep.console.report.headline import Tile
from doorstep.console.report.network_map import network_map
from doorstep.console.report.page import embedded_json, environment, own_files
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.operations.planning.network import NetworkStudy
from doorstep.operations.planning.tables import cost_table, same_day_reach, study_tables

PARTS = {
    "sites": ("pick", "sites"),
    "changes": ("carton", "opening and closing"),
    "inbound": ("line_haul", "line-haul"),
    "handling": ("stem", "handling"),
    "drop": ("drop", "own vans"),
    "idle": ("failure_risk", "last vans, not full"),
    "outside": ("carrier_fee", "third parties"),
}
"""Each part of the cost: its colour in the report, and its name."""
DOORS = {"orders": "The orders of the folder", "population": "Doors of one day, drawn where people live"}
"""What is routed, by what the demand is."""


MOST_NAMED = 5
"""Further sites that a sentence names."""


def render_network(study: NetworkStudy, currency: str, *, title: str) -> str:
    """Return the report of a network as one HTML file that loads nothing from anywhere."""
    tables = study_tables(study)
    picture = network_map(tables["sites"], tables["zones"])
    problem = study.problem
    size = (f"{w.count(int(problem.parcels.sum()))} parcels of {w.many(problem.days, 'day')}",
            w.many(len(problem.zones), "zone"), w.many(len(problem.options), "option"))  # fmt: skip
    return environment().get_template("network.html.j2").render(
        title=title,
        version=__version__,
        subtitle=" · ".join(size),
        sentences=headline(study, currency),
        tiles=_tiles(study, currency),
        picture=picture,
        cost_bars=_bars(study, currency),
        steps=_steps(tables["steps"], currency),
        sites=_sites(tables["sites"]),
        regions=_regions(tables.get("regions"), tables.get("lanes"), currency),
        coverage=coverage_view(tables["coverage"]),
        areas=_areas(study, tables["catchments"]),
        coverage_note=coverage_note(tables["coverage"]),
        area_note=_area_note(study),
        verified=_verified(study, currency),
        doors=DOORS[study.zones.demand],
        notes=(*_binds(study), *study.notes),
        map_json=embedded_json(None),
        **own_files(),
    )  # fmt: skip


def headline(study: NetworkStudy, currency: str) -> tuple[str, ...]:
    """Return the plan in sentences: what it costs beside today's network, how sure that is, and what to do first."""
    plan, parcels = study.plan, max(int(study.problem.parcels.sum()), 1)
    today, then = (cost.total_milli / 1_000 / parcels for cost in (plan.today, plan.cost))
    bound = w.money(plan.bound_milli / 1_000 / parcels, currency)
    lines = [f"A parcel costs {w.money(then, currency)} in this network.",
             f"No other with these options costs less than {bound} ({100 * plan.gap:.2f}{w.NBSP}% below)."]  # fmt: skip
    if plan.today.unserved:
        lines.append(f"Today's network leaves {w.many(plan.today.unserved, 'parcel')} to nobody.")
    else:
        change = (then - today) / today if today else 0.0
        more = "less" if change <= 0 else "more"
        lines.append(
            f"Today's costs {w.money(today, currency)}: {100 * abs(change):.1f}{w.NBSP}% {more} with the plan."
        )
    if study.steps:
        first = study.steps[0]
        verb = "Open" if first.opens else "Close"
        lines.append(
            f"First step: {verb.lower()} {study.options['name'][first.option]}, {_payback(first.payback_days)}."
        )
    else:
        lines.append("Nothing needs to change.")
    regions = study.regions
    if regions is not None:
        even = "" if regions.balanced else " (not all within the tolerance)"
        lines.append(
            f"{w.many(int(regions.centre.size), 'region')}{even}, {w.distance(regions.mean_m)} from centre to door on "
            f"average; no division has less than {w.distance(regions.bound_m)}."
        )
    lines += _further(study)
    if study.verification is not None and study.verification.total.doors:
        total = study.verification.total
        lines.append(
            f"Routed, a drop costs {w.money(total.routed_minor, currency)}; the plan said "
            f"{w.money(total.predicted_minor, currency)} ({100 * total.error:+.1f}{w.NBSP}%)."
        )
    return tuple(lines)


def _further(study: NetworkStudy) -> list[str]:
    """Return in a sentence which further sites a wished reach needs, none if nobody asked."""
    further = study.further
    if further is None:
        return []
    reach, near = further.reach, f"within {w.distance(further.within_m)} of a site with vans"
    if not further.option.size:
        return [f"{w.share(reach.before)} of the parcels lie {near} today: no further site is needed."]
    names = [str(name) for name in study.options["name"].gather(further.option.tolist())]
    listed = "; ".join(names[:MOST_NAMED]) + (" and others" if len(names) > MOST_NAMED else "")
    fewer = "no fewer would do" if reach.proved else f"at least {reach.fewest} are needed"
    enough = f"{w.many(len(names), 'more site')} {'is' if len(names) == 1 else 'are'} enough"
    told = f"{fewer}; {w.share(reach.before)} today"
    return [f"For {w.share(further.share)} of the parcels {near}, {enough} ({told}): {listed}."]


def _payback(days: float) -> str:
    return (
        "which saves by what it makes possible" if days == float("inf") else f"paid back in {w.count(round(days))} days"
    )


def _tiles(study: NetworkStudy, currency: str) -> tuple[Tile, ...]:
    plan, options, parcels = study.plan, study.problem.options, max(int(study.problem.parcels.sum()), 1)
    van = options.van >= 0
    rows = (
        ("Cost per parcel", w.money(plan.cost.total_milli / 1_000 / parcels, currency),
         f"today {w.money(plan.today.total_milli / 1_000 / parcels, currency)}",
         "Sites, line-haul, handling, vans and third parties, and the share of what is paid once."),
        ("Sites with vans", w.count(int((plan.open & van).sum())), f"today {int((options.exists & van).sum())}",
         "Sites from which own vans start."),
        ("By own vans", w.share(plan.cost.load.sum() / parcels), f"today {w.share(plan.today.load.sum() / parcels)}",
         "Parcels that own vans deliver."),
        ("Same day by own vans", w.share(same_day_reach(study, plan.cost)),
         f"today {w.share(same_day_reach(study, plan.today))}", "Same-day parcels within reach of a site with stock."),
        ("Proved", f"{100 * plan.gap:.2f}{w.NBSP}%", "at most from the best", "Gap between cost and proved bound."),
    )  # fmt: skip
    return tuple(Tile(label=label, value=value, note=note, definition=text) for label, value, note, text in rows)


def _bars(study: NetworkStudy, currency: str) -> tuple[Bar, ...]:
    costs = cost_table(study)
    bars = []
    for column, name in (("plan_minor", "Plan"), ("today_minor", "Today")):
        segments = tuple(
            Segment(code=PARTS[part][0], name=PARTS[part][1], value=value, text=w.money(value, currency))
            for part, value in costs.select("part", column).iter_rows()
            if value > 0
        )
        bars.append(Bar(name=name, segments=segments, total=w.money(float(costs[column].sum()), currency)))
    return tuple(bars)


def _steps(steps: pl.DataFrame, currency: str) -> Table:
    headings = (
        Heading(text="Step"),
        Heading(text="Change", number=False),
        Heading(text="Site", number=False),
        Heading(text="Once", definition="What it costs once."),
        Heading(text="Saves a day"),
        Heading(text="Paid back", definition="Days after which it has paid for itself."),
    )
    rows = [
        (
            Entry(text=str(row["step"]), key=row["step"]),
            _text(row["change"]),
            _text(row["name"]),
            Entry(text=w.money(row["once_minor"], currency), key=row["once_minor"]),
            _money(row["saves_minor_per_day"], currency),
            Entry(
                text="–" if row["payback_days"] is None else f"{w.count(round(row['payback_days']))} days",
                key=1e12 if row["payback_days"] is None else row["payback_days"],
            ),
        )
        for row in steps.iter_rows(named=True)
    ]
    return table_of(w.many(len(rows), "step"), headings, rows, "steps.csv")


def _sites(sites: pl.DataFrame) -> Table:
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Name", number=False),
        Heading(text="Role", number=False),
        Heading(text="Fate", number=False),
        Heading(text="Parcels a day"),
        Heading(text="Today"),
    )
    rows = [
        (
            _text(row["option_id"]),
            _text(row["name"]),
            _text(w.KIND_NAMES.get(row["role"], row["role"])),
            _text(row["fate"]),
            _number(row["parcels_per_day"]),
            _number(row["parcels_per_day_today"]),
        )
        for row in sites.sort("parcels_per_day", "option_id", descending=[True, False]).iter_rows(named=True)
    ]
    return table_of(w.many(len(rows), "site"), headings, rows, "sites.csv")


def _regions(regions: pl.DataFrame | None, lanes: pl.DataFrame | None, currency: str) -> Table | None:
    if regions is None or lanes is None:
        return None
    headings = (
        Heading(text="Region"),
        Heading(text="Parcels a day"),
        Heading(text="Centre to door"),
        Heading(text="Lanes to", number=False, definition="Regions it has a lane with: distance and cost of a truck."),
    )
    names, rows = regions["name"].to_list(), []
    for row in regions.iter_rows(named=True):
        number = row["region"]
        mine = lanes.filter((pl.col("from_region") == number) | (pl.col("to_region") == number))
        told = [
            f"{names[lane['to_region'] if lane['from_region'] == number else lane['from_region']]}"
            f" ({w.distance(lane['distance_m'])}, {w.money(lane['cost_minor'], currency)})"
            for lane in mine.iter_rows(named=True)
        ]
        mean = Entry(text=w.distance(row["mean_m"]), key=row["mean_m"])
        rows.append(
            (Entry(text=names[number], key=number), _number(row["parcels_per_day"]), mean, _text(", ".join(told)))
        )
    return table_of(w.many(len(rows), "region"), headings, rows, "regions.csv")


def _areas(study: NetworkStudy, areas: pl.DataFrame) -> Table:
    names = dict(zip(study.problem.options.option_id, study.options["name"], strict=True))
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Nearest", definition="Parcels a day that have no nearer site in time."),
        Heading(text="Within reach", definition="Parcels a day that a same-day tour from here can reach."),
        Heading(text="Shared", definition="Those of them that another site reaches too."),
    )
    rows = [
        (_text(names[option]), *(_number(value) for value in values))
        for option, *values in areas.sort("nearest_parcels_per_day", descending=True).iter_rows()
    ]
    return table_of(w.many(len(rows), "area"), headings, rows, "catchments.csv")


def _area_note(study: NetworkStudy) -> str:
    """Return in words what share of the parcels a same-day tour reaches, and how far the others are."""
    now, then = study.area_today.share, study.area.share
    told = f"{w.share(then)} of all parcels lie within the drive of a same-day tour, {w.share(now)} today."
    gaps = study.area.plan.gaps if study.area.plan else None
    if gaps is None or not gaps.weight.sum():
        return told
    short = float((gaps.weight * gaps.short_s).sum() / gaps.weight.sum())
    return f"{told} The others are {w.duration(short)} too far on average."


def _verified(study: NetworkStudy, currency: str) -> Table | None:
    if study.verification is None:
        return None
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Doors"),
        Heading(text="Predicted"),
        Heading(text="Routed"),
        Heading(text="Error", definition="By how much the prediction is too high."),
        Heading(text="Stops a route"),
        Heading(text="Km a stop"),
    )
    rows = [
        (
            _text(study.options["name"][row]),
            _number(one.doors),
            _money(one.predicted_minor, currency),
            _money(one.routed_minor, currency),
            Entry(text=f"{100 * one.error:+.1f}{w.NBSP}%", key=one.error),
            Entry(text=f"{one.stops_per_route:.1f}", key=one.stops_per_route),
            Entry(text=f"{one.km_per_stop:.2f}", key=one.km_per_stop),
        )
        for row, one in sorted(study.verification.by_site.items(), key=lambda item: -item[1].doors)
    ]
    return table_of(w.many(len(rows), "routed site"), headings, rows, "verified.csv")


def _binds(study: NetworkStudy) -> tuple[str, ...]:
    """Return which regions' limits make the plan dearer, in sentences."""
    if study.regions is None:
        return ()
    limits = [each for each in study.regions.binding if each.rule in ("upper", "lower")][:3]
    return tuple(
        f"Region {each.region} is at its {each.rule} limit: 1{w.NBSP}% more room would save "
        f"{w.distance(each.saved_m)} of the mean distance."
        for each in limits
    )


def _text(value: str) -> Entry:
    return Entry(text=value, key=value)


def _number(value: float) -> Entry:
    return Entry(text=w.count(round(value)), key=value)


def _money(value: float | None, currency: str) -> Entry:
    return Entry(text="–" if value is None else w.money(value, currency), key=-1e12 if value is None else value)
