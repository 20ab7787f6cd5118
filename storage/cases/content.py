"""What was written and sent in a case."""

from dataclasses import replace

from domain.cases import Case, Kept, Kind, Part, Side
from domain.times import maybe_time
from storage.cases.case import get
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.database import Connection, Row

_PARTS = """SELECT case_parts.*, case_files.state AS file_state FROM case_parts
            LEFT JOIN case_files ON case_files.part_id = case_parts.id"""


async def add_part(db: Connection, case: Case, part: Part, source: str | None = None) -> int:
    """Keeps a message. `source` names the message it came as ("telegram:42/117"). Returns its id."""
    part_id = new_id()
    content = {
        "side": part.side.value,
        "kind": part.kind.value,
        "words": part.words,
        "file": part.file_id,
        "bot": part.bot,
        "at": minute(part.at) if part.at else None,
        "changes": part.changes,
        "album": part.album,
        "message": part.message,
        "ready": part.ready,
    }
    await db.run(
        """INSERT INTO case_parts (id, case_id, place, content, state, source_mark)
           VALUES (:id, :case_id,
                   (SELECT COALESCE(MAX(place), 0) + 1 FROM case_parts WHERE case_id = :case_id),
                   :content, 'open', :source_mark)""",
        id=part_id,
        case_id=case.id,
        content=seal(db, case.key_id, "case_parts", "content", part_id, content),
        source_mark=_source_mark(db, source) if source else None,
    )
    if part.file_id:
        await want_file(db, case, replace(part, id=part_id))
    return part_id


async def want_file(db: Connection, case: Case, part: Part) -> None:
    """Its bytes are to be fetched, unless the messenger would never give them."""
    await db.run(
        """INSERT INTO case_files (part_id, case_id, state, tries, ask_at)
           VALUES (:id, :case_id, :state, 0, :at)
           ON CONFLICT (part_id) DO NOTHING""",
        id=part.id,
        case_id=case.id,
        state=(part.kept or Kept.WANTED).value,
        at=minute(part.at) if part.at else 0,
    )


async def add_version(db: Connection, case: Case, part: Part, source: str) -> int:
    """Keeps a message that may be a later version of one that is kept already: both stay. What was hidden for good
    doesn't come back with new words below it."""
    before = await db.one(
        "SELECT id, state FROM case_parts WHERE case_id = :case_id AND source_mark = :mark ORDER BY place DESC",
        case_id=case.id,
        mark=_source_mark(db, source),
    )
    if before is None:
        return await add_part(db, case, part, source)
    if before["state"] == "sealed" and part.file_id:
        part = replace(part, kind=Kind.WORDS, file_id="")
    return await add_part(db, case, replace(part, changes=before["id"]), source)


def _source_mark(db: Connection, source: str) -> bytes:
    return db.vault.mark("case message", source)


async def parts(db: Connection, case: Case) -> list[Part]:
    """Everything that was written and sent, in its order."""
    rows = await db.all(f"{_PARTS} WHERE case_parts.case_id = :id ORDER BY case_parts.place", id=case.id)
    return [await _part(db, row) for row in rows]


async def newest_part(db: Connection, case: Case) -> int:
    """The place of what was written last; 0: nothing was."""
    return int(await db.value("SELECT COALESCE(MAX(place), 0) FROM case_parts WHERE case_id = :id", id=case.id))


async def parts_after(db: Connection, case: Case, place: int) -> list[Part]:
    """What was written behind this place."""
    rows = await db.all(
        f"{_PARTS} WHERE case_parts.case_id = :id AND case_parts.place > :place ORDER BY case_parts.place",
        id=case.id,
        place=place,
    )
    return [await _part(db, row) for row in rows]


async def part(db: Connection, case: Case, part_id: int) -> Part | None:
    row = await db.one(
        f"{_PARTS} WHERE case_parts.id = :id AND case_parts.case_id = :case_id", id=part_id, case_id=case.id
    )
    return await _part(db, row) if row else None


async def by_source(db: Connection, source: str) -> tuple[Case, Part] | None:
    """The newest part that came as this message, with its case."""
    row = await db.one(
        f"{_PARTS} WHERE case_parts.source_mark = :mark ORDER BY case_parts.place DESC", mark=_source_mark(db, source)
    )
    if row is None:
        return None
    case = await get(db, row["case_id"])
    return None if case is None else (case, await _part(db, row))


async def seal_part(db: Connection, part_id: int) -> None:
    """It is never shown again, to anybody."""
    await db.run("UPDATE case_parts SET state = 'sealed' WHERE id = :id", id=part_id)


async def _part(db: Connection, row: Row) -> Part:
    content = await unseal(db, row["content"], "case_parts", "content", row["id"])
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
        content.get("album", ""),
        content.get("message", 0),
        content.get("ready", ""),
        Kept(row["file_state"]) if row["file_state"] else None,
    )
