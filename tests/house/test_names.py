"""Sizes and docstrings: every public thing says what it gives back, and nothing grows past reading."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import modules

# docs/decisions/0001-rooms-and-layers.md aims at 40, 80 and 300 lines; here is where a change stops.
FUNCTION_LINES = 60
KERNEL_LINES = 100
MODULE_LINES = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


def own_lines(function: Function) -> int:
    """Return the lines from ``def`` to the end, docstring apart."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def is_kernel(function: Function) -> bool:
    """Return whether numba compiles the function, by its decorator."""
    marks = (ast.unparse(mark).split("(")[0].split(".")[-1] for mark in function.decorator_list)
    return any(mark in {"kernel", "njit", "jit", "guvectorize", "vectorize"} for mark in marks)


def too_long(name: str, tree: ast.AST) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return [
        f"{name}:{function.lineno} {function.name} has {own_lines(function)} lines, at most {limit}"
        for function in functions
        if own_lines(function) > (limit := KERNEL_LINES if is_kernel(function) else FUNCTION_LINES)
    ]


def public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, Documented]]:
    """Yield the public functions and classes, and the public methods of public classes."""
    for node in body:
        if isinstance(node, Documented) and not node.name.startswith("_"):
            yield inside + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{inside}{node.name}.")


def is_overload(node: Documented) -> bool:
    return any(ast.unparse(mark).endswith(("overload", ".setter")) for mark in node.decorator_list)


def undocumented(name: str, tree: ast.Module) -> list[str]:
    there = [] if ast.get_docstring(tree) else [f"{name}:1 the module"]
    return there + [
        f"{name}:{node.lineno} {what}"
        for what, node in public(tree.body)
        if not ast.get_docstring(node) and not is_overload(node)
    ]


WRITTEN_BY_MACHINE = ("storage/migrations/versions/", "client/endpoints.py", "client/types.py")


def frozen(name: str) -> bool:
    """Return whether a module was written from the schema or the API's document, and is never edited."""
    return name.startswith(WRITTEN_BY_MACHINE)


def test_no_function_is_too_long_to_read() -> None:
    assert [
        line for module in modules() if not frozen(module.name) for line in too_long(module.name, module.tree)
    ] == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {module.name: module.text.count("\n") for module in modules() if not frozen(module.name)}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_every_public_thing_has_a_docstring() -> None:
    assert [line for module in modules() for line in undocumented(module.name, module.tree)] == []


def test_a_room_shows_at_most_ten_names() -> None:
    shown = {
        module.name: len(ast.literal_eval(node.value))
        for module in modules()
        if module.name.count("/") == 1 and module.name.endswith("/__init__.py")
        for node in module.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    }
    limit = {
        "domain/__init__.py": 30,  # nouns and tools, not a room's verbs
        "foundation/__init__.py": 30,
        "vehicle_routing/__init__.py": 15,  # also a library by itself: its docstring says which names and why
    }
    assert {name: count for name, count in shown.items() if count > limit.get(name, 10)} == {}


@pytest.mark.parametrize(
    ("mark", "lines", "offends"), [("", 60, False), ("", 61, True), ("@kernel\n", 100, False), ("@kernel\n", 101, True)]
)
def test_the_length_rule_itself(mark: str, lines: int, offends: bool) -> None:
    source = f'{mark}def f():\n    """Say.\n\n    More.\n    """\n' + "    x = 1\n" * (lines - 1)
    assert bool(too_long("m.py", ast.parse(source))) is offends


def test_the_docstring_rule_itself() -> None:
    source = (
        '"""M."""\nclass A:\n    """A."""\n    def f(self): ...\n    def _g(self): ...\ndef _h(): ...\ndef k(): ...\n'
    )
    assert undocumented("m.py", ast.parse(source)) == ["m.py:4 A.f", "m.py:7 k"]
