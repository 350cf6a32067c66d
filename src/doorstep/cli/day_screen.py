"""What a terminal shows of a day that is lived: a line of figures now and then, and what people would talk about."""

import sys
import time
from typing import TextIO

from doorstep.simulation.day import Day, Hours
from doorstep.simulation.day.board import ON_THE_WAY, THERE

ROW_S, SECONDS_APART = 1_800, 5.0
"""A new line comes after so much time of the day, and not before so many real seconds."""
LIVE_S = 1.0
"""How often the last line changes where a terminal is attached [s]."""
COLUMNS = ("time", "placed", "allocated", "packed", "on the way", "delivered", "late", "failed", "open", "vans out",
           "positions", "events", "proposals")  # fmt: skip


class Screen:
    """Writes lines; where a terminal is attached, the last one lives."""

    def __init__(self, hours: Hours, out: TextIO = sys.stdout) -> None:
        self._hours, self._out, self._live = hours, out, out.isatty()
        self._row_at, self._shown_s, self._headed = 0, 0.0, False

    def say(self, at: int, words: str) -> None:
        """Write what happened at a moment [epoch s]."""
        self._write(f"{self._hours.local(at)}  {words}")

    def show(self, day: Day, now: int) -> None:
        """Write the figures if it is time for that."""
        since_s = time.monotonic() - self._shown_s
        if now >= self._row_at + ROW_S and since_s >= SECONDS_APART:
            self.row(day, now)
        elif self._live and since_s >= LIVE_S:
            print("\r" + _row(day, self._hours.local(now)), end="", file=self._out, flush=True)
            self._shown_s = time.monotonic()

    def row(self, day: Day, now: int) -> None:
        """Write the figures as they are now."""
        if not self._headed:
            self._write("  ".join(COLUMNS))
            self._headed = True
        self._write(_row(day, self._hours.local(now)))
        self._row_at, self._shown_s = now, time.monotonic()

    def _write(self, line: str) -> None:
        print(f"\r{line:<120}".rstrip() if self._live else line, file=self._out, flush=True)


def _row(day: Day, local: str) -> str:
    board = day.board
    figures = (len(board.orders), len(board.allocated), len(board.packed), board.in_states(ON_THE_WAY),
               board.in_states(THERE), board.late, board.attempts, board.open_orders, len(day.drivers.out),
               day.drivers.positions, board.events, day.desk.open)  # fmt: skip
    cells = "  ".join(f"{figure:>{len(name)},}" for name, figure in zip(COLUMNS[1:], figures, strict=True))
    late_s = day.world.agenda.late_s
    return f"{local:>{len(COLUMNS[0])}} {cells}" + (f"  ({late_s // 60} minutes behind)" if late_s >= 600 else "")
