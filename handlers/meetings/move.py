"""Another time for a meeting: asked in words or by buttons, shown once more, then done and told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import storage.meetings
import storage.series
import storage.slots
from domain import meeting_cards, series
from domain.meetings import Meeting, why_closed
from domain.messages import Body, Moment, Outgoing, Refused, Say, lines, paragraphs, text
from domain.requests import Request
from domain.roles import LEADERS
from domain.times import from_us, to_us
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.meetings import when
from handlers.meetings.manage import plan_anew, still_open, tell_change
from storage.database import Connection

_ALL = "all"


async def start(db: Connection, request: Request) -> list[Outgoing]:
    meeting = still_open(request)
    if meeting.source:
        whose = meeting.source
        raise Refused(text("This meeting is of another community: %(name)s. Only they can move it.", name=whose))
    lasts = (meeting.ends_at - meeting.starts_at).total_seconds() if meeting.ends_at else None
    answers = {
        "meeting": meeting.id,
        "revision": meeting.revision,
        "title": meeting.title,
        "was": to_us(meeting.starts_at),
        "lasts": lasts,
        "series": meeting.series_id,
    }
    intro = lines(text("Another time for: %(title)s", title=meeting.title), meeting_cards.when_of(meeting))
    return await forms.start(db, request, FORM, answers, intro=intro)


def _review(request: Request, answers: Answers) -> Body:
    starts_at, ends_at = _chosen(request, answers)
    zone = community_of(request).zone
    now = text("New time: %(time)s", time=Moment(starts_at, zone))
    till = text("Until: %(time)s", time=Moment(ends_at, zone)) if ends_at else None
    return paragraphs(
        text("Please check it once more:"),
        lines(
            text("<b>%(title)s</b>", title=answers["title"]),
            text("Old time: %(time)s", time=Moment(from_us(answers["was"]), zone)),
            now,
            till,
        ),
        text("Shall I move this meeting and tell everybody?"),
    )


def _chosen(request: Request, answers: Answers) -> tuple[datetime, datetime | None]:
    """It lasts as long as before, unless an end was named."""
    starts_at, ends_at = when.chosen(request, answers)
    if ends_at is None and answers["lasts"] is not None:
        ends_at = starts_at + timedelta(seconds=answers["lasts"])
    return starts_at, ends_at


async def _move(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    meeting = await storage.meetings.get(db, answers["meeting"])
    closed = why_closed(meeting, request.now)
    if closed is not None:
        raise Refused(closed)
    starts_at, ends_at = _chosen(request, answers)
    when.still_ahead(request, starts_at)
    following = await storage.series.from_on(db, meeting) if answers.get("reach") == _ALL else [meeting.id]
    if not await storage.meetings.move(db, meeting.id, answers["revision"], starts_at, ends_at, request.now):
        raise Refused(text("Somebody else has moved this meeting meanwhile. Please look at it again: /meetings"))
    await storage.slots.shift(db, meeting.id, starts_at - meeting.starts_at)
    await storage.series.announce_in_time(db, meeting.id, request.now)
    said = await _replanned(db, request, meeting)
    for meeting_id in following:
        if meeting_id != meeting.id:
            said += await _moved_along(db, request, meeting_id, meeting, (starts_at, ends_at))
    return [Say(text("The meeting is moved, and everybody is being told.")), *said]


async def _moved_along(
    db: Connection, request: Request, meeting_id: int, first: Meeting, to: tuple[datetime, datetime | None]
) -> list[Outgoing]:
    """A later one of the same series: as many days on as the first, at the same hour, as long."""
    meeting, zone = await storage.meetings.get(db, meeting_id), ZoneInfo(first.zone)
    starts_at = series.shifted(meeting.starts_at, zone, first.starts_at, to[0])
    ends_at = series.end(to[1], zone, to[0], starts_at) if to[1] is not None else None
    await storage.meetings.move(db, meeting.id, meeting.revision, starts_at, ends_at, request.now)
    await storage.series.shift_announcing(db, meeting.id, starts_at - meeting.starts_at)
    return await _replanned(db, request, meeting)


async def _replanned(db: Connection, request: Request, before: Meeting) -> list[Outgoing]:
    await plan_anew(db, request, before)
    return await tell_change(db, request, before)


def _ask_reach(_request: Request, _answers: Answers) -> Body:
    return text("This meeting recurs. Shall those after it move, too?")


FORM = Form(
    "meeting_move",
    (
        *when.FIELDS,
        Field(
            "reach",
            _ask_reach,
            choices=fixed(
                # NOTE: button. Moves one meeting of several that recur.
                Choice(text("Only this one"), "one"),
                # NOTE: button. Moves a meeting and those that recur after it.
                Choice(text("It and all later"), _ALL),
            ),
            when=lambda answers: answers["series"] is not None,
        ),
    ),
    _move,
    _review,
    # NOTE: button. Gives a meeting its new time.
    done=text("Move it"),
    may=LEADERS,
)
