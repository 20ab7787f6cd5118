"""What every table of a case has in common: random ids, whole minutes, values sealed under the case's key."""

import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from domain.cases import NUMBER
from domain.invites import ALPHABET
from domain.times import coarse, to_us
from storage.database import Connection

_MINUTE = timedelta(minutes=1)
_LARGEST_ID = 10**18  # ids travel in buttons, 18 digits at most


def minute(at: datetime) -> int:
    return to_us(coarse(at, _MINUTE))


def new_id() -> int:
    return secrets.randbelow(_LARGEST_ID - 1) + 1


def code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(NUMBER))


def mark_of_excluded(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("case excluded", str(person_id))


def seal(db: Connection, key_id: int, table: str, column: str, row_id: int, value: Any) -> bytes:
    plain = json.dumps(value, ensure_ascii=False).encode()
    return db.vault.seal(plain, table=table, column=column, row=row_id, key=key_id)


async def unseal(db: Connection, sealed: bytes, table: str, column: str, row_id: int) -> Any:
    return json.loads(await db.vault.open(db, sealed, table=table, column=column, row=row_id))


def once_for(db: Connection, what: str, identity_id: int) -> str:
    """A dedupe_key for something said once to an account, from which nobody can tell the account."""
    return db.vault.mark("case once", f"{what}:{identity_id}").hex()
