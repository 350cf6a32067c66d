"""The carrier's folder: manifests that are written whole, tracking files that are read with all their faults."""

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from doorstep.connectors.carrier_folder import CarrierFolder
from doorstep.connectors.rate_card.settings import Account
from doorstep.connectors.rate_card.translate import COLUMNS, SPEC, Line
from doorstep.connectors.retailer_folder.csv_text import read_csv_text
from doorstep.connectors.retailer_folder.faults import Fault, Source
from doorstep.connectors.retailer_folder.tables import read_table

MOST_MANIFESTS = 60
"""Manifests that are looked through, the newest: what is older has ended."""
FAULT_COLUMNS = ("file", "row", "column", "value", "rule", "hint")


class Folder(CarrierFolder):
    """Manifests and tracking files of one carrier."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.folder)
        self._known = account.events

    def lines(self) -> dict[str, tuple[str, Line]]:
        """Return the lines of the last manifests by reference, each with the day of its manifest."""
        found: dict[str, tuple[str, Line]] = {}
        for file in sorted(self._path.glob("manifest-*.csv"))[-MOST_MANIFESTS:]:
            with file.open(encoding="utf-8", newline="") as text:
                day = file.stem.removeprefix("manifest-")
                found |= {line["reference"]: (day, line) for line in csv.DictReader(text)}
        return found

    def write(self, day: str, line: Line) -> None:
        """Put a line into the manifest of a day, in the place of one with its reference; the file is whole always."""
        there = {name: each for name, (on, each) in self.lines().items() if on == day} | {line["reference"]: line}
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(there.values())
        self._replace(f"manifest-{day}.csv", text.getvalue())

    def told(self, reference: str, lines: Mapping[str, object]) -> pl.DataFrame:
        """Return what tracking files tell of a delivery, in the order of its time.

        Rows with faults do not count. They are listed in a file beside, with row, column, value and rule, which goes
        back to the carrier.
        """
        tables = [completed_tracking()]
        for file in sorted(self._path.glob("tracking*.csv")):
            source = Source(table=SPEC.name, file=file.name)
            reading = read_table(SPEC, source, read_csv_text(source, file.read_bytes()))
            if reading.usable:
                values = reading.values
                reading.add(~values["status"].is_in(list(self._known)) & reading.sound("status"), ("status",),
                            f"must be one of {', '.join(self._known)}")  # fmt: skip
                reading.add(~values["reference"].is_in(list(lines)) & reading.sound("reference"), ("reference",),
                            "must stand in a manifest")  # fmt: skip
                reading.add(~self._there(values) & reading.sound("proof", "proof_kind"), ("proof",),
                            "must name a picture beside this file")  # fmt: skip
                wrong = {fault.row for fault in reading.faults}
                whole = 0 in wrong or 1 in wrong
                tables.append(values.clear() if whole else values.filter(~reading.rows.is_in(list(wrong))))
            self._list_faults(file.name, reading.faults)
        return pl.concat(tables).filter(pl.col("reference") == reference).sort("occurred_at", maintain_order=True)

    def picture(self, name: str) -> bytes:
        """Return a picture beside the tracking files."""
        return (self._path / name).read_bytes()

    def _there(self, values: pl.DataFrame) -> pl.Series:
        pictures = values["proof_kind"].cast(pl.String).is_in(["photo", "signature"])
        names = [Path(name).name == name and (self._path / name).is_file() for name in values["proof"]]
        return ~pictures | pl.Series(names, dtype=pl.Boolean)

    def _list_faults(self, name: str, faults: list[Fault]) -> None:
        beside = self._path / f"faults-{name}"
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(FAULT_COLUMNS)
        writer.writerows([f.file, f.row, f.column, f.value, f.rule, f.hint] for f in faults)
        if not faults:
            beside.unlink(missing_ok=True)
        elif not beside.is_file() or beside.read_text(encoding="utf-8") != text.getvalue():
            self._replace(beside.name, text.getvalue())

    def _replace(self, name: str, text: str) -> None:
        fresh = self._path / f".{name}.new"
        fresh.write_text(text, encoding="utf-8")
        os.replace(fresh, self._path / name)


def completed_tracking() -> pl.DataFrame:
    """Return a tracking table without rows."""
    return SPEC.schema.create_empty()
