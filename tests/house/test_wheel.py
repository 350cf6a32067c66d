"""The wheel holds all that doorstep needs to run where no checkout is."""

import email
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.source import PACKAGE, ROOT

STATIC = {".css", ".csv", ".html", ".js", ".json", ".svg"}
ASKED = "DOORSTEP_WHEEL_INSTALL"
EVERY_MODULE = """
import importlib, pkgutil, doorstep
for module in pkgutil.walk_packages(doorstep.__path__, "doorstep."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:
        importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built by the backend itself: no network, no second environment."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel) -> email.message.Message:
    with zipfile.ZipFile(wheel) as archive:
        inside = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_bytes(archive.read(inside))


def files_of_the_package(suffixes: set[str]) -> set[str]:
    found = (path for path in PACKAGE.rglob("*") if path.suffix in suffixes and "__pycache__" not in path.parts)
    return {path.relative_to(PACKAGE.parent).as_posix() for path in found}


def test_every_module_is_in_the_wheel(names):
    assert files_of_the_package({".py"}) - names == set()
    assert "doorstep/py.typed" in names


def test_every_page_style_script_and_table_is_in_the_wheel(names):
    assert files_of_the_package(STATIC) - names == set()


def test_nothing_but_the_package_is_in_the_wheel(names):
    assert {name.split("/")[0].split("-")[0] for name in names} == {"doorstep"}
    assert not any("__pycache__" in name for name in names)


def test_the_metadata_name_licence_extra_and_command(wheel, names, metadata):
    assert metadata["Name"] == "doorstep"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "server" in metadata.get_all("Provides-Extra", [])
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    with zipfile.ZipFile(wheel) as archive:
        inside = next(name for name in names if name.endswith("entry_points.txt"))
        assert "doorstep = doorstep.cli:main" in archive.read(inside).decode()


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get(ASKED), reason=f"installs all dependencies; set {ASKED}=1 to run it")
def test_the_installed_wheel_imports_all_its_modules_and_plans_a_day_in_an_empty_folder(wheel, tmp_path):
    environment = tmp_path / "environment"
    empty = tmp_path / "empty"
    empty.mkdir()
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    clean["NUMBA_DISABLE_JIT"] = "1"  # a day of forty orders is planned before its kernels would be compiled
    python, doorstep = str(scripts / "python"), str(scripts / "doorstep")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    pins = ["--constraint", str(ROOT / "requirements" / "server.txt")]
    for command in (
        [sys.executable, "-m", "venv", str(environment)],
        [*pip, *pins, f"{wheel}[server]"],
        [python, "-c", EVERY_MODULE],
        [doorstep, "sample", "shop", "--orders", "40", "--stores", "3", "--fcs", "1"],
        [doorstep, "plan", "shop", "--out", "plan", "--iterations", "1"],
        [doorstep, "explain", "plan", "0000001"],
    ):
        done = subprocess.run(
            command, cwd=empty, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "0000001" in done.stdout
