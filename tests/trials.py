"""How many examples hypothesis draws: a third of what is worth drawing, unless ``DOORSTEP_THOROUGH=1`` is set."""

import os


def trials(count: int) -> int:
    """Return how many of ``count`` examples are drawn in this run."""
    return count if os.environ.get("DOORSTEP_THOROUGH") == "1" else max(5, count // 3)
