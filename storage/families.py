"""Who is whose parent, and what parents said about the communities of their children."""

from datetime import datetime

from domain.communities import Belonging, Member
from domain.families import CHILD_ALONE, Link
from domain.times import to_us
from storage import communities
from storage.database import Connection, Row

# The child as her newest class knows her, one she belongs to before one she has left.
_LINKS = """SELECT families.id AS link_id, families.child_id, families.parent_id, families.called, families.state,
                   families.head_only, child.called AS child_called, communities.*
            FROM families
            JOIN memberships AS child ON child.id = (
                SELECT newest.id FROM memberships AS newest
                WHERE newest.person_id = families.child_id AND newest.role = 'pupil'
                ORDER BY newest.state = 'active' DESC, newest.id DESC
                LIMIT 1
            )
            JOIN communities ON communities.id = child.community_id"""
# The no of a parent who is linked no more.
_LEFT_BEHIND = """parents_answers.agrees = 0
                  AND NOT EXISTS (SELECT 1 FROM families AS now
                                  WHERE now.child_id = parents_answers.child_id
                                    AND now.parent_id = parents_answers.parent_id AND now.state = 'linked')"""


async def ask(db: Connection, child_id: int, parent_id: int, called: str, now: datetime) -> int | None:
    """A link that waits for a yes; None when there is one already. Whom the child knows alone is one of few, and nobody
    who could say yes in place of a parent who said no."""
    found = await db.value(
        f"""INSERT INTO families (child_id, parent_id, called, state, head_only, asked_at)
           SELECT :child_id, :parent_id, :called, 'waiting',
                  CASE WHEN COUNT(*) >= :alone OR EXISTS (SELECT 1 FROM parents_answers
                                                          WHERE child_id = :child_id AND parent_id <> :parent_id
                                                            AND {_LEFT_BEHIND}) THEN 1 ELSE 0 END, :now
           FROM families
           WHERE child_id = :child_id AND state IN ('waiting', 'linked')
           ON CONFLICT DO NOTHING
           RETURNING id""",  # noqa: S608 - our own text
        child_id=child_id,
        parent_id=parent_id,
        called=called,
        alone=CHILD_ALONE,
        now=to_us(now),
    )
    return None if found is None else int(found)


async def get(db: Connection, link_id: int) -> Link | None:
    row = await db.one(f"{_LINKS} WHERE families.id = :id", id=link_id)
    return _link(row) if row else None


async def of_person(db: Connection, person_id: int) -> list[Link]:
    """What links a person to her parents and to her children, or is about to."""
    rows = await db.all(
        f"""{_LINKS}
            WHERE families.child_id = :id AND families.state IN ('waiting', 'linked')
            UNION ALL
            {_LINKS}
            WHERE families.parent_id = :id AND families.state IN ('waiting', 'linked')""",
        id=person_id,
    )
    return sorted(map(_link, rows), key=lambda link: link.id)


async def parents(db: Connection, child_id: int) -> list[int]:
    rows = await db.all(
        "SELECT parent_id FROM families WHERE child_id = :id AND state IN ('waiting', 'linked') AND state = 'linked'",
        id=child_id,
    )
    return [row["parent_id"] for row in rows]


