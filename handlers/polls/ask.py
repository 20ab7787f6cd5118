"""Asking: a poll in one line, or question by question, with a review."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import storage.chats
import storage.polls
from domain.messages import (
    Body,
    Edit,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    ToChat,
    ToPerson,
    lines,
    paragraphs,
    text,
)
from domain.poll_cards import OPEN_VOTES, author_doors, author_view, native
from domain.polls import (
    Asked,
    Closing,
    Poll,
    Whom,
    closes_at,
    enough_options,
    one_line,
    options_in,
    read_question,
    remind_at,
    with_options,
)
from domain.requests import Request
from domain.roles import LEADERS
from domain.times import from_us, to_us
from domain.when import NotUnderstood, read_when
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.meetings.when import reason, zone_of
from handlers.route import TO_PRIVATE
from storage.database import Connection

ANSWERED_ALREADY = text(
    "Somebody has answered already, so the question and the answers can't be changed any more."
    " You can close this poll and ask again."
)


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/poll, or /poll Question? | Yes | No."""
    if not request.incoming.is_private:
        return await _open_here(db, request)
    has_groups = bool(await storage.chats.below(db, community_of(request).path, most=1))
    answers: dict[str, Any] = {} if has_groups else {"whom": Whom.PERSONS.value}
    if request.words:
        question, options = one_line(request.words)
        enough_options(options)
        answers = {"whom": Whom.GROUPS.value, **answers}
        answers |= {"question": question, "options": [list(options)], "several": "one", "close": None}
    return await forms.start(db, request, FORM, answers)


async def _open_here(db: Connection, request: Request) -> list[Outgoing]:
    """A one-line poll typed in a group chat stands there at once."""
    if request.chat is None or not request.words:
        raise Refused(
            text("Here I need it all in one line: /poll Question? | Yes | No. In our private chat I ask step by step."),
            buttons=[[TO_PRIVATE]],
        )
    question, options = one_line(request.words)
    enough_options(options)
    poll = await _add(db, request, Asked(question, options))
    await storage.polls.save_opened(db, poll.id, 0, 0, done=True)
    return [native(poll, ToChat(request.chat.id)), *await _author_card(db, request, poll)]


async def _add(db: Connection, request: Request, asked: Asked) -> Poll:
    due = remind_at(request.now, asked.closes_at)
    poll_id = await storage.polls.add(db, community_of(request).id, request.person.id, asked, request.now, due)
    return await storage.polls.get_certain(db, poll_id)


def _ask_question(_request: Request, _answers: Answers) -> Text:
    return text("What is your question? For example: Shall we go to the museum?")


def _ask_options(_request: Request, _answers: Answers) -> Text:
    return text("What can people choose? Write each answer in a line of its own, 2 to 12 of them; then tap Next.")


def _read_options(request: Request, answers: Answers) -> list[str]:
    before = _options(answers)
    return list(with_options(before, options_in(request.words))[len(before) :])


def _options(answers: Answers) -> list[str]:
    """The options so far: a list for each message that named some."""
    return [option for message in answers.get("options") or () for option in message]


def _enough(messages: Sequence[Sequence[str]]) -> None:
    enough_options([option for message in messages for option in message])


def _ask_several(_request: Request, _answers: Answers) -> Text:
    return text("How many answers may each person choose?")


_SEVERAL: Mapping[str, Text] = {
    # NOTE: button. Each person chooses one answer of a poll.
    "one": text("One"),
    # NOTE: button. Each person may choose several answers of a poll.
    "many": text("Several"),
}


def _ask_close(_request: Request, _answers: Answers) -> Text:
    return text("When does the poll close? Tap, or write a day and a time. For example: Friday 18:00")


_CLOSINGS: Mapping[Closing, Text] = {
    # NOTE: button. A poll closes in one hour.
    Closing.HOUR: text("In 1 hour"),
    # NOTE: button
    Closing.EVENING: text("Tomorrow evening"),
    # NOTE: button. A poll closes in three days.
    Closing.DAYS: text("In 3 days"),
    # NOTE: button. A poll closes in seven days.
    Closing.WEEK: text("In a week"),
}
# NOTE: button. The author closes the poll by hand.
_BY_HAND = text("I close it myself")


def _read_close(request: Request, _answers: Answers) -> int:
    """Microseconds, as the draft keeps it."""
    found = read_when(request.words, request.now, zone_of(request), request.person.language)
    if isinstance(found, NotUnderstood):
        raise Refused(reason(request, found))
    return to_us(found.start)


