"""Calling a meeting: in one line, or step by step; always shown once more in full words before anybody hears of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import storage.chats
import storage.meetings
import storage.outgoings
import storage.reminders
import storage.series
import storage.slots
from domain import meeting_cards, series
from domain.meetings import AUDIENCES, Counts, Meeting, MeetingKind, agenda_of, slots_of
from domain.messages import Body, Moment, Outgoing, Say, ToPerson, paragraphs, text, text_n
from domain.reminders import Before
from domain.requests import Request
from domain.roles import LEADERS
from domain.series import Every
from domain.when import NotUnderstood, When
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Form
from handlers.meetings import consultation, fields, offers, when
from storage.database import Connection

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


# --- the review, and what comes of it ---------------------------------------------------------------------------------


def _review(request: Request, answers: Answers) -> Body:
    meeting = _drafted(request, answers)
    in_group = meeting.in_group and answers["groups"]
    elsewhere = request.person.zone != meeting.zone
    return paragraphs(
        text("Please check it once more:"),
        meeting_cards.described(meeting, shown_in=meeting.zone),
        text("In your own time: %(time)s", time=meeting_cards.span(meeting)) if elsewhere else None,
        _times(request, answers),
        meeting_cards.reminders(meeting.reminds & offers.reminders_ahead(request, answers)),
        text("The group chat will see it too.") if in_group else None,
        text("Shall I call this meeting and tell everybody?"),
    )


def _times(request: Request, answers: Answers) -> Body | None:
    starts = offers.repeats(request, answers)
    last = Moment(starts[-1], when.zone_of(request).key)
    return (
        text("Meetings in all: %(count)s. The last one: %(time)s", count=len(starts), time=last) if starts[1:] else None
    )


def _drafted(request: Request, answers: Answers) -> Meeting:
    community = community_of(request)
    starts_at, ends_at = consultation.chosen(request, answers)
    capacity, minutes = answers.get("capacity"), answers.get("minutes")
    return Meeting(
        id=0,
        community=community,
        kind=MeetingKind(answers["kind"]),
        title=fields.title(answers),
        starts_at=starts_at,
        zone=community.zone,
        called_by=request.person.id,
        ends_at=ends_at,
        place=answers.get("place") or answers.get("link"),
        agenda=answers.get("agenda") or agenda_of(fields.rest(answers).partition("\n")[2]),
        roles=AUDIENCES[answers["people"]],
        capacity=int(capacity) if capacity is not None else None,
        in_group=answers["people"] == "all" or answers.get("post") == "yes",
        reminds=offers.reminds(answers),
        host=answers.get("host"),
        speakers=answers.get("speakers"),
        sessions=offers.sessions(answers),
        slot_minutes=int(minutes) if minutes is not None else None,
        every=offers.every(answers),
    )


async def _call(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    drafted = _drafted(request, answers)
    when.still_ahead(request, drafted.starts_at)
    _, said = await publish(db, request, drafted, offers.repeats(request, answers))
    return said


async def publish(
    db: Connection, request: Request, drafted: Meeting, starts: Sequence[datetime]
) -> tuple[Meeting, list[Outgoing]]:
    """The meeting is called: everybody it is for is told, now and by reminders; the asker has its organiser's card."""
    meeting = await _saved(db, request, drafted, starts)
    reach = await storage.outgoings.reach(db, meeting.to, request.now)
    told = text_n(
        "The meeting is called. I am telling %(n)s person.",
        "The meeting is called. I am telling %(n)s people.",
        reach.persons,
    )
    return meeting, [
        Say(told),
        Say(
            meeting_cards.organisers_card(meeting, Counts(), request.now),
            meeting_cards.organisers_buttons(meeting, request.now),
            to=ToPerson(request.person.id),
            card=meeting.organisers_card,
        ),
        *meeting_cards.invitations(meeting, await storage.chats.of_community(db, meeting.community.id)),
    ]


async def _saved(db: Connection, request: Request, drafted: Meeting, starts: Sequence[datetime]) -> Meeting:
    """The first of them; of each later one people hear when the one before it begins."""
    if drafted.every is not None:
        drafted = replace(drafted, series_id=await storage.series.add(db, drafted.every))
    saved = []
    for number, starts_at in enumerate(starts):
        one = _at(drafted, starts_at)
        announce_at = starts[number - 1] if number else None
        if announce_at is not None and drafted.every is Every.WEEK:  # its card comes a week before
            one = replace(one, reminds=one.reminds - {Before.WEEK})
        one = replace(one, id=await storage.meetings.add(db, one, request.now, announce_at))
        await storage.slots.add(db, one.id, slots_of(one))
        await storage.reminders.plan(db, one, request.now)
        saved.append(one)
    return saved[0]


def _at(meeting: Meeting, starts_at: datetime) -> Meeting:
    """The same meeting at another time, as long by the wall."""
    if meeting.ends_at is None:
        return replace(meeting, starts_at=starts_at)
    ends_at = series.end(meeting.ends_at, ZoneInfo(meeting.zone), meeting.starts_at, starts_at)
    return replace(meeting, starts_at=starts_at, ends_at=ends_at)


FORM = Form(
    "meeting",
    fields.FIELDS,
    _call,
    _review,
    # NOTE: button. Tells everybody of the meeting.
    done=text("Call it"),
    may=LEADERS,
)
