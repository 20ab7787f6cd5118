"""Campaigns, their posts, and whom they reached."""

from collections.abc import Sequence
from datetime import date, datetime

from domain import suppression
from domain.announcements import Content
from domain.campaigns import Campaign, Part, Post, PostKind, PostState, State
from domain.roles import Role
from domain.times import from_us, to_us
from storage.communities import community_of
from storage.database import Connection, Row, listed

_CAMPAIGN = """
    campaigns.id AS campaign_id, campaigns.author_id, campaigns.heading, campaigns.called, campaigns.role,
    campaigns.name AS its_name, campaigns.starts_on, campaigns.ends_on, campaigns.zone AS its_zone, campaigns.roles,
    campaigns.state AS its_state, communities.*
"""
_OF_ITS_COMMUNITY = "JOIN communities ON communities.id = campaigns.community_id"
_POST = f"""
    SELECT campaign_posts.id AS post_id, campaign_posts.kind AS post_kind, campaign_posts.words,
           campaign_posts.media_kind, campaign_posts.file_id, campaign_posts.media_channel, campaign_posts.planned_for,
           campaign_posts.state AS post_state, campaign_posts.announcement_id, {_CAMPAIGN}
    FROM campaign_posts
    JOIN campaigns ON campaigns.id = campaign_posts.campaign_id
    {_OF_ITS_COMMUNITY}
"""  # noqa: S608 - our names


async def add(db: Connection, campaign: Campaign, now: datetime) -> int:
    return int(
        await db.value(
            """INSERT INTO campaigns (community_id, author_id, heading, called, role, name, starts_on, ends_on, zone,
                                      roles, state, created_at)
               VALUES (:community_id, :author_id, :heading, :called, :role, :name, :starts_on, :ends_on, :zone, :roles,
                       'running', :now)
               RETURNING id""",
            community_id=campaign.community.id,
            author_id=campaign.author_id,
            heading=campaign.heading,
            called=campaign.called,
            role=campaign.role.value,
            name=campaign.name,
            starts_on=campaign.starts_on.isoformat(),
            ends_on=campaign.ends_on.isoformat(),
            zone=campaign.zone,
            roles=",".join(campaign.roles),
            now=to_us(now),
        )
    )


async def get(db: Connection, campaign_id: int) -> Campaign | None:
    row = await db.one(
        f"SELECT {_CAMPAIGN} FROM campaigns {_OF_ITS_COMMUNITY} WHERE campaigns.id = :id",  # noqa: S608 - our names
        id=campaign_id,
    )
    return _campaign(row) if row else None


async def of_community(db: Connection, community_id: int, most: int) -> list[Campaign]:
    """The newest first."""
    rows = await db.all(
        f"""SELECT {_CAMPAIGN} FROM campaigns {_OF_ITS_COMMUNITY}
            WHERE campaigns.community_id = :community_id
            ORDER BY campaigns.id DESC
            LIMIT :most""",  # noqa: S608 - our names
        community_id=community_id,
        most=most,
    )
    return [_campaign(row) for row in rows]


async def change_state(db: Connection, campaign_id: int, before: Sequence[State], after: State) -> bool:
    """False when it was in none of these states."""
    marks, values = listed([state.value for state in before])
    found = await db.value(
        f"""UPDATE campaigns SET state = :after
            WHERE id = :id AND state IN ({marks})
            RETURNING id""",  # noqa: S608 - our names
        after=after.value,
        id=campaign_id,
        **values,
    )
    return found is not None


async def save_author(db: Connection, campaign_id: int, author_id: int, called: str, role: Role) -> None:
    """Whose posts they are from now on."""
    await db.run(
        "UPDATE campaigns SET author_id = :author_id, called = :called, role = :role WHERE id = :id",
        author_id=author_id,
        called=called,
        role=role.value,
        id=campaign_id,
    )


# --- posts ------------------------------------------------------------------------------------------------------------


async def add_post(db: Connection, campaign_id: int, kind: PostKind, content: Content, at: datetime) -> int:
    return int(
        await db.value(
            """INSERT INTO campaign_posts (campaign_id, kind, words, media_kind, file_id, media_channel, planned_for,
                                           state)
               VALUES (:campaign_id, :kind, :words, :media_kind, :file_id, :media_channel, :at, 'planned')
               RETURNING id""",
            campaign_id=campaign_id,
            kind=kind.value,
            words=content.words,
            media_kind=content.kind,
            file_id=content.file_id,
            media_channel=content.channel,
            at=to_us(at),
        )
    )


async def posts(db: Connection, campaign_id: int) -> list[Post]:
    """In the order of their times."""
    rows = await db.all(
        f"""{_POST}
            WHERE campaign_posts.campaign_id = :id
            ORDER BY campaign_posts.planned_for, campaign_posts.id""",
        id=campaign_id,
    )
    return [_post(row) for row in rows]


async def get_post(db: Connection, post_id: int) -> Post | None:
    row = await db.one(f"{_POST} WHERE campaign_posts.id = :id", id=post_id)
    return _post(row) if row else None


async def save_content(db: Connection, post_id: int, content: Content) -> bool:
    """False when it was sent meanwhile."""
    found = await db.value(
        """UPDATE campaign_posts
           SET words = :words, media_kind = :media_kind, file_id = :file_id, media_channel = :media_channel
           WHERE id = :id AND state <> 'sent'
           RETURNING id""",
        words=content.words,
        media_kind=content.kind,
        file_id=content.file_id,
        media_channel=content.channel,
        id=post_id,
    )
    return found is not None


