"""Single values about this installation: when the messenger was last heard, whether the last stop was clean."""

from storage.database import Connection

BACKED_UP_AT = "backed up at"  # ISO time of the last one that was verified


async def read(db: Connection, name: str) -> str | None:
    value = await db.value("SELECT value FROM notes_of_operation WHERE name = :name", name=name)
    return None if value is None else str(value)


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
