"""The story of a school, told through the sandbox by people who tap and type, in whatever language they are shown.

Nothing here knows whether the bot lives: it may be killed and started again between any two moments.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.demo.acting import Actor
from sandbox import Chat, Sandbox

# The Tuesday before the night (25 October 2026) in which Kyiv's clocks go back.
BEGIN = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
FAMILIES = 30
IN_CHALLENGE = 25
CONFIRMING = 12


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

    async def play(self) -> None:
        await self.make_school()
        await self.join()
        await self.bind_group()

    # --- who there is -------------------------------------------------------------------------------------------------

    def person(self, name: str, language: str) -> Actor:
        actor = Actor(self.sandbox, self.sandbox.add_person(name, language_code=language))
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
        for _ in newcomers:
            await head.presses("join.yes")
        await asyncio.gather(*(actor.finds(f"c:{self.ids['class']}") for actor, _ in newcomers))

    async def bring(self, by: Actor, community: int, actor: Actor, name: str, office: str) -> None:
        """Somebody joins by an invitation to an office, and is accepted."""
        await by.presses(f"i:{community}")
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


_FIRST_NAMES = ("Leyla", "Әсел", "Мария", "Оксана", "Emily", "Günel", "Рүстем")
_LANGUAGES = ("az", "kk", "ru", "uk", "en")
