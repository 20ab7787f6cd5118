"""Buttons side by side: on a phone of 320 points nothing of a label is cut off."""

import pytest

from bot import labels


def rows_of(*words: str) -> list[list[str]]:
    return [[one["label"] for one in row] for row in labels.in_rows([[{"label": label} for label in words]])]


@pytest.mark.parametrize(
    "pair",
    [
        ("Back", "Cancel"),
        ("Going", "Can't"),
        ("Delete for all", "Remind"),
        ("Azərbaycanca", "Қазақша"),
        ("Буду", "Нет"),
    ],
)
def test_two_that_fit_stand_side_by_side(pair: tuple[str, str]) -> None:
    assert rows_of(*pair) == [list(pair)]


@pytest.mark.parametrize(
    "pair",
    [
        ("Pupils and parents", "Parents and teachers"),
        ("Челленджи", "Рассказать историю"),
        ("Барамын", "Бара алмаймын ба"),
        ("Valideynlər və müəllimlər", "Bağla"),
    ],
)
def test_of_two_one_is_too_long_so_each_has_a_row(pair: tuple[str, str]) -> None:
    assert rows_of(*pair) == [[one] for one in pair]


def test_a_calendar_and_its_month_keep_their_rows() -> None:
    week = [str(day) for day in range(23, 30)]
    assert rows_of(*week) == [week]
    assert rows_of("‹", "сент. 2026", "›") == [["‹", "сент. 2026", "›"]]
