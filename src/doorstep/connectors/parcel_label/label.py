"""What a parcel's label tells whoever has no network, in GS1's words.

References
----------
GS1 General Specifications: SSCC (AI 00), Scan4Transport (AI 43nn). GS1 Digital Link: URI syntax.
"""

import re
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from doorstep.domain.sscc import is_sscc
from doorstep.foundation import InputError

SEPARATOR = "\x1d"
"""How scanners send FNC1: it ends every element whose length is not known beforehand."""
WITHIN_SET_82 = "!\"&'()*,./:;<=>?-"
"""Characters beside letters and digits that GS1 writes as they are; others are percent-encoded, a space is a plus."""
SYMBOLOGY = re.compile(r"^\][A-Za-z]\d")
_TEXTS = {"to_company": ("4300", 35), "to_name": ("4301", 35), "to_line_1": ("4302", 70), "to_line_2": ("4303", 70),
          "to_suburb": ("4304", 70), "to_town": ("4305", 70), "to_region": ("4306", 70)}  # fmt: skip
_PLAIN = {
    "to_postal_code": ("420", 20),
    "to_country": ("4307", 2),
    "to_phone": ("4308", 30),
    "not_before": ("4324", 10),
}
_FLAGS = {"is_dangerous": "4321", "may_be_left": "4322", "needs_signature": "4323"}
_GEO = "4309"
_KNOWN_LENGTH = {
    "00": 18, "01": 14, "02": 14, "03": 14, "04": 16, "20": 2, "41": 14,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 8),
}  # fmt: skip
"""Digits after the first two of elements that end without a separator."""
_STEPS_A_DEGREE, _DEGREES_AROUND, _HALF = 10_000_000, 360, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLabel:
    """What the code on a parcel says: which one it is, and where and how it is to be delivered; empty: not said.

    Parameters
    ----------
    sscc
        Serial shipping container code, 18 digits with the check digit.
    lat, lon
        WGS 84 degrees, kept to seven decimals.
    not_before
        Local time at the door before which it must not come, YYMMDDhhmm.
    """

    sscc: str
    to_company: str = ""
    to_name: str = ""
    to_line_1: str = ""
    to_line_2: str = ""
    to_suburb: str = ""
    to_town: str = ""
    to_region: str = ""
    to_postal_code: str = ""
    to_country: str = ""
    to_phone: str = ""
    lat: float | None = None
    lon: float | None = None
    is_dangerous: bool = False
    may_be_left: bool = False
    needs_signature: bool = False
    not_before: str = ""

    def elements(self) -> dict[str, str]:
        """Return the values by their application identifier, the SSCC first."""
        found = {"00": self.sscc}
        for name, (ai, most) in _TEXTS.items():
            found[ai] = _encoded(getattr(self, name), most)
        for name, (ai, most) in _PLAIN.items():
            found[ai] = getattr(self, name)[:most]
        if self.lat is not None and self.lon is not None:
            found[_GEO] = geo_digits(lat=self.lat, lon=self.lon)
        for name, ai in _FLAGS.items():
            found[ai] = "1" if getattr(self, name) else "0"
        return {ai: value for ai, value in found.items() if value}

    def element_string(self) -> str:
        """Return the label as a scanner sends a GS1 DataMatrix or GS1 QR code, without the symbology identifier."""
        parts = [ai + value for ai, value in self.elements().items()]
        return parts[0] + SEPARATOR.join(parts[1:])  # the SSCC has a known length

    def digital_link(self, host: str = "https://id.gs1.org") -> str:
        """Return the label as a GS1 Digital Link, which every phone can read and nobody has to open."""
        told = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in self.elements().items() if ai != "00")
        return f"{host}/00/{self.sscc}?{told}"


def geo_digits(*, lat: float, lon: float) -> str:
    """Return a place as AI 4309 has it: latitude from the south pole, longitude eastward, ten-millionths of degrees."""
    north = round((lat + _HALF) * _STEPS_A_DEGREE)
    east = round(lon * _STEPS_A_DEGREE) % (_DEGREES_AROUND * _STEPS_A_DEGREE)
    return f"{north:010d}{east:010d}"


def read_label(text: str) -> ParcelLabel:
    """Return what the code on a parcel says, from what a scanner sends: an element string or a Digital Link.

    Elements that say nothing about where a parcel goes are passed over, whoever made the label.

    Raises
    ------
    InputError
        If it is neither, or has no SSCC, or one with a wrong check digit.
    """
    text = SYMBOLOGY.sub("", text.strip(" \r\n"))
    told = _of_link(text) if text.lower().startswith(("http://", "https://")) else _of_elements(text)
    sscc = told.get("00", "")
    if not is_sscc(sscc):
        raise InputError(f"label {text[:40]!r} has no SSCC with a right check digit, but {sscc!r}.")
    found: dict[str, str] = {name: unquote_plus(told.get(ai, "")) for name, (ai, _) in _TEXTS.items()}
    found |= {name: told.get(ai, "") for name, (ai, _) in _PLAIN.items()}
    flags = {name: told.get(ai) == "1" for name, ai in _FLAGS.items()}
    lat, lon = _place(told.get(_GEO, ""))
    return ParcelLabel(sscc=sscc, lat=lat, lon=lon, **found, **flags)  # type: ignore[arg-type]


def words_on(label: ParcelLabel) -> list[str]:
    """Return the lines that people read on a label; the place in digits is for machines."""
    town = " ".join(part for part in (label.to_town, label.to_region, label.to_postal_code, label.to_country) if part)
    texts = (getattr(label, field.name) for field in fields(label) if field.name in _TEXTS)
    first = [text for text in texts if text and text not in (label.to_town, label.to_region)]
    marks = [("dangerous goods", label.is_dangerous), ("may be left at the door", label.may_be_left),
             ("signature", label.needs_signature)]  # fmt: skip
    said = [f"not before {label.not_before}"] if label.not_before else []
    said += [word for word, holds in marks if holds]
    return [*first, *filter(None, (town, label.to_phone, ", ".join(said))), f"(00) {label.sscc}"]


def _encoded(text: str, most: int) -> str:
    """Return a text in the characters that GS1 allows, cut to what an element holds."""
    while len(coded := quote_plus(text, safe=WITHIN_SET_82)) > most:
        text = text[:-1]
    return coded


def _of_elements(text: str) -> dict[str, str]:
    told: dict[str, str] = {}
    rest = text.lstrip(SEPARATOR)
    while rest:
        length = _KNOWN_LENGTH.get(rest[:2])
        if length is not None:
            element, rest = rest[: 2 + length], rest[2 + length :].lstrip(SEPARATOR)
        else:
            element, _, rest = rest.partition(SEPARATOR)
        digits = 2 if length is not None else 3 if element.startswith("42") else 4
        told.setdefault(element[:digits], element[digits:])
    return told


def _of_link(text: str) -> dict[str, str]:
    parts = urlsplit(text)
    steps = parts.path.split("/")
    told = {ai: value.replace(" ", "+") for ai, value in parse_qsl(parts.query, keep_blank_values=True)}
    return told | {"00": steps[steps.index("00") + 1] if "00" in steps[:-1] else ""}


def _place(digits: str) -> tuple[float | None, float | None]:
    if not re.fullmatch(r"[0-9]{20}", digits):
        return None, None
    north, east = int(digits[:10]), int(digits[10:])
    half_around = _DEGREES_AROUND * _STEPS_A_DEGREE // 2
    lon = east - 2 * half_around if east > half_around else east
    return (north - _HALF * _STEPS_A_DEGREE) / _STEPS_A_DEGREE, lon / _STEPS_A_DEGREE
