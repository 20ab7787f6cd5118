"""What the bot waits to hear from each person, with a sealed draft: one row per identity (her private chat)."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.requests import Conversation
from domain.times import coarse, from_us, to_us
from storage.database import Connection, Row

_TABLE = "conversations"
_LARGEST_TOKEN = 999_999


async def opened(db: Connection, row: Row) -> Conversation:
    """The conversation in a row that has its token, state and message_id (NULLs: there was none yet)."""
    if row["state"] is None:
        return Conversation(token=row["token"] or 0)
    plain = await db.vault.open(db, row["state"], table=_TABLE, column="state", row=row["identity_id"])
    state = json.loads(plain)
    return Conversation(state["step"], state["draft"], row["token"], from_us(state["asked_at"]), row["message_id"])


async def expect(
    db: Connection, identity_id: int, before: Conversation, step: str, draft: Mapping[str, Any], now: datetime
) -> int:
    """Waits for the answer to `step`; returns the token of this question, which its buttons carry."""
    token = before.token % _LARGEST_TOKEN + 1
    state = json.dumps({"step": step, "draft": draft, "asked_at": to_us(now)}, ensure_ascii=False).encode()
    sealed = db.vault.seal(state, table=_TABLE, column="state", row=identity_id)
    await _save(db, identity_id, token, sealed, now)
    return token


async def forget(db: Connection, identity_id: int, before: Conversation, now: datetime) -> None:
    """Nothing is awaited any more; the draft is gone."""
    await _save(db, identity_id, before.token % _LARGEST_TOKEN + 1, None, now)


async def _save(db: Connection, identity_id: int, token: int, state: bytes | None, now: datetime) -> None:
    await db.run(
        """INSERT INTO conversations (identity_id, token, state, message_id, touched_on)
           VALUES (:identity_id, :token, :state, NULL, :touched_on)
           ON CONFLICT (identity_id) DO UPDATE
           SET token = excluded.token, state = excluded.state, message_id = NULL, touched_on = excluded.touched_on""",
        identity_id=identity_id,
        token=token,
        state=state,
        touched_on=to_us(coarse(now, timedelta(hours=1))),
    )


async def note_question(db: Connection, channel: str, address: str, token: int, message_id: int) -> None:
    """The question of this token was sent as this message: words written before it don't answer it."""
    await db.run(
        """UPDATE conversations SET message_id = :message_id
           WHERE token = :token
             AND identity_id = (SELECT id FROM identities WHERE channel = :channel AND address = :address)""",
        message_id=message_id,
        token=token,
        channel=channel,
        address=address,
    )


async def drop_drafts_before(db: Connection, before: datetime) -> None:
    """Unfinished drafts that nobody touched since are gone for good."""
    await db.run(
        "UPDATE conversations SET state = NULL WHERE state IS NOT NULL AND touched_on < :before", before=to_us(before)
    )