async def save_time(db: Connection, post_id: int, at: datetime) -> bool:
    """False when it was sent meanwhile. One that was missed is planned again."""
    found = await db.value(
        """UPDATE campaign_posts SET planned_for = :at, state = 'planned'
           WHERE id = :id AND state <> 'sent'
           RETURNING id""",
        at=to_us(at),
        id=post_id,
    )
    return found is not None


async def drop_post(db: Connection, post_id: int) -> bool:
    """False when it was sent meanwhile."""
    found = await db.value("DELETE FROM campaign_posts WHERE id = :id AND state <> 'sent' RETURNING id", id=post_id)
    return found is not None


async def due(db: Connection, now: datetime, most: int) -> list[Post]:
    """Posts of running campaigns whose time has come, the earliest first."""
    rows = await db.all(
        f"""{_POST}
            WHERE campaign_posts.state = 'planned' AND campaign_posts.planned_for <= :now
              AND campaigns.state = 'running'
            ORDER BY campaign_posts.planned_for, campaign_posts.id
            LIMIT :most""",
        now=to_us(now),
        most=most,
    )
    return [_post(row) for row in rows]


async def save_sent(db: Connection, post_id: int, announcement_id: int) -> None:
    await db.run(
        "UPDATE campaign_posts SET state = 'sent', announcement_id = :announcement_id WHERE id = :id",
        announcement_id=announcement_id,
        id=post_id,
    )


async def miss(db: Connection, post_id: int) -> None:
    await db.run("UPDATE campaign_posts SET state = 'missed' WHERE id = :id AND state = 'planned'", id=post_id)


async def miss_before(db: Connection, campaign_id: int, now: datetime) -> int:
    """What was to go until now and did not goes no more by itself; how many these are."""
    rows = await db.all(
        """UPDATE campaign_posts SET state = 'missed'
           WHERE campaign_id = :id AND state = 'planned' AND planned_for <= :now
           RETURNING id""",
        id=campaign_id,
        now=to_us(now),
    )
    return len(rows)


async def drop_unsent_before(db: Connection, before: datetime, most: int) -> None:
    """Posts that were to go before then and never will: their campaign is over."""
    await db.run(
        """DELETE FROM campaign_posts
           WHERE id IN (
               SELECT post.id FROM campaign_posts AS post
               JOIN campaigns ON campaigns.id = post.campaign_id
               WHERE post.state <> 'sent' AND post.planned_for < :before
                 AND (campaigns.state = 'cancelled' OR campaigns.ends_on < :day)
               ORDER BY post.id
               LIMIT :most
           )""",
        before=to_us(before),
        day=before.date().isoformat(),
        most=most,
    )


# --- figures ----------------------------------------------------------------------------------------------------------


async def reached_below(db: Connection, campaign: Campaign) -> list[Part]:
    """Each community right below, by name: how many different persons of it, and of what lies below it, got one of the
    campaign's posts, and how many of them confirmed one. Numbers of few people are left out (rule 22)."""
    rows = await db.all(
        """WITH got AS (
               SELECT deliveries.person_id, MAX(CASE WHEN confirmed.person_id IS NULL THEN 0 ELSE 1 END) AS sure
               FROM campaign_posts AS post
               JOIN outgoings ON outgoings.dedupe_key = 'announcement:' || post.announcement_id
               JOIN deliveries ON deliveries.outgoing_id = outgoings.id AND deliveries.state = 'sent'
               LEFT JOIN announcement_confirmations AS confirmed
                      ON confirmed.announcement_id = post.announcement_id
                     AND confirmed.person_id = deliveries.person_id
               WHERE post.campaign_id = :id AND post.kind = 'post' AND post.announcement_id IS NOT NULL
               GROUP BY deliveries.person_id
           ),
           member AS (
               SELECT DISTINCT child.id AS child_id, memberships.person_id
               FROM communities AS child
               JOIN communities AS home ON home.path >= child.path AND home.path < child.path || ':'
               JOIN memberships ON memberships.community_id = home.id AND memberships.state = 'active'
               WHERE child.parent_id = :community_id
           )
           SELECT child.name, COUNT(got.person_id) AS reached, COALESCE(SUM(got.sure), 0) AS confirmed
           FROM communities AS child
           JOIN member ON member.child_id = child.id
           JOIN got ON got.person_id = member.person_id
           WHERE child.parent_id = :community_id
           GROUP BY child.id, child.name
           ORDER BY child.name, child.id""",
        id=campaign.id,
        community_id=campaign.community.id,
    )
    reached = suppression.shown([row["reached"] for row in rows]).numbers
    confirmed = suppression.shown([row["confirmed"] for row in rows]).numbers
    return [Part(row["name"], got, sure) for row, got, sure in zip(rows, reached, confirmed, strict=True)]


def _campaign(row: Row) -> Campaign:
    return Campaign(
        id=row["campaign_id"],
        community=community_of(row),
        author_id=row["author_id"],
        heading=row["heading"],
        called=row["called"],
        role=Role(row["role"]),
        name=row["its_name"],
        starts_on=date.fromisoformat(row["starts_on"]),
        ends_on=date.fromisoformat(row["ends_on"]),
        zone=row["its_zone"],
        roles=tuple(row["roles"].split(",")) if row["roles"] else (),
        state=State(row["its_state"]),
    )


def _post(row: Row) -> Post:
    return Post(
        id=row["post_id"],
        campaign=_campaign(row),
        kind=PostKind(row["post_kind"]),
        content=Content(row["words"], row["media_kind"], row["file_id"], row["media_channel"]),
        at=from_us(row["planned_for"]),
        state=PostState(row["post_state"]),
        announcement_id=row["announcement_id"],
    )
