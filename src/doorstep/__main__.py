"""Run the command line with ``python -m doorstep``."""

import sys

from doorstep.cli import main

if __name__ == "__main__":
    sys.exit(main())
