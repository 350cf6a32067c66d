"""The scoreboard as lines of text."""

from doorstep.operations import DayResult

SHOWN = (
    ("orders served", "served", "{:,.0f}"),
    ("cost per order", "cost_per_order_minor", "money"),
    ("  pick and stage", "pick_per_order_minor", "money"),
    ("  carton", "carton_per_order_minor", "money"),
    ("  line-haul", "line_haul_per_order_minor", "money"),
    ("  stem", "stem_per_order_minor", "money"),
    ("  drop", "drop_per_order_minor", "money"),
    ("  carrier fee", "carrier_fee_per_order_minor", "money"),
    ("  failure risk", "failure_risk_per_order_minor", "money"),
    ("cost per parcel", "cost_per_parcel_minor", "money"),
    ("margin per order", "margin_per_order_minor", "money"),
    ("on time", "on_time_share", "{:.1%}"),
    ("same or next day", "same_or_next_day_share", "{:.1%}"),
    ("split rate", "split_rate", "{:.1%}"),
    ("parcels per route", "parcels_per_route", "{:.1f}"),
    ("stops per route hour", "stops_per_route_hour", "{:.1f}"),
    ("km per stop", "km_per_stop", "{:.2f}"),
    ("own fleet, of door drops", "own_fleet_share", "{:.1%}"),
)
"""Label, measure and format of each line; the report shows all measures."""

COLUMNS = {
    "doorstep": "doorstep",
    "nearest_fc_cheapest_carrier": "nearest FC, carrier",
    "fewest_splits_own_fleet": "fewest splits, own vans",
}


def scoreboard_lines(result: DayResult, currency: str) -> list[str]:
    """Return the scoreboard of a plan and its baselines, and what the plan saves."""
    names = list(result.measures)
    lines = ["", " " * 26 + "".join(f"{COLUMNS.get(name, name):>26}" for name in names)]
    for label, measure, form in SHOWN:
        cells = [_cell(result.measures[name][measure], form, currency) for name in names]
        lines.append(f"{label:<26}" + "".join(f"{cell:>26}" for cell in cells))
    unserved = sum(result.unserved["doorstep"].values())
    reasons = ", ".join(
        f"{reason.replace('_', ' ')} {count:,}" for reason, count in result.unserved["doorstep"].items()
    )
    lines += ["", f"Unserved: {unserved:,}" + (f" ({reasons})" if reasons else "") + "."]
    if result.sites_above_bound_share is not None:
        above = f"{max(0.0, result.sites_above_bound_share):.2%}"
        lines.append(f"Sites: by their estimates at most {above} above what any choice near the doors costs (proved).")
    if result.interrupted:
        return [*lines, "The baselines may be unfinished too, so no comparison is drawn."]
    own = result.measures["doorstep"]["cost_per_order_minor"]
    for name in names[1:]:
        other = result.measures[name]["cost_per_order_minor"]
        if other and own:
            lines.append(f"Cost per order against {COLUMNS.get(name, name)}: {own / other - 1:+.1%}.")
    return lines


def _cell(value: float, form: str, currency: str) -> str:
    if form != "money":
        return form.format(value)
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{value / 10**digits:,.{digits}f} {currency}"


MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}
"""Decimal places of currencies that do not have two."""
