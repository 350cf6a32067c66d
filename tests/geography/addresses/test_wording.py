import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.geography.addresses._kernels import edit_distance
from doorstep.geography.addresses.names import NameIndex, likeness, slips
from doorstep.geography.addresses.numbers import Number, numbers_of
from doorstep.geography.addresses.wording import folded, spellings, wording

WORDS = st.text(alphabet="abc1", max_size=7)


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("haus", "haus", 0), ("haus", "hau", 1), ("haus", "hasu", 1), ("haus", "hauss", 1), ("haus", "maus", 1),
     ("", "abc", 3), ("ca", "abc", 3), ("5th", "6th", 3), ("ab", "ab1", 3)],
)  # fmt: skip
def test_slips_are_counted(one: str, other: str, count: int) -> None:
    assert slips(one, other) == count


@given(WORDS, WORDS)
def test_slips_compiled_are_slips_in_plain_python_and_the_same_both_ways(one: str, other: str) -> None:
    from doorstep.geography.addresses.names import _points

    plain = edit_distance.py_func(_points(one), _points(other))
    assert slips(one, other) == plain == slips(other, one)


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert all(wording(spelling).whole is not None for spelling in spellings(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hauptstraße", "Haupt Str."), ("St. Paul St", "Saint Paul Street"), ("Av. Meritxell", "Avinguda Meritxell"),
     ("E Fairmount Ave", "East Fairmount Avenue"), ("Sankt-Jakobs-Platz", "St. Jakobs Pl."),
     ("Plaça de Consell", "Placa del Consell"), ("O'Connell Street", "OConnell St")],
)  # fmt: skip
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert wording(folded(one)).key == wording(folded(other)).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("Park Street", "Park Road"), ("North Street", "South Street"), ("Lindenweg", "Lindenstraße"),
     ("5th Avenue", "6th Avenue"), ("Obere Gasse", "Untere Gasse"), ("Täscherlochstrasse", "Im Täscherloch"),
     ("Kaisaniemenkatu", "Kaisaniemenranta"), ("High Street", "High Street East")],
)  # fmt: skip
def test_names_of_two_streets_are_not_alike_enough_for_a_house(one: str, other: str) -> None:
    assert likeness(wording(folded(one)), wording(folded(other))) < 0.8


def test_names_are_ordered_by_likeness() -> None:
    index = NameIndex(["Bergstraße", "Burgstraße", "Bergweg", "Marienplatz"])
    found = index.alike("Bergstr")
    assert [index.names[like.name] for like in found] == ["Bergstraße", "Burgstraße", "Bergweg"]
    assert found[0].alike == 1 > found[1].alike > found[2].alike


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("12", [(12, "")]), ("12 a", [(12, "a")]), ("12A", [(12, "a")]), ("10-14", [(10, ""), (12, ""), (14, "")]),
     ("3–4", [(3, ""), (4, "")]), ("2;4a", [(2, ""), (4, "a")]), ("37-12", [(37, "/12")]), ("1-97", [(1, "/97")]),
     ("13/14", [(13, ""), (14, "")]), ("5 B 12", [(5, "b12")]), ("20 bis", [(20, "bis")]), ("No. 7", [(7, "")]),
     ("s.n.", []), ("", []), ("1234567890123", [])],
)  # fmt: skip
def test_house_numbers_are_read(text: str, numbers: list[tuple[int, str]]) -> None:
    assert numbers_of(text) == tuple(Number(digits=digits, rest=rest) for digits, rest in numbers)
