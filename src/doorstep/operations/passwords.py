"""Passwords: people make them up, so they are stretched with scrypt and a salt before they are kept.

Stretching takes a third of a second of one core and 16 MB. Nothing here knows a database: stretch before a transaction
begins, and never on an event loop.

References
----------
RFC 7914: scrypt. OWASP, Password Storage Cheat Sheet: N = 2^14, r = 8, p = 5.
"""

import hashlib
import hmac
import unicodedata

from doorstep.foundation import InputError

SHORTEST = 12
LONGEST = 200
_SCRYPT = {"n": 2**14, "r": 8, "p": 5}
_NOBODY = f"{'0' * 32}${'0' * 128}"


def hash_password(password: str, *, salt: str) -> str:
    """Return what is kept of a password: its salt, and the password stretched with it.

    Raises
    ------
    InputError
        If it has fewer than 12 or more than 200 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"the password has {len(password)} characters; it must have {SHORTEST} to {LONGEST}.")
    return _stretched(password, salt)


def is_password_of(stored: str | None, password: str) -> bool:
    """Return whether this is the password of which ``stored`` is kept; takes as long if nothing is."""
    kept = _NOBODY if stored is None else stored
    return hmac.compare_digest(kept, _stretched(password, kept.partition("$")[0])) and stored is not None


def _stretched(password: str, salt: str) -> str:
    """Return salt and key; letters that look alike but are written otherwise count as the same (NFKC)."""
    raw = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return f"{salt}${hashlib.scrypt(raw, salt=salt.encode(), **_SCRYPT).hex()}"
