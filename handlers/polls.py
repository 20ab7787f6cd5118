"""Polls: a question to a community, answered in the messenger's own polls, counted here once for each person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import storage.chats
import storage.polls
from domain.messages import (
    Body,
    Button,
    DeepLink,
    Delete,
    Edit,
    Keyboard,
    Link,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToChat,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.polls import (
    OPEN_VOTES,
    Asked,
    Closing,
    Poll,
    Whom,
    author_doors,
    author_view,
    ballot,
    closes_at,
    enough_options,
    native,
    one_line,
    options_in,
    read_question,
    remind_at,
    told_at_close,
    with_options,
)
from domain.requests import Request
from domain.roles import COMMUNITY_ROLES, LEADERS, is_in
from domain.times import from_us, maybe_us, to_us
from domain.when import NotUnderstood, read_when
from domain.writing import shorten
from handlers import dates, forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from storage.database import Connection

_PAGE = 8
_LABEL_MOST = 32

CLOSED = text("This poll is closed.")
ANSWERED_ALREADY = text(
    "Somebody has answered already, so the question and the answers can't be changed any more."
    " You can close this poll and ask again."
)


async def load(db: Connection, poll_id: int, _person_id: int) -> Poll | None:
    return await storage.polls.get(db, poll_id)


# --- asking -----------------------------------------------------------------------------------------------------------


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
        # NOTE: button
        to_private = Link(text("Open private chat"), DeepLink("home"))
        raise Refused(
            text("Here I need it all in one line: /poll Question? | Yes | No. In our private chat I ask step by step."),
            buttons=[[to_private]],
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
    found = read_when(request.words, request.now, request.person.zone_info, request.person.language)
    if isinstance(found, NotUnderstood):
        raise dates.ask_again(found)
    return to_us(found.start)


def _closing(request: Request, answers: Answers) -> datetime | None:
    given = answers["close"]
    if isinstance(given, str):
        return closes_at(Closing(given), request.now, ZoneInfo(community_of(request).zone))
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


def _review(request: Request, answers: Answers) -> Body:
    closing = _closing(request, answers)
    closes = text("Closes: %(moment)s", moment=Moment(closing)) if closing else text("Closes: when you close it")
    return paragraphs(
        lines(text("<b>%(question)s</b>", question=answers["question"]), *map(_option, _options(answers))),
        lines(
            text("Answers per person: %(how_many)s", how_many=_SEVERAL[answers["several"]]),
            closes,
            text("Community: %(name)s", name=community_of(request).name),
            text("Where: %(where)s", where=_WHOM[Whom(answers["whom"])]),
            text("Those who have not answered are reminded once before it closes.") if closing else None,
        ),
        OPEN_VOTES,
    )


def _option(option: str) -> Text:
    return text("○ %(option)s", option=option)


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    closing = _closing(request, answers)
    if closing is not None and closing <= request.now:
        raise dates.ask_again(NotUnderstood.PAST)
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
    # NOTE: button. Publishes a poll.
    done=text("Open the poll"),
    may=LEADERS,
)


# --- voting -----------------------------------------------------------------------------------------------------------


async def take_vote(db: Connection, request: Request) -> list[Outgoing]:
    """An answer in a native poll. One that we don't know to be ours yet is kept: jobs.polls matches it."""
    incoming, person_id = request.incoming, request.person.id
    native_id = incoming.poll_id or ""
    subject = await storage.polls.subject_of(db, incoming.channel, native_id)
    if subject is None:
        await storage.polls.keep_vote(db, incoming.channel, native_id, person_id, incoming.options, request.now)
        return []
    poll = await storage.polls.get(db, subject[1]) if subject[0] == "poll" else None
    if poll is None:
        return []
    choices = ballot(poll, incoming.options, request.memberships, request.now)
    if choices is not None:
        await storage.polls.cast(db, poll.id, person_id, choices, request.now)
        return []
    if is_in(poll.audience, request.memberships) or not incoming.options:
        return []
    told = text(
        "Your answer to this poll is not counted, because you do not belong to this community: %(name)s",
        name=poll.community.name,
    )
    return [Say(told, to=ToPerson(person_id), dedupe_key=f"{poll.card}:not_counted:{person_id}")]


