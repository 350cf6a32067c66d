"""A routing file read, whatever public format it is in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from doorstep.connectors.routing_instance.faults import Faults
from doorstep.connectors.routing_instance.instance import Instance
from doorstep.connectors.routing_instance.pickup_delivery import (
    is_li_lim,
    is_real_street,
    read_li_lim,
    read_real_street,
)
from doorstep.connectors.routing_instance.scaling import Convention
from doorstep.connectors.routing_instance.solomon import is_solomon, read_solomon
from doorstep.connectors.routing_instance.solution import best_known, in_units_of, is_solution, text_of
from doorstep.connectors.routing_instance.vrplib import is_vrplib, read_vrplib

Reader: TypeAlias = Callable[[str, str, Faults, Convention], Instance]
FORMATS: tuple[tuple[Callable[[str], bool], Reader], ...] = (
    (is_vrplib, read_vrplib),
    (is_real_street, read_real_street),
    (is_solomon, read_solomon),
    (is_li_lim, read_li_lim),
)


def read_instance(path: Path, convention: Convention = "auto") -> Instance:
    """Return the routing problem in a file, with the best known cost that lies beside it.

    Reads VRPLIB with the fields of PyVRP, the texts of Solomon and of Gehring and Homberger, of Li and Lim, and of
    Sartori and Buriol. The cost of a plan is the published cost in whole units: ``convention`` "round" takes each
    distance to the nearest whole number, "dimacs" cuts it off behind the first decimal, "exact" takes it to the
    nearest thousandth, and "auto" does as the published costs of the file's family do.

    Raises
    ------
    InputError
        Listing every fault with its line.
    NotFoundError
        If there is no such file.
    """
    text = text_of(path)
    faults = Faults(file=path.name)
    reader = _reader_of(text, faults)
    instance = reader(text, path.stem, faults, convention)
    published = best_known(path)
    if published is None or not instance.as_published:
        return instance
    return replace(instance, best_known=in_units_of(instance, published))


def _reader_of(text: str, faults: Faults) -> Reader:
    for matches, reader in FORMATS:
        if matches(text):
            return reader
    if not text.strip():
        faults.add("the file is empty", hint="Maybe it was not saved.")
    else:
        rule = "must be VRPLIB, or a text of Solomon, Li and Lim, or Sartori and Buriol, or a table of stops (.csv)"
        faults.add(rule, hint=_hint(text))
    raise faults.error()


def _hint(text: str) -> str:
    if "\0" in text or "\ufffd" in text:
        return "Maybe it is packed, or not a text at all."
    return (
        "Maybe it is a solution: those are for --start or --compare." if is_solution(text) else "Maybe it was cut off."
    )
