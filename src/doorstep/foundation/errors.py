"""The five errors that doorstep raises; everything else that happens is a returned outcome."""


class DoorstepError(Exception):
    """Root of the errors raised on purpose.

    Parameters
    ----------
    message
        Names the field, the value and the rule.
    hint
        What the reader may try; by habit it starts with "Maybe".
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint


class InputError(DoorstepError):
    """What the caller gave is broken: mend the input and call again."""


class NotFoundError(DoorstepError):
    """What the caller named does not exist."""


class ConflictError(DoorstepError):
    """The state does not allow what was asked."""


class UpstreamError(DoorstepError):
    """A party outside doorstep failed."""


class InternalError(DoorstepError):
    """doorstep broke one of its own invariants: a defect, please report it."""
