"""The page behind the link in a notice: what a shopper is told, and a button that ends it; it needs no script."""

from collections.abc import Mapping

from markupsafe import Markup

from doorstep.operations.notices.texts import language, shipped

PAGE = Markup(
    '<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><meta name="robots" content="noindex">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>'
    '<body><main><h1>{title}</h1><p role="status">{text}</p>{form}</main></body></html>\n'
)
FORM = Markup('<form method="post" action="/v1/notice-preferences/{token}/stop"><button>{stop}</button></form>')


def wishes_page(wishes: Mapping[str, bool], locale: str, token: str) -> str:
    """Return the page as HTML; the button is there as long as anything is wanted."""
    words = shipped(language(locale))["page"]
    wanted = any(wishes.values())
    return PAGE.format(
        lang=language(locale),
        title=words["title"],
        text=words["told"] if wanted else words["stopped"],
        form=FORM.format(token=token, stop=words["stop"]) if wanted else "",
    )
