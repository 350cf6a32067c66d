"""Addresses found as people write them, and doubts told as doubts."""

import math

import pytest

from doorstep.geography.addresses import AddressIndex, Answer, Doubt, Precision, Question, find
from tests.geography.addresses.towns import index_of, street

FORMS = [
    "Sendlinger Straße 5, 80331 München",
    "sendlinger strasse 5, 80331 munchen",
    "SENDLINGER STR. 5 80331 MUENCHEN",
    "80331 München Sendlinger Str. 5",
    "5 Sendlinger Strasse München",
    "Sendlingerstraße 5",
    "München, Sendlinger Straße 5",
    "Sendlinger Straße 5",
    "Sendlinger Strasse 5 80331 Germany",
]
SLIPS = ["Sedlinger Straße", "Senddlinger Straße", "Sednlinger Straße", "Sendlimger Straße", "Sendlinger Starße"]


@pytest.fixture(scope="module")
def munich() -> AddressIndex:
    return index_of(
        *street("Sendlinger Straße", 1, 3, 5, 7, lat=48.135, code="80331", city="München"),
        *street("Marienplatz", 1, 8, "11a", lat=48.137, code="80331", city="München"),
        *street("Bergstraße", 5, lat=48.11, code="81539", city="München"),
    )


def house(answer: Answer) -> tuple[str, str, Precision]:
    return answer.street, answer.house_number, answer.precision


@pytest.mark.parametrize("text", FORMS)
def test_an_address_is_found_in_any_order_and_spelling(munich: AddressIndex, text: str) -> None:
    answer = find(munich, Question(text=text))
    assert house(answer) == ("Sendlinger Straße", "5", Precision.HOUSE)
    assert [answer.lat, answer.lon] == pytest.approx([48.13536, 10.0])


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_of_a_letter_is_forgiven_and_lowers_the_score(munich: AddressIndex, name: str) -> None:
    answer = find(munich, Question(street=name, house_number="5", postal_code="80331"))
    assert house(answer) == ("Sendlinger Straße", "5", Precision.HOUSE)
    assert 0.8 < answer.score < 1


def test_an_address_as_the_map_writes_it_is_exact(munich: AddressIndex) -> None:
    answer = find(munich, Question(street="Marienplatz", house_number="8", postal_code="80331", city="München"))
    assert answer.exact
    assert answer.score == 1
    assert (answer.postal_code, answer.city, answer.doubts) == ("80331", "München", ())


def test_a_number_that_is_not_on_the_map_lies_between_its_neighbours() -> None:
    index = index_of(*street("Elm Street", 1, 9, lat=50.0), *street("Elm Street", 2, 10, lat=50.0, lon=10.001))
    answer = find(index, Question(street="Elm St", house_number="5"))
    assert answer.precision is Precision.INTERPOLATED
    assert answer.doubts == (Doubt.NUMBER,)
    assert [answer.lat, answer.lon] == pytest.approx([50.00009, 10.0])


def test_a_number_beyond_the_last_house_is_placed_at_it_only_if_it_is_near() -> None:
    index = index_of(*street("Elm Street", 1, 3, lat=50.0))
    near, far = (find(index, Question(street="Elm Street", house_number=n)) for n in ("5", "99"))
    assert near.precision is Precision.INTERPOLATED
    assert (far.precision, far.doubts) == (Precision.STREET, (Doubt.NO_NUMBER,))


def test_a_letter_behind_the_number_that_the_map_lacks_is_beside_its_house(munich: AddressIndex) -> None:
    assert find(munich, Question(street="Marienplatz", house_number="11 A")).precision is Precision.HOUSE
    assert find(munich, Question(street="Marienplatz", house_number="8c")).precision is Precision.INTERPOLATED


@pytest.mark.parametrize("number", ["8/3", "8 b 12", "No. 8"])
def test_a_flat_is_in_its_house(munich: AddressIndex, number: str) -> None:
    assert house(find(munich, Question(street="Marienplatz", house_number=number))) == (
        "Marienplatz",
        "8",
        Precision.HOUSE,
    )


def test_a_house_of_several_numbers_is_found_by_each() -> None:
    index = index_of(
        ("Clerkenwell Road", "45-49", "", "", 51.5, -0.1), ("Clerkenwell Road", "2;4", "", "", 51.51, -0.1)
    )
    for number, lat in (("45", 51.5), ("47", 51.5), ("49", 51.5), ("2", 51.51), ("4", 51.51), ("45-49", 51.5)):
        answer = find(index, Question(street="Clerkenwell Rd", house_number=number))
        assert (answer.precision, answer.lat) == (Precision.HOUSE, lat)


def test_the_house_that_has_a_number_alone_comes_before_one_that_has_it_among_others() -> None:
    index = index_of(("Elm Street", "36-43", "", "", 50.0, 10.0), ("Elm Street", "40", "", "", 50.0003, 10.0))
    assert find(index, Question(street="Elm Street", house_number="40")).lat == 50.0003


