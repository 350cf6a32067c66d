"""Finding an address: every street that is alike is weighed with all else that is known; near ties make doubt."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from doorstep.foundation.arrays import Ints
from doorstep.geography.addresses.answer import NOTHING, Answer, Candidate, Doubt, Precision, Question
from doorstep.geography.addresses.index import AddressIndex
from doorstep.geography.addresses.names import Likeness, slips
from doorstep.geography.addresses.numbers import Number, numbers_of, without_flat
from doorstep.geography.addresses.reading import Reading, readings
from doorstep.geography.addresses.wording import postal
from doorstep.geography.distance import haversine_m

SURE = 0.8
"""Least likeness of names for an answer to the house: one slip in five letters."""

PERFECT = 0.999
"""A reading that agrees in everything: no other is looked for."""

RIVAL = 0.93
"""A street of the same name this near in score is a rival, and so is one as much alike within ``CLOSE``."""
CLOSE = 0.08
APART_M, FAR_APART_M = 60, 120
"""Two places of one number so far apart are told as a doubt, and farther as the street."""

SHOWN = 5
MOST_STREETS = 200

SAME, ABOUT, UNKNOWN, NEARLY, NEIGHBOUR, OTHER = 1.0, 0.98, 0.97, 0.88, 0.75, 0.6
"""What a postal code or town is worth: the map's; the neighbours'; not known; one slip away; another by the neighbours;
another."""

MAPPED, BETWEEN, BEYOND, NOWHERE = 1.0, 0.95, 0.9, 0.8
"""What a house number is worth: on the map; between its neighbours; beyond the last house; far from any."""

BESIDE = 4
"""Numbers beyond the last house of a street that are still placed by it."""
GAP_M = 400
"""Two houses farther apart say little about a number between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spot:
    """A house, or a place between houses, or a street (house -1), and what the codes and towns there are worth."""

    street: int
    name: int
    alike: float
    precision: Precision
    lat: float
    lon: float
    house: int
    place: int
    code: float
    town: float
    number: float = MAPPED
    spread_m: float = 0.0

    @property
    def worth(self) -> float:
        return self.alike * self.code * self.town * self.number


def find(index: AddressIndex, question: Question) -> Answer:
    """Return where an address is, as far as the map tells, and how sure that is."""
    best: tuple[float, list[_Spot], Reading] | None = None
    fallback = NOTHING
    for reading in readings(index, question):
        spots = _Weighing(index, reading).spots() if reading.street else []
        if spots:
            worth = spots[0].worth * (0.5 + 0.5 * reading.read)
            if best is None or worth > best[0] + 1e-9:
                best = (worth, spots, reading)
            if worth > PERFECT:
                break
        else:
            fallback = max(fallback, _area(index, reading), key=lambda answer: answer.score)
    if best is None:
        return fallback
    return _answer(index, best[1], best[2])


