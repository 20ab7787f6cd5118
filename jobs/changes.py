"""What time triggers about corrections and recalls: every copy of an announcement follows, some at a time.

A second look, half a minute later, finds the copies that were on their way while the change was made.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import storage.persons
from domain import digests
from domain.announcement_cards import (
    card,
    confirmed_card,
    confirming,
    doors,
    recall_notice,
    recalled_card,
    reminder_card,
)
from domain.announcements import Announcement, ChangeKind, State, can_be_deleted
from domain.messages import Delete, Edit, Lane, Outgoing, Say, ToPerson
from storage.announcements import changes
from storage.announcements import digests as kept
from storage.announcements.changes import Change, Copy
from storage.database import Connection

AT_ONCE = 300
_SENT = ("sent", "in_digest")


async def tell(db: Connection, now: datetime) -> list[Outgoing]:
    """The next copies of the oldest change."""
    change = await changes.next_change(db, now)
    if change is None:
        return []
    copies = await changes.next_copies(db, change, AT_ONCE)
    reached = copies[-1].person_id if copies else change.reached_person
    await changes.save_told(db, change, reached, done=len(copies) < AT_ONCE)
    if change.kind is ChangeKind.RECALLED:
        return await _take_back(db, change, copies, now)
    if change.announcement.state is not State.SENT:  # taken back since: nobody reads the correction any more
        return []
    return await _correct(db, change, copies)


def _concerned(change: Change, copies: Iterable[Copy]) -> list[Copy]:
    """What was sent before the change; the second time, what was sent while it was made."""
    found = [one for one in copies if one.state in _SENT]
    if change.is_looking_again:
        return found
    return [one for one in found if one.sent_at is None or one.sent_at < change.at]


# --- corrected --------------------------------------------------------------------------------------------------------


async def _correct(db: Connection, change: Change, copies: Sequence[Copy]) -> list[Outgoing]:
    """Delivered copies are edited and marked; what waits has the new words already."""
    announcement = change.announcement
    said: list[Outgoing] = []
    for copy in _concerned(change, copies):
        if copy.digest is not None:
            said += await _digest_again(db, copy)
        said += _corrected(announcement, copy)
    return said


def _corrected(announcement: Announcement, copy: Copy) -> list[Outgoing]:
    """Each message a reader has it in, reminders included, but for the digest."""
    look, own = announcement.look, announcement.card
    bodies = {name: card(look) if name == own else reminder_card(look) for name in _messages(announcement, copy)}
    buttons = doors(look) if copy.is_confirmed else confirming(announcement)
    to = ToPerson(copy.person_id)
    return [
        Edit(confirmed_card(look) if copy.is_confirmed else body, buttons, name, to, Lane.BROADCAST)
        for name, body in bodies.items()
    ]


def _messages(announcement: Announcement, copy: Copy) -> Sequence[str]:
    """The cards by which a reader may have it, besides a digest: from there she may have opened the whole of it."""
    own, *reminders = announcement.cards
    return [own, *reminders] if copy.digest is None or digests.is_more(announcement) else reminders


async def _digest_again(db: Connection, copy: Copy) -> list[Outgoing]:
    entries = await kept.entries(db, copy.person_id, copy.digest or "")
    to = ToPerson(copy.person_id)
    return [Edit(digests.card(entries), digests.buttons(entries), copy.digest, to, Lane.BROADCAST)]


# --- taken back -------------------------------------------------------------------------------------------------------


async def _take_back(db: Connection, change: Change, copies: Sequence[Copy], now: datetime) -> list[Outgoing]:
    await changes.take_back(db, [one.delivery_id for one in copies if one.state not in _SENT])
    concerned = _concerned(change, copies)
    asleep = await storage.persons.in_quiet_hours(db, [one.person_id for one in concerned], now)
    said: list[Outgoing] = []
    for copy in concerned:
        if copy.digest is not None:
            said += await _digest_again(db, copy)
        said += _disappear(change, copy, now, silent=copy.person_id in asleep)
    return said


def _disappear(change: Change, copy: Copy, now: datetime, *, silent: bool) -> list[Outgoing]:
    """Deleted; what is too old for that is blanked, and its reader told, unless her digest says so."""
    announcement, to = change.announcement, ToPerson(copy.person_id)
    is_in_digest = copy.digest is not None  # what she opened from it may stand there more than once, or not at all
    if copy.sent_at is None or can_be_deleted(copy.sent_at, now):
        return [Delete(name, to, Lane.BROADCAST, every=is_in_digest) for name in announcement.cards]
    look = announcement.look
    blanked = [
        Edit(recalled_card(look), card=name, to=to, lane=Lane.BROADCAST) for name in _messages(announcement, copy)
    ]
    if is_in_digest:
        return [*blanked]
    key = f"{announcement.card}:recalled:{copy.person_id}"
    return [*blanked, Say(recall_notice(look), to=to, lane=Lane.BROADCAST, dedupe_key=key, silent=silent)]
