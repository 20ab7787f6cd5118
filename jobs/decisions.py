"""What time triggers about decisions: reminding whoever takes care of one, and showing the groups how far they are."""

from collections.abc import Mapping
from datetime import datetime

import storage.called
import storage.chats
import storage.decisions
import storage.outbox
import storage.persons
from domain import decisions
from domain.decisions import Decision
from domain.meetings import Meeting
from domain.messages import Edit, Lane, Outgoing, Say, Subject, ToChat, ToPerson, button, lines, text
from domain.reminders import QuietHours
from storage.database import Connection

_AT_ONCE = 200
_CARDS = 50


async def remind_owners(db: Connection, now: datetime) -> list[Outgoing]:
    """The day before, on the day, and three times weekly when it is over; of what was missed only the latest."""
    due = await storage.decisions.due(db, now, _AT_ONCE)
    hours = await storage.persons.quiet_hours_of(db, [one.owner_id for one in due if one.owner_id is not None])
    said: list[Outgoing] = []
    for decision in due:
        number, next_at = decisions.next_reminder(decision.due_at, decision.meeting.zone, now)
        await storage.decisions.save_reminded(db, decision.id, number, next_at)
        if decisions.is_overdue(decision, now):
            await storage.decisions.card_is_due(db, decision.meeting.id)
        if decision.owner_id is not None and number > decision.reminded:
            said.append(_reminder(decision, decision.owner_id, number - 1, hours, now))
    return said


def _reminder(decision: Decision, owner: int, number: int, hours: Mapping[int, QuietHours], now: datetime) -> Say:
    quiet = hours.get(owner)
    return Say(
        decisions.reminder(decision, number),
        decisions.task_buttons(decision),
        to=ToPerson(owner),
        lane=Lane.REMINDER,
        subject=Subject("decision", decision.id, decision.revision),
        not_before=quiet.ends(now) if quiet is not None and quiet.holds(now) else None,
        dedupe_key=f"{decision.card}:{decision.revision}:{number}",
    )


async def find_new_owners(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever took care of something and belongs there no more: those who lead it choose somebody else."""
    said: list[Outgoing] = []
    for decision in await storage.decisions.ownerless(db, now, _AT_ONCE):
        await storage.decisions.give(db, decision, None, decision.due_at, now)
        await storage.decisions.card_is_due(db, decision.meeting.id)
        told = await storage.decisions.whom_to_tell(db, decision, now)
        asleep = await storage.persons.in_quiet_hours(db, told, now)
        said += [_left(decision, person_id, silent=person_id in asleep) for person_id in told]
    return said


def _left(decision: Decision, person_id: int, *, silent: bool) -> Say:
    body = lines(
        text("⚠️ Whoever took care of this has left. Please choose somebody else:"),
        text("<b>%(title)s</b>", title=decision.words),
    )
    # NOTE: button. Somebody else takes care of a decision.
    row = [button(text("Somebody else"), "dn.give", decision.id)]
    key = f"{decision.card}:{decision.revision}:left:{person_id}"
    return Say(body, [row], to=ToPerson(person_id), dedupe_key=key, silent=silent)


# --- the groups -------------------------------------------------------------------------------------------------------


async def show_progress(db: Connection, now: datetime) -> list[Outgoing]:
    """One card in each group chat of the community: said once, then edited."""
    said: list[Outgoing] = []
    for meeting in await storage.decisions.take_due_cards(db, _CARDS):
        if meeting.in_group:
            said += await _in_groups(db, meeting, now)
    return said


async def _in_groups(db: Connection, meeting: Meeting, now: datetime) -> list[Outgoing]:
    minutes = await storage.decisions.minutes_of(db, meeting.id)
    decided = await storage.decisions.of_meeting(db, meeting)
    owners = await storage.decisions.owners_of(db, meeting, decided)
    shown = [(one, owners.get(one.id)) for one in decided]
    body = decisions.group_card(meeting, minutes, shown, now)
    rows, card = decisions.group_buttons(meeting, minutes), decisions.card_of(meeting.id)
    said: list[Outgoing] = []
    for chat in await storage.chats.of_community(db, meeting.community.id):
        to = ToChat(chat.id)
        if await storage.outbox.is_sent(db, Lane.BROADCAST, chat.place, card):
            said.append(Edit(body, rows, card, to, live=True))
        else:  # also where the group is now, if it became a supergroup since
            key = f"{card}:chat:{chat.place}"
            said.append(Say(body, rows, to=to, card=card, lane=Lane.BROADCAST, dedupe_key=key, silent=True))
    return said
