"""Writing a network plan."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from doorstep.connectors.network_folder.geojson import collection
from doorstep.connectors.retailer_folder import write_folder
from doorstep.connectors.study_folder import write_study
from doorstep.domain import Retailer

KIND = "network"


def write_network(
    folder: Path,
    *,
    figures: Mapping[str, object],
    tables: Mapping[str, pl.DataFrame],
    retailer: Retailer,
    report_html: str,
) -> None:
    """Write a network plan; ``retailer`` is the one it leads to, written as a folder that can be planned at once."""
    write_study(folder, kind=KIND, figures=figures, tables=tables, report_html=report_html)
    (folder / "network.geojson").write_text(collection(tables), encoding="utf-8")
    write_folder(retailer, folder / "retailer")
