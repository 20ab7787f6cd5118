"""From what was said to a moment: which day, which hour, and whether it can be meant."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from domain.when.phrases import (
    DATES,
    Ahead,
    Day,
    Hour,
    Hours,
    Later,
    NotUnderstood,
    Pair,
    Part,
    PartOfDay,
    Trouble,
    Week,
    Weekday,
    Which,
)
from domain.when.words import Half

YEARS_AHEAD = 2
# "в 9" is nine in the morning, but "в 7" is as often seven in the evening: below this the person is asked.
EARLIEST_PLAIN_HOUR = 8
# "3:30" without a nought is an afternoon to more people than a night; "03:30" is not.
EARLIEST_UNPADDED_HOUR = 6
MOST_PAIRS = 3  # 10.12 and its like in one phrase, each tried as a date and as a time


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, and when it ends if that was said."""

    start: time
    end: time | None = None


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a phrase is read."""

    now: datetime
    zone: ZoneInfo
    language: str

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


def settle(parts: Sequence[Part], reader: Reader) -> Span | NotUnderstood:
    """The one moment the parts can mean. Every reading of 10.12 is tried, and exactly one has to make sense."""
    if trouble := _trouble(parts):
        return trouble
    if sum(isinstance(part, Pair) for part in parts) > MOST_PAIRS:
        return NotUnderstood.AMBIGUOUS
    outcomes = [_settle_reading(reading, reader) for reading in _readings(parts)]
    spans = {outcome for outcome in outcomes if isinstance(outcome, Span)}
    if len(spans) == 1 and not {NotUnderstood.NO_TIME, NotUnderstood.DISAGREE} & set(outcomes):
        return spans.pop()
    if spans:
        return NotUnderstood.AMBIGUOUS
    return next(outcome for outcome in outcomes if isinstance(outcome, NotUnderstood))


def settle_day(parts: Sequence[Part], reader: Reader) -> date | NotUnderstood:
    """The day alone, for a form that asks for the hour next; "Friday" on a Friday is asked again."""
    if trouble := _trouble(parts):
        return trouble
    if any(isinstance(part, Hours | Later | PartOfDay) for part in parts):
        return NotUnderstood.AMBIGUOUS
    days = [Day(part.first, part.second) if isinstance(part, Pair) else part for part in parts]
    day = _day(days, reader, None)
    return day if isinstance(day, NotUnderstood) else _in_reach(day, reader) or day


def settle_clock(parts: Sequence[Part], language: str) -> Clock | NotUnderstood:
    """The hours alone, for a form that knows the day."""
    if trouble := _trouble(parts):
        return trouble
    if any(isinstance(part, (*DATES, Later)) for part in parts):
        return NotUnderstood.AMBIGUOUS
    return _clock([_as_time(part) if isinstance(part, Pair) else part for part in parts], language)


def on_day(day: date, clock: Clock, now: datetime, zone: ZoneInfo) -> Span | NotUnderstood:
    """The wall time on that day. Of a time that comes twice, as the clocks go back, the first is meant."""
    if refused := _in_reach(day, Reader(now, zone, "")):
        return refused
    start = datetime.combine(day, clock.start, zone)
    end = datetime.combine(day, clock.end, zone) if clock.end else None
    if not _exists(start) or (end and not _exists(end)):
        return NotUnderstood.NO_SUCH_TIME
    if start.astimezone(UTC) <= now:
        return NotUnderstood.PAST
    if end and end.astimezone(UTC) <= start.astimezone(UTC):
        return NotUnderstood.END_BEFORE_START
    return Span(start, end)


def _trouble(parts: Iterable[Part]) -> NotUnderstood | None:
    return next((part.reason for part in parts if isinstance(part, Trouble)), None)


def _readings(parts: Sequence[Part]) -> Iterator[tuple[Part, ...]]:
    choices = [
        (Day(p.first, p.second), _as_time(replace(p, padded=True))) if isinstance(p, Pair) else (p,) for p in parts
    ]
    yield from product(*choices)


def _as_time(pair: Pair) -> Hours:
    return Hours(Hour(pair.first, pair.second, exact=True, padded=pair.padded))


def _settle_reading(parts: Sequence[Part], reader: Reader) -> Span | NotUnderstood:
    laters = [part for part in parts if isinstance(part, Later)]
    if laters:
        return _in(laters[0], reader) if len(parts) == 1 else NotUnderstood.AMBIGUOUS
    if not any(isinstance(part, DATES) for part in parts):
        return NotUnderstood.NO_DATE
    clock = _clock(parts, reader.language)
    if isinstance(clock, NotUnderstood) and clock is not NotUnderstood.NO_TIME:
        return clock
    # Without an hour the day is still looked at: a date past or a wrong weekday is told first.
    day = _day(parts, reader, time.max if isinstance(clock, NotUnderstood) else clock.start)
    if isinstance(day, NotUnderstood):
        return day
    if isinstance(clock, NotUnderstood):
        return _in_reach(day, reader) or clock
    return on_day(day, clock, reader.now, reader.zone)


def _in(later: Later, reader: Reader) -> Span | NotUnderstood:
    start = (reader.now.astimezone(UTC) + timedelta(minutes=later.minutes)).replace(second=0, microsecond=0)
    if start <= reader.now:
        return NotUnderstood.PAST  # "in 0 minutes"
    start = start.astimezone(reader.zone)
    return _in_reach(start.date(), reader) or Span(start)


def _in_reach(day: date, reader: Reader) -> NotUnderstood | None:
    if day < reader.today:
        return NotUnderstood.PAST
    return NotUnderstood.TOO_FAR if day > last_day(reader.today) else None


def last_day(today: date) -> date:
    """The last day that can be planned: the end of the year after next."""
    return date(today.year + YEARS_AHEAD, 12, 31)


def _exists(moment: datetime) -> bool:
    """Whether a clock on the wall ever shows it: the hour skipped in spring does not come back the same from UTC."""
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) == moment.replace(tzinfo=None)


# Which day -----------------------------------------------------------------------------------------------------------


def _day(parts: Sequence[Part], reader: Reader, start: time | None) -> date | NotUnderstood:
    """The day that everything said about it agrees on. start tells whether today's hour has passed."""
    # Dictionaries, because they keep the order and so the first reason found.
    named = dict.fromkeys(_named_day(part, reader.today) for part in parts if isinstance(part, Day))
    ahead = dict.fromkeys(_days_ahead(part.days, reader.today) for part in parts if isinstance(part, Ahead))
    days = [day for day in named | ahead if not isinstance(day, NotUnderstood)]
    refused = next((day for day in named | ahead if isinstance(day, NotUnderstood)), None)
    if refused or len(named) > 1 or len(ahead) > 1:
        return refused or NotUnderstood.AMBIGUOUS
    weekdays = {part for part in parts if isinstance(part, Weekday)}
    weeks = {part for part in parts if isinstance(part, Week)}
    if len(weekdays) > 1 or len(weeks) > 1:
        return NotUnderstood.AMBIGUOUS
    weekday = next(iter(weekdays), None)
    week = next(iter(weeks), None)
    if days:
        return _checked(days, weekday, week, reader)
    if weekday is None:
        return NotUnderstood.NO_DATE
    return _in_week(weekday, week, reader) if week else _coming(weekday, reader, start)