async def decide(db: Connection, link: Link, after: str, decided_by: int) -> bool:
    """Moves a link on; False when it is no more as it was seen. A parent's yes ends with the link; her no stands until
    an adult decides anew."""
    found = await db.value(
        """UPDATE families SET state = :after, decided_by = :decided_by
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after,
        decided_by=decided_by,
        id=link.id,
        before=link.state,
    )
    if found is not None and after == "ended":
        await db.run(
            "DELETE FROM parents_answers WHERE child_id = :child_id AND parent_id = :parent_id AND agrees = 1",
            child_id=link.child_id,
            parent_id=link.parent_id,
        )
    return found is not None


async def follow(db: Connection, older: int, younger: int) -> None:
    """Two persons turn out to be one: a link that the younger one has stays where the older one only waits for it, and
    of two answers about the same the later."""
    for mine, other in (("parent_id", "child_id"), ("child_id", "parent_id")):
        await db.run(
            f"""UPDATE families SET state = 'ended'
                WHERE {mine} = :older AND state = 'waiting'
                  AND EXISTS (SELECT 1 FROM families AS hers
                              WHERE hers.{mine} = :younger AND hers.{other} = families.{other}
                                AND hers.state = 'linked')""",  # noqa: S608 - our names
            older=older,
            younger=younger,
        )
        await db.run(
            f"""DELETE FROM parents_answers
                WHERE {mine} = :older
                  AND EXISTS (SELECT 1 FROM parents_answers AS hers
                              WHERE hers.{mine} = :younger AND hers.{other} = parents_answers.{other}
                                AND hers.community_id = parents_answers.community_id
                                AND hers.at > parents_answers.at)""",  # noqa: S608 - our names
            older=older,
            younger=younger,
        )


async def called(db: Connection, person_id: int) -> str | None:
    """The name somebody goes by in whatever community."""
    found = await db.value(
        """SELECT called FROM memberships
           WHERE person_id = :id AND state IN ('waiting', 'active')
           ORDER BY state, id DESC
           LIMIT 1""",
        id=person_id,
    )
    return None if found is None else str(found)


async def as_pupil(db: Connection, person_id: int) -> list[Belonging]:
    """Where somebody is a pupil, or asks to be."""
    rows = await db.all(
        """SELECT memberships.id AS membership_id, memberships.called, memberships.state, communities.*
           FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           WHERE memberships.person_id = :id AND memberships.role = 'pupil'
             AND memberships.state IN ('waiting', 'active')
           ORDER BY memberships.id""",
        id=person_id,
    )
    return [
        Belonging(
            communities.community_of(row),
            Member(row["membership_id"], person_id, row["called"], "pupil", row["state"]),
        )
        for row in rows
    ]


async def is_pupil(db: Connection, person_id: int) -> bool:
    return any(one.member.state == "active" for one in await as_pupil(db, person_id))


# --- what parents said ------------------------------------------------------------------------------------------------


async def save_answer(
    db: Connection, child_id: int, community_id: int, parent_id: int, now: datetime, *, agrees: bool
) -> None:
    await db.run(
        """INSERT INTO parents_answers (child_id, community_id, parent_id, agrees, at)
           VALUES (:child_id, :community_id, :parent_id, :agrees, :now)
           ON CONFLICT (child_id, community_id, parent_id) DO UPDATE SET agrees = excluded.agrees, at = excluded.at""",
        child_id=child_id,
        community_id=community_id,
        parent_id=parent_id,
        agrees=int(agrees),
        now=to_us(now),
    )


async def decide_anew(db: Connection, child_id: int, community_id: int) -> None:
    """An adult has decided: what parents refused who are linked no more no longer stands."""
    await db.run(
        f"""DELETE FROM parents_answers
            WHERE child_id = :child_id AND community_id = :community_id AND {_LEFT_BEHIND}""",  # noqa: S608
        child_id=child_id,
        community_id=community_id,
    )


async def answers(db: Connection, child_id: int, community_id: int) -> dict[int, bool]:
    """What each parent who answered said."""
    rows = await db.all(
        """SELECT parent_id, agrees FROM parents_answers
           WHERE child_id = :child_id AND community_id = :community_id""",
        child_id=child_id,
        community_id=community_id,
    )
    return {row["parent_id"]: bool(row["agrees"]) for row in rows}


def _link(row: Row) -> Link:
    return Link(
        row["link_id"],
        row["child_id"],
        row["parent_id"],
        row["called"],
        row["child_called"],
        row["state"],
        bool(row["head_only"]),
        communities.community_of(row),
    )
