#!/usr/bin/env python3
"""The only command of this repository; needs nothing but Python 3.11 or newer.

python3 run.py demo [args]        show the whole platform at work on built-in data
python3 run.py test [args]        run the tests (args go to pytest)
python3 run.py check              run every style, type, layer and dependency check
python3 run.py bench ROOM [args]  measure one room (args go to its benchmark; --peers installs them first)
python3 run.py serve [args]       run the API and its worker on an embedded database

The first run makes .venv beside this file and installs the pinned requirements there, which
takes one to three minutes; later runs start at once. Nothing is installed anywhere else.
If an installation was interrupted, the next run repairs it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

OLDEST = (3, 11)
ROOM_FOR_TESTS = 8 << 30  # bytes
PROFILES = ("server", "dev", "bench")  # each holds all of those before it
CHECKS = {
    "ruff check": ["ruff", "check", "--output-format", "concise"],
    "ruff format": ["ruff", "format", "--check", "--output-format", "concise"],
    "mypy": ["mypy"],
    "lint-imports": ["lint-imports", "--no-logo"],
    "codespell": ["codespell"],
    "deptry": ["deptry", "--no-ansi", "src"],
}


class TroubleError(Exception):
    """A problem that the reader of the message can solve."""


class Place:
    """Where one checkout keeps its environment; everything in it is made, and removed, by run.py."""

    def __init__(self, root: Path) -> None:
        windows = os.name == "nt"
        self.root = root
        self.venv = root / ".venv"
        self.tools = root / ".venv-tools"
        self.bin = self.venv / ("Scripts" if windows else "bin")
        self.python = self.bin / ("python.exe" if windows else "python")
        self.unfinished = self.venv / "doorstep-unfinished"  # written first, removed last
        self.stamp = self.venv / "doorstep-installed.json"  # written last: what is installed


def wanted(place: Place, profile: str) -> dict[str, str]:
    """Return what the stamp says once `profile`, one of PROFILES, is fully installed."""
    pins = hashlib.sha256()
    for path in (place.root / "requirements" / f"{profile}.txt", place.root / "pyproject.toml"):
        pins.update(path.read_bytes())
    python = f"{sys.implementation.cache_tag} {platform.machine()}"
    return {"profile": profile, "pins": pins.hexdigest(), "python": python, "root": str(place.root)}


def installed(place: Place) -> dict[str, str]:
    """Return what the stamp says; an unreadable stamp says nothing."""
    try:
        return dict(json.loads(place.stamp.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return {}


def state(place: Place, profile: str) -> str:
    """Return "missing", "broken" (rebuild it), "stale" (install into it) or "ready"."""
    if not place.venv.exists():
        return "missing"
    if place.unfinished.exists() or not place.python.exists():
        return "broken"
    found, goal = installed(place), wanted(place, profile)
    if found in [wanted(place, richer) for richer in PROFILES[PROFILES.index(profile) :]]:
        return "ready"
    moved = any(found.get(key, goal[key]) != goal[key] for key in ("python", "root"))
    return "broken" if moved else "stale"


def problem(command: Sequence[str]) -> str:
    """Run a command quietly; return nothing if it ends well, else the last line that it printed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    lines = f"{done.stdout}\n{done.stderr}".split("\n") if done.returncode else []
    return next((line for line in reversed(lines) if line.strip()), "no reason given" if lines else "")


def sick(place: Place) -> str:
    """Return what is wrong with the Python in .venv or its pip, or nothing."""
    code = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return problem([str(place.python), "-c", code])


