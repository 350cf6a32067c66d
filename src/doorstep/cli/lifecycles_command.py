"""``doorstep lifecycles``: every state and what leads from one to the next, told by the tables themselves."""

from collections.abc import Iterator

from doorstep.domain import reasons
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.domain.lifecycles.render import to_markdown

INTRODUCTION = """# Lifecycles

<!-- Written by `doorstep lifecycles --markdown`: change src/doorstep/domain/lifecycles, not this page. -->

Everything that has a state, and the transitions between its states. Each transition publishes exactly one event, in the
same transaction.

- A **command** is strict: asked for in any other state than those under "from", it is refused as a conflict, with the
  events that are allowed there.
- A **fact** reported from outside (driver, carrier, scanner) is kept in any case. It moves the object if it is newer
  than what brought the object where it is, if its target lies ahead, however far, and if the state is not terminal.
  Otherwise it is terminal, late, repeated or unreachable, and moves nothing. Of two facts of the same second, the one
  whose target the table reaches first counts as the earlier. One that is dated later than it comes, by a clock that is
  ahead, counts as of the moment at which it came.
"""


def lifecycles(*, markdown: bool = False) -> int:
    """Describe the states of orders, deliveries, routes and the rest, and what leads from one to the next.

    Parameters
    ----------
    markdown
        Print the reference page of the documentation instead of plain text.
    """
    print(reference_page() if markdown else "\n".join(_plain_lines()), end="" if markdown else "\n")
    return 0


def reference_page() -> str:
    """Return docs/reference/lifecycles.md."""
    return "\n".join((INTRODUCTION, *map(to_markdown, LIFECYCLES.values()), reasons.to_markdown()))


def _plain_lines() -> Iterator[str]:
    for machine in LIFECYCLES.values():
        yield f"{machine.name}: starts as {machine.initial}"
        for row in machine.transitions:
            yield f"    {row.event:<22} {', '.join(row.sources)} -> {row.target}; publishes {row.publishes}"
        yield ""
