"""When somebody is reminded."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.languages import ZONES
from domain.reminders import MARGIN, Before, QuietHours, ahead, closer, due_at, is_quiet, overtaken, quiet_hours

NIGHT = QuietHours("Asia/Baku", 22 * 60, 7 * 60)


def utc(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.row("C3")
def test_a_day_and_a_week_before_are_the_same_wall_time() -> None:
    start = utc(7, 14)  # Monday 18:00 in Baku
    assert due_at(Before.WEEK, start, "Asia/Baku") == start - timedelta(days=7)
    assert due_at(Before.DAY, start, "Asia/Baku") == start - timedelta(days=1)
    assert due_at(Before.HOUR, start, "Asia/Baku") == start - timedelta(hours=1)


@pytest.mark.row("C3")
def test_also_across_the_night_kyivs_clocks_go_back() -> None:
    start = utc(25, 16, month=10)  # Sunday, 25 October, 18:00 in winter time
    assert due_at(Before.DAY, start, "Europe/Kyiv") == utc(24, 15, month=10)  # Saturday 18:00 in summer time
    assert due_at(Before.WEEK, start, "Europe/Kyiv") == utc(18, 15, month=10)
    assert due_at(Before.HOUR, utc(25, 1, 30, month=10), "Europe/Kyiv") == utc(25, 0, 30, month=10)  # both 03:30


def test_what_comes_after_a_reminder() -> None:
    assert closer(Before.WEEK) == (Before.WEEK, Before.DAY, Before.HOUR)
    assert closer(Before.HOUR) == (Before.HOUR,)


@pytest.mark.row("C3_bad_down_time")
def test_of_several_missed_only_the_latest_is_worth_sending() -> None:
    due = [(Before.HOUR, utc(7, 13)), (Before.WEEK, utc(1, 14)), (Before.DAY, utc(6, 14))]
    assert overtaken(due, utc(7, 13, 30)) == [Before.WEEK, Before.DAY]
    assert overtaken(due, utc(6, 15)) == [Before.WEEK]
    assert overtaken(due, utc(2, 0)) == []
    assert overtaken([], utc(2, 0)) == []


@pytest.mark.row("C3_bad_quiet_hours")
def test_quiet_hours_reach_over_midnight() -> None:
    assert not NIGHT.holds(utc(6, 17, 59))
    assert NIGHT.holds(utc(6, 18))  # 22:00
    assert NIGHT.holds(utc(6, 20))  # midnight
    assert NIGHT.holds(utc(7, 2, 59))
    assert not NIGHT.holds(utc(7, 3))  # 7:00
    assert (NIGHT.began(utc(7, 1)), NIGHT.ends(utc(7, 1))) == (utc(6, 18), utc(7, 3))
    assert NIGHT.earlier(utc(7, 1)) == utc(6, 18) - MARGIN
    assert NIGHT.earlier(utc(7, 12)) is None
    with pytest.raises(ValueError, match="outside"):
        NIGHT.began(utc(7, 12))


def test_quiet_hours_within_a_day() -> None:
    nap = QuietHours("Asia/Baku", 13 * 60, 15 * 60)
    assert nap.holds(utc(6, 9))
    assert not nap.holds(utc(6, 11))
    assert (nap.began(utc(6, 10)), nap.ends(utc(6, 10))) == (utc(6, 9), utc(6, 11))


@pytest.mark.parametrize(("start", "end"), [(None, None), (None, 7), (7, None), (60, 60)])
def test_no_quiet_hours(start: int | None, end: int | None) -> None:
    assert quiet_hours("Asia/Baku", start, end) is None
    assert not is_quiet(quiet_hours("Asia/Baku", start, end), utc(6, 20))


@given(
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    days=st.floats(0, 365),
)
def test_a_moment_is_in_quiet_hours_or_it_is_not(zone: str, start: int, end: int, days: float) -> None:
    at = utc(1, 0, month=1) + timedelta(days=days)
    hours = quiet_hours(zone, start, end)
    if hours is None or not hours.holds(at):
        return
    assert hours.began(at) <= at < hours.ends(at)
    assert hours.ends(at) - hours.began(at) <= timedelta(hours=25)
    assert not hours.holds(hours.ends(at))


@pytest.mark.parametrize(
    ("hours", "left"),
    [(169, "week day hour"), (168, "day hour"), (24, "hour"), (2, "hour"), (1, ""), (0, "")],
)
def test_no_reminder_can_come_when_its_time_is_past(hours: int, left: str) -> None:
    now = utc(1, 5)
    assert ahead(now + timedelta(hours=hours), "Asia/Baku", now) == {Before(one) for one in left.split()}
