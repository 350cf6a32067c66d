"""The decorator of numeric kernels: numba loops over arrays and integers.

``kernel(f).py_func`` is the plain Python function, so tests run every kernel both ways.
"""

from collections.abc import Callable
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
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder that may be written
        compiled = numba.njit(nogil=True)(function)
    return cast(Kernel[P, R_co], compiled)


def inlined(function: Callable[P, R_co]) -> Kernel[P, R_co]:
    """Return the function compiled as part of every kernel that calls it: for small ones that take many arrays."""
    return _bare(function, forceinline=True)


def lean_kernel(function: Callable[P, R_co]) -> Kernel[P, R_co]:
    """Return a ``kernel`` that allocates nothing and therefore counts no references, for loops of nanoseconds."""
    return _bare(function, forceinline=False)


def _bare(function: Callable[P, R_co], *, forceinline: bool) -> Kernel[P, R_co]:
    options = {"nogil": True, "forceinline": forceinline, "_nrt": False}
    try:
        compiled = numba.njit(cache=True, **options)(function)  # type: ignore[call-overload] # _nrt is not in its stubs
    except RuntimeError:  # no folder that may be written
        compiled = numba.njit(**options)(function)  # type: ignore[call-overload]
    return cast(Kernel[P, R_co], compiled)
