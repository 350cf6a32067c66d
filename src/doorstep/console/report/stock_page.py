"""The report of a plan of the stock: its worth beside today's, how long each shelf lasts, changes with reasons."""

import math
from itertools import pairwise

import polars as pl
from markupsafe import Markup, escape

from doorstep import __version__
from doorstep.console import words as w
from doorstep.console.report.headline import Tile
from doorstep.console.report.lines import LineChart, line_chart
from doorstep.console.report.page import embedded_json, environment, own_files
from doorstep.console.report.stock_days import replay_charts, replay_table
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.domain import Retailer
from doorstep.operations.planning.placing import StockStudy
from doorstep.operations.planning.stock_tables import CLASSES, small_sites, study_tables

STEPS = (0.0, 0.5, 1.0, 3.0, 10.0, 30.0)
"""Multiples of the days to cover at which the heat map changes its colour."""
ACTIONS = {"buy": "purchase", "transfer": "transfer", "ship_from": "shipment from elsewhere", "markdown": "markdown"}
SHARES = ("complete_share", "most_sold_share", "past_share", "past_bound")
PLURALS = {"ship_from": "shipments from elsewhere"}
LITRES = 100
"""Litres of further room whose worth is told."""
LEAST_PRICE = 0.5
"""What they must be worth to be told [minor]."""
CELL, LABEL, GAP = 34, 150, 40
"""Width of a cell, of the names, and between the two halves, in pixels."""


def render_stock(retailer: Retailer, study: StockStudy, todo: pl.DataFrame, *, title: str) -> str:
    """Return the report of a plan of the stock, with what is to be done, as one HTML file that loads nothing."""
    tables = study_tables(retailer, study)
    size = (w.many(retailer.products.height, "product"), w.many(retailer.sites.height, "site"),
            f"stock for {w.many(study.demand.days, 'day')}")  # fmt: skip
    return environment().get_template("stock.html.j2").render(
        title=title,
        version=__version__,
        subtitle=" · ".join(size),
        sentences=(*stock_headline(retailer, study), *proposal_lines(todo, retailer.currency)),
        tiles=_tiles(study),
        picture=_heat(tables["cover"], study.demand.days),
        days=study.demand.days,
        steps=_steps(study.demand.days),
        replay=_replay(study, retailer.currency),
        line_chart=line_chart,
        small=_small(retailer, study),
        sites=_sites(tables["sites"], retailer.currency),
        changes=_changes(tables["changes"]),
        todo=_todo(todo, retailer.currency),
        notes=study.notes,
        map_json=embedded_json(None),
        **own_files(),
    )  # fmt: skip


def stock_headline(retailer: Retailer, study: StockStudy) -> tuple[str, ...]:
    """Return the plan in sentences: how much stock, what it is worth, how sure that is, what the replay says."""
    plan, today, currency = study.plan, study.today, retailer.currency
    days = w.many(study.demand.days, "day")
    better = (plan.value - today.value) / study.demand.days
    wanted, gap = round(float(study.demand.mean.sum())), f"{100 * max(plan.gap, 0.0):.2f}{w.NBSP}%"
    there, lie = (w.count(int(stock.units.sum())) for stock in (plan, today))
    own, own_today, lost, lost_today = (
        w.share(share) for share in (plan.own, today.own, 1 - plan.served, 1 - today.served)
    )
    lines = [
        f"{there} units serve {w.count(wanted)} that are expected in {days}; {lie} lie there today.",
        f"The plan is worth {w.money(better, currency)} a day more than today's stock; no plan is worth {gap} more.",
        f"{own} of the units come from where they are wanted ({own_today} today), {lost} from nowhere ({lost_today}).",
    ]
    lines += _assortment_lines(study)
    before, after = study.replayed_today, study.replayed
    if before is not None and after is not None:
        saved = before.mean("stock_value_minor") - after.mean("stock_value_minor")
        money = f"{w.money(abs(saved), currency)} {'less' if saved >= 0 else 'more'} lie on the shelves"
        lost, lost_today = (w.count(each.total("orders") - each.total("served")) for each in (after, before))
        whole, whole_today = (w.share(each.share("one_site_orders", "served")) for each in (after, before))
        told = w.many(len(after.days), "day")
        lines.append(
            f"Replayed with {w.count(after.total('orders'))} orders of {told}: {lost} are lost ({lost_today} with "
            f"today's stock), {whole} of the others are served whole from one site ({whole_today}), and {money}."
        )
    return tuple(lines)


