"""The report page: views in, one self-contained HTML file out."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from importlib import resources

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from doorstep import __version__
from doorstep.console import words as w
from doorstep.console.report import charts, svg
from doorstep.console.report.city_map import CityMap, Driven, Json, read_map
from doorstep.console.report.drop_costs import drop_errors, drop_table
from doorstep.console.report.extremes import dearest_orders, slowest_orders
from doorstep.console.report.headline import read_headline
from doorstep.console.report.scoreboard import read_scores
from doorstep.console.report.street_names import StreetName
from doorstep.console.report.tables import carrier_table, route_table, site_table, unserved_view
from doorstep.domain import DayPlan, Retailer

SCRIPTS = ("page.js", "map.js")
STYLES = ("tokens.css", "page.css", "map.css", "network.css", "print.css")


def render_report(
    retailer: Retailer,
    plan: DayPlan,
    scoreboard: pl.DataFrame,
    *,
    title: str,
    notes: Sequence[str] = (),
    driven: Driven | None = None,
) -> str:
    """Return the report of a plan as one HTML file that loads nothing from anywhere.

    Parameters
    ----------
    scoreboard
        Measures of the plan ``doorstep`` and of its baselines, long form (plan, measure, value).
    title
        Heading of the page.
    notes
        Sentences on where the input comes from, shown with the explanations at the end.
    driven
        The streets that the plan was made on, drawn under its map; without them routes are straight between stops.
    """
    currency = retailer.currency
    scores = read_scores(scoreboard, currency)
    city = read_map(retailer, plan, driven)
    page = environment().get_template("report.html.j2")
    return page.render(
        title=title,
        version=__version__,
        notes=tuple(notes),
        subtitle=_subtitle(retailer, plan, city),
        headline=read_headline(scores, plan.order_outcomes, currency),
        scores=scores,
        city=city,
        cost_bars=charts.cost_bars(scores, currency),
        columns=(charts.order_costs(plan, currency), charts.route_parcels(plan), charts.route_loads(retailer, plan)),
        hours=charts.delivery_hours(retailer, plan),
        dearest=dearest_orders(retailer, plan),
        slowest=slowest_orders(retailer, plan),
        unserved=unserved_view(retailer, plan),
        routes=route_table(retailer, plan),
        carriers=carrier_table(retailer, plan),
        sites=site_table(retailer, plan),
        drops=drop_table(retailer, plan),
        drop_errors=drop_errors(plan),
        policy=retailer.policy.row(0, named=True),
        currency=currency,
        map_json=embedded_json(map_json(city, currency)),
        **own_files(),
    )


def own_files() -> dict[str, Markup | str]:
    """Return style and script of a page, which have no input in them, and the hash by which its policy knows them."""
    script = "\n".join(_file(name) for name in SCRIPTS)
    css = "\n".join(_file(name) for name in STYLES)
    return {"css": Markup(css), "script": Markup(script), "script_hash": _hash(script)}


def embedded_json(value: Json) -> Markup:
    """Return JSON that may stand inside a script element: nothing in it can close the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # escaped for its place above


def map_json(city: CityMap, currency: str) -> Json:
    """Return what the script of the map reads."""
    return {
        "dots": city.dots,
        "names": _names_json(city.ground.names) if city.ground else None,
        "modes": [*w.MODE_NAMES.values(), "unserved"],
        "codes": [*w.MODE_NAMES, w.UNSERVED],
        "days": list(city.days),
        "metresPerUnit": city.metres_per_unit,
        "metric": city.metric,
        "currency": w.SYMBOLS.get(currency, f"{currency} "),
        "digits": w.DIGITS.get(currency, 2),
    }


def _names_json(names: tuple[StreetName, ...]) -> Json:
    """Return the names of streets column by column."""
    return {each.name: [getattr(name, each.name) for name in names] for each in fields(StreetName)}


def _subtitle(retailer: Retailer, plan: DayPlan, city: CityMap) -> str:
    """Return what the plan is about in one line: days, sites, vehicles, carriers, time zones."""
    days = city.days[0] if len(city.days) == 1 else f"{city.days[0]} to {city.days[-1]}" if city.days else "no day"
    zones = retailer.sites["time_zone"].unique().sort().to_list()
    zone = zones[0] if len(zones) == 1 else w.many(len(zones), "time zone")
    parts = [
        days,
        w.many(retailer.sites.height, "site"),
        w.many(plan.routes.height, "route"),
        w.many(plan.parcels.height, "parcel"),
        f"times {zone}" if len(zones) == 1 else f"times local in {zone}",
    ]
    return " · ".join(parts)


def environment() -> Environment:
    """Return the templates with the drawings and words that they use."""
    environment = Environment(
        loader=PackageLoader("doorstep.console.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(stacked_bars=svg.stacked_bars, column_chart=svg.column_chart)
    environment.filters.update(count=w.count, share=w.share, sentence=w.sentence, distance=w.distance)
    return environment


def _file(name: str) -> str:
    shared = resources.files("doorstep.console") / "static" / name  # the colours are those of the live pages
    own = resources.files("doorstep.console.report") / "templates" / name
    return (shared if shared.is_file() else own).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """Return the hash by which the page's policy allows its one script and no other."""
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
