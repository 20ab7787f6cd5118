"""What time triggers after a meeting: its people are asked how it was, and its organiser hears what they said."""

from dataclasses import replace
from datetime import datetime

import storage.feedback
import storage.meetings
import storage.persons
from domain import attendance, feedback
from domain.feedback import FIRST_LOOK, PAGE
from domain.meetings import Meeting
from domain.messages import Body, Keyboard, Lane, Outgoing, Say, ToPerson
from domain.roles import LEADERS, MEMBERS, is_allowed
from storage.database import Connection
from storage.feedback import Round

_MEETINGS, _ROUNDS, _PERSONS = 50, 20, 500  # in one tick


async def end_meetings(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever called a meeting is offered what comes after it, and the question to its people is planned."""
    over = await storage.feedback.just_over(db, now, _MEETINGS)
    for meeting in over:
        asks_at = feedback.asks_at(attendance.ends_at(meeting), meeting.zone)
        await storage.feedback.plan(db, meeting.id, max(asks_at, now))
    leading = await _leading(db, over, now)
    asleep = await storage.persons.in_quiet_hours(db, [meeting.called_by for meeting in leading], now)
    return [
        Say(
            feedback.over(meeting),
            feedback.over_buttons(meeting),
            to=ToPerson(meeting.called_by),
            dedupe_key=f"{meeting.card}:over",
            silent=meeting.called_by in asleep,
        )
        for meeting in leading
    ]


async def _leading(db: Connection, meetings: list[Meeting], now: datetime) -> list[Meeting]:
    """Those whose organiser still leads there."""
    held = await storage.persons.memberships_of(db, [meeting.called_by for meeting in meetings], now)
    return [one for one in meetings if is_allowed(LEADERS, held.get(one.called_by, ()), one.community.path)]


async def ask_how_it_was(db: Connection, now: datetime) -> list[Outgoing]:
    said: list[Outgoing] = []
    for one in await storage.feedback.due(db, now, _ROUNDS):
        meeting = await storage.meetings.get(db, one.meeting_id)
        if now >= one.closes_at:
            said += await _sum_up(db, meeting, one, now)
        elif one.state == "asking":
            said += await _ask(db, meeting, one, now)
        else:
            said += await _look_first(db, meeting, one, now)
    return said


async def _ask(db: Connection, meeting: Meeting, one: Round, now: datetime) -> list[Outgoing]:
    people = await storage.feedback.were_there(db, meeting, one.reached_person, _PERSONS)
    if len(people) < _PERSONS:
        await storage.feedback.save(db, replace(one, state="open"), one.asks_at + FIRST_LOOK)
    else:
        await storage.feedback.save(db, replace(one, reached_person=people[-1]), now)
    held = await storage.persons.memberships_of(db, people, now)
    hours = await storage.persons.quiet_hours_of(db, people)
    return [
        Say(
            feedback.question(meeting),
            feedback.buttons(meeting),
            to=ToPerson(person),
            lane=Lane.REMINDER,
            not_before=hours[person].ends(now) if person in hours and hours[person].holds(now) else None,
            not_after=one.closes_at,
            dedupe_key=f"feedback:{meeting.id}:{person}",
        )
        for person in people
        if is_allowed(MEMBERS, held.get(person, ()), meeting.community.path, meeting.audience)
    ]


async def _look_first(db: Connection, meeting: Meeting, one: Round, now: datetime) -> list[Outgoing]:
    """A day after asking, if enough have answered."""
    tally = await storage.feedback.tally(db, meeting.id)
    shows = feedback.is_worth_showing(tally, one.told) and bool(await _leading(db, [meeting], now))
    await storage.feedback.save(db, replace(one, told=tally.persons if shows else one.told), one.closes_at)
    if not shows:  # there may be no answer at all, and then no average
        return []
    return [
        _to_organiser(
            meeting, feedback.first_look(meeting, tally, one.closes_at), f"{feedback.card_of(meeting.id)}:first"
        )
    ]


async def _sum_up(db: Connection, meeting: Meeting, one: Round, now: datetime) -> list[Outgoing]:
    """At the end: the words, whenever they were written, and the numbers if they tell more than before."""
    tally = await storage.feedback.tally(db, meeting.id)
    await storage.feedback.save(db, replace(one, state="closed"), one.closes_at)
    is_news = tally.lines > 0 or feedback.is_worth_showing(tally, one.told)
    if not is_news or not await _leading(db, [meeting], now):
        return []
    lines = await storage.feedback.lines(db, meeting.id, skip=0, most=PAGE + 1)
    body = feedback.summary(meeting, tally, one.told, lines[:PAGE])
    more = feedback.summary_buttons(meeting, 0, more=len(lines) > PAGE)
    return [_to_organiser(meeting, body, f"{feedback.card_of(meeting.id)}:end", more)]


def _to_organiser(meeting: Meeting, body: Body, key: str, buttons: Keyboard = ()) -> Say:
    return Say(body, buttons, to=ToPerson(meeting.called_by), dedupe_key=key)
