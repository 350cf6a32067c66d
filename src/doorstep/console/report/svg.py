"""Charts drawn as SVG: lengths along the x axis are percentages, so that text keeps its size on every screen."""

from markupsafe import Markup, escape

from doorstep.console.report.charts import Bar, ColumnChart
from doorstep.console.report.ticks import ticks_to

HEIGHT = 216
"""Height of a column chart [px]."""
TOP = 34
"""Where the highest tick lies; the space above is for the texts of marked values [px from the top]."""
BASE = 176
"""Where its zero line lies [px from the top]."""
BAR = 26
ROW = 62
MOST_TICKS = 8
LEAST_LABELLED = 4.5
LEAST_EVERYWHERE = 13.0
"""Narrowest segment that carries its value on a wide screen, and on every screen [% of the width]."""


def stacked_bars(bars: tuple[Bar, ...]) -> Markup:
    """Return horizontal bars of segments, one below the other, to one scale."""
    longest = max((bar.length for bar in bars), default=0) or 1
    parts = []
    for number, bar in enumerate(bars):
        y = number * ROW
        parts.append(
            f'<text x="0" y="{y + 16}" class="bar-name{" ours" if not number else ""}">{escape(bar.name)}</text>'
            f'<text x="100%" y="{y + 16}" class="bar-total{" ours" if not number else ""}">{escape(bar.total)}</text>'
        )
        x = 0.0
        for segment in bar.segments:
            width = 100 * segment.value / longest
            tip = escape(f"{bar.name}: {segment.name} {segment.text}")
            parts.append(
                f'<rect x="{x:.2f}%" y="{y + 24}" width="{width:.2f}%" height="{BAR}" class="seg part-{segment.code}">'
                f"<title>{tip}</title></rect>"
            )
            if width >= LEAST_LABELLED:
                css = f"seg-value on-{segment.code}{' narrow' if width < LEAST_EVERYWHERE else ''}"
                parts.append(
                    f'<text x="{x + width / 2:.2f}%" y="{y + 24 + BAR / 2 + 4:.0f}" class="{css}">'
                    f"{escape(segment.text)}</text>"
                )
            x += width
    return _svg("".join(parts), height=len(bars) * ROW - (ROW - 24 - BAR), label="Cost per order by part", css="bars")


def column_chart(chart: ColumnChart) -> Markup:
    """Return columns over a zero line with value ticks, column ticks and lines for mean and median."""
    peak = max([chart.peak, *(sum(column.values) for column in chart.columns)], default=0)
    ticks = ticks_to(peak)
    scale = (BASE - TOP) / ticks[-1]
    width = 100 / max(len(chart.columns), 1)
    axis = "".join(
        f'<text x="100%" dx="-8" y="{BASE - tick * scale + 4:.1f}" class="tick end">{tick:,.0f}</text>'
        for tick in ticks
    )
    body = [
        f'<line x1="0" x2="100%" y1="{BASE - tick * scale:.1f}" y2="{BASE - tick * scale:.1f}" class="grid'
        f'{" zero" if not tick else ""}"/>'
        for tick in ticks
    ]
    body += [_column(chart, place, width, scale) for place in range(len(chart.columns))]
    body += _column_ticks(chart, width)
    body += _lines(chart, width)
    left = _svg(axis, height=HEIGHT, label="", css="axis")
    right = _svg("".join(body), height=HEIGHT, label=f"{chart.title}. {chart.summary}", css="columns")
    return Markup('<div class="plot">{}{}</div>').format(left, right)


def _column(chart: ColumnChart, place: int, width: float, scale: float) -> str:
    """Return one column, its series stacked from the bottom up."""
    column, parts, y = chart.columns[place], [], float(BASE)
    total = sum(column.values)
    for (code, name), value in zip(chart.series, column.values, strict=True):
        if not value:
            continue
        height = value * scale
        y -= height
        several = f", {total:,} in all" if len(chart.series) > 1 else ""
        tip = escape(f"{column.name}: {value:,} {name}{several}")
        box = f'x="{place * width:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{height:.1f}"'
        parts.append(f'<rect {box} class="col fill-{code}"><title>{tip}</title></rect>')
    return "".join(parts)


def _column_ticks(chart: ColumnChart, width: float) -> list[str]:
    """Return every n-th column tick, so that at most ``MOST_TICKS`` stand side by side, and the axis title."""
    stride = max(-(-len(chart.columns) // MOST_TICKS), 1)
    shift = 0.0 if chart.edges else 0.5
    parts = []
    for place in range(0, len(chart.columns), stride):
        side = " start" if chart.edges and not place else ""
        x = (place + shift) * width
        tick = escape(chart.columns[place].tick)
        parts.append(f'<text x="{x:.2f}%" y="{BASE + 17}" class="tick mid{side}">{tick}</text>')
    parts.append(f'<text x="0" y="{HEIGHT - 5}" class="axis-title">{escape(chart.column_title)} →</text>')
    return parts


def _lines(chart: ColumnChart, width: float) -> list[str]:
    """Return the marked values; their texts stand one below the other, so that they never meet."""
    parts = []
    for place, line in enumerate(sorted(chart.lines, key=lambda line: line.at)):
        x = (line.at + (0.0 if chart.edges else 0.5)) * width
        left = x > 60
        y = 12 + 15 * place
        parts.append(
            f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y - 10}" y2="{BASE}" class="mark"/>'
            f'<text x="{x:.2f}%" dx="{-5 if left else 5}" y="{y}" class="mark-text {"end" if left else "start"}">'
            f"{escape(line.text)}</text>"
        )
    return parts


def _svg(body: str, *, height: int, label: str, css: str) -> Markup:
    described = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" width="100%" height="{}" {}>{}</svg>').format(css, height, described, Markup(body))