def _assortment_lines(study: StockStudy) -> list[str]:
    """Return in a sentence how many orders are complete from what small sites keep, nothing if none is small."""
    orders = sum(each.orders for each in study.assortments)
    if not orders:
        return []
    ours, sold, bound = (
        w.share(sum(share * each.orders for share, each in zip(shares, study.assortments, strict=True)) / orders)
        for shares in zip(*((each.complete, each.most_sold, each.bound) for each in study.assortments), strict=True)
    )
    sites, told = w.many(len(study.assortments), "small site"), w.count(orders)
    complete = f"{ours} of them are complete from one with what it keeps, {sold} with what sells most"
    return [f"{sites} should serve {told} orders: {complete}; no choice completes more than {bound} of the past ones."]


def proposal_lines(todo: pl.DataFrame, currency: str) -> list[str]:
    """Return in a sentence what is to be done, nothing if there is nothing."""
    if not todo.height:
        return []
    counts = todo.group_by("action").agg(pl.len(), pl.col("units").sum()).sort("units", descending=True)
    told = ", ".join(
        f"{w.many(rows, ACTIONS[action], PLURALS.get(action, ''))} of {w.many(units, 'unit')}"
        for action, rows, units in counts.rows()
    )
    return [f"To do today, worth {w.money(int(todo['value_minor'].sum()), currency)}: {told}."]


def _tiles(study: StockStudy) -> tuple[Tile, ...]:
    plan, today = study.plan, study.today
    rows = [
        ("Units", w.count(int(plan.units.sum())), f"today {w.count(int(today.units.sum()))}",
         "Units of all products."),
        ("Where wanted", w.share(plan.own), f"today {w.share(today.own)}",
         "Units that come from the site that their order would be served from if everything lay everywhere."),
        ("Unserved", w.share(1 - plan.served), f"today {w.share(1 - today.served)}",
         "Expected units that lie nowhere."),
        ("Proved", f"{100 * max(plan.gap, 0.0):.2f}{w.NBSP}%", "at most from the best",
         "Gap between value and bound."),
    ]  # fmt: skip
    before, after = study.replayed_today, study.replayed
    if before is not None and after is not None:
        rows.append(
            ("Lost, replayed", w.share(after.share("lost_units", "units")),
             f"today {w.share(before.share('lost_units', 'units'))}",
             "Units of orders that nobody could serve, when the folder's orders are replayed.")
        )  # fmt: skip
        change = after.mean("stock_value_minor") / max(before.mean("stock_value_minor"), 1) - 1
        rows.append(
            ("Bound in stock", f"{100 * change:+.0f}{w.NBSP}%", "against today",
             "What lies on the shelves in the mornings, at price less margin.")
        )  # fmt: skip
    return tuple(Tile(label=label, value=value, note=note, definition=text) for label, value, note, text in rows)


def _heat(cover: pl.DataFrame, days: int) -> Markup:
    """Return days of cover by site and class of products, today and by the plan, as a heat map."""
    sites = cover["site_id"].unique(maintain_order=True).to_list()
    width = LABEL + 2 * CLASSES * CELL + GAP
    height = (len(sites) + 2) * 22
    parts = []
    for half, name in enumerate(("today", "plan")):
        left = LABEL + half * (CLASSES * CELL + GAP)
        parts.append(f'<text x="{left}" y="14" class="tick">{name}: most wanted products first</text>')
        for site, number, cells in cover.filter(pl.col("stock") == name).select("site_id", "class", "days").iter_rows():
            x, y = left + (number - 1) * CELL, 22 + 22 * sites.index(site)
            told = "nothing is wanted" if math.isnan(cells) else f"{cells:.1f} days"
            parts.append(f'<rect x="{x}" y="{y}" width="{CELL - 2}" height="20" class="heat h{_step(cells, days)}">'
                         f"<title>{escape(site)}, class {number}: {told} ({name})</title></rect>")  # fmt: skip
    parts += [
        f'<text x="0" y="{22 + 22 * row + 15}" class="tick">{escape(site)}</text>' for row, site in enumerate(sites)
    ]
    label = "Days that the stock of each site lasts, by class of products, today and by the plan."
    return Markup(
        f'<svg class="heatmap" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


def _step(cells: float, days: int) -> int:
    if math.isnan(cells):
        return 0
    return sum(cells >= step * days for step in STEPS)


def _steps(days: int) -> tuple[tuple[int, str], ...]:
    """Return the colours of the heat map with what they mean."""
    limits = [*STEPS, math.inf]
    told = [
        f"{low * days:g} to {high * days:g}" if math.isfinite(high) else f"{low * days:g} and more"
        for low, high in pairwise(limits)
    ]
    return ((0, "nothing wanted"), *((number + 1, f"{text} days") for number, text in enumerate(told)))


def _small(retailer: Retailer, study: StockStudy) -> Table | None:
    """Return how many orders are complete from what small sites keep, if there are such sites."""
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Products kept"),
        Heading(text="Orders", definition="Orders that would come from the site if everything lay everywhere."),
        Heading(text="Complete", definition="Share of them that is complete from what is chosen without them."),
        Heading(text="Most sold", definition="The same with as many products that sell most."),
        Heading(text="Past orders", definition="Share that is complete from what is kept, which knows these orders."),
        Heading(text="At most", definition="Proved: no products of this number complete more of the past orders."),
    )
    rows = [
        (
            Entry(text=row["site_id"], key=row["site_id"]),
            *(Entry(text=w.count(row[name]), key=row[name]) for name in ("products", "orders")),
            *(Entry(text=w.share(row[name]), key=row[name]) for name in SHARES),
        )
        for row in small_sites(retailer, study).iter_rows(named=True)
    ]
    return table_of(w.many(len(rows), "small site"), headings, rows, "assortment.csv") if rows else None


