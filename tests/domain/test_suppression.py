"""Rule 22: every other table that would look the same is tried. What is hidden could have been otherwise."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.suppression import LEAST, Shown, shown


def tables(cells: int, total: int) -> Iterator[tuple[int, ...]]:
    """Every table of so many numbers with this total."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables(cells - 1, total - first):
            yield (first, *rest)


@cache
def looks(cells: int, total: int) -> dict[Shown, list[set[int]]]:
    """For everything that can be shown of such tables: the values that each number may have."""
    found: dict[Shown, list[set[int]]] = defaultdict(lambda: [set() for _ in range(cells)])
    for table in tables(cells, total):
        for values, number in zip(found[shown(table)], table, strict=True):
            values.add(number)
    return dict(found)


def given_away(cells: int, total: int) -> list[tuple[Shown, list[set[int]]]]:
    """What gives a number away: a hidden one that can be only one, or one of 1–4 that is known."""
    wrong = []
    for seen, possible in looks(cells, total).items():
        for number, values in zip(seen.numbers, possible, strict=True):
            hidden_but_known = number is None and len(values) < 2 and seen.total is not None
            small_and_known = len(values) == 1 and 0 < min(values) < LEAST and seen.total is not None
            if hidden_but_known or small_and_known:
                wrong.append((seen, possible))
    return wrong


@pytest.mark.rule(22)
@pytest.mark.parametrize(("cells", "most"), [(1, 60), (2, 45), (3, 32), (4, 26), (5, 19)])
def test_nothing_hidden_can_be_worked_out_from_any_small_table(cells: int, most: int) -> None:
    for total in range(LEAST, most + 1):
        assert given_away(cells, total) == [], total


@pytest.mark.rule(22)
@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_of_a_total_of_one_to_four_nothing_is_shown(cells: int) -> None:
    """All of them look the same, so that not even the total is known."""
    seen = {shown(table) for total in range(1, LEAST) for table in tables(cells, total)}
    assert seen == {Shown(None, (None,) * cells)}


@pytest.mark.rule(22)
@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=2, max_size=4).filter(lambda table: 0 < sum(table) < 30))
def test_every_hidden_number_stays_open(table: list[int]) -> None:
    seen = shown(table)
    assert not [number for number in seen.numbers if number is not None and 0 < number < LEAST]
    possible = [set[int]() for _ in table]
    totals = [sum(table)] if seen.total is not None else range(1, LEAST)
    for total in totals:
        for other in tables(len(table), total):
            if shown(other) == seen:
                for values, number in zip(possible, other, strict=True):
                    values.add(number)
    for told, values in zip(seen.numbers, possible, strict=True):
        assert len(values) > 1 if told is None else values == {told}


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30))
def test_what_is_shown_is_true_and_no_place_matters(table: list[int]) -> None:
    seen = shown(table)
    assert all(number in (None, real) for number, real in zip(seen.numbers, table, strict=True))
    assert shown(table[::-1]).numbers == seen.numbers[::-1]
    assert seen.total in (None, sum(table))


@pytest.mark.parametrize(
    ("table", "numbers"),
    [
        ([0, 0, 0], (0, 0, 0)),
        ([12, 0, 7], (12, 0, 7)),  # nothing small
        ([12, 3, 7], (12, None, None)),  # 3 alone would be the rest of the total
        ([12, 3, 1, 7], (12, None, None, 7)),
        ([12, 4, 4, 7], (12, None, None, None)),  # two numbers below 5 that make 8 are 4 and 4
        ([12, 1, 0, 7], (12, None, None, 7)),  # 0 and 1 hide each other
        ([6, 6, 3], (None, None, None)),  # too flat
    ],
)
def test_what_is_hidden(table: list[int], numbers: tuple[int | None, ...]) -> None:
    assert shown(table).numbers == numbers
