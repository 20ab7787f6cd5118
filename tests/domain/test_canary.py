"""When the weekly test comes: at an hour in which an office is open, once a week, whatever the zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain import canary
from domain.languages import ZONES

NOW = datetime(2026, 12, 1, 5, tzinfo=UTC)  # a Tuesday


@pytest.mark.row("F11")
@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_of_a_working_week_and_no_other(zone: str) -> None:
    moments = [canary.after(NOW, zone, minute).astimezone(ZoneInfo(zone)) for minute in range(canary.MINUTES)]
    assert len(set(moments)) == canary.MINUTES
    assert all(one.weekday() < 5 and 9 <= one.hour < 17 for one in moments)
    assert moments[0].isoformat()[:16] == "2026-12-07T09:00"
    assert moments[-1].isoformat()[:16] == "2026-12-11T16:59"


@pytest.mark.row("F11")
@pytest.mark.parametrize("minute", [0, canary.MINUTES // 2, canary.MINUTES - 1])
def test_each_week_has_one(minute: int) -> None:
    now, weeks = NOW, []
    for _ in range(60):  # over both changes of the clock
        now = canary.after(now, "Europe/Kyiv", minute)
        weeks.append(now.astimezone(ZoneInfo("Europe/Kyiv")).date().isocalendar()[:2])
    assert len(set(weeks)) == 60
    assert now - NOW < timedelta(weeks=61)
