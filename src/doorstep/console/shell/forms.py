"""Forms as browsers send them without a script."""

from urllib.parse import parse_qsl

from starlette.requests import Request

LONGEST, MOST_FIELDS = 4_000, 1_000


async def form_of(request: Request, *, longest: int = LONGEST) -> dict[str, str]:
    """Return the fields of a form, of those named alike the last; longer texts are cut, what is no text is left out."""
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: value.strip()[:longest] for name, value in pairs}
