"""What is kept of a password: nothing that gives it away, and nothing but the password fits it."""

import hashlib

import pytest

from doorstep.foundation import InputError
from doorstep.operations.passwords import hash_password, is_password_of

SALT = "0123456789ABCDEF0123456789ABCDEF"


def test_only_the_password_itself_fits_what_is_kept_of_it():
    kept = hash_password("correct horse battery", salt=SALT)
    assert is_password_of(kept, "correct horse battery")
    assert not is_password_of(kept, "correct horse batterz")
    assert (kept.startswith(f"{SALT}$"), len(kept), "horse" in kept) == (True, 161, False)


def test_letters_that_look_alike_fit_however_they_were_typed():
    assert is_password_of(hash_password("Zoe\u0308 am Strand", salt=SALT), "Zo\u00eb am Strand")


def test_where_nothing_is_kept_no_password_fits():
    assert not is_password_of(None, "")


def test_stretching_costs_what_owasp_asks_for():
    raw = hashlib.scrypt(b"correct horse battery", salt=SALT.encode(), n=2**14, r=8, p=5)
    assert hash_password("correct horse battery", salt=SALT) == f"{SALT}${raw.hex()}"


@pytest.mark.parametrize("length", [11, 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(length: int):
    with pytest.raises(InputError, match=f"has {length} characters; it must have 12 to 200"):
        hash_password("x" * length, salt=SALT)
