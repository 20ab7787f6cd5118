"""This installation: single values about it (whether the last stop was clean), and how it does, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.messages import Lane
from domain.times import from_us, to_us
from storage.database import Connection

COUNTED = 100_000  # deliveries of a lane that are counted at most
_LOOKED_AT = 10_000  # of which the oldest is looked for among so many
# The messenger keeps what people write for 24 hours: after this long something may be lost.
GAP = timedelta(hours=20)
_LAST_CONTACT = "last contact"
_ASKING = "asking after a gap"
OPEN_LANES = (Lane.REPLY, Lane.REMINDER, Lane.BROADCAST)  # how much the hotline says is nobody's to count


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a lane: how many (up to COUNTED), and the oldest that may go now, if any."""

    waiting: int
    oldest: int | None = None  # its number
    not_before: datetime | None = None  # since when it may go, where that was said


BACKED_UP_AT = "backed up at"  # ISO time of the last one that was verified


async def read(db: Connection, name: str) -> str | None:
    value = await db.value("SELECT value FROM notes_of_operation WHERE name = :name", name=name)
    return None if value is None else str(value)


async def beginning(db: Connection, name: str) -> dict[str, str]:
    """The values whose names begin like this."""
    rows = await db.all("SELECT name, value FROM notes_of_operation WHERE name LIKE :like", like=f"{name}%")
    return {row["name"]: row["value"] for row in rows}


async def write(db: Connection, name: str, value: str) -> None:
    await db.run(
        """INSERT INTO notes_of_operation (name, value)
           VALUES (:name, :value)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
        name=name,
        value=value,
    )


async def forget(db: Connection, name: str) -> None:
    await db.run("DELETE FROM notes_of_operation WHERE name = :name", name=name)


# --- contact with the messenger ---------------------------------------------------------------------------------------


async def last_contact(db: Connection) -> datetime | None:
    value = await read(db, _LAST_CONTACT)
    return None if value is None else from_us(int(value))


async def note_contact(db: Connection, at: datetime) -> timedelta | None:
    """The messenger was heard. Returns how long it had not been, when that is a gap: then everybody is to be asked
    whether something got no answer (jobs.gap), once for each gap."""
    before = await last_contact(db)
    await write(db, _LAST_CONTACT, str(to_us(at)))
    if before is None or at - before < GAP:
        return None
    await write(db, _ASKING, f"{to_us(at)} 0")
    return at - before


@dataclass(frozen=True, slots=True)
class Asking:
    """How far asking after a gap has come: behind the account `reached` it goes on."""

    gap: str
    reached: int


async def asking(db: Connection) -> Asking | None:
    """None: there was no gap, or everybody was asked."""
    value = await read(db, _ASKING)
    if value is None:
        return None
    gap, *_, reached = value.split()
    return Asking(gap, int(reached))


async def ask_on(db: Connection, before: Asking, reached: int | None) -> None:
    """Asking goes on behind this account; None: everybody was asked."""
    if reached is None:
        await forget(db, _ASKING)
    else:
        await write(db, _ASKING, f"{before.gap} {reached}")


# --- figures and versions ---------------------------------------------------------------------------------------------


async def backlogs(db: Connection, now: datetime) -> Mapping[Lane, Backlog]:
    """What waits in each lane but that of cases; two short walks along an index for each."""
    found = {}
    for lane in OPEN_LANES:
        waiting = await db.value(_WAITING, lane=int(lane), most=COUNTED)
        oldest = await db.one(_OLDEST, lane=int(lane), now=to_us(now), most=_LOOKED_AT)
        found[lane] = Backlog(int(waiting), *(() if oldest is None else _since(oldest["id"], oldest["not_before"])))
    return found


def _since(delivery_id: int, not_before: int) -> tuple[int, datetime | None]:
    return delivery_id, from_us(not_before) if not_before else None


_WAITING = """SELECT COUNT(*) FROM (
                  SELECT 1 FROM deliveries WHERE state = 'waiting' AND lane = :lane LIMIT :most
              ) AS waiting"""
_OLDEST = """SELECT id, not_before
             FROM (
                 SELECT id, not_before FROM deliveries
                 WHERE state = 'waiting' AND lane = :lane
                 ORDER BY lane, id
                 LIMIT :most
             ) AS oldest
             WHERE not_before <= :now
             ORDER BY id
             LIMIT 1"""


async def migration(db: Connection) -> str | None:
    """The migration that the tables are of."""
    value = await db.value("SELECT version_num FROM alembic_version")
    return None if value is None else str(value)


async def size(db: Connection, url: str) -> int:
    """The database's size in bytes."""
    if url.startswith("sqlite:"):
        return int(await db.value("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"))
    return int(await db.value("SELECT pg_database_size(current_database())"))


async def engine(db: Connection, url: str) -> str:
    """The database's own name and version."""
    if url.startswith("sqlite:"):
        return f"SQLite {await db.value('SELECT sqlite_version()')}"
    return f"PostgreSQL {await db.value('SHOW server_version')}"
