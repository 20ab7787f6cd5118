"""The story of a school, told through the sandbox by people who tap and type, in whatever language they are shown.

Nothing here knows whether the bot lives: it may be killed and started again between any two moments.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.demo.acting import Actor
from sandbox import Chat, Message, Sandbox

# The Tuesday before the night (25 October 2026) in which Kyiv's clocks go back.
BEGIN = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
FAMILIES = 30
IN_CHALLENGE = 25
CONFIRMING = 12
_PATIENCE = 90.0  # seconds for one answer: the bot may be killed and started a few times meanwhile, on a busy machine


@dataclass(eq=False)
class Tale:
    """The cast and what they have made so far; `play` tells the whole story."""

    sandbox: Sandbox
    owner_code: str
    supervisor_code: str
    cast: dict[str, Actor] = field(default_factory=dict)
    parents: list[Actor] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # what people wrote: names, titles, texts
    ids: dict[str, int] = field(default_factory=dict)
    group: Chat | None = None
    answered: int = 0  # the token of the report's question that was answered last

    async def play(self, between: Callable[[str], Awaitable[None]] | None = None) -> None:
        """The chapters in their order; `between` is told of each once it is over."""
        for chapter in (
            self.make_school,
            self.staff_hotline,
            self.join,
            self.bind_group,
            self.announce,
            self.meet,
            self.ask,
            self.challenge,
            self.report,
        ):
            await chapter()
            if between is not None:
                await between(chapter.__name__)

    # --- who there is -------------------------------------------------------------------------------------------------

    def person(self, name: str, language: str) -> Actor:
        actor = Actor(self.sandbox, self.sandbox.add_person(name, language_code=language), _PATIENCE)
        self.cast[name] = actor
        self.words.append(name)
        return actor

    def said(self, words: str) -> str:
        """Somebody's own words: they may stand in a chat outside every sentence of ours."""
        self.words.append(words)
        return words

    # --- a school is made ---------------------------------------------------------------------------------------------

    async def make_school(self) -> None:
        """The owner comes with the code of `birge init` and makes everything below the network."""
        owner = self.person("Kamran", "az")
        owner.starts(self.owner_code)
        await owner.answers(self.said("Kamran Əliyev"))
        owner.says("/community")
        root = int((await owner.finds("c.add"))[0])
        district = await self.add(owner, root, "district", "Nəsimi rayonu")
        school = await self.add(owner, district, "school", "Məktəb 12")
        other = await self.add(owner, district, "school", "Məktəb 7")
        region = await self.add(owner, root, "region", "Донеччина", "ua")
        self.ids = {
            "root": root,
            "school": school,
            "class": await self.add(owner, school, "class", "5A"),
            "other_class": await self.add(owner, other, "class", "7C"),
            "hub": await self.add(owner, region, "hub", "Дружківський хаб"),
        }

    async def add(self, owner: Actor, over: int, kind: str, name: str, *more: str) -> int:
        """A community below another; returns its number, which the buttons after it carry."""
        if over != self.ids.get("root", over) or self.is_listed(owner, f"c:{over}"):
            await owner.presses(f"c:{over}")
        await owner.presses(f"c.add:{over}")
        for choice in (kind, *more):
            await owner.chooses(choice)
        await owner.answers(self.said(name))
        return int((await owner.finds("i"))[0])

    def is_listed(self, actor: Actor, data: str) -> bool:
        return any(button.data == data for message in actor.chat.visible for button in message.buttons)

    # --- people join --------------------------------------------------------------------------------------------------

    async def join(self) -> None:
        """The head of class comes by an invitation of her own; thirty parents and three pupils by the class's code."""
        owner = self.cast["Kamran"]
        head = self.person("Sevinc", "az")
        await self.bring(owner, self.ids["class"], head, "Sevinc Həsənova", office="head_of_class")
        code = await self.code_of(head, self.ids["class"])
        names = [f"{name} {number}" for number, name in enumerate(_FIRST_NAMES * 5)][:FAMILIES]
        self.parents = [self.person(name, _LANGUAGES[number % 5]) for number, name in enumerate(names)]
        pupils = [self.person(name, "az") for name in ("Aysel", "Murad", "Nigar")]
        newcomers = [*((parent, "parent") for parent in self.parents), *((pupil, "pupil") for pupil in pupils)]
        await asyncio.gather(*(self.ask_to_join(actor, code, role) for actor, role in newcomers))
        await self.accept(head, len(newcomers))
        await asyncio.gather(*(actor.finds(f"c:{self.ids['class']}") for actor, _ in newcomers))
        await self.bring_outsider()

    async def accept(self, head: Actor, count: int) -> None:
        """So many newcomers, each once: a kill may have left two cards of one."""
        done: set[str] = set()
        while len(done) < count:
            data = await head.hears(partial(self.unanswered, head, done))
            await head.presses(data)
            done.add(data)

    def unanswered(self, head: Actor, done: set[str]) -> str | None:
        """What accepts a newcomer who was not accepted yet."""
        wishes = (button.data or "" for message in head.chat.visible for button in message.buttons)
        return next((data for data in wishes if data.startswith("join.yes:") and data not in done), None)

    async def bring_outsider(self) -> None:
        """A parent of another school: she must see nothing of this one."""
        owner, outsider = self.cast["Kamran"], self.person("Kənan", "az")
        await owner.presses(f"i:{self.ids['other_class']}", again=True)
        await self.ask_to_join(outsider, await owner.copied(), "parent")
        await owner.presses("join.yes")
        await outsider.finds(f"c:{self.ids['other_class']}")

    async def bring(self, by: Actor, community: int, actor: Actor, name: str, office: str) -> None:
        """Somebody joins by an invitation to an office, and is accepted."""
        await by.presses(f"i:{community}", again=True)
        await by.copied()
        await by.presses(f"i.new:{community}")
        await by.chooses(office)
        await by.chooses("7")
        await by.chooses("1")
        code = await by.copied()
        actor.starts(code)
        await actor.answers(self.said(name))
        await by.presses("join.yes")
        await actor.finds(f"c:{community}")

    async def code_of(self, by: Actor, community: int) -> str:
        by.says("/invite")
        return await by.copied()

    async def ask_to_join(self, actor: Actor, code: str, role: str) -> None:
        actor.starts(code)
        await actor.chooses(role)
        await actor.answers(self.said(f"{actor.person.name} Məmmədov"))

    # --- a group ------------------------------------------------------------------------------------------------------

    async def bind_group(self) -> None:
        """The head of class adds the bot to the parents' group and says whose it is."""
        head = self.cast["Sevinc"]
        self.group = self.sandbox.add_group(
            self.said("5A valideynlər"), creator=head.person, members=[one.person for one in self.parents[:10]]
        )
        self.sandbox.adds_bot(head.person, self.group)
        payload = await head.hears(self.bind_link)
        head.starts(payload)
        await head.presses("bind")
        await head.hears(lambda: self.group and not self.links(self.group))

    def bind_link(self) -> str | None:
        return next(iter(self.links(self.group)), None) if self.group else None

    def links(self, chat: Chat) -> list[str]:
        urls = [button.url for message in chat.visible for button in message.buttons if button.url]
        return [url.partition("start=")[2] for url in urls]

    # --- what everybody must know -------------------------------------------------------------------------------------

    async def announce(self) -> None:
        """One announcement reaches thirty parents and the group; twelve confirm, one of them in the group."""
        head = self.cast["Sevinc"]
        head.says(f"/announce {self.said('Sabah dərslər saat 9-da başlayır 🌞')}")
        await head.chooses("done")
        await asyncio.gather(*(parent.finds("a.ok") for parent in self.parents))
        await asyncio.gather(*(parent.presses("a.ok") for parent in self.parents[1:CONFIRMING]))
        await self.parents[0].presses("a.ok", self.group)

    # --- meetings -----------------------------------------------------------------------------------------------------

    async def meet(self) -> None:
        """Five meetings, called in words in five languages; answered, moved, and reminded at the right wall time."""
        await self.bring_coordinators()
        first = await self.call("Sevinc", "24 oktyabr 18:00", "Birinci birgə görüş")
        soon = {
            "Әлия": ("ертең 18:00", "Бірінші жиналыс"),
            "Мария": ("в пятницу в 18:30", "Первая встреча"),
            "Emily": ("tomorrow at 19:00", "First meeting"),
        }
        for caller, (when, title) in soon.items():
            await self.call(caller, when, title, "school")
        across = await self.call("Оксана", "у неділю о 12:00", "Перша зустріч")
        await self.answer(first)
        await self.move(first, "25 oktyabr 19:00")
        await self.invited(soon, [title for _, title in soon.values()])
        await self.remind(first, across)

    async def bring_coordinators(self) -> None:
        owner = self.cast["Kamran"]
        for name, language, place in (
            ("Әлия", "kk", "school"),
            ("Мария", "ru", "school"),
            ("Emily", "en", "school"),
            ("Оксана", "uk", "hub"),
        ):
            actor = self.person(name, language)
            await self.bring(owner, self.ids[place], actor, f"{name} К.", office="coordinator")
        guest = self.person("Тарас", "uk")
        code = await self.code_of(self.cast["Оксана"], self.ids["hub"])
        await self.ask_to_join(guest, code, "teacher")
        await self.cast["Оксана"].presses("join.yes")
        await guest.finds(f"c:{self.ids['hub']}")

    async def call(self, name: str, when: str, title: str, place: str | None = None) -> int:
        """A meeting in one line; returns its number."""
        actor = self.cast[name]
        command = f"/meeting {when} {self.said(title)}"
        await actor.orders(command, self.ids[place]) if place else actor.says(command)
        await actor.chooses("done")
        return int((await actor.finds("mt.move"))[0])

    async def answer(self, meeting: int) -> None:
        answers = [("yes", self.parents[:8]), ("no", self.parents[8:11]), ("maybe", self.parents[11:13])]
        await asyncio.gather(
            *(parent.presses(f"mt.rsvp:{meeting}:{said}") for said, those in answers for parent in those)
        )

    async def move(self, meeting: int, to: str) -> None:
        head = self.cast["Sevinc"]
        await head.presses(f"mt.move:{meeting}")
        await head.answers(to)
        await head.chooses("done")
        # Who declined need not hear of it.
        await asyncio.gather(*(parent.hears(partial(self.heard, parent, "19:00")) for parent in self.parents[:8]))

    async def invited(self, callers: Iterable[str], titles: Iterable[str]) -> None:
        """Everybody at the school has these cards: what is still to be sent when a meeting has begun is dropped."""
        names = ["Sevinc", "Aysel", "Murad", "Nigar", *callers]
        readers = [*self.parents, *(self.cast[name] for name in names)]
        await asyncio.gather(*(one.hears(partial(self.heard, one, title)) for one in readers for title in titles))

    def heard(self, actor: Actor, words: str, since: datetime | None = None) -> list[Message]:
        """What the bot said to her that holds these words, after a moment."""
        return [
            message
            for message in actor.chat.visible
            if message.from_bot and words in message.text and (since is None or message.date >= since)
        ]

    async def remind(self, in_baku: int, in_kyiv: int) -> None:
        """Each a day before, at the same wall time; in Kyiv the clocks go back in the night between."""
        teacher, parent = self.cast["Тарас"], self.parents[0]
        await self.reminded(teacher, "12:00", datetime(2026, 10, 24, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv")))
        await self.reminded(parent, "19:00", datetime(2026, 10, 24, 19, 0, tzinfo=ZoneInfo("Asia/Baku")))

    async def reminded(self, actor: Actor, wall_time: str, due: datetime) -> None:
        """She hears of it when it is due, and not before."""
        before = due - timedelta(seconds=30)
        await self.at(before)
        await self.at(due)
        said = await actor.hears(partial(self.heard, actor, wall_time, since=before))
        assert [message for message in said if message.date < due.replace(microsecond=0)] == []

    # --- a poll -------------------------------------------------------------------------------------------------------

    async def ask(self) -> None:
        """A poll in the group, answered by ten and closed by hand."""
        head, group = self.cast["Sevinc"], self.group
        assert group is not None
        question, yes, no = (self.said(words) for words in ("Muzeyə gedək?", "Bəli", "Xeyr"))
        head.says(f"/poll {question} | {yes} | {no}")
        await head.chooses("done")
        poll = await head.hears(lambda: next((one for one in group.visible if one.poll), None))
        for number, parent in enumerate(self.parents[:10]):
            self.sandbox.votes(parent.person, poll, [number % 3 == 0])
        await head.hears(lambda: self.sandbox.pending_updates == 0)
        await head.presses("poll.close")
        # A crash may have left a copy that nobody can close; the one we know of is.
        await head.hears(lambda: [one for one in group.visible if one.poll and one.poll.closed])

    # --- a challenge --------------------------------------------------------------------------------------------------

    async def challenge(self) -> None:
        """Twenty-five join, and check in on two days."""
        head = self.cast["Sevinc"]
        head.says(f"/challenge {self.said('Oxu marafonu')} | {self.said('Hər gün 20 dəqiqə oxuyuruq')}")
        for choice in ("*", "14", "all", "done"):  # the first day offered is today
            await head.chooses(choice)
        joining = [*self.parents, self.cast["Aysel"], self.cast["Murad"]][-IN_CHALLENGE:]
        await asyncio.gather(*(self.join_and_check_in(actor) for actor in joining))
        await self.quiet()
        await self.at(self.sandbox.clock.now() + timedelta(days=1))
        await asyncio.gather(*(actor.presses("ch.did", again=True) for actor in joining))
        await self.quiet()

    async def join_and_check_in(self, actor: Actor) -> None:
        await actor.presses("ch.join")
        await actor.presses("ch.did")

    async def at(self, moment: datetime) -> None:
        """It is that time, and the bot knows it."""
        self.sandbox.clock.set(moment)
        await self.sandbox.until(lambda: self.sandbox.clock.followed, timeout=_PATIENCE)

    async def quiet(self) -> None:
        """Everything that people did is confirmed."""
        await self.sandbox.until(lambda: self.sandbox.pending_updates == 0, timeout=_PATIENCE)

    # --- the hotline --------------------------------------------------------------------------------------------------

    async def staff_hotline(self) -> None:
        """The supervisor comes with the code of `birge init`; the owner proposes two workers; she confirms, and plans
        who is on duty."""
        owner = self.cast["Kamran"]
        supervisor = self.person("Rəna", "az")
        supervisor.starts(self.supervisor_code)
        await supervisor.answers(self.said("Rəna Quliyeva"))
        await supervisor.presses("conduct.own")
        for first, whole in (("Lalə", "Lalə Rzayeva"), ("Tural", "Tural Rzayev")):
            worker = self.person(first, "az")
            await self.bring(owner, self.ids["root"], worker, whole, office="psychologist")
            await owner.orders("/members", self.ids["root"])
            await owner.presses("m.one", about=first)
            await owner.presses(await owner.hears(lambda: self.shows(owner, "m.hotline:", ":worker")))
            await supervisor.presses("hotline.yes", about=first)
            await worker.presses("conduct.yes")
        await supervisor.hears(lambda: self.sandbox.pending_updates == 0)
        supervisor.says("/duty")
        for tap in ("du.plan", "du.fill:turns", "du.publish"):
            await supervisor.presses(tap)

    async def report(self) -> None:
        """A pupil writes about the worst day; a worker takes it and answers; the pupil hears it. The worker taps twice
        before she is asked for the PIN that she is to choose."""
        pupil, worker = self.cast["Nigar"], self.cast["Lalə"]
        pupil.says("/hotline")
        await pupil.presses("hl.go:me")
        await pupil.hears(lambda: self.asks(pupil, "skip"))
        pupil.says(SECRET)
        await self.tap_report(pupil, "next")
        for _ in range(3):
            await self.tap_report(pupil, "skip")
        await self.tap_report(pupil, "send")
        await worker.finds("cs.take")
        worker.says("/queue")
        await worker.presses("cs.take")
        await worker.presses("cs.kind:*:bullying")
        await worker.presses("cs.risk")
        await worker.presses("cs.say")
        await worker.hears(lambda: self.asks_for_words(worker))
        worker.says(ANSWER)
        await worker.presses("cs.send")
        await pupil.hears(partial(self.heard, pupil, ANSWER))

    async def tap_report(self, pupil: Actor, what: str) -> None:
        """A button under the report's next question."""
        data = await pupil.hears(lambda: self.asks(pupil, what))
        await pupil.presses(data)
        self.answered = int(data.split(":")[1])

    def asks(self, actor: Actor, what: str) -> str | None:
        """The data of such a button under the report's newest question."""
        data = self.shows(actor, "cs.o:", f":{what}")
        # Closing a question and asking the next are two messages: between them an older one stands last.
        return data if data and (int(data.split(":")[1]) > self.answered or what == "next") else None

    def shows(self, actor: Actor, route: str, end: str) -> str | None:
        """The data with this end under the newest message of the bot that has buttons of this route."""
        for message in reversed(actor.chat.visible):
            found = [button.data or "" for button in message.buttons if (button.data or "").startswith(route)]
            if message.from_bot and found:
                return next((data for data in found if data.endswith(end)), None)
        return None

    def asks_for_words(self, worker: Actor) -> bool:
        last = worker.chat.last
        return last is not None and last.from_bot and any((one.data or "").startswith("cs.no:") for one in last.buttons)


SECRET = "Mənə evdə pis davranırlar. Мне страшно."
ANSWER = "Sizə inanırıq. Sabah danışaq?"
_FIRST_NAMES = ("Leyla", "Әсел", "Мария", "Оксана", "Emily", "Günel", "Рүстем")
_LANGUAGES = ("az", "kk", "ru", "uk", "en")
