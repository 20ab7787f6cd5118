"""A few days of life in three communities, really lived: every word goes through the bot."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta

from babel.dates import format_date

from bot.demo.acting import Actor
from bot.demo.cast import Cast, Facts, Joining, Place
from bot.demo.passing import Passing
from bot.setup import Codes
from sandbox import Chat, Sandbox

Tell = Callable[[str], None]
Scene = Callable[[Place], Awaitable[None]]


class Life:
    """The cast and what they have made so far. `rested` returns when the bot has said everything it had to say."""

    def __init__(
        self, sandbox: Sandbox, cast: Cast, passing: Passing, rested: Callable[[], Awaitable[None]], tell: Tell
    ) -> None:
        self._sandbox = sandbox
        self._cast = cast
        self._rested = rested
        self._tell = tell
        self._time = passing
        self._actors = {str(one["name"]): self._actor(one) for one in cast.people()}
        self._ids: dict[tuple[str, str], int] = {}  # of communities, by place and key
        self._groups: dict[str, Chat] = {}
        self._members: dict[tuple[str, str], list[Actor]] = {}  # teachers and families, by place and key

    def _actor(self, facts: Facts) -> Actor:
        handle = facts.get("handle")
        return Actor(
            self._sandbox, self._sandbox.add_person(facts["name"], language_code=facts["language"], username=handle)
        )

    def actor(self, facts: Facts | str) -> Actor:
        return self._actors[facts if isinstance(facts, str) else facts["name"]]

    def by_handle(self, handle: str) -> Actor:
        return next(actor for actor in self._actors.values() if actor.person.username == handle)

    async def play(self, codes: Codes) -> None:
        """Returns when the communities are as somebody who opens the page should find them. What goes wrong is told,
        and the rest goes on as far as it can."""
        try:
            async with self._time.quickly():
                await self._try("the beginning", self._begin(codes))
                await self._in_all_places("the communities", self._make_communities, (-4, 10))
                await self._in_all_places("joining", self._join, (-4, 18))
                await self._in_all_places("the groups", self._bind_group, (-3, 9))
                for day in (-3, -2, -1):
                    await self._in_all_places("announcements", self._on(day, "announcements", self._announce), (day, 12))
                    await self._in_all_places("meetings", self._on(day, "meetings", self._meet), (day, 14))
                    await self._in_all_places("polls", self._on(day, "polls", self._poll), (day, 16))
                self._time.come_before_now(5)
                await self._in_all_places("newcomers", self._wait_at_the_door, None)
                await self._rested()
        finally:
            self._time.end()

    async def _try(self, what: str, scene: Awaitable[None]) -> None:
        try:
            await scene
        except Exception as error:  # noqa: BLE001 - the page stays and shows how far they came
            first = str(error).partition("\n")[0]
            self._tell(f"The demo's story went wrong at {what}: {type(error).__name__}: {first}")

    async def _in_all_places(self, what: str, scene: Scene, at: tuple[int, int] | None) -> None:
        """A scene in the three places side by side, when everything before it has been said."""
        await self._rested()
        if at is not None:
            self._time.come(*at)
        await asyncio.gather(*(self._try(f"{what} in {place['region']}", scene(place)) for place in self._cast.places))

    def _on(self, day: int, what: str, act: Callable[[Place, Facts], Awaitable[None]]) -> Scene:
        """Everything of one kind that happens on a day in a place."""

        async def scene(place: Place) -> None:
            await asyncio.gather(*(act(place, facts) for facts in place.get(what) if facts["day"] == day))

        return scene

    # --- the network and its hotline ----------------------------------------------------------------------------------

    async def _begin(self, codes: Codes) -> None:
        """The owner and the supervisor come with the codes of `birge init`, and give two people the hotline's roles."""
        owner, supervisor = self.actor(self._cast["owner"]), self.actor(self._cast["supervisor"])
        await asyncio.gather(self._take_office(owner, codes.owner), self._take_office(supervisor, codes.supervisor))
        await supervisor.presses("conduct.own")
        self.actor(self._cast["outsider"]).starts()
        owner.says("/invite")
        code = await owner.copied()
        for facts in self._cast["workers"]:
            await self._make_worker(owner, supervisor, self.actor(facts), code)
        owner.says("/community")
        root = int((await owner.finds("c.add"))[0])
        for place in self._cast.places:
            region = await self._add(owner, root, "region", place["region"], place["country"])
            self._ids[place["key"], "region"] = region
            await self._invite(owner, region, "coordinator", self.actor(place["lead"]), first=True)

    async def _take_office(self, actor: Actor, code: str) -> None:
        actor.starts(code)
        await actor.answers(actor.name)
        await actor.presses("home")

    async def _make_worker(self, owner: Actor, supervisor: Actor, worker: Actor, code: str) -> None:
        """It takes two people and the code of conduct."""
        worker.starts(code)
        await worker.chooses("teacher")
        await worker.answers(worker.name)
        await owner.presses("join.yes", about=worker.name)
        await worker.finds("c")
        owner.says("/members")
        tapped = await owner.presses("m.one", about=worker.name)
        membership = tapped.data.split(":")[1]
        await owner.presses(f"m.hotline:{membership}:worker")
        await supervisor.presses("hotline.yes", about=worker.name)
        await worker.presses("conduct.yes")

    # --- the tree -----------------------------------------------------------------------------------------------------

    async def _make_communities(self, place: Place) -> None:
        lead, key = self.actor(place["lead"]), place["key"]
        region = self._ids[key, "region"]
        lead.says("/community")
        await lead.finds("c.add")
        opened = {region}
        for community in place.communities:
            over = self._ids[key, community["under"]]
            if over not in opened:
                await lead.presses(f"c:{over}")
                opened.add(over)
            self._ids[key, community["key"]] = await self._add(lead, over, community["kind"], community["name"])
        seen: set[int] = set()
        for member in place["staff"]:
            for one in member["in"]:
                community_id = self._ids[key, one]
                first = community_id not in seen
                await self._invite(lead, community_id, member["office"], self.actor(member), first=first)
                seen.add(community_id)

    async def _add(self, by: Actor, over: int, kind: str, name: str, *more: str) -> int:
        """A community below another; returns its number, which the buttons after it carry."""
        await by.presses(f"c.add:{over}")
        for choice in (kind, *more):
            await by.chooses(choice)
        await by.answers(name)
        return int((await by.finds("i"))[0])

    async def _invite(self, by: Actor, community: int, office: str, actor: Actor, *, first: bool) -> None:
        """Somebody comes to an office by an invitation of her own, and is accepted."""
        if first:
            await by.presses(f"i:{community}")
            await by.copied()
        await by.presses(f"i.new:{community}")
        for choice in (office, "7", "1"):
            await by.chooses(choice)
        actor.starts(await by.copied())
        await actor.answers(actor.name)
        await by.presses("join.yes", about=actor.name)
        await actor.finds(f"c:{community}")

    # --- people join --------------------------------------------------------------------------------------------------

    async def _join(self, place: Place) -> None:
        """Everybody at once, each with the code of the class; who leads it accepts them."""
        joining = place.joining()
        led = Counter(one.community for one in joining)
        codes = {key: await self._code_of(place, key) for key in led}
        coming: dict[str, list[Joining]] = {}
        for one in joining:
            coming.setdefault(one.person["name"], []).append(one)
        accepting: Counter[str] = Counter()
        for key, count in led.items():
            accepting[place.leader_of(key)] += count
        await asyncio.gather(
            *(self._come(place, codes, ones) for ones in coming.values()),
            *(self._accept(self.actor(name), count) for name, count in accepting.items()),
        )
        await self._turn_away(place, codes)

    async def _code_of(self, place: Place, key: str) -> str:
        leader = self.actor(place.leader_of(key))
        await leader.orders("/invite", self._ids[place["key"], key])
        return await leader.copied()

    async def _come(self, place: Place, codes: dict[str, str], ones: Iterable[Joining]) -> None:
        for one in ones:
            actor = self.actor(one.person)
            await self._ask_in(actor, codes[one.community], one.role)
            await actor.finds(f"c:{self._ids[place['key'], one.community]}")
            self._members.setdefault((place["key"], one.community), []).append(actor)

    async def _ask_in(self, actor: Actor, code: str, role: str) -> None:
        actor.starts(code)
        await actor.chooses(role)
        await actor.answers(actor.name)

    async def _accept(self, leader: Actor, count: int) -> None:
        for _ in range(count):
            await leader.presses("join.yes")

    async def _turn_away(self, place: Place, codes: dict[str, str]) -> None:
        """A man nobody knows is declined; a father blocks the bot."""
        if stranger := place.get("declined"):
            await self._ask_in(self.actor(stranger), codes[stranger["in"]], stranger["role"])
            await self.actor(place.leader_of(stranger["in"])).presses("join.no", about=stranger["name"])
        if place.get("blocks"):
            self._sandbox.blocks(self.actor(place["blocks"]).person)

    async def _wait_at_the_door(self, place: Place) -> None:
        """Somebody asks to join and is not answered yet."""
        if newcomer := place.get("waiting"):
            code = await self._code_of(place, newcomer["in"])
            await self._ask_in(self.actor(newcomer), code, newcomer["role"])

    # --- a group chat -------------------------------------------------------------------------------------------------

    async def _bind_group(self, place: Place) -> None:
        facts = place["group"]
        head, community = self.actor(facts["by"]), self._ids[place["key"], facts["in"]]
        people = [one.person for one in self._audience(place, facts["in"])]
        group = self._sandbox.add_group(facts["title"], creator=head.person, members=people)
        self._groups[place["key"]] = group
        self._sandbox.adds_bot(head.person, group)
        head.starts(await head.hears(lambda: _start_of(group)))
        if len(place.below(facts["in"])) > 1:
            await head.presses(f"bind.in:{community}")
        await head.presses(f"bind:{community}")
        await head.hears(lambda: not _start_of(group))

    def _audience(self, place: Place, key: str) -> list[Actor]:
        """Families and teachers of a community and of those below it, each once; never whoever blocked the bot."""
        found = [one for at in sorted(place.below(key)) for one in self._members.get((place["key"], at), ())]
        return [one for one in dict.fromkeys(found) if one.name != place.get("blocks")]

    # --- what they do together ----------------------------------------------------------------------------------------

    async def _announce(self, place: Place, facts: Facts) -> None:
        author = self.actor(facts["by"])
        await author.orders(f"/announce {facts['text']}", self._ids[place["key"], facts["in"]])
        await author.chooses("done")
        readers = self._audience(place, facts["in"])
        reading = readers[: round(len(readers) * facts["confirmed"])]
        await asyncio.gather(*(reader.presses("a.ok") for reader in reading))

    async def _meet(self, place: Place, facts: Facts) -> None:
        """A meeting some days from today, called as it is said there."""
        author = self.actor(facts["by"])
        on = self._time.today().date() + timedelta(days=facts["ahead"])
        words = facts["words"].format(date=format_date(on, "d MMMM", locale=author.language))
        await author.orders(f"/meeting {words}", self._ids[place["key"], facts["in"]])
        await author.chooses("done")
        meeting = (await author.finds("mt.who"))[0]
        answers = zip(self._audience(place, facts["in"]), facts["answers"].split(), strict=False)
        await asyncio.gather(*(one.presses(f"mt.rsvp:{meeting}:{answer}") for one, answer in answers))
        if family := facts.get("guests"):
            await self.actor(family).presses(f"mt.guests:{meeting}:1")

    async def _poll(self, place: Place, facts: Facts) -> None:
        author, group = self.actor(facts["by"]), self._groups[place["key"]]
        await author.orders(f"/poll {facts['words']}", self._ids[place["key"], facts["in"]])
        await author.chooses("done")
        voters: Sequence[Actor] = self._audience(place, facts["in"])
        votes = zip(voters, facts["votes"], strict=False)
        await asyncio.gather(*(voter.votes(option, group) for voter, option in votes))


def _start_of(chat: Chat) -> str | None:
    """The code of a link to the bot under a message in a group."""
    urls = (button.url for message in chat.visible for button in message.buttons if button.url)
    return next((url.partition("start=")[2] for url in urls), None)
