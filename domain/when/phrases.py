"""What a run of words can be: a day, a weekday, an hour, a range of hours, "in two hours".

Each function here looks at one place in the tokens and answers with what begins there and where it ends, or None.
They look only a few tokens ahead and know neither the clock nor the zone.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum, StrEnum, auto

from domain.when.tokens import Kind, Token
from domain.when.words import ENGLISH, HALVES, Half, Role, Suffix, places


class NotUnderstood(StrEnum):
    """Why a person has to be asked again."""

    NO_DATE = "no date"
    NO_TIME = "no time"
    AMBIGUOUS = "ambiguous"
    DISAGREE = "disagree"  # "Friday, 7 December" when the 7th is a Monday
    PAST = "past"
    TOO_FAR = "too far"
    NO_SUCH_TIME = "no such time"  # 31 February, 25:00, the hour the clocks skip
    END_BEFORE_START = "end before start"
    REPEATS = "repeats"  # "every Friday"
    OTHER_ZONE = "other zone"  # "18:00 Kyiv time"


class Which(Enum):
    COMING = auto()
    THIS = auto()
    NEXT = auto()


class Marked(IntEnum):
    """How sure it is that a figure is an hour: a bare 9, "в 9", "saat 9"."""

    BARE = auto()
    WEAKLY = auto()
    FIRMLY = auto()


@dataclass(frozen=True, slots=True)
class Day:
    day: int
    month: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    number: int
    which: Which = Which.COMING


@dataclass(frozen=True, slots=True)
class Week:
    ahead: int


@dataclass(frozen=True, slots=True)
class Ahead:
    days: int


@dataclass(frozen=True, slots=True)
class PartOfDay:
    half: Half


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour as it was said. exact: with its minutes. padded: 07, which nobody writes for seven in the evening."""

    hour: int
    minute: int = 0
    exact: bool = False
    padded: bool = False
    english: bool = False
    marked: Marked = Marked.BARE
    half: Half | None = None
    suffix: frozenset[Suffix] = frozenset()
    maybe_date: bool = False  # 9.10

    @property
    def certain(self) -> bool:
        return not self.maybe_date and (self.exact or self.marked is Marked.FIRMLY or self.half is not None)


@dataclass(frozen=True, slots=True)
class Hours:
    start: Hour
    end: Hour | None = None


@dataclass(frozen=True, slots=True)
class Later:
    minutes: int


@dataclass(frozen=True, slots=True)
class Pair:
    """9.10, which is 9 October or ten past nine."""

    first: int
    second: int
    padded: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    reason: NotUnderstood


Part = Day | Weekday | Week | Ahead | PartOfDay | Hours | Later | Pair | Trouble
DATES = (Day, Weekday, Week, Ahead)
Tokens = list[Token]


@dataclass(frozen=True, slots=True)
class Found:
    """start and end count tokens."""

    parts: tuple[Part, ...]
    start: int
    end: int

    def holds(self, *kinds: type) -> bool:
        return any(isinstance(part, kinds) for part in self.parts)


NOBODY = Token(Kind.DASH, 0, 0)  # stands before the first token and after the last, and means nothing


def part_at(tokens: Tokens, at: int, previous: Found | None = None) -> Found | None:
    """The part of a date phrase that begins here. previous: what ended just before."""
    after_clock = previous is not None and previous.end == at and previous.holds(Hours, Pair)
    return (
        _trouble(tokens, at, after_clock=after_clock)
        or _later(tokens, at)
        or date_at(tokens, at)
        or _hours(tokens, at)
        or _pair(tokens, at)
        or _open_end(tokens, at)
        or _part_of_day(tokens, at)
    )


def date_at(tokens: Tokens, at: int) -> Found | None:
    """A day, a weekday or a week, with its preposition."""
    start = at
    at += _token(tokens, at).has(Role.ON)
    at += _token(tokens, at).has(Role.ON)  # on the
    only_on = at > start and not tokens[at - 1].has(Role.AT)
    found = _full_date(tokens, at) or _day_and_month(tokens, at) or _slashed(tokens, at, dotted=only_on)
    found = found or _word_for_a_day(tokens, at) or _weekday(tokens, at)
    return found and replace(found, start=start)


