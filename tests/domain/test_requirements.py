"""Requirements and skills as bit sets."""

import polars as pl
import pytest

from doorstep.domain.requirements import Vocabulary, words_of
from doorstep.foundation import InputError


def test_words_of_all_columns_are_numbered_alphabetically_and_once():
    words = Vocabulary.of([pl.Series(["signature;chilled", ""]), pl.Series(["chilled", "adult"])])
    assert words.words == ("adult", "chilled", "signature")


def test_bits_name_the_words_and_text_gives_them_back():
    words = Vocabulary(("adult", "chilled", "signature"))
    assert words.bits(pl.Series(["", "chilled", "signature;adult"])).tolist() == [0, 2, 5]
    assert [words.text(bits) for bits in (0, 2, 5)] == ["", "chilled", "adult;signature"]


def test_a_word_said_twice_counts_once():
    assert words_of("b;a;b;;") == ["b", "a"]
    assert Vocabulary(("a", "b")).bits(pl.Series(["b;b"])).tolist() == [2]


def test_unknown_words_share_one_bit_that_no_skill_has():
    words = Vocabulary(("adult", "chilled"))
    assert words.bits(pl.Series(["gold", "gold;silver;adult", "chilled"])).tolist() == [4, 5, 2]
    assert words.text(5) == "adult"
    full = Vocabulary(tuple(f"w{k:02d}" for k in range(62)))
    assert full.bits(pl.Series(["gold;silver"])).tolist() == [1 << 62]


def test_62_words_fit_and_one_more_is_refused():
    columns = [pl.Series([f"w{k:02d}" for k in range(62)])]
    assert Vocabulary.of(columns).bits(columns[0]).tolist() == [1 << k for k in range(62)]
    with pytest.raises(InputError, match="63 different requirements and skills; at most 62"):
        Vocabulary.of([*columns, pl.Series(["one_more"])])
