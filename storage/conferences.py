"""Case conferences: who is invited, when and where, sealed under the case's key."""

from domain.cases import Case
from domain.plans import Conference
from domain.times import maybe_time, maybe_us
from storage.cases.sealing import new_id, seal, unseal
from storage.database import Connection, Row

_TABLE = "conferences"


async def begin(db: Connection, case: Case) -> Conference:
    """One that nobody is invited to yet; a draft that was left open before is dropped."""
    await db.run("DELETE FROM conferences WHERE case_id = :id AND state = 'draft'", id=case.id)
    conference = Conference(new_id(), case.id)
    await db.run(
        "INSERT INTO conferences (id, case_id, state, content) VALUES (:id, :case_id, 'draft', :content)",
        id=conference.id,
        case_id=case.id,
        content=_content(db, case, conference),
    )
    return conference


async def save(db: Connection, case: Case, conference: Conference, state: str) -> bool:
    """`draft` or `called`; False when it was called before."""
    found = await db.value(
        "UPDATE conferences SET state = :state, content = :content WHERE id = :id AND state = 'draft' RETURNING id",
        state=state,
        content=_content(db, case, conference),
        id=conference.id,
    )
    return found is not None


def _content(db: Connection, case: Case, conference: Conference) -> bytes:
    content = {
        "agencies": list(conference.agencies),
        "people": list(conference.people),
        "starts": maybe_us(conference.starts_at),
        "place": conference.place,
    }
    return seal(db, case.key_id, _TABLE, "content", conference.id, content)


async def drafted(db: Connection, case: Case) -> Conference | None:
    row = await db.one("SELECT * FROM conferences WHERE case_id = :id AND state = 'draft'", id=case.id)
    return await _conference(db, row) if row else None


async def called(db: Connection, case: Case) -> list[Conference]:
    rows = await db.all("SELECT * FROM conferences WHERE case_id = :id AND state = 'called' ORDER BY id", id=case.id)
    return [await _conference(db, row) for row in rows]


async def _conference(db: Connection, row: Row) -> Conference:
    content = await unseal(db, row["content"], _TABLE, "content", row["id"])
    return Conference(
        row["id"],
        row["case_id"],
        tuple(content["agencies"]),
        tuple(content["people"]),
        maybe_time(content["starts"]),
        content["place"],
    )
