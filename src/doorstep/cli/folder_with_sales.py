"""A retailer folder with its history of sales, read for a command; every fault is printed."""

import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

from doorstep.cli.check_command import print_reading
from doorstep.connectors.retailer_folder import read_folder, read_sales
from doorstep.domain import Retailer


def read_with_sales(folder: Path, *, nothing: str) -> tuple[Retailer, dict[str, pl.DataFrame]] | None:
    """Return a retailer and its tables of sales; None after faults were printed, and that nothing came of it."""
    reading = read_folder(folder)
    tables, faults = ({}, ()) if reading.retailer is None else read_sales(folder, reading.retailer)
    if reading.retailer is None or faults:
        print_reading(replace(reading, retailer=None, faults=(*reading.faults, *faults)), folder)
        print(nothing, file=sys.stderr)
        return None
    return reading.retailer, tables
