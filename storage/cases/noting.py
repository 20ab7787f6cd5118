"""What the staff write down about a case for each other."""

from datetime import datetime

from domain.cases import Case, Note
from domain.times import from_us
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.database import Connection, Row


async def add_note(
    db: Connection, case: Case, author_id: int, words: str, now: datetime, changes: int | None = None
) -> int:
    """One more note, or a later version of one: both stay. Returns its id."""
    note_id = new_id()
    content = {"author": author_id, "words": words, "at": minute(now), "changes": changes}
    await db.run(
        """INSERT INTO case_notes (id, case_id, place, content)
           VALUES (:id, :case_id,
                   (SELECT COALESCE(MAX(place), 0) + 1 FROM case_notes WHERE case_id = :case_id),
                   :content)""",
        id=note_id,
        case_id=case.id,
        content=seal(db, case.key_id, "case_notes", "content", note_id, content),
    )
    return note_id


async def notes(db: Connection, case: Case) -> list[Note]:
    """All versions of all notes, in their order."""
    rows = await db.all("SELECT * FROM case_notes WHERE case_id = :id ORDER BY place", id=case.id)
    return [await _note(db, row) for row in rows]


async def note(db: Connection, case: Case, note_id: int) -> Note | None:
    row = await db.one("SELECT * FROM case_notes WHERE id = :id AND case_id = :case_id", id=note_id, case_id=case.id)
    return await _note(db, row) if row else None


async def _note(db: Connection, row: Row) -> Note:
    content = await unseal(db, row["content"], "case_notes", "content", row["id"])
    return Note(content["author"], content["words"], from_us(content["at"]), content["changes"], row["id"])
