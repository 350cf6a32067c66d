"""Arrays as bytes of a column, compressed."""

import io
from typing import Any

import numpy as np


def pack(**arrays: Any) -> bytes:  # noqa: ANN401 - arrays of any type
    """Return arrays by name, and numbers, as bytes."""
    into = io.BytesIO()
    np.savez_compressed(into, **arrays)
    return into.getvalue()


def unpack(packed: bytes) -> dict[str, Any]:
    """Return the arrays that were packed, numbers as arrays without axes."""
    with np.load(io.BytesIO(packed)) as told:
        return {name: told[name] for name in told.files}