def test_another_kind_of_street_is_never_told_as_the_house() -> None:
    index = index_of(*street("Park Street", 1, 3, 5, lat=50.0, city="Town"))
    answer = find(index, Question(street="Park Road", house_number="3", city="Town"))
    assert answer.precision is not Precision.HOUSE
    assert Doubt.SPELLING in answer.doubts
    assert answer.score < 0.7


def test_the_kind_of_street_decides_between_two() -> None:
    index = index_of(*street("Park Street", 3, lat=50.0), *street("Park Road", 3, lat=50.05))
    answer = find(index, Question(text="3 Park Rd"))
    assert (answer.street, answer.exact) == ("Park Road", True)


def test_a_name_that_fits_two_streets_is_in_doubt_and_lists_the_other() -> None:
    index = index_of(*street("Park Street", 3, lat=50.0), *street("Park Road", 3, lat=50.05))
    answer = find(index, Question(text="3 Park"))
    assert answer.precision is Precision.STREET
    assert Doubt.ALIKE in answer.doubts
    assert {answer.street, *(candidate.street for candidate in answer.candidates)} == {"Park Street", "Park Road"}


def two_towns() -> AddressIndex:
    return index_of(
        *street("Hauptstraße", 1, 2, 5, lat=49.0, code="69117", city="Altdorf"),
        *street("Hauptstraße", 1, 2, 7, lat=49.2, code="69126", city="Neudorf"),
    )


def test_the_same_name_in_two_towns_is_in_doubt() -> None:
    answer = find(two_towns(), Question(text="Hauptstr. 2"))
    assert answer.precision is Precision.STREET
    assert answer.doubts == (Doubt.ALIKE,)
    assert [candidate.city for candidate in answer.candidates] == ["Neudorf"]
    assert answer.score < 0.6


@pytest.mark.parametrize("text", ["Hauptstr. 2, Neudorf", "Hauptstr. 2, 69126", "2 hauptstrase neudrof", "Hauptstr. 7"])
def test_town_postal_code_or_number_decide_between_two_towns(text: str) -> None:
    answer = find(two_towns(), Question(text=text))
    assert (answer.city, answer.precision) == ("Neudorf", Precision.HOUSE)


def test_a_postal_code_of_another_town_makes_doubt() -> None:
    index = index_of(*street("Lindenweg", 4, lat=49.0, code="69117"), *street("Elm Street", 1, lat=49.5, code="10115"))
    answer = find(index, Question(street="Lindenweg", house_number="4", postal_code="10115"))
    assert (answer.precision, answer.doubts) == (Precision.STREET, (Doubt.POSTAL_CODE,))


def test_a_postal_code_that_is_wrong_beside_the_right_town_is_told_and_the_house_stands() -> None:
    index = index_of(*street("Lindenweg", 4, lat=49.0, code="69117", city="Altdorf"))
    answer = find(index, Question(street="Lindenweg", house_number="4", postal_code="10115", city="Altdorf"))
    assert (answer.precision, answer.doubts, answer.exact) == (Precision.HOUSE, (Doubt.POSTAL_CODE,), False)


def test_north_and_south_of_a_street_are_two_streets() -> None:
    index = index_of(*street("North Charles Street", 100, 102, lat=39.29, code="21201"))
    assert find(index, Question(text="100 N Charles St")).exact
    assert find(index, Question(text="100 S Charles St")).precision is not Precision.HOUSE
    assert find(index, Question(text="100 Charles St")).precision is not Precision.HOUSE


def test_a_wrong_digit_in_a_name_is_another_street() -> None:
    index = index_of(*street("5th Avenue", 10, lat=40.0), *street("Straße des 17. Juni", 135, lat=52.5))
    assert find(index, Question(text="10 6th Ave")).precision is not Precision.HOUSE
    assert find(index, Question(text="Strasse des 17 Juni 135")).exact


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("улица Ленина", "ул. Ленина"),
        ("Тверская улица", "тверская ул"),
        ("Λεωφόρος Αλεξάνδρας", "λεωφ. αλεξανδρας"),
        ("شارع الملك فيصل", "شارع الملك فيصل"),
        ("南京东路", "南京东路"),
        ("中央通り", "中央通り"),
        ("테헤란로", "테헤란로"),
        ("รถนนสีลม", "รถนนสีลม"),
        ("דרך בגין", "דרך בגין"),
    ],
)
def test_names_in_other_scripts_are_found_as_they_are_written(name: str, asked: str) -> None:
    index = index_of(*street(name, 7, 9, lat=50.0), *street("Elm Street", 7, lat=50.1))
    answer = find(index, Question(text=f"{asked} 7"))
    assert (answer.street, answer.house_number, answer.exact) == (name, "7", True)


def test_ideographs_and_the_number_may_be_written_without_a_space() -> None:
    answer = find(index_of(*street("南京东路", 100, 102, lat=31.2)), Question(text="南京东路100号"))
    assert (answer.house_number, answer.precision) == ("100", Precision.HOUSE)


