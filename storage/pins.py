"""PINs, who has proven herself on which account, and what stands on a keypad: by marks, so that no row names anybody.

A PIN is kept as a slow salted hash of a mark: without the key of the marks, which is outside the database, there is
nothing to try the ten thousand PINs on.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import orjson

from domain.pins import IDLE, SHIFT, Keypad, Lock, Purpose, locked_out_for
from domain.times import coarse, from_us, to_us
from storage.database import Connection, Row, listed
from storage.vault import Sealed

_SALT_BYTES, _HASH_BYTES = 16, 32
_COST = 2**13  # 8 MiB and some 15 ms, on the loop that answers everybody
_LARGEST_TOKEN = 10**9
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def _person(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("pin person", str(person_id))


def _identity(db: Connection, identity_id: int) -> bytes:
    return db.vault.mark("pin identity", str(identity_id))


# --- the PIN ----------------------------------------------------------------------------------------------------------


async def lock_of(db: Connection, person_id: int) -> Lock:
    row = await db.one(
        "SELECT secret IS NOT NULL AS is_chosen, locked_until FROM pins WHERE person_mark = :mark",
        mark=_person(db, person_id),
    )
    return Lock(is_chosen=False) if row is None else Lock(bool(row["is_chosen"]), from_us(row["locked_until"]))


async def save(db: Connection, person_id: int, pin: str) -> None:
    """Her PIN from now on."""
    salt = secrets.token_bytes(_SALT_BYTES)
    await db.run(
        """INSERT INTO pins (person_mark, secret, wrong, locked_until)
           VALUES (:mark, :secret, 0, 0)
           ON CONFLICT (person_mark) DO UPDATE SET secret = excluded.secret, wrong = 0, locked_until = 0""",
        mark=_person(db, person_id),
        secret=salt + _hash(db, person_id, pin, salt),
    )


def _hash(db: Connection, person_id: int, pin: str, salt: bytes) -> bytes:
    peppered = db.vault.mark("pin", f"{person_id}\0{pin}")
    return hashlib.scrypt(peppered, salt=salt, n=_COST, r=8, p=1, dklen=_HASH_BYTES)


async def is_right(db: Connection, person_id: int, pin: str) -> bool:
    secret = await db.value("SELECT secret FROM pins WHERE person_mark = :mark", mark=_person(db, person_id))
    if secret is None:
        return False
    salt, kept = secret[:_SALT_BYTES], secret[_SALT_BYTES:]
    return hmac.compare_digest(kept, _hash(db, person_id, pin, salt))


async def note_wrong(db: Connection, person_id: int, now: datetime) -> tuple[int, datetime | None]:
    """One more wrong try: how many since the last right one, and until when nothing can be entered."""
    wrong = await db.value(
        "UPDATE pins SET wrong = wrong + 1 WHERE person_mark = :mark RETURNING wrong", mark=_person(db, person_id)
    )
    shut_for = locked_out_for(wrong or 0)
    if shut_for is None:
        return wrong or 0, None
    until = coarse(now, _MINUTE) + shut_for
    await db.run(
        "UPDATE pins SET locked_until = :until WHERE person_mark = :mark",
        until=to_us(until),
        mark=_person(db, person_id),
    )
    return wrong or 0, until


async def remove(db: Connection, person_id: int) -> bool:
    """She chooses a new one, and whatever her old one opened is locked. Whether she had one."""
    gone = await db.value("DELETE FROM pins WHERE person_mark = :mark RETURNING 1", mark=_person(db, person_id))
    await lock(db, person_id)
    return gone is not None


async def lock(db: Connection, person_id: int) -> None:
    """On every account of hers the PIN is asked for again, and what waited for it is gone."""
    mark = _person(db, person_id)
    await db.run("DELETE FROM unlocks WHERE person_mark = :mark", mark=mark)
    await db.run("DELETE FROM keypads WHERE person_mark = :mark", mark=mark)


async def keep_only(db: Connection, person_ids: Iterable[int]) -> None:
    """Everybody else's is gone."""
    names, kept = listed([_person(db, person_id) for person_id in person_ids], or_none=b"")
    await db.run(f"DELETE FROM pins WHERE person_mark NOT IN ({names})", **kept)  # noqa: S608 - names only


