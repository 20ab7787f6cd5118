"""The first and last day of a challenge or a campaign."""

from datetime import date

import pytest

from handlers.spans import last_of, next_monday


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 12, 1), date(2026, 12, 7)),
        (date(2026, 12, 7), date(2026, 12, 14)),
        (date(2026, 12, 6), date(2026, 12, 7)),
    ],
)
def test_next_monday_is_never_today(day: date, monday: date) -> None:
    assert next_monday(day) == monday


@pytest.mark.parametrize(("last", "day"), [("7", date(2026, 12, 7)), ("1", date(2026, 12, 1)), ("2026-12-20", None)])
def test_seven_days_end_on_the_seventh(last: str, day: date | None) -> None:
    assert last_of({"first": "2026-12-01", "last": last}) == (day or date(2026, 12, 20))
