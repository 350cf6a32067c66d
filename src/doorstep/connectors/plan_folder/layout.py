"""Where each part of a plan lies in its folder, and how a folder is known to be a plan of ours."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from doorstep.domain.tables import PLAN_TABLES

MARKER = "doorstep-plan.json"
"""File that says: doorstep wrote this folder and may replace it."""

FORMAT = "doorstep-plan"
VERSION = 1

REPORT = "report.html"
ROUTES = "routes.geojson"
SCOREBOARD = "scoreboard.json"
TABLES = "tables"
RETAILER = "retailer"
DECISIONS = "decisions.parquet"

OURS = frozenset({MARKER, REPORT, ROUTES, SCOREBOARD, TABLES, RETAILER, DECISIONS})
"""Every name that may stand at the top of a plan folder."""

IGNORED = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What desktops leave behind; it neither counts nor hinders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadsUsed:
    """The streets that a plan was made on: what they are called here, for which vehicles, and a digest of them."""

    name: str
    profile: str
    sha256: str


def parquet_path(folder: Path, table: str) -> Path:
    """Return where a table of the plan lies as Parquet: decisions at the top, all others under ``tables``."""
    return folder / DECISIONS if table == "decisions" else folder / TABLES / f"{table}.parquet"


def csv_path(folder: Path, table: str) -> Path:
    """Return where a table of the plan lies as CSV."""
    return folder / TABLES / f"{table}.csv"


def retailer_path(folder: Path, table: str) -> Path:
    """Return where a table of the validated input lies."""
    return folder / RETAILER / f"{table}.parquet"


def is_plan(folder: Path) -> bool:
    """Return True where doorstep has written a plan."""
    return bool(_marker(folder))


def roads_used(folder: Path) -> RoadsUsed | None:
    """Return the streets that the plan of a folder was made on, None if its drives are estimates."""
    told = _marker(folder).get("roads")
    return RoadsUsed(**told) if isinstance(told, dict) else None


def marker_text(doorstep_version: str, roads: RoadsUsed | None = None) -> str:
    """Return the content of the marker file."""
    marker: dict[str, object] = {"format": FORMAT, "version": VERSION, "doorstep": doorstep_version,
                                 "tables": list(PLAN_TABLES)}  # fmt: skip
    if roads is not None:
        marker["roads"] = asdict(roads)
    return json.dumps(marker, indent=2) + "\n"


def _marker(folder: Path) -> dict[str, object]:
    """Return what the marker of a folder says, nothing where there is none of ours."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return marker if isinstance(marker, dict) and marker.get("format") == FORMAT else {}