def ways(place: Place) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield the ways to make .venv with a pip inside, best first, each with its commands.

    Debian keeps a part of venv in a package of its own, so the venv module alone may not do. Both
    --python and --target stay allowed where a package manager owns Python (PEP 668).
    """
    me, venv, tools = sys.executable, str(place.venv), str(place.tools)
    yield "the venv module", [[me, "-m", "venv", venv]]
    pips = [[me, "-m", "pip"], *([found] for found in map(shutil.which, ("pip3", "pip")) if found)]
    for pip in pips:
        bare = [me, "-m", "venv", "--without-pip", venv]
        fill = [*pip, "--python", str(place.python), "install", "--quiet", "pip"]
        yield f"the venv module and the pip of {pip[0]}", [bare, fill]
    start = f"import runpy, sys; sys.path.insert(0, {tools!r}); runpy.run_module"
    make = [me, "-c", f"{start}('virtualenv', run_name='__main__')", "--quiet", venv]
    for pip in pips:
        fetch = [*pip, "install", "--quiet", "--upgrade", "--target", tools, "virtualenv"]
        yield f"virtualenv, fetched by the pip of {pip[0]}", [fetch, make]


def make_environment(place: Place) -> None:
    """Make .venv by the first way that works, judged by the pip inside it."""
    for words, commands in ways(place):
        say(f"Making .venv with {words}.")
        shutil.rmtree(place.venv, ignore_errors=True)
        place.venv.mkdir(parents=True)
        place.unfinished.touch()
        why = next(filter(None, map(problem, commands)), "") or sick(place)
        if not why:
            return
        say(f"That did not work: {why}")
    raise TroubleError(
        "no way to make a Python environment worked; the reasons stand above.\n"
        "Maybe install python3-venv (Debian, Ubuntu), python3-pip (Fedora), or Python from python.org."
    )


def install(place: Place, profile: str) -> None:
    """Install a profile's pins and doorstep itself (editable) into .venv."""
    pip = [str(place.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]  # -qq: errors only
    pins = place.root / "requirements" / f"{profile}.txt"
    say(f"Installing requirements/{profile}.txt into .venv (one to three minutes the first time).")
    failed = wait_for([*pip, "-r", str(pins)], cwd=place.root)
    if not failed:
        say("Installing doorstep itself, editable.")
        failed = wait_for([*pip, "--no-deps", "--editable", str(place.root)], cwd=place.root)
    if failed:
        raise TroubleError(
            "Installing did not work; pip's own words stand above. The next run starts over.\n"
            "Maybe the network or the package index cannot be reached, or the disk is full."
        )


def prepare(place: Place, profile: str) -> None:
    """Bring .venv to where `profile` is fully installed; do nothing if it already is."""
    with only_one(place):
        found = state(place, profile)
        if found == "ready":
            return
        if found == "stale" and sick(place):
            found = "broken"
        if found == "broken":
            say("The .venv here is half made, moved or of another Python: making it anew.")
        if found == "stale":  # never fall back to less than was there
            there = installed(place).get("profile")
            profile = max(profile, there if there in PROFILES else profile, key=PROFILES.index)
        if found != "stale":
            make_environment(place)
        place.unfinished.touch()
        install(place, profile)
        place.stamp.write_text(json.dumps(wanted(place, profile)), encoding="utf-8")
        place.unfinished.unlink()
        say("Ready.")


def build_pages(place: Place) -> None:
    """Bundle the interactive parts of the pages from frontend/ into the package, unless that was done.

    Where npm, or what it fetches, cannot be had, this says so and goes on: pages then have no maps and timelines.
    """
    folder, built = place.root / "frontend", place.root / "src" / "doorstep" / "console" / "static" / "built"
    seen = hashlib.sha256()
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.mjs"), *folder.glob("src/**/*.ts")]):
        seen.update(path.name.encode() + path.read_bytes())
    stamp = built / "sources.txt"
    with only_one(place):
        if stamp.exists() and stamp.read_text(encoding="utf-8") == seen.hexdigest():
            return
        say("Building the interactive parts of the pages with npm.")
        why = _npm_trouble(place, folder)
        if why:
            say(f"That did not work, so pages will have no maps and timelines: {why}")
        else:
            stamp.write_text(seen.hexdigest(), encoding="utf-8")


def _npm_trouble(place: Place, folder: Path) -> str:
    """Install what frontend/ needs and build it; return what went wrong, or nothing."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not (npm and node):
        pip = [str(place.python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        why = problem([*pip, "-r", str(place.root / "requirements" / "node.txt")])
        if why:
            return why
        npm, node = str(place.bin / "npm"), str(place.bin / "node")
    patience, quiet = ["--fetch-timeout=60000", "--fetch-retries=1"], ["--no-audit", "--no-fund"]
    why = problem([npm, "ci", "--ignore-scripts", *quiet, *patience, "--prefix", str(folder)])
    return why or problem([node, str(folder / "build.mjs")])


@contextmanager
def only_one(place: Place) -> Iterator[None]:
    """Let a second run.py wait while the first installs; the lock falls with its process."""
    with (place.root / ".venv.lock").open("w") as lock:
        if os.name != "nt":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(words: str) -> None:
    """Print one step in plain words, at once."""
    print(f"run.py: {words}", file=sys.stderr, flush=True)


def wait_for(command: Sequence[str], *, cwd: Path | None = None, path: Path | None = None) -> int:
    """Run a command to its end and return its exit status; `path` is put before PYTHONPATH.

    On Ctrl-C the command, which hears it too, has ten seconds to end by itself.
    """
    environment = dict(os.environ)
    if path is not None:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
    with subprocess.Popen(command, cwd=cwd, env=environment) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            try:
                process.wait(timeout=10)
            except (KeyboardInterrupt, subprocess.TimeoutExpired):
                process.kill()
            raise
    if status == -signal.SIGINT:
        raise KeyboardInterrupt
    return status if status >= 0 else 128 - status


def demo(place: Place, arguments: Sequence[str]) -> int:
    """Run `doorstep demo` where the caller stands."""
    prepare(place, "server")
    build_pages(place)
    return wait_for([str(place.python), "-m", "doorstep", "demo", *arguments])


def test(place: Place, arguments: Sequence[str]) -> int:
    """Run pytest on three or four processes: some tests wait for servers and children of theirs."""
    prepare(place, "dev")
    build_pages(place)
    keep_files_in_memory()
    workers = str(min(4, (os.cpu_count() or 2) + 1))
    # Parts of the list, not every second test: each process compiles the kernels of other rooms, the others load them.
    dealt = ["-n", workers, "--dist", "worksteal"]
    command = [str(place.python), "-m", "pytest", "-q", *dealt, *arguments]
    return wait_for(command, cwd=place.root)


def keep_files_in_memory() -> None:
    """Put the thousands of databases that tests make into memory where that is possible and nobody said otherwise."""
    memory = Path("/dev/shm")
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM_FOR_TESTS:
            os.environ.setdefault("TMPDIR", str(memory))


def check(place: Place, arguments: Sequence[str]) -> int:
    """Run all checks, also after one has failed, and sum up."""
    if arguments:
        raise TroubleError(f"check takes no arguments, but was given: {' '.join(arguments)}")
    prepare(place, "dev")
    failed = []
    for name, (tool, *options) in CHECKS.items():
        print(f"\n== {name}", flush=True)
        if wait_for([str(place.bin / tool), *options], cwd=place.root):
            failed.append(name)
    print(f"\n{len(CHECKS) - len(failed)} of {len(CHECKS)} checks passed.", flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.", flush=True)
    return 1 if failed else 0


def benchmarks(place: Place) -> list[str]:
    """Return the rooms that have a benchmark."""
    folder = place.root / "benchmarks"
    modules = [path.stem for path in folder.glob("*.py")]
    packages = [path.parent.name for path in folder.glob("*/__main__.py")]
    return sorted(name for name in modules + packages if not name.startswith("_"))


def bench(place: Place, arguments: Sequence[str]) -> int:
    """Run one room's benchmark where the caller stands."""
    room = arguments[0].replace("-", "_") if arguments else ""
    if room not in benchmarks(place):
        known = ", ".join(benchmarks(place)) or "none yet"
        raise TroubleError(f"bench needs a room that has a benchmark ({known}), not {room!r}.")
    prepare(place, "bench" if "--peers" in arguments else "dev")  # PostgreSQL is in dev, the peers are in bench
    return wait_for([str(place.python), "-m", f"benchmarks.{room}", *arguments[1:]], path=place.root)


def serve(place: Place, arguments: Sequence[str]) -> int:
    """Run `doorstep serve` where the caller stands."""
    prepare(place, "server")
    build_pages(place)
    return wait_for([str(place.python), "-m", "doorstep", "serve", *arguments])


COMMANDS = {"demo": demo, "test": test, "check": check, "bench": bench, "serve": serve}


def too_old(version: tuple[int, int]) -> str:
    """Return what to say to a Python that is too old, or nothing."""
    if version >= OLDEST:
        return ""
    newer = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
    hint = f"Maybe run: {newer[0]} run.py" if newer else "Maybe install a newer one from python.org."
    return f"doorstep needs Python 3.11 or newer; this is {version[0]}.{version[1]}. {hint}"


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument names and return the exit status."""
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        print(__doc__)
        return 0
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        say(f"give one of: {', '.join(COMMANDS)}")
        return 2
    try:
        old = too_old(sys.version_info[:2])
        if old:
            raise TroubleError(old)
        return COMMANDS[arguments[0]](Place(Path(__file__).resolve().parent), arguments[1:])
    except TroubleError as trouble:
        say(str(trouble))
        return 1
    except KeyboardInterrupt:
        say("stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
