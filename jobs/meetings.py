"""What time triggers about meetings: reminders, and telling everybody that a meeting was moved or cancelled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import storage.chats
import storage.meetings
import storage.outbox
import storage.persons
import storage.reminders
import storage.rsvps
import storage.series
import storage.slots
from domain import meeting_cards
from domain.meetings import Meeting, Reader, Rsvp, State, has_begun
from domain.messages import Edit, Lane, Outgoing, Say, Subject, ToChat, ToPerson
from domain.reminders import Before, QuietHours, is_quiet, overtaken
from domain.roles import LEADERS, MEMBERS, is_allowed
from domain.times import to_us
from storage.database import Connection
from storage.reminders import Due, Notice, key_of
from storage.slots import Taken

AT_ONCE = 1_000
_REMINDERS = 200  # rows looked at in one tick
_CARDS = 50  # meetings whose counts are shown anew in one tick
_PAUSE = timedelta(seconds=3)
_HOUR = timedelta(hours=1)
_NOTICES = 500  # persons told in one tick: two messages each


# --- reminders --------------------------------------------------------------------------------------------------------


async def remind_attendees(db: Connection, now: datetime) -> list[Outgoing]:
    """The reminders that are due, to at most a thousand people in one tick; each meeting's nearest one first."""
    await _foresee(db, now)
    by_meeting: dict[int, list[Due]] = {}
    for reminder in await storage.reminders.due(db, now, _REMINDERS):
        by_meeting.setdefault(reminder.meeting_id, []).append(reminder)
    said: list[Outgoing] = []
    for meeting_id, found in by_meeting.items():
        meeting = await storage.meetings.get(db, meeting_id)
        nearest = await _nearest(db, meeting, found, now)
        if nearest is not None and len(said) < AT_ONCE:
            said += await _remind(db, now, meeting, nearest, AT_ONCE - len(said))
    return said


async def _foresee(db: Connection, now: datetime) -> None:
    """Whoever will have quiet hours when a reminder is due is reminded just before they begin."""
    for reminder in await storage.reminders.unforeseen(db, now, _REMINDERS):
        meeting = await storage.meetings.get(db, reminder.meeting_id)
        await _foresee_one(db, now, meeting, reminder)
        await storage.reminders.mark_foreseen(db, reminder.id)


async def _foresee_one(db: Connection, now: datetime, meeting: Meeting, reminder: Due) -> None:
    for hours in await storage.reminders.quiet_hours_at(db, meeting, now):
        earlier = hours.earlier(reminder.due_at)
        # If that moment is past, they are found in their quiet hours when it is due.
        if earlier is not None and earlier > now:
            await storage.reminders.save_for_hours(db, meeting, reminder.before, hours, earlier)


async def _nearest(db: Connection, meeting: Meeting, found: Sequence[Due], now: datetime) -> Due | None:
    """The one to work on in this tick. What came too late is dropped: all, once the meeting has begun, else all but
    the latest."""
    if has_begun(meeting, now) or meeting.state is State.CANCELLED:
        await storage.reminders.drop(db, meeting.id, Before)
        return None
    late = overtaken([(one.before, one.due_at) for one in found if one.hours is None], now)
    await storage.reminders.drop(db, meeting.id, late)
    order = list(Before)
    left = [one for one in found if one.before not in late]
    return max(left, key=lambda one: order.index(one.before))


async def _remind(db: Connection, now: datetime, meeting: Meeting, reminder: Due, most: int) -> list[Outgoing]:
    readers = await storage.reminders.to_remind(db, meeting, reminder, now, most)
    invited = await _invited(db, now, meeting, readers)
    said: list[Outgoing] = []
    quiet: Counter[QuietHours] = Counter()
    for reader in invited:
        hours = reader.hours
        if hours is not None and hours.holds(now):
            quiet[hours] += 1
        else:
            key = key_of(meeting, reminder.before, reader.person_id)
            said.append(_reminder(meeting, reader, meeting.starts_at, key))
    wake = {hours: hours.ends(now) for hours in quiet}
    await storage.reminders.save_progress(
        db,
        reminder.id,
        reached=readers[-1].person_id if readers else reminder.reached_person,
        told=len(said),
        missed=_missed(meeting, reminder, quiet, wake),
        is_done=len(readers) < most,
    )
    for hours, at in wake.items():
        if at < meeting.starts_at:
            await storage.reminders.save_for_hours(db, meeting, reminder.before, hours, at)
    return said


async def remind_of_slots(db: Connection, now: datetime) -> list[Outgoing]:
    """An hour before her own time in a consultation, or when her quiet hours end before it."""
    said: list[Outgoing] = []
    for slot in await storage.slots.taken_between(db, now, now + _HOUR):
        meeting = await storage.meetings.get(db, slot.meeting_id)
        reader = await storage.rsvps.reader(db, slot.meeting_id, slot.person_id)
        if Before.HOUR in meeting.reminds and not is_quiet(reader.hours, now):
            said.append(_own_time(meeting, slot, reader))
    return said


def _own_time(meeting: Meeting, slot: Taken, reader: Reader) -> Say:
    # Each look within the hour finds her again, and says nothing twice.
    key = f"slot:{meeting.id}:{to_us(slot.starts_at)}:{reader.person_id}"
    return _reminder(meeting, reader, slot.starts_at, key)


def _missed(
    meeting: Meeting, reminder: Due, quiet: Mapping[QuietHours, int], wake: Mapping[QuietHours, datetime]
) -> int:
    """Those who sleep until it has begun. Whoever should have been told earlier is found again when it is due."""
    if reminder.hours is not None:
        return 0
    return sum(number for hours, number in quiet.items() if wake[hours] >= meeting.starts_at)


