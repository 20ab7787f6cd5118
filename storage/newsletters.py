"""Newsletters, and what happened that one can tell of."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import storage.attendance
import storage.challenges
import storage.polls
import storage.stories
from domain.newsletters import ITEMS_MOST, Happened, Newsletter, Section, State
from domain.requests import Community
from domain.times import from_us, to_us
from storage.communities import community_of
from storage.database import Connection, Row

_NEWSLETTER = """
    SELECT newsletters.id AS newsletter_id, newsletters.author_id, newsletters.first_day, newsletters.last_day,
           newsletters.opening, newsletters.items, newsletters.dropped, newsletters.state, communities.*
    FROM newsletters
    JOIN communities ON communities.id = newsletters.community_id
"""


async def add(
    db: Connection,
    community: Community,
    author_id: int,
    first: date,
    last: date,
    items: Iterable[Happened],
    now: datetime,
) -> Newsletter:
    newsletter_id = await db.value(
        """INSERT INTO newsletters (community_id, author_id, first_day, last_day, opening, items, dropped, state,
                                    created_at)
           VALUES (:community_id, :author_id, :first, :last, '', :items, '', 'draft', :now)
           RETURNING id""",
        community_id=community.id,
        author_id=author_id,
        first=first.isoformat(),
        last=last.isoformat(),
        items=json.dumps([_kept(item) for item in items], ensure_ascii=False),
        now=to_us(now),
    )
    return await get_certain(db, int(newsletter_id))


async def get(db: Connection, newsletter_id: int) -> Newsletter | None:
    row = await db.one(f"{_NEWSLETTER} WHERE newsletters.id = :id", id=newsletter_id)
    return _newsletter(row) if row else None


async def get_certain(db: Connection, newsletter_id: int) -> Newsletter:
    """A newsletter that must be there. Raises LookupError."""
    newsletter = await get(db, newsletter_id)
    if newsletter is None:
        raise LookupError("a newsletter that is no longer there")
    return newsletter


async def save_dropped(db: Connection, newsletter_id: int, dropped: Iterable[int]) -> None:
    await db.run(
        "UPDATE newsletters SET dropped = :dropped WHERE id = :id AND state = 'draft'",
        dropped=",".join(str(place) for place in sorted(dropped)),
        id=newsletter_id,
    )


async def save_opening(db: Connection, newsletter_id: int, opening: str) -> bool:
    """False: it was sent meanwhile."""
    found = await db.value(
        "UPDATE newsletters SET opening = :opening WHERE id = :id AND state = 'draft' RETURNING id",
        opening=opening,
        id=newsletter_id,
    )
    return found is not None


async def change_items(db: Connection, community_id: int, changed: Callable[[Newsletter], Newsletter]) -> list[int]:
    """Something that newsletters of a community tell of was corrected or taken back. Returns the announcements of those
    that were sent and are other ones now."""
    rows = await db.all(
        f"{_NEWSLETTER} WHERE newsletters.community_id = :community_id",
        community_id=community_id,
    )
    told: list[int] = []
    for found in map(_newsletter, rows):
        after = changed(found)
        if after.items != found.items:
            told += await _save_items(db, after)
    return told


async def _save_items(db: Connection, newsletter: Newsletter) -> list[int]:
    announcement_id = await db.value(
        "UPDATE newsletters SET items = :items, dropped = :dropped WHERE id = :id RETURNING announcement_id",
        items=json.dumps([_kept(item) for item in newsletter.items], ensure_ascii=False),
        dropped=",".join(str(place) for place in sorted(newsletter.dropped)),
        id=newsletter.id,
    )
    if announcement_id is None:
        return []
    await db.run(
        "UPDATE announcements SET ours = :ours WHERE id = :id",
        ours=json.dumps(newsletter.content.ours, ensure_ascii=False),
        id=announcement_id,
    )
    return [int(announcement_id)]


async def send(db: Connection, newsletter_id: int) -> bool:
    """False when it was sent before."""
    found = await db.value(
        "UPDATE newsletters SET state = 'sent' WHERE id = :id AND state = 'draft' RETURNING id", id=newsletter_id
    )
    return found is not None


async def save_announcement(db: Connection, newsletter_id: int, announcement_id: int) -> None:
    await db.run(
        "UPDATE newsletters SET announcement_id = :announcement_id WHERE id = :id",
        announcement_id=announcement_id,
        id=newsletter_id,
    )


async def is_recalled(db: Connection, newsletter_id: int) -> bool:
    """Whether it was sent and taken back."""
    found = await db.value(
        """SELECT announcements.id FROM newsletters
           JOIN announcements ON announcements.id = newsletters.announcement_id AND announcements.state = 'recalled'
           WHERE newsletters.id = :id""",
        id=newsletter_id,
    )
    return found is not None


async def drop_drafts_before(db: Connection, before: datetime) -> None:
    await db.run("DELETE FROM newsletters WHERE state = 'draft' AND created_at < :before", before=to_us(before))


# --- what happened ----------------------------------------------------------------------------------------------------


async def happened(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    """What all of a community may know of itself, the newest of each kind first. Nothing here looks at a case."""
    return [
        *await _stories(db, community, since, until),
        *await _meetings(db, community, since, until),
        *await _challenges(db, community, since, until),
        *await _polls(db, community, since, until),
        *await _announcements(db, community, since, until),
        *await _below(db, community, since, until),
    ]


async def _stories(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    """Those shown in this very community: for another one nobody has agreed."""
    found = await storage.stories.published(db, community.id, since, until, ITEMS_MOST)
    return [
        Happened(Section.STORIES, story.told_at, story.told.words, announcement_id=story.announcement_id or 0)
        for story in found
    ]


async def _meetings(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    """Those that everybody heard of."""
    rows = await db.all(
        """SELECT id, title, starts_at FROM meetings
           WHERE community_id = :id AND starts_at >= :since AND starts_at < :until AND state = 'called' AND in_group = 1
           ORDER BY starts_at DESC
           LIMIT :most""",
        most=ITEMS_MOST,
        **_within(community, since, until),
    )
    came = [(await storage.attendance.count(db, row["id"])).all for row in rows]
    return [
        Happened(Section.MEETINGS, from_us(row["starts_at"]), row["title"], people)
        for row, people in zip(rows, came, strict=True)
    ]


async def _challenges(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    rows = await db.all(
        """SELECT id, title, ends_at FROM challenges
           WHERE community_id = :id AND state <> 'running' AND ends_at >= :since AND ends_at < :until
           ORDER BY ends_at DESC
           LIMIT :most""",
        most=ITEMS_MOST,
        **_within(community, since, until),
    )
    found = []
    for row in rows:
        totals = await storage.challenges.totals(db, row["id"], community.path)
        found.append(
            Happened(Section.CHALLENGES, from_us(row["ends_at"]), row["title"], totals.people, more=totals.days)
        )
    return found


async def _polls(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    """Those whose result the groups were told: of another its author alone knows it."""
    rows = await db.all(
        """SELECT id, closed_at FROM polls
           WHERE community_id = :id AND state = 'closed' AND closed_at >= :since AND closed_at < :until
             AND whom <> 'persons'
           ORDER BY closed_at DESC
           LIMIT :most""",
        most=ITEMS_MOST,
        **_within(community, since, until),
    )
    found = []
    for row in rows:
        poll = await storage.polls.get_certain(db, row["id"])
        counts = await storage.polls.count(db, poll)
        most = max(counts.votes, default=0)
        first = [option for option, votes in zip(poll.options, counts.votes, strict=True) if votes == most]
        answer = first[0] if len(first) == 1 else ""
        found.append(Happened(Section.POLLS, from_us(row["closed_at"]), poll.question, counts.answered, answer=answer))
    return found


async def _announcements(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    """Those to everybody, in somebody's own words: no newsletter tells of another, and stories stand by themselves."""
    rows = await db.all(
        """SELECT id, words, sent_at FROM announcements
           WHERE community_id = :id AND sent_at >= :since AND sent_at < :until AND state = 'sent'
             AND roles = '' AND words <> '' AND ours IS NULL
           ORDER BY sent_at DESC
           LIMIT :most""",
        most=ITEMS_MOST,
        **_within(community, since, until),
    )
    return [
        Happened(Section.ANNOUNCEMENTS, from_us(row["sent_at"]), row["words"], announcement_id=row["id"])
        for row in rows
    ]


