"""People who do everything at once. Each does one thing after the other, and goes on when she was answered.

Nothing here knows whether the bot lives.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.pipeline import BROKEN, UNREADABLE
from bot.render import LOCALES, Renderer
from domain.languages import LANGUAGES
from domain.messages import text
from sandbox import Chat, Message, Person, Sandbox
from tests.cast import PIN
from tests.torture.deeds import Deed, Deeds
from tests.torture.school import School
from tests.torture.witness import EDITS, SENDS, Effect, Waiter, Witness

_ZONE = ZoneInfo("Asia/Baku")
_RENDERER = Renderer(lambda _link: "", LOCALES)
# A question that a kill left unmarked comes twice: what was written between the two answers none of them.
_OVERTAKEN = text("I asked something new while you were writing. Please answer my last message.")
APOLOGIES = {
    _RENDERER.html(sorry, language, "UTC") for sorry in (BROKEN, UNREADABLE, _OVERTAKEN) for language in LANGUAGES
}

Fulfils = Callable[[Effect], Any]


def kind_of(effect: Effect) -> str:
    """Which of the answers of which everybody gets exactly one for each asking this is; "": another."""
    if effect.method not in SENDS:
        return ""
    for kind, fulfils in KINDS.items():
        if fulfils(effect):
            return kind
    return ""


_TO_ONE_WORD = ("home", "hl", "hl.danger")  # who writes one may not know where to begin

KINDS: dict[str, Fulfils] = {
    "home": lambda said: said.press("settings") and said.press("help"),
    "settings": lambda said: said.press("lang") and said.press("quiet"),
    "help": lambda said: "/cancel" in said.text and "/settings" in said.text,
    "group help": lambda said: said.chat_id < 0 and "/help" in said.text and not said.presses,
    "meetings": lambda said: said.press("mt"),
    "challenges": lambda said: said.press("ch"),
    "polls": lambda said: said.press("poll.open"),
    "lost": lambda said: said.presses in (("home",), _TO_ONE_WORD),
}
_TOO_MANY = "Too many wrong tries"
_COMMANDS = ("home", "settings", "help", "meetings", "challenges", "polls")
_NONSENSE = ("asdf", "🤷", "Salam!!!", "1; DROP TABLE persons", "\u202eabc", "x" * 4000, "/nosuchcommand", "/start@x y")


@dataclass(eq=False)
class Storm:
    """What all people share."""

    sandbox: Sandbox
    witness: Witness
    school: School
    deeds: Deeds
    gate: asyncio.Event = field(default_factory=asyncio.Event)  # closed while the clock jumps
    waiting: dict[int, tuple[Deed, Waiter]] = field(default_factory=dict)  # acts without an answer yet
    apologies: int = 0
    shut_out: list[int] = field(default_factory=list)  # workers who entered wrong PINs five times
    over: bool = False

    def forget(self, update_id: int) -> None:
        """Telegram forgot an update itself: a tap that waited for too long."""
        self.deeds.void.add(update_id)
        if update_id in self.waiting:
            waiter = self.waiting[update_id][1]
            if not waiter.done.done():
                waiter.done.cancel()


@dataclass(eq=False)
class Phone:
    """One person's."""

    storm: Storm
    person: Person
    chance: Random
    entered: set[str] = field(default_factory=set)  # keypads on which she entered her PIN

    @property
    def chat(self) -> Chat:
        return self.storm.sandbox.chat_of(self.person)

    async def asks(self, words: str, fulfils: Fulfils, *, where: Chat | None = None, **deed: Any) -> Effect | None:
        """Writes; what the bot answered, or None when the update was set aside (and apologised for)."""
        where = where or self.chat
        return await self._does(lambda: self.storm.sandbox.sends(self.person, where, text=words), fulfils, where, deed)

    async def taps(self, at: Effect, press: str, fulfils: Fulfils | None = None, **deed: Any) -> Effect | None:
        """Taps a button where it stands. Without `fulfils` any answer to the tap will do."""
        message = self._message(at)
        queries: list[str] = []

        def tap() -> None:
            queries.append(self.storm.sandbox.taps(self.person, message, data=press).id)

        def any_answer(said: Effect) -> bool:
            its_card = said.message_id == at.message_id or (said.presses and said.presses == at.presses)  # or its copy
            return bool(said.query_id in queries or its_card or said.method in SENDS)

        return await self._does(tap, fulfils or any_answer, message.chat, deed)

    def _message(self, at: Effect) -> Message:
        return self.storm.sandbox.chat_of(at.chat_id).by_id[at.message_id]

    def door(self, route: str, chat: Chat | None = None) -> tuple[Effect, str] | None:
        return self.storm.witness.door((chat or self.chat).id, route)

    async def _does(self, act: Callable[[], Any], fulfils: Fulfils, where: Chat, deed: dict[str, Any]) -> Effect | None:
        await self.storm.gate.wait()
        witness = self.storm.witness
        chats = sorted({where.id, self.chat.id})
        waiters = [witness.awaits(chat, lambda said: self._apologises(said) or fulfils(said)) for chat in chats]
        act()
        done = Deed(self.storm.sandbox.state.queue.last_id, self.person.id, where=where.id, **({"what": ""} | deed))
        self.storm.deeds.add(done)
        witness.tell(f"{done} {self.storm.sandbox.clock.now()}")
        self.storm.waiting[done.update_id] = (done, waiters[0])
        try:
            await asyncio.wait([waiter.done for waiter in waiters], return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self.storm.waiting[done.update_id]
            for chat, waiter in zip(chats, waiters, strict=True):
                witness.forget(chat, waiter)
        return self._answer(done, waiters)

    def _apologises(self, said: Effect) -> bool:
        return said.chat_id == self.chat.id and said.text in APOLOGIES

    def _answer(self, done: Deed, waiters: list[Waiter]) -> Effect | None:
        answers = [waiter.done.result() for waiter in waiters if waiter.done.done() and not waiter.done.cancelled()]
        if not answers:
            return None
        if self._apologises(answers[0]):
            self.storm.apologies += 1
            self.storm.deeds.void.add(done.update_id)
            return None
        return answers[0]

    # --- what is done in one go ---------------------------------------------------------------------------------------

    async def command(self) -> None:
        name = self.chance.choice(_COMMANDS)
        await self.asks(f"/{name}", KINDS[name], what="", answer=name)

    async def nonsense(self) -> None:
        await self.asks(self.chance.choice(_NONSENSE), KINDS["lost"], answer="lost")

    async def answer_meeting(self, where: Chat | None = None) -> None:
        meetings = [door for door in (self.door(f"mt.rsvp:{number}", where) for number in (1, 2)) if door]
        if meetings:
            at, press = self.chance.choice(meetings)
            meeting = int(press.split(":")[1])
            wanted = self.chance.choice(("yes", "no", "maybe"))
            await self.taps(at, f"mt.rsvp:{meeting}:{wanted}", what="rsvp", about=meeting, value=wanted)

    async def check_in(self) -> None:
        await self.storm.gate.wait()  # before we look which day it is
        if door := self.door("ch.join"):
            await self.taps(*door, what="join", about=1)
        elif door := self.door("ch.did"):
            today = self.storm.sandbox.clock.now().astimezone(_ZONE).date()
            await self.taps(*door, what="check-in", about=1, value=today.isoformat())

    async def confirm(self) -> None:
        if door := self.door("a.ok"):
            await self.taps(*door, what="confirm", about=int(door[1].split(":")[1]))

    async def change_settings(self) -> None:
        door = self.door("quiet")
        if door is None:
            await self.asks("/settings", KINDS["settings"], answer="settings")
            return
        what, values = self.chance.choice((("zone", "01234"), ("quiet", ("0", "22")), ("lang", tuple(LANGUAGES))))
        value = self.chance.choice(values)
        await self.taps(door[0], f"{what}.is:{value}", what=what, value=value)

    async def vote(self) -> None:
        """Nobody answers a vote; in the end it must be counted."""
        await self.storm.gate.wait()
        group = self.storm.school.group
        polls = [one for one in group.messages if one.poll and not one.poll.closed and not one.deleted]
        if polls and group.has(self.person):
            option = self.chance.randrange(2)
            self.storm.sandbox.votes(self.person, polls[-1], [option])
            number = self.storm.sandbox.state.queue.last_id
            self.storm.deeds.add(Deed(number, self.person.id, "vote", 1, option))

    async def help_in_group(self) -> None:
        group = self.storm.school.group
        if group.has(self.person):
            await self.asks("/help", KINDS["group help"], where=group, answer="group help")

    async def forge(self) -> None:
        """A button that nobody offered her."""
        if door := self.door("home") or self.door("settings"):
            press = self.chance.choice(
                ("mt.manage:1", "cs.take:1", "join.yes:1", "🐟", "f:1:done", "a.lost:1", ":" * 64)
            )
            await self.taps(door[0], press)


async def parent_lives(phone: Phone) -> None:
    acts = (
        (phone.answer_meeting, 6),
        (phone.check_in, 5),
        (phone.confirm, 4),
        (phone.command, 5),
        (phone.nonsense, 3),
        (phone.change_settings, 2),
        (phone.vote, 2),
        (phone.help_in_group, 1),
        (phone.forge, 1),
    )
    while not phone.storm.over:
        (act,) = phone.chance.choices([act for act, _ in acts], [weight for _, weight in acts])
        await act()
        await asyncio.sleep(phone.chance.uniform(0.0, 0.2))


# --- those who do longer things ---------------------------------------------------------------------------------------


async def call_for(phone: Phone, command: str, *choices: str, **deed: Any) -> None:
    """A form from its command to its end, by taps: on the first button of each route."""
    said = await phone.asks(command, lambda said: said.press("f"))
    for choice in choices:
        if said is None:
            return
        token = str(said.press("cancel")).split(":")[1]
        wanted = said.press(f"f:{token}:{choice}") or f"f:{token}:{choice}"
        last = choice == "done"
        said = await phone.taps(said, wanted, None if last else _next_question(token), **(deed if last else {}))


def _next_question(token: str) -> Fulfils:
    def is_next(said: Effect) -> bool:
        press = said.press("cancel")
        return press is not None and int(press.split(":")[1]) > int(token)

    return is_next


async def head_lives(phone: Phone) -> None:
    """Accepts whoever comes, and has something to tell."""
    number, accepted = 0, set[str]()
    while not phone.storm.over:
        door = phone.storm.witness.door(phone.chat.id, "join.yes", accepted)
        if door is not None:
            done = await phone.taps(*door)
            if done is not None:
                accepted.add(door[1])
        elif phone.chance.random() < 0.02:
            number += 1
            words = f"Xəbər #{number}#"
            await call_for(phone, f"/announce {words}", "done", what="announce", about=words)
        else:
            await phone.nonsense()
        await asyncio.sleep(phone.chance.uniform(0.05, 0.3))


async def newcomer_comes(phone: Phone) -> None:
    """Joins by the class's code."""
    asked = await _until_done(lambda: phone.asks(f"/start {phone.storm.school.code}", lambda said: said.press("f")))
    token = str(asked.press("cancel")).split(":")[1]
    await _until_done(lambda: phone.taps(asked, f"f:{token}:is:parent", _next_question(token)))
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{phone.person.id % 1000:03}")
    name = f"Gələn {letters}"
    await _until_done(lambda: phone.asks(name, lambda said: said.method in SENDS, what="ask to join"))


async def reporter_lives(phone: Phone) -> None:
    """Writes reports, one after the other, and reads the answers."""
    number = 0
    while not phone.storm.over:
        number += 1
        await report(phone, f"Mənə pis olur @{phone.person.id}-{number}@")
        await asyncio.sleep(phone.chance.uniform(0.5, 3.0))


async def report(phone: Phone, words: str) -> None:
    told = await _until_done(lambda: phone.asks("/hotline", lambda said: said.press("hl.go")))
    question = await _until_done(lambda: phone.taps(told, "hl.go:me", _report_token))
    question = await _until_done(lambda: phone.asks(words, _beyond(question, "next"), what="part", about=words))
    for choice in ("next", "skip", "skip", "skip"):
        question = await _answer_question(phone, question, choice)

    def send() -> Awaitable[Effect | None]:
        press = f"cs.o:{_report_token(question)}:send"
        return phone.taps(question, press, lambda said: said.press("my.say"), what="report", about=words)

    await _until_done(send)


async def _answer_question(phone: Phone, question: Effect, choice: str) -> Effect:
    press = f"cs.o:{_report_token(question)}:{choice}"
    return await _until_done(lambda: phone.taps(question, press, _beyond(question)))


def _report_token(said: Effect) -> int | None:
    press = said.press("cs.o")
    return int(press.split(":")[1]) if press else None


def _beyond(question: Effect, choice: str = "") -> Fulfils:
    def is_beyond(said: Effect) -> bool:
        token, before = _report_token(said), _report_token(question)
        if token is None or before is None:
            return False
        return any(press.endswith(f":{choice}") for press in said.presses) if choice else token > before

    return is_beyond


async def _until_done(act: Callable[[], Awaitable[Effect | None]]) -> Effect:
    """Whoever was asked to do it again does it again."""
    while (done := await act()) is None:
        continue
    return done


async def worker_lives(phone: Phone) -> None:
    """Takes what waits and answers it."""
    seen: set[str] = set()
    while not phone.storm.over:
        door = phone.storm.witness.door(phone.chat.id, "cs.take", seen)
        if door is None:
            await asyncio.sleep(phone.chance.uniform(0.1, 0.5))
            continue
        case = door[1].split(":")[1]
        taken = await phone.taps(*door, _is_told)
        if taken is not None:
            seen.add(door[1])
            try:
                await sort_case(phone, case)
                await answer_case(phone, case)
            except _ShutOutError:  # a quarter of an hour is longer than what is left of the storm
                phone.storm.shut_out.append(phone.person.id)
                return


def _is_told(said: Effect) -> bool:
    """A message that may be the answer to her: that a case waits is said to her by itself."""
    return said.method in SENDS and said.press("cs.take") is None


async def sort_case(phone: Phone, case: str) -> None:
    """If it is hers and not sorted yet: of some kind, and as urgent as it was."""
    door = await _soon(phone, f"cs.kind:{case}")
    if door is None:
        return
    asked = await _as_staff(phone, lambda right: phone.taps(*door, right), lambda said: said.press("cs.risk"))
    press = str(asked.press("cs.risk"))
    await _as_staff(phone, lambda right: phone.taps(asked, press, right), lambda said: said.press("cs.say"))


async def answer_case(phone: Phone, case: str) -> None:
    """If it is hers."""
    door = await _soon(phone, f"cs.say:{case}")
    if door is None:
        return
    asked = await _as_staff(phone, lambda right: phone.taps(*door, right), lambda said: said.press("cs.no"))
    token = int(str(asked.press("cs.no")).split(":")[1])

    def previews(said: Effect) -> bool:
        press = said.press("cs.send")
        return press is not None and int(press.split(":")[1]) > token

    shown = await _as_staff(phone, lambda right: phone.asks(f"Sizə inanırıq @{case}@", right), previews)
    send = str(shown.press("cs.send"))

    def answers(said: Effect) -> bool:
        return _is_told(said) or said.message_id == shown.message_id

    await _as_staff(phone, lambda right: phone.taps(shown, send, right, what="answer", about=case), answers)


async def _as_staff(phone: Phone, act: Callable[[Fulfils], Awaitable[Effect | None]], fulfils: Fulfils) -> Effect:
    """Where the keypad comes instead, her PIN goes first, and what she asked for goes on by itself. It comes as a new
    message: an edit is of one that was used up, sent once more after a kill."""

    def is_keypad(said: Effect) -> bool:
        return said.method in SENDS and said.press("pin") is not None

    done = await _until_done(lambda: act(lambda said: fulfils(said) or is_keypad(said)))
    return await _prove(phone, done, fulfils)


class _ShutOutError(Exception):
    """Five wrong tries."""


async def _prove(phone: Phone, asked: Effect, fulfils: Fulfils) -> Effect:
    """Digits that a kill doubled or swallowed make a wrong PIN: she enters it again, as long as she may."""
    while (press := asked.press("pin")) is not None:
        token, keypad = press.split(":")[1], asked

        def ends(said: Effect) -> bool:
            over = any(words in said.text for words in ("not your PIN", "keys no longer work", _TOO_MANY))
            return bool(fulfils(said) and not said.press("pin")) or over

        for key in PIN:
            await _until_done(partial(phone.taps, keypad, f"pin:{token}:{key}"))
        asked = await _until_done(partial(phone.taps, keypad, f"pin:{token}:ok", ends))
        phone.entered.add(token)
        if _TOO_MANY in asked.text:
            raise _ShutOutError
    return asked


async def _soon(phone: Phone, route: str) -> tuple[Effect, str] | None:
    """The content follows the word that the case is hers; another's stays away."""
    await phone.nonsense()  # what is answered after it was said after it
    keypad = phone.door("pin")
    if keypad and keypad[1].split(":")[1] not in phone.entered:  # else it is used up, and gone in a moment
        await _prove(phone, keypad[0], lambda said: said.method in SENDS | EDITS)  # what it kept goes on by itself
        await phone.nonsense()
    return phone.door(route)
