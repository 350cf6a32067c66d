"""What is wrong with a folder, and what its reading gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.domain import Retailer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to mend.

    ``row`` is the line number in a CSV file, the header being line 1, and the number of the row from 1 in a Parquet
    file; 0 where the fault is of the whole table. ``file`` is empty where there is no file.
    """

    table: str
    row: int
    column: str
    value: str
    rule: str
    hint: str = ""
    file: str = ""

    @property
    def place(self) -> str:
        """Where to look, in words."""
        if not self.row:
            return "whole table"
        return f"row {self.row}" if self.file.lower().endswith(".parquet") else f"line {self.row}"

    def __str__(self) -> str:
        cell = f" {self.column}" if self.column else ""
        value = f" {self.value!r}" if self.value else ""
        return f"{self.file or self.table} {self.place}{cell}{value}: {self.rule}. {self.hint}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The table and the file that faults are found in."""

    table: str
    file: str = ""

    def fault(self, rule: str, *, row: int = 0, column: str = "", value: str = "", hint: str = "") -> Fault:
        """Return a fault of this table."""
        return Fault(table=self.table, row=row, column=column, value=value, rule=rule, hint=hint, file=self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReading:
    """What a folder holds: a retailer, or all of its faults.

    ``warnings`` do not hinder; ``defaults`` says for each table that is absent what stands in for it; ``files`` names
    the file of each table that is there.
    """

    retailer: Retailer | None
    faults: tuple[Fault, ...]
    warnings: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
