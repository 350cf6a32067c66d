"""Names for new things: a prefix that says what it is, then a ULID, so that ids sort by the time they were made."""

from collections.abc import Callable
from threading import Lock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FOR_PEOPLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Letters that cannot be mistaken for one another: no 0, O, 1 or I."""
RANDOM_BITS = 80


_PAIRS = {letters: [a + b for a in letters for b in letters] for letters in (CROCKFORD, FOR_PEOPLE)}


def in_letters(number: int, letters: str, length: int) -> str:
    """Return a number in base 32 with leading zeros; ``length`` is even, ``letters`` one of the two above."""
    pairs = _PAIRS[letters]
    return "".join([pairs[number >> shift & 1023] for shift in range(5 * (length - 2), -1, -10)])


class IdSource:
    """Makes ids that never repeat and, from one source, never go backwards; threads may share it.

    Parameters
    ----------
    random_bits
        Returns that many random bits, for example ``secrets.randbits``; a seeded one makes a run repeatable.

    References
    ----------
    ULID specification 1.0: 48 bits of milliseconds, 80 random bits, Crockford's base 32.
    """

    def __init__(self, random_bits: Callable[[int], int]) -> None:
        self._random_bits = random_bits
        self._lock = Lock()
        self._last = (0, 0)

    def new(self, prefix: str, now: int) -> str:
        """Return an id such as ``ord_01J...`` for something made at ``now`` [epoch s]."""
        with self._lock:
            at, random = self._last
            if now > at:
                at, random = now, self._random_bits(RANDOM_BITS - 8)  # room to count within the second
            else:  # the same second, or a clock that stepped back
                random += 1
            self._last = (at, random)
        return f"{prefix}_{in_letters((at * 1000 << RANDOM_BITS) | random, CROCKFORD, 26)}"

    def code(self) -> str:
        """Return eight letters that a person can read out; not guaranteed to be unique."""
        return in_letters(self._random_bits(40), FOR_PEOPLE, 8)

    def secret(self, letters: int = 32) -> str:
        """Return random letters of which nobody guesses 5 bits each."""
        return in_letters(self._random_bits(5 * letters), CROCKFORD, letters)
