"""Reading a message: the parts are sought in it, settled, and what is left over is looked at with suspicion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.when.phrases import (
    NOBODY,
    Day,
    Found,
    Hours,
    Later,
    NotUnderstood,
    Part,
    PartOfDay,
    Weekday,
    part_at,
)
from domain.when.settle import Clock, Reader, Span, on_day, settle, settle_clock, settle_day
from domain.when.tokens import Kind, Token, tokenise
from domain.when.words import Role, Suffix

# Left over, these would have changed the meaning: "about 18:00", "7 декабря следующего года", "в пятницу через неделю".
_MEANINGFUL = (
    Role.MONTH,
    Role.MONTH_WORD,
    Role.CALENDAR,
    Role.UNSURE,
    Role.AFTER,
    Role.LATER,
    Role.TILL,
    Role.NUMBER_WORD,
    Role.PART_OF,
    Role.OCLOCK,
    Role.EVERY_AFTER,
)
_SEPARATORS = " \t\r\n\f\v\u00a0\u202f\u2028\u2029,;:.-–—−|/·•"


@dataclass(frozen=True, slots=True)
class When:
    """start and end are aware, in the reader's zone. rest: the words that were no part of the date, as typed."""

    start: datetime
    end: datetime | None
    rest: str


def read_when(words: str, now: datetime, zone: ZoneInfo, language: str) -> When | NotUnderstood:
    """The one moment a message names, wherever in it.

    A figure left over (5 in "sabah 18:00, 5 sinif") makes it AMBIGUOUS: it might have been a day or an hour.
    """
    tokens = tokenise(words, language)
    found, left = _search(tokens)
    span = settle(_parts(found), Reader(now, zone, language))
    if isinstance(span, NotUnderstood):
        return span
    if _is_meaningful(left):
        return NotUnderstood.AMBIGUOUS
    return When(span.start, span.end, _left_over(words, tokens, found))


def read_leading(words: str, now: datetime, zone: ZoneInfo, language: str) -> When | NotUnderstood:
    """The moment a one-line command begins with; rest is the title after it.

    A title that itself begins with a date, as "Tomorrow begins today", is kept apart by a new line, a colon or a
    quotation mark; otherwise the person is asked again.
    """
    tokens = tokenise(words, language)
    reader = Reader(now, zone, language)
    whole = _leading(tokens, reader)
    found = _without_title(whole, reader)
    span = settle(_parts(found), reader)
    if isinstance(span, NotUnderstood):
        return span
    if span != settle(_parts(whole), reader) or _runs_on(tokens, found):
        return NotUnderstood.AMBIGUOUS
    end = tokens[found[-1].end - 1].end
    return When(span.start, span.end, words[end:].lstrip(_SEPARATORS).rstrip())


def read_date(words: str, now: datetime, zone: ZoneInfo, language: str) -> date | NotUnderstood:
    """The day alone, where a form asks for it. With an hour in it AMBIGUOUS: try read_when first."""
    found, left = _search(tokenise(words, language))
    day = settle_day(_parts(found), Reader(now, zone, language))
    return NotUnderstood.AMBIGUOUS if not isinstance(day, NotUnderstood) and _is_meaningful(left) else day


def read_time(words: str, language: str) -> Clock | NotUnderstood:
    """The hours alone, where a form asks for them and knows the day. Here a bare 18 is clear, a bare 9 is not."""
    tokens = tokenise(words, language)
    if len(tokens) == 1 and tokens[0].kind is Kind.NUMBER and tokens[0].size == 2:
        words = f"{words.strip()}:00" if 13 <= tokens[0].values[0] <= 23 else words
        tokens = tokenise(words, language)
    found, left = _search(tokens)
    clock = settle_clock(_parts(found), language)
    return NotUnderstood.AMBIGUOUS if isinstance(clock, Clock) and _is_meaningful(left) else clock


def when_on(day: date, clock: Clock, now: datetime, zone: ZoneInfo) -> When | NotUnderstood:
    """A day from read_date or a button and an hour from read_time, put together and checked."""
    span = on_day(day, clock, now, zone)
    return When(span.start, span.end, "") if isinstance(span, Span) else span


def _parts(found: Iterable[Found]) -> list[Part]:
    return [part for one in found for part in one.parts]


def _search(tokens: list[Token]) -> tuple[list[Found], list[Token]]:
    found: list[Found] = []
    left: list[Token] = []
    at = 0
    while at < len(tokens):
        one = part_at(tokens, at, found[-1] if found else None)
        if one:
            found.append(one)
        else:
            left.append(tokens[at])
        at = one.end if one else at + 1
    return found, left


def _is_meaningful(left: Iterable[Token]) -> bool:
    return any(_could_matter(token) for token in left)


def _could_matter(token: Token) -> bool:
    if token.kind in (Kind.WORD, Kind.DASH):
        year = token.has(Role.YEAR_WORD) and len(token.text) > 1  # "г. Баку" is a town
        return year or token.value(Role.UNIT_DAYS) == 7 or token.has(*_MEANINGFUL)
    return token.suffix != {Suffix.TO}  # 5-a is a class


def _left_over(words: str, tokens: Sequence[Token], found: Iterable[Found]) -> str:
    pieces: list[str] = []
    at = 0
    for one in found:
        pieces.append(words[at : tokens[one.start].start])
        at = tokens[one.end - 1].end
    pieces.append(words[at:])
    return " ".join(piece for piece in (piece.strip(_SEPARATORS) for piece in pieces) if piece)


def _leading(tokens: list[Token], reader: Reader) -> list[Found]:
    """The parts that follow each other from the beginning, up to the first word that is none."""
    found: list[Found] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind is Kind.DASH:
            at += 1
            continue
        if tokens[at].broken and isinstance(settle(_parts(found), reader), Span):
            break
        one = part_at(tokens, at, found[-1] if found else None)
        if one is None:
            break
        found.append(one)
        at = one.end
    return found


def _without_title(found: list[Found], reader: Reader) -> list[Found]:
    """In "7 December 18:00 Monday club" the Monday is not needed and is the title's."""
    if not found[1:] or not found[-1].holds(Weekday, PartOfDay) or not found[-2].holds(Hours):
        return found
    shorter = found[:-1]
    return shorter if isinstance(settle(_parts(shorter), reader), Span) else found


def _runs_on(tokens: Sequence[Token], found: Sequence[Found]) -> bool:
    """Whether the title begins with words that belong to the date: "18:00 or 19:00", "in 2 hours after class"."""
    at = found[-1].end
    token, following = [*tokens[at : at + 2], NOBODY, NOBODY][:2]
    if token.broken:
        return False
    if found[-1].holds(Later) and token.has(Role.UNSURE, Role.AFTER):
        return True
    if token.kind is Kind.NUMBER and token.size == 4 and not token.apart:
        return not any(isinstance(part, Day) and part.year for part in _parts(found))
    if token.kind is Kind.DASH or token.has(Role.UNSURE, Role.UNTIL, Role.FROM, Role.AND):
        small = following.kind is Kind.NUMBER and following.size <= 2
        return small or bool(tokens[at + 1 :] and part_at(list(tokens), at + 1))
    return False
