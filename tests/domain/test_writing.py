import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.writing import clean, clean_line, shorten, units


@pytest.mark.parametrize(
    "words",
    [
        "Gənclər üçün “5A” sinfi",
        "Қазақстан, Ұлы Дала!",
        "Дружківка: м'яч і об’єднання",
        "مرحبا بالعالم",
        "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇦🇿 ✓",
        "🫩 newer than this Python",
        "one\ntwo\tthree",
        "می‌خواهم",  # a joiner that the script needs
    ],
)
def test_what_people_type_stays_as_it_is(words: str) -> None:
    assert clean(words) == words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  5A  ", "5A"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u202eA5\u202c", "A5"),
        ("\u20665A\u2069\u200e\u200f\u061c", "5A"),
        ("5\u200bA\ufeff\u00ad", "5A"),
        ("\x005\x07A\x1b[0m", "5A[0m"),
        ("\u3164\u2800\uffa0", ""),
        ("\ud8005A", "5A"),
        ("\ue000\uf8ff\ufffe\ufdd0", ""),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
    ],
)
def test_what_nobody_sees_goes(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text())
@example("a\u200b\u0301")
def test_cleaning_twice_changes_nothing(words: str) -> None:
    once = clean(words)

    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()  # no half of a surrogate pair is left, so every database and messenger takes it


@given(st.text())
def test_a_line_is_one_line_with_single_spaces(words: str) -> None:
    line = clean_line(words)

    assert line.splitlines() in ([], [line])
    assert "  " not in line
    assert line == line.strip()


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_fits(words: str, most: int) -> None:
    short = shorten(words, most)

    assert len(short) <= most
    assert short == words or short.endswith("…")


def test_what_fits_is_not_shortened() -> None:
    assert shorten("12345", 5) == "12345"
    assert shorten("123456", 5) == "1234…"
    assert shorten("123 56", 5) == "123…"


def test_lengths_as_the_messenger_counts() -> None:
    assert [units(words) for words in ("", "ə", "👍", "👍🏽")] == [0, 1, 2, 4]
