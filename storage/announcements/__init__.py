"""Announcements, their ledger (the deliveries of their outgoing), who confirmed, and the reminders."""

import json
from dataclasses import replace
from datetime import datetime

from domain.announcements import (
    AT_ONCE,
    Announcement,
    Content,
    Counts,
    Dispatch,
    Look,
    Lost,
    Received,
    State,
    heading,
)
from domain.requests import Community
from domain.roles import Role
from domain.times import maybe_time, maybe_us, to_us
from storage import communities
from storage.communities import community_of
from storage.database import Connection, Row

ANNOUNCEMENT = """
    announcements.id AS announcement_id, announcements.author_id, announcements.heading, announcements.called,
    announcements.role, announcements.words, announcements.media_kind, announcements.file_id,
    announcements.media_channel, announcements.roles, announcements.expected, announcements.shown_all,
    announcements.shown_sent, announcements.shown_lost, announcements.shown_confirmed, announcements.written_in,
    announcements.versions, announcements.urgent, announcements.state AS announcement_state, announcements.revision,
    announcements.due_at, announcements.sent_at, announcements.ours, announcements.source,
    communities.*,
    (SELECT COUNT(*) FROM announcement_reminders
     WHERE announcement_reminders.announcement_id = announcements.id) AS reminders
"""
# The ledger's rows, each with its confirmation.
LEDGER = """
    FROM outgoings
    JOIN deliveries ON deliveries.outgoing_id = outgoings.id
    LEFT JOIN announcement_confirmations AS confirmed
           ON confirmed.announcement_id = :id AND confirmed.person_id = deliveries.person_id
    WHERE outgoings.dedupe_key = :key
"""


def key_of(announcement_id: int) -> str:
    """The dedupe_key of the outgoing that is its ledger."""
    return f"announcement:{announcement_id}"


async def save(
    db: Connection,
    community: Community,
    author_id: int,
    look: Look,
    roles: tuple[str, ...],
    expected: int,
    now: datetime,
    how: Dispatch = AT_ONCE,
) -> Announcement:
    values = {
        **_of_look(look),
        "community_id": community.id,
        "author_id": author_id,
        "roles": ",".join(roles),
        "expected": expected,
        "shown_all": expected,
        "created_at": to_us(now),
        "urgent": int(how.urgent),
        "state": how.state.value,
        "due_at": maybe_us(how.due_at),
        "sent_at": to_us(now) if how.state is State.SENT else None,
    }
    announcement_id = await db.value(
        f"""INSERT INTO announcements ({", ".join(values)})
            VALUES ({", ".join(f":{name}" for name in values)})
            RETURNING id""",  # noqa: S608 - our names
        **values,
    )
    return await get_certain(db, announcement_id)


def _of_look(look: Look) -> dict[str, str | None]:
    content = look.content
    return {
        "heading": look.heading,
        "called": look.called,
        "role": look.role.value,
        "words": content.words,
        "media_kind": content.kind,
        "file_id": content.file_id,
        "media_channel": content.channel,
        "ours": None if content.ours is None else json.dumps(content.ours, ensure_ascii=False),
        "written_in": look.written_in,
        "versions": versions_as_kept(look),
        "source": look.source,
    }


def versions_as_kept(look: Look) -> str:
    return json.dumps(dict(look.versions), ensure_ascii=False)


async def heading_of(db: Connection, community: Community) -> str:
    """Where an announcement of this community comes from, as it is called now."""
    over = await communities.get(db, community.parent_id) if community.parent_id else None
    return heading(community, over)


async def blank(db: Connection, announcement_id: int) -> None:
    """Whoever it tells of wants nothing of it kept."""
    await db.run(
        """UPDATE announcements SET words = '', versions = '{}', media_kind = NULL, file_id = NULL
           WHERE id = :id""",
        id=announcement_id,
    )


async def get(db: Connection, announcement_id: int) -> Announcement | None:
    row = await db.one(
        f"""SELECT {ANNOUNCEMENT} FROM announcements
            JOIN communities ON communities.id = announcements.community_id
            WHERE announcements.id = :id""",  # noqa: S608 - our names
        id=announcement_id,
    )
    return announcement_of(row) if row else None


