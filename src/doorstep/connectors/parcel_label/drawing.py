"""Labels drawn: a QR code that every scanner reads, and words for people."""

from html import escape
from io import BytesIO

import segno

from doorstep.connectors.parcel_label.label import ParcelLabel, words_on

MODULE, QUIET, LINE, WIDTH = 4, 4, 22, 760
"""Pixels of a module, modules of white around the code, pixels of a line of text and of the label."""


def draw_svg(label: ParcelLabel, *, host: str) -> str:
    """Return a label as SVG: the code on the left, the words for people beside it."""
    code = segno.make(label.digital_link(host), error="m", micro=False)
    size = code.symbol_size(scale=MODULE, border=QUIET)[0]
    lines = words_on(label)
    height = max(size, (len(lines) + 1) * LINE)
    drawn = code.svg_inline(scale=MODULE, border=QUIET, omitsize=False)
    text = "".join(
        f'<text x="{size + LINE}" y="{LINE * (n + 1)}" font-family="sans-serif" font-size="16">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
        f'<title>{escape(label.sscc)}</title><rect width="100%" height="100%" fill="#fff"/>{drawn}{text}</svg>'
    )


def draw_png(label: ParcelLabel, *, host: str) -> bytes:
    """Return the code of a label alone, as PNG."""
    picture = BytesIO()
    segno.make(label.digital_link(host), error="m", micro=False).save(picture, kind="png", scale=MODULE, border=QUIET)
    return picture.getvalue()
