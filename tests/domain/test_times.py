from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.languages import ZONES
from domain.times import coarse, from_us, maybe_time, maybe_us, to_us

AWARE = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - the zone is added by `timezones`
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, *(ZoneInfo(name) for name in ZONES)]),
)


@given(AWARE)
def test_a_time_comes_back_from_the_database_to_the_microsecond(at: datetime) -> None:
    back = from_us(to_us(at))

    assert back == at.astimezone(UTC)
    assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        to_us(datetime(2026, 12, 1))  # noqa: DTZ001


def test_no_time_is_no_number() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)

    assert (maybe_us(None), maybe_time(None)) == (None, None)
    assert maybe_time(maybe_us(at)) == at


@given(AWARE, st.sampled_from([timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)]))
def test_a_coarse_time_is_the_last_full_step(at: datetime, step: timedelta) -> None:
    rough = coarse(at, step)

    assert timedelta() <= at - rough < step
    assert to_us(rough) % (step // timedelta(microseconds=1)) == 0
    assert coarse(rough, step) == rough


def test_the_hour_that_happens_twice_is_two_times() -> None:
    first = datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Kyiv"))

    assert to_us(first.replace(fold=1)) - to_us(first) == 3_600_000_000
