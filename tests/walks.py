"""How somebody comes to a question, as data, and how she answers it: for many walks on a bench of tests.probing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from domain.requests import Conversation, Incoming
from handlers import forms
from tests.probing import Bench, Heard

Answer = str | tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """How somebody comes to a step. An act is a command, "words …", "press DATA", "tap ROUTE" (the newest such
    button she was shown), "as KEY" (from now on somebody else), "after MINUTES", "job NAME", "all" (the open form, to
    its end); {school} is the number of that place, {meetings} the newest in that table. `answers` go before ANSWERS."""

    name: str  # of the form or the step
    who: str
    acts: tuple[str, ...]
    answers: Mapping[str, Answer] = field(default_factory=dict)


# What is answered to a question, by its form and name or by its name alone: "words …", "photo", "is VALUE", "skip".
# Where nothing stands, the first button. Without letters where possible: it reads the same in every language.
ANSWERS: Mapping[str, Answer] = {
    "join.code": "words {code}",
    "content": "words 5 + 7 = 12",
    "announce_fix.content": "words 5 + 7 = 13",
    "decision.day": "words 20.12.2026",
    "task.day": "words 22.12.2026",
    "day": "words 07.12.2026 18:00",
    "title": "words 2026 A",
    "rules": "words 1, 2, 3 A",
    "name": "words 6D",
    "called": "words Aysel",
    "question": "words 5 + 7 = A?",
    "options": ("words 12", "words 13", "next"),
    "opening": "words 2026 A",
    "story": ("words 5 + 7 = A", "photo", "next"),
    "heads": "words 1 2 3 4",
    "line": "words 12 A",
    "minutes": "words 1. 2. 3.",
    "what": "words 12 B",
    "word": "words 12 C",
    "words": "words 12 D?",
    "answer": "words 12 E",
    "sessions": ("words 18:10 Aysel", "next"),
    "in_az": "words Salam",
    "in_kk": "words Salem",
    "in_ru": "words Privet",
    "in_uk": "words Vitayu",
    "in_en": "words Hello",
    "place": "words 12 F",
    "link": "words https://example.org",
    "host": "words 7",
    "speakers": "words Aysel",
    "agenda": "words 12 G",
    "meeting.minutes": "is 15",
    "file": "document",
    "close": "skip",
    "offer.code": "words {other_code}",
    "m.find": "words Head",
    "goals": ("words 12 Q", "next"),
    "parents": "skip",
    "wish": "words 12 R",
    "reason": "words 12 S",
    "cs_direct.what": ("words 12 T", "next"),
    "cs_step.day": "words 20.12.2026",
}


@dataclass
class Walker:
    bench: Bench
    walk: Walk
    who: str
    answers: Mapping[str, Answer]
    opened: set[str] = field(default_factory=set)  # what a review offers besides

    async def begin(self) -> None:
        for act in self.walk.acts:
            await self._act(await self._filled(act))
        self.who = self.walk.who

    async def _act(self, act: str) -> None:
        what, _, rest = act.partition(" ")
        match what:
            case "as":
                self.who = rest
            case "after":
                self.bench.now += timedelta(minutes=int(rest))
            case "job":
                await self.bench.works(rest)
            case "all":
                name, _, answer = rest.partition("=")
                await Walker(self.bench, self.walk, self.who, {**self.answers, name: answer}).finish()
            case "offer":
                while forms.form_of((await self.open_now()).step)[1] != forms.REVIEW:
                    await self.answer()
                await self._taps(f"f:{(await self.open_now()).token}:open:{rest}")
            case "tap":
                shown = reversed(self.bench.presses.get(self.who, []))
                await self._taps(next(one for one in shown if one.partition(":")[0] == rest))
            case _:
                await self.bench.hears(await self.incoming(act))

    async def _taps(self, press: str) -> Heard:
        return await self.bench.hears(self.bench.tap(self.who, press))

    async def _filled(self, words: str) -> str:
        known = self.bench.codes | {key: str(one.id) for key, one in self.bench.places.items()}
        for name in re.findall(r"\{(\w+)\}", words):
            words = words.replace(f"{{{name}}}", known.get(name) or str(await self.bench.newest(name)))
        return words

    async def open_now(self) -> Conversation:
        return await self.bench.conversation(self.who)

    async def offers(self) -> str | None:
        """A button of the review that asks something more, and was not tapped yet."""
        token = (await self.open_now()).token
        shown = [one for one in self.bench.presses.get(self.who, []) if one.startswith(f"f:{token}:open:")]
        return next((one for one in shown if one.split(":")[-1] not in self.opened), None)

    async def go_on(self) -> bool:
        """The next question, by a right answer or by what the review offers; whether one is open."""
        offered = await self.offers()
        if offered is None:
            return await self.answer()
        self.opened.add(offered.split(":")[-1])
        await self._taps(offered)
        return True

    async def given(self) -> Sequence[str]:
        """How the open question is answered rightly; () for a code that nobody here was given."""
        now = await self.open_now()
        form, name = forms.form_of(now.step)
        if name == forms.REVIEW:
            return ("done",)
        keys = (f"{form}.{name}", name, now.step)
        found = next((said[key] for said in (self.answers, ANSWERS) for key in keys if said.get(key)), ())
        return (found,) if isinstance(found, str) else found or await self._first()

    async def _first(self) -> Sequence[str]:
        token = (await self.open_now()).token
        shown = [one for one in self.bench.presses[self.who] if re.match(f"(f:{token}:is|at:{token}):", one)]
        return tuple(f"press {one}" for one in shown[:1])

    async def answer(self) -> bool:
        """Answers the open question; whether another one of a form is open."""
        before, given, heard = await self.open_now(), await self.given(), None
        for one in given:
            heard = await self.bench.hears(await self.incoming(one))
            assert heard.shown, f"silence after {one}"
        after = await self.open_now()
        if forms.form_of(before.step)[0]:
            assert (after.step, after.token) != (before.step, before.token), f"{before.step}: {heard}"
        return bool(forms.form_of(after.step)[0])

    async def incoming(self, given: str) -> Incoming:
        what, _, rest = (await self._filled(given)).partition(" ")
        token = (await self.open_now()).token
        match what:
            case "words":
                return self.bench.words(self.who, rest)
            case "photo" | "document":
                return self.bench.words(self.who, "5 A", what)
            case "press":
                return self.bench.tap(self.who, rest)
            case "at" | "cs.o":
                return self.bench.tap(self.who, f"{what}:{token}:{rest}")
            case _ if given.startswith("/"):
                return self.bench.command(self.who, " ".join([what, rest]))
            case _:
                return self.bench.tap(self.who, ":".join(["f", str(token), what, *([rest] if rest else [])]))

    async def finish(self) -> None:
        for _ in range(40):
            if not await self.answer():
                return
        raise AssertionError("this form has no end")
