"""Writing a study; a folder of somebody else's is left alone."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from doorstep.foundation import ConflictError


def refuse_other_folders(folder: Path, *, kind: str) -> None:
    """Check that nothing of somebody else's would be lost by writing a study to ``folder``.

    Parameters
    ----------
    kind
        What it is a study of, such as network: a folder of ours holds ``network.json``.

    Raises
    ------
    ConflictError
        If it is no folder, or holds files but no study of that kind.
    """
    if folder.exists() and not folder.is_dir():
        raise ConflictError(f"{folder} is a file.", hint="Maybe give another name to --out.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / f"{kind}.json").exists():
        raise ConflictError(f"{folder} holds files and no {kind} plan.", hint="Maybe give another name to --out.")


def write_study(
    folder: Path,
    *,
    kind: str,
    figures: Mapping[str, object],
    tables: Mapping[str, pl.DataFrame],
    report_html: str,
) -> None:
    """Write figures, tables and report of a study into a folder that is new, empty or holds one of the same kind."""
    refuse_other_folders(folder, kind=kind)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}.json").write_text(json.dumps(dict(figures), indent=1) + "\n", encoding="utf-8")
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv")
    (folder / "report.html").write_text(report_html, encoding="utf-8")