def _token(tokens: Tokens, at: int) -> Token:
    return tokens[at] if 0 <= at < len(tokens) else NOBODY


# Refusals ------------------------------------------------------------------------------------------------------------


def _trouble(tokens: Tokens, at: int, *, after_clock: bool) -> Found | None:
    """What would change the meaning of the words around it and must not be passed over."""
    this, following = _token(tokens, at), _token(tokens, at + 1)
    repeats = this.has(Role.EVERY) and following.has(Role.WEEKDAY, Role.UNIT_DAYS, Role.UNIT, Role.MONTH, Role.NTH)
    repeats = repeats or (following.has(Role.EVERY_AFTER) and this.has(Role.WEEKDAY, Role.UNIT_DAYS))
    if this.has(Role.REPEATING) or repeats:
        return Found((Trouble(NotUnderstood.REPEATS),), at, at + 1 + repeats)
    if this.has(Role.ZONE) and (this.glued or len(this.text) > 1):  # 18:00Z
        return Found((Trouble(NotUnderstood.OTHER_ZONE),), at, at + 1)
    if _is_place(this) and following.has(Role.TIME_WORD):
        return Found((Trouble(NotUnderstood.OTHER_ZONE),), at, at + 2)
    if after_clock and ((this.text in ("+", "±") and this.glued) or (this.has(Role.BY) and _is_place(following))):
        return Found((Trouble(NotUnderstood.OTHER_ZONE),), at, at + 2)
    if this.has(Role.NTH, Role.IN) and following.has(Role.WEEKDAY):  # последняя пятница, через пятницу
        return Found((Trouble(NotUnderstood.AMBIGUOUS),), at, at + 2)
    return None


def _is_place(token: Token) -> bool:
    return token.kind is Kind.WORD and token.text.startswith(places())


def _open_end(tokens: Tokens, at: int) -> Found | None:
    """Until 18:00, from Friday: the end or the beginning of something, not a moment."""
    if not _token(tokens, at).has(Role.UNTIL, Role.FROM):
        return None
    found = date_at(tokens, at + 1)
    if found is None and tokens[at].has(Role.UNTIL):
        found = _hours(tokens, at + 1)
    return found and Found((Trouble(NotUnderstood.AMBIGUOUS),), at, found.end)


# In two hours --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Amount:
    part: Later | Ahead
    counted: bool  # "in a week", not "in week"
    end: int


def _later(tokens: Tokens, at: int) -> Found | None:
    if _token(tokens, at).has(Role.IN):
        amount = _amount(tokens, at + 1)
        if amount and amount.part == Ahead(1) and not amount.counted:
            # "через день" is every other day to some and the day after tomorrow to others.
            return Found((Trouble(NotUnderstood.AMBIGUOUS),), at, amount.end)
        return Found((amount.part,), at, amount.end) if amount else None
    amount = _amount(tokens, at)
    if not amount or not amount.counted or not _token(tokens, amount.end).has(Role.AFTER, Role.LATER):
        return None
    if _token(tokens, at - 1).text.endswith(("dan", "den", "tan", "ten", "дан", "ден", "тан", "тен", "нан", "нен")):
        return Found((Trouble(NotUnderstood.AMBIGUOUS),), at, amount.end + 1)  # dərsdən 2 saat sonra
    return Found((amount.part,), at, amount.end + 1)


