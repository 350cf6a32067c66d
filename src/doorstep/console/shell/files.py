"""Files of the pages: styles of the package, and elements that ``run.py`` builds into it from ``frontend/``."""

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

from doorstep.foundation import NotFoundError

KINDS = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png",
    ".json": "application/json", ".webmanifest": "application/manifest+json", ".pmtiles": "application/octet-stream",
    ".mp3": "audio/mpeg",
}  # fmt: skip
A_YEAR_S = 31_536_000
BUNDLE = "built/elements.js"
router = APIRouter(include_in_schema=False)


@router.get("/static/{version}/{name:path}")
def send_file(version: str, name: str) -> FileResponse:
    """Send a file, which browsers keep: its address changes when it does."""
    found = path_of(name)
    kept = f"public, max-age={A_YEAR_S}, immutable" if version == _version() else "no-cache"
    return FileResponse(found, media_type=KINDS[found.suffix], headers={"Cache-Control": kept})


def address_of(name: str) -> str:
    """Return the address of a file."""
    return f"/static/{_version()}/{name}"


def names() -> tuple[str, ...]:
    """Return the names of all files."""
    return tuple(_files())


def path_of(name: str) -> Path:
    """Return where a file lies; raises ``NotFoundError`` if there is none, as where the elements were not built."""
    if name not in _files():
        raise NotFoundError(f"there is no file {name}.", hint="Maybe the elements were not built.")
    return _files()[name]


def is_built() -> bool:
    """Return whether the elements were built: pages work without them, but have no maps."""
    return BUNDLE in _files()


@cache
def _files() -> dict[str, Path]:
    """Return all files by name; what is not among them is never sent."""
    root = Path(str(resources.files("doorstep.console").joinpath("static")))
    return {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.suffix in KINDS}


@cache
def _version() -> str:
    """Return a word that changes whenever a file does."""
    seen = hashlib.sha256()
    for name, path in _files().items():
        seen.update(name.encode())
        seen.update(path.read_bytes())
    return seen.hexdigest()[:12]
