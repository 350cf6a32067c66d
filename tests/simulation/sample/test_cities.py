"""Cities are found by the names that people type."""

from zoneinfo import ZoneInfo

import pytest

from doorstep.foundation import NotFoundError
from doorstep.simulation.sample import cities, find_city
from doorstep.simulation.sample.cities import minor_per_us_cent


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Chicago, US", "Chicago, US"),
        ("chicago", "Chicago, US"),
        ("PARIS, fr", "Paris, FR"),
        ("São Paulo", "Sao Paulo, BR"),
        ("zürich", "Zurich, CH"),
        ("St Louis, USA", "St. Louis, US"),
        ("köln", "Cologne, DE"),
        ("København", "Copenhagen, DK"),
        (" new  york ", "New York, US"),
    ],
)
def test_a_city_is_found_whatever_its_case_accents_and_spaces(text: str, name: str) -> None:
    assert str(find_city(text)) == name


def test_an_unknown_city_names_the_closest_ones() -> None:
    with pytest.raises(NotFoundError) as caught:
        find_city("Chicgo")
    assert caught.value.hint == "Maybe Chicago, US?"


def test_a_city_in_the_wrong_country_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="Paris, US"):
        find_city("Paris, US")


def test_every_city_has_a_time_zone_a_currency_and_a_place_on_the_earth() -> None:
    for city in cities():
        ZoneInfo(city.time_zone)
        assert minor_per_us_cent(city.currency) > 0
        assert -60 < city.lat < 70
        assert -180 <= city.lon <= 180
        assert 100_000 < city.population < 40_000_000
    assert len(cities()) >= 120
    assert len({str(city) for city in cities()}) == len(cities())