def _amount(tokens: Tokens, at: int) -> _Amount | None:
    """2 hours, 1 hour 30 minutes, an hour, half an hour, 3 days."""
    number = _count(tokens, at)
    at += number is not None
    unit = _token(tokens, at)
    days, minutes = unit.value(Role.UNIT_DAYS), unit.value(Role.UNIT)
    many = 1 if number is None else number
    if days is not None:
        return _Amount(Ahead(days * many), number is not None, at + 1)
    if minutes == 30:
        return None if number is not None else _Amount(Later(30), True, at + 1)
    if minutes is None:
        return None
    rest = _count(tokens, at + 1)
    if minutes == 60 and rest is not None and _token(tokens, at + 2).value(Role.UNIT) == 1:
        return _Amount(Later(60 * many + rest), True, at + 3)
    return _Amount(Later(minutes * many), number is not None, at + 1)


def _count(tokens: Tokens, at: int) -> int | None:
    token = _token(tokens, at)
    if token.kind is Kind.NUMBER and not token.suffix:
        return token.values[0]
    return 1 if token.has(Role.ONE) else None


# Days ----------------------------------------------------------------------------------------------------------------


def _full_date(tokens: Tokens, at: int) -> Found | None:
    token = _token(tokens, at)
    if token.kind is not Kind.DATE:
        return None
    year, month, day = token.values
    following = _token(tokens, at + 1)
    past = following.has(Role.YEAR_WORD, Role.DAY_WORD) or (
        following.glued and following.text == "t"
    )  # 2026-12-07T18:00
    return Found((Day(day, month, year),), at, at + 1 + past)


def _day_and_month(tokens: Tokens, at: int) -> Found | None:
    """7 December, December 7, dekabrın 7-si, each with a year before or after it or with none."""
    year, after_year = _year(tokens, at)
    found = _day_month(tokens, after_year) or _month_day(tokens, after_year)
    if found is None:
        return None
    day, month, end = found
    if year is None:
        year, end = _year(tokens, end)
    end += _token(tokens, end).has(Role.DAY_WORD)
    return Found((Day(day, month, year),), at, end)


def _day_month(tokens: Tokens, at: int) -> tuple[int, int, int] | None:
    day = _day_number(_token(tokens, at), Suffix.ORDINAL)
    at += 1 + _token(tokens, at + 1).has(Role.OF)
    month = _token(tokens, at).value(Role.MONTH)
    if day is None or month is None:
        return None
    return day, month, at + 1 + _token(tokens, at + 1).has(Role.MONTH_WORD)


def _month_day(tokens: Tokens, at: int) -> tuple[int, int, int] | None:
    month = _token(tokens, at).value(Role.MONTH)
    at += 1 + _token(tokens, at + 1).has(Role.MONTH_WORD)
    at += _token(tokens, at).text == "the"
    day = _day_number(_token(tokens, at), Suffix.ORDINAL, Suffix.AT)
    following = _token(tokens, at + 1)
    if month is None or day is None or following.has(Role.MONTH, Role.PART_OF, Role.OCLOCK):
        return None
    if _is_hour_unit(tokens, at + 1):  # декабря 18 часов
        return None
    return day, month, at + 1


def _day_number(token: Token, *suffixes: Suffix) -> int | None:
    fits = not token.suffix or bool(token.suffix & set(suffixes))
    return token.values[0] if token.kind is Kind.NUMBER and token.size <= 2 and fits else None


def _year(tokens: Tokens, at: int) -> tuple[int | None, int]:
    token = _token(tokens, at)
    if token.kind is not Kind.NUMBER or not 1900 <= token.values[0] < 2200:
        return None, at
    if token.suffix and Suffix.ORDINAL not in token.suffix:
        return None, at
    return token.values[0], at + 1 + _token(tokens, at + 1).has(Role.YEAR_WORD)


def _slashed(tokens: Tokens, at: int, *, dotted: bool) -> Found | None:
    """7/12 is always a date; 7.12 only after a preposition that never stands before an hour, or if it is no hour."""
    token = _token(tokens, at)
    if token.kind is not Kind.PAIR or token.mark == "-" or not 1 <= token.values[1] <= 12:
        return None
    if token.mark == "." and not dotted and _can_be_time(token):
        return None
    return Found((Day(*token.values),), at, at + 1)


