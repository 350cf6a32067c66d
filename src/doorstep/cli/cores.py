"""The option ``--cores``: on how many cores at once a command works."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Annotated

from cyclopts import Parameter

from doorstep.foundation import InputError


def _check(_kind: object, cores: int) -> None:
    if cores < 1:
        raise InputError(f"--cores {cores} must be at least 1.")


Cores = Annotated[int, Parameter(validator=_check)]


@contextmanager
def processes(cores: int) -> Iterator[Executor | None]:
    """Open processes to work in, none for one core: then this process does all. Ctrl-C is heard by this one alone."""
    if cores == 1:
        yield None
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_hear_no_ctrl_c) as executor:
        yield executor


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of those it has waited for."""
    return sum(os.times()[:4])


def _hear_no_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
