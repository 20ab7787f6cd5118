"""Stories that members tell, and what became of them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.roles import Role
from domain.stories import Consent, State, Story, Told
from domain.times import from_us, to_us
from storage.communities import community_of
from storage.database import Connection, Row

_STORY = """
    SELECT stories.id AS story_id, stories.person_id, stories.called, stories.role, stories.words, stories.photos,
           stories.channel, stories.consent, stories.state, stories.told_at,
           stories.announcement_id, communities.*
    FROM stories
    JOIN communities ON communities.id = stories.community_id
"""


async def add(db: Connection, story: Story) -> Story:
    """A drafted one, which waits for a yes from now on."""
    story_id = await db.value(
        """INSERT INTO stories (community_id, person_id, called, role, words, photos, channel, consent,
                                state, told_at)
           VALUES (:community_id, :person_id, :called, :role, :words, :photos, :channel, :consent,
                   'waiting', :told_at)
           RETURNING id""",
        community_id=story.community.id,
        person_id=story.person_id,
        called=story.called,
        role=story.role.value,
        words=story.told.words,
        photos=json.dumps(story.told.photos),
        channel=story.channel,
        consent=story.consent.value,
        told_at=to_us(story.told_at),
    )
    return replace(story, id=int(story_id))


async def get(db: Connection, story_id: int) -> Story | None:
    row = await db.one(f"{_STORY} WHERE stories.id = :id", id=story_id)
    return _story(row) if row else None


async def get_certain(db: Connection, story_id: int) -> Story:
    """A story that must be there. Raises LookupError."""
    story = await get(db, story_id)
    if story is None:
        raise LookupError("a story that is no longer there")
    return story


async def count_waiting(db: Connection, person_id: int, community_id: int) -> int:
    """How many of hers nobody has decided on yet."""
    return int(
        await db.value(
            """SELECT COUNT(*) FROM stories
               WHERE person_id = :person_id AND community_id = :community_id AND state = 'waiting'""",
            person_id=person_id,
            community_id=community_id,
        )
    )


async def agree(db: Connection, story_id: int, parent_id: int) -> bool:
    """A parent's yes; False when it was said, or the story is gone, before."""
    found = await db.value(
        """UPDATE stories SET consent = 'given', consented_by = :parent_id
           WHERE id = :id AND state = 'waiting' AND consent = 'asked'
           RETURNING id""",
        id=story_id,
        parent_id=parent_id,
    )
    return found is not None


async def publish(db: Connection, story: Story, by: int, now: datetime) -> bool:
    """Takes the decision; False when it was decided or withdrawn meanwhile. Whoever publishes a pupil's story that
    shows a child says that the parents have agreed."""
    found = await db.value(
        """UPDATE stories
           SET state = 'published', decided_by = :by, decided_at = :now,
               consented_by = CASE WHEN consent = 'needed' THEN :by ELSE consented_by END,
               consent = CASE WHEN consent = 'needed' THEN 'given' ELSE consent END
           WHERE id = :id AND state = 'waiting' AND consent <> 'asked'
           RETURNING id""",
        id=story.id,
        by=by,
        now=to_us(now),
    )
    return found is not None


async def save_announcement(db: Connection, story_id: int, announcement_id: int) -> None:
    await db.run(
        "UPDATE stories SET announcement_id = :announcement_id WHERE id = :id",
        announcement_id=announcement_id,
        id=story_id,
    )


async def close(
    db: Connection, story_id: int, before: Sequence[State], after: State, by: int | None, now: datetime
) -> bool:
    """It is declined or withdrawn, and its words and photos are gone; False when it stood elsewhere."""
    found = await db.value(
        f"""UPDATE stories
            SET state = :after, words = '', photos = '[]', decided_by = :by, decided_at = :now,
                taking_back = CASE WHEN state = 'published' THEN 1 ELSE 0 END
            WHERE id = :id AND state IN ({", ".join(f"'{one.value}'" for one in before)})
            RETURNING id""",  # noqa: S608 - our names
        id=story_id,
        after=after.value,
        by=by,
        now=to_us(now),
    )
    return found is not None


async def of_announcement(db: Connection, community_id: int, announcement_id: int) -> Story | None:
    """The published story that an announcement is; None: it is none."""
    row = await db.one(
        f"""{_STORY}
            WHERE stories.community_id = :community_id AND stories.state = 'published'
              AND stories.announcement_id = :announcement_id""",
        community_id=community_id,
        announcement_id=announcement_id,
    )
    return _story(row) if row else None


async def published(db: Connection, community_id: int, since: datetime, until: datetime, most: int) -> list[Story]:
    """Those shown in a community in this time; the newest first."""
    rows = await db.all(
        f"""{_STORY}
            WHERE stories.community_id = :id AND stories.state = 'published'
              AND stories.decided_at >= :since AND stories.decided_at < :until
              AND EXISTS (SELECT 1 FROM announcements
                          WHERE announcements.id = stories.announcement_id AND announcements.state = 'sent')
            ORDER BY stories.decided_at DESC, stories.id DESC
            LIMIT :most""",  # noqa: S608 - our names
        id=community_id,
        since=to_us(since),
        until=to_us(until),
        most=most,
    )
    return [_story(row) for row in rows]


async def undecided(db: Connection, before: datetime, most: int) -> list[Story]:
    """Those that have waited since then."""
    rows = await db.all(
        f"{_STORY} WHERE stories.state = 'waiting' AND stories.told_at < :before ORDER BY stories.told_at LIMIT :most",
        before=to_us(before),
        most=most,
    )
    return [_story(row) for row in rows]


# --- who asked for the photos -----------------------------------------------------------------------------------------


async def note_copy(db: Connection, story_id: int, person_id: int) -> None:
    await db.run(
        "INSERT INTO story_copies (story_id, person_id) VALUES (:story_id, :person_id) ON CONFLICT DO NOTHING",
        story_id=story_id,
        person_id=person_id,
    )


async def taking_back(db: Connection, most: int) -> list[Story]:
    """Those whose photos some people still have."""
    rows = await db.all(f"{_STORY} WHERE stories.taking_back = 1 ORDER BY stories.id LIMIT :most", most=most)
    return [_story(row) for row in rows]


async def take_copies(db: Connection, story_id: int, most: int) -> list[int]:
    """The next of those who have the photos: these are taken back now."""
    rows = await db.all(
        """DELETE FROM story_copies
           WHERE story_id = :id AND person_id IN (
               SELECT person_id FROM story_copies
               WHERE story_id = :id
               ORDER BY person_id
               LIMIT :most
           )
           RETURNING person_id""",
        id=story_id,
        most=most,
    )
    if len(rows) < most:
        await db.run("UPDATE stories SET taking_back = 0 WHERE id = :id", id=story_id)
    return sorted(row["person_id"] for row in rows)


def _story(row: Row) -> Story:
    return Story(
        id=row["story_id"],
        community=community_of(row),
        person_id=row["person_id"],
        called=row["called"],
        role=Role(row["role"]),
        told=Told(row["words"], tuple(json.loads(row["photos"]))),
        channel=row["channel"],
        consent=Consent(row["consent"]),
        state=State(row["state"]),
        told_at=from_us(row["told_at"]),
        announcement_id=row["announcement_id"],
    )
