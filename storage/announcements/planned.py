"""Announcements that are not sent yet: planned for an hour, or waiting for the chair."""

from datetime import datetime

from domain.announcements import Announcement, Content, Planned, State
from domain.times import from_us, to_us
from storage.announcements import ANNOUNCEMENT, announcement_of
from storage.database import Connection


async def of_community(db: Connection, community_id: int, *, with_posts: bool) -> list[Planned]:
    """What is planned for one community, the next first; `with_posts`: those of its running campaigns, too."""
    rows = await db.all(
        """SELECT id, due_at, words, media_kind, NULL AS campaign FROM announcements
           WHERE state = 'planned' AND community_id = :community_id
           UNION ALL
           SELECT campaign_posts.id, campaign_posts.planned_for, campaign_posts.words, campaign_posts.media_kind,
                  campaigns.name
           FROM campaigns
           JOIN campaign_posts ON campaign_posts.campaign_id = campaigns.id AND campaign_posts.state = 'planned'
           WHERE campaigns.community_id = :community_id AND campaigns.state = 'running' AND :with_posts = 1
           ORDER BY due_at, id""",
        community_id=community_id,
        with_posts=int(with_posts),
    )
    return [
        Planned(row["id"], from_us(row["due_at"]), Content(row["words"], row["media_kind"]), row["campaign"])
        for row in rows
    ]


async def due(db: Connection, now: datetime, most: int) -> list[Announcement]:
    """Those whose hour has come, the oldest first."""
    rows = await db.all(
        f"""SELECT {ANNOUNCEMENT} FROM announcements
            JOIN communities ON communities.id = announcements.community_id
            WHERE announcements.state = 'planned' AND announcements.due_at <= :now
            ORDER BY announcements.due_at, announcements.id
            LIMIT :most""",  # noqa: S608 - our names
        now=to_us(now),
        most=most,
    )
    return [announcement_of(row) for row in rows]


async def move(db: Connection, announcement: Announcement, before: State, after: State, now: datetime) -> bool:
    """False when it is not in that state any more: somebody was quicker."""
    found = await db.value(
        """UPDATE announcements
           SET state = :after, sent_at = CASE WHEN :after = 'sent' THEN CAST(:now AS BIGINT) END
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after.value,
        now=to_us(now),
        id=announcement.id,
        before=before.value,
    )
    return found is not None


async def save_as_it_goes(db: Connection, announcement_id: int, expected: int, heading: str) -> None:
    """How many persons the audience has by now, and what its community is called."""
    await db.run(
        "UPDATE announcements SET expected = :expected, shown_all = :expected, heading = :heading WHERE id = :id",
        expected=expected,
        heading=heading,
        id=announcement_id,
    )


async def save_due(db: Connection, announcement_id: int, due_at: datetime) -> bool:
    """Another hour; False when it is not planned any more."""
    found = await db.value(
        "UPDATE announcements SET due_at = :due_at WHERE id = :id AND state = 'planned' RETURNING id",
        due_at=to_us(due_at),
        id=announcement_id,
    )
    return found is not None


async def drop_unsent_before(db: Connection, before: datetime, most: int) -> None:
    """What was called off, or what no chair agreed to, and was to go before then."""
    await db.run(
        """DELETE FROM announcements
           WHERE id IN (
               SELECT id FROM announcements
               WHERE state IN ('asked', 'off') AND COALESCE(due_at, created_at) < :before
               ORDER BY id
               LIMIT :most
           )""",
        before=to_us(before),
        most=most,
    )


async def count_urgent(db: Connection, community_id: int, since: datetime) -> int:
    """How many urgent ones a community had since then, without the chair's own."""
    return int(
        await db.value(
            """SELECT COUNT(*) FROM announcements
               WHERE community_id = :community_id AND urgent = 1 AND created_at >= :since
                 AND state IN ('planned', 'sent', 'recalled') AND role <> 'chair'""",
            community_id=community_id,
            since=to_us(since),
        )
    )