def test_accents_may_be_left_out_or_spelt_out() -> None:
    index = index_of(*street("Gärtnerstraße", 2, lat=50.0), *street("Rua São João", 3, lat=50.1))
    assert find(index, Question(text="Gaertnerstr. 2")).exact
    assert find(index, Question(text="gartnerstrasse 2")).exact
    assert find(index, Question(text="R. Sao Joao, 3")).exact


def test_saint_and_street_are_told_apart_by_where_they_stand() -> None:
    index = index_of(*street("Saint John Street", 4, lat=51.5), *street("St. Paul Street", 4, lat=51.6))
    assert find(index, Question(text="4 St John St.")).street == "Saint John Street"
    assert find(index, Question(text="4 Saint Paul St")).street == "St. Paul Street"


def test_no_street_gives_the_postal_code_else_the_town_else_nothing(munich: AddressIndex) -> None:
    code = find(munich, Question(street="Qwertz", postal_code="81539", city="München"))
    town = find(munich, Question(street="Qwertz", postal_code="00000", city="Munchen"))
    nothing = find(munich, Question(street="Qwertz", postal_code="00000", city="Rom"))
    assert [a.precision for a in (code, town, nothing)] == [Precision.POSTAL_CODE, Precision.CITY, Precision.NONE]
    assert code.lat == pytest.approx(48.11)
    assert math.isnan(nothing.lat)
    assert all(Doubt.NO_STREET in a.doubts for a in (code, town, nothing))


@pytest.mark.parametrize("text", ["", "   ", ",,;", "?!", "5", "a", "𝟝", "x" * 500, "1 " * 60, "ab, " * 60])
def test_what_is_no_address_is_answered_without_a_place_told_as_sure(munich: AddressIndex, text: str) -> None:
    assert find(munich, Question(text=text)).precision is not Precision.HOUSE


def test_an_empty_map_finds_nothing() -> None:
    assert find(index_of(), Question(text="Elm Street 5, 12345 Town")).precision is Precision.NONE


def test_street_and_number_may_stand_in_one_column(munich: AddressIndex) -> None:
    answer = find(munich, Question(street="Marienplatz 8", postal_code="80331", city="München"))
    assert house(answer) == ("Marienplatz", "8", Precision.HOUSE)


def test_a_word_of_the_name_that_is_left_out_makes_doubt() -> None:
    index = index_of(*street("Dundalk Avenue", 1813, lat=39.2), *street("Elm Street", 1, lat=39.3, city="Dundalk"))
    assert find(index, Question(text="Xqwzzt Avenue 1813, Dundalk")).precision is not Precision.HOUSE
    assert find(index, Question(text="1813 Xqwzzt Dundalk Avenue")).precision is not Precision.HOUSE


def test_a_postal_code_may_be_longer_than_the_maps() -> None:
    index = index_of(
        *street("Gough Street", 2019, lat=39.3, code="21231"), *street("Gough Street", 2019, lat=39.5, code="21224")
    )
    answer = find(index, Question(text="2019 Gough St 21231-1234"))
    assert (answer.postal_code, answer.exact) == ("21231", True)


def test_words_that_are_not_understood_may_be_another_town_unless_town_or_code_are_right() -> None:
    index = index_of(*street("Hauptstraße", 5, lat=49.4, code="69117", city="Heidelberg"))
    alone = find(index, Question(text="Hauptstraße 5, Berlin"))
    assert (alone.precision, alone.doubts) == (Precision.STREET, (Doubt.UNREAD,))
    parts = find(index, Question(street="Hauptstraße", house_number="5", city="Berlin"))
    assert (parts.precision, parts.doubts) == (Precision.STREET, (Doubt.CITY,))
    beside = find(index, Question(text="Hauptstraße 5, upstairs, 69117 Heidelberg, Germany"))
    assert (beside.precision, beside.doubts, beside.exact) == (Precision.HOUSE, (Doubt.UNREAD,), False)


def test_a_number_at_two_places_of_a_street_is_told() -> None:
    near = [("Elm Street", "1", "", "", 50.0, 10.0), ("Elm Street", "1", "", "", 50.0008, 10.0)]
    far = [("Oak Lane", "1", "", "", 50.1, 10.0), ("Oak Lane", "1", "", "", 50.103, 10.0)]
    index = index_of(*near, *far)
    one, other = (find(index, Question(text=text)) for text in ("Elm Street 1", "Oak Lane 1"))
    assert (one.precision, one.doubts) == (Precision.HOUSE, (Doubt.NUMBER_TWICE,))
    assert (other.precision, other.doubts) == (Precision.STREET, (Doubt.NUMBER_TWICE,))


def test_what_is_no_number_finds_the_street_and_says_so() -> None:
    index = index_of(*street("Elm Street", 1, 3, lat=50.0))
    answer = find(index, Question(street="Elm Street", house_number="s.n."))
    assert (answer.precision, answer.doubts) == (Precision.STREET, (Doubt.NO_NUMBER,))
