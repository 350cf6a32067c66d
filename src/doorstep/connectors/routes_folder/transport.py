"""Where each part of the routes lies in their folder, and how a folder is known to be one of ours."""

import json
import os
from pathlib import Path

from doorstep.connectors.routes_folder.document import FORMAT, plan_document
from doorstep.connectors.routes_folder.geojson import route_collection
from doorstep.connectors.routes_folder.solved import SolvedRoutes
from doorstep.foundation import ConflictError

PLAN, MAP, REPORT = "plan.json", "routes.geojson", "report.html"


def write_routes(folder: Path, solved: SolvedRoutes, *, report_html: str) -> None:
    """Write the plan, its map and its report; each file is there whole or as it was before, the plan last.

    Raises
    ------
    ConflictError
        If the folder holds files of somebody else.
    """
    make_folder(folder)
    texts = {
        REPORT: report_html,
        MAP: json.dumps(route_collection(solved), ensure_ascii=False, separators=(",", ":")) + "\n",
        PLAN: json.dumps(plan_document(solved), ensure_ascii=False, indent=1) + "\n",
    }
    for name, text in texts.items():
        fresh = folder / f".{name}.new"
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, folder / name)


def make_folder(folder: Path) -> None:
    """Make the folder, so that a long search does not end before a closed door.

    Raises
    ------
    ConflictError
        If the folder cannot be made, or holds files of somebody else.
    """
    refuse_what_is_not_ours(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConflictError(f"{folder} cannot be made: {error.strerror}.",
                            hint="Maybe give another name to --out.") from error  # fmt: skip


def refuse_what_is_not_ours(folder: Path) -> None:
    """Check that nothing of somebody else's would be overwritten.

    Raises
    ------
    ConflictError
        If it is not a folder, or has one of our names in it without a plan of ours.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ConflictError(f"{folder} is not a folder, so no routes are written there.",
                            hint="Maybe give another name to --out.")  # fmt: skip
    taken = [name for name in (PLAN, MAP, REPORT) if (folder / name).exists()]
    if taken and not _is_ours(folder):
        raise ConflictError(
            f"{folder} holds {', '.join(taken)} that doorstep routes did not write, so it is left as it is.",
            hint="Maybe give --out a new or an empty folder.",
        )


def _is_ours(folder: Path) -> bool:
    try:
        document = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT
