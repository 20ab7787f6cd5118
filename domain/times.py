"""Points in time: aware datetimes in code, whole microseconds of UTC in the database."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(at: datetime) -> int:
    """Microseconds since 1970, UTC. Raises ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return (at - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def maybe_us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def maybe_time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_us(microseconds)


def coarse(at: datetime, step: timedelta) -> datetime:
    """The time rounded down to `step`, so that equal times can't join two rows."""
    return _EPOCH + (at - _EPOCH) // step * step
