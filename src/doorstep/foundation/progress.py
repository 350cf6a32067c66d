"""How long work tells the outside how far it is, without knowing who listens."""

from typing import Protocol


class Progress(Protocol):
    """Listener to long work; a console draws bars from it, a test ignores it."""

    def stage(self, name: str, total: int) -> None:
        """Hear that a stage of ``total`` steps begins."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Hear that ``steps`` more steps of the current stage are done."""
        ...


class Silent:
    """A listener that does not listen."""

    def stage(self, name: str, total: int) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the step."""
