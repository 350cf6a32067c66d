"""What is asked about an address, and what the index answers."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    """How near an answer is to the door, best first."""

    HOUSE = "house"
    INTERPOLATED = "interpolated"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    NONE = "none"


class Doubt(StrEnum):
    """Why an answer should be looked at."""

    ALIKE = "several streets fit as well"
    SPELLING = "the street is written quite differently on the map"
    OTHER_NAME = "a street of exactly this name lies elsewhere"
    POSTAL_CODE = "the postal code on the map is another"
    CITY = "the town on the map is another"
    NUMBER = "the house number is not on the map: placed by its neighbours"
    NO_NUMBER = "the house number is not on the map, nor are its neighbours"
    NUMBER_TWICE = "the house number stands at several places of the street"
    UNREAD = "some words were not understood"
    NO_STREET = "no such street on the map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An address: its parts, or all of it in ``text`` in any order, or some of both; empty where unknown.

    ``street`` may hold the house number too.
    """

    text: str = ""
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A place that an address may mean, with what the map says there."""

    score: float
    precision: Precision
    lat: float
    lon: float
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where an address is.

    Parameters
    ----------
    precision
        What is certain of it: ``house`` only where street and number are beyond doubt.
    score
        0 to 1: how well what was asked agrees with the map.
    lat, lon
        The place; not a number where nothing was found.
    street, house_number, postal_code, city
        What was matched, as the map writes it.
    doubts
        Why it should be looked at; empty where nothing speaks against it.
    candidates
        Other places that fit about as well.
    """

    precision: Precision
    score: float
    lat: float = math.nan
    lon: float = math.nan
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""
    doubts: tuple[Doubt, ...] = ()
    candidates: tuple[Candidate, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether it is the very house and nothing speaks against it."""
        return self.precision is Precision.HOUSE and not self.doubts


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """What is nearest to a point: a house, and a street, each with its distance [m]; infinity where the map has none.

    ``street``, ``house_number``, ``postal_code`` and ``city`` are the house's; ``street_alone`` is the nearest line or
    house of any street.
    """

    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""
    house_m: float = math.inf
    street_alone: str = ""
    street_m: float = math.inf


NOTHING = Answer(precision=Precision.NONE, score=0.0, doubts=(Doubt.NO_STREET,))
