"""What the bot waits to hear from each person, with a sealed draft: one row per identity (her private chat).

What somebody wrote for the hotline and has not sent yet (the draft's "parts") outlives every other question: it is set
aside while that one is open, and is what is awaited again once it is over.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from domain.requests import Conversation
from domain.times import coarse, from_us, to_us
from storage.database import Connection, Row
from storage.vault import Sealed

_TABLE = "conversations"
_LARGEST_TOKEN = 999_999


async def opened(db: Connection, row: Row) -> Conversation:
    """The conversation in a row that has its token, state and asked_as (NULLs: there was none yet)."""
    if row["state"] is None:
        return Conversation(token=row["token"] or 0)
    try:
        plain = await db.vault.open(db, row["state"], table=_TABLE, column="state", row=row["identity_id"])
    except Sealed:  # its day's key was destroyed meanwhile, and the draft with it
        return Conversation(token=row["token"])
    state = orjson.loads(plain)
    message_id = await _asked_as(db, row)
    asked_at = from_us(state["asked_at"])
    return Conversation(state["step"], state["draft"], row["token"], asked_at, message_id, state.get("aside", {}))


async def _asked_as(db: Connection, row: Row) -> int | None:
    # Sealed, since a message that no row of the outbox shows in clear is one of the case lane.
    if row["asked_as"] is None:
        return None
    try:
        return int(await db.vault.open(db, row["asked_as"], table=_TABLE, column="asked_as", row=row["identity_id"]))
    except Sealed:
        return None


async def expect(
    db: Connection, identity_id: int, before: Conversation, step: str, draft: Mapping[str, Any], now: datetime
) -> int:
    """Waits for the answer to `step`; returns the token of this question, which its buttons carry."""
    token = before.token % _LARGEST_TOKEN + 1
    sealed = _sealed(db, identity_id, step, draft, now, _set_aside(before, draft))
    await _save(db, identity_id, token, sealed, now)
    return token


def _set_aside(before: Conversation, draft: Mapping[str, Any]) -> Mapping[str, Any]:
    if "parts" in draft:  # the report itself goes on
        return {}
    return {"step": before.step, "draft": before.draft} if before.draft.get("parts") else before.aside


def _sealed(
    db: Connection, identity_id: int, step: str, draft: Mapping[str, Any], asked_at: datetime, aside: Mapping[str, Any]
) -> bytes:
    state = {"step": step, "draft": draft, "asked_at": to_us(asked_at)} | ({"aside": aside} if aside else {})
    plain = orjson.dumps(state)
    return db.vault.seal(plain, table=_TABLE, column="state", row=identity_id, key=db.vault.draft_key)


async def keep(db: Connection, identity_id: int, before: Conversation, draft: Mapping[str, Any], now: datetime) -> None:
    """More in the draft of the question that is open, or in what is set aside: its token and its buttons stay."""
    await db.run(
        "UPDATE conversations SET state = :state, touched_on = :touched_on WHERE identity_id = :identity_id",
        state=_sealed(db, identity_id, before.step, draft, before.asked_at or now, before.aside),
        touched_on=to_us(coarse(now, timedelta(hours=1))),
        identity_id=identity_id,
    )


async def forget(db: Connection, identity_id: int, before: Conversation, now: datetime) -> int:
    """Nothing is awaited any more but what was set aside; the draft is gone. Returns the token from now on."""
    token, aside = before.token % _LARGEST_TOKEN + 1, before.aside
    state = _sealed(db, identity_id, aside["step"], aside["draft"], now, {}) if aside else None
    await _save(db, identity_id, token, state, now)
    return token


async def _save(db: Connection, identity_id: int, token: int, state: bytes | None, now: datetime) -> None:
    await db.run(
        """INSERT INTO conversations (identity_id, token, state, asked_as, touched_on)
           VALUES (:identity_id, :token, :state, NULL, :touched_on)
           ON CONFLICT (identity_id) DO UPDATE
           SET token = excluded.token, state = excluded.state, asked_as = NULL, touched_on = excluded.touched_on""",
        identity_id=identity_id,
        token=token,
        state=state,
        touched_on=to_us(coarse(now, timedelta(hours=1))),
    )


async def note_question(db: Connection, channel: str, address: str, token: int, message_id: int) -> None:
    """The question of this token was sent as this message: words written before it don't answer it."""
    identity_id = await db.value(
        "SELECT id FROM identities WHERE channel = :channel AND address = :address", channel=channel, address=address
    )
    if identity_id is None:
        return
    sealed = db.vault.seal(str(message_id).encode(), table=_TABLE, column="asked_as", row=identity_id)
    await db.run(
        "UPDATE conversations SET asked_as = :sealed WHERE token = :token AND identity_id = :identity_id",
        sealed=sealed,
        token=token,
        identity_id=identity_id,
    )


async def of_person(db: Connection, person_id: int) -> dict[int, Conversation]:
    """What the bot waits to hear from each account of a person."""
    rows = await db.all(
        """SELECT identities.id AS identity_id, conversations.token, conversations.state, conversations.asked_as
           FROM identities
           LEFT JOIN conversations ON conversations.identity_id = identities.id
           WHERE identities.person_id = :person_id
           ORDER BY identities.id""",
        person_id=person_id,
    )
    return {row["identity_id"]: await opened(db, row) for row in rows}


async def drop_drafts_before(db: Connection, before: datetime) -> None:
    """Unfinished drafts that nobody touched since are gone for good."""
    await db.run(
        "UPDATE conversations SET state = NULL WHERE state IS NOT NULL AND touched_on < :before", before=to_us(before)
    )


async def destroy_draft_keys(db: Connection, day: date) -> None:
    """The keys of the drafts of this day and of those before it: in a backup, too, nothing opens them any more once the
    master key that wraps them there is gone, and no restore brings them back."""
    rows = await db.all(
        "SELECT id FROM sealing_keys WHERE purpose = 'draft' AND name <= :day ORDER BY name", day=f"{day:%Y-%m-%d}"
    )
    for row in rows:
        await db.vault.destroy_key(db, row["id"])
