"""Addresses of personal calendars: 128 random bits each, of which only a mark is kept. One for each person."""

import secrets
from datetime import datetime

from domain.times import to_us
from storage.database import Connection

_BYTES = 16


async def make(db: Connection, person_id: int, now: datetime) -> str:
    """A new secret; the one before it opens nothing any more."""
    secret = secrets.token_urlsafe(_BYTES)
    await db.run(
        """INSERT INTO feeds (person_id, mark, made_at) VALUES (:person_id, :mark, :now)
           ON CONFLICT (person_id) DO UPDATE SET mark = excluded.mark, made_at = excluded.made_at""",
        person_id=person_id,
        mark=_mark(db, secret),
        now=to_us(now),
    )
    return secret


async def revoke(db: Connection, person_id: int) -> None:
    await db.run("DELETE FROM feeds WHERE person_id = :person_id", person_id=person_id)


async def has_one(db: Connection, person_id: int) -> bool:
    return await db.value("SELECT 1 FROM feeds WHERE person_id = :person_id", person_id=person_id) is not None


async def person_of(db: Connection, secret: str) -> int | None:
    """Whose calendar it is; a guess, a revoked one and no secret at all take the same way."""
    found = await db.value("SELECT person_id FROM feeds WHERE mark = :mark", mark=_mark(db, secret))
    return None if found is None else int(found)


def _mark(db: Connection, secret: str) -> bytes:
    return db.vault.mark("feed", secret)
