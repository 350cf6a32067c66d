"""Where each part of a plan lies in its folder, and how a folder is known to be a plan of ours."""

import json
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
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("format") == FORMAT


def marker_text(doorstep_version: str) -> str:
    """Return the content of the marker file."""
    marker = {"format": FORMAT, "version": VERSION, "doorstep": doorstep_version, "tables": list(PLAN_TABLES)}
    return json.dumps(marker, indent=2) + "\n"
