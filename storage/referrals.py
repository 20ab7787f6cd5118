"""Referrals to agencies: sealed under the case's key; an agency finds its own by a mark."""

import contextlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from domain.cases import Case
from domain.concerns import Concern
from domain.referrals import Asked, Referral, State, Told
from domain.requests import Community
from domain.roles import Role
from domain.times import to_us
from storage import communities
from storage.cases.sealing import code, minute, new_id, seal, unseal
from storage.cases.team import open_to
from storage.database import Connection, Row
from storage.vault import Sealed

_TABLE = "referrals"
_OPEN = "referrals.state IN ('sent', 'accepted')"


async def add(
    db: Connection, case: Case, agency: Community, asked: Asked, author: int, reason: str | None, now: datetime
) -> Referral:
    """A new one; with a `reason` (no consent) it waits for a second person."""
    referral_id, number = new_id(), await _unused(db)
    content = {"agency": agency.id, "asked": asdict(asked), "author": author, "reason": reason}
    state = State.WAITING if reason else State.SENT
    await db.run(
        """INSERT INTO referrals (id, number, case_id, agency_mark, content, told, state, heard_at)
           VALUES (:id, :number, :case_id, :mark, :content, :told, :state, :now)""",
        id=referral_id,
        number=number,
        case_id=case.id,
        mark=_mark(db, agency.id),
        content=seal(db, case.key_id, _TABLE, "content", referral_id, content),
        told=seal(db, case.key_id, _TABLE, "told", referral_id, asdict(Told())),
        state=state.value,
        now=minute(now),
    )
    return Referral(referral_id, number, case.id, agency, state, asked, author, reason, Told())


async def _unused(db: Connection) -> str:
    while True:
        number = code()
        if await db.one("SELECT 1 FROM referrals WHERE number = :number", number=number) is None:
            return number


def _mark(db: Connection, agency_id: int) -> bytes:
    return db.vault.mark("referral agency", str(agency_id))


async def get(db: Connection, case: Case, referral_id: int) -> Referral | None:
    """One of this case, whatever its state."""
    row = await db.one("SELECT * FROM referrals WHERE id = :id AND case_id = :case_id", id=referral_id, case_id=case.id)
    return await _referral(db, row) if row else None


async def of_case(db: Connection, case: Case) -> list[Referral]:
    rows = await db.all("SELECT * FROM referrals WHERE case_id = :id ORDER BY heard_at, id", id=case.id)
    return await _referrals(db, rows)


async def seen_by(db: Connection, referral_id: int, person_id: int) -> Referral | None:
    """An open referral, for somebody of an agency; None when it is not there, over, or not for her."""
    unkept = await open_to(db, person_id)
    row = await db.one(
        f"""SELECT referrals.* FROM referrals
            JOIN cases ON cases.id = referrals.case_id
            WHERE referrals.id = :id AND {_OPEN} AND {unkept.sql}""",  # noqa: S608 - our own text
        id=referral_id,
        **unkept.values,
    )
    found = await _referrals(db, [row] if row else [])
    return found[0] if found else None


async def of_agency(db: Connection, agency_id: int, person_id: int) -> list[Referral]:
    """What waits for an agency, as one of its people may know of it."""
    unkept = await open_to(db, person_id)
    rows = await db.all(
        f"""SELECT referrals.* FROM referrals
            JOIN cases ON cases.id = referrals.case_id
            WHERE referrals.agency_mark = :mark AND {_OPEN} AND {unkept.sql}
            ORDER BY referrals.heard_at, referrals.id""",  # noqa: S608 - our own text
        mark=_mark(db, agency_id),
        **unkept.values,
    )
    return await _referrals(db, rows)


async def move(db: Connection, referral: Referral, after: State, now: datetime) -> bool:
    """From the state it was seen in; False when it has another by now."""
    found = await db.value(
        """UPDATE referrals SET state = :after, heard_at = :now, alarmed_at = NULL
           WHERE id = :id AND state = :before
           RETURNING id""",
        after=after.value,
        now=minute(now),
        id=referral.id,
        before=referral.state.value,
    )
    return found is not None


async def save_told(db: Connection, case: Case, referral: Referral, now: datetime) -> None:
    """What was said to and fro. The agency's silence begins anew."""
    await db.run(
        "UPDATE referrals SET told = :told, heard_at = :now, alarmed_at = NULL WHERE id = :id",
        told=seal(db, case.key_id, _TABLE, "told", referral.id, asdict(referral.told)),
        now=minute(now),
        id=referral.id,
    )


async def silent(db: Connection, since: datetime) -> list[Referral]:
    """Open ones of which the agency let nothing be heard since then, nor was anybody told."""
    rows = await db.all(
        f"""SELECT * FROM referrals
            WHERE {_OPEN} AND heard_at <= :since AND (alarmed_at IS NULL OR alarmed_at <= :since)
            ORDER BY heard_at, id""",  # noqa: S608 - our own text
        since=to_us(since),
    )
    return await _referrals(db, rows)


async def note_alarm(db: Connection, referral: Referral, since: datetime, now: datetime) -> bool:
    """False when somebody was told since."""
    found = await db.value(
        """UPDATE referrals SET alarmed_at = :now
           WHERE id = :id AND (alarmed_at IS NULL OR alarmed_at <= :since)
           RETURNING id""",
        now=minute(now),
        id=referral.id,
        since=to_us(since),
    )
    return found is not None


async def people(db: Connection, agency: Community, now: datetime) -> list[int]:
    """Who works at the agency."""
    found = await communities.holding(db, agency.id, Role.WORKER, now)
    return [member.person_id for member in found]


async def _referrals(db: Connection, rows: Iterable[Row]) -> list[Referral]:
    found = []
    for row in rows:
        with contextlib.suppress(Sealed):  # one whose key is gone must not stand in the way of the others
            found.append(await _referral(db, row))
    return found


async def _referral(db: Connection, row: Row) -> Referral:
    content = await unseal(db, row["content"], _TABLE, "content", row["id"])
    told = await unseal(db, row["told"], _TABLE, "told", row["id"])
    agency = await communities.get(db, content["agency"])
    if agency is None:
        raise LookupError("a referral without an agency")
    return Referral(
        row["id"],
        row["number"],
        row["case_id"],
        agency,
        State(row["state"]),
        Asked(**content["asked"] | {"concern": Concern(content["asked"]["concern"])}),
        content["author"],
        content["reason"],
        Told(**told),
    )