def _closing(request: Request, answers: Answers) -> datetime | None:
    given = answers["close"]
    if isinstance(given, str):
        return closes_at(Closing(given), request.now, zone_of(request))
    return None if given is None else from_us(given)


def _ask_whom(request: Request, _answers: Answers) -> Text:
    return text("Where do I ask this? Community: %(name)s", name=community_of(request).name)


_WHOM: Mapping[Whom, Text] = {
    # NOTE: button. A poll is posted in the group chats of a community.
    Whom.GROUPS: text("In the group chats"),
    # NOTE: button. A poll goes to each member's private chat.
    Whom.PERSONS: text("Everyone privately"),
    # NOTE: button. In the group chats and privately.
    Whom.BOTH: text("Both"),
}


_PLACES: Mapping[Whom, Text] = {
    Whom.GROUPS: text("It is posted in the group chats."),
    Whom.PERSONS: text("Everyone gets it privately."),
    Whom.BOTH: text("It is posted in the group chats, and everyone gets it privately."),
}


def _review(request: Request, answers: Answers) -> Body:
    closing = _closing(request, answers)
    closes = text("Closes: %(moment)s", moment=Moment(closing)) if closing else text("Closes: when you close it")
    return paragraphs(
        lines(text("<b>%(question)s</b>", question=answers["question"]), *map(_option, _options(answers))),
        lines(
            text("Answers per person: %(how_many)s", how_many=_SEVERAL[answers["several"]]),
            closes,
            text("Community: %(name)s", name=community_of(request).name),
            _PLACES[Whom(answers["whom"])],
            text("Those who have not answered are reminded once before it closes.") if closing else None,
        ),
        OPEN_VOTES,
    )


def _option(option: str) -> Text:
    return text("○ %(option)s", option=option)


async def _pinned(_db: Connection, request: Request, answers: Answers) -> Answers:
    """The evening that the review shows stays, also when midnight comes before the tap; an hour begins with it."""
    closing = _closing(request, answers) if answers["close"] == Closing.EVENING else None
    return {} if closing is None else {"close": to_us(closing)}


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    closing = _closing(request, answers)
    if closing is not None and closing <= request.now:
        raise Refused(reason(request, NotUnderstood.PAST))
    replaced = answers.get("changes")
    if replaced is not None and not await storage.polls.replace(db, replaced, request.now):
        return [Say(ANSWERED_ALREADY)]
    options, multiple, whom = tuple(_options(answers)), answers["several"] == "many", Whom(answers["whom"])
    poll = await _add(db, request, Asked(answers["question"], options, multiple, whom, closing))
    return [*await _farewell(db, replaced), *await _author_card(db, request, poll)]


async def _farewell(db: Connection, replaced_id: int | None) -> list[Outgoing]:
    """The author's card of a poll that another one replaces."""
    if replaced_id is None:
        return []
    old = await storage.polls.get_certain(db, replaced_id)
    told = text("You changed this poll: the new one takes its place.")
    return [Edit(told, card=old.author_card, to=ToPerson(old.author_id))]


async def _author_card(db: Connection, request: Request, poll: Poll) -> list[Outgoing]:
    counts = await storage.polls.count(db, poll)
    view, doors = author_view(poll, counts, request.now), author_doors(poll, counts, request.now)
    return [Say(view, doors, card=poll.author_card, to=ToPerson(poll.author_id))]


FORM = Form(
    "poll",
    (
        Field("question", _ask_question, read=lambda request, _: read_question(request.words)),
        Field("options", _ask_options, read=_read_options, many=True, enough=_enough),
        Field("several", _ask_several, choices=fixed(*(Choice(label, key) for key, label in _SEVERAL.items()))),
        Field(
            "close",
            _ask_close,
            read=_read_close,
            choices=fixed(*(Choice(label, key.value) for key, label in _CLOSINGS.items())),
            skip=_BY_HAND,
        ),
        Field(
            "whom",
            _ask_whom,
            choices=fixed(*(Choice(label, key.value) for key, label in _WHOM.items())),
            columns=1,
        ),
    ),
    _finish,
    review=_review,
    facts=_pinned,
    # NOTE: button. Publishes a poll.
    done=text("Open the poll"),
    may=LEADERS,
)
