"""What becomes of a case: taken, put back, closed, hidden from somebody."""

from datetime import datetime

from domain.cases import Case, Desk, Reason, Risk, Stage
from domain.concerns import Concern
from storage.cases.ending import set_end
from storage.cases.sealing import mark_of_excluded, minute, seal
from storage.cases.team import NOT_EXCLUDED
from storage.database import Connection


async def take(db: Connection, case: Case, person_id: int) -> bool:
    """The case is hers; False when somebody was faster, or it isn't for her. Of two at once exactly one wins."""
    found = await db.value(
        f"""UPDATE cases SET state = 'taken', worker = :worker, worker_mark = :mark, offered = NULL
            WHERE id = :id AND state = 'new' AND {NOT_EXCLUDED}
            RETURNING id""",  # noqa: S608 - our own text
        worker=seal(db, case.key_id, "cases", "worker", case.id, {"person": person_id}),
        mark=db.vault.mark("case worker", str(person_id)),
        id=case.id,
        excluded=mark_of_excluded(db, person_id),
    )
    return found is not None


async def offer(db: Connection, case: Case, person_id: int) -> None:
    """Somebody is asked to take the case over; until she does it stays with its worker."""
    await db.run(
        "UPDATE cases SET offered = :offered WHERE id = :id AND state = 'taken'",
        offered=seal(db, case.key_id, "cases", "offered", case.id, {"person": person_id}),
        id=case.id,
    )


async def take_over(db: Connection, case: Case, person_id: int) -> bool:
    """From its worker to whom she asked; False when somebody else has it meanwhile."""
    found = await db.value(
        """UPDATE cases SET worker = :worker, worker_mark = :mark, offered = NULL
           WHERE id = :id AND state = 'taken' AND worker_mark = :before AND offered IS NOT NULL
           RETURNING id""",
        worker=seal(db, case.key_id, "cases", "worker", case.id, {"person": person_id}),
        mark=db.vault.mark("case worker", str(person_id)),
        before=db.vault.mark("case worker", str(case.worker_id)),
        id=case.id,
    )
    return found is not None


async def put_back(db: Connection, case: Case, desk: Desk, now: datetime, *, risk: Risk | None = None) -> None:
    """It waits again, from now on, at this desk."""
    await db.run(
        """UPDATE cases SET state = 'new', worker = NULL, worker_mark = NULL, offered = NULL,
                            desk = :desk, risk = :risk, stage = 0, waiting_since = :now,
                            closed_at = NULL, ends_on = NULL
           WHERE id = :id""",
        desk=desk.value,
        risk=(risk or case.risk).value,
        now=minute(now),
        id=case.id,
    )
    await _drop_asks(db, case)


async def _drop_asks(db: Connection, case: Case) -> None:
    """What its worker asked of a second person was hers; only what was opened in danger must still be judged."""
    await db.run(
        "UPDATE case_asks SET state = 'dropped' WHERE case_id = :id AND state = 'asked' AND matter <> 'breaking'",
        id=case.id,
    )


async def save_desk(db: Connection, case: Case, desk: Desk) -> None:
    await db.run("UPDATE cases SET desk = :desk WHERE id = :id", desk=desk.value, id=case.id)


async def raise_risk(db: Connection, case: Case, risk: Risk, now: datetime) -> None:
    """More urgent from now on; the clock of the new risk begins."""
    await db.run(
        "UPDATE cases SET risk = :risk, stage = 0, waiting_since = :now WHERE id = :id",
        risk=risk.value,
        now=minute(now),
        id=case.id,
    )


async def raise_waiting(db: Connection, case: Case, risk: Risk) -> bool:
    """A case that waits is more urgent, and has waited as long as before; False when it waits no more."""
    found = await db.value(
        "UPDATE cases SET risk = :risk WHERE id = :id AND state = 'new' RETURNING id", risk=risk.value, id=case.id
    )
    return found is not None


async def sleep(db: Connection, case: Case) -> None:
    """It waits for the next shift."""
    await db.run("UPDATE cases SET stage = :asleep WHERE id = :id", asleep=int(Stage.ASLEEP), id=case.id)


async def note_uncalled(db: Connection, case: Case) -> None:
    """Nobody could be called; the first who comes is (jobs.cases)."""
    await db.run(
        "UPDATE cases SET stage = :uncalled WHERE id = :id AND state = 'new'",
        uncalled=int(Stage.UNCALLED),
        id=case.id,
    )


async def wake(db: Connection, case: Case, now: datetime) -> bool:
    """A shift has begun, and the clock with it; False when somebody has taken it."""
    found = await db.value(
        """UPDATE cases SET stage = 0, waiting_since = :now
           WHERE id = :id AND state = 'new' AND stage = :asleep
           RETURNING id""",
        now=minute(now),
        asleep=int(Stage.ASLEEP),
        id=case.id,
    )
    return found is not None


async def save_kind(db: Connection, case: Case, kind: Concern) -> None:
    await db.run("UPDATE cases SET kind = :kind WHERE id = :id", kind=kind.value, id=case.id)


async def lower_risk(db: Connection, case: Case, risk: Risk) -> bool:
    """Less urgent; how long it waits already is not forgotten. False when it isn't what it was a moment ago."""
    found = await db.value(
        "UPDATE cases SET risk = :risk WHERE id = :id AND risk = :before AND state <> 'closed' RETURNING id",
        risk=risk.value,
        before=case.risk.value,
        id=case.id,
    )
    return found is not None


async def stop_relay(db: Connection, case: Case) -> None:
    """Nobody writes to the reporter until a supervisor has looked at the case."""
    await db.run("UPDATE cases SET stopped = 1 WHERE id = :id", id=case.id)


async def resume_relay(db: Connection, case: Case) -> bool:
    """False when it wasn't stopped."""
    found = await db.value("UPDATE cases SET stopped = 0 WHERE id = :id AND stopped = 1 RETURNING id", id=case.id)
    return found is not None


async def climb(db: Connection, case: Case, stage: int) -> bool:
    """The case stands on this rung; False when it stood there before, or somebody has taken it."""
    found = await db.value(
        "UPDATE cases SET stage = :stage WHERE id = :id AND state = 'new' AND stage < :stage RETURNING id",
        stage=stage,
        id=case.id,
    )
    return found is not None


async def close(db: Connection, case: Case, reason: Reason, now: datetime) -> bool:
    """False when it was closed, or put back, a moment ago."""
    found = await db.value(
        """UPDATE cases SET state = 'closed', reason = :reason, closed_at = :now
           WHERE id = :id AND state = 'taken'
           RETURNING id""",
        reason=reason.value,
        now=minute(now),
        id=case.id,
    )
    await _drop_asks(db, case)
    if found is None:
        return False
    await set_end(db, case, reason, now)
    return True


async def save_face(db: Connection, case: Case, face: int) -> None:
    await db.run("UPDATE cases SET face = :face WHERE id = :id", face=face, id=case.id)
