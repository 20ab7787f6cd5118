"""Messages, their buttons, and taps on them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.people import Account, Bot, Json, Person

if TYPE_CHECKING:
    from sandbox.chats import Chat
    from sandbox.files import Media
    from sandbox.polls import Poll


@dataclass(frozen=True, slots=True)
class Button:
    """One button of an inline keyboard; `json` is what the bot sent."""

    label: str
    data: str | None = None
    url: str | None = None
    style: str | None = None
    json: Json = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"[{self.label}]"


Keyboard = list[list[Button]]


@dataclass(eq=False, slots=True)
class Message:
    """One message in a chat. `text` is the plain text or caption; `html` is the markup as its sender typed it.

    `content` holds Bot API fields that need no thought here: a contact, a location, or, when `service` is set, what
    happened in the chat.
    """

    id: int
    chat: Chat
    sender: Account
    date: datetime
    text: str = ""
    entities: tuple[Json, ...] = ()
    html: str = ""
    media: Media | None = None
    poll: Poll | None = None
    content: Json = field(default_factory=dict)
    service: bool = False
    markup: Json | None = None
    keyboard: Keyboard = field(default_factory=list)
    reply_to: Message | None = None
    thread: int | None = None
    album: str | None = None
    anonymous: bool = False
    guise: Json | None = None  # the channel in whose name it was written: the message's "from" and "sender_chat"
    silent: bool = False
    protected: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    pinned: bool = False
    forwarded: Json | None = None
    link_preview: Json | None = None
    reactions: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def edited(self) -> bool:
        return self.edited_at is not None

    @property
    def from_bot(self) -> bool:
        return isinstance(self.sender, Bot)

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.keyboard for button in row]

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    def button(self, label: str) -> Button | None:
        return next((button for button in self.buttons if button.label == label), None)

    def __repr__(self) -> str:
        carried = self.media.kind if self.media else f"poll {self.poll.question!r}" if self.poll else ""
        happened = ", ".join(self.content) if self.service else ""
        words = " ".join(
            filter(None, [repr(self.text) if self.text else "", carried, happened, *map(str, self.keyboard)])
        )
        flags = "".join(f" ({flag})" for flag in ("deleted", "edited", "pinned") if getattr(self, flag))
        return f"<{self.id} in {self.chat.name!r} from {self.sender.name}: {words}{flags}>"


@dataclass(eq=False, slots=True)
class Query:
    """A tap on a button, waiting for its answer; `answer` is None until then and "" for a silent one."""

    id: str
    person: Person
    message: Message
    data: str
    at: datetime
    answer: str | None = None
    alert: bool = False
    url: str | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