async def get_certain(db: Connection, announcement_id: int) -> Announcement:
    """One that must be there. Raises LookupError."""
    found = await get(db, announcement_id)
    if found is None:
        raise LookupError("an announcement that is no longer there")
    return found


async def received(db: Connection, announcement_id: int, person_id: int) -> Received | None:
    """An announcement as one reader has it, in one statement: thousands confirm within minutes."""
    row = await db.one(
        f"""SELECT {ANNOUNCEMENT}, outgoings.state AS ledger_state, deliveries.id AS delivery_id,
                   deliveries.digest
            FROM announcements
            JOIN communities ON communities.id = announcements.community_id
            LEFT JOIN outgoings ON outgoings.dedupe_key = :key
            LEFT JOIN deliveries ON deliveries.outgoing_id = outgoings.id AND deliveries.person_id = :person_id
            WHERE announcements.id = :id""",  # noqa: S608 - our names
        id=announcement_id,
        key=key_of(announcement_id),
        person_id=person_id,
    )
    if row is None:
        return None
    is_expanding = row["ledger_state"] == "expanding"
    return Received(announcement_of(row), row["delivery_id"] is not None, is_expanding, row["digest"])


async def confirm(db: Connection, announcement_id: int, person_id: int, now: datetime) -> bool:
    """Counts a person once, wherever she taps; False when she was counted before."""
    found = await db.value(
        """INSERT INTO announcement_confirmations (announcement_id, person_id, at)
           VALUES (:announcement_id, :person_id, :now)
           ON CONFLICT DO NOTHING
           RETURNING person_id""",
        announcement_id=announcement_id,
        person_id=person_id,
        now=to_us(now),
    )
    if found is None:
        return False
    # Only the first of many changes the row, so that they don't wait for each other.
    await db.run("UPDATE announcements SET stale = 1 WHERE id = :id AND stale = 0", id=announcement_id)
    return True


# --- counts -----------------------------------------------------------------------------------------------------------


async def stale(db: Connection, since: datetime) -> list[Announcement]:
    """Those sent since then whose cards may show older counts."""
    rows = await db.all(
        f"""SELECT {ANNOUNCEMENT} FROM announcements
            JOIN communities ON communities.id = announcements.community_id
            WHERE announcements.stale = 1 AND announcements.state = 'sent' AND announcements.sent_at > :since
            ORDER BY announcements.id""",  # noqa: S608 - our names
        since=to_us(since),
    )
    return [announcement_of(row) for row in rows]


async def count(db: Connection, announcement: Announcement) -> Counts:
    """The ledger in numbers. Whoever has no row yet counts among those expected."""
    [row] = await db.all(
        f"""SELECT COUNT(*) AS everybody,
                   COALESCE(SUM(CASE WHEN deliveries.state = 'sent' THEN 1 ELSE 0 END), 0) AS sent,
                   COALESCE(SUM(CASE WHEN deliveries.state IN ('failed', 'dropped') AND confirmed.person_id IS NULL
                                     THEN 1 ELSE 0 END), 0) AS lost,
                   COUNT(confirmed.person_id) AS confirmed,
                   COALESCE(SUM(CASE WHEN deliveries.state = 'sent' AND confirmed.person_id IS NULL
                                      AND deliveries.person_id <> :author_id THEN 1 ELSE 0 END), 0) AS awaited,
                   COALESCE(SUM(CASE WHEN deliveries.state = 'waiting' THEN 1 ELSE 0 END), 0) AS waiting,
                   COALESCE((SELECT state FROM outgoings WHERE dedupe_key = :key), '') AS ledger_state,
                   (SELECT folded FROM announcements WHERE announcements.id = :id) AS folded
            {LEDGER}""",  # noqa: S608 - our own text
        id=announcement.id,
        key=key_of(announcement.id),
        author_id=announcement.author_id,
    )
    if row["folded"]:
        return replace(announcement.shown, settled=True)
    written = row["ledger_state"] == "done"
    everybody = row["everybody"] if written else max(row["everybody"], announcement.expected)
    settled = written and row["waiting"] == 0
    return Counts(everybody, row["sent"], row["lost"], row["confirmed"], row["awaited"], settled)


