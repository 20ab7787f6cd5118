"""Cases, sealed: every word, person and account under the case's own key, marks where SQL must look something up.

Nobody's id, address or chat is written here in clear, ids are random and times whole minutes, so that no row of a case
can be joined to the row of a person.
"""

import contextlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.cases import (
    NUMBER,
    Answers,
    Case,
    Closing,
    Deed,
    Desk,
    Kind,
    Part,
    Reason,
    Reporter,
    Risk,
    Side,
    State,
)
from domain.invites import ALPHABET
from domain.requests import Community
from domain.roles import HOTLINE, Role
from domain.times import coarse, from_us, maybe_time, to_us
from storage import communities, persons
from storage.database import Connection, Row
from storage.vault import Destroyed, Sealed

_MINUTE = timedelta(minutes=1)
_LARGEST_ID = 10**18  # ids travel in buttons, 18 digits at most
_ORDER = "CASE risk WHEN 'danger' THEN 0 WHEN 'critical' THEN 1 WHEN 'high' THEN 2 ELSE 3 END, waiting_since, id"
_NOT_EXCLUDED = """NOT EXISTS (SELECT 1 FROM case_excluded
                               WHERE case_excluded.case_id = cases.id AND case_excluded.person_mark = :excluded)"""


def _minute(at: datetime) -> int:
    return to_us(coarse(at, _MINUTE))


def _new_id() -> int:
    return secrets.randbelow(_LARGEST_ID - 1) + 1


def _code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(NUMBER))


