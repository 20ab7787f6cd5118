"""The cast of the tests: people who write to the bot, and what they hear.

    assert "waiting" in await aysel.says("/join 4KTR8PXM")
    assert await aysel.taps("Going") …

An act returns everything the bot said to that person in answer (new or edited messages, then the toast), as one text.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import Birge
from sandbox import Chat, Message, Person, Sandbox
from storage.database import is_postgres
from tests import postgres

# A Tuesday morning in Baku. Every test begins here.
START = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)
PIN = "2580"  # of all staff
ASKS_FOR_PIN = "Please enter your PIN."


@dataclass(eq=False)
class World:
    """A sandbox and a bot in one process, with the cast."""

    sandbox: Sandbox
    birge: Birge
    url: str
    keys: Path
    owner_code: str
    supervisor_code: str
    begin: Callable[[], AbstractAsyncContextManager[Birge]] | None = None
    life: AsyncExitStack = field(default_factory=AsyncExitStack)  # ends the bot that `begin` began
    talkers: dict[str, "Talker"] = field(default_factory=dict)
    expects_errors: bool = False  # a test that breaks something on purpose says so

    def person(self, first_name: str, last_name: str = "", language: str = "en") -> "Talker":
        """A new person on a phone of her own."""
        person = self.sandbox.add_person(first_name, last_name, language_code=language)
        talker = Talker(self, person)
        self.talkers[first_name] = talker
        return talker

    def group(self, title: str, creator: "Talker", members: Sequence["Talker"] = ()) -> Chat:
        return self.sandbox.add_group(title, creator=creator.person, members=[one.person for one in members])

    async def settle(self) -> None:
        """Returns when everything said so far is handled and answered."""
        async with asyncio.timeout(20):
            while True:
                await self.sandbox.until(lambda: self.sandbox.pending_updates == 0, timeout=15)
                await self.birge.sender.rested()
                if self.sandbox.pending_updates == 0 and self.birge.sender.is_rested:
                    return

    async def tick(self) -> None:
        """Every job looks once at what is due, until nothing more is."""
        for _ in range(3):
            calls = len(self.sandbox.calls)
            changed = await self.birge.scheduler.run_all()
            await self.settle()
            if not changed and len(self.sandbox.calls) == calls:
                return

    async def later(self, **by: float) -> None:
        """Time passes: `later(hours=2)`."""
        await self.at(self.now + timedelta(**by))

    async def at(self, moment: datetime) -> None:
        """It is that time now."""
        self.sandbox.clock.set(moment)
        self.birge.clock.set_offset(self.sandbox.clock.offset)
        await self.tick()

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    async def restart(self) -> None:
        """The bot stops and starts again, on the same database and the same messenger."""
        assert self.begin is not None, "a world whose bot somebody else began"
        await self.life.aclose()
        self.birge = await self.life.enter_async_context(self.begin())
        await self.settle()

    async def tables(self) -> list[str]:
        """The names of all tables."""
        on_file = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return [row["name"] for row in await self.rows(postgres.tables() if is_postgres(self.url) else on_file)]

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of the bot's database, as committed."""
        async with self.birge.database.reading() as db:
            return await db.all(sql, **values)


@dataclass(eq=False)
class Talker:
    """One person. Whoever has a PIN enters it by herself when she is asked: her act returns what comes after."""

    world: World
    person: Person
    pin: str | None = None

    @property
    def chat(self) -> Chat:
        return self.world.sandbox.chat_of(self.person)

    @property
    def messages(self) -> list[Message]:
        """What the bot said in her private chat and still stands there, oldest first."""
        return [message for message in self.chat.visible if message.from_bot]

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def labels(self) -> list[str]:
        """The buttons under the bot's last message."""
        return self.last.labels

    def seen(self, where: Chat | None = None) -> dict[int, tuple[str, Any]]:
        chat = where or self.chat
        return {one.id: (one.text, one.edited_at) for one in chat.visible if one.from_bot}

    async def starts(self, payload: str = "") -> str:
        return await self._hears(lambda: self.world.sandbox.presses_start(self.person, payload))

    async def says(self, words: str = "", where: Chat | None = None, **more: Any) -> str:
        """Writes to the bot, or in a group; `more`: photo=…, document=…, reply_to=… as the sandbox takes it."""
        return await self._hears(lambda: self._send(words, where, more), where)

    def _send(self, words: str, where: Chat | None, more: dict[str, Any]) -> None:
        if words:
            more = {("caption" if more.keys() & {"photo", "document", "voice", "video"} else "text"): words} | more
        self.world.sandbox.sends(self.person, where, **more)

    async def taps(self, label: str, where: Chat | None = None, message: Message | None = None) -> str:
        """Taps the newest button with this label (or whose label has it in it)."""
        found = message or self.find(label, where)
        return await self._hears(lambda: self.world.sandbox.taps(self.person, found, self._label(found, label)), where)

    async def forges(self, data: str, where: Chat | None = None, message: Message | None = None) -> str:
        """A tap whose data no button of ours carries."""
        found = message or [one for one in (where or self.chat).visible if one.from_bot][-1]
        return await self._hears(lambda: self.world.sandbox.taps(self.person, found, data=data), where)

    def find(self, label: str, where: Chat | None = None) -> Message:
        """The newest message with such a button."""
        for message in reversed((where or self.chat).visible):
            if message.from_bot and any(label in one for one in message.labels):
                return message
        raise AssertionError(f"no button {label!r} for {self.person.name}:\n{self.world.sandbox.dump()}")

    @staticmethod
    def _label(message: Message, label: str) -> str:
        return label if label in message.labels else next((one for one in message.labels if label in one), label)

    async def votes(self, message: Message, *options: int) -> str:
        return await self._hears(lambda: self.world.sandbox.votes(self.person, message, list(options)))

    async def _hears(self, act: Any, where: Chat | None = None) -> str:
        has_chat = where is not None or self.person in [one.person for one in self.world.talkers.values()]
        before = self.seen(where) if has_chat else {}
        done = act()
        await self.world.settle()
        done = await self._unlocked(before, done) if self.pin is not None and has_chat else done
        after = self.seen(where)
        said = [text for number, (text, edited) in after.items() if before.get(number) != (text, edited)]
        toast = getattr(done, "answer", None)
        return "\n\n".join([*said, *([toast] if toast else [])])

    async def _unlocked(self, before: dict[int, tuple[str, Any]], done: Any) -> Any:
        """What the last key answered, if the act was answered by the keypad; else what the act did."""
        keypads = [one for one in self.messages if one.id not in before and is_keypad(one)]
        return await self.enters(self.pin or "", keypads[-1]) if keypads else done

    async def enters(self, digits: str, keypad: Message | None = None) -> Any:
        """Taps these on the keypad, then ✓."""
        found = keypad or next(one for one in reversed(self.messages) if is_keypad(one))
        for key in digits:
            self.world.sandbox.taps(self.person, found, key)
            await self.world.settle()
        done = self.world.sandbox.taps(self.person, found, "✓")
        await self.world.settle()
        return done


def is_keypad(message: Message) -> bool:
    return ASKS_FOR_PIN in message.text and "⌫" in message.labels
