"""One membership: how it begins, what becomes of it, and how it ends."""

from datetime import datetime, timedelta

from domain.communities import UNDO_WITHIN, WARNED_BEFORE, Belonging, Member
from domain.requests import Community
from domain.roles import Role
from domain.times import from_us, maybe_time, maybe_us, to_us
from storage.communities.offices import OFFICES
from storage.communities.tree import community_of
from storage.database import Connection, Row

MEMBER = (
    "memberships.id, memberships.person_id, memberships.called, memberships.role, memberships.state, "
    "memberships.until, memberships.decided_by, memberships.since"
)


async def ask_to_join(
    db: Connection, person_id: int, community_id: int, role: str, called: str, now: datetime
) -> int | None:
    """A membership that waits for a decision; None when there is one already, waiting or active. What was asked with a
    guest's link that is over is over with it."""
    await db.run(
        """UPDATE memberships SET state = 'left'
           WHERE person_id = :person_id AND community_id = :community_id AND role = :role
             AND state = 'waiting' AND until <= :now""",
        person_id=person_id,
        community_id=community_id,
        role=role,
        now=to_us(now),
    )
    found = await db.value(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since)
           VALUES (:person_id, :community_id, :role, :called, 'waiting', :now)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        person_id=person_id,
        community_id=community_id,
        role=role,
        called=called,
        now=to_us(now),
    )
    return None if found is None else int(found)


async def add_member(
    db: Connection,
    person_id: int,
    community_id: int,
    role: Role,
    called: str,
    now: datetime,
    *,
    until: datetime | None = None,
    decided_by: int | None = None,
) -> int | None:
    """An active membership; None when another chair or head holds the place, or the person holds the role already."""
    found = await db.value(
        """INSERT INTO memberships (person_id, community_id, role, called, state, since, until, decided_by)
           VALUES (:person_id, :community_id, :role, :called, 'active', :now, :until, :decided_by)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        person_id=person_id,
        community_id=community_id,
        role=role.value,
        called=called,
        now=to_us(now),
        until=maybe_us(until),
        decided_by=decided_by,
    )
    return None if found is None else int(found)


async def membership(db: Connection, membership_id: int) -> Member | None:
    row = await db.one(f"SELECT {MEMBER} FROM memberships WHERE id = :id", id=membership_id)  # noqa: S608 - our names
    return member_of(row) if row else None


async def belonging(db: Connection, membership_id: int) -> Belonging | None:
    """A membership with its community, and whether a roster expected it; none in one that left school."""
    found = await membership(db, membership_id)
    row = await db.one(
        """SELECT communities.*, expected_names.id AS expected FROM memberships
           JOIN communities ON communities.id = memberships.community_id AND communities.archived_at IS NULL
           LEFT JOIN expected_names ON expected_names.membership_id = memberships.id
           WHERE memberships.id = :id""",
        id=membership_id,
    )
    return Belonging(community_of(row), found, listed=row["expected"] is not None) if found and row else None


async def own(db: Connection, person_id: int, community_id: int, now: datetime) -> list[Member]:
    """What one person is, or waits to be, in a community."""
    rows = await db.all(
        f"""SELECT {MEMBER} FROM memberships
            WHERE person_id = :person_id AND community_id = :community_id AND state IN ('waiting', 'active')
              AND (until IS NULL OR until > :now)
            ORDER BY id""",  # noqa: S608 - our names
        person_id=person_id,
        community_id=community_id,
        now=to_us(now),
    )
    return [member_of(row) for row in rows]


async def awaited(db: Connection, person_id: int, now: datetime) -> list[Community]:
    """The communities a person has asked to join and heard nothing from."""
    rows = await db.all(
        """SELECT communities.* FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           WHERE memberships.person_id = :person_id AND memberships.state = 'waiting'
             AND (memberships.until IS NULL OR memberships.until > :now)
           ORDER BY communities.path""",
        person_id=person_id,
        now=to_us(now),
    )
    return [community_of(row) for row in rows]


async def save_called(db: Connection, membership_id: int, person_id: int, called: str) -> None:
    """The name a person goes by, in one membership of her own."""
    await db.run(
        "UPDATE memberships SET called = :called WHERE id = :id AND person_id = :person_id",
        called=called,
        id=membership_id,
        person_id=person_id,
    )


async def decide(db: Connection, membership_id: int, before: str, after: str, decided_by: int, now: datetime) -> bool:
    """Moves a membership from one state to another; False when it is not in the first one (any more), or when the
    place (one chair, one head of class) is taken."""
    taken = await db.value(
        """SELECT 1 FROM memberships AS mine
           JOIN memberships AS other
             ON other.community_id = mine.community_id AND other.role = mine.role AND other.id <> mine.id
           WHERE mine.id = :id
             AND ((:after IN ('waiting', 'active') AND other.person_id = mine.person_id
                   AND other.state IN ('waiting', 'active'))
                  OR (:after = 'active' AND other.state = 'active' AND mine.role IN ('chair', 'head_of_class')))""",
        id=membership_id,
        after=after,
    )
    if taken is not None:
        return False
    found = await db.value(
        """UPDATE memberships SET state = :after, decided_by = :decided_by
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after,
        decided_by=decided_by,
        id=membership_id,
        before=before,
    )
    return found is not None


