"""Who reported, by name. This is the only way to it, and it opens for one person whom a second one has let in (F14)."""

from dataclasses import dataclass
from datetime import datetime

from domain.cases import Case, State
from domain.roles import Role
from domain.second_person import NAME_STAYS_OPEN
from storage.cases.asking import person_mark
from storage.cases.case import of_reporter
from storage.cases.reporter import change_facts
from storage.cases.sealing import minute, unseal
from storage.database import Connection, Row


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
    rows = await _memberships(db, case.reporter.person_id)
    known = tuple(KnownAs(row["called"], Role(row["role"]), row["name"], row["within"] or "") for row in rows)
    account = await _account(db, case)
    if not known and not account:  # she is forgotten everywhere else
        return await _kept(db, case)
    return Unmasked(known, "" if known else account)


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


async def _memberships(db: Connection, person_id: int) -> list[Row]:
    return await db.all(
        """SELECT memberships.called, memberships.role, communities.name, above.name AS within
           FROM memberships
           JOIN communities ON communities.id = memberships.community_id
           LEFT JOIN communities AS above ON above.id = communities.parent_id
           WHERE memberships.person_id = :person_id AND memberships.state <> 'declined'
           ORDER BY memberships.state, memberships.id""",
        person_id=person_id,
    )


# --- a reporter who is forgotten everywhere else ----------------------------------------------------------------------


async def keep_known(db: Connection, person_id: int) -> None:
    """Whoever reported something and is forgotten everywhere else: in her open cases stands, sealed under the key of
    each, how she was known. A child in danger can still be found, by two persons, and it goes with the case."""
    rows = await _memberships(db, person_id)
    known = [[row["called"], row["role"], row["name"], row["within"] or ""] for row in rows]
    accounts = await db.all(
        "SELECT id, channel, address FROM identities WHERE person_id = :id ORDER BY id", id=person_id
    )
    for account in accounts:
        for case in await of_reporter(db, account["id"]):
            if case.state is not State.CLOSED:
                was = f"{account['channel']} {account['address']}"
                await change_facts(db, case, known=known, account=was)


async def _kept(db: Connection, case: Case) -> Unmasked:
    sealed = await db.value("SELECT facts FROM cases WHERE id = :id", id=case.id)
    facts = await unseal(db, sealed, "cases", "facts", case.id)
    known = tuple(KnownAs(called, Role(role), name, within) for called, role, name, within in facts.get("known", ()))
    return Unmasked(known, "" if known else facts.get("account", ""))
