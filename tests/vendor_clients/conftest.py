"""The vendors' own clients, installed once for every state of their lock."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSTALL_S = 120
SCENE_S = 60


@pytest.fixture(scope="session")
def clients(request: pytest.FixtureRequest) -> Path:
    """Return the ``node_modules`` with the clients, kept in the cache of pytest."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node or npm is missing, so the vendors' clients cannot run")
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    assert request.config.cache is not None
    cache = Path(request.config.cache.mkdir("vendor_clients"))
    folder = cache / digest
    if not folder.exists():
        staged = Path(tempfile.mkdtemp(dir=cache))  # another worker may do the same
        try:
            _install(npm, staged)
            with suppress(OSError):
                staged.rename(folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return folder / "node_modules"


def _install(npm: str, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm ci did not end within {INSTALL_S} s, so the vendors' clients cannot run")
    if done.returncode:
        pytest.skip(f"npm ci failed, so the vendors' clients cannot run: {done.stderr[-300:]}")


@pytest.fixture
def scene(clients: Path) -> Callable[..., dict[str, Any]]:
    """Return how to run a script with the clients against a simulator; that returns what was printed."""

    def run(url: str, script: str, *arguments: str, **keys: str) -> dict[str, Any]:
        command = ["node", "--require", str(HERE / "preload.cjs"), str(HERE / script), *arguments]
        environment = os.environ | keys | {"SIMULATOR_URL": url, "NODE_PATH": str(clients)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SCENE_S, check=False)
        assert done.returncode == 0, done.stderr
        printed = json.loads(done.stdout)
        assert isinstance(printed, dict)
        return printed

    return run
