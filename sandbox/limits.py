"""How often the bot may send: Telegram's unwritten rates, in a generous form that can be set or switched off."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from sandbox.chats import Chat
from sandbox.clock import Clock
from sandbox.errors import too_many_requests


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates in messages; a zero switches that limit off.

    `reply_grace`: for so many seconds after somebody said something in a chat, what is sent there does not count
    as bulk, as Telegram's overall limit spares replies.
    """

    chat_per_second: float = 1.0
    chat_burst: int = 8
    group_per_minute: int = 20
    overall_per_second: int = 30
    reply_grace: float = 3.0

    @classmethod
    def none(cls) -> Limits:
        return cls(0, 0, 0, 0, 0)


class Pacer:
    """Counts what was sent; refuses with 429 and the seconds to wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free_at: dict[int, float] = {}
        self._minutes: dict[int, deque[float]] = {}
        self._bulk: deque[float] = deque()

    def take(self, limits: Limits, chat: Chat, count: int = 1, edit: bool = False) -> None:
        """Books `count` messages to the chat; an edit counts only in groups, toward their minute."""
        now = self._clock.elapsed()
        bulk = not edit and (chat.last_heard is None or now - chat.last_heard > limits.reply_grace)
        waits = [
            self._chat_wait(limits, chat, now) if not edit else 0.0,
            self._group_wait(limits, chat, now, count),
            self._bulk_wait(limits, now, count) if bulk else 0.0,
        ]
        if max(waits) > 0:
            raise too_many_requests(max(1, math.ceil(max(waits))))
        self._book(limits, chat, now, count, edit, bulk)

    def _chat_wait(self, limits: Limits, chat: Chat, now: float) -> float:
        if not limits.chat_per_second:
            return 0.0
        tolerance = (max(1, limits.chat_burst) - 1) / limits.chat_per_second
        return max(0.0, self._free_at.get(chat.id, 0.0) - tolerance - now)

    def _group_wait(self, limits: Limits, chat: Chat, now: float, count: int) -> float:
        if not chat.is_group or not limits.group_per_minute:
            return 0.0
        minute = self._minutes.setdefault(chat.id, deque())
        _forget(minute, now - 60)
        over = len(minute) + count - limits.group_per_minute
        return minute[min(over, len(minute)) - 1] + 60 - now if over > 0 and minute else 0.0

    def _bulk_wait(self, limits: Limits, now: float, count: int) -> float:
        if not limits.overall_per_second:
            return 0.0
        _forget(self._bulk, now - 1)
        over = len(self._bulk) + count - limits.overall_per_second
        return self._bulk[min(over, len(self._bulk)) - 1] + 1 - now if over > 0 and self._bulk else 0.0

    def _book(self, limits: Limits, chat: Chat, now: float, count: int, edit: bool, bulk: bool) -> None:
        if not edit and limits.chat_per_second:
            self._free_at[chat.id] = max(self._free_at.get(chat.id, 0.0), now) + count / limits.chat_per_second
        if chat.is_group and limits.group_per_minute:
            self._minutes.setdefault(chat.id, deque()).extend([now] * count)
        if bulk and limits.overall_per_second:
            self._bulk.extend([now] * count)


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
