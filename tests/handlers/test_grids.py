"""The calendar and the hours that are tapped: never more rows than a phone shows, and nothing that is past."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.grids import Rows, hours_of, month_of

BAKU = ZoneInfo("Asia/Baku")
KYIV = ZoneInfo("Europe/Kyiv")
LAST = date(2028, 12, 31)


def days(rows: Rows) -> list[str]:
    return [one.value for row in rows for one in row if one.does == "is"]


def hours(now: datetime, given: str) -> list[str]:
    return [one.value for row in hours_of(now, date(2026, 12, 1), BAKU, given) for one in row if one.does == "is"]


def test_every_month_of_three_years_fits_a_phone_and_has_each_of_its_days_once() -> None:
    today = date(2026, 12, 1)
    day = today
    while day <= date(2028, 12, 31):
        rows = month_of(BAKU, (today, LAST), day.isoformat()[:7], today)
        assert len(rows) <= 8
        assert all(len(row) <= 7 for row in rows)
        following = (day + timedelta(days=31)).replace(day=1)
        wanted = [(day + timedelta(days=ahead)).isoformat() for ahead in range((following - day).days)]
        assert sorted(set(days(rows))) == wanted
        day = following


def test_past_days_and_what_lies_too_far_ahead_cannot_be_tapped() -> None:
    today = date(2026, 12, 22)
    assert days(month_of(BAKU, (today, LAST), "", today))[:3] == ["2026-12-22", "2026-12-23", "2026-12-22"]
    assert min(days(month_of(BAKU, (date(2026, 12, 30), LAST), "", today))) == "2026-12-30"
    first, last = month_of(BAKU, (today, LAST), "", today), month_of(BAKU, (today, LAST), "2028-12", today)
    assert [one.does for one in first[1]] == ["no", "no", "turn"]
    assert [one.does for one in last[0]] == ["turn", "no", "no"]


def test_a_forged_page_shows_the_nearest_one() -> None:
    today = date(2026, 12, 22)
    for forged in ("", "1999-01", "0000-00", "2026-13", "month"):
        assert max(days(month_of(BAKU, (today, LAST), forged, today))) == "2026-12-31"
    assert max(days(month_of(BAKU, (today, LAST), "9999-12", today))) == "2028-12-31"


def test_hours_by_quarters_and_only_those_ahead() -> None:
    now = datetime(2026, 12, 1, 16, 20, tzinfo=UTC)  # 20:20 in Baku
    assert hours(now, "00") == ["2100", "2200"]
    assert hours(now, "30") == ["2030", "2130", "2230"]
    assert hours(now, "77") == ["2100", "2200"]
    late = datetime(2026, 12, 1, 18, 20, tzinfo=UTC)
    assert hours(late, "") == ["2230"]
    assert [one.value for one in hours_of(late, date(2026, 12, 1), BAKU, "")[-1]] == ["30", "45"]
    assert len(hours_of(now, date(2026, 12, 2), BAKU, "")) == 5


def test_the_change_of_the_clocks_takes_no_hour_away() -> None:
    now = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert len([one for row in hours_of(now, date(2027, 3, 28), KYIV, "")[:-1] for one in row]) == 16
