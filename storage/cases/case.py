"""The case itself: one row, found by its id, its number, its reporter, or as somebody of the staff may know of it."""

import contextlib
import secrets
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from domain import teams
from domain.cases import CLOCKS, Answers, Case, Deed, Desk, Reporter, Risk, State
from domain.concerns import Concern
from domain.requests import Community
from domain.roles import HOTLINE
from domain.times import from_us, maybe_time, to_us
from storage import communities
from storage.cases.sealing import code, minute, new_id, seal, unseal
from storage.cases.team import Home, at_work, exclude, give_to, home_of, known_to, mark_of_district, may_not_know
from storage.database import Connection, Row, listed
from storage.vault import Destroyed, Sealed

MICROSECOND = timedelta(microseconds=1)
ORDER = "CASE risk WHEN 'danger' THEN 0 WHEN 'critical' THEN 1 WHEN 'high' THEN 2 ELSE 3 END, waiting_since, id"


async def open_case(  # noqa: PLR0913 # all that a case begins with
    db: Connection,
    person_id: int,
    identity_id: int,
    answers: Answers,
    risk: Risk,
    desk: Desk,
    now: datetime,
    *,
    is_test: bool = False,
    home: Home | None = None,
) -> Case:
    """A new case with a key, a number and a pseudonym of its own, at the reporter's school or above. Who reports it
    must not work on it. A test, and what begins with a plan, have nobody who reported them: person and account are
    0."""
    home = home or await home_of(db, person_id, answers, now)
    district = teams.district_of(home.path)
    number, pseudonym = await _unused(db)
    key_id = await db.vault.new_key(db, "case", secrets.token_hex(16))
    case_id = new_id()
    facts = {
        "person": person_id,
        "identity": identity_id,
        "pseudonym": pseudonym,
        "answers": asdict(answers),
        "community": home.community.id,
        "schools": [school.id for school in home.schools],
    }
    await db.run(
        """INSERT INTO cases (id, number, pseudonym_mark, key_id, facts, reporter_mark, state, risk, desk, stage,
                              opened_at, waiting_since, district_mark, is_test)
           VALUES (:id, :number, :pseudonym_mark, :key_id, :facts, :reporter_mark, 'new', :risk, :desk, 0,
                   :now, :now, :district_mark, :is_test)""",
        id=case_id,
        number=number,
        pseudonym_mark=db.vault.mark("case pseudonym", pseudonym),
        key_id=key_id,
        facts=seal(db, key_id, "cases", "facts", case_id, facts),
        reporter_mark=db.vault.mark("case reporter", str(identity_id)),
        risk=risk.value,
        desk=desk.value,
        now=minute(now),
        district_mark=mark_of_district(db, district.id) if district else None,
        is_test=int(is_test),
    )
    await give_to(db, case_id, home, answers)
    await exclude(db, case_id, person_id)
    found = await get(db, case_id)
    if found is None:
        raise LookupError("a case that was just written")
    return found


async def _unused(db: Connection) -> tuple[str, str]:
    """A number and a pseudonym that no case has, or has had."""
    while True:
        number, pseudonym = code(), code()
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
    known = await known_to(db, person_id)
    row = await db.one(
        f"SELECT * FROM cases WHERE id = :id AND {known.sql}",  # noqa: S608 - our own text
        id=case_id,
        **known.values,
    )
    return await _whole(db, row)


async def numbered(db: Connection, number: str, person_id: int) -> Case | None:
    """The same, by its number."""
    known = await known_to(db, person_id)
    row = await db.one(
        f"SELECT * FROM cases WHERE number = :number AND {known.sql}",  # noqa: S608 - our own text
        number=number,
        **known.values,
    )
    return await _whole(db, row)


async def reported_by(db: Connection, case_id: int, person_id: int) -> Case | None:
    """The case, for whoever reported it; to everybody else it is as if it weren't there."""
    rows = await db.all("SELECT id FROM identities WHERE person_id = :id ORDER BY id", id=person_id)
    names, values = listed([db.vault.mark("case reporter", str(row["id"])) for row in rows], or_none=b"")
    row = await db.one(
        f"SELECT * FROM cases WHERE id = :id AND reporter_mark IN ({names})",  # noqa: S608 - names only
        id=case_id,
        **values,
    )
    return await _whole(db, row)