def _can_be_time(token: Token) -> bool:
    return token.values[0] <= 23 and token.values[1] <= 59 and token.second_size == 2


def _word_for_a_day(tokens: Tokens, at: int) -> Found | None:
    token = _token(tokens, at)
    days, evening = token.value(Role.DAYS), token.value(Role.EVENING_OF)
    if evening is not None:
        return Found((Ahead(evening), PartOfDay(Half.EVENING)), at, at + 1)
    return None if days is None else Found((Ahead(days),), at, at + 1)


def _weekday(tokens: Tokens, at: int) -> Found | None:
    """Friday, this Friday, next Friday, and the weeks themselves: this week, next week."""
    token = _token(tokens, at)
    which = Which.NEXT if token.has(Role.NEXT) else Which.THIS if token.has(Role.THIS) else Which.COMING
    named = which is not Which.COMING or token.has(Role.NEAREST)
    token = _token(tokens, at + named)
    number = token.value(Role.WEEKDAY)
    if number is not None:
        end = at + named + 1
        if _token(tokens, end).has(Role.NEXT) and not _weekday(tokens, end):  # Friday next
            return Found((Trouble(NotUnderstood.AMBIGUOUS),), at, end + 1)
        return Found((Weekday(number, which),), at, end + _token(tokens, end).has(Role.DAY_WORD))
    if which is not Which.COMING and token.value(Role.UNIT_DAYS) == 7:
        return Found((Week(int(which is Which.NEXT)),), at, at + 2)
    return None


# Hours ---------------------------------------------------------------------------------------------------------------


def _hours(tokens: Tokens, at: int) -> Found | None:
    """One hour, or from one to another."""
    start = at
    opened = _token(tokens, at).has(Role.FROM)
    first = _hyphened_range(tokens, at + opened) or _hour(tokens, at + opened)
    if first is None:
        return None
    said, end = first
    found = said if isinstance(said, Hours) else None
    if isinstance(said, Hour):
        english = said.english or tokens[start].value(Role.FROM) == ENGLISH
        said = replace(said, maybe_date=said.maybe_date and not opened, english=english)
        found, end = _range(tokens, said, end, opened=opened) or (_alone(said, opened=opened), end)
    if found is None:
        return None
    if _is_doubtful(tokens, found, end):
        return None if _is_only_weak(found) else Found((Trouble(NotUnderstood.AMBIGUOUS),), start, end)
    return Found((found,), start, end)


def _alone(said: Hour, *, opened: bool) -> Hours | None:
    """A bare 6 is no hour: the person is asked again."""
    if said.maybe_date or not (said.certain or (said.marked is Marked.WEAKLY and not opened)):
        return None
    return Hours(said)


def _is_doubtful(tokens: Tokens, hours: Hours, end: int) -> bool:
    """Whether what follows could change the hours: "saat 18 30", "в 9 классе", "18:00-dan sonra", "saat 6 yarım"."""
    last = hours.end or hours.start
    following = _token(tokens, end)
    if hours.end is None and last.suffix and last.suffix <= {Suffix.TO, Suffix.UNTIL}:
        return True
    if hours.end is None and following.has(Role.AFTER, Role.TILL):
        return True
    if hours.end is not None and (hours.start.maybe_date or hours.end.maybe_date):
        return True
    if following.apart or end >= len(tokens):
        return False
    if not last.exact and following.has(Role.NUMBER_WORD):
        return True
    if not last.exact and following.kind is Kind.NUMBER and date_at(tokens, end) is None:
        return True
    return _is_only_weak(hours) and not _is_boundary(tokens, end)


def _is_only_weak(hours: Hours) -> bool:
    """After "в 9", "18-30" and "с 9 до 11" may stand "классе": then they were no hours at all."""
    last = hours.end or hours.start
    return last.marked is not Marked.FIRMLY and hours.start.marked is not Marked.FIRMLY