async def end(db: Connection, membership_id: int) -> bool:
    """The member leaves; False when she had left before."""
    found = await db.value(
        "UPDATE memberships SET state = 'left' WHERE id = :id AND state = 'active' RETURNING id",
        id=membership_id,
    )
    return found is not None


async def step_down(db: Connection, membership_id: int, now: datetime) -> None:
    """She leaves by herself, and may take it back for a while."""
    await db.run(
        "UPDATE memberships SET state = 'left', stepped_down_at = :now WHERE id = :id AND state = 'active'",
        now=to_us(now),
        id=membership_id,
    )


async def take_back_leave(
    db: Connection, community_id: int, membership_id: int, person_id: int, now: datetime
) -> Member | None:
    """What she left there by herself within the last hour is hers again; None when it was long ago, or is over, or the
    place is another's now. An office of the hotline never: two people give it."""
    row = await db.one(
        f"""UPDATE memberships SET state = 'active', stepped_down_at = NULL
            WHERE id = :id AND community_id = :community_id AND person_id = :person_id
              AND state = 'left' AND stepped_down_at > :since
              AND role NOT IN {OFFICES} AND (until IS NULL OR until > :now)
              AND NOT EXISTS (
                  SELECT 1 FROM memberships AS other
                  WHERE other.community_id = memberships.community_id AND other.role = memberships.role
                    AND ((other.person_id = :person_id AND other.state IN ('waiting', 'active'))
                         OR (other.state = 'active' AND other.role IN ('chair', 'head_of_class'))))
            RETURNING {MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        id=membership_id,
        community_id=community_id,
        person_id=person_id,
        since=to_us(now - UNDO_WITHIN),
        now=to_us(now),
    )
    return member_of(row) if row else None


async def save_until(db: Connection, membership_id: int, until: datetime | None) -> None:
    await db.run("UPDATE memberships SET until = :until WHERE id = :id", until=maybe_us(until), id=membership_id)


async def end_expired(db: Connection, now: datetime) -> list[tuple[int, Member]]:
    """Ends the memberships whose time is over; returns them with their communities' ids."""
    rows = await db.all(
        f"""UPDATE memberships SET state = 'left'
            WHERE state = 'active' AND until <= :now
            RETURNING community_id, {MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        now=to_us(now),
    )
    return [(row["community_id"], member_of(row)) for row in rows]


async def warn_of_ends(db: Connection, now: datetime, most: int) -> list[tuple[int, Member]]:
    """Those whose role ends within a week and who were not told so; one given for a week or less was told with it."""
    rows = await db.all(
        f"""UPDATE memberships SET warned = 1
            WHERE id IN (SELECT id FROM memberships
                         WHERE state = 'active' AND until IS NOT NULL AND until > :now AND until <= :soon
                           AND warned = 0 AND until - since > :week
                         ORDER BY until, id
                         LIMIT :most)
            RETURNING community_id, {MEMBER.replace("memberships.", "")}""",  # noqa: S608 - our names
        now=to_us(now),
        soon=to_us(now + WARNED_BEFORE),
        week=WARNED_BEFORE // timedelta(microseconds=1),
        most=most,
    )
    return [(row["community_id"], member_of(row)) for row in rows]


def member_of(row: Row) -> Member:
    return Member(
        row["id"],
        row["person_id"],
        row["called"],
        row["role"],
        row["state"],
        maybe_time(row["until"]),
        row["decided_by"],
        from_us(row["since"]),
    )
