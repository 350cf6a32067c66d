"""Names as people write them, made comparable: case, accents, signs, short words, kinds of street."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from doorstep.geography.addresses.street_words import ALIKE, FILLING, SIDES, kind_of, split_ending

_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ħ": "h", "ə": "e"}
)
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼʹ", ""))
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640]")
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_BESIDE_DIGITS = re.compile(f"(?<=[{_IDEOGRAPHS}])(?=\\d)|(?<=\\d)(?=[{_IDEOGRAPHS}])")


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Return a text in small letters without accents and signs, words apart by single spaces.

    Accents go where a script treats them as marks on a letter (Latin, Greek, Cyrillic, Hebrew, Arabic); vowel signs of
    other scripts are letters and stay.
    """
    small = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES).translate(_LETTERS))
    bare = unicodedata.normalize("NFKC", _MARKS.sub("", small)).casefold()
    words = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in bare)
    return " ".join(_BESIDE_DIGITS.sub(" ", words).split())


@lru_cache(maxsize=16_384)
def spellings(text: str) -> tuple[str, ...]:
    """Return the folded ways to write a name: without its umlauts, and with them spelt out (ae, oe, ue)."""
    whole = unicodedata.normalize("NFC", text).casefold()
    return tuple(dict.fromkeys((folded(text), folded(whole.translate(_SPELT_OUT)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A folded name taken apart.

    Parameters
    ----------
    whole
        All letters and digits, without spaces.
    core
        Its own words, by which it is told from others.
    kinds, sides
        What its general words mean: street, road; north, upper.
    """

    whole: str
    core: tuple[str, ...]
    kinds: frozenset[str]
    sides: frozenset[str]

    @property
    def own(self) -> str:
        """Its own words without spaces."""
        return "".join(self.core)

    @property
    def key(self) -> str:
        """What all spellings of the same name share."""
        return " ".join((*self.core, "|", *sorted(self.sides), *sorted(self.kinds)))


@lru_cache(maxsize=65_536)
def wording(name: str) -> Wording:
    """Return a folded name taken apart; words that mean the kind of street are no part of its core, if any is left."""
    words = name.split()
    core: list[tuple[str, str]] = []  # each with the side that it means, if it does
    kinds: set[str] = set()
    for place, word in enumerate(words):
        first, last = place == 0, all(rest in SIDES for rest in words[place + 1 :])
        kind = kind_of(word, first=first, last=last) if len(words) > 1 else ""
        if kind:
            kinds.add(kind)
            continue
        word = ALIKE.get(word, word) if len(words) > 1 else word
        beginning, ending = split_ending(word)
        if ending:
            kinds.add(ending)
        core.append((beginning, SIDES.get(word, "")))
    sides = {side for _, side in core if side}
    own = [word for word, side in core if not side and word not in FILLING]
    if not own:  # West Street, The Avenue: the general words are the name
        own = [word for word, _ in core] or words
        sides = set()
        kinds = kinds if core else set()
    return Wording(whole="".join(words), core=tuple(own), kinds=frozenset(kinds), sides=frozenset(sides))


def postal(text: str) -> str:
    """Return a postal code without spaces and signs, in small letters."""
    return folded(text).replace(" ", "")
