"""Corrections and recalls: what changes at once, and who is told of it, some at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.announcements import Announcement, ChangeKind, Look
from domain.times import from_us, maybe_time, to_us
from storage.announcements import ANNOUNCEMENT, LEDGER, announcement_of, key_of, versions_as_kept
from storage.database import Connection, listed

# So long a copy may have been on its way when the change was made: those sent meanwhile are looked at again then.
_ON_ITS_WAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that not everybody has been told of."""

    announcement: Announcement
    revision: int
    kind: ChangeKind
    at: datetime
    look_again_at: datetime
    is_looking_again: bool
    reached_person: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A row of the ledger, as far as a change concerns it."""

    delivery_id: int
    person_id: int
    state: str
    digest: str | None
    sent_at: datetime | None
    is_confirmed: bool


async def save_words(db: Connection, announcement: Announcement, look: Look) -> bool:
    """New words for what is planned; False when somebody was quicker."""
    found = await db.value(
        """UPDATE announcements SET words = :words, versions = :versions
           WHERE id = :id AND state = 'planned'
           RETURNING id""",
        words=look.content.words,
        versions=versions_as_kept(look),
        id=announcement.id,
    )
    return found is not None


async def correct(db: Connection, announcement: Announcement, look: Look, made_by: int, now: datetime) -> bool:
    """New words for what was sent; False when somebody else has changed it since."""
    found = await db.value(
        """UPDATE announcements SET words = :words, versions = :versions, revision = revision + 1
           WHERE id = :id AND state = 'sent' AND revision = :revision
           RETURNING revision""",
        words=look.content.words,
        versions=versions_as_kept(look),
        id=announcement.id,
        revision=announcement.revision,
    )
    return found is not None and await _plan(db, announcement.id, found, ChangeKind.CORRECTED, made_by, now)


async def recall(db: Connection, announcement: Announcement, made_by: int, now: datetime) -> bool:
    """From now on nobody gets it; False when it was taken back before."""
    found = await db.value(
        """UPDATE announcements SET state = 'recalled', revision = revision + 1, stale = 0
           WHERE id = :id AND state = 'sent'
           RETURNING revision""",
        id=announcement.id,
    )
    if found is None:
        return False
    await db.run(
        "UPDATE outgoings SET state = 'done' WHERE dedupe_key = :key AND state = 'expanding'",
        key=key_of(announcement.id),
    )
    await db.run("UPDATE announcement_reminders SET state = 'done' WHERE announcement_id = :id", id=announcement.id)
    return await _plan(db, announcement.id, found, ChangeKind.RECALLED, made_by, now)


async def _plan(
    db: Connection, announcement_id: int, revision: int, kind: ChangeKind, made_by: int, now: datetime
) -> bool:
    await db.run(
        """INSERT INTO announcement_changes (announcement_id, revision, kind, made_by, at, look_again_at, state)
           VALUES (:id, :revision, :kind, :made_by, :now, :look_again_at, 'telling')""",
        id=announcement_id,
        revision=revision,
        kind=kind.value,
        made_by=made_by,
        now=to_us(now),
        look_again_at=to_us(now + _ON_ITS_WAY),
    )
    return True


async def next_change(db: Connection, now: datetime) -> Change | None:
    """The oldest that is not told to all; the second look only when it is due."""
    row = await db.one(
        f"""SELECT {ANNOUNCEMENT}, change.revision AS change_revision, change.kind AS change_kind, change.at,
                   change.look_again_at, change.state AS change_state, change.reached_person
            FROM announcement_changes AS change
            JOIN announcements ON announcements.id = change.announcement_id
            JOIN communities ON communities.id = announcements.community_id
            WHERE change.state <> 'done' AND (change.state = 'telling' OR change.look_again_at <= :now)
            ORDER BY change.at
            LIMIT 1""",  # noqa: S608 - our names
        now=to_us(now),
    )
    if row is None:
        return None
    return Change(
        announcement_of(row),
        row["change_revision"],
        ChangeKind(row["change_kind"]),
        from_us(row["at"]),
        from_us(row["look_again_at"]),
        row["change_state"] == "looking_again",
        row["reached_person"],
    )


async def next_copies(db: Connection, change: Change, most: int) -> list[Copy]:
    """The next rows of the ledger, by person; the second time, those sent while the change was made."""
    rows = await db.all(
        f"""SELECT deliveries.id, deliveries.person_id, deliveries.state, deliveries.digest, deliveries.sent_at,
                   confirmed.person_id AS confirmed_by
            {LEDGER} AND deliveries.person_id > :reached
              AND (:again = 0 OR (deliveries.sent_at >= :at AND deliveries.sent_at < :look_again_at))
            ORDER BY deliveries.person_id
            LIMIT :most""",
        id=change.announcement.id,
        key=key_of(change.announcement.id),
        reached=change.reached_person,
        again=int(change.is_looking_again),
        at=to_us(change.at),
        look_again_at=to_us(change.look_again_at),
        most=most,
    )
    return [
        Copy(
            row["id"],
            row["person_id"],
            row["state"],
            row["digest"],
            maybe_time(row["sent_at"]),
            row["confirmed_by"] is not None,
        )
        for row in rows
    ]


async def save_told(db: Connection, change: Change, reached_person: int, *, done: bool) -> None:
    """Up to this person everybody is told; after the last one they are looked at again, once."""
    after = "done" if change.is_looking_again else "looking_again"
    before = "looking_again" if change.is_looking_again else "telling"
    await db.run(
        """UPDATE announcement_changes SET reached_person = :reached, state = :state
           WHERE announcement_id = :id AND revision = :revision""",
        reached=0 if done else reached_person,
        state=after if done else before,
        id=change.announcement.id,
        revision=change.revision,
    )


async def take_back(db: Connection, delivery_ids: list[int]) -> None:
    """These copies are not sent any more."""
    if not delivery_ids:
        return
    names, wanted = listed(delivery_ids)
    await db.run(
        f"""UPDATE deliveries SET state = 'dropped', reason = 'recalled', body = NULL
            WHERE id IN ({names}) AND state IN ('waiting', 'held', 'digest')""",  # noqa: S608 - names only
        **wanted,
    )


async def blank_recalled_before(db: Connection, before: datetime, most: int) -> None:
    """Of what was sent before then and taken back nobody needs the words any more."""
    await db.run(
        """UPDATE announcements
           SET words = '', versions = '{}', ours = NULL, media_kind = NULL, file_id = NULL
           WHERE id IN (
               SELECT id FROM announcements
               WHERE state = 'recalled' AND sent_at < :before
                 AND (words <> '' OR ours IS NOT NULL OR file_id IS NOT NULL)
               ORDER BY id
               LIMIT :most
           )""",
        before=to_us(before),
        most=most,
    )