def _is_boundary(tokens: Tokens, at: int) -> bool:
    token = tokens[at]
    return token.kind is Kind.DASH or token.has(Role.PART) or date_at(tokens, at) is not None


def _range(tokens: Tokens, first: Hour, at: int, *, opened: bool) -> tuple[Hours, int] | None:
    """The range that first begins: 18:00-19:30, с 18 до 19:30, 18:00-dan 19:30-a qədər."""
    link = _token(tokens, at)
    dashed = link.kind is Kind.DASH and at < len(tokens)
    between = link.value(Role.AND) == ENGLISH
    linked = dashed or link.has(Role.UNTIL) or (opened and between)
    second = _hour(tokens, at + linked)
    if second is None:
        return None
    last, end = second
    if last.suffix == {Suffix.TO}:
        if not _token(tokens, end).has(Role.TILL):
            return None
        end += 1
    closed = bool(last.suffix & {Suffix.TO, Suffix.UNTIL})
    opened = opened or Suffix.FROM in first.suffix
    if opened and (closed or between or link.has(Role.UNTIL)):
        return Hours(replace(first, maybe_date=False), replace(last, maybe_date=False)), end
    if dashed and not first.exact and last.half is not None:  # 6 - 8 pm
        return Hours(first, last), end
    figures = (first.certain or first.maybe_date) and (last.certain or last.maybe_date)
    return (Hours(first, last), end) if figures and (linked or closed) else None


def _hyphened_range(tokens: Tokens, at: int) -> tuple[Hours, int] | None:
    """6-8 pm, 7-9 вечера."""
    token, half = _token(tokens, at), _half_after(tokens, at + 1)
    if token.kind is not Kind.PAIR or token.mark != "-" or half is None or token.values[1] > 12:
        return None
    if token.second_size == 2 and half not in (Half.AM, Half.PM):
        return None  # 7-10 вечера may be ten past seven
    start, end = (Hour(hour, english=half in (Half.AM, Half.PM)) for hour in token.values)
    return Hours(start, replace(end, half=half, marked=Marked.FIRMLY)), at + 2


def _hour(tokens: Tokens, at: int) -> tuple[Hour, int] | None:
    """One hour with what belongs to it: "axşam saat 7-də", "в 7 часов вечера", "at 6:30 pm", "18h30"."""
    led = _token(tokens, at - 1).has(Role.FROM, Role.UNTIL)
    before = _token(tokens, at).value(Role.PART)
    at += before is not None
    marked, english = Marked.BARE, False
    while _token(tokens, at).has(Role.AT, Role.HOUR_WORD) and marked is not Marked.FIRMLY:
        token = tokens[at]
        marked = Marked.FIRMLY if token.has(Role.HOUR_WORD) or marked is Marked.WEAKLY else Marked.WEAKLY
        english = english or token.value(Role.AT) == ENGLISH
        at += 1
    said = _figure(tokens, at)
    if said is None:
        return None
    if marked is not Marked.BARE:
        said = replace(said, maybe_date=False)
    said = replace(said, marked=max(marked, said.marked), english=english)
    bare = not (led or said.exact or said.marked is not Marked.BARE or _is_hour_unit(tokens, at + 1))
    said, at = _unit_after(tokens, at + 1, said)
    half = _half_after(tokens, at, bare=bare)
    if half is not None:
        said = replace(said, half=half, marked=Marked.FIRMLY, maybe_date=False)
        return replace(said, english=said.english or half in (Half.AM, Half.PM)), at + 1
    return (said if before is None else replace(said, half=HALVES[before], maybe_date=False)), at