def _replay(study: StockStudy, currency: str) -> tuple[Table, tuple[LineChart, ...]] | None:
    """Return the figures of the replay and the charts of its days, if there was one."""
    if study.replayed_today is None or study.replayed is None:
        return None
    both = study.replayed_today, study.replayed
    return replay_table(*both, currency), replay_charts(*both, currency)


def _sites(sites: pl.DataFrame, currency: str) -> Table:
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Name", number=False),
        Heading(text="Expected", definition="Units that are wanted here over the days to cover."),
        Heading(text="Units"),
        Heading(text="Today"),
        Heading(text="Products"),
        Heading(text="Today"),
        Heading(text="Room used", definition="Share of the room that it has for stock."),
        Heading(
            text="100 litres more",
            definition="What so much further room is worth here over the days to cover; nothing where room is left.",
        ),
    )
    rows = []
    for row in sites.sort("expected", descending=True).iter_rows(named=True):
        used = row["litres"] / row["litres_there"] if row["litres_there"] else 0.0
        counts = (row["units"], row["units_today"], row["products"], row["products_today"])
        rows.append((
            Entry(text=row["site_id"], key=row["site_id"]),
            Entry(text=row["name"], key=row["name"]),
            Entry(text=w.count(round(row["expected"])), key=row["expected"]),
            *(Entry(text=w.count(count), key=count) for count in counts),
            Entry(text=w.share(used), key=used),
            Entry(text=_room(LITRES * row["litre_price_minor"], currency), key=row["litre_price_minor"]),
        ))  # fmt: skip
    return table_of(w.many(len(rows), "site"), headings, rows, "sites.csv")


def _room(worth_minor: float, currency: str) -> str:
    return w.money(worth_minor, currency) if worth_minor >= LEAST_PRICE else "nothing"


def _changes(changes: pl.DataFrame) -> Table:
    headings = (
        Heading(text="Site", number=False),
        Heading(text="Product", number=False),
        Heading(text="Today"),
        Heading(text="Plan"),
        Heading(text="Why", number=False),
    )
    rows = [
        (
            Entry(text=row["site_id"], key=row["site_id"]),
            Entry(text=f"{row['product_id']} {row['name']}".strip(), key=row["product_id"]),
            Entry(text=w.count(row["units_today"]), key=row["units_today"]),
            Entry(text=w.count(row["units"]), key=row["units"]),
            Entry(text=row["reason"], key=row["reason"]),
        )
        for row in changes.iter_rows(named=True)
    ]
    return table_of(w.many(len(rows), "change"), headings, rows, "changes.csv")


def _todo(todo: pl.DataFrame, currency: str) -> Table:
    headings = (
        Heading(text="What", number=False),
        Heading(text="Product", number=False),
        Heading(text="From", number=False),
        Heading(text="Site", number=False),
        Heading(text="Units"),
        Heading(text="Worth"),
        Heading(text="By", number=False, definition="The last day on which doing it still helps in full."),
        Heading(text="Why", number=False),
    )
    rows = [
        (
            Entry(text=ACTIONS[row["action"]], key=row["action"]),
            *(Entry(text=row[name], key=row[name]) for name in ("product_id", "from_site_id", "site_id")),
            Entry(text=w.count(row["units"]), key=row["units"]),
            Entry(text=w.money(row["value_minor"], currency), key=row["value_minor"]),
            Entry(text=row["deadline"].isoformat(), key=row["deadline"].isoformat()),
            Entry(text=row["reason"], key=row["reason"]),
        )
        for row in todo.iter_rows(named=True)
    ]
    return table_of(w.many(len(rows), "proposal"), headings, rows, "proposals.csv")
