"""What a second person must agree to: who asked, for what, and what was decided."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.cases import Case
from domain.roles import Role
from domain.second_person import JUDGES, LASTS, Ask, Matter, Stands, closing_due
from domain.times import from_us, maybe_time
from storage.cases.case import get
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.cases.team import at_hand
from storage.database import Connection, Row


def person_mark(db: Connection, case_id: int, person_id: int) -> bytes:
    """Stands for a person within one case: the same person in another one has another."""
    return db.vault.mark("case ask", f"{case_id}:{person_id}")


async def ask(
    db: Connection,
    case: Case,
    matter: Matter,
    person_id: int,
    office: Role,
    content: Mapping[str, Any],
    now: datetime,
    *,
    state: Stands = Stands.ASKED,
) -> int:
    """A second person of this office is asked; what was asked before about the same matter is dropped, but for what was
    opened in danger: its time goes on. Returns the id."""
    due_at = await _closing_due(db, case, now) if matter is Matter.CLOSING else now + LASTS[matter]
    if matter is not Matter.BREAKING:
        await db.run(
            "UPDATE case_asks SET state = 'dropped' WHERE case_id = :id AND matter = :matter AND state = 'asked'",
            id=case.id,
            matter=matter.value,
        )
    ask_id = new_id()
    asked = {"person": person_id, "content": dict(content)}
    await db.run(
        """INSERT INTO case_asks (id, case_id, matter, state, office, asked, asker_mark, asked_at, due_at)
           VALUES (:id, :case_id, :matter, :state, :office, :asked, :asker_mark, :now, :due_at)""",
        id=ask_id,
        case_id=case.id,
        matter=matter.value,
        state=state.value,
        office=office.value,
        asked=seal(db, case.key_id, "case_asks", "asked", ask_id, asked),
        asker_mark=person_mark(db, case.id, person_id),
        now=minute(now),
        due_at=minute(due_at),
    )
    return ask_id


async def _closing_due(db: Connection, case: Case, now: datetime) -> datetime:
    """Asking again while it waits gives no new time."""
    taken_at = await db.value(
        "SELECT MAX(at) FROM case_log WHERE case_id = :id AND deed = 'claimed'",
        id=case.id,
    )
    before = await db.value(
        "SELECT MIN(due_at) FROM case_asks WHERE case_id = :id AND matter = 'closing' AND state = 'asked'",
        id=case.id,
    )
    due_at = closing_due(case.risk, maybe_time(taken_at) or now, now)
    return min(due_at, maybe_time(before) or due_at)


async def drop_asks_of(db: Connection, case: Case, person_id: int) -> None:
    """What she has asked for is asked for no more; what was opened in danger is judged all the same."""
    await db.run(
        """UPDATE case_asks SET state = 'dropped'
           WHERE case_id = :id AND asker_mark = :mark AND state = 'asked' AND matter <> :breaking""",
        id=case.id,
        mark=person_mark(db, case.id, person_id),
        breaking=Matter.BREAKING.value,
    )


async def asked(db: Connection, case: Case, ask_id: int) -> Ask | None:
    row = await db.one("SELECT * FROM case_asks WHERE id = :id AND case_id = :case_id", id=ask_id, case_id=case.id)
    return await _ask(db, row) if row else None


async def asks_open(db: Connection, case: Case) -> list[Ask]:
    """What waits for a second person in a case."""
    rows = await db.all(
        "SELECT * FROM case_asks WHERE case_id = :id AND state = 'asked' ORDER BY asked_at, id", id=case.id
    )
    return [await _ask(db, row) for row in rows]


async def asks_waiting(db: Connection) -> list[tuple[Case, Ask]]:
    """All that waits for a second person, the earliest due first."""
    return await _with_cases(db, await db.all("SELECT * FROM case_asks WHERE state = 'asked' ORDER BY due_at, id"))


async def waits_to_be_closed(db: Connection) -> set[int]:
    """Cases whose closing waits for a second person."""
    rows = await db.all("SELECT case_id FROM case_asks WHERE matter = 'closing' AND state = 'asked'")
    return {row["case_id"] for row in rows}


async def _with_cases(db: Connection, rows: Iterable[Row]) -> list[tuple[Case, Ask]]:
    found = []
    for row in rows:
        case = await get(db, row["case_id"])
        if case is not None:
            found.append((case, await _ask(db, row)))
    return found


async def has_no_judge(db: Connection, now: datetime) -> bool:
    """Whether something that was opened in danger waits to be judged, and nobody who can be reached may do so."""
    for case, given in await asks_waiting(db):
        if given.matter is Matter.BREAKING:
            there = await at_hand(db, case, frozenset(JUDGES), now)
            if all(one == given.asker_id for one in there):
                return True
    return False


async def decide(db: Connection, given: Ask, state: Stands, person_id: int, now: datetime) -> bool:
    """A second person has decided; False when it was decided or dropped before, or when she asked for it herself."""
    mark = person_mark(db, given.case_id, person_id)
    found = await db.value(
        """UPDATE case_asks SET state = :state, decider_mark = :mark, decided_at = :now
           WHERE id = :id AND state = 'asked' AND asker_mark <> :mark
           RETURNING id""",
        state=state.value,
        mark=mark,
        now=minute(now),
        id=given.id,
    )
    return found is not None


async def expire(db: Connection, given: Ask) -> bool:
    found = await db.value(
        "UPDATE case_asks SET state = 'expired' WHERE id = :id AND state = 'asked' RETURNING id", id=given.id
    )
    return found is not None


async def note_reminded(db: Connection, given: Ask, due_at: datetime) -> bool:
    """Whoever decides is reminded; the next time is at this moment. False when somebody was faster."""
    found = await db.value(
        """UPDATE case_asks SET reminded = 1, due_at = :due_at
           WHERE id = :id AND state = 'asked' AND (reminded = 0 OR due_at < :due_at)
           RETURNING id""",
        due_at=minute(due_at),
        id=given.id,
    )
    return found is not None


async def hand_over(db: Connection, given: Ask, office: Role) -> None:
    """Somebody of another office decides from now on."""
    await db.run(
        "UPDATE case_asks SET office = :office WHERE id = :id AND state = 'asked'", office=office.value, id=given.id
    )


async def has_lowered(db: Connection, case: Case, person_id: int) -> bool:
    """Whether this person has lowered the risk of this case before."""
    found = await db.value(
        """SELECT 1 FROM case_asks
           WHERE case_id = :id AND matter = 'lowering' AND state = 'agreed' AND asker_mark = :mark""",
        id=case.id,
        mark=person_mark(db, case.id, person_id),
    )
    return found is not None


async def opened_in_danger(db: Connection, case: Case, person_id: int) -> int | None:
    """What this person has opened at once and nobody has judged yet."""
    found = await db.value(
        """SELECT id FROM case_asks
           WHERE case_id = :id AND matter = 'breaking' AND state = 'asked' AND asker_mark = :mark""",
        id=case.id,
        mark=person_mark(db, case.id, person_id),
    )
    return None if found is None else int(found)


async def _ask(db: Connection, row: Row) -> Ask:
    sealed = await unseal(db, row["asked"], "case_asks", "asked", row["id"])
    return Ask(
        row["id"],
        row["case_id"],
        Matter(row["matter"]),
        Stands(row["state"]),
        Role(row["office"]),
        sealed["person"],
        from_us(row["asked_at"]),
        from_us(row["due_at"]),
        bool(row["reminded"]),
        sealed["content"],
    )
