"""What the stand-in saw of the bot: every effect a call had, and what of it the bot may not know."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox import Call, Sandbox

SENDS = {"sendMessage", "sendPhoto", "sendVideo", "sendDocument", "sendVoice", "sendPoll"}
EDITS = {"editMessageText", "editMessageCaption"}
OF_NO_CHAT = {"getUpdates", "getMe", "getChatMember", "setMyCommands", "setMyDescription"}

_DOORS_KEPT = 300  # of one chat

Closes = Callable[[str, str], Awaitable[bool]]  # (moment, method)


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a chat shows because of a call. `message_id` 0: an answer to a tap."""

    number: int
    method: str
    chat_id: int
    message_id: int
    text: str = ""
    presses: tuple[str, ...] = ()  # what its buttons carry
    query_id: str = ""

    def press(self, route: str) -> str | None:
        """The data of a button of this route."""
        return next((one for one in self.presses if one == route or one.startswith(f"{route}:")), None)


@dataclass(eq=False, slots=True)
class Waiter:
    fulfils: Callable[[Effect], Any]
    done: asyncio.Future[Effect]


@dataclass(eq=False)
class Witness:
    """Hooked into the stand-in. `closes` says, before and after an effect, whether the connection ends there."""

    sandbox: Sandbox
    closes: Closes
    tell: Callable[[str], None] = lambda _line: None  # what happened, one line each, for who looks for a cause
    sent: dict[tuple[int, int], Effect] = field(default_factory=dict)  # (chat, message) → as it was sent
    doors: dict[int, dict[str, Effect]] = field(default_factory=dict)  # chat → what a button carries → where it stands
    answered: set[str] = field(default_factory=set)  # taps
    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)  # calls answered with an error, by status
    closed: set[tuple[int, int]] = field(default_factory=set)  # messages whose senders never heard of them
    progress: int = 0
    _waiters: dict[int, list[Waiter]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sandbox.on_call(self._hook)

    async def _hook(self, moment: str, method: str, _params: dict[str, Any]) -> Literal["drop"] | None:
        if moment == "before":
            return "drop" if await self.closes(moment, method) else None
        if method == "getUpdates":
            self._forget_calls()
            return None
        effect = self._note(self.sandbox.calls[-1])  # written down in the same breath
        self._forget_calls()
        if effect is None or not await self.closes(moment, method):
            return None
        if effect.method in SENDS:
            self.closed.add((effect.chat_id, effect.message_id))
        return "drop"

    def _forget_calls(self) -> None:
        """The stand-in writes everything down; that is too much for a long storm."""
        self.sandbox.calls.clear()

    def _note(self, call: Call) -> Effect | None:
        self.calls[call.method] += 1
        if call.status >= 400:
            self.refused[call.status] += 1
        unchanged = call.status == 400 and "not modified" in (call.error or "")
        if call.method in OF_NO_CHAT or (call.status != 200 and not unchanged):
            return None
        self.progress += 1
        effect = self._effect(call)
        self.tell(repr(effect))
        if effect.method in SENDS:
            self.sent[effect.chat_id, effect.message_id] = effect
        if effect.message_id and not unchanged:
            self._remember_doors(effect)
        if effect.query_id:
            self.answered.add(effect.query_id)
        self._wake(effect)
        return effect

    def _remember_doors(self, effect: Effect) -> None:
        doors = self.doors.setdefault(effect.chat_id, {})
        if effect.method not in SENDS:
            for press in [press for press, at in doors.items() if at.message_id == effect.message_id]:
                del doors[press]
        for press in effect.presses:
            doors.pop(press, None)
            doors[press] = effect
        while len(doors) > _DOORS_KEPT:
            del doors[next(iter(doors))]

    def door(self, chat_id: int, route: str, but: Container[str] = ()) -> tuple[Effect, str] | None:
        """The newest button of a route in a chat: where it stands, and what it carries."""
        for press, at in reversed(self.doors.get(chat_id, {}).items()):
            if (press == route or press.startswith(f"{route}:")) and press not in but:
                return at, press
        return None

    def _effect(self, call: Call) -> Effect:
        asked = call.params
        query_id = str(asked.get("callback_query_id", ""))
        query = self.sandbox.state.queries.get(query_id)
        chat_id = query.message.chat.id if query else _number(asked.get("chat_id"))
        result = call.result if isinstance(call.result, dict) else {}
        message_id = int(result.get("message_id") or _number(asked.get("message_id")))
        words = str(asked.get("text") or asked.get("caption") or asked.get("question") or "")
        return Effect(self.progress, call.method, chat_id, message_id, words, _presses(asked), query_id)

    # --- waiting ------------------------------------------------------------------------------------------------------

    def awaits(self, chat_id: int, fulfils: Callable[[Effect], Any]) -> Waiter:
        """From now on looks at every effect in this chat."""
        waiter = Waiter(fulfils, asyncio.get_running_loop().create_future())
        self._waiters.setdefault(chat_id, []).append(waiter)
        return waiter

    def forget(self, chat_id: int, waiter: Waiter) -> None:
        self._waiters[chat_id].remove(waiter)

    def _wake(self, effect: Effect) -> None:
        for waiter in self._waiters.get(effect.chat_id, ()):
            if not waiter.done.done() and waiter.fulfils(effect):
                waiter.done.set_result(effect)


def _presses(asked: dict[str, Any]) -> tuple[str, ...]:
    markup = asked.get("reply_markup") or {}
    if isinstance(markup, str):
        markup = json.loads(markup)
    return tuple(
        one["callback_data"] for row in markup.get("inline_keyboard", ()) for one in row if "callback_data" in one
    )


def _number(value: Any) -> int:
    return int(value) if value is not None and str(value).lstrip("-").isdigit() else 0
