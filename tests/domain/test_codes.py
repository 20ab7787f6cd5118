"""A code to come back with: read as it is typed, and slower with every wrong one."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.codes import Tries, next_try_at, read, shown

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def test_it_is_shown_in_groups_of_four_and_read_again() -> None:
    assert shown("0123456789012345") == "0123 4567 8901 2345"
    assert read(shown("0123456789012345")) == "0123456789012345"


@pytest.mark.parametrize(
    ("own", "everybody", "minutes"),
    [(1, 1, None), (2, 2, None), (3, 3, 2), (4, 4, 3), (5, 5, 5), (9, 9, 61), (500, 500, 61), (1, 50, 11), (8, 50, 33)],
)
def test_each_wrong_one_makes_the_next_wait_longer(own: int, everybody: int, minutes: int | None) -> None:
    found = next_try_at(Tries(own, everybody, NOON))
    assert found == (None if minutes is None else NOON + timedelta(minutes=minutes))


def test_a_first_try_passes_whatever_others_do() -> None:
    assert next_try_at(Tries(0, 1_000_000, None)) is None
