"""Polls: one question to a community, what may be asked, how the answers are counted and told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Lane,
    Moment,
    OpenPoll,
    Outgoing,
    Refused,
    Say,
    Subject,
    Text,
    ToChat,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
    text_n,
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
                "The question is too long: it has %(length)s characters, and %(most)s are possible. Please shorten it.",
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
                "This answer is too long: %(option)s. It has %(length)s characters, and %(most)s are possible.",
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


# --- how it is told ---------------------------------------------------------------------------------------------------


def counted(poll: Poll, counts: Tally) -> Body:
    """The votes of each option, in the order of the options."""
    return lines(
        *(
            text(
                "%(option)s: %(votes)s (%(percent)s %%)",
                option=option,
                votes=counts.votes[number],
                percent=counts.percent(number),
            )
            for number, option in enumerate(poll.options)
        )
    )


def result(poll: Poll, counts: Tally) -> Body:
    """The result in words, for the group and the author."""
    if not counts.answered:
        return paragraphs(_titled(text("<b>Result of the poll</b>"), poll), text("Nobody has answered."))
    answered = text_n("%(n)s person answered.", "%(n)s people answered.", counts.answered)
    return paragraphs(
        _titled(text("<b>Result of the poll</b>"), poll),
        lines(answered, counted(poll, counts)),
        text("Several answers were possible, so the percentages can add up to more than 100.")
        if poll.multiple
        else None,
    )


def author_view(poll: Poll, counts: Tally, now: datetime) -> Body:
    """The author's card."""
    answered = text_n("%(n)s person has answered so far.", "%(n)s people have answered so far.", counts.answered)
    return paragraphs(
        _titled(text("<b>Your poll</b>"), poll),
        lines(answered, counted(poll, counts)),
        lines(
            closing_line(poll) if poll.is_open(now) else text("The poll is closed."), _reminded(poll, now), OPEN_VOTES
        ),
    )


def native(poll: Poll, to: ToChat | ToPerson, *, lane: Lane = Lane.REPLY, once: bool = True) -> OpenPoll:
    """A copy of the poll in the messenger. `once`: another one to the same place is not sent."""
    key = f"{poll.card}:chat:{to.chat_id}" if isinstance(to, ToChat) else f"{poll.card}:{to.person_id}"
    return OpenPoll(
        poll.card,
        poll.question,
        poll.options,
        poll.multiple,
        to=to,
        lane=lane,
        dedupe_key=key if once else None,
        subject=Subject("poll", poll.id),
        not_after=poll.closes_at,
    )


def told_at_close(poll: Poll, counts: Tally, now: datetime) -> list[Outgoing]:
    """What the author hears of a poll that has just been closed. The groups hear as their copies are stopped."""
    to_author = ToPerson(poll.author_id)
    return [
        Edit(author_view(poll, counts, now), card=poll.author_card, to=to_author),
        Say(result(poll, counts), to=to_author, dedupe_key=f"{poll.card}:result"),
    ]


OPEN_VOTES = text("Everybody who sees the poll also sees who chose what.")


def author_doors(poll: Poll, counts: Tally, now: datetime) -> Keyboard:
    """What the author can do now."""
    if not poll.is_open(now):
        return ()
    # NOTE: button. Reminds those who have not answered a poll.
    remind = [button(text("Remind the rest"), "poll.remind", poll.id)] if poll.reminder == Reminder.NONE else []
    # NOTE: button. Changes a poll's question and answers.
    change = [] if counts.answered else [button(text("Change"), "poll.change", poll.id)]
    # NOTE: button. Ends a poll.
    return [[button(text("Close now"), "poll.close", poll.id)], remind, change]


def closing_line(poll: Poll) -> Text:
    """When an open poll closes."""
    if poll.closes_at is None:
        return text("It is open until it is closed by hand.")
    return text("It closes: %(moment)s", moment=Moment(poll.closes_at))


def _titled(title: Text, poll: Poll) -> Body:
    return lines(title, text("%(question)s", question=poll.question))


def _reminded(poll: Poll, now: datetime) -> Text | None:
    if poll.reminder != Reminder.NONE:
        return text("Those who had not answered were reminded.")
    if poll.closes_at is None or not poll.is_open(now):
        return None
    return text("Those who have not answered are reminded once before it closes.")
