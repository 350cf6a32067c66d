"""Errors say what is wrong and what to try."""

import pytest

from doorstep.foundation import ConflictError, DoorstepError, InputError, InternalError, NotFoundError, UpstreamError


def test_message_and_hint_are_read_as_one_text_and_kept_apart():
    error = InputError("weight -1 must not be negative.", hint="Maybe the sign was lost.")
    assert str(error) == "weight -1 must not be negative. Maybe the sign was lost."
    assert (error.message, error.hint) == ("weight -1 must not be negative.", "Maybe the sign was lost.")


@pytest.mark.parametrize("kind", [ConflictError, InputError, InternalError, NotFoundError, UpstreamError])
def test_every_error_is_a_doorstep_error(kind):
    with pytest.raises(DoorstepError, match=r"^broken\.$"):
        raise kind("broken.")
