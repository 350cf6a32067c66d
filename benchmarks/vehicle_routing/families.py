"""Instances in a folder of families, and how long each family may take."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from doorstep.connectors.routing_instance.read import FORMATS
from doorstep.connectors.routing_instance.solution import text_of

WALL_S = {"cvrp_xxl": 300.0, "city": 300.0}
USUAL_WALL_S = 60.0
QUICK_WALL_S = 10.0
ENDINGS = (".vrp", ".txt")
FAMOUS_CITY = "Ghent1.vrp"
"""The instance whose places the made-up city takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An instance's file in its family."""

    family: str
    path: Path


def instances_in(folder: Path, families: Collection[str], names: Collection[str]) -> list[Found]:
    """Return the instances of a folder of families, or of a folder that is one; some families and names, or all."""
    wanted = {name.lower() for name in names}
    found = [
        Found(family=home.name, path=path)
        for home in (folder, *sorted(child for child in folder.iterdir() if child.is_dir()))
        if not families or home.name in families
        for path in _files(home)
        if not wanted or path.stem.lower() in wanted or path.name.lower() in wanted
    ]
    return [one for one in found if _is_instance(one.path)]


def wall_budget_s(family: str, asked: float | None, *, quick: bool) -> float:
    """Return the wall seconds on two quiet cores of a run."""
    if asked is not None:
        return asked
    return QUICK_WALL_S if quick else WALL_S.get(family, USUAL_WALL_S)


def famous_city(folder: Path | None) -> Path | None:
    """Return the file whose places the made-up city takes, None if it is not there."""
    return next(iter(sorted(folder.rglob(FAMOUS_CITY))), None) if folder else None


def _files(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix in ENDINGS)


def _is_instance(path: Path) -> bool:
    """Return whether a file is an instance, by its text: solutions and explanations lie beside."""
    text = text_of(path)
    return any(matches(text) for matches, _ in FORMATS)