def _excluded(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("case excluded", str(person_id))


# --- a case -----------------------------------------------------------------------------------------------------------


async def open_case(
    db: Connection, person_id: int, identity_id: int, answers: Answers, risk: Risk, desk: Desk, now: datetime
) -> Case:
    """A new case with a key, a number and a pseudonym of its own. Who reports it must not work on it."""
    number, pseudonym = await _unused(db)
    key_id = await db.vault.new_key(db, "case", secrets.token_hex(16))
    case_id = _new_id()
    facts = {"person": person_id, "identity": identity_id, "pseudonym": pseudonym, "answers": asdict(answers)}
    await db.run(
        """INSERT INTO cases (id, number, pseudonym_mark, key_id, facts, reporter_mark, state, risk, desk, stage,
                              opened_at, waiting_since)
           VALUES (:id, :number, :pseudonym_mark, :key_id, :facts, :reporter_mark, 'new', :risk, :desk, 0,
                   :now, :now)""",
        id=case_id,
        number=number,
        pseudonym_mark=db.vault.mark("case pseudonym", pseudonym),
        key_id=key_id,
        facts=_seal(db, key_id, "cases", "facts", case_id, facts),
        reporter_mark=db.vault.mark("case reporter", str(identity_id)),
        risk=risk.value,
        desk=desk.value,
        now=_minute(now),
    )
    await exclude(db, case_id, person_id)
    found = await get(db, case_id)
    if found is None:
        raise LookupError("a case that was just written")
    return found


async def _unused(db: Connection) -> tuple[str, str]:
    """A number and a pseudonym that no case has, or has had."""
    while True:
        number, pseudonym = _code(), _code()
        taken = await db.one(
            "SELECT 1 FROM cases WHERE number = :number OR pseudonym_mark = :mark",
            number=number,
            mark=db.vault.mark("case pseudonym", pseudonym),
        )
        if taken is None:
            return number, pseudonym


async def get(db: Connection, case_id: int) -> Case | None:
    row = await db.one("SELECT * FROM cases WHERE id = :id", id=case_id)
    return await _whole(db, row)


async def seen_by(db: Connection, case_id: int, person_id: int) -> Case | None:
    """The case as somebody of the staff may know of it; None when it is not there, or not for her."""
    row = await db.one(
        f"SELECT * FROM cases WHERE id = :id AND {_NOT_EXCLUDED}",  # noqa: S608 - our own text
        id=case_id,
        excluded=_excluded(db, person_id),
    )
    return await _whole(db, row)


async def numbered(db: Connection, number: str, person_id: int) -> Case | None:
    """The same, by its number."""
    found = await db.value("SELECT id FROM cases WHERE number = :number", number=number)
    return None if found is None else await seen_by(db, int(found), person_id)


async def of_reporter(db: Connection, identity_id: int) -> list[Case]:
    """What was reported from an account, the newest first."""
    rows = await db.all(
        "SELECT * FROM cases WHERE reporter_mark = :mark ORDER BY opened_at DESC, id",
        mark=db.vault.mark("case reporter", str(identity_id)),
    )
    return await _cases(db, rows)


async def queue(db: Connection, person_id: int, *, supervises: bool, most: int) -> list[Case]:
    """What waits for somebody to take it, by risk and age, and what she has taken already."""
    rows = await db.all(
        f"""SELECT * FROM cases
            WHERE state IN ('new', 'taken')
              AND ((state = 'new' AND (desk = 'workers' OR :supervises = 1))
                   OR (state = 'taken' AND (worker_mark = :worker OR :supervises = 1)))
              AND {_NOT_EXCLUDED}
            ORDER BY state, {_ORDER}
            LIMIT :most""",  # noqa: S608 - our own text
        supervises=int(supervises),
        worker=db.vault.mark("case worker", str(person_id)),
        excluded=_excluded(db, person_id),
        most=most,
    )
    return await _cases(db, rows)


async def waiting(db: Connection) -> list[Case]:
    """Cases that nobody has taken."""
    rows = await db.all(f"SELECT * FROM cases WHERE state = 'new' ORDER BY {_ORDER}")  # noqa: S608 - our own text
    return await _cases(db, rows)


async def open_after(db: Connection, case_id: int, most: int) -> tuple[list[Case], int | None]:
    """Cases that aren't closed, behind this one in the order of their ids, and the id to go on from; None: no more."""
    rows = await db.all(
        "SELECT * FROM cases WHERE state <> 'closed' AND id > :id ORDER BY id LIMIT :most", id=case_id, most=most
    )
    return await _cases(db, rows), rows[-1]["id"] if len(rows) == most else None


async def left_alone(db: Connection, at_work: Iterable[int]) -> list[Case]:
    """Taken cases whose worker is none of these persons."""
    marks = {f"w{number}": db.vault.mark("case worker", str(one)) for number, one in enumerate([0, *at_work])}
    rows = await db.all(
        f"""SELECT * FROM cases
            WHERE state = 'taken' AND worker_mark NOT IN ({", ".join(f":{name}" for name in marks)})
            ORDER BY {_ORDER}""",  # noqa: S608 - our own text
        **marks,
    )
    return await _cases(db, rows)


async def unanswered(db: Connection) -> list[tuple[Case, Deed, datetime]]:
    """Taken cases without an answer since they were taken or since the last alarm, with which of the two, and when."""
    rows = await db.all(
        f"""SELECT cases.*, asked.deed AS asked_deed, asked.at AS asked_at FROM cases
            JOIN case_log AS asked ON asked.id = (
                SELECT MAX(last.id) FROM case_log AS last
                WHERE last.case_id = cases.id AND last.deed IN ('claimed', 'paged')
            )
            WHERE cases.state = 'taken' AND NOT EXISTS (
                SELECT 1 FROM case_log AS answer
                WHERE answer.case_id = cases.id AND answer.deed = 'answered' AND answer.id > asked.id
            )
            ORDER BY {_ORDER.replace(", id", ", cases.id")}"""  # noqa: S608 - our own text
    )
    asked = {row["id"]: (Deed(row["asked_deed"]), from_us(row["asked_at"])) for row in rows}
    return [(case, *asked[case.id]) for case in await _cases(db, rows)]


async def is_answered(db: Connection, case: Case) -> bool:
    """Whether who has taken it last has answered it."""
    found = await db.value(
        """SELECT 1 FROM case_log
           WHERE case_id = :id AND deed = 'answered'
             AND id > (SELECT MAX(id) FROM case_log WHERE case_id = :id AND deed = 'claimed')""",
        id=case.id,
    )
    return found is not None


async def is_paged_since(db: Connection, case: Case, since: datetime) -> bool:
    found = await db.value(
        "SELECT 1 FROM case_log WHERE case_id = :id AND deed = 'paged' AND at >= :since",
        id=case.id,
        since=_minute(since),
    )
    return found is not None


async def _whole(db: Connection, row: Row | None) -> Case | None:
    """The case of a row; None when its key was destroyed: it is no more, whatever row a restore brought back."""
    try:
        return await _case(db, row, await _network(db)) if row else None
    except Destroyed:
        return None


async def _cases(db: Connection, rows: Iterable[Row]) -> list[Case]:
    """Those of the rows that open: one whose key is gone must not stand in the way of the others."""
    network = None
    found = []
    for row in rows:
        network = network or await _network(db)
        with contextlib.suppress(Sealed):
            found.append(await _case(db, row, network))
    return found


async def _network(db: Connection) -> Community:
    network = await communities.root(db)
    if network is None:
        raise LookupError("a case without a network")
    return network


async def _case(db: Connection, row: Row, network: Community) -> Case:
    facts = await _open(db, row["facts"], "cases", "facts", row["id"])
    worker = None
    if row["worker"] is not None:
        worker = (await _open(db, row["worker"], "cases", "worker", row["id"]))["person"]
    closing = None
    if row["closing"] is not None:
        wanted = await _open(db, row["closing"], "cases", "closing", row["id"])
        closing = Closing(Reason(wanted["reason"]), wanted["summary"])
    return Case(
        row["id"],
        row["number"],
        State(row["state"]),
        Risk(row["risk"]),
        Desk(row["desk"]),
        row["stage"],
        from_us(row["opened_at"]),
        from_us(row["waiting_since"]),
        network,
        Reporter(facts["person"], facts["identity"], facts["pseudonym"]),
        Answers(**facts["answers"]),
        row["key_id"],
        worker,
        closing,
    )


def _seal(db: Connection, key_id: int, table: str, column: str, row_id: int, value: Any) -> bytes:
    plain = json.dumps(value, ensure_ascii=False).encode()
    return db.vault.seal(plain, table=table, column=column, row=row_id, key=key_id)


async def _open(db: Connection, sealed: bytes, table: str, column: str, row_id: int) -> Any:
    return json.loads(await db.vault.open(db, sealed, table=table, column=column, row=row_id))


# --- what becomes of it -----------------------------------------------------------------------------------------------


async def take(db: Connection, case: Case, person_id: int) -> bool:
    """The case is hers; False when somebody was faster, or it isn't for her. Of two at once exactly one wins."""
    found = await db.value(
        f"""UPDATE cases SET state = 'taken', worker = :worker, worker_mark = :mark
            WHERE id = :id AND state = 'new' AND {_NOT_EXCLUDED}
            RETURNING id""",  # noqa: S608 - our own text
        worker=_seal(db, case.key_id, "cases", "worker", case.id, {"person": person_id}),
        mark=db.vault.mark("case worker", str(person_id)),
        id=case.id,
        excluded=_excluded(db, person_id),
    )
    return found is not None


async def put_back(db: Connection, case: Case, desk: Desk, now: datetime, *, risk: Risk | None = None) -> None:
    """It waits again, from now on, at this desk."""
    await db.run(
        """UPDATE cases SET state = 'new', worker = NULL, worker_mark = NULL, desk = :desk, risk = :risk,
                            stage = 0, waiting_since = :now, closing = NULL, closed_at = NULL
           WHERE id = :id""",
        desk=desk.value,
        risk=(risk or case.risk).value,
        now=_minute(now),
        id=case.id,
    )


async def save_desk(db: Connection, case: Case, desk: Desk) -> None:
    await db.run("UPDATE cases SET desk = :desk WHERE id = :id", desk=desk.value, id=case.id)


async def raise_risk(db: Connection, case: Case, risk: Risk, now: datetime) -> None:
    """More urgent from now on; the clock of the new risk begins."""
    await db.run(
        "UPDATE cases SET risk = :risk, stage = 0, waiting_since = :now WHERE id = :id",
        risk=risk.value,
        now=_minute(now),
        id=case.id,
    )


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
        """UPDATE cases SET state = 'closed', reason = :reason, closing = NULL, closed_at = :now
           WHERE id = :id AND state = 'taken'
           RETURNING id""",
        reason=reason.value,
        now=_minute(now),
        id=case.id,
    )
    return found is not None


