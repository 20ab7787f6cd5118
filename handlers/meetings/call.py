"""Calling a meeting: in one line, or step by step; always shown once more in full words before anybody hears of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import storage.chats
import storage.meetings
import storage.outgoings
import storage.reminders
from domain import meeting_cards
from domain.meetings import (
    AGENDA_MOST,
    AUDIENCE_NAMES,
    AUDIENCES,
    CAPACITY_MOST,
    MEETING_KINDS,
    PLACE_MOST,
    TITLE_MOST,
    Counts,
    Meeting,
    MeetingKind,
    agenda_of,
    capacity_of,
    place_of,
    title_of,
)
from domain.messages import (
    Body,
    Lane,
    Outgoing,
    Refused,
    Say,
    Subject,
    ToChat,
    ToPerson,
    Words,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Request
from domain.roles import LEADERS
from domain.when import NotUnderstood, When
from domain.writing import shorten
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.meetings import when
from storage.database import Connection

# NOTE: button. Leaves a question without an answer.
_SKIP = text("Skip")
_AS_TYPED = "="  # no title looks like this
# Who types it in one line is asked nothing that can be left open.
_PLAIN: dict[str, Any] = {
    "kind": MeetingKind.JOINT.value,
    "place": None,
    "agenda": None,
    "capacity": None,
    "people": "all",
}


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/meeting alone, or with everything in one line: "7 dekabr 18:00 Birinci görüş"."""
    chats = await storage.chats.of_community(db, community_of(request).id)
    answers: dict[str, Any] = {"groups": len(chats)}
    if not request.words:
        return await forms.start(db, request, FORM, answers)
    answers |= _PLAIN
    found = when.read_line(request, request.words)
    if isinstance(found, When):
        return await forms.start(db, request, FORM, answers | {"line": "", "day": when.said(found, rest=found.rest)})
    # Without any date in it all of it may be the title.
    answers["line"] = request.words if found is NotUnderstood.NO_DATE else ""
    return await forms.start(db, request, FORM, answers, intro=when.reason(request, found))


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_kind(_request: Request, _answers: Answers) -> Body:
    return text("What kind of meeting is it?")


def _ask_title(_request: Request, answers: Answers) -> Body:
    wrong = text("The title is too long, or it has no letters.") if _rest(answers) else None
    return paragraphs(wrong, text("What is its title? At most %(most)s characters.", most=TITLE_MOST))


def _read_title(request: Request, _answers: Answers) -> str:
    title = title_of(request.words)
    if title is None:
        raise Refused(
            text(
                "A title has letters or figures and at most %(most)s characters. For example: First joint meeting",
                most=TITLE_MOST,
            )
        )
    return title


async def _titles(_db: Connection, _request: Request, answers: Answers) -> Sequence[Choice]:
    """What was typed without a date is most likely the title."""
    title = title_of(answers.get("line", ""))
    offered = title is not None and not _rest(answers)
    return [Choice(Words(shorten(title, 40)), _AS_TYPED)] if offered and title else []


def _rest(answers: Answers) -> str:
    """What followed the date in one line."""
    day = answers.get("day")
    return str(day.get("rest", "")) if isinstance(day, dict) else ""


def _wants_title(answers: Answers) -> bool:
    return title_of(_rest(answers).partition("\n")[0]) is None


def _ask_place(_request: Request, _answers: Answers) -> Body:
    return text("Where is it? A room, an address or a link.")


def _read_place(request: Request, _answers: Answers) -> str:
    return _in_words(place_of(request.words), PLACE_MOST)


def _in_words(written: str | None, most: int) -> str:
    if written is None:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=most))
    return written


def _ask_agenda(_request: Request, _answers: Answers) -> Body:
    return text("What will it be about, and who will speak?")


def _read_agenda(request: Request, _answers: Answers) -> str:
    return _in_words(agenda_of(request.words), AGENDA_MOST)


def _ask_capacity(_request: Request, _answers: Answers) -> Body:
    return text("How many people can come? Whoever comes later goes on a waiting list.")


def _read_capacity(request: Request, _answers: Answers) -> int:
    capacity = capacity_of(request.words)
    if capacity is None:
        raise Refused(text("Please write a whole number from 1 to %(most)s. For example: 30", most=CAPACITY_MOST))
    return capacity


def _ask_people(_request: Request, _answers: Answers) -> Body:
    return text("Who is it for?")


def _ask_post(_request: Request, _answers: Answers) -> Body:
    return text("Shall the group chat see it too? Everybody in the group can read it there.")


def _may_post(answers: Answers) -> bool:
    """Whether the group must be asked about: there is one, and the meeting is not for everybody in it."""
    return bool(answers["groups"]) and answers["people"] != "all"


