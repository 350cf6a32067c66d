"""Writing a network plan; a folder of somebody else's is left alone."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from doorstep.connectors.network_folder.geojson import collection
from doorstep.connectors.retailer_folder import write_folder
from doorstep.domain import Retailer
from doorstep.foundation import ConflictError

MARKER = "network.json"
"""The file by which a folder is known as ours."""


def refuse_other_folders(folder: Path) -> None:
    """Check that nothing of somebody else's would be lost by writing a plan to ``folder``.

    Raises
    ------
    ConflictError
        If it is no folder, or holds files but no network plan.
    """
    if folder.exists() and not folder.is_dir():
        raise ConflictError(f"{folder} is a file.", hint="Maybe give another name to --out.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise ConflictError(f"{folder} holds files and no network plan.", hint="Maybe give another name to --out.")


def write_network(
    folder: Path,
    *,
    figures: Mapping[str, object],
    tables: Mapping[str, pl.DataFrame],
    retailer: Retailer,
    report_html: str,
) -> None:
    """Write a network plan; ``retailer`` is the one it leads to, written as a folder that can be planned at once."""
    refuse_other_folders(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text(json.dumps(dict(figures), indent=1) + "\n", encoding="utf-8")
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv")
    (folder / "network.geojson").write_text(collection(tables), encoding="utf-8")
    (folder / "report.html").write_text(report_html, encoding="utf-8")
    write_folder(retailer, folder / "retailer")
