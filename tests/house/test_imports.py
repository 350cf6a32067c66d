"""What the rooms may take from outside doorstep; the layers inside are a contract in pyproject.toml."""

import ast
import fnmatch
import re
import tomllib

import pytest

from tests.house.source import PACKAGE, PURE, ROOT, dotted, imported, modules, pure_modules

FORBIDDEN = {
    "database": {"alembic", "psycopg", "psycopg2", "sqlalchemy", "sqlite3"},
    "web": {"aiohttp", "fastapi", "flask", "http", "httpx", "httpx2", "requests", "starlette", "urllib", "uvicorn"},
    "socket": {"asyncio", "multiprocessing", "select", "socket", "socketserver", "ssl", "subprocess", "threading"},
    "file or setting": {"importlib.resources", "io", "os", "pathlib", "pydantic", "pydantic_settings", "shutil"},
    "more files": {"configparser", "csv", "pickle", "tempfile", "tomllib"},
    "log": {"logging", "loguru", "structlog"},
    "clock": {"calendar", "datetime", "time", "zoneinfo"},
    "randomness of its own": {"random", "secrets", "uuid"},
    "face": {"altair", "argparse", "cyclopts", "jinja2", "rich"},
}
# Where a rule gives way, and why.
ALLOWED = {
    "foundation/stop.py": {"time"},  # the Seconds criterion is the one reader of a clock
    "foundation/kernels.py": {"pathlib"},  # machine code on disk is stamped with the sources that it was made from
    "domain/calendar.py": {"datetime", "zoneinfo"},  # local times become epoch seconds here, once
    "*/check*.py": {"datetime", "zoneinfo"},  # a checker computes dates by another way than the room
}
CALLS = {"open", "print", "input", "datetime.now", "datetime.today", "datetime.utcnow", "date.today"}
ENGINES = {"pyvrp": "vehicle_routing"}  # a third party's engine stays behind the room's protocol
NAMES = {"utils", "util", "helpers", "helper", "manager", "data", "info", "process", "misc", "common"}


def allowed(name: str) -> set[str]:
    return {top for pattern, tops in ALLOWED.items() if fnmatch.fnmatch(name, pattern) for top in tops}


def covered(name: str, family: set[str]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in family)


def broken_imports(name: str, tree: ast.AST) -> list[str]:
    return [
        f"{name}:{line} imports {what} ({family})"
        for line, what in imported(tree)
        for family, roots in FORBIDDEN.items()
        if covered(what, roots) and not covered(what, allowed(name))
    ]


def hidden_calls(name: str, tree: ast.AST) -> list[str]:
    calls = [(node.lineno, dotted(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        f"{name}:{line} calls {what}"
        for line, what, node in calls
        if what in CALLS
        or (what.endswith("random.default_rng") and not node.args and not node.keywords)
        or (".random." in what and what.split(".")[-1].islower() and not what.endswith(".default_rng"))
    ]


def test_every_room_that_exists_is_visited() -> None:
    there = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} & set(PURE)
    assert {module.layer for module in pure_modules()} == there
    assert {"foundation", "domain"} <= there


def test_no_room_imports_a_database_the_web_a_file_a_log_or_a_clock() -> None:
    assert [line for module in pure_modules() for line in broken_imports(module.name, module.tree)] == []


def test_no_room_opens_prints_asks_the_clock_or_draws_unseeded_numbers() -> None:
    assert [line for module in pure_modules() for line in hidden_calls(module.name, module.tree)] == []


def test_operations_hear_the_present_from_their_caller() -> None:
    operations = [module for module in modules() if module.layer == "operations"]
    clocks = [
        f"{module.name}:{line} imports {what}"
        for module in operations
        for line, what in imported(module.tree)
        if covered(what, {"time", "datetime", "random"})
    ]
    assert clocks == []


def test_engines_of_others_are_imported_in_their_room_only() -> None:
    strays = [
        f"{module.name}:{line} imports {what}"
        for module in modules()
        for line, what in imported(module.tree)
        for engine, room in ENGINES.items()
        if covered(what, {engine}) and module.layer != room
    ]
    assert strays == []


def test_a_layer_that_is_built_stands_without_parentheses_in_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = project["tool"]["importlinter"]["contracts"]
    absent = {name for layer in contract["layers"] for name in re.findall(r"\((\w+)\)", layer)}
    assert absent & {module.layer for module in modules()} == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = [
        module.name
        for module in modules()
        if NAMES & {word for part in module.name.removesuffix(".py").split("/") for word in part.strip("_").split("_")}
    ]
    assert empty == []


@pytest.mark.parametrize(
    ("name", "source", "broken"),
    [
        ("warehouse/waves.py", "import sqlite3", True),
        ("warehouse/waves.py", "from urllib.request import urlopen", True),
        ("warehouse/waves.py", "def f():\n    import time", True),
        ("warehouse/waves.py", "from doorstep.domain import calendar", False),
        ("foundation/stop.py", "import time", False),
        ("foundation/stop.py", "import datetime", True),
        ("warehouse/check.py", "from datetime import datetime", False),
        ("warehouse/check.py", "import time", True),
    ],
)
def test_the_import_rule_itself(name: str, source: str, broken: bool) -> None:
    assert bool(broken_imports(name, ast.parse(source))) is broken


@pytest.mark.parametrize(
    ("source", "hidden"),
    [
        ("open('orders.csv')", True),
        ("np.random.default_rng()", True),
        ("np.random.default_rng(7)", False),
        ("np.random.shuffle(x)", True),
        ("np.random.Generator(bits)", False),
        ("rng.integers(3)", False),
        ("door.open()", False),
    ],
)
def test_the_call_rule_itself(source: str, hidden: bool) -> None:
    assert bool(hidden_calls("warehouse/waves.py", ast.parse(source))) is hidden
