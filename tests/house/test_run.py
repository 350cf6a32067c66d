"""run.py decides rightly what is installed, what to repair and how; nothing here touches the network."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.source import ROOT


def load_run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("doorstep_run", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = load_run()


@pytest.fixture
def place(tmp_path: Path) -> object:
    """A checkout with requirements and no environment."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "server.txt").write_text("numpy==1\n")
    (tmp_path / "requirements" / "dev.txt").write_text("numpy==1\npytest==1\n")
    (tmp_path / "requirements" / "bench.txt").write_text("numpy==1\npytest==1\nortools==1\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    return run.Place(tmp_path)


def make_python(place) -> None:
    place.bin.mkdir(parents=True)
    place.python.touch()


def finish(place, profile: str, **changes: str) -> None:
    make_python(place)
    place.stamp.write_text(json.dumps(run.wanted(place, profile) | changes))


class World:
    """Commands that succeed or fail as told, and are remembered."""

    def __init__(self, monkeypatch, place, *, working=lambda _: True, install_fails=False):
        self.asked: list[str] = []
        self.waited: list[str] = []
        self.place = place
        self.working = working
        self.install_fails = install_fails
        monkeypatch.setattr(run, "problem", self.problem)
        monkeypatch.setattr(run, "wait_for", self.wait_for)
        monkeypatch.setattr(run.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "pip3" else None)

    def problem(self, command) -> str:
        self.asked.append(" ".join(command))
        if "venv" in command and not self.place.python.exists():
            make_python(self.place)
        return "" if self.working(" ".join(command)) else "it is not there"

    def wait_for(self, command, **_) -> int:
        assert self.place.unfinished.exists(), "the mark stands while pip works"
        assert not self.install_fails or not self.place.stamp.exists()
        self.waited.append(" ".join(command))
        return 1 if self.install_fails else 0


def test_without_an_environment_it_is_missing(place):
    assert run.state(place, "server") == "missing"


def test_a_finished_installation_is_ready(place):
    finish(place, "server")
    assert run.state(place, "server") == "ready"


@pytest.mark.parametrize(("less", "more"), [("server", "dev"), ("server", "bench"), ("dev", "bench")])
def test_a_richer_profile_serves_a_poorer_but_not_the_other_way_round(place, less, more):
    finish(place, more)
    assert run.state(place, less) == "ready"
    place.stamp.write_text(json.dumps(run.wanted(place, less)))
    assert run.state(place, more) == "stale"


@pytest.mark.parametrize("path", ["requirements/server.txt", "pyproject.toml"])
def test_changed_requirements_are_stale(place, path):
    finish(place, "server")
    (place.root / path).write_text("changed\n")
    assert run.state(place, "server") == "stale"


@pytest.mark.parametrize("key", ["python", "root"])
def test_another_python_or_a_moved_folder_is_broken(place, key):
    finish(place, "server", **{key: "elsewhere"})
    assert run.state(place, "server") == "broken"


def test_an_interrupted_installation_is_broken_even_with_an_old_stamp(place):
    finish(place, "server")
    place.unfinished.touch()
    assert run.state(place, "server") == "broken"


def test_an_environment_without_its_python_is_broken(place):
    finish(place, "server")
    place.python.unlink()
    assert run.state(place, "server") == "broken"


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"'])
def test_a_stamp_that_says_nothing_is_not_trusted(place, text):
    make_python(place)
    place.stamp.write_text(text)
    assert run.state(place, "server") == "stale"


def test_what_is_ready_is_left_alone(place, monkeypatch):
    finish(place, "server")
    world = World(monkeypatch, place)
    run.prepare(place, "server")
    assert (world.asked, world.waited) == ([], [])


def test_the_first_run_makes_installs_and_stamps(place, monkeypatch):
    world = World(monkeypatch, place)
    run.prepare(place, "server")
    assert world.asked[0].endswith(f"-m venv {place.venv}")
    assert [line.rsplit("install", 1)[1].split()[-1] for line in world.waited] == [
        str(place.root / "requirements" / "server.txt"),
        str(place.root),
    ]
    assert run.state(place, "server") == "ready"


def test_a_failed_installation_is_made_anew_by_the_next_run(place, monkeypatch):
    World(monkeypatch, place, install_fails=True)
    with pytest.raises(run.TroubleError, match="Maybe the network"):
        run.prepare(place, "server")
    assert run.state(place, "server") == "broken"
    leftover = place.venv / "half-written"
    leftover.touch()
    World(monkeypatch, place)
    run.prepare(place, "server")
    assert run.state(place, "server") == "ready"
    assert not leftover.exists()


@pytest.mark.parametrize("there", ["dev", "bench"])
def test_stale_requirements_are_installed_into_what_is_there(place, monkeypatch, there):
    finish(place, there)
    (place.root / "pyproject.toml").write_text("changed\n")
    kept = place.venv / "kept"
    kept.touch()
    world = World(monkeypatch, place)
    run.prepare(place, "server")
    assert kept.exists()
    assert f"{there}.txt" in world.waited[0]  # never less than was there
    assert run.state(place, there) == "ready"


def test_a_sick_environment_is_made_anew(place, monkeypatch):
    make_python(place)
    leftover = place.venv / "half-written"
    leftover.touch()
    answers = iter([False])  # the first question is whether pip is well
    World(monkeypatch, place, working=lambda _: next(answers, True))
    run.prepare(place, "server")
    assert not leftover.exists()
    assert run.state(place, "server") == "ready"


def test_without_ensurepip_a_pip_from_outside_fills_the_environment(place, monkeypatch):
    world = World(monkeypatch, place, working=lambda line: not line.endswith(f"-m venv {place.venv}"))
    run.make_environment(place)
    assert "--without-pip" in world.asked[1]
    assert f"{sys.executable} -m pip --python {place.python} install" in world.asked[2]


def test_a_pip_on_the_path_helps_a_python_without_one(place, monkeypatch):
    bad = (f"-m venv {place.venv}", f"{sys.executable} -m pip")
    world = World(monkeypatch, place, working=lambda line: not any(part in line for part in bad))
    run.make_environment(place)
    assert world.asked[-2].startswith(f"/usr/bin/pip3 --python {place.python} install")


def test_without_the_venv_module_virtualenv_is_fetched_beside_the_checkout(place, monkeypatch):
    world = World(monkeypatch, place, working=lambda line: "-m venv" not in line)
    run.make_environment(place)
    assert f"--target {place.tools} virtualenv" in world.asked[-3]
    assert "run_module('virtualenv'" in world.asked[-2]


def test_where_nothing_works_the_message_says_what_to_install(place, monkeypatch, capsys):
    World(monkeypatch, place, working=lambda _: False)
    with pytest.raises(run.TroubleError, match="Maybe install python3-venv"):
        run.make_environment(place)
    assert "it is not there" in capsys.readouterr().err
    assert run.state(place, "server") == "broken"


def test_pip_never_installs_outside_the_checkout(place):
    for _, commands in run.ways(place):
        for command in commands:
            assert str(place.root) in " ".join(command)
            assert "--break-system-packages" not in command


def test_an_older_python_is_told_so():
    assert run.too_old((3, 11)) == ""
    assert "needs Python 3.11 or newer; this is 3.10" in run.too_old((3, 10))


def test_all_checks_run_although_one_fails(place, monkeypatch, capsys):
    statuses = iter([0, 1, 0, 0, 0, 0])
    monkeypatch.setattr(run, "prepare", lambda *_: None)
    monkeypatch.setattr(run, "wait_for", lambda *_, **__: next(statuses))
    assert run.check(place, []) == 1
    assert list(statuses) == []
    assert capsys.readouterr().out.endswith("5 of 6 checks passed.\nFailed: ruff format.\n")


def test_bench_names_the_rooms_it_knows(place):
    folder = place.root / "benchmarks"
    (folder / "warehouse").mkdir(parents=True)
    (folder / "warehouse" / "__main__.py").touch()
    (folder / "vehicle_routing.py").touch()
    (folder / "_table.py").touch()
    with pytest.raises(run.TroubleError, match=r"\(vehicle_routing, warehouse\), not 'kitchen'"):
        run.bench(place, ["kitchen"])


def test_bench_passes_its_arguments_on(place, monkeypatch):
    (place.root / "benchmarks").mkdir()
    (place.root / "benchmarks" / "vehicle_routing.py").touch()
    world = World(monkeypatch, place)
    monkeypatch.setattr(run, "prepare", lambda *_: place.unfinished.touch())
    place.venv.mkdir()
    assert run.bench(place, ["vehicle-routing", "--seed", "3"]) == 0
    assert world.waited == [f"{place.python} -m benchmarks.vehicle_routing --seed 3"]


@pytest.mark.parametrize(("arguments", "profile"), [([], "dev"), (["--peers"], "bench"), (["--seed", "1"], "dev")])
def test_bench_installs_the_peers_only_where_they_are_asked_for(place, monkeypatch, arguments, profile):
    (place.root / "benchmarks").mkdir()
    (place.root / "benchmarks" / "vehicle_routing.py").touch()
    prepared: list[str] = []
    monkeypatch.setattr(run, "prepare", lambda _, profile: prepared.append(profile))
    monkeypatch.setattr(run, "wait_for", lambda *_, **__: 0)
    assert run.bench(place, ["vehicle_routing", *arguments]) == 0
    assert prepared == [profile]


def test_a_profile_that_nobody_knows_is_not_what_was_there(place, monkeypatch):
    finish(place, "dev")
    place.stamp.write_text(json.dumps(run.wanted(place, "dev") | {"profile": "kitchen"}))
    world = World(monkeypatch, place)
    run.prepare(place, "server")
    assert "server.txt" in world.waited[0]


def test_ctrl_c_ends_with_a_clean_message(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setitem(run.COMMANDS, "demo", interrupted)
    assert run.main(["demo"]) == 130
    assert capsys.readouterr().err == "run.py: stopped.\n"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--help"], 0, "python3 run.py demo"),
        ([], 2, "give one of"),
        (["dance"], 2, "give one of"),
    ],
)
def test_the_command_line_answers_without_installing_anything(arguments, status, says):
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == status
    assert says in done.stdout + done.stderr


def test_run_needs_nothing_but_the_standard_library():
    script = "import runpy, sys; runpy.run_path(sys.argv[1]); print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(ROOT / "run.py")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
