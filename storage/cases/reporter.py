"""What changes about a case from the reporter's side: the account it answers to, and how she may be written to."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from domain.cases import Answers, Case
from domain.times import to_us
from storage.cases.case import get
from storage.cases.sealing import minute, seal, unseal
from storage.cases.team import exclude
from storage.database import Connection

AGAIN_AFTER = (timedelta(days=7), timedelta(days=30))  # she is asked whether anybody treats her badly (rule 12)


async def move(db: Connection, case: Case, person_id: int, identity_id: int) -> Case:
    """From now on the case is of this account; who holds it must not work on it."""
    await change_facts(db, case, person=person_id, identity=identity_id)
    await db.run(
        "UPDATE cases SET reporter_mark = :mark WHERE id = :id",
        mark=db.vault.mark("case reporter", str(identity_id)),
        id=case.id,
    )
    await exclude(db, case.id, person_id)
    return replace(case, reporter=replace(case.reporter, person_id=person_id, identity_id=identity_id))


async def save_answers(db: Connection, case: Case, answers: Answers) -> Case:
    await change_facts(db, case, answers=asdict(answers))
    return replace(case, answers=answers)


async def change_facts(db: Connection, case: Case, **changed: Any) -> None:
    """These of the facts of a case are others now; the rest stays."""
    sealed = await db.value("SELECT facts FROM cases WHERE id = :id", id=case.id)
    facts = await unseal(db, sealed, "cases", "facts", case.id) | changed
    await db.run(
        "UPDATE cases SET facts = :facts WHERE id = :id",
        facts=seal(db, case.key_id, "cases", "facts", case.id, facts),
        id=case.id,
    )


async def note_alarm(db: Connection, case: Case, now: datetime) -> None:
    """She asked for help this very moment: she is there to read what is said now."""
    await db.run("UPDATE cases SET alarmed_at = :now WHERE id = :id", now=minute(now), id=case.id)


async def withdraw(db: Connection, case: Case, now: datetime) -> bool:
    """False when it is withdrawn, or closed, already."""
    found = await db.value(
        """UPDATE cases SET withdrawn_at = :now
           WHERE id = :id AND withdrawn_at IS NULL AND state <> 'closed'
           RETURNING id""",
        now=minute(now),
        id=case.id,
    )
    return found is not None


async def take_up_again(db: Connection, case: Case) -> bool:
    """It is withdrawn no more, and nobody is asked to close it any longer; False when it wasn't."""
    found = await db.value(
        "UPDATE cases SET withdrawn_at = NULL WHERE id = :id AND withdrawn_at IS NOT NULL RETURNING id", id=case.id
    )
    await db.run(
        "UPDATE case_asks SET state = 'dropped' WHERE case_id = :id AND matter = 'closing' AND state = 'asked'",
        id=case.id,
    )
    return found is not None


# --- was anybody treated badly for it? --------------------------------------------------------------------------------


async def note_acted(db: Connection, case: Case, now: datetime) -> None:
    """It was answered or closed. From the first time on others may know that something is being done about it."""
    await db.run("UPDATE cases SET acted_at = :now WHERE id = :id AND acted_at IS NULL", now=minute(now), id=case.id)


async def to_ask_after(db: Connection, now: datetime) -> list[Case]:
    """Whose reporters are to be asked now."""
    rows = await db.all(
        """SELECT id FROM cases
           WHERE acted_at IS NOT NULL AND asked_after < 2 AND withdrawn_at IS NULL AND is_test = 0
             AND ((asked_after = 0 AND acted_at <= :first) OR (asked_after = 1 AND acted_at <= :second))
           ORDER BY acted_at, id
           LIMIT 200""",
        **_due(now),
    )
    found = [await get(db, row["id"]) for row in rows]
    return [case for case in found if case is not None]


async def claim_asking(db: Connection, case: Case, now: datetime) -> bool:
    """Of two at once exactly one asks. Who should have been asked twice meanwhile is asked once."""
    found = await db.value(
        """UPDATE cases SET asked_after = CASE WHEN acted_at <= :second THEN 2 ELSE 1 END
           WHERE id = :id AND withdrawn_at IS NULL
             AND ((asked_after = 0 AND acted_at <= :first) OR (asked_after = 1 AND acted_at <= :second))
           RETURNING id""",
        id=case.id,
        **_due(now),
    )
    return found is not None


async def is_asked_after(db: Connection, case: Case) -> bool:
    """Whether she was asked, and has not answered since."""
    found = await db.value(
        """SELECT 1 FROM case_log
           WHERE case_id = :id AND deed = 'asked_after'
             AND id > COALESCE((SELECT MAX(id) FROM case_log
                                WHERE case_id = :id AND deed IN ('treated_badly', 'not_treated_badly')), 0)""",
        id=case.id,
    )
    return found is not None


def _due(now: datetime) -> dict[str, int]:
    first, second = (to_us(now - after) for after in AGAIN_AFTER)
    return {"first": first, "second": second}
