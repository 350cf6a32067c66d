"""Small routing files written by hand."""

from pathlib import Path

import pytest

from doorstep.connectors.routing_instance import Convention, Instance, read_instance
from doorstep.foundation import InputError

CVRP = """\
NAME : tiny
COMMENT : "two stops"
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1\t0\t0
2\t3\t4
3\t0\t1.5
DEMAND_SECTION
1\t0
2\t7
3\t2
DEPOT_SECTION
 1
 -1
EOF
"""

SOLOMON = """\
C1

VEHICLE
NUMBER     CAPACITY
  2         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      3         4         10         10        20          9
    2      1         1         5           0        50          9
"""

LI_LIM = """\
2\t30\t1
0\t0\t0\t0\t0\t100\t0\t0\t0
1\t1\t1\t8\t5\t60\t2\t0\t2
2\t3\t4\t-8\t10\t70\t2\t1\t0
"""

REAL_STREET = """\
NAME: ab-n2-1
LOCATION: Ab
COMMENT:  by hand
TYPE: PDPTW
SIZE: 3
DISTRIBUTION: random
DEPOT: random
ROUTE-TIME: 90
TIME-WINDOW: 60
CAPACITY: 6
NODES
0 41.4 2.2 0 0 100 0 0 0
1 41.5 2.1 3 5 60 2 0 2
2 41.6 2.0 -3 10 70 2 1 0
EDGES
0 5 9
6 0 4
8 3 0
EOF
"""


def with_lines(more: str, *, kind: str = "CVRP", text: str = CVRP) -> str:
    """Return the tiny instance with other lines before its end, under another type."""
    return text.replace("TYPE : CVRP", f"TYPE : {kind}", 1).replace("EOF\n", f"{more}\nEOF\n")


def read(folder: Path, text: str, convention: Convention = "auto", name: str = "tiny.vrp") -> Instance:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_instance(path, convention)


def faults(folder: Path, text: str, name: str = "tiny.vrp") -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text, name=name)
    return str(caught.value).splitlines()