async def of_reporter(db: Connection, identity_id: int) -> list[Case]:
    """What was reported from an account, the newest first."""
    rows = await db.all(
        "SELECT * FROM cases WHERE reporter_mark = :mark ORDER BY opened_at DESC, id",
        mark=db.vault.mark("case reporter", str(identity_id)),
    )
    return await _cases(db, rows)


# Microseconds in which somebody must have taken a case.
_CLOCKS = " ".join(f"WHEN '{risk}' THEN {clock // MICROSECOND}" for risk, clock in CLOCKS.items())
_OVERDUE = f"waiting_since + CASE risk {_CLOCKS} END <= :now"


async def queue(db: Connection, person_id: int, now: datetime, *, most: int, skip: int = 0) -> list[Case]:
    """What she has taken already, then what waits for her or somebody else to take it, by risk and age; of her own
    teams as a supervisor whatever is taken, and what is overdue before all else that waits."""
    known = await known_to(db, person_id, HOTLINE)
    rows = await db.all(
        f"""SELECT * FROM cases
            WHERE state IN ('new', 'taken')
              AND ((state = 'new' AND desk = 'workers') OR worker_mark = :worker OR {known.supervised})
              AND {known.sql}
            ORDER BY CASE WHEN worker_mark = :worker THEN 0 ELSE 1 END, state,
                     CASE WHEN {known.supervised} AND {_OVERDUE} THEN 0 ELSE 1 END, {ORDER}
            LIMIT :most OFFSET :skip""",  # noqa: S608 - our own text
        now=to_us(now),
        skip=skip,
        worker=db.vault.mark("case worker", str(person_id)),
        most=most,
        **known.values,
    )
    return await _cases(db, rows)


async def waiting(db: Connection) -> list[Case]:
    """Cases that nobody has taken."""
    rows = await db.all(f"SELECT * FROM cases WHERE state = 'new' ORDER BY {ORDER}")  # noqa: S608 - our own text
    return await _cases(db, rows)


async def left_alone(db: Connection, now: datetime) -> list[Case]:
    """Taken cases whose worker can't be reached, or may not work on them (any more)."""
    rows = await db.all("SELECT id, worker_mark FROM cases WHERE state = 'taken'")
    of_mark = {db.vault.mark("case worker", str(one)): one for one in await at_work(db, now)} if rows else {}
    pairs = {(row["id"], of_mark[row["worker_mark"]]) for row in rows if row["worker_mark"] in of_mark}
    lost = {case_id for case_id, _ in await may_not_know(db, pairs, now, HOTLINE)}
    left = [row["id"] for row in rows if row["worker_mark"] not in of_mark or row["id"] in lost]
    names, values = listed(left, or_none=0)
    if not left:
        return []
    found = await db.all(f"SELECT * FROM cases WHERE id IN ({names}) ORDER BY {ORDER}", **values)  # noqa: S608
    return await _cases(db, found)


# The entry since which a taken case waits for its worker: that she took it or the last alarm, if nothing was answered
# after that; else the first that its reporter did after the last answer. None: nothing waits.
_ASKED = """COALESCE(
    (SELECT MAX(last.id) FROM case_log AS last
     WHERE last.case_id = cases.id AND last.deed IN ('claimed', 'paged')
       AND last.id > COALESCE((SELECT MAX(answer.id) FROM case_log AS answer
                               WHERE answer.case_id = cases.id AND answer.deed = 'answered'), 0)),
    (SELECT MIN(word.id) FROM case_log AS word
     WHERE word.case_id = cases.id AND word.deed IN ('added', 'changed', 'withdrawn')
       AND word.id > (SELECT MAX(answer.id) FROM case_log AS answer
                      WHERE answer.case_id = cases.id AND answer.deed = 'answered')))"""


