"""The seed of a search or a sample, as an option of commands."""

from typing import Annotated

from cyclopts import Parameter

from doorstep.foundation import InputError


def _check(_kind: object, seed: int) -> None:
    if seed < 0:
        raise InputError(f"--seed {seed} must not be negative.")


Seed = Annotated[int, Parameter(validator=_check)]