async def save_closing(db: Connection, case: Case, closing: Closing | None) -> None:
    """A closing waits for a second person, or (None) doesn't any more."""
    sealed = None
    if closing is not None:
        wanted = {"reason": closing.reason.value, "summary": closing.summary}
        sealed = _seal(db, case.key_id, "cases", "closing", case.id, wanted)
    await db.run("UPDATE cases SET closing = :closing WHERE id = :id", closing=sealed, id=case.id)


async def save_face(db: Connection, case: Case, face: int) -> None:
    await db.run("UPDATE cases SET face = :face WHERE id = :id", face=face, id=case.id)


async def exclude(db: Connection, case_id: int, person_id: int) -> None:
    """From now on the case doesn't exist for her."""
    await db.run(
        "INSERT INTO case_excluded (case_id, person_mark) VALUES (:case_id, :mark) ON CONFLICT DO NOTHING",
        case_id=case_id,
        mark=_excluded(db, person_id),
    )


async def without_excluded(db: Connection, case: Case, person_ids: Iterable[int]) -> list[int]:
    """Those of the persons who may know of the case."""
    rows = await db.all("SELECT person_mark FROM case_excluded WHERE case_id = :id", id=case.id)
    marks = {row["person_mark"] for row in rows}
    return [person_id for person_id in person_ids if _excluded(db, person_id) not in marks]


