"""A routing file cut into fields and sections, each with its line."""

import re
from dataclasses import dataclass, field

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.numbers import Rows

_SECTION = re.compile(r"^([A-Z][A-Z0-9_]*)_SECTION\s*:?$|^(NODES|EDGES)\s*:?$")
_FIELD = re.compile(r"^([A-Z][A-Z0-9_-]*)\s*:\s*(.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """The value of a field and its line."""

    line: int
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The ``fields`` written ``NAME : value``, and the rows of each section, by name without ``_SECTION``."""

    faults: Faults
    fields: dict[str, Field] = field(default_factory=dict)
    sections: dict[str, Rows] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.fields or name in self.sections

    def text(self, name: str, default: str = "") -> str:
        """Return the text of a field."""
        return self.fields[name].value if name in self.fields else default

    def line(self, name: str) -> int:
        """Return the line of a field or of a section's head, 0 if it is not there."""
        if name in self.fields:
            return self.fields[name].line
        return self.sections[name].head if name in self.sections else 0


def cut(text: str, faults: Faults) -> Document:
    """Return the fields and sections of a text up to EOF; what belongs to none, or is there twice, is a fault."""
    document = Document(faults=faults)
    rows: Rows | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        row = raw.strip()
        if not row:
            continue
        if row[0].isalpha():
            if row == "EOF":
                break
            if section := _SECTION.match(row):
                rows = _open_section(document, section[1] or section[2], line)
                continue
            if found := _FIELD.match(row):
                rows = None
                _add_field(document, found[1], Field(line=line, value=found[2].strip().strip('"')))
                continue
        if rows is None:
            hint = "Maybe a colon is missing after the name of a field."
            faults.add("is neither a field nor in a section", line=line, value=row, hint=hint)
        else:
            rows.lines.append(line)
            rows.texts.append(row)
    return document


def _open_section(document: Document, name: str, line: int) -> Rows:
    rows = Rows(lines=[], texts=[], head=line)
    if name in document:
        _add_twice(document, name, line)
    else:
        document.sections[name] = rows
    return rows


def _add_field(document: Document, name: str, found: Field) -> None:
    if name in document:
        _add_twice(document, name, found.line)
    else:
        document.fields[name] = found


def _add_twice(document: Document, name: str, line: int) -> None:
    rule = f"must be there once: line {document.line(name)} has it too"
    document.faults.add(rule, line=line, field=name, hint="Maybe two files were joined.")
