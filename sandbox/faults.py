"""Things that go wrong on purpose: between the bot and Telegram, before or after the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.requests import Params


@dataclass(slots=True)
class Fault:
    """One thing to go wrong, for calls of `method` (all when None) in chat `chat_id` (any when None).

    `status`        answer with this error instead of acting (429, 500, 502, 403, any)
    `retry_after`   seconds named by a 429
    `drop`          close the connection "before" acting or "after" it
    `delay`         seconds of real time to hold the call before acting
    `skip`          let so many matching calls pass first
    `times`         how many calls it befalls; None for every one
    """

    method: str | None = None
    chat_id: int | None = None
    status: int | None = None
    description: str | None = None
    retry_after: int | None = None
    drop: Literal["before", "after"] | None = None
    delay: float = 0.0
    skip: int = 0
    times: int | None = 1

    def matches(self, method: str, params: Params) -> bool:
        named = self.method is None or self.method.lower() == method.lower()
        return named and (self.chat_id is None or str(self.chat_id) == params.text("chat_id"))


class Faults(list[Fault]):
    """The faults to come; a spent one leaves the list."""

    def struck(self, method: str, params: Params) -> Fault | None:
        """The first fault that befalls this call, counted."""
        for fault in self:
            if fault.matches(method, params):
                if fault.skip:
                    fault.skip -= 1
                    continue
                self._count(fault)
                return fault
        return None

    def _count(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self[:] = [one for one in self if one is not fault]