async def save_shown(db: Connection, announcement_id: int, counts: Counts) -> None:
    """The cards show these counts now; while something is on its way, they are looked at again."""
    await db.run(
        """UPDATE announcements
           SET shown_all = :everybody, shown_sent = :sent, shown_lost = :lost, shown_confirmed = :confirmed,
               stale = :stale
           WHERE id = :id""",
        everybody=counts.all,
        sent=counts.sent,
        lost=counts.lost,
        confirmed=counts.confirmed,
        stale=0 if counts.settled else 1,
        id=announcement_id,
    )


async def of_ledger(db: Connection, key: str) -> Announcement | None:
    """The announcement whose ledger an outgoing of this dedupe_key is."""
    subject, _, number = key.partition(":")
    return await get(db, int(number)) if subject == "announcement" and number.isdecimal() else None


async def fold(db: Connection, announcement: Announcement) -> None:
    """From now on its numbers are these, whatever rows of its ledger are gone."""
    counts = await count(db, announcement)
    await save_shown(db, announcement.id, replace(counts, settled=True))
    await db.run("UPDATE announcements SET folded = 1 WHERE id = :id", id=announcement.id)


async def is_folded(db: Connection, announcement: Announcement) -> bool:
    """Whether its ledger is over a year old, and its names gone."""
    return bool(await db.value("SELECT folded FROM announcements WHERE id = :id", id=announcement.id))


async def lost(db: Connection, announcement: Announcement, *, after: int = 0, most: int = 1_000_000) -> list[Lost]:
    """Who could not be reached and has not confirmed in the group either, by class and name; from the `after`th on."""
    rows = await db.all(
        f"""WITH known AS (
                SELECT memberships.person_id, MIN(memberships.id) AS id
                FROM communities AS top
                JOIN communities AS below ON below.path >= top.path AND below.path < top.path || ':'
                JOIN memberships ON memberships.community_id = below.id AND memberships.state = 'active'
                WHERE top.id = :community_id
                GROUP BY memberships.person_id
            ),
            lost AS (
                SELECT deliveries.person_id, deliveries.reason
                {LEDGER} AND deliveries.state IN ('failed', 'dropped') AND confirmed.person_id IS NULL
            )
            SELECT lost.reason, memberships.called, communities.name
            FROM lost
            LEFT JOIN known ON known.person_id = lost.person_id
            LEFT JOIN memberships ON memberships.id = known.id
            LEFT JOIN communities ON communities.id = memberships.community_id
            ORDER BY communities.name IS NULL, communities.name, memberships.called, lost.person_id
            LIMIT :most OFFSET :after""",  # noqa: S608 - our own text
        id=announcement.id,
        key=key_of(announcement.id),
        community_id=announcement.community.id,
        most=most,
        after=after,
    )
    return [Lost(row["called"], row["name"], row["reason"] or "") for row in rows]


def announcement_of(row: Row) -> Announcement:
    ours = json.loads(row["ours"]) if row["ours"] else None
    content = Content(row["words"], row["media_kind"], row["file_id"], row["media_channel"], ours)
    return Announcement(
        id=row["announcement_id"],
        community=community_of(row),
        author_id=row["author_id"],
        look=Look(
            row["heading"],
            row["called"],
            Role(row["role"]),
            content,
            row["written_in"],
            json.loads(row["versions"]),
            source=row["source"],
            is_corrected=row["revision"] > 0,
        ),
        roles=tuple(row["roles"].split(",")) if row["roles"] else (),
        expected=row["expected"],
        reminders=row["reminders"],
        shown=Counts(row["shown_all"], row["shown_sent"], row["shown_lost"], row["shown_confirmed"]),
        state=State(row["announcement_state"]),
        urgent=bool(row["urgent"]),
        revision=row["revision"],
        due_at=maybe_time(row["due_at"]),
        sent_at=maybe_time(row["sent_at"]),
    )