# --- the review, and what comes of it ---------------------------------------------------------------------------------


def _review(request: Request, answers: Answers) -> Body:
    meeting = _drafted(request, answers)
    in_group = meeting.in_group and answers["groups"]
    elsewhere = request.person.zone != meeting.zone
    return paragraphs(
        text("Please check it once more:"),
        meeting_cards.described(meeting, shown_in=meeting.zone),
        text("In your own time: %(time)s", time=meeting_cards.span(meeting)) if elsewhere else None,
        text("The group chat will see it too.") if in_group else None,
        text("Shall I call this meeting and tell everybody?"),
    )


def _drafted(request: Request, answers: Answers) -> Meeting:
    community = community_of(request)
    starts_at, ends_at = when.chosen(request, answers)
    capacity = answers.get("capacity")
    title, _, more = _rest(answers).partition("\n")
    return Meeting(
        id=0,
        community=community,
        kind=MeetingKind(answers["kind"]),
        title=_title(answers) or title,
        starts_at=starts_at,
        zone=community.zone,
        called_by=request.person.id,
        ends_at=ends_at,
        place=answers.get("place"),
        agenda=answers.get("agenda") or agenda_of(more),
        roles=AUDIENCES[answers["people"]],
        capacity=int(capacity) if capacity is not None else None,
        in_group=answers["people"] == "all" or answers.get("post") == "yes",
    )


def _title(answers: Answers) -> str | None:
    title = answers.get("title")
    return title_of(answers["line"]) if title == _AS_TYPED else title


async def _call(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    drafted = _drafted(request, answers)
    when.still_ahead(request, drafted.starts_at)
    meeting = replace(drafted, id=await storage.meetings.add(db, drafted, request.now))
    await storage.reminders.plan(db, meeting, request.now)
    reach = await storage.outgoings.reach(db, meeting.to, request.now)
    told = text_n(
        "The meeting is called. I am telling %(n)s person.",
        "The meeting is called. I am telling %(n)s people.",
        reach.persons,
    )
    return [
        Say(told),
        Say(
            meeting_cards.organisers_card(meeting, Counts(), request.now),
            meeting_cards.organisers_buttons(meeting, request.now),
            to=ToPerson(request.person.id),
            card=meeting.organisers_card,
        ),
        *await _in_groups(db, meeting),
        Say(
            meeting_cards.card(meeting),
            meeting_cards.buttons(meeting),
            to=meeting.to,
            card=meeting.card,
            lane=Lane.BROADCAST,
            subject=Subject("meeting", meeting.id),
            not_after=meeting.starts_at,
            dedupe_key=f"{meeting.card}:card",
        ),
    ]


async def _in_groups(db: Connection, meeting: Meeting) -> list[Outgoing]:
    """Silent: the members hear of it in private."""
    chats = await storage.chats.of_community(db, meeting.community.id) if meeting.in_group else []
    return [
        Say(
            meeting_cards.group_card(meeting, Counts()),
            meeting_cards.group_buttons(meeting),
            to=ToChat(chat.id),
            card=meeting.card,
            lane=Lane.BROADCAST,
            subject=Subject("meeting", meeting.id),
            not_after=meeting.starts_at,
            dedupe_key=f"{meeting.card}:chat:{chat.id}",
            silent=True,
        )
        for chat in chats
    ]


FORM = Form(
    "meeting",
    (
        Field("kind", _ask_kind, choices=fixed(*(Choice(name, kind.value) for kind, name in MEETING_KINDS.items()))),
        *when.FIELDS,
        Field("title", _ask_title, read=_read_title, choices=_titles, columns=1, when=_wants_title),
        Field("place", _ask_place, read=_read_place, skip=_SKIP),
        Field("agenda", _ask_agenda, read=_read_agenda, skip=_SKIP),
        Field(
            "capacity",
            _ask_capacity,
            read=_read_capacity,
            choices=fixed(*(Choice(Words(number), number) for number in ("10", "20", "30", "50"))),
            columns=4,
            # NOTE: button. As many people as like may come.
            skip=text("No limit"),
        ),
        Field("people", _ask_people, choices=fixed(*(Choice(name, key) for key, name in AUDIENCE_NAMES.items()))),
        Field(
            "post",
            _ask_post,
            # NOTE: button
            choices=fixed(Choice(text("Yes"), "yes"), Choice(text("No"), "no")),
            when=_may_post,
        ),
    ),
    _call,
    _review,
    # NOTE: button. Tells everybody of the meeting.
    done=text("Call it"),
    may=LEADERS,
)
