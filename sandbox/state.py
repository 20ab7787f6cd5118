"""All that exists in one pretend Telegram, and how to find it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sandbox.changes import Changes
from sandbox.chats import Chat, InviteLink, Member
from sandbox.clock import Clock
from sandbox.errors import Impossible, bad_request
from sandbox.files import FileStore
from sandbox.limits import Limits, Pacer
from sandbox.messages import Message, Query
from sandbox.people import Bot, Json, Person
from sandbox.polls import Poll
from sandbox.updates import UpdateQueue


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API and how it ended; `status` 0 means that the connection was dropped."""

    method: str
    params: Json
    at: datetime
    status: int
    error: str | None = None
    retry_after: int | None = None
    result: Any = None


@dataclass(slots=True)
class Webhook:
    """Where updates are posted, and how that went."""

    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    ip_address: str | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None


class State:
    """People, chats, files, the queue of updates and the log of calls."""

    def __init__(self, bot: Bot, clock: Clock, limits: Limits, seed: int) -> None:
        self.bot = bot
        self.clock = clock
        self.limits = limits
        self.random = Random(seed)
        self.changes = Changes()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.links: dict[str, tuple[Chat, InviteLink]] = {}
        # Polls that close by themselves, and word that one was added or the clock moved.
        self.closing: list[Poll] = []
        self.alarms = Changes()
        self.calls: list[Call] = []
        self.known: set[int] = set()
        self.webhook = Webhook()
        clock.changes.followers += [self.alarms.announce, self.changes.announce]
        self.files = FileStore(self.random)
        self.pacer = Pacer(clock)
        self.queue = UpdateQueue(clock, self.changes, self.random.randrange(10**8, 9 * 10**8))
        self.polling: asyncio.Event | None = None
        # One sequence for all private chats and basic groups, as one account of Telegram has.
        self.box_id = 0

    def new_person_id(self) -> int:
        return self._unused(lambda: self.random.randrange(5 * 10**9, 8 * 10**9), self.people)

    def new_chat_id(self, supergroup: bool) -> int:
        low = 1_000_000_000_000 if supergroup else 0
        return self._unused(lambda: -low - self.random.randrange(10**9, 4 * 10**9), self.chats)

    def new_number(self) -> str:
        """An identifier as long as Telegram's for polls, queries and albums."""
        return str(self.random.randrange(10**18, 9 * 10**18))

    def new_word(self, length: int) -> str:
        return "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=length))

    def private_chat(self, person: Person) -> Chat:
        """The chat between a person and the bot, opened or not."""
        chat = self.chats.get(person.id)
        if chat is None:
            chat = self.chats[person.id] = Chat(person.id, "private", person=person)
        return chat

    def bot_in(self, chat: Chat) -> Member:
        return chat.member(self.bot)

    def groups(self) -> Iterator[Chat]:
        return (chat for chat in self.chats.values() if chat.is_group)

    def chats_of(self, person: Person) -> list[Chat]:
        """What she sees in her list: the bot first, then her groups."""
        groups = [chat for chat in self.groups() if chat.has(person) and chat.migrated_to is None]
        return [self.private_chat(person), *groups]

    def knows(self, person: Person) -> bool:
        """Whether the bot has met her anywhere."""
        together = any(chat.has(person) and chat.has(self.bot) for chat in self.groups())
        return person.id in self.known or together

    def message(self, chat: Chat, message_id: int) -> Message | None:
        found = chat.by_id.get(message_id)
        return None if found is None or found.deleted else found

    def find_person(self, person_id: int) -> Person:
        if person_id not in self.people:
            raise Impossible(f"There is no person {person_id}.")
        return self.people[person_id]

    def find_chat(self, chat_id: int) -> Chat:
        if chat_id in self.chats:
            return self.chats[chat_id]
        if chat_id in self.people:
            return self.private_chat(self.people[chat_id])
        raise Impossible(f"There is no chat {chat_id}.")

    def chat_named(self, chat_id: int | str) -> Chat:
        """The chat a bot means; 400 when the bot can't know it."""
        if isinstance(chat_id, str):
            names = {f"@{chat.username}".lower(): chat for chat in self.groups() if chat.username}
            chat = names.get(chat_id.lower())
        elif chat_id in self.people:
            chat = self._known_private_chat(self.people[chat_id])
        else:
            chat = self.chats.get(chat_id)
            if chat is not None and self.bot.id not in chat.members:
                chat = None
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def _known_private_chat(self, person: Person) -> Chat | None:
        chat = self.private_chat(person)
        return chat if chat.started or chat.open_until or self.knows(person) else None

    def watch(self, poll: Poll) -> None:
        """Minds the time when a poll closes by itself."""
        if poll.closes_at is not None:
            self.closing.append(poll)
            self.alarms.announce()

    def _unused(self, draw: Any, taken: Any) -> int:
        while (number := int(draw())) in taken:
            continue
        return number
