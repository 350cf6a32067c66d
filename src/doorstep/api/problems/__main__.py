"""``python -m doorstep.api.problems`` prints docs/reference/problems.md."""

import sys

from doorstep.api.problems import problems_page

if __name__ == "__main__":
    sys.stdout.write(problems_page())