async def open_again(_db: Connection, request: Request) -> list[Outgoing]:
    """The native poll, once more at the end of the person's chat; the copy before it goes."""
    poll: Poll = request.subject
    if not poll.is_open(request.now):
        raise Refused(CLOSED)
    if not is_in(poll.audience, request.memberships):
        raise Refused(text("This poll is for the members of: %(name)s", name=poll.community.name))
    to = ToPerson(request.person.id)
    return [Delete(poll.card, to), native(poll, to, once=False)]


# --- the open polls ---------------------------------------------------------------------------------------------------


async def show_open(db: Connection, request: Request) -> list[Outgoing]:
    """/polls"""
    return [Say(*await _listed(db, request, 0))]


async def show_more(db: Connection, request: Request) -> list[Outgoing]:
    """args: the number of the last poll shown."""
    return [Edit(*await _listed(db, request, request.number(0)))]


async def _listed(db: Connection, request: Request, before: int) -> tuple[Body, Keyboard]:
    own = {
        int(part)
        for membership in request.memberships
        if membership.role in COMMUNITY_ROLES
        for part in membership.path.strip("/").split("/")
    }
    found = await storage.polls.open_for(db, request.person.id, sorted(own), request.now, before=before, most=_PAGE + 1)
    shown = found[:_PAGE]
    if not shown:
        return text("No poll is open for you right now."), ()
    answered = await storage.polls.answered_of(db, request.person.id, shown)
    rows: list[Sequence[Button]] = [_doors(request, poll) for poll in shown]
    if len(found) > _PAGE:
        rows.append([button(text("More"), "polls.more", shown[-1].id)])
    entries = [_entry(poll, answered=poll.id in answered) for poll in shown]
    return paragraphs(text("<b>Open polls</b>"), lines(*entries)), rows


def _entry(poll: Poll, *, answered: bool) -> Text:
    if answered:
        return text("✓ %(question)s (you have answered)", question=poll.question)
    return text("○ %(question)s (not answered yet)", question=poll.question)


def _doors(request: Request, poll: Poll) -> list[Button]:
    row = []
    if is_in(poll.audience, request.memberships):
        row.append(button(Words(shorten(poll.question, _LABEL_MOST)), "poll.open", poll.id))
    if poll.author_id == request.person.id:
        # NOTE: button. How people have voted in a poll so far.
        row.append(button(text("Results"), "poll", poll.id))
    return row


# --- the author -------------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The author's card once more, at the end of her chat."""
    poll: Poll = request.subject
    counts = await storage.polls.count(db, poll)
    view, doors = author_view(poll, counts, request.now), author_doors(poll, counts, request.now)
    card = poll.author_card if poll.author_id == request.person.id else None
    return [Say(view, doors, card=card, to=ToPerson(request.person.id))]


async def close(db: Connection, request: Request) -> list[Outgoing]:
    poll: Poll = request.subject
    closed_now = await storage.polls.close(db, poll.id, request.now)
    closed = await storage.polls.get_certain(db, poll.id)
    counts = await storage.polls.count(db, closed)
    tapped = Edit(author_view(closed, counts, request.now))
    if not closed_now:
        return [tapped, Toast(CLOSED)]
    return [tapped, *told_at_close(closed, counts, request.now), Toast(text("The poll is closed."))]


async def remind(db: Connection, request: Request) -> list[Outgoing]:
    """jobs.polls sends the reminders."""
    poll: Poll = request.subject
    started = poll.is_open(request.now) and await storage.polls.start_reminder(db, poll.id)
    now_stands = await storage.polls.get_certain(db, poll.id)
    counts = await storage.polls.count(db, poll)
    view, doors = author_view(now_stands, counts, request.now), author_doors(now_stands, counts, request.now)
    if started:
        return [Edit(view, doors), Toast(text("Those who have not answered are reminded now."))]
    why = text("They were reminded before.") if now_stands.is_open(request.now) else CLOSED
    return [Edit(view, doors), Toast(why)]


async def change(db: Connection, request: Request) -> list[Outgoing]:
    """Before the first vote the question and the answers are asked again; another poll takes this one's place."""
    poll: Poll = request.subject
    if not poll.is_open(request.now):
        raise Refused(CLOSED)
    if (await storage.polls.count(db, poll)).answered:
        raise Refused(ANSWERED_ALREADY)
    kept = {
        "several": "many" if poll.multiple else "one",
        "close": maybe_us(poll.closes_at),
        "whom": poll.whom.value,
        "changes": poll.id,
    }
    return await forms.start(db, request, FORM, kept)
