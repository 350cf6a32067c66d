"""Progress of a plan on a terminal, and the CPU seconds of each of its parts."""

import time
from collections import defaultdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

OWN_STAGES = "doorstep"


class StageClock:
    """Listens to a plan: draws a bar for each stage, counts CPU seconds by the strategy a stage's name starts with.

    Stages that name no strategy count for doorstep's own plan. Without a terminal only the names are printed.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self.bars = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            disable=quiet or not self.console.is_terminal,
        )
        self.cpu_s: defaultdict[str, float] = defaultdict(float)
        self._task: TaskID | None = None
        self._strategy = OWN_STAGES
        self._since = time.process_time()

    def stage(self, name: str, total: int) -> None:
        """Begin a stage."""
        self.close()
        self._strategy = name.split(":")[0] if ":" in name else OWN_STAGES
        if self.bars.disable:
            self.console.print(f"  {name}", highlight=False)
        self._task = self.bars.add_task(name, total=max(1, total))

    def advance(self, steps: int = 1) -> None:
        """Move the bar of the stage."""
        if self._task is not None:
            self.bars.update(self._task, advance=steps)

    def close(self) -> None:
        """End the stage and count its CPU seconds."""
        now = time.process_time()
        self.cpu_s[self._strategy] += now - self._since
        self._since = now
