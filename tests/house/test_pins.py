"""The pinned requirements fit pyproject.toml and name no place to fetch them from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BASE = PROJECT["project"]["dependencies"]
SERVER = [*BASE, *PROJECT["project"]["optional-dependencies"]["server"]]
DEV = [*SERVER, *PROJECT["dependency-groups"]["dev"]]
BENCH = [*DEV, *PROJECT["dependency-groups"]["bench"]]
FILES = sorted((ROOT / "requirements").glob("*.txt"))


def pins(file: str) -> list[Requirement]:
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("file", "asked"), [("server.txt", SERVER), ("dev.txt", DEV), ("bench.txt", BENCH)])
def test_every_direct_dependency_is_pinned_to_a_version_it_allows(file: str, asked: list[str]) -> None:
    pinned = {(canonicalize_name(pin.name), str(pin.specifier).removeprefix("==")) for pin in pins(file)}
    wrong = []
    for requirement in map(Requirement, asked):
        versions = [version for name, version in pinned if name == canonicalize_name(requirement.name)]
        if not versions or not all(requirement.specifier.contains(version) for version in versions):
            wrong.append(f"{requirement} but pinned {versions}")
    assert wrong == []


@pytest.mark.parametrize(("less", "more"), [("server.txt", "dev.txt"), ("dev.txt", "bench.txt")])
def test_a_richer_profile_holds_all_of_the_poorer_in_the_same_versions(less: str, more: str) -> None:
    held, whole = ({(pin.name, str(pin.specifier)) for pin in pins(file)} for file in (less, more))
    assert held - whole == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_requirement_file_names_an_address_or_a_folder(path: Path) -> None:
    assert re.findall(r"(?m)^.*(?:://|^-|@ |/opt/|/home/).*$", path.read_text(encoding="utf-8")) == []
