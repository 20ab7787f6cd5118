"""When somebody is reminded of a task, and when people are asked how a meeting was: wall times of the place."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.decisions import due_on, next_reminder, reminders
from domain.feedback import Tally, asks_at, is_worth_showing

KYIV = "Europe/Kyiv"


def test_reminders_come_at_nine_also_across_a_change_of_the_clocks() -> None:
    due = due_on("2026-10-25", KYIV)  # the night before, the clocks went back
    there = [at.astimezone(ZoneInfo(KYIV)).strftime("%d.%m %H:%M") for at in reminders(due, KYIV)]
    assert there == ["24.10 09:00", "25.10 09:00", "01.11 09:00", "08.11 09:00", "15.11 09:00"]


def test_what_was_missed_counts_as_told() -> None:
    due = due_on("2026-12-14", KYIV)
    times = reminders(due, KYIV)
    assert next_reminder(due, KYIV, times[0]) == (1, times[1])
    assert next_reminder(due, KYIV, times[3]) == (4, times[4])
    assert next_reminder(due, KYIV, times[4]) == (5, None)


@pytest.mark.parametrize(
    ("ended", "asked"),
    [("08:00", "07 09:00"), ("08:45", "07 19:00"), ("18:30", "07 19:00"), ("18:31", "08 09:00"), ("23:50", "08 09:00")],
)
def test_people_are_asked_the_next_morning_or_evening(ended: str, asked: str) -> None:
    there = ZoneInfo("Asia/Baku")
    over = datetime.fromisoformat(f"2026-12-07 {ended}").replace(tzinfo=there).astimezone(UTC)
    assert asks_at(over, "Asia/Baku").astimezone(there).strftime("%d %H:%M") == asked


@pytest.mark.parametrize(("persons", "shown", "worth"), [(4, 0, False), (5, 0, True), (9, 5, False), (10, 5, True)])
def test_no_difference_of_two_averages_is_of_fewer_than_five(persons: int, shown: int, worth: bool) -> None:
    assert is_worth_showing(Tally(persons), shown) is worth
