"""What time triggers about announcements: deliveries of messages to many, live counts, reminders."""

from dataclasses import replace
from datetime import datetime

import storage.announcements
import storage.audiences
import storage.chats
import storage.communities
import storage.held
import storage.outgoings
import storage.persons
from domain.announcement_cards import (
    author_card,
    confirming,
    following,
    going_out,
    group_card,
    no_longer_anybody,
    not_sent,
    reminder_card,
    sent_too_late,
)
from domain.announcements import LATE, SHOWN_FOR, Announcement, Counts, Reminder, State
from domain.messages import Edit, Lane, Outgoing, Say, Subject, ToAudience, ToChat, ToPerson, button, text
from domain.roles import COORDINATORS, LEADERS
from storage.announcements import chasing, planned
from storage.database import Connection

AT_ONCE = 1_000
REMINDED_AT_ONCE = 30  # a second, as fast as they are sent: nobody who leaves meanwhile has one waiting
PLANNED_AT_ONCE = 5
RELEASED_AT_ONCE = 1_000
LEFT_OUT_AT_ONCE = 1_000  # of those that wait, the next half minute


async def expand_outgoings(db: Connection, now: datetime) -> list[Outgoing]:
    """The next thousand deliveries of the oldest message to many that is not yet wholly expanded."""
    for outgoing in (await storage.outgoings.expanding(db))[:1]:
        await storage.outgoings.expand(db, outgoing, now, AT_ONCE)
    return []


async def send_planned(db: Connection, now: datetime) -> list[Outgoing]:
    """Those whose hour has come, if their author may still send them."""
    said: list[Outgoing] = []
    for announcement in await planned.due(db, now, PLANNED_AT_ONCE):
        if not await storage.persons.may(db, LEADERS, announcement.author_id, announcement.community.path, now):
            said += await _leave_unsent(db, announcement, now)
        elif announcement.due_at is not None and now - announcement.due_at > LATE:
            said += await _miss(db, announcement, now)
        else:
            said += await _send(db, announcement, now)
    return said


async def _send(db: Connection, announcement: Announcement, now: datetime) -> list[Outgoing]:
    to = ToAudience(announcement.community.id, announcement.roles)
    persons = (await storage.outgoings.reach(db, to, now)).persons
    if not persons:
        await planned.move(db, announcement, State.PLANNED, State.OFF, now)
        return [Say(no_longer_anybody(announcement), to=ToPerson(announcement.author_id), lane=Lane.REMINDER)]
    await planned.move(db, announcement, State.PLANNED, State.SENT, now)
    # A new school year may have begun since it was planned.
    look = replace(announcement.look, heading=await storage.announcements.heading_of(db, announcement.community))
    await planned.save_as_it_goes(db, announcement.id, persons, look.heading)
    sent = replace(announcement, look=look, state=State.SENT, expected=persons, shown=Counts(persons), sent_at=now)
    chats = await storage.chats.of_community(db, announcement.community.id)
    return going_out(sent, chats)


async def _miss(db: Connection, announcement: Announcement, now: datetime) -> list[Outgoing]:
    """“Tomorrow” is long over: its author says what is still true of it."""
    await planned.move(db, announcement, State.PLANNED, State.OFF, now)
    # NOTE: button. Tells everybody something at once.
    again = [[button(text("Announce"), "announce")]]
    author, media = ToPerson(announcement.author_id), announcement.look.content.media
    return [Say(sent_too_late(announcement), again, to=author, lane=Lane.REMINDER, media=media)]


async def _leave_unsent(db: Connection, announcement: Announcement, now: datetime) -> list[Outgoing]:
    """Its author doesn't lead the community any more: those who do may send it themselves."""
    await planned.move(db, announcement, State.PLANNED, State.OFF, now)
    return [
        Say(
            not_sent(announcement),
            # NOTE: button. Tells everybody something at once.
            [[button(text("Announce"), "announce")]],
            to=ToPerson(person_id),
            lane=Lane.REMINDER,
            media=announcement.look.content.media,
        )
        for person_id in await storage.communities.leaders(db, announcement.community.path, now, COORDINATORS.leading)
    ]


async def release_held(db: Connection, now: datetime) -> list[Outgoing]:
    """What was kept back for the quiet hours goes when they end."""
    await storage.held.release(db, now, RELEASED_AT_ONCE)
    return []


async def leave_out(db: Connection, now: datetime) -> list[Outgoing]:
    """A message to thousands is on its way for an hour: whoever left or muted it meanwhile doesn't get it any more."""
    await storage.audiences.leave_out_of_next(db, now, LEFT_OUT_AT_ONCE)
    return []


async def hold_sleepers(db: Connection, now: datetime) -> list[Outgoing]:
    await storage.held.hold_sleepers(db, now)
    return []


async def show_counts(db: Connection, now: datetime) -> list[Outgoing]:
    """The cards of authors and groups, edited where a count has changed."""
    said: list[Outgoing] = []
    for announcement in await storage.announcements.stale(db, now - SHOWN_FOR):
        counts = await storage.announcements.count(db, announcement)
        if counts.shown != announcement.shown.shown or counts.settled:
            await storage.announcements.save_shown(db, announcement.id, counts)
        said += await _live_cards(db, announcement, counts, now)
    return said


async def _live_cards(db: Connection, announcement: Announcement, counts: Counts, now: datetime) -> list[Outgoing]:
    shown, path = announcement.shown, announcement.community.path
    if counts.shown == shown.shown:
        return []
    cards: list[Outgoing] = []
    if await storage.persons.may(db, LEADERS, announcement.author_id, path, now):
        body, below = author_card(announcement, counts), following(announcement, counts)
        author = ToPerson(announcement.author_id)
        cards.append(Edit(body, below, card=announcement.author_card, to=author, live=True))
    if announcement.goes_to_groups and counts.confirmed > shown.confirmed:
        body, buttons = group_card(announcement.look, counts), confirming(announcement)
        groups = await storage.chats.of_community(db, announcement.community.id)
        cards += [Edit(body, buttons, card=announcement.card, to=ToChat(chat.id), live=True) for chat in groups]
    return cards


async def remind_the_rest(db: Connection, now: datetime) -> list[Outgoing]:
    """The next of those whom the author wants reminded, of the oldest reminder."""
    reminder = await chasing.next_one(db)
    if reminder is None:
        return []
    people = await chasing.next_awaited(db, reminder, now, REMINDED_AT_ONCE)
    reached = people[-1] if people else reminder.reached_person
    await chasing.save_reached(db, reminder, reached, done=len(people) < REMINDED_AT_ONCE)
    asleep = await storage.persons.in_quiet_hours(db, people, now)
    return [_reminder(reminder, person_id, silent=person_id in asleep) for person_id in people]


def _reminder(reminder: Reminder, person_id: int, *, silent: bool) -> Say:
    announcement = reminder.announcement
    name = announcement.reminder_card(reminder.number)
    return Say(
        reminder_card(announcement.look),
        confirming(announcement),
        to=ToPerson(person_id),
        card=name,
        lane=Lane.REMINDER,
        subject=Subject("announcement", announcement.id),
        dedupe_key=f"{name}:{person_id}",
        silent=silent,
        media=announcement.look.content.media,
    )
