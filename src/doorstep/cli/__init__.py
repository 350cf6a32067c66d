"""The command line: one module a command, listed in ``doorstep.cli.app``."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 a defect or an outside party, 2 the input must be mended."""
    try:
        from doorstep.cli.app import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("doorstep"):
            raise
        print(
            f"The command line needs {missing.name}, which is not installed.\n"
            'Maybe install it with: pip install "doorstep[server]"',
            file=sys.stderr,
        )
        return 1
    return run(arguments)


__all__ = ["main"]
