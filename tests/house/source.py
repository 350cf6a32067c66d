"""What the house tests read: every module of doorstep as text and as syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "doorstep"

ROOMS = (
    "demand",
    "network",
    "placement",
    "promising",
    "order_routing",
    "warehouse",
    "delivery_mode",
    "vehicle_routing",
    "tracking",
    "measurement",
    "dispatch",
)
PURE = (*ROOMS, "geography", "domain", "foundation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the package; ``name`` is its path below it, such as ``domain/calendar.py``."""

    name: str
    text: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The first part of the name: a room, a layer or a module at the top."""
        return self.name.split("/")[0].removesuffix(".py")


@cache
def modules() -> tuple[Module, ...]:
    """Return all modules of doorstep, sorted by name."""
    return tuple(read(path) for path in sorted(PACKAGE.rglob("*.py")))


def read(path: Path) -> Module:
    """Return one file as a module."""
    text = path.read_text(encoding="utf-8")
    return Module(name=path.relative_to(PACKAGE).as_posix(), text=text, tree=ast.parse(text))


def pure_modules() -> tuple[Module, ...]:
    """Return the modules of the rooms and of what the rooms stand on."""
    return tuple(module for module in modules() if module.layer in PURE)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name of everything imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for such an expression, and nothing for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
