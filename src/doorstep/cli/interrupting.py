"""Ctrl-C as a wish: the first asks a search to end with its best, the second stops the program as usual."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType

from doorstep.foundation import Interrupt


@contextlib.contextmanager
def asked_by_ctrl_c() -> Iterator[Interrupt]:
    """Yield an interrupt that the first Ctrl-C asks; the second one stops the program as usual."""
    interrupt = Interrupt()
    former = signal.getsignal(signal.SIGINT)

    def ask(_number: int, _frame: FrameType | None) -> None:
        interrupt.ask()
        signal.signal(signal.SIGINT, former)
        print("\nStopping with the best plan so far (Ctrl-C again to stop at once) ...", file=sys.stderr)

    try:
        signal.signal(signal.SIGINT, ask)
    except ValueError:  # not the main thread: nobody can press Ctrl-C here
        yield interrupt
        return
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, former)
