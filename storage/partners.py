"""What partners may see of a community: the meetings and announcements that its coordinator opened to them. Stories and
newsletters (`ours`) can name a child: they are open to no partner."""

from datetime import datetime

import storage.meetings
from domain.announcements import Content
from domain.communities import Member
from domain.partners import OpenAnnouncement, OpenMeeting
from domain.roles import Role
from domain.times import from_us, to_us
from storage import communities
from storage.database import Connection, Row

_ANNOUNCEMENT = """SELECT announcements.id AS announcement_id, announcements.words, announcements.media_kind,
                          announcements.file_id, announcements.media_channel, announcements.created_at,
                          announcements.open, communities.*
                   FROM announcements
                   JOIN communities ON communities.id = announcements.community_id"""


async def of_community(db: Connection, community_id: int, now: datetime) -> list[Member]:
    return await communities.holding(db, community_id, Role.PARTNER, now)


async def ever_of(db: Connection, community_id: int) -> list[int]:
    """Who is a partner of a community, or was one."""
    rows = await db.all(
        """SELECT DISTINCT person_id FROM memberships
           WHERE community_id = :community_id AND state IN ('active', 'left') AND role = 'partner'
           ORDER BY person_id""",
        community_id=community_id,
    )
    return [row["person_id"] for row in rows]


# --- meetings ---------------------------------------------------------------------------------------------------------


async def meeting(db: Connection, meeting_id: int, person_id: int) -> OpenMeeting | None:
    """A meeting, with whether partners may see it."""
    seen = await storage.meetings.seen_by(db, meeting_id, person_id)
    if seen is None:
        return None
    return OpenMeeting(seen.meeting, await is_meeting_open(db, meeting_id))


async def is_meeting_open(db: Connection, meeting_id: int) -> bool:
    return bool(await db.value("SELECT open FROM meetings WHERE id = :id", id=meeting_id))


async def meetings_ahead(
    db: Connection, community_id: int, now: datetime, *, most: int, only_open: bool
) -> list[OpenMeeting]:
    """What is planned in this very community, soonest first."""
    rows = await db.all(
        """SELECT id, open FROM meetings
           WHERE community_id = :community_id AND state = 'called' AND starts_at > :now AND open >= :least
           ORDER BY starts_at, id
           LIMIT :most""",
        community_id=community_id,
        now=to_us(now),
        least=int(only_open),
        most=most,
    )
    return [OpenMeeting(await storage.meetings.get(db, row["id"]), bool(row["open"])) for row in rows]


async def open_meeting(db: Connection, meeting_id: int, *, is_open: bool) -> bool:
    """False when it stood so before."""
    found = await db.value(
        "UPDATE meetings SET open = :open WHERE id = :id AND open <> :open RETURNING id",
        open=int(is_open),
        id=meeting_id,
    )
    return found is not None


# --- announcements ----------------------------------------------------------------------------------------------------


async def announcement(db: Connection, announcement_id: int, _person_id: int) -> OpenAnnouncement | None:
    row = await db.one(
        f"{_ANNOUNCEMENT} WHERE announcements.id = :id AND announcements.state = 'sent' AND announcements.ours IS NULL",
        id=announcement_id,
    )
    return _announcement(row) if row else None


async def announcements(db: Connection, community_id: int, *, most: int, only_open: bool) -> list[OpenAnnouncement]:
    """The newest of this very community first."""
    rows = await db.all(
        f"""{_ANNOUNCEMENT}
            WHERE announcements.community_id = :community_id AND announcements.open >= :least
              AND announcements.state = 'sent' AND announcements.ours IS NULL
            ORDER BY announcements.id DESC
            LIMIT :most""",
        community_id=community_id,
        least=int(only_open),
        most=most,
    )
    return [_announcement(row) for row in rows]


async def open_announcement(db: Connection, announcement_id: int, *, is_open: bool) -> bool:
    """False when it stood so before."""
    found = await db.value(
        "UPDATE announcements SET open = :open WHERE id = :id AND open <> :open RETURNING id",
        open=int(is_open),
        id=announcement_id,
    )
    return found is not None


def _announcement(row: Row) -> OpenAnnouncement:
    content = Content(row["words"], row["media_kind"], row["file_id"], row["media_channel"])
    community = communities.community_of(row)
    return OpenAnnouncement(row["announcement_id"], community, content, from_us(row["created_at"]), bool(row["open"]))
