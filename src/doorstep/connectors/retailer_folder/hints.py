"""What the reader of a fault may try; every hint starts with "Maybe"."""

import difflib
import re
from collections.abc import Sequence
from functools import cache

MOST_WORDS_COMPARED = 5_000
"""Above so many candidates only their case, spaces and leading zeros are compared: the rest would take minutes."""


class Candidates:
    """Words that a value may have been meant to be, prepared once and asked often."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)
        self._by_core = {_core(word): word for word in reversed(self._words)}
        self._asked: dict[str, str] = {}

    def closest(self, value: str) -> str:
        """Return the word most like ``value``, empty if none is."""
        if value not in self._asked:
            self._asked[value] = self._find(value)
        return self._asked[value]

    def hint(self, value: str) -> str:
        """Return the closest word as a hint, empty if there is none."""
        word = self.closest(value)
        return f"Maybe {value!r} should be {word!r}." if word else ""

    def _find(self, value: str) -> str:
        if (word := self._by_core.get(_core(value))) is not None:
            return word
        if len(self._words) > MOST_WORDS_COMPARED or len(self._asked) > MOST_WORDS_COMPARED // 50:
            return ""
        near = difflib.get_close_matches(value, self._words, n=1, cutoff=0.6)
        return near[0] if near else ""


def _core(word: str) -> str:
    """Return a word without case, outer spaces and leading zeros."""
    return word.strip().casefold().lstrip("0") or "0"


def word_hint(value: str, words: Sequence[str]) -> str:
    """Return a hint for a word that is not among the few allowed."""
    near = _of(tuple(words)).closest(value)
    listed = ", ".join(words)
    return f"Maybe {value!r} should be {near!r}, one of {listed}." if near else f"Maybe use one of {listed}."


@cache
def _of(words: tuple[str, ...]) -> Candidates:
    return Candidates(words)


def number_hint(value: str, column: str) -> str:
    """Return a hint for a text that is not the number it should be."""
    text = value.strip()
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f"Maybe write the decimal point as a point: {text.replace(',', '.')}."
    if re.fullmatch(r"[+-]?\d{1,3}([ ,.'\u00a0\u202f]\d{3})+", text):
        return f"Maybe without the thousands separator: {re.sub(r'[^0-9+-]', '', text)}."
    if column.endswith("_minor") and re.search(r"\d[.,]\d", text):
        return "Maybe give the amount in whole minor units, for example cents: 799 for 7.99."
    if re.fullmatch(r"[+-]?\d+\.\d+", text):
        return f"Maybe round it: {round(float(text))}."
    if re.fullmatch(r"[+-]?\d+(\.\d+)?\s*[A-Za-z%$€£]+", text):
        return "Maybe without the unit: the column's name says it."
    if text.lower() in ("na", "n/a", "nan", "null", "none", "-"):
        return "Maybe leave the cell empty."
    return ""


def moment_hint(value: str) -> str:
    """Return a hint for a text that is not a moment."""
    text = value.strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?", text):
        return f"Maybe add the offset from UTC, for example {text.replace(' ', 'T')}-06:00, or Z for UTC."
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*", text):
        return "Maybe write the year first, then month and day: 2026-03-02T09:15:00-06:00."
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return f"Maybe add the time of day and the offset: {text}T09:15:00Z."
    if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
        return "Maybe the day, the month or the hour does not exist: year-month-dayThours:minutes:seconds+offset."
    return "Maybe write it like 2026-03-02T09:15:00Z, or as epoch seconds."


def time_of_day_hint(value: str) -> str:
    """Return a hint for a text that is not a local time HH:MM."""
    text = value.strip().lower()
    found = re.fullmatch(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm|a\.m\.|p\.m\.)?", text)
    if not found:
        return ""
    hours, minutes, half = int(found[1]), int(found[2] or 0), (found[3] or "")[:1]
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours < 24 and minutes < 60:
        return f"Maybe {value!r} should be '{hours:02d}:{minutes:02d}'."
    return "Maybe it is past midnight: hours end at 24:00." if hours >= 24 else ""


def tags_hint(value: str) -> str:
    """Return a hint for a text that is not words separated by semicolons."""
    words = [re.sub(r"[^a-z0-9]+", "_", word.strip().lower()).strip("_") for word in re.split(r"[;,|/]", value)]
    tags = ";".join(word for word in words if word)
    return f"Maybe {value!r} should be {tags!r}." if tags else ""
