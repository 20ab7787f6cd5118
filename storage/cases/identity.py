"""Who reported, by name. This is the only way to it, and it opens for one person whom a second one has let in (F14)."""

from dataclasses import dataclass
from datetime import datetime

from domain.cases import Case
from domain.roles import Role
from domain.second_person import NAME_STAYS_OPEN
from storage.cases.asking import person_mark
from storage.cases.sealing import minute
from storage.database import Connection


@dataclass(frozen=True, slots=True)
class KnownAs:
    """How a community knows somebody; `within` is the community above it."""

    called: str
    role: Role
    community: str
    within: str


@dataclass(frozen=True, slots=True)
class Unmasked:
    """`account` is named only for somebody whom no community knows."""

    known: tuple[KnownAs, ...]
    account: str = ""


async def identity(db: Connection, case: Case, ask_id: int, person_id: int, now: datetime) -> Unmasked | None:
    """For whoever asked, for a day, if another person has agreed, or if she opened it in danger; None: not for her."""
    if not await _is_granted(db, case, ask_id, person_id, now):
        return None
    rows = await db.all(
        """SELECT memberships.called, memberships.role, communities.name, above.name AS within
           FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           LEFT JOIN communities AS above ON above.id = communities.parent_id
           WHERE memberships.person_id = :person_id AND memberships.state <> 'declined'
           ORDER BY memberships.state, memberships.id""",
        person_id=case.reporter.person_id,
    )
    known = tuple(KnownAs(row["called"], Role(row["role"]), row["name"], row["within"] or "") for row in rows)
    return Unmasked(known, "" if known else await _account(db, case))


async def _is_granted(db: Connection, case: Case, ask_id: int, person_id: int, now: datetime) -> bool:
    found = await db.value(
        """SELECT 1 FROM case_asks
           WHERE id = :id AND case_id = :case_id AND asker_mark = :mark
             AND ((matter = 'unmasking' AND state = 'agreed' AND decider_mark <> asker_mark AND decided_at >= :since)
                  OR (matter = 'breaking' AND state IN ('asked', 'agreed') AND asked_at >= :since))""",
        id=ask_id,
        case_id=case.id,
        mark=person_mark(db, case.id, person_id),
        since=minute(now - NAME_STAYS_OPEN),
    )
    return found is not None


async def _account(db: Connection, case: Case) -> str:
    row = await db.one(
        "SELECT channel, address FROM identities WHERE id = :id AND person_id = :person_id",
        id=case.reporter.identity_id,
        person_id=case.reporter.person_id,
    )
    return f"{row['channel']} {row['address']}" if row else ""
