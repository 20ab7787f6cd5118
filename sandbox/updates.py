"""The queue of updates: what the bot has yet to be told, or has not yet confirmed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sandbox.changes import Changes
from sandbox.clock import Clock
from sandbox.people import Json

KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
USUAL = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}
LIFETIMES = {
    "callback_query": timedelta(seconds=150),
    "shipping_query": timedelta(seconds=150),
    "pre_checkout_query": timedelta(seconds=150),
    "inline_query": timedelta(seconds=30),
}
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True, eq=False)
class Queued:
    """One update. `lane` is the queue whose order a webhook keeps; `body` is the whole Update."""

    id: int
    lane: str
    expires: datetime
    body: Json


class UpdateQueue:
    """Updates in their order. With `redeliver` on, each is handed out twice under the same identifier."""

    def __init__(self, clock: Clock, changes: Changes, first_id: int) -> None:
        self.allowed = USUAL
        self.redeliver = False
        self.shuffle: Random | None = None  # hands out each batch in another order, though each lane in its own
        self.last_id = 0  # of the newest update
        self.expired: list[int] = []  # what Telegram itself forgot before it was confirmed
        self.confirmed = 0
        self._clock = clock
        self._changes = changes
        self._next_id = first_id
        self._pending: deque[Queued] = deque()
        self._again: list[Queued] = []
        self._confirmed: deque[Queued] = deque(maxlen=1000)
        # Nothing expires before this moment, so that a long queue need not be looked through each time.
        self._calm_until = datetime.max.replace(tzinfo=UTC)

    def __len__(self) -> int:
        self._forget_expired()
        return len(self._pending) + len(self._again)

    def allow(self, kinds: list[str]) -> None:
        """What the bot wants to hear from now on; nothing known in the list means the usual."""
        self.allowed = frozenset(kind for kind in KINDS if kind in kinds) or USUAL

    def push(self, kind: str, content: Json, lane: str) -> None:
        if kind in self.allowed:
            expires = self._expiry(kind)
            number = self._new_id()
            self._pending.append(Queued(number, lane, expires, {"update_id": number, kind: content}))
            self._changes.announce()

    def push_raw(self, body: Any, *, bare: bool = False) -> None:
        """Hands out this JSON as an update, whatever it is. With an identifier of its own, or `bare` (as it is, even
        without any), it is handed out only once."""
        expires = self._expiry("raw")
        if bare or "update_id" in body:
            self._again.append(Queued(-1, "raw", expires, body))
        else:
            number = self._new_id()
            self._pending.append(Queued(number, "raw", expires, {"update_id": number} | body))
        self._changes.announce()

    def _new_id(self) -> int:
        self.last_id, self._next_id = self._next_id, self._next_id + 1
        return self.last_id

    def repeat_last(self, count: int) -> None:
        """Hands out once more the updates confirmed last."""
        self._again += list(self._confirmed)[-count:] if count else []
        self._changes.announce()

    def confirm(self, offset: int) -> None:
        """Forgets what is older than `offset`; a negative one keeps so many from the end."""
        if offset < 0:
            offset = self._pending[offset].id if -offset <= len(self._pending) else 0
        while self._pending and self._pending[0].id < offset:
            self._done(self._pending.popleft())

    def batch(self, limit: int) -> list[Json]:
        self._forget_expired()
        again, self._again = self._again[:limit], self._again[limit:]
        ready = [queued for queued, _ in zip(self._pending, range(limit - len(again)), strict=False)]
        handed = again + ready
        return [queued.body for queued in (self._shuffled(handed) if self.shuffle else handed)]

    def _shuffled(self, handed: list[Queued]) -> list[Queued]:
        """What happened in different places may be told in any order."""
        lanes: dict[str, deque[Queued]] = {}
        for queued in handed:
            lanes.setdefault(queued.lane, deque()).append(queued)
        order = [queued.lane for queued in handed]
        if self.shuffle is not None:
            self.shuffle.shuffle(order)
        return [lanes[lane].popleft() for lane in order]

    def waiting(self) -> list[Queued]:
        """For the webhook: all that is to be delivered."""
        self._forget_expired()
        return [*self._again, *self._pending]

    def delivered(self, queued: Queued) -> None:
        if queued in self._again:
            self._again.remove(queued)
        elif queued in self._pending:
            self._pending.remove(queued)
            self._done(queued)
        self._changes.announce()

    def drop_all(self) -> None:
        self._pending.clear()
        self._again.clear()
        self._changes.announce()

    def _done(self, queued: Queued) -> None:
        self.confirmed += 1
        self._confirmed.append(queued)
        if self.redeliver:
            self._again.append(queued)
        self._changes.announce()

    def _expiry(self, kind: str) -> datetime:
        expires = self._clock.now() + LIFETIMES.get(kind, DAY)
        self._calm_until = min(self._calm_until, expires)
        return expires

    def _forget_expired(self) -> None:
        now = self._clock.now()
        if now >= self._calm_until:
            self.expired += [queued.id for queued in self._pending if queued.expires <= now]
            self._pending = deque(queued for queued in self._pending if queued.expires > now)
            self._again = [queued for queued in self._again if queued.expires > now]
            left = [queued.expires for queued in (*self._pending, *self._again)]
            self._calm_until = min(left, default=datetime.max.replace(tzinfo=UTC))
