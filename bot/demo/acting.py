"""What a person does with the bot in the sandbox, in any language: buttons are found by what they carry."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox import Chat, Message, Person, Query, Sandbox

_SHOWN = 8  # messages, when it doesn't come
PIN = "2580"  # of all who work for the hotline


@dataclass(eq=False)
class Actor:
    """One person. An act waits until the bot has said what it answers, so that no two acts overtake each other."""

    sandbox: Sandbox
    person: Person
    patience: float = 20.0  # seconds for one answer of the bot
    _token: str = ""  # of the form question answered last
    _pressed: set[tuple[int, str]] = field(default_factory=set)
    _since: int = 0  # the last message in her chat when she acted last
    _keypads: set[str] = field(default_factory=set)  # on which she has entered her PIN

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def chat(self) -> Chat:
        return self.sandbox.chat_of(self.person)

    @property
    def language(self) -> str:
        return self.person.language_code or "en"

    @property
    def has_pin(self) -> bool:
        """Whether she has entered her PIN once, and so has one."""
        return bool(self._keypads)

    # --- acts ---------------------------------------------------------------------------------------------------------

    def starts(self, payload: str = "") -> None:
        self._since = self.sandbox.presses_start(self.person, payload).id

    def says(self, words: str, where: Chat | None = None, **more: Any) -> Message:
        """Writes without waiting for anything: a command, a word in a group."""
        message = self.sandbox.sends(self.person, where, text=words, **more)
        if where is None:
            self._since = message.id
        return message

    async def orders(self, command: str, community: int) -> None:
        """Gives a command and, if the bot asks which community it is for, says so."""
        self.says(command)
        await self._awaits(self._said_since)
        choice = rf"(at|into):\d+:{community}(:0)?"
        while self._matching(r"(at|into):\d+:\d+(:\d+)?"):
            data = await self._awaits(lambda: self._matching(choice))
            kind, self._token = data[1].split(":")[:2]
            self._tap(*data)
            if kind == "at":
                return
            await self._awaits(self._said_since)

    async def presses(
        self, route: str, where: Chat | None = None, *, about: str = "", again: bool = False, fresh: bool = False
    ) -> Query:
        """Taps the newest button of this route that she has not tapped yet, once there is one; a part of the route may
        be "*". `about`: words that the message or the button shows; `again`: also one that she has tapped before;
        `fresh`: only in what the bot has said since her last act."""
        but = set() if again else self._pressed
        since = self._since if fresh else 0
        found = await self._awaits(lambda: self._button(route, where or self.chat, but, since, about))
        return self._tap(*found)

    def _tap(self, message: Message, data: str) -> Query:
        self._pressed.add((message.id, data))
        self._since = self.chat.messages[-1].id if self.chat.messages else 0
        return self.sandbox.taps(self.person, message, data=data)

    async def answers(self, words: str, **more: Any) -> Message:
        """Answers the form's next question in words."""
        self._token = await self._awaits(self._next_question)
        given: dict[str, Any] = more | ({"text": words} if words else {})
        message = self.sandbox.sends(self.person, None, **given)
        self._since = message.id
        return message

    async def chooses(self, what: str) -> Query:
        """Answers the form's next question by a tap: a choice's value, or "skip", "next", "back", "done"."""
        self._token = await self._awaits(self._next_question)
        wanted = f"f:{self._token}:{what}" if what in ("skip", "next", "back", "done") else f"f:{self._token}:is:{what}"
        return await self.presses(wanted)

    async def votes(self, option: int, where: Chat | None = None) -> None:
        """Votes in the newest poll of a chat, once there is one."""
        message = await self._awaits(lambda: self._poll(where or self.chat))
        self.sandbox.votes(self.person, message, [option])

    # --- what she sees ------------------------------------------------------------------------------------------------

    async def finds(self, route: str) -> list[str]:
        """The arguments of such a button in what the bot has said since her last act."""
        _, data = await self._awaits(lambda: self._button(route, self.chat, set(), self._since))
        return list(str(data).split(":")[1:])

    async def copied(self) -> str:
        """What a button would copy, in what the bot has said since her last act."""
        return str(await self._awaits(self._copy))

    def shows(self, data: str) -> bool:
        """Whether a button of this data stands in her chat."""
        return self._button(data, self.chat, set()) is not None

    async def hears(self, condition: Callable[[], Any]) -> Any:
        """Waits until something is so."""
        return await self._awaits(condition)

    async def _awaits(self, condition: Callable[[], Any]) -> Any:
        """Waits; a keypad that comes instead gets her PIN."""
        try:
            while True:
                found, keypad = await self.sandbox.until(lambda: self._either(condition), timeout=self.patience)
                if keypad is None:
                    return found
                self._enter_pin(*keypad)
        except TimeoutError as error:
            last = "\n".join(repr(message) for message in self.chat.messages[-_SHOWN:])
            raise TimeoutError(f"{self.name} waited in vain. Her chat:\n{last}") from error

    def _either(self, condition: Callable[[], Any]) -> tuple[Any, tuple[Message, str] | None] | None:
        """What is so now, or else a keypad that stands in its way."""
        if found := condition():
            return found, None
        keypad = self._keypad()
        return (None, keypad) if keypad else None

    def _keypad(self) -> tuple[Message, str] | None:
        """A keypad that waits for her, and its token."""
        found = self._button("pin:*:ok", self.chat, set())
        if found is None or found[1].split(":")[1] in self._keypads:
            return None
        return found[0], found[1].split(":")[1]

    def _enter_pin(self, keypad: Message, token: str) -> None:
        """The first time she chooses it, and enters it once more."""
        times = 1 if self.has_pin else 2
        self._keypads.add(token)
        for key in (*PIN, "ok") * times:
            self._tap(keypad, f"pin:{token}:{key}")

    def _copy(self) -> str | None:
        for message in reversed(self.chat.visible):
            for one in message.buttons:
                if "copy_text" in one.json and message.id > self._since:
                    return str(one.json["copy_text"]["text"])
        return None

    def _said_since(self) -> bool:
        last = self.chat.last
        return last is not None and last.from_bot and last.id > self._since

    def _button(
        self, route: str, chat: Chat, but: set[tuple[int, str]], since: int = 0, about: str = ""
    ) -> tuple[Message, str] | None:
        for message in reversed([one for one in chat.visible if one.id > since]):
            for one in message.buttons if message.from_bot else ():
                data = one.data or ""
                named = about in message.text or about in one.label
                if _carries(data, route) and named and (message.id, data) not in but:
                    return message, data
        return None

    def _matching(self, pattern: str) -> tuple[Message, str] | None:
        """Such a button in the bot's last message, if it came since her last act."""
        last = self.chat.last
        if last is None or not self._said_since():
            return None
        return next(((last, one.data or "") for one in last.buttons if re.fullmatch(pattern, one.data or "")), None)

    def _poll(self, chat: Chat) -> Message | None:
        polls = (one for one in reversed(chat.visible) if one.from_bot and one.poll and not one.poll.closed)
        return next(polls, None)

    def _next_question(self) -> str | None:
        """The token of the question that stands last in her chat, if it isn't the one she answered last."""
        for message in reversed(self.chat.visible):
            for one in message.buttons if message.from_bot else ():
                if (one.data or "").startswith("cancel:"):
                    token = str(one.data).removeprefix("cancel:")
                    return token if int(token) > int(self._token or 0) else None
        return None


def _carries(data: str, route: str) -> bool:
    """Whether a button's data begins with the route; "*" stands for any part."""
    wanted, parts = route.split(":"), data.split(":")
    return len(parts) >= len(wanted) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=False))
