"""Large cities of the world to place a sample retailer in; approximate public facts written from memory."""

import csv
import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from doorstep.foundation import NotFoundError

_COUNTRY_WORDS = {"usa": "us", "united states": "us", "uk": "gb", "united kingdom": "gb", "england": "gb"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sea:
    """Water beyond ``shore_m`` metres from the centre in the direction ``bearing`` [degrees clockwise from north]."""

    bearing: float
    shore_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city and the people of its urban area."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    time_zone: str
    currency: str
    sea: Sea | None
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}, {self.country}"


@cache
def cities() -> tuple[City, ...]:
    """Return all cities of the package's table."""
    return tuple(_city(row) for row in _rows("cities.csv"))


@cache
def minor_per_us_cent(currency: str) -> float:
    """Return how many minor units of a currency are worth one US cent, roughly."""
    for row in _rows("currencies.csv"):
        if row["currency"] == currency:
            return float(row["minor_per_us_cent"])
    raise NotFoundError(f"currency {currency!r} is not in the package's table.")


def find_city(text: str) -> City:
    """Return the city that a person means by "Chicago", "paris, FR" or "SÃO PAULO"; the largest if several fit.

    Raises
    ------
    NotFoundError
        If no city of the table fits; the hint names the closest ones.
    """
    name, _, country = text.partition(",")
    wanted, land = _plain(name), _plain(country)
    land = _COUNTRY_WORDS.get(land, land)
    fitting = [c for c in cities() if wanted in _names(c) and land in ("", c.country.lower())]
    if fitting:
        return max(fitting, key=lambda c: c.population)
    raise NotFoundError(f"city {text!r} is not in the table of {len(cities())} large cities.", hint=_closest(wanted))


def _closest(wanted: str) -> str:
    by_name = {name: str(city) for city in cities() for name in _names(city)}
    near = difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.6)
    near += sorted(name for name in by_name if wanted and wanted in name and name not in near)
    named = list(dict.fromkeys(by_name[name] for name in near))[:5]
    return f"Maybe {' or '.join(named)}?" if named else "Maybe a larger city nearby, written like 'Chicago, US'?"


def _plain(text: str) -> str:
    """Return the words of a name without accents, case or punctuation."""
    bare = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "O")).casefold()
    words = re.sub(r"[^a-z0-9]+", " ", bare.encode("ascii", "ignore").decode()).split()
    return " ".join("saint" if word == "st" else word for word in words)


@cache
def _names(city: City) -> frozenset[str]:
    return frozenset(_plain(name) for name in (city.name, *city.also))


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("doorstep.simulation.sample").joinpath(name)
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _city(row: dict[str, str]) -> City:
    sea = None
    if row["sea_bearing"]:
        sea = Sea(bearing=float(row["sea_bearing"]), shore_m=1000 * float(row["shore_km"]))
    return City(
        name=row["city"],
        country=row["country"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]),
        time_zone=row["time_zone"],
        currency=row["currency"],
        sea=sea,
        also=tuple(filter(None, row["also"].split(";"))),
    )