async def _below(db: Connection, community: Community, since: datetime, until: datetime) -> list[Happened]:
    row = await db.one(
        """SELECT
               (SELECT COUNT(*) FROM communities
                JOIN meetings ON meetings.community_id = communities.id AND meetings.state = 'called'
                             AND meetings.starts_at >= :since AND meetings.starts_at < :until
                WHERE communities.path > :path AND communities.path < :path || ':') AS meetings,
               (SELECT COUNT(*) FROM communities
                JOIN announcements ON announcements.community_id = communities.id
                                  AND announcements.state = 'sent'
                                  AND announcements.sent_at >= :since AND announcements.sent_at < :until
                WHERE communities.path > :path AND communities.path < :path || ':') AS announcements""",
        path=community.path,
        since=to_us(since),
        until=to_us(until),
    )
    if row is None or not (row["meetings"] or row["announcements"]):
        return []
    return [Happened(Section.BELOW, since, "", row["meetings"], more=row["announcements"])]


def _within(community: Community, since: datetime, until: datetime) -> dict[str, int]:
    return {"id": community.id, "since": to_us(since), "until": to_us(until)}


def _kept(item: Happened) -> dict[str, Any]:
    return {
        "section": item.section.value,
        "at": to_us(item.at),
        "words": item.words,
        "count": item.count,
        "more": item.more,
        "answer": item.answer,
        "announcement_id": item.announcement_id,
    }


def _newsletter(row: Row) -> Newsletter:
    items = (
        Happened(
            Section(item["section"]),
            from_us(item["at"]),
            item["words"],
            item["count"],
            item["more"],
            item["answer"],
            item.get("announcement_id", 0),
        )
        for item in json.loads(row["items"])
    )
    return Newsletter(
        id=row["newsletter_id"],
        community=community_of(row),
        author_id=row["author_id"],
        first=date.fromisoformat(row["first_day"]),
        last=date.fromisoformat(row["last_day"]),
        opening=row["opening"],
        items=tuple(items),
        dropped=frozenset(int(place) for place in row["dropped"].split(",") if place),
        state=State(row["state"]),
    )