def _named_day(named: Day, today: date) -> date | NotUnderstood:
    """A day without a year is the next one of that name, today included; 29 February is not sought for years."""
    if named.year is not None and named.year < today.year:
        return NotUnderstood.PAST
    year = named.year
    if year is None:
        year = today.year + ((named.month, named.day) < (today.month, today.day))
    try:
        return date(year, named.month, named.day)
    except ValueError:
        return NotUnderstood.NO_SUCH_TIME


def _days_ahead(days: int, today: date) -> date | NotUnderstood:
    # A day count as long as a telephone number would leave the calendar.
    return today + timedelta(days) if days < 366 * (YEARS_AHEAD + 1) else NotUnderstood.TOO_FAR


def _checked(days: list[date], weekday: Weekday | None, week: Week | None, reader: Reader) -> date | NotUnderstood:
    day = days[0]
    right_weekday = weekday is None or weekday.number == day.weekday()
    right_week = week is None or _monday(day) == _monday(reader.today) + timedelta(weeks=week.ahead)
    return day if len(days) == 1 and right_weekday and right_week else NotUnderstood.DISAGREE


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _in_week(weekday: Weekday, week: Week, reader: Reader) -> date:
    return _monday(reader.today) + timedelta(weeks=week.ahead, days=weekday.number)


