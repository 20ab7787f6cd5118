"""Hotline roles in the making: proposed by one, confirmed by another, active with the code of conduct."""

from datetime import datetime

from domain.hotline_roles import Proposal, State
from domain.roles import Role
from domain.times import to_us
from storage import communities
from storage.database import Connection, Row


async def propose(
    db: Connection, community_id: int, person_id: int, called: str, role: Role, by: int, confirms: Role, now: datetime
) -> int | None:
    """A new proposal; None when one is open for this person and role already."""
    found = await db.value(
        """INSERT INTO role_proposals
               (community_id, person_id, called, role, state, proposed_by, proposed_at, confirms)
           VALUES (:community_id, :person_id, :called, :role, :state, :by, :now, :confirms)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        community_id=community_id,
        person_id=person_id,
        called=called,
        role=role.value,
        state=State.PROPOSED.value,
        by=by,
        now=to_us(now),
        confirms=confirms.value,
    )
    return None if found is None else int(found)


_PROPOSALS = """SELECT role_proposals.id AS proposal_id, role_proposals.person_id, role_proposals.called,
                       role_proposals.role, role_proposals.state, role_proposals.proposed_by, role_proposals.confirms,
                       role_proposals.decided_by, communities.*
                FROM role_proposals
                JOIN communities ON communities.id = role_proposals.community_id"""


async def get(db: Connection, proposal_id: int) -> Proposal | None:
    row = await db.one(f"{_PROPOSALS} WHERE role_proposals.id = :id", id=proposal_id)
    return None if row is None else _proposal(row)


async def undecided(db: Connection) -> list[Proposal]:
    """What waits for a second person, the oldest first."""
    rows = await db.all(f"{_PROPOSALS} WHERE role_proposals.state = 'proposed' ORDER BY role_proposals.id")
    return [_proposal(row) for row in rows]


async def offered_to(db: Connection, person_id: int) -> list[Proposal]:
    """What two people agreed on, and she has not answered yet."""
    rows = await db.all(
        f"""{_PROPOSALS}
            WHERE role_proposals.person_id = :person_id AND role_proposals.state = 'confirmed'
              AND role_proposals.state IN ('proposed', 'confirmed')  -- as its index says
            ORDER BY role_proposals.id""",
        person_id=person_id,
    )
    return [_proposal(row) for row in rows]


def _proposal(row: Row) -> Proposal:
    return Proposal(
        row["proposal_id"],
        communities.community_of(row),
        row["person_id"],
        row["called"],
        Role(row["role"]),
        State(row["state"]),
        row["proposed_by"],
        Role(row["confirms"]),
        row["decided_by"],
    )


async def decide(db: Connection, proposal_id: int, after: State, decided_by: int, now: datetime) -> bool:
    """The second person's word; False when it was given before."""
    found = await db.value(
        """UPDATE role_proposals SET state = :after, decided_by = :decided_by, decided_at = :now
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after.value,
        decided_by=decided_by,
        now=to_us(now),
        id=proposal_id,
        before=State.PROPOSED.value,
    )
    return found is not None


async def answer(db: Connection, proposal_id: int, after: State, now: datetime) -> bool:
    """The person's own word about a confirmed proposal; False when it is not hers to give (any more)."""
    found = await db.value(
        """UPDATE role_proposals SET state = :after, answered_at = :now
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after.value,
        now=to_us(now),
        id=proposal_id,
        before=State.CONFIRMED.value,
    )
    return found is not None


async def save_conduct(db: Connection, person_id: int, version: str, now: datetime) -> bool:
    """The person accepts this version of the code of conduct; False when she had before."""
    found = await db.value(
        """INSERT INTO conduct_acceptances (person_id, version, accepted_at)
           VALUES (:person_id, :version, :now)
           ON CONFLICT DO NOTHING
           RETURNING person_id""",
        person_id=person_id,
        version=version,
        now=to_us(now),
    )
    return found is not None


async def has_accepted_conduct(db: Connection, person_id: int, version: str) -> bool:
    found = await db.value(
        "SELECT 1 FROM conduct_acceptances WHERE person_id = :person_id AND version = :version",
        person_id=person_id,
        version=version,
    )
    return found is not None
