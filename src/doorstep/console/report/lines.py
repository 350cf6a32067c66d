"""Charts of lines: a few values from day to day, side by side."""

import math
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from doorstep.console.report.ticks import step_of

HEIGHT, TOP, BASE = 200, 14, 160
"""Height of a chart, and where its highest and lowest ticks lie [px from the top]."""
MOST_TICKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A line: its colour's code, its name, and its values with their texts."""

    code: str
    name: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """Lines over the same columns; ``ticks`` are values with their texts, from the bottom of the chart to its top."""

    title: str
    summary: str
    column_title: str
    columns: tuple[str, ...]
    series: tuple[Series, ...]
    ticks: tuple[tuple[float, str], ...]


def round_ticks(low: float, high: float, *, most: int = 4) -> tuple[float, ...]:
    """Return some more than ``most`` round values, from one at or below ``low`` to one at or above ``high``."""
    step = step_of(max(high - low, 1e-9) / most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(step * k for k in range(first, max(last, first + 1) + 1))


def line_chart(chart: LineChart) -> Markup:
    """Return the lines with a dot for each value, ticks of the values at the left and of the columns below."""
    low, high = chart.ticks[0][0], chart.ticks[-1][0]

    def height(value: float) -> float:
        return BASE - (BASE - TOP) * (value - low) / (high - low)

    axis = "".join(
        f'<text x="100%" dx="-8" y="{height(value) + 4:.1f}" class="tick end">{escape(text)}</text>'
        for value, text in chart.ticks
    )
    body = [
        f'<line x1="0" x2="100%" y1="{height(value):.1f}" y2="{height(value):.1f}" class="grid"/>'
        for value, _ in chart.ticks
    ]
    width = 100 / max(len(chart.columns), 1)
    for series in chart.series:
        points = [((place + 0.5) * width, height(value)) for place, value in enumerate(series.values)]
        body += [
            f'<line x1="{a:.2f}%" y1="{b:.1f}" x2="{c:.2f}%" y2="{d:.1f}" class="line line-{series.code}"/>'
            for (a, b), (c, d) in pairwise(points)
        ]
        body += [
            f'<circle cx="{x:.2f}%" cy="{y:.1f}" r="4" class="dot line-{series.code}">'
            f"<title>{escape(f'{series.name}, {chart.column_title} {name}: {text}')}</title></circle>"
            for (x, y), name, text in zip(points, chart.columns, series.texts, strict=True)
        ]
    stride = -(-len(chart.columns) // MOST_TICKS)
    body += [
        f'<text x="{(place + 0.5) * width:.2f}%" y="{BASE + 17}" class="tick mid">{escape(chart.columns[place])}</text>'
        for place in range(0, len(chart.columns), max(stride, 1))
    ]
    body.append(f'<text x="0" y="{HEIGHT - 5}" class="axis-title">{escape(chart.column_title)} →</text>')
    left = f'<svg class="axis" width="100%" height="{HEIGHT}" aria-hidden="true">{axis}</svg>'
    label = escape(f"{chart.title}. {chart.summary}")
    right = f'<svg class="lines" width="100%" height="{HEIGHT}" role="img" aria-label="{label}">{"".join(body)}</svg>'
    return Markup('<div class="plot">{}{}</div>').format(Markup(left), Markup(right))
