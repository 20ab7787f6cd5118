"""The sealing keys as rows: which master key wraps how many of them, and which are destroyed."""

from collections.abc import Collection, Sequence
from datetime import datetime

import storage.operation
from storage.database import Connection, Row
from storage.vault import KeyRingUnusable

_AT_ONCE = 500


async def wrap_again(db: Connection, most: int) -> int:
    """Wraps up to `most` keys of older master keys under the newest one; how many there were."""
    done = 0
    for month in db.vault.masters.older:
        after = -1
        while done < most and (rows := await _wrapped_by(db, month, after, most - done)):
            after = rows[-1]["id"]
            done += await _save_wrapped_again(db, month, rows)
    return done


async def _wrapped_by(db: Connection, month: str, after: int, most: int) -> Sequence[Row]:
    return await db.all(
        "SELECT id, wrapped FROM sealing_keys WHERE master = :month AND id > :after ORDER BY id LIMIT :most",
        month=month,
        after=after,
        most=most,
    )


async def _save_wrapped_again(db: Connection, month: str, rows: Sequence[Row]) -> int:
    changed = []
    for row in rows:
        try:
            wrapped = db.vault.masters.wrap(row["id"], db.vault.masters.unwrap(row["id"], month, row["wrapped"]))
        except KeyRingUnusable:  # a row that was damaged must not keep the others from it; `birge doctor` counts it
            continue
        changed.append({"id": row["id"], "month": month, "newest": db.vault.masters.newest, "wrapped": wrapped})
    await db.many(
        "UPDATE sealing_keys SET master = :newest, wrapped = :wrapped WHERE id = :id AND master = :month", changed
    )
    return len(changed)


async def note_out_of_use(db: Connection, now: datetime) -> None:
    """Since when an older master key wraps nothing any more: backups made before that may still need it."""
    for month in db.vault.masters.older:
        used = await db.value("SELECT 1 FROM sealing_keys WHERE master = :month LIMIT 1", month=month)
        noted = await storage.operation.read(db, out_of_use(month))
        if used is None and noted is None:
            await storage.operation.write(db, out_of_use(month), now.isoformat(timespec="seconds"))
        elif used is not None and noted is not None:  # a restore brought it back
            await storage.operation.forget(db, out_of_use(month))


def out_of_use(month: str) -> str:
    """The note's name."""
    return f"master key {month} out of use since"


async def unlisted(db: Connection) -> list[int]:
    """Destroyed keys that may not stand in the list beside the key ring yet."""
    rows = await db.all("SELECT id FROM destroyed_keys ORDER BY id LIMIT :most", most=_AT_ONCE)
    return [row["id"] for row in rows]


async def note_listed(db: Connection, key_ids: Sequence[int]) -> None:
    await db.many("DELETE FROM destroyed_keys WHERE id = :id", [{"id": key_id} for key_id in key_ids])


async def replay_destroyed(db: Connection, key_ids: Sequence[int]) -> int:
    """Destroys the keys of the list that a copy of the database brought back; how many there were."""
    back: list[int] = []
    for at in range(0, len(key_ids), _AT_ONCE):
        some = {f"k{number}": key_id for number, key_id in enumerate(key_ids[at : at + _AT_ONCE])}
        names = ", ".join(f":{name}" for name in some)
        back += [row["id"] for row in await db.all(f"SELECT id FROM sealing_keys WHERE id IN ({names})", **some)]  # noqa: S608 - names only
    await db.many("DELETE FROM sealing_keys WHERE id = :id", [{"id": key_id} for key_id in back])
    return len(back)


async def must_open(db: Connection, destroyed: Collection[int] = ()) -> None:
    """Raises KeyRingUnusable unless the key ring has every master key that wraps something, and is this database's.
    A copy from before may hold keys that are listed as destroyed: they need none."""
    known = {f"m{number}": month for number, month in enumerate((db.vault.masters.newest, *db.vault.masters.older))}
    names = ", ".join(f":{name}" for name in known)
    lacking = await db.value(f"SELECT MIN(master) FROM sealing_keys WHERE master NOT IN ({names})", **known)  # noqa: S608 - names only
    if lacking is not None and destroyed:
        rows = await db.all(f"SELECT id, master FROM sealing_keys WHERE master NOT IN ({names})", **known)  # noqa: S608 - names only
        lacking = min((row["master"] for row in rows if row["id"] not in destroyed), default=None)
    if lacking is not None:
        raise KeyRingUnusable(
            f"The key ring lacks the key of {lacking}, which this database needs: put back a copy that has it."
        )
    await db.vault.check_ring(db)
