"""What is wrong with a routing file, gathered so that the reader hears of all of it at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to mend; ``line`` counts from 1 and is 0 where the fault is of the whole file."""

    file: str
    line: int
    field: str
    value: str
    rule: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "whole file"
        named = f" {self.field}" if self.field else ""
        value = f" {self.value!r}" if self.value else ""
        return f"{self.file} {place}{named}{value}: {self.rule}. {self.hint}".strip()


@dataclass(slots=True, kw_only=True)
class Faults:
    """The faults found in a file so far."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, rule: str, *, line: int = 0, field: str = "", value: object = "", hint: str = "") -> None:
        """Add one fault."""
        text = f"{value:g}" if isinstance(value, float) else str(value)[:60]
        self.found.append(Fault(file=self.file, line=line, field=field, value=text, rule=rule, hint=hint))

    def each(
        self, wrong: Bools, rule: str, *, lines: Sequence[int], field: str, values: Floats, hint: str = ""
    ) -> None:
        """Add a fault for every row that is marked ``wrong`` (R,), with its line (R,) and its value (R,)."""
        for row in np.flatnonzero(wrong).tolist():
            self.add(rule, line=lines[row], field=field, value=float(values[row]), hint=hint)

    def error(self) -> InputError:
        """Return all faults as one error, in the order of their lines, each once."""
        ordered = sorted(self.found, key=lambda fault: fault.line)
        return InputError("\n".join(dict.fromkeys(map(str, ordered))))

    def stop_if_any(self) -> None:
        """Go on only if there is no fault.

        Raises
        ------
        InputError
            If there is one.
        """
        if self.found:
            raise self.error()
