"""The ways to read an address: which word is the number, the postal code, the town, and what is left for the street."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product

from doorstep.geography.addresses.answer import Question
from doorstep.geography.addresses.index import AddressIndex
from doorstep.geography.addresses.street_words import BEHIND_NUMBERS
from doorstep.geography.addresses.wording import folded, postal

MOST_READINGS = 40
TOWN_WORDS = 4
TOWN_ALIKE = 0.8
_NUMBER = re.compile(r"\d{1,5}(?:\s?[^\W\d_])?(?:\s?[-–/]\s?\d{1,5}[^\W\d_]?)?")
_CODE = re.compile(r"\d{4,6}|[a-z]{1,2}\d[a-z\d]?|\d[a-z]{2}|\d{3}|\d{4}[a-z]{2}|\d{2,5} \d{3,4}")
_APART = re.compile(r"[,;\n|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read an address.

    ``read`` is the share of its letters that the parts hold; ``torn`` says that a word beside those of the street was
    left out, which may well belong to its name.
    """

    street: str
    house_number: str
    postal_code: str
    city: str
    read: float = 1.0
    torn: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    segment: int
    raw: str


Span = tuple[int, int]
_NO_SPAN: Span = (0, 0)


def readings(index: AddressIndex, question: Question) -> Iterator[Reading]:
    """Yield the ways to read a question, each once; parts that are given are taken as they are."""
    text = question.text or question.street
    given = question.house_number.strip()
    if question.street and (given or not any(c.isdigit() for c in question.street)) and not question.text:
        yield Reading(
            street=question.street,
            house_number=given,
            postal_code=question.postal_code,
            city=question.city,
        )
        return
    if question.text and question.street:
        text = f"{question.street}, {question.text}"
    words = _words(text)
    seen: set[tuple[str, str, str, str]] = set()
    for reading in islice(_all(index, words, question), 4 * MOST_READINGS):
        key = (reading.street, reading.house_number, reading.postal_code, reading.city)
        if key not in seen:
            seen.add(key)
            yield reading
        if len(seen) >= MOST_READINGS:
            return


def _words(text: str) -> list[_Word]:
    """Return the words of a text with the part between commas that they stand in; 12 a, 12-14 and 12/3 are one word."""
    parts = enumerate(_APART.split(text))
    return [_Word(folded(raw), segment, raw) for segment, part in parts for raw in _tokens(part) if folded(raw)]


def _tokens(part: str) -> Iterator[str]:
    """Yield the words of a part; digits joined by signs stay together, ideographs and digits come apart."""
    spaced = re.sub(r"(?<=[\u3040-\u30ff\u3400-\u9fff])(?=\d)|(?<=\d)(?=[\u3040-\u30ff\u3400-\u9fff])", " ", part)
    for token in spaced.split():
        if any(c.isdigit() for c in token):
            yield token.strip(".()#")
        else:
            yield from folded(token).split()


def _all(index: AddressIndex, words: list[_Word], question: Question) -> Iterator[Reading]:
    codes = [_NO_SPAN] if question.postal_code else [*_codes(index, words), _NO_SPAN]
    towns = [_NO_SPAN] if question.city else [*_towns(index, words), _NO_SPAN]
    numbers = [_NO_SPAN] if question.house_number else [*_numbers(words), _NO_SPAN]
    for code, town, number in product(codes, towns, numbers):
        guessed = code != _NO_SPAN and postal(_joined(words, code)) not in index.postal_row
        if guessed and number == _NO_SPAN and not question.house_number:
            continue  # a number that is no code of the map is rather the house's
        if _overlap(code, town) or _overlap(code, number) or _overlap(town, number):
            continue
        taken = {place for first, end in (code, town, number) for place in range(first, end)}
        left = [place for place in range(len(words)) if place not in taken]
        for kept in _streets(words, left):
            digits = any(_has_digit(words[place]) for place in left if place not in kept)
            if digits and number == _NO_SPAN and not question.house_number:
                continue  # the only number is not left out
            total = sum(map(_weight, words)) or 1
            dropped = sum(_weight(words[place]) for place in left if place not in kept)
            yield Reading(
                street=" ".join(words[place].raw for place in kept),
                house_number=question.house_number or _joined(words, number),
                postal_code=question.postal_code or _joined(words, code),
                city=question.city or _joined(words, town),
                read=1.0 - dropped / total,
                torn=any(
                    abs(place - other) == 1 and words[place].segment == words[other].segment
                    for place in left
                    if place not in kept
                    for other in kept
                ),
            )


def _weight(word: _Word) -> int:
    """Return what it costs to leave a word out: its letters; numbers matter more."""
    return len(word.text) * (3 if _has_digit(word) else 1)


def _has_digit(word: _Word) -> bool:
    return any(letter.isdigit() for letter in word.text)


def _streets(words: list[_Word], left: list[int]) -> Iterator[list[int]]:
    """Yield what may be the street among the words that are left: all, those of one part, or all but some at an end."""
    yield left
    parts = {words[place].segment for place in left}
    if len(parts) > 1:
        for part in sorted(parts):
            yield [place for place in left if words[place].segment == part]
    for fewer in (1, 2):
        for kept in (left[:-fewer], left[fewer:]):
            if len({words[place].segment for place in kept}) == 1:
                yield kept


def _joined(words: list[_Word], span: Span) -> str:
    return " ".join(word.raw for word in words[span[0] : span[1]])


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _spans(words: list[_Word], longest: int) -> Iterator[Span]:
    """Yield the runs of words within one part, longer ones first."""
    for length in range(min(longest, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            if words[first].segment == words[first + length - 1].segment:
                yield first, first + length


def _codes(index: AddressIndex, words: list[_Word]) -> list[Span]:
    """Return what may be the postal code: those of the map, else what looks like one."""
    known = [span for span in _spans(words, 2) if postal(_joined(words, span)) in index.postal_row]
    if known:
        return known[:3]
    looks = [span for span in _spans(words, 1) if _CODE.fullmatch(words[span[0]].text) and len(words[span[0]].text) > 3]
    return looks[:2]


def _towns(index: AddressIndex, words: list[_Word]) -> list[Span]:
    """Return what may be the town: names of the map as they are written, else what is nearly one."""
    spans = [span for span in _spans(words, TOWN_WORDS) if not any(w.text.isdigit() for w in words[span[0] : span[1]])]
    known = [span for span in spans if index.towns.index.same(_joined(words, span))]
    if known:
        return known[:4]
    near = []
    for span in spans:
        name = _joined(words, span)
        found = index.towns.index.alike(name) if len(name) > 3 else ()
        if found and found[0].alike >= TOWN_ALIKE:
            near.append((-found[0].alike, span))
    return [span for _, span in sorted(near)[:2]]


def _numbers(words: list[_Word]) -> list[Span]:
    """Return what may be the house number: digits with a letter, a flat (5 b 12) or a bis behind them."""
    found = []
    for place, word in enumerate(words):
        if not _NUMBER.fullmatch(word.raw.casefold()):
            continue
        after = [other.text for other in words[place + 1 : place + 3] if other.segment == word.segment]
        letter = bool(after) and ((len(after[0]) == 1 and after[0].isalpha()) or after[0] in BEHIND_NUMBERS)
        if letter and len(after) == 2 and after[1].isdigit() and len(after[1]) < 4:
            found.append((place, place + 3))
        if letter:
            found.append((place, place + 2))
        found.append((place, place + 1))
    return found[:6]
