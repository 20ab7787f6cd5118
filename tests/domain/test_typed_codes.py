"""When guessing must stop."""

from datetime import UTC, datetime, timedelta

from domain.typed_codes import paused_until, whole_minutes

NOW = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


def test_the_pause_begins_with_the_fifth_wrong_try_and_ends_an_hour_after_the_first_of_them() -> None:
    tries = [NOW + timedelta(minutes=number) for number in range(6)]
    assert paused_until(tries[:4]) is None
    assert paused_until(tries[:5]) == NOW + timedelta(hours=1)
    assert paused_until(tries) == NOW + timedelta(hours=1, minutes=1)


def test_minutes_are_rounded_up() -> None:
    assert [whole_minutes(timedelta(seconds=seconds)) for seconds in (0, 1, 60, 61)] == [1, 1, 1, 2]