def _figure(tokens: Tokens, at: int) -> Hour | None:
    """The figure of an hour, if there is one here."""
    token = _token(tokens, at)
    if token.has(Role.NOON):
        return Hour(12, exact=True, marked=Marked.FIRMLY)
    if token.kind is Kind.CLOCK:
        hour, minute = token.values
        return Hour(hour, minute, True, token.size == 2, marked=Marked.FIRMLY, suffix=token.suffix)
    if token.kind is Kind.PAIR:
        return _paired_figure(token, _token(tokens, at + 1))
    at_most_ordinal = bool(token.suffix) and token.suffix <= {Suffix.ORDINAL}
    if token.kind is not Kind.NUMBER or token.size > 2 or at_most_ordinal:
        return None
    if _token(tokens, at + 1).has(Role.MONTH, Role.OF):
        return None
    marked = Marked.FIRMLY if Suffix.AT in token.suffix else Marked.BARE
    return Hour(token.values[0], marked=marked, suffix=token.suffix)


def _paired_figure(token: Token, following: Token) -> Hour | None:
    """18.30 and 18-30. What may as well be a date, or a range from 18 to 20, is marked or left alone."""
    hour, minute = token.values
    if not _can_be_time(token) or token.mark == "/" or following.has(Role.MONTH):
        return None
    said = Hour(hour, minute, exact=True, padded=token.size == 2, suffix=token.suffix)
    if token.mark == ".":
        return replace(said, marked=Marked.FIRMLY, maybe_date=hour >= 1 and 1 <= minute <= 12)
    if minute == 0:
        return replace(said, marked=Marked.FIRMLY)
    return said if minute >= 24 else None


def _unit_after(tokens: Tokens, at: int, said: Hour) -> tuple[Hour, int]:
    """The word after the figure, and the minutes that may follow it: "18 часов 30 минут", "18h30", "6 o'clock"."""
    if _token(tokens, at).has(Role.OCLOCK):
        return replace(said, marked=Marked.FIRMLY, english=True), at + 1
    if not _is_hour_unit(tokens, at) or (said.exact and not _token(tokens, at).has(Role.CLOCK_UNIT)):
        return said, at
    if said.marked is not Marked.BARE or said.hour >= 13:
        said = replace(said, marked=Marked.FIRMLY, maybe_date=False)
    minutes, unit = _token(tokens, at + 1), _token(tokens, at + 2)
    if minutes.kind is Kind.NUMBER and minutes.size <= 2 and not said.exact:
        if unit.value(Role.UNIT) == 1:
            return replace(said, minute=minutes.values[0], exact=True), at + 3
        if minutes.glued and minutes.size == 2:
            return replace(said, minute=minutes.values[0], exact=True, marked=Marked.FIRMLY), at + 2
    return said, at + 1


def _is_hour_unit(tokens: Tokens, at: int) -> bool:
    """In "dekabrın 7-si saat 18" the hour word belongs to the figure after it, not to the one before."""
    token, following = _token(tokens, at), _token(tokens, at + 1)
    leads = token.has(Role.HOUR_WORD) and following.kind in (Kind.NUMBER, Kind.CLOCK, Kind.PAIR)
    return token.value(Role.UNIT) == 60 and not leads


def _half_after(tokens: Tokens, at: int, *, bare: bool = False) -> Half | None:
    """pm, вечера. After a bare figure "3 дня" is three days."""
    token = _token(tokens, at)
    half = token.value(Role.PART_OF)
    if half is None or (bare and token.has(Role.UNIT_DAYS)):
        return None
    return HALVES[half]


def _pair(tokens: Tokens, at: int) -> Found | None:
    """Left to the rest of the phrase to decide."""
    token = _token(tokens, at)
    if token.kind is not Kind.PAIR or token.mark != "." or not 1 <= token.values[1] <= 12:
        return None
    return Found((Pair(token.values[0], token.values[1], token.size == 2),), at, at + 1)


def _part_of_day(tokens: Tokens, at: int) -> Found | None:
    token = _token(tokens, at)
    half = token.value(Role.PART)
    if half is None and not token.has(Role.UNIT_DAYS):
        half = token.value(Role.PART_OF)
    if half is None or HALVES[half] in (Half.AM, Half.PM):
        return None
    return Found((PartOfDay(HALVES[half]),), at, at + 1)
