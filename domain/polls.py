"""Polls: one question to a community, what may be asked, how the answers are counted and told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.messages import (
    Refused,
    text,
)
from domain.requests import Community
from domain.roles import Audience, Membership, is_in
from domain.writing import clean, clean_line

OPTIONS_LEAST, OPTIONS_MOST = 2, 12
QUESTION_MOST, OPTION_MOST = 300, 100  # characters, as the messenger counts them
_EVENING = time(20)
_REMIND_BEFORE = timedelta(hours=24)


class State(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    REPLACED = "replaced"  # its author changed it before the first vote: another poll stands in its place


class Reminder(StrEnum):
    """Those who have not answered are reminded once: on the author's tap, or by time."""

    NONE = "none"
    SENDING = "sending"
    SENT = "sent"


class Closing(StrEnum):
    """When a poll closes, by a button."""

    HOUR = "1h"
    EVENING = "evening"
    DAYS = "3d"
    WEEK = "7d"


class Whom(StrEnum):
    """Where a poll is opened. Whoever belongs to the community may answer it in either place."""

    GROUPS = "groups"
    PERSONS = "persons"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Poll:
    id: int
    community: Community
    author_id: int
    question: str
    options: tuple[str, ...]
    multiple: bool
    whom: Whom
    state: State
    reminder: Reminder
    closes_at: datetime | None = None

    @property
    def audience(self) -> Audience:
        return Audience(self.community.id, self.community.path)

    @property
    def card(self) -> str:
        """The native poll in a chat."""
        return f"poll:{self.id}"

    @property
    def author_card(self) -> str:
        return f"poll_author:{self.id}"

    def is_open(self, now: datetime) -> bool:
        return self.state == State.OPEN and (self.closes_at is None or now < self.closes_at)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a leader wants to ask: a poll before it is one."""

    question: str
    options: tuple[str, ...]
    multiple: bool = False
    whom: Whom = Whom.GROUPS
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many persons answered, and how many of them chose each option."""

    answered: int
    votes: tuple[int, ...]

    def percent(self, option: int) -> int:
        """Of those who answered; half a percent rounds up."""
        return (200 * self.votes[option] + self.answered) // (2 * self.answered) if self.answered else 0


# --- what people write ------------------------------------------------------------------------------------------------


def units(words: str) -> int:
    """The length as the messenger counts it: an emoji is two."""
    return len(words.encode("utf-16-le")) // 2


def one_line(words: str) -> tuple[str, tuple[str, ...]]:
    """The question and the options of "Question? | Yes | No". Raises Refused."""
    question, *options = words.split("|")
    return read_question(question), with_options((), options)


def read_question(words: str) -> str:
    """Raises Refused with the limit."""
    question = clean_line(words)
    if not question:
        raise Refused(text("Please write a question. For example: Shall we go to the museum?"))
    if units(question) > QUESTION_MOST:
        raise Refused(
            text(
                "The question is too long. It has %(length)s characters; at most %(most)s fit. Please shorten it.",
                length=units(question),
                most=QUESTION_MOST,
            )
        )
    return question


def options_in(words: str) -> list[str]:
    """One option a line; empty lines between them are no options."""
    return [line for line in clean(words).split("\n") if line.strip()] or [""]


def with_options(before: Sequence[str], new: Iterable[str]) -> tuple[str, ...]:
    """The options so far with new ones. Raises Refused for an empty, a long or a repeated one, or for too many."""
    options = list(before)
    for words in new:
        option = clean_line(words)
        _check(option, options)
        options.append(option)
    if len(options) > OPTIONS_MOST:
        raise Refused(
            text(
                "A poll has 2 to 12 answers to choose from; these would be %(count)s. Please leave some out.",
                count=len(options),
            )
        )
    return tuple(options)


def enough_options(options: Sequence[str]) -> None:
    """Raises Refused when there is nothing to choose between."""
    if len(options) < OPTIONS_LEAST:
        raise Refused(
            text(
                "A poll needs 2 to 12 answers to choose from. Please write each in a line of its own,"
                " or all in one line: /poll Question? | Yes | No"
            )
        )


def _check(option: str, before: Sequence[str]) -> None:
    if not option:
        raise Refused(text("One of the answers is empty. Please write what people can choose, for example: Yes"))
    if units(option) > OPTION_MOST:
        raise Refused(
            text(
                "This answer is too long: %(option)s. It has %(length)s characters; at most %(most)s fit.",
                option=option,
                length=units(option),
                most=OPTION_MOST,
            )
        )
    if option.casefold() in {one.casefold() for one in before}:
        raise Refused(text("This answer is there twice: %(option)s. Please write each only once.", option=option))


# --- time -------------------------------------------------------------------------------------------------------------


def closes_at(closing: Closing, now: datetime, zone: ZoneInfo) -> datetime:
    match closing:
        case Closing.HOUR:
            return now + timedelta(hours=1)
        case Closing.EVENING:
            tomorrow = now.astimezone(zone).date() + timedelta(days=1)
            return datetime.combine(tomorrow, _EVENING, zone)
        case Closing.DAYS:
            return now + timedelta(days=3)
        case Closing.WEEK:
            return now + timedelta(days=7)


def remind_at(opened_at: datetime, closing_at: datetime | None) -> datetime | None:
    """A day before the close, or halfway to it when that is later; a poll without a close is reminded of by hand."""
    if closing_at is None:
        return None
    return max(closing_at - _REMIND_BEFORE, opened_at + (closing_at - opened_at) / 2)


# --- votes ------------------------------------------------------------------------------------------------------------


def choices_of(options: Iterable[int], count: int) -> int | None:
    """The chosen options as one number, a bit each (0: taken back); None when the poll has no such option."""
    chosen = set(options)
    if any(not 0 <= option < count for option in chosen):
        return None
    return sum(1 << option for option in chosen)


def ballot(poll: Poll, options: Iterable[int], memberships: Iterable[Membership], at: datetime) -> int | None:
    """What a native vote counts for (see choices_of); None: nothing, as the poll is closed or not for this person."""
    if not poll.is_open(at) or not is_in(poll.audience, memberships):
        return None
    return choices_of(options, len(poll.options))


def tally(ballots: Mapping[int, int], count: int) -> Tally:
    """Counts ballots: how many persons (the value) chose this combination of options (the key, see choices_of)."""
    votes = tuple(
        sum(persons for choices, persons in ballots.items() if choices >> option & 1) for option in range(count)
    )
    return Tally(sum(persons for choices, persons in ballots.items() if choices), votes)