def _reminder(meeting: Meeting, reader: Reader, not_after: datetime, dedupe_key: str) -> Say:
    return Say(
        meeting_cards.reminder(meeting, reader.mine),
        meeting_cards.buttons(meeting, reader.mine, place=meeting_cards.REMINDED),
        to=ToPerson(reader.person_id),
        lane=Lane.REMINDER,
        subject=Subject("meeting_reminder", meeting.id, meeting.revision),
        not_after=not_after,
        dedupe_key=dedupe_key,
    )


async def _invited(db: Connection, now: datetime, meeting: Meeting, readers: Sequence[Reader]) -> list[Reader]:
    """Without those who answered once and don't belong to it any more."""
    held = await storage.persons.memberships_of(db, [reader.person_id for reader in readers], now)
    return [
        reader
        for reader in readers
        if is_allowed(MEMBERS, held.get(reader.person_id, ()), meeting.community.path, meeting.audience)
    ]


# --- moved, cancelled -------------------------------------------------------------------------------------------------


async def tell_changes(db: Connection, now: datetime) -> list[Outgoing]:
    """Everybody's card is brought up to date, and whoever did not decline gets one notice."""
    notice = await storage.reminders.next_notice(db)
    if notice is None:
        return []
    meeting = await storage.meetings.get(db, notice.meeting_id)
    readers = await storage.reminders.to_notify(db, meeting, notice, now, _NOTICES)
    await storage.reminders.save_notice_progress(
        db,
        notice.id,
        reached=readers[-1].person_id if readers else notice.reached_person,
        is_done=len(readers) < _NOTICES,
    )
    told = await _invited(db, now, meeting, readers)
    return [outgoing for reader in told for outgoing in _changed(meeting, notice, reader, now)]


def _changed(meeting: Meeting, notice: Notice, reader: Reader, now: datetime) -> list[Outgoing]:
    to, mine = ToPerson(reader.person_id), reader.mine
    said: list[Outgoing] = []
    if reader.has_card:
        shown = meeting_cards.card(meeting, mine)
        said.append(Edit(shown, meeting_cards.buttons(meeting, mine), meeting.card, to, Lane.BROADCAST))
    if mine is None or mine.rsvp is not Rsvp.DECLINED:
        said.append(
            Say(
                meeting_cards.notice(meeting, mine),
                to=to,
                lane=Lane.REMINDER,
                subject=Subject("meeting_notice", meeting.id, meeting.revision),
                dedupe_key=f"meeting:{meeting.id}:{meeting.revision}:notice:{reader.person_id}",
                silent=is_quiet(reader.hours, now),
            )
        )
    return said


async def announce_next(db: Connection, now: datetime) -> list[Outgoing]:
    """Of a meeting that recurs people hear when the one before it has begun."""
    said: list[Outgoing] = []
    for meeting_id in await storage.series.to_announce(db, now, _CARDS):
        meeting = await storage.meetings.get(db, meeting_id)
        if not has_begun(meeting, now):
            chats = await storage.chats.of_community(db, meeting.community.id)
            said += meeting_cards.invitations(meeting, chats)
    return said


async def free_places(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever is not of the audience any more gives up her place in what is ahead; a free one goes to whoever waits."""
    said: list[Outgoing] = []
    for meeting_id, person_id in await storage.rsvps.left_behind(db, now, AT_ONCE):
        await storage.rsvps.leave(db, meeting_id, person_id)
        await storage.meetings.cards_are_due(db, meeting_id)
    for meeting_id in await storage.rsvps.waited_for(db, now, AT_ONCE):
        promoted = await _hand_on(db, await storage.meetings.get(db, meeting_id), now)
        if promoted:
            await storage.meetings.cards_are_due(db, meeting_id)
        said += promoted
    return said


async def _hand_on(db: Connection, meeting: Meeting, now: datetime) -> list[Outgoing]:
    """However a place became free: it goes to whoever waits for the longest, and she is told."""
    return meeting_cards.promoted(meeting, await storage.rsvps.promote(db, meeting, now), now)


# --- cards ------------------------------------------------------------------------------------------------------------


async def refresh_meeting_cards(db: Connection, now: datetime) -> list[Outgoing]:
    """Of those meetings in which places were taken or given up: what is free is handed on, and the counts on the cards
    of groups and organisers are made new."""
    said: list[Outgoing] = []
    for meeting in await storage.meetings.cards_due(db, now, _CARDS):
        await storage.meetings.save_refreshed(db, meeting.id, now + _PAUSE)
        if meeting.state is State.CALLED:
            said += [*await _hand_on(db, meeting, now), *await _live_cards(db, meeting, now)]
    return said


async def ask_no_more(db: Connection, now: datetime) -> list[Outgoing]:
    """A meeting has begun: its card stays in the groups, without the buttons of its answers."""
    await storage.meetings.ask_no_more(db, now, _CARDS)
    return []


async def _live_cards(db: Connection, meeting: Meeting, now: datetime) -> list[Outgoing]:
    counts = await storage.rsvps.count(db, meeting.id)
    said: list[Outgoing] = [
        Edit(
            meeting_cards.group_card(meeting, counts),
            meeting_cards.group_buttons(meeting, asks=not has_begun(meeting, now)),
            meeting.card,
            ToChat(chat.id),
            live=True,
        )
        for chat in await storage.chats.of_community(db, meeting.community.id)
        if await storage.outbox.is_sent(db, Lane.BROADCAST, chat.place, meeting.card)
    ]
    if await storage.persons.may(db, LEADERS, meeting.called_by, meeting.community.path, now):
        body = meeting_cards.organisers_card(meeting, counts, now)
        own = meeting_cards.organisers_buttons(meeting, now)
        said.append(Edit(body, own, meeting.organisers_card, ToPerson(meeting.called_by), live=True))
    return said
