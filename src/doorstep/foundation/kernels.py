"""The decorator of numeric kernels: numba loops over arrays and integers.

``kernel(f).py_func`` is the plain Python function, so tests run every kernel both ways.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Return the function compiled on first use; the machine code is kept on disk beside the module."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
