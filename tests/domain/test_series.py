"""Meetings that recur keep their hour on the wall."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.series import MOST, Every, shifted, times, until

KYIV = ZoneInfo("Europe/Kyiv")
BAKU = ZoneInfo("Asia/Baku")


def walls(moments: list[datetime], zone: ZoneInfo = KYIV) -> list[str]:
    return [f"{at.astimezone(zone):%m-%d %H:%M}" for at in moments]


@pytest.mark.parametrize(
    ("first", "utc_hours"),
    [((2027, 3, 20, 16), [16, 16, 15]), ((2026, 10, 17, 15), [15, 15, 16])],
    ids=["March: the clocks go forward", "October: they go back"],
)
def test_the_hour_on_the_wall_stays_when_the_clocks_change(first: tuple[int, ...], utc_hours: list[int]) -> None:
    found = times(datetime(*first, tzinfo=UTC), KYIV, Every.WEEK, 3)  # type: ignore[misc,arg-type]
    assert {wall[-5:] for wall in walls(found)} == {"18:00"}
    assert [at.hour for at in found] == utc_hours


def test_an_hour_that_the_change_skips_comes_an_hour_later() -> None:
    found = times(datetime(2027, 3, 21, 1, 30, tzinfo=UTC), KYIV, Every.WEEK, 3)
    assert walls(found) == ["03-21 03:30", "03-28 04:30", "04-04 03:30"]


def test_every_two_weeks_and_every_month() -> None:
    assert walls(times(datetime(2026, 12, 7, 14, tzinfo=UTC), BAKU, Every.FORTNIGHT, 3), BAKU) == [
        "12-07 18:00",
        "12-21 18:00",
        "01-04 18:00",
    ]
    assert walls(times(datetime(2027, 1, 31, 14, tzinfo=UTC), BAKU, Every.MONTH, 4), BAKU) == [
        "01-31 18:00",
        "02-28 18:00",
        "03-31 18:00",
        "04-30 18:00",
    ]


def test_until_a_day_it_is_counted_by_the_wall() -> None:
    start = datetime(2026, 12, 7, 20, 30, tzinfo=UTC)  # the 8th, 00:30, in Baku
    assert len(until(start, BAKU, Every.WEEK, date(2026, 12, 22))) == 3
    assert len(until(start, BAKU, Every.WEEK, date(2026, 12, 21))) == 2
    assert len(until(start, BAKU, Every.WEEK, date(2099, 1, 1))) == len(times(start, BAKU, Every.WEEK, 999)) == MOST


def test_those_that_follow_move_as_far_and_to_the_same_hour() -> None:
    before, after = datetime(2027, 3, 20, 16, tzinfo=UTC), datetime(2027, 3, 22, 17, tzinfo=UTC)  # Mon 19:00 in Kyiv
    assert walls([shifted(datetime(2027, 3, 27, 16, tzinfo=UTC), KYIV, before, after)]) == ["03-29 19:00"]