class _Weighing:
    """One reading of an address, weighed against the streets of the index."""

    def __init__(self, index: AddressIndex, reading: Reading) -> None:
        self.index = index
        self.reading = reading
        self.code = postal(reading.postal_code)
        self.numbers = numbers_of(reading.house_number)
        self.towns = {like.name: like.alike for like in index.towns.index.alike(reading.city)} if reading.city else {}
        meant = [name for name, alike in self.towns.items() if alike >= 0.75]
        self.settled: list[int] = np.flatnonzero(np.isin(index.towns.name, meant)).tolist() if meant else []

    def spots(self) -> list[_Spot]:
        """Return the spots on streets that are alike, the one worth most first."""
        alike: dict[int, Likeness] = {}
        for like in self.index.names.alike(self.reading.street):  # the most alike first
            for street in self._nearest_first(self.index.streets_named(like.name)):
                alike.setdefault(street, like)
        found = [self._spot(street, like) for street, like in alike.items()]
        return sorted(found, key=lambda spot: (-spot.worth, spot.street))

    def _nearest_first(self, streets: Ints) -> list[int]:
        """Return streets of one name, those with the postal code or town asked for first, as many as are weighed."""
        if len(streets) > MOST_STREETS:
            at = len(self.index.tables.house) + streets
            worth = [self._code_worth(int(p)) * self._town_worth(int(p)) for p in at]
            streets = streets[np.argsort(-np.array(worth), kind="stable")[:MOST_STREETS]]
        kept: list[int] = streets.tolist()
        return kept

    def _spot(self, street: int, like: Likeness) -> _Spot:
        options = [self._numbered(street, like, number) for number in self.numbers]
        found = [option for option in options if option is not None]
        if found:
            return max(found, key=lambda spot: spot.worth)
        place = len(self.index.tables.house) + street
        return _Spot(
            street=street,
            name=like.name,
            alike=like.alike,
            precision=Precision.STREET,
            lat=float(self.index.street_place.lat[street]),
            lon=float(self.index.street_place.lon[street]),
            house=-1,
            place=place,
            code=self._street_worth(street, self._code_worth),
            town=self._street_worth(street, self._town_worth),
            number=NOWHERE if self.reading.house_number else MAPPED,
        )

    def _street_worth(self, street: int, worth: Callable[[int], float]) -> float:
        """Return the most that a postal code or town is worth along a street."""
        houses = self.index.houses
        rows = houses.house[houses.starts[street] : houses.starts[street + 1]]
        places = {len(self.index.tables.house) + street, *rows.tolist()[:: max(1, len(rows) // 50)]}
        return max(worth(place) for place in places)

    def _numbered(self, street: int, like: Likeness, number: Number) -> _Spot | None:
        """Return the place of a number in a street: its house, else by its neighbours, else none."""
        houses = self.index.houses
        first, end = houses.starts[street], houses.starts[street + 1]
        digits = houses.digits[first:end]
        same = np.arange(np.searchsorted(digits, number.digits), np.searchsorted(digits, number.digits, side="right"))
        if same.size:
            return self._house(street, like, number, (first + same).tolist())
        return self._between(street, like, number.digits, int(first), int(end))

    def _house(self, street: int, like: Likeness, number: Number, rows: list[int]) -> _Spot:
        houses, tables = self.index.houses, self.index.tables
        wanted = (number.rest, *without_flat(number.rest))
        held = {houses.rests[houses.rest[row]] for row in rows}
        rest = next((text for text in wanted if text in held), None)
        kept = [row for row in rows if rest is None or houses.rests[houses.rest[row]] == rest]
        span = {int(houses.house[row]): int(houses.span[row]) for row in kept}
        worth = {house: self._code_worth(house) * self._town_worth(house) for house in span}
        at = sorted(span, key=lambda house: (-worth[house], bool(tables.between[house]), span[house], house))
        best = at[0]
        lat, lon = float(tables.house.lat[best]), float(tables.house.lon[best])
        equal = [house for house in at if worth[house] >= worth[best] - 0.05]
        spread_m = max(
            haversine_m(lat, lon, float(tables.house.lat[house]), float(tables.house.lon[house])) for house in equal
        )
        mapped = rest is not None and not tables.between[best]
        return _Spot(
            street=street,
            name=like.name,
            alike=like.alike,
            precision=Precision.HOUSE if mapped else Precision.INTERPOLATED,
            lat=lat,
            lon=lon,
            house=best,
            place=best,
            code=self._code_worth(best),
            town=self._town_worth(best),
            number=MAPPED if mapped else BETWEEN,
            spread_m=spread_m,
        )

    def _between(self, street: int, like: Likeness, digits: int, first: int, end: int) -> _Spot | None:
        """Return a place between the neighbours of a number: those on its side of the street, else any."""
        numbers, tables = self.index.houses.digits[first:end], self.index.tables
        for rows in (np.flatnonzero(numbers % 2 == digits % 2), np.arange(numbers.size)):
            at = int(np.searchsorted(numbers[rows], digits))
            ends = [int(self.index.houses.house[first + rows[k]]) for k in (at - 1, at) if 0 <= k < rows.size]
            known = [int(numbers[rows[k]]) for k in (at - 1, at) if 0 <= k < rows.size]
            if not ends:
                continue
            lats, lons = tables.house.lat[ends], tables.house.lon[ends]
            gaps = [abs(number - digits) for number in known]
            if len(ends) == 2 and haversine_m(lats[0], lons[0], lats[1], lons[1]) <= GAP_M:
                share = gaps[0] / (gaps[0] + gaps[1])
                lat, lon = lats[0] + share * (lats[1] - lats[0]), lons[0] + share * (lons[1] - lons[0])
                worth = BETWEEN
            elif min(gaps) <= BESIDE:
                lat, lon = lats[int(np.argmin(gaps))], lons[int(np.argmin(gaps))]
                worth = BEYOND
            else:
                continue
            near = ends[int(np.argmin(gaps))]
            return _Spot(
                street=street,
                name=like.name,
                alike=like.alike,
                precision=Precision.INTERPOLATED,
                lat=float(lat),
                lon=float(lon),
                house=near,
                place=near,
                code=self._code_worth(near),
                town=self._town_worth(near),
                number=worth,
            )
        return None

    def _code_worth(self, place: int) -> float:
        """Return what the postal code of a place is worth."""
        if not self.code:
            return SAME
        codes = self.index.postal_codes
        row = int(codes.row[place])
        if row < 0:
            return UNKNOWN
        worth = code_likeness(self.code, codes.texts[row])
        if not codes.own[place]:
            return {SAME: ABOUT, OTHER: NEIGHBOUR}.get(worth, worth)
        return worth

    def _town_worth(self, place: int) -> float:
        """Return what the town of a place is worth."""
        if not self.reading.city:
            return SAME
        cities = self.index.cities
        row = int(cities.row[place])
        alike = self.towns.get(row, 0.0) if row >= 0 else 0.0
        if alike >= 0.75:
            return SAME if alike > 0.95 and cities.own[place] else ABOUT
        if self._within_a_town(place):
            return ABOUT
        return UNKNOWN if row < 0 else OTHER if cities.own[place] else NEIGHBOUR

    def _within_a_town(self, place: int) -> bool:
        towns, tables = self.index.towns, self.index.tables
        houses = len(tables.house)
        where = (tables.house, place) if place < houses else (self.index.street_place, place - houses)
        lat, lon = float(where[0].lat[where[1]]), float(where[0].lon[where[1]])
        return any(
            haversine_m(lat, lon, float(towns.place.lat[k]), float(towns.place.lon[k])) <= towns.reach_m[k]
            for k in self.settled
        )


@lru_cache(maxsize=65_536)
def code_likeness(asked: str, known: str) -> float:
    """Return what a postal code is worth beside another: the same, the beginning of it, one slip away, or another."""
    if asked == known:
        return SAME
    if min(len(asked), len(known)) >= 3 and (known.startswith(asked) or asked.startswith(known)):
        return ABOUT
    letters = str.maketrans("0123456789", "abcdefghij")  # a wrong digit is one slip here
    return NEARLY if slips(asked.translate(letters), known.translate(letters)) <= 1 else OTHER


def _answer(index: AddressIndex, spots: list[_Spot], reading: Reading) -> Answer:
    """Return the best spot with what speaks against it; what is in doubt is never told as the house."""
    best = spots[0]
    rivals = [spot for spot in spots[1:] if _rivals(best, spot)]
    doubts: list[Doubt] = []
    if rivals:
        doubts.append(Doubt.ALIKE)
    if best.alike < SURE or (best.alike < 1 and min(best.code, best.town) < UNKNOWN):
        doubts.append(Doubt.SPELLING)
    if best.alike < 1 and any(spot.alike == 1 for spot in spots):
        doubts.append(Doubt.OTHER_NAME)
    if best.code <= NEIGHBOUR:
        doubts.append(Doubt.POSTAL_CODE)
    if best.town <= NEIGHBOUR:
        doubts.append(Doubt.CITY)
    grave = bool(doubts) and not (doubts in ([Doubt.POSTAL_CODE], [Doubt.CITY]) and _vouched(best, reading))
    grave = grave or best.spread_m > FAR_APART_M
    if best.spread_m > APART_M:
        doubts.append(Doubt.NUMBER_TWICE)
    if best.precision is not Precision.HOUSE and reading.house_number:
        doubts.append(Doubt.NO_NUMBER if best.precision is Precision.STREET else Doubt.NUMBER)
    if reading.read < 1:
        doubts.append(Doubt.UNREAD)
        grave = grave or reading.torn or not _vouched(best, reading)  # they may name another town
    told = _candidate(index, best)
    tied = max((rival.worth for rival in rivals), default=0.0)
    score = best.worth * (0.5 + 0.5 * reading.read) * (1.0 - 0.5 * tied / best.worth if rivals else 1.0)
    return Answer(
        precision=Precision.STREET if grave else told.precision,
        score=round(score, 3),
        lat=told.lat,
        lon=told.lon,
        street=told.street,
        house_number=told.house_number,
        postal_code=told.postal_code,
        city=told.city,
        doubts=tuple(doubts),
        candidates=tuple(_candidate(index, spot) for spot in rivals[:SHOWN]),
    )


def _vouched(best: _Spot, reading: Reading) -> bool:
    """Return whether one of postal code and town is right where the other is not."""
    return bool(reading.postal_code and best.code >= ABOUT) or bool(reading.city and best.town >= ABOUT)


def _rivals(best: _Spot, other: _Spot) -> bool:
    if haversine_m(best.lat, best.lon, other.lat, other.lon) <= APART_M:
        return False
    if best.alike == 1:
        return other.alike == 1 and other.worth >= RIVAL * best.worth
    return other.worth >= best.worth - CLOSE


def _candidate(index: AddressIndex, spot: _Spot) -> Candidate:
    tables = index.tables
    number = tables.texts[tables.house_number[spot.house]] if spot.house >= 0 else ""
    code, city = int(index.postal_codes.row[spot.place]), int(index.cities.row[spot.place])
    return Candidate(
        score=round(spot.worth, 3),
        precision=spot.precision,
        lat=spot.lat,
        lon=spot.lon,
        street=index.streets.names[spot.name],
        house_number=number if spot.precision is Precision.HOUSE else "",
        postal_code=index.postal_codes.shown[code] if code >= 0 else "",
        city=index.cities.shown[city] if city >= 0 else "",
    )


def _area(index: AddressIndex, reading: Reading) -> Answer:
    """Return the middle of the postal code, else of the town, where no street is like the one asked for."""
    doubts = (Doubt.NO_STREET,) if reading.street else ()
    row = index.postal_row.get(postal(reading.postal_code), -1)
    if row in index.postal_places:
        lat, lon = index.postal_places[row]
        score = 0.5 * reading.read
        code = reading.postal_code
        return Answer(precision=Precision.POSTAL_CODE, score=score, lat=lat, lon=lon, postal_code=code, doubts=doubts)
    likes = index.towns.index.alike(reading.city) if reading.city else ()
    for like in likes:
        if like.alike < SURE:
            break
        at = np.flatnonzero(index.towns.name == like.name)
        houses = np.flatnonzero(index.cities.row[: len(index.tables.house)] == like.name)
        where = (index.towns.place, at[:1]) if at.size else (index.tables.house, houses)
        if where[1].size:
            lat, lon = float(where[0].lat[where[1]].mean()), float(where[0].lon[where[1]].mean())
            score = round(0.3 * like.alike * reading.read, 3)
            name = index.towns.index.names[like.name]
            return Answer(precision=Precision.CITY, score=score, lat=lat, lon=lon, city=name, doubts=doubts)
    return NOTHING
