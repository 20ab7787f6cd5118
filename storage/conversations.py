"""What the bot waits to hear from each person, with a sealed draft: one row per identity (her private chat)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

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
    state = json.loads(plain)
    message_id = await _asked_as(db, row)
    return Conversation(state["step"], state["draft"], row["token"], from_us(state["asked_at"]), message_id)


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
    state = json.dumps({"step": step, "draft": draft, "asked_at": to_us(now)}, ensure_ascii=False).encode()
    sealed = db.vault.seal(state, table=_TABLE, column="state", row=identity_id)
    await _save(db, identity_id, token, sealed, now)
    return token


async def keep(db: Connection, identity_id: int, before: Conversation, draft: Mapping[str, Any], now: datetime) -> None:
    """More in the draft of the question that is open: its token and its buttons stay."""
    asked_at = before.asked_at or now
    state = json.dumps({"step": before.step, "draft": draft, "asked_at": to_us(asked_at)}, ensure_ascii=False).encode()
    await db.run(
        "UPDATE conversations SET state = :state, touched_on = :touched_on WHERE identity_id = :identity_id",
        state=db.vault.seal(state, table=_TABLE, column="state", row=identity_id),
        touched_on=to_us(coarse(now, timedelta(hours=1))),
        identity_id=identity_id,
    )


async def forget(db: Connection, identity_id: int, before: Conversation, now: datetime) -> None:
    """Nothing is awaited any more; the draft is gone."""
    await _save(db, identity_id, before.token % _LARGEST_TOKEN + 1, None, now)


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


async def drop_drafts_before(db: Connection, before: datetime) -> None:
    """Unfinished drafts that nobody touched since are gone for good."""
    await db.run(
        "UPDATE conversations SET state = NULL WHERE state IS NOT NULL AND touched_on < :before", before=to_us(before)
    )
