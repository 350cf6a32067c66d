"""The decorator of numeric kernels: numba loops over arrays and integers.

``kernel(f).py_func`` is the plain Python function, so tests run every kernel both ways.
"""

import hashlib
import inspect
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar, cast

import numba

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class Kernel(Protocol[P, R_co]):
    """A compiled function and, as ``py_func``, the plain one it was made from."""

    @property
    def py_func(self) -> Callable[P, R_co]:
        """The plain Python function."""
        ...

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Run the compiled function."""
        ...


def kernel(function: Callable[P, R_co]) -> Kernel[P, R_co]:
    """Return the function compiled on first use; the machine code is kept on disk, beside the module if possible."""
    return _compiled(function)


def inlined(function: Callable[P, R_co]) -> Kernel[P, R_co]:
    """Return the function compiled as part of every kernel that calls it: for small ones that take many arrays."""
    return _compiled(function, forceinline=True, _nrt=False)


def lean_kernel(function: Callable[P, R_co]) -> Kernel[P, R_co]:
    """Return a ``kernel`` that allocates nothing and therefore counts no references, for loops of nanoseconds."""
    return _compiled(function, _nrt=False)


def _compiled(function: Callable[P, R_co], **options: bool) -> Kernel[P, R_co]:
    try:
        compiled = numba.njit(cache=True, nogil=True, **options)(function)  # type: ignore[call-overload]
    except RuntimeError:  # no folder that may be written
        compiled = numba.njit(nogil=True, **options)(function)  # type: ignore[call-overload]
    else:
        if hasattr(compiled, "_cache"):  # not where compiling is switched off
            compiled._cache._cache_file._source_stamp = _stamp(_room(function))
    return cast(Kernel[P, R_co], compiled)


def _room(function: Callable[P, R_co]) -> Path:
    """Return the folder of the room (``package.room``) that a function is written in."""
    deeper = max(0, function.__module__.count(".") - 2)
    return Path(inspect.getfile(function)).parents[deeper]


@lru_cache
def _stamp(room: Path) -> str:
    """Return a digest of all sources of a room.

    A kernel's machine code holds the code and the constants of the modules that it imports, and numba itself looks only
    at the file of the kernel: after an upgrade it would run new code with the columns of the old.
    """
    digest = hashlib.sha256()
    for source in sorted(room.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