async def on_call(db: Connection, case: Case, roles: frozenset[Role], now: datetime) -> list[int]:
    """Who of the case's network holds one of the roles, may know of the case and can be reached."""
    staff = [member.person_id for member in await communities.nearest(db, case.community.path, now, roles)]
    return await _reached(db, await without_excluded(db, case, staff))


async def staff(db: Connection, now: datetime) -> frozenset[int]:
    """Who holds a role of the hotline."""
    network = await communities.root(db)
    held = await communities.nearest(db, network.path, now, HOTLINE) if network else []
    return frozenset(member.person_id for member in held)


async def at_work(db: Connection, now: datetime) -> list[int]:
    """Those of them who can be reached."""
    return await _reached(db, await staff(db, now))


async def _reached(db: Connection, person_ids: Iterable[int]) -> list[int]:
    readers = await persons.readers(db, person_ids)
    return [person_id for person_id, reader in readers.items() if reader.place is not None]


def once_for(db: Connection, what: str, identity_id: int) -> str:
    """A dedupe_key for something said once to an account, from which nobody can tell the account."""
    return db.vault.mark("case once", f"{what}:{identity_id}").hex()


# --- its parts --------------------------------------------------------------------------------------------------------


async def add_part(db: Connection, case: Case, part: Part, source: str | None = None) -> int:
    """Keeps a message. `source` names the message it came as ("telegram:42/117"). Returns its id."""
    part_id = _new_id()
    content = {
        "side": part.side.value,
        "kind": part.kind.value,
        "words": part.words,
        "file": part.file_id,
        "bot": part.bot,
        "at": _minute(part.at) if part.at else None,
        "changes": part.changes,
    }
    await db.run(
        """INSERT INTO case_parts (id, case_id, place, content, state, source_mark)
           VALUES (:id, :case_id,
                   (SELECT COALESCE(MAX(place), 0) + 1 FROM case_parts WHERE case_id = :case_id),
                   :content, 'open', :source_mark)""",
        id=part_id,
        case_id=case.id,
        content=_seal(db, case.key_id, "case_parts", "content", part_id, content),
        source_mark=_source_mark(db, source) if source else None,
    )
    return part_id


async def add_version(db: Connection, case: Case, part: Part, source: str) -> int:
    """Keeps a message that may be a later version of one that is kept already: both stay."""
    before = await db.value(
        "SELECT id FROM case_parts WHERE case_id = :case_id AND source_mark = :mark ORDER BY place DESC",
        case_id=case.id,
        mark=_source_mark(db, source),
    )
    return await add_part(db, case, replace(part, changes=before), source)


def _source_mark(db: Connection, source: str) -> bytes:
    return db.vault.mark("case message", source)


async def parts(db: Connection, case: Case) -> list[Part]:
    """Everything that was written and sent, in its order."""
    rows = await db.all("SELECT * FROM case_parts WHERE case_id = :id ORDER BY place", id=case.id)
    return [await _part(db, row) for row in rows]


async def part(db: Connection, case: Case, part_id: int) -> Part | None:
    row = await db.one("SELECT * FROM case_parts WHERE id = :id AND case_id = :case_id", id=part_id, case_id=case.id)
    return await _part(db, row) if row else None


async def by_source(db: Connection, source: str) -> tuple[Case, Part] | None:
    """The newest part that came as this message, with its case."""
    row = await db.one(
        "SELECT * FROM case_parts WHERE source_mark = :mark ORDER BY place DESC", mark=_source_mark(db, source)
    )
    if row is None:
        return None
    case = await get(db, row["case_id"])
    return None if case is None else (case, await _part(db, row))


async def seal_part(db: Connection, part_id: int) -> None:
    """It is never shown again, to anybody."""
    await db.run("UPDATE case_parts SET state = 'sealed' WHERE id = :id", id=part_id)