def _coming(weekday: Weekday, reader: Reader, start: time | None) -> date | NotUnderstood:
    """The nearest such day; today only while its hour is ahead.

    "Next Friday" on a Tuesday is in three days to some and in ten to others: where they differ, nobody is guessed for.
    """
    today = reader.today
    days = (weekday.number - today.weekday()) % 7
    if weekday.which is Which.NEXT:
        nearest, next_week = today + timedelta(days or 7), _in_week(weekday, Week(1), reader)
        return nearest if nearest == next_week else NotUnderstood.AMBIGUOUS
    if weekday.which is Which.THIS:
        this_week = _in_week(weekday, Week(0), reader)
        return this_week if this_week >= today else NotUnderstood.AMBIGUOUS
    if days == 0 and start is None:
        return NotUnderstood.AMBIGUOUS
    if days == 0 and start is not None:
        passed = datetime.combine(today, start, reader.zone).astimezone(UTC) <= reader.now
        return today + timedelta(7 if passed else 0)
    return today + timedelta(days)


# Which hour ----------------------------------------------------------------------------------------------------------


def _clock(parts: Sequence[Part], language: str) -> Clock | NotUnderstood:
    hours = [part for part in parts if isinstance(part, Hours)]
    halves = {part.half for part in parts if isinstance(part, PartOfDay)}
    if not hours:
        return NotUnderstood.NO_TIME
    if len(hours) > 1 or len(halves) > 1:
        return NotUnderstood.AMBIGUOUS
    start, end = hours[0].start, hours[0].end
    half = next(iter(halves), None)
    start = replace(start, half=start.half or half)
    if not _possible(start) or (end and not _possible(end)):
        return NotUnderstood.NO_SUCH_TIME
    read = _range(start, end, language) if end else (_time(start, language), None)
    if read is None or read[0] is None:
        return NotUnderstood.AMBIGUOUS
    if half and _in_half(read[0].hour, half) != read[0].hour:
        return NotUnderstood.AMBIGUOUS  # "in the morning", and then "7 pm"
    return Clock(read[0], read[1])


def _possible(hour: Hour) -> bool:
    return hour.hour <= 23 and hour.minute <= 59


def _range(start: Hour, end: Hour, language: str) -> tuple[time, time] | None:
    """In "from 6 to 8 pm" the 6 borrows the pm, in "from 11 to 1 pm" it cannot: the end has to stay after the start."""
    lent = replace(start, half=start.half or end.half), replace(end, half=end.half or start.half)
    first, last = (_time(hour, language) for hour in lent)
    if first is not None and last is not None and first < last:
        return first, last
    if end.half and not start.half:
        start = replace(start, padded=True, exact=True)  # from 9 to 5 pm: after the 5 no other 9 is left
    first, last = _time(start, language), _time(end, language)
    return (first, last) if first is not None and last is not None else None


def _time(hour: Hour, language: str) -> time | None:
    """None: it may be morning or evening, or the words contradict each other."""
    if hour.half is not None:
        number = _in_half(hour.hour, hour.half)
        return None if number is None else time(number, hour.minute)
    return time(hour.hour, hour.minute) if hour.hour >= _lowest_plain(hour, language) else None


def _lowest_plain(hour: Hour, language: str) -> int:
    """The first hour that is read on the 24-hour clock without being told the part of the day."""
    if hour.exact and hour.padded:
        return 0
    if hour.exact:
        # Those who write English mean the evening by 6:30 as often as not.
        return EARLIEST_PLAIN_HOUR if hour.english or language == "en" else EARLIEST_UNPADDED_HOUR
    return 13 if hour.english else EARLIEST_PLAIN_HOUR


def _in_half(hour: int, half: Half) -> int | None:
    """The hour on the 24-hour clock; None where people differ, as about midnight and the small hours' day."""
    match half:
        case Half.AM | Half.MORNING:
            return hour if 1 <= hour <= 11 else None
        case Half.PM:
            return hour + 12 * (hour < 12) if hour >= 1 else None
        case Half.DAY:
            return hour + 12 if 1 <= hour <= 6 else hour if 12 <= hour <= 18 else None
        case Half.EVENING:
            return hour + 12 if 4 <= hour <= 11 else hour if 16 <= hour <= 23 else None
        case Half.NIGHT:
            return hour + 12 if hour in (10, 11) else hour if hour in (22, 23) else None
