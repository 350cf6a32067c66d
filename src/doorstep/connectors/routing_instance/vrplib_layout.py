"""What a VRPLIB file consists of: which fields it may have, how many nodes and vehicles, and which are depots."""

import math
from dataclasses import dataclass

import numpy as np

from doorstep.connectors.retailer_folder.hints import Candidates
from doorstep.connectors.routing_instance.document import Document
from doorstep.connectors.routing_instance.numbers import MOST_ROWS, checked_number, number, whole_field
from doorstep.connectors.routing_instance.scaling import Scaling
from doorstep.foundation.arrays import Ints

TEXTS = ("NAME", "COMMENT", "TYPE", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE")
NODE_SECTIONS = ("NODE_COORD", "DEMAND", "LINEHAUL", "BACKHAUL", "TIME_WINDOW", "PRIZE", "PICKUP_AND_DELIVERY")
ONLY_SECTIONS = (*NODE_SECTIONS, "DEPOT", "EDGE_WEIGHT", "VEHICLES_RELOAD_DEPOT", "VEHICLES_ALLOWED_CLIENTS",
                 "MUTUALLY_EXCLUSIVE_GROUP")  # fmt: skip
ONLY_FIELDS = (*TEXTS, "DIMENSION", "VEHICLES")
EITHER = ("CAPACITY", "SERVICE_TIME", "RELEASE_TIME", "VEHICLES_DEPOT", "VEHICLES_MAX_RELOADS",
          "VEHICLES_MAX_DURATION", "VEHICLES_MAX_DISTANCE", "VEHICLES_FIXED_COST",
          "VEHICLES_UNIT_DISTANCE_COST")  # fmt: skip
UNUSED_SECTIONS = ("DISPLAY_DATA",)
_NEAREST = Candidates([*ONLY_SECTIONS, *ONLY_FIELDS, *EITHER])


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """``order`` (P,) lists the nodes, from 0, as places: ``depots`` of them first, the stops behind."""

    document: Document
    scaling: Scaling
    order: Ints
    depots: int
    vehicles: int

    @property
    def nodes(self) -> int:
        """The number of nodes P."""
        return int(self.order.size)

    @property
    def stops(self) -> int:
        """The number of stops N."""
        return self.nodes - self.depots

    def places(self) -> Ints:
        """Return the place of each node (P,)."""
        places = np.empty(self.nodes, dtype=np.int64)
        places[self.order] = np.arange(self.nodes)
        return places


def layout_of(document: Document, scaling: Scaling) -> Layout:
    """Return what the file consists of, with a fault for every field that nobody here understands."""
    _check_fields(document)
    nodes = _dimension(document)
    depots = _depot_nodes(document, nodes)
    rest = np.setdiff1d(np.arange(nodes), depots)
    order = np.concatenate([np.array(depots, dtype=np.int64), rest]).astype(np.int64)
    vehicles = nodes - len(depots)
    if "VEHICLES" in document.fields:
        found = document.fields["VEHICLES"]
        vehicles = whole_field(found.value, document.faults, line=found.line, field="VEHICLES", most=MOST_ROWS)
    return Layout(document=document, scaling=scaling, order=order, depots=len(depots), vehicles=vehicles)


def _check_fields(document: Document) -> None:
    """Refuse what may be a rule of the problem and is not understood; texts that are not are nobody's rule."""
    faults = document.faults
    for name, found in document.fields.items():
        if name in ONLY_SECTIONS:
            faults.add("must be a section", line=found.line, field=name, value=found.value,
                       hint=f"Maybe head it {name}_SECTION.")  # fmt: skip
        elif name not in (*ONLY_FIELDS, *EITHER) and not math.isnan(number(found.value)):
            faults.add("the field is not understood, and a problem without it may be another", line=found.line,
                       field=name, value=found.value, hint=_hint(name))  # fmt: skip
    for name, rows in document.sections.items():
        if name in ONLY_FIELDS:
            faults.add(
                "must be a field, not a section", line=rows.head, field=name, hint=f"Maybe write {name} : value."
            )
        elif name not in (*ONLY_SECTIONS, *EITHER, *UNUSED_SECTIONS):
            faults.add("the section is not understood, and a problem without it may be another", line=rows.head,
                       field=name, hint=_hint(name))  # fmt: skip


def _hint(name: str) -> str:
    if name == "DISTANCE":
        return "Maybe VEHICLES_MAX_DISTANCE or VEHICLES_MAX_DURATION was meant."
    return _NEAREST.hint(name) or "Maybe delete it if it is no rule of the problem."


def _dimension(document: Document) -> int:
    """Return the number of nodes; where it is not told, that of the longest section of nodes."""
    if "DIMENSION" in document.fields:
        found = document.fields["DIMENSION"]
        faults = document.faults
        return whole_field(found.value, faults, line=found.line, field="DIMENSION", least=1, most=MOST_ROWS)
    hint = "Maybe add DIMENSION : the number of nodes, depots among them."
    document.faults.add("the field is missing", field="DIMENSION", hint=hint)
    return max([1, *(len(document.sections[name]) for name in NODE_SECTIONS if name in document.sections)])


def _depot_nodes(document: Document, nodes: int) -> list[int]:
    """Return the nodes, from 0, that are depots; the first where the file does not tell."""
    if "DEPOT" not in document.sections:
        return [0]
    rows, faults = document.sections["DEPOT"], document.faults
    found: list[int] = []
    cells = [(line, cell) for line, text in zip(rows.lines, rows.texts, strict=True) for cell in text.split()]
    for line, cell in cells:
        value = checked_number(cell, faults, line=line, field="DEPOT")
        if value == -1:
            break
        if value == value and not (1 <= value <= nodes and value == int(value)):
            faults.add(f"must be the number of a node, 1 to {nodes}", line=line, field="DEPOT", value=cell,
                       hint="Maybe the list should end with -1.")  # fmt: skip
        elif value == value and int(value) - 1 in found:
            faults.add("must be there once", line=line, field="DEPOT", value=cell, hint="Maybe delete the second.")
        elif value == value:
            found.append(int(value) - 1)
    if not cells or (not found and not faults.found):
        faults.add("must name a depot", line=rows.head, field="DEPOT", hint="Maybe write 1 below it.")
    return found or [0]