async def _part(db: Connection, row: Row) -> Part:
    content = await _open(db, row["content"], "case_parts", "content", row["id"])
    return Part(
        Side(content["side"]),
        Kind(content["kind"]),
        content["words"],
        content["file"],
        content["bot"],
        maybe_time(content["at"]),
        content["changes"],
        row["id"],
        row["state"] == "sealed",
    )


# --- copies in the chats of staff -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Copy:
    """Something of a case that stands in the chat of somebody who works on it."""

    id: int
    case_id: int
    part_id: int | None
    person_id: int
    identity_id: int
    shown_at: datetime

    @property
    def card(self) -> str:
        return card_of(self.id)


def card_of(copy_id: int) -> str:
    return f"case copy:{copy_id}"


async def note_copy(
    db: Connection, case: Case, person_id: int, identity_id: int, now: datetime, part_id: int | None = None
) -> int:
    """Something of the case is about to stand in somebody's chat. Returns the id that names its card."""
    copy_id = _new_id()
    reader = {"person": person_id, "identity": identity_id}
    await db.run(
        """INSERT INTO case_copies (id, case_id, part_id, reader, state, shown_at, asked_at)
           VALUES (:id, :case_id, :part_id, :reader, 'standing', :now, :now)""",
        id=copy_id,
        case_id=case.id,
        part_id=part_id,
        reader=_seal(db, case.key_id, "case_copies", "reader", copy_id, reader),
        now=_minute(now),
    )
    return copy_id


async def copies_to_remove(db: Connection, shown_before: datetime, asked_before: datetime) -> list[Copy]:
    """What has stood long enough and wasn't asked to go a moment ago."""
    rows = await db.all(
        """SELECT * FROM case_copies
           WHERE state = 'standing' AND shown_at <= :shown_before AND asked_at <= :asked_before
           ORDER BY shown_at, id
           LIMIT 500""",
        shown_before=to_us(shown_before),
        asked_before=to_us(asked_before),
    )
    return await _copies(db, rows)


async def standing_copies(db: Connection, asked_before: datetime) -> list[Copy]:
    """What stands anywhere and wasn't asked to go a moment ago."""
    rows = await db.all(
        """SELECT * FROM case_copies
           WHERE state = 'standing' AND (asked_at = shown_at OR asked_at <= :asked_before)
           ORDER BY shown_at, id""",
        asked_before=to_us(asked_before),
    )
    return await _copies(db, rows)


async def copies_of(db: Connection, case: Case) -> list[Copy]:
    """What still stands of a case, in anybody's chat."""
    rows = await db.all(
        "SELECT * FROM case_copies WHERE case_id = :id AND state = 'standing' ORDER BY shown_at, id", id=case.id
    )
    return await _copies(db, rows)


async def _copies(db: Connection, rows: Iterable[Row]) -> list[Copy]:
    found = []
    for row in rows:
        with contextlib.suppress(Sealed):  # as in _cases
            found.append(await _copy(db, row))
    return found


async def _copy(db: Connection, row: Row) -> Copy:
    reader = await _open(db, row["reader"], "case_copies", "reader", row["id"])
    return Copy(
        row["id"], row["case_id"], row["part_id"], reader["person"], reader["identity"], from_us(row["shown_at"])
    )


async def note_asked(db: Connection, copy_id: int, now: datetime) -> None:
    await db.run("UPDATE case_copies SET asked_at = :now WHERE id = :id", now=_minute(now), id=copy_id)


async def save_copy(db: Connection, copy_id: int, state: str) -> None:
    """`removed` or `blanked`."""
    await db.run("UPDATE case_copies SET state = :state WHERE id = :id", state=state, id=copy_id)


# --- the log ----------------------------------------------------------------------------------------------------------


async def log(
    db: Connection,
    case_id: int,
    role: str,
    deed: Deed,
    now: datetime,
    *,
    person_id: int | None = None,
    part_id: int | None = None,
) -> None:
    """One more entry: who did what, never what was written."""
    await db.run(
        """INSERT INTO case_log (who, case_id, role, deed, part_id, at)
           VALUES (:who, :case_id, :role, :deed, :part_id, :now)""",
        who=None if person_id is None else db.vault.mark("case log", str(person_id)),
        case_id=case_id,
        role=role,
        deed=deed.value,
        part_id=part_id,
        now=_minute(now),
    )
