"""The slips that people make when they write an address, each with the dice that it is given."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

SHORT = {
    "street": "St.", "road": "Rd", "avenue": "Ave", "lane": "Ln", "drive": "Dr.", "square": "Sq", "court": "Ct",
    "boulevard": "Blvd", "place": "Pl", "terrace": "Terr", "saint": "St", "north": "N", "south": "S", "east": "E.",
    "west": "W", "avenida": "Av.", "avinguda": "Av.", "rua": "R.", "carrer": "C.", "plaça": "Pl.", "sankt": "St.",
    "carretera": "Ctra.", "passage": "Pass.", "chemin": "Ch.", "route": "Rte", "upper": "Upr",
}  # fmt: skip
SHORT_ENDINGS = {"straße": "str.", "strasse": "str.", "platz": "pl."}


@dataclass(frozen=True)
class Written:
    """An address as somebody writes it; ``text`` instead of the parts where it is one line."""

    street: str
    house_number: str
    postal_code: str
    city: str
    text: str = ""

    def in_one_line(self, *, turned: bool = False) -> "Written":
        """Return it as one line: street and number, code and town; or turned, the town first, the number before."""
        door = f"{self.house_number} {self.street}" if turned else f"{self.street} {self.house_number}"
        town = f"{self.postal_code} {self.city}".strip()
        parts = [town, door] if turned else [door, town]
        joined = (" " if turned else ", ").join(part for part in parts if part)
        return Written(street="", house_number="", postal_code="", city="", text=joined)


Slip = Callable[[Written, np.random.Generator], Written]


def _letter(rng: np.random.Generator, text: str, least: int = 1) -> int:
    """Return the place of a letter that is not the first, or -1 if the text is too short for a slip."""
    places = [k for k in range(least, len(text)) if text[k].isalpha()]
    return int(rng.choice(places)) if len(places) >= 3 else -1


def _in_street(change: Callable[[str, int, np.random.Generator], str]) -> Slip:
    def slip(address: Written, rng: np.random.Generator) -> Written:
        at = _letter(rng, address.street)
        return address if at < 0 else replace(address, street=change(address.street, at, rng))

    return slip


def _swapped(text: str, at: int, _: np.random.Generator) -> str:
    at = min(at, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _wrong(text: str, at: int, rng: np.random.Generator) -> str:
    others = "abcdefghijklmnopqrstuvwxyz".replace(text[at].lower(), "")
    return text[:at] + str(rng.choice(list(others))) + text[at + 1 :]


def _shortened(address: Written, _: np.random.Generator) -> Written:
    words = [SHORT.get(word.lower(), word) for word in address.street.split()]
    for k, word in enumerate(words):
        for long, short in SHORT_ENDINGS.items():
            if word.lower().endswith(long):
                words[k] = word[: -len(long)] + (short if len(word) > len(long) else short.capitalize())
    return replace(address, street=" ".join(words))


def shortened(street: str) -> str:
    """Return a name with its general words shortened."""
    return _shortened(Written(street, "", "", ""), np.random.default_rng(0)).street


def without_accents(text: str) -> str:
    """Return a text in plain letters."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def _plain(address: Written, _: np.random.Generator) -> Written:
    return replace(address, street=without_accents(address.street), city=without_accents(address.city))


def _spelt_out(address: Written, _: np.random.Generator) -> Written:
    longer = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
    return replace(address, street=address.street.translate(longer), city=address.city.translate(longer))


_dropped = _in_street(lambda text, at, _: text[:at] + text[at + 1 :])
_mistyped = _in_street(_wrong)

SLIPS: dict[str, Slip] = {
    "none": lambda address, _: address,
    "letter dropped": _dropped,
    "letter doubled": _in_street(lambda text, at, _: text[:at] + text[at] + text[at:]),
    "letters swapped": _in_street(_swapped),
    "letter wrong": _mistyped,
    "shortened": _shortened,
    "capitals": lambda address, _: replace(address, street=address.street.upper(), city=address.city.upper()),
    "small letters": lambda address, _: replace(address, street=address.street.lower(), city=address.city.lower()),
    "no accents": _plain,
    "accents spelt out": _spelt_out,
    "order turned": lambda address, _: address.in_one_line(turned=True),
    "no postal code": lambda address, _: replace(address, postal_code=""),
    "no town": lambda address, _: replace(address, city=""),
    "street and number alone": lambda address, _: replace(address, postal_code="", city=""),
    "two slips": lambda address, rng: _plain(_mistyped(replace(address, postal_code=""), rng), rng),
}
