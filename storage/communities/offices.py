"""Who holds an office of the hotline, or may have one of its PINs."""

from datetime import datetime

from domain.requests import Community
from domain.times import to_us
from storage.communities.tree import COLUMNS, community_of
from storage.database import Connection

OFFICES = "('auditor', 'custodian', 'supervisor', 'worker')"  # as the index says


async def offices_of(db: Connection, person_id: int) -> list[Community]:
    """The communities in which a person holds a role of the hotline, or is about to."""
    rows = await db.all(
        f"""SELECT {COLUMNS} FROM communities
            WHERE id IN (SELECT community_id FROM memberships
                         WHERE person_id = :person_id AND state = 'active' AND role IN {OFFICES})
               OR id IN (SELECT community_id FROM role_proposals
                         WHERE person_id = :person_id AND state IN ('proposed', 'confirmed'))
            ORDER BY path""",  # noqa: S608 - our names
        person_id=person_id,
    )
    return [community_of(row) for row in rows]


async def officers(db: Connection, now: datetime) -> list[int]:
    """Who holds a role of the hotline, anywhere."""
    rows = await db.all(
        f"""SELECT DISTINCT person_id FROM memberships
            WHERE role IN {OFFICES} AND state = 'active' AND (until IS NULL OR until > :now)""",  # noqa: S608 - our names
        now=to_us(now),
    )
    return [row["person_id"] for row in rows]


async def psychologists(db: Connection, now: datetime) -> list[int]:
    """Who is a psychologist, anywhere."""
    rows = await db.all(
        """SELECT DISTINCT person_id FROM memberships
           WHERE role = 'psychologist' AND state = 'active' AND (until IS NULL OR until > :now)""",
        now=to_us(now),
    )
    return [row["person_id"] for row in rows]


async def end_hotline_roles(db: Connection, person_id: int, community_id: int) -> None:
    """Every role of the hotline that a person holds in a community, what is on its way to her, and what she proposed: a
    button on a lost phone gives none of it back."""
    await db.run(
        f"""UPDATE memberships SET state = 'left'
            WHERE person_id = :person_id AND community_id = :community_id AND state = 'active'
              AND role IN {OFFICES}""",  # noqa: S608 - our names
        person_id=person_id,
        community_id=community_id,
    )
    await db.run(
        """UPDATE role_proposals SET state = 'refused'
           WHERE (person_id = :person_id OR proposed_by = :person_id) AND community_id = :community_id
             AND state IN ('proposed', 'confirmed')""",
        person_id=person_id,
        community_id=community_id,
    )