# --- unlocked ---------------------------------------------------------------------------------------------------------


async def unlock(db: Connection, person_id: int, identity_id: int, now: datetime) -> None:
    """She has proven herself on this account, for a shift at most."""
    await db.run("UPDATE pins SET wrong = 0, locked_until = 0 WHERE person_mark = :mark", mark=_person(db, person_id))
    await db.run(
        """INSERT INTO unlocks (identity_mark, person_mark, until, used_at)
           VALUES (:identity, :person, :until, :now)
           ON CONFLICT (identity_mark) DO UPDATE
           SET person_mark = excluded.person_mark, until = excluded.until, used_at = excluded.used_at""",
        identity=_identity(db, identity_id),
        person=_person(db, person_id),
        until=to_us(coarse(now, _MINUTE) + SHIFT),
        now=to_us(coarse(now, _MINUTE)),
    )


async def is_unlocked(db: Connection, person_id: int, identity_id: int, now: datetime) -> bool:
    """Whether she has proven herself on this account for this shift and was not idle since; if so she is busy now."""
    minute = coarse(now, _MINUTE)
    found = await db.value(
        """UPDATE unlocks SET used_at = :now
           WHERE identity_mark = :identity AND person_mark = :person AND until > :now AND used_at > :idle_since
           RETURNING 1""",
        identity=_identity(db, identity_id),
        person=_person(db, person_id),
        now=to_us(minute),
        idle_since=to_us(minute - IDLE),
    )
    return found is not None


# --- the keypad -------------------------------------------------------------------------------------------------------


async def keypad(db: Connection, identity_id: int) -> Keypad | None:
    """What stands on the keypad of this account, if it was asked."""
    mark = _identity(db, identity_id)
    row = await db.one("SELECT token, state FROM keypads WHERE identity_mark = :mark", mark=mark)
    return None if row is None else await _opened(db, mark, row)


async def _opened(db: Connection, mark: bytes, row: Row) -> Keypad | None:
    try:
        plain = await db.vault.open(db, row["state"], table="keypads", column="state", row=mark.hex())
    except Sealed:  # its day's key was destroyed meanwhile
        return None
    state = orjson.loads(plain)
    return Keypad(row["token"], Purpose(state["purpose"]), state["digits"], state["first"], tuple(state["kept"]))


def new_token() -> int:
    return secrets.randbelow(_LARGEST_TOKEN) + 1


async def save_keypad(db: Connection, person_id: int, identity_id: int, pad: Keypad, now: datetime) -> None:
    mark = _identity(db, identity_id)
    state = {"purpose": pad.purpose.value, "digits": pad.digits, "first": pad.first, "kept": pad.kept}
    await db.run(
        """INSERT INTO keypads (identity_mark, person_mark, token, state, touched_on)
           VALUES (:identity, :person, :token, :state, :touched_on)
           ON CONFLICT (identity_mark) DO UPDATE
           SET person_mark = excluded.person_mark, token = excluded.token, state = excluded.state,
               touched_on = excluded.touched_on""",
        identity=mark,
        person=_person(db, person_id),
        token=pad.token,
        state=db.vault.seal(orjson.dumps(state), table="keypads", column="state", row=mark.hex()),
        touched_on=to_us(coarse(now, _HOUR)),
    )


async def forget_before(db: Connection, now: datetime, keypads_before: datetime) -> None:
    """Shifts that are over, and keypads that nobody touched since."""
    await db.run("DELETE FROM unlocks WHERE until <= :now", now=to_us(now))
    await db.run("DELETE FROM keypads WHERE touched_on < :before", before=to_us(keypads_before))
