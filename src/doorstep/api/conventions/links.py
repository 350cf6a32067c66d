"""The Link header of RFC 8288 that leads from page to page."""

from collections.abc import Iterable
from urllib.parse import quote, urlencode


def next_link(path: str, query: Iterable[tuple[str, str]], *, cursor: str) -> str:
    """Return the ``Link`` header that points to the next page.

    The target is relative to the host, so it stays right behind any proxy.

    Parameters
    ----------
    query
        The names and values that were asked for; an old cursor among them is replaced.
    """
    kept = [(name, value) for name, value in query if name != "cursor"]
    return f'<{quote(path, safe="/:~")}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
