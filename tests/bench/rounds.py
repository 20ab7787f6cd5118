"""Rounds of updates for a bot that runs: people who write or tap once each, and must each be answered once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tests.bench.api import StandIn, Told
from tests.bench.contestants import Bot
from tests.bench.country import meeting_of

_PATIENCE = 60.0  # seconds without an end


class Failed(Exception):  # noqa: N818 - its text is the sentence the reader gets
    """What was measured is not what should have happened: an update without an answer, a row that isn't there."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What people send: words or a tap, by the chat it comes from."""

    kind: Literal["words", "tap"]
    says: Callable[[int], str]


DID = Saying("words", lambda _chat: "/did")
GOING = Saying("tap", lambda chat: f"mt.rsvp:{meeting_of(chat)}:yes")
DANGER_IN_WORDS = Saying("words", lambda _chat: "i want to die")
DANGER_BY_BUTTON = Saying("tap", lambda _chat: "hl.danger")


@dataclass(slots=True)
class Talk:
    """With one bot. `chats`: whose turn it is, each once."""

    standin: StandIn
    bot: Bot
    chats: Iterator[int]
    updates: int = 0

    def send(self, saying: Saying, count: int, rate: float | None = None, *, once: bool = True) -> Told:
        """So many updates, all at once or `rate` per second. Raises Failed when one got no answer, or, if each is to
        be answered `once`, more than one."""
        chats = [next(self.chats) for _ in range(count)]
        if not self.standin.waits_for_poll(self.bot.token):
            raise Failed(f"{self.bot.name} no longer asks for updates.")
        says = [saying.says(chat) for chat in chats]
        self.standin.plan(self.bot.token, saying.kind, chats, says, rate)
        told = self.standin.run(self.bot.token, _PATIENCE + (count / rate if rate else 0))
        self.updates += count
        if told.unanswered or (once and told.again):
            raise Failed(
                f"{self.bot.name}: of {count} updates, {told.unanswered} got no answer, {told.again} more than one."
            )
        return told
