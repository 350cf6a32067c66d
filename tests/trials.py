"""How much is tried: a fifth of what is worth trying, unless ``DOORSTEP_THOROUGH=1`` is set."""

import os


def thorough() -> bool:
    """Return whether everything is to be tried that is worth it, however long it takes."""
    return os.environ.get("DOORSTEP_THOROUGH") == "1"


def trials(count: int) -> int:
    """Return how many of ``count`` examples hypothesis draws in this run."""
    return count if thorough() else max(5, count // 5)


def seeds(count: int) -> range:
    """Return the seeds of this run, the first of ``count``."""
    return range(count if thorough() else -(-count // 5))