async def unanswered(db: Connection) -> list[tuple[Case, Deed, datetime]]:
    """Taken cases in which something waits for an answer: since what kind of entry, and when it was made."""
    rows = await db.all(
        f"""SELECT cases.*, asked.deed AS asked_deed, asked.at AS asked_at FROM cases
            JOIN case_log AS asked ON asked.id = {_ASKED}
            WHERE cases.state = 'taken'
            ORDER BY {ORDER.replace(", id", ", cases.id")}"""  # noqa: S608 - our own text
    )
    asked = {row["id"]: (Deed(row["asked_deed"]), from_us(row["asked_at"])) for row in rows}
    return [(case, *asked[case.id]) for case in await _cases(db, rows)]


async def in_danger(db: Connection) -> list[tuple[Case, list[tuple[Deed, datetime]]]]:
    """Taken cases that are in danger, or were when their reporter last raised the alarm, with what their log tells
    about following it up."""
    rows = await db.all(
        """SELECT * FROM cases
           WHERE state = 'taken' AND (risk = 'danger' OR alarmed_at IS NOT NULL)
           ORDER BY waiting_since, id"""
    )
    return [(case, await _followed_up(db, case)) for case in await _cases(db, rows)]


async def _followed_up(db: Connection, case: Case) -> list[tuple[Deed, datetime]]:
    rows = await db.all(
        """SELECT deed, at FROM case_log
           WHERE case_id = :id AND deed IN ('claimed', 'raised', 'answered', 'noted', 'follow_up')
           ORDER BY id""",
        id=case.id,
    )
    return [(Deed(row["deed"]), from_us(row["at"])) for row in rows]


async def clock_rang(db: Connection, case: Case, deed: Deed, since: datetime) -> bool:
    """Whether the clock made such an entry since then."""
    found = await db.value(
        "SELECT 1 FROM case_log WHERE case_id = :id AND role = 'clock' AND deed = :deed AND at > :since",
        id=case.id,
        deed=deed.value,
        since=to_us(since),
    )
    return found is not None


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
        since=minute(since),
    )
    return found is not None


async def _whole(db: Connection, row: Row | None) -> Case | None:
    """The case of a row; None when its key was destroyed: it is no more, whatever row a restore brought back."""
    try:
        return await _case(db, row, {}) if row else None
    except Destroyed:
        return None


async def _cases(db: Connection, rows: Iterable[Row]) -> list[Case]:
    """Those of the rows that open: one whose key is gone must not stand in the way of the others."""
    known: dict[int | None, Community] = {}
    found = []
    for row in rows:
        with contextlib.suppress(Sealed):
            found.append(await _case(db, row, known))
    return found


async def _community(db: Connection, community_id: int | None, known: dict[int | None, Community]) -> Community:
    """Of a case from before there were teams it is the network."""
    if community_id not in known:
        found = None if community_id is None else await communities.get(db, community_id)
        known[community_id] = found or await communities.network(db)
    return known[community_id]


async def _case(db: Connection, row: Row, known: dict[int | None, Community]) -> Case:
    if row["destroyed_on"] is not None:
        raise Destroyed("the case is destroyed")
    facts = await unseal(db, row["facts"], "cases", "facts", row["id"])
    worker = None
    if row["worker"] is not None:
        worker = (await unseal(db, row["worker"], "cases", "worker", row["id"]))["person"]
    offered_to = None
    if row["offered"] is not None:
        offered_to = (await unseal(db, row["offered"], "cases", "offered", row["id"]))["person"]
    return Case(
        row["id"],
        row["number"],
        State(row["state"]),
        Risk(row["risk"]),
        Desk(row["desk"]),
        row["stage"],
        from_us(row["opened_at"]),
        from_us(row["waiting_since"]),
        await _community(db, facts.get("community"), known),
        Reporter(facts["person"], facts["identity"], facts["pseudonym"]),
        Answers(**facts["answers"]),
        row["key_id"],
        worker,
        tuple(facts.get("schools", ())),
        bool(row["is_test"]),
        Concern(row["kind"]) if row["kind"] else None,
        bool(row["stopped"]),
        maybe_time(row["withdrawn_at"]),
        maybe_time(row["alarmed_at"]),
        offered_to,
        ends_on=maybe_time(row["ends_on"]),
    )
