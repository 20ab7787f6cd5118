"""A messenger of phones in memory, and people who tap and write on them in turns."""

from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from bot.channels.channel import Received
from domain.messages import DeepLink, Question, Result, Sent
from domain.requests import Incoming, Kind, Part

# What somebody does next: words, the label of a button (any that has it in it), or a file, by its number.
Act = tuple[str, str]
Script = Generator[Act, None, None]

_KEPT = 1_000  # messages that a phone remembers: on a bad day helpers are called for hundreds of reports


@dataclass(eq=False)
class Phone:
    """One account: what the bot said to it last, the newest at the end."""

    address: str
    shown: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    heard: int = 0  # messages and edits since its last act

    def take(self, message_id: int, body: Mapping[str, Any]) -> None:
        self.heard += 1
        self.shown[message_id] = body
        while len(self.shown) > _KEPT:
            del self.shown[next(iter(self.shown))]

    @property
    def last(self) -> str:
        return str(next(reversed(self.shown.values()))["html"]) if self.shown else ""

    def labels(self, start: str) -> list[str]:
        """The labels under its newest message that begin so."""
        newest = next(reversed(self.shown.values()), None)
        rows = (newest or {}).get("buttons") or ()
        return [one["label"] for row in rows for one in row if one["label"].startswith(start)]

    def button(self, label: str) -> tuple[int, str] | None:
        """The newest button with this in its label: its message, and what it carries."""
        for message_id, body in reversed(self.shown.items()):
            for row in body.get("buttons") or ():
                for one in row:
                    if label in one["label"] and "press" in one:
                        return message_id, one["press"]
        return None


class Phones:
    """A channel without a network: what is sent is there at once."""

    name = "telegram"

    def __init__(self) -> None:
        self.all: dict[str, Phone] = {}
        self.files: dict[str, bytes] = {}  # that were sent to the bot, by their numbers
        self.sent = 0
        self.numbers = count(1)  # of messages and updates: what comes later has a higher one

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def receive(self) -> AsyncGenerator[Received, None]:
        """Nothing: updates are handed to the pipeline."""
        nothing: tuple[Received, ...] = ()
        for received in nothing:
            yield received

    def confirmed(self, received: Received) -> None: ...

    def address_of(self, link: DeepLink) -> str:
        return f"https://t.me/month_bot?start={link.payload}"

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        if body.get("call") == Question.FILE:
            return Sent(answer={"content": self.files[body["about"]]})
        self.sent += 1
        phone = self.all.get(address)
        if kind == "say":
            message_id = next(self.numbers)
            if phone is not None:
                phone.take(message_id, body)
            return Sent((message_id,))
        message_id = body.get("message_id") or target or 0
        if phone is not None and kind == "edit":
            phone.take(message_id, body)
        if phone is not None and kind == "delete":
            phone.shown.pop(message_id, None)
        return Sent((message_id,) if message_id else ())


@dataclass(eq=False)
class Player:
    """Somebody with a phone who follows a script, an act a turn."""

    phone: Phone
    script: Script

    def act(self, number: int, now: datetime) -> Incoming | None:
        """The next thing she does; None when her script is over."""
        try:
            what, value = next(self.script)
        except StopIteration:
            return None
        self.phone.heard = 0
        address = self.phone.address
        came = Incoming("telegram", str(number), Kind.WORDS, chat=address, sender=address, sent_at=now)
        if what == "words":
            command, _, rest = value.partition(" ")
            if command.startswith("/"):
                return replace(came, kind=Kind.COMMAND, command=command[1:], words=rest, message_id=number)
            return replace(came, words=value, message_id=number)
        if what == "file":
            return replace(came, parts=(Part("document", value),), message_id=number)
        found = self.phone.button(value)
        assert found is not None, f"no button {value!r} under:\n{self.phone.last}"
        return replace(came, kind=Kind.BUTTON, press=found[1], message_id=found[0], query_id=str(number))
