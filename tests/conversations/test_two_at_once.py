"""Two persons, or a person and a job, at the same moment on the same thing: one of the two happened, and both are told.

On PostgreSQL both transactions have begun, and see the same rows, before either changes them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import pytest

from bot import outgoing
from bot.pipeline import Defaults, Pipeline
from bot.render import Renderer
from domain.requests import Incoming, Kind
from domain.roles import Role
from jobs.schedule import TICKS
from storage.database import Connection, Database, is_postgres
from storage.vault import Vault
from tests.cast import Talker, World
from tests.conversations.communities.codes import states
from tests.conversations.communities.test_join import ask_in
from tests.conversations.communities.test_school_year import rows_of
from tests.conversations.test_consultations import consultation
from tests.conversations.test_meetings import called, steps
from tests.scenes import add_member, school

T = TypeVar("T")


@dataclass(eq=False)
class _Together:
    """The bot's database for one who goes on only when all others have begun, too."""

    database: Database
    all_began: asyncio.Barrier | None
    began: bool = False

    @property
    def vault(self) -> Vault:
        return self.database.vault

    async def transact(
        self, work: Callable[[Connection], Awaitable[T]], *, first: bool = False, long: bool = False
    ) -> T:
        async def met(db: Connection) -> T:
            await db.value("SELECT COUNT(*) FROM memberships")  # from here on it sees what was there now
            if self.all_began is not None and not self.began:
                self.began = True
                await self.all_began.wait()
            return await work(db)

        return await self.database.transact(met, first=first, long=long)


@dataclass
class Race:
    world: World
    acts: list[Callable[[_Together], Awaitable[None]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(10_000_000))

    def taps(self, who: Talker, press: str) -> None:
        """By an update of a batch of its own."""
        self.acts.append(lambda database: self._take(database, who, press))

    def works(self, job: str) -> None:
        """A job, by its name in jobs.schedule."""
        self.acts.append(lambda database: self._work(database, job))

    async def runs(self) -> None:
        birge = self.world.birge
        barrier = asyncio.Barrier(len(self.acts)) if is_postgres(self.world.url) else None
        async with asyncio.timeout(20):
            await asyncio.gather(*(act(_Together(birge.database, barrier)) for act in self.acts))
        await self.world.settle()
        await self.world.tick()

    async def _take(self, together: Any, who: Talker, press: str) -> None:
        address, number = str(who.person.id), next(self.numbers)
        tap = Incoming(
            "telegram", str(number), Kind.BUTTON, chat=address, sender=address, press=press, message_id=who.last.id
        )
        birge = self.world.birge
        defaults = Defaults("en", "Asia/Baku")
        pipeline = Pipeline(
            together, _RENDERER, lambda: self.world.now, birge.sender.hand_over, lambda _: None, defaults
        )
        await pipeline.take([tap])

    async def _work(self, together: Any, name: str) -> None:
        job = next(tick.job for tick in TICKS if f"{tick.job.__module__}.{tick.job.__name__}" == f"jobs.{name}")

        async def work(db: Connection) -> None:
            await outgoing.store(db, _RENDERER, await job(db, self.world.now), None, self.world.now)

        await together.transact(work)
        self.world.birge.sender.wake()


_RENDERER = Renderer(lambda link: f"https://t.me/birge_bot?start={link.payload}")


@pytest.fixture
def race(world: World) -> Race:
    return Race(world)


async def newest(world: World, table: str) -> int:
    return int((await world.rows(f"SELECT MAX(id) AS id FROM {table}"))[0]["id"])  # noqa: S608 - a table of ours


async def test_a_newcomer_is_accepted_or_declined_and_hears_it_once(race: Race) -> None:
    scene = await school(race.world)
    chair = await add_member(race.world, scene.class_a, Role.CHAIR, "Chair")
    aysel = await ask_in(scene)
    number, before = await newest(race.world, "memberships"), len(aysel.messages)
    race.taps(scene.head, f"join.yes:{number}")
    race.taps(chair, f"join.no:{number}")
    await race.runs()
    [(_, state)] = await states(race.world, aysel, scene.class_a)
    assert len(aysel.messages) == before + 1
    assert ("was not accepted" in aysel.last.text) == (state == "declined")


async def test_a_time_of_a_consultation_is_one_familys(race: Race) -> None:
    scene = await school(race.world)
    await consultation(scene)
    meeting = await newest(race.world, "meetings")
    slot = (await race.world.rows("SELECT MIN(id) AS id FROM slots"))[0]["id"]
    before = [parent.seen() for parent in scene.parents]
    for parent in scene.parents:
        race.taps(parent, f"mt.slot:{meeting}:{slot}")
    await race.runs()
    taken = await race.world.rows("SELECT person_id FROM slots WHERE person_id IS NOT NULL")
    assert len(taken) == 1
    assert all(parent.seen() != was for parent, was in zip(scene.parents, before, strict=True))


async def test_an_offer_is_accepted_once(race: Race) -> None:
    scene = await school(race.world)
    takers = [await add_member(race.world, scene.other_school, role, role) for role in (Role.COORDINATOR, Role.CHAIR)]
    await called(scene, "2026-12-07 18:00 Robot day")
    await scene.coordinator.forges(f"of.new:{scene.class_a.id}")
    await steps(scene.coordinator, "[Meeting: Robot day]", "[Məktəb 7]", "[Offer it]")
    for taker in takers:
        race.taps(taker, "of.take:1")
    await race.runs()
    assert len(await race.world.rows("SELECT id FROM meetings")) == 2  # the one that was offered, and its copy
    assert sum("Your offer was accepted" in one.text for one in scene.coordinator.messages) == 1
    assert sum("Robot day" in one.text for one in scene.outsider.messages) == 1


async def test_an_offer_is_accepted_or_declined(race: Race) -> None:
    scene = await school(race.world)
    takers = [await add_member(race.world, scene.other_school, role, role) for role in (Role.COORDINATOR, Role.CHAIR)]
    await called(scene, "2026-12-07 18:00 Robot day")
    await scene.coordinator.forges(f"of.new:{scene.class_a.id}")
    await steps(scene.coordinator, "[Meeting: Robot day]", "[Məktəb 7]", "[Offer it]")
    race.taps(takers[0], "of.take:1")
    race.taps(takers[1], "of.no:1")
    await race.runs()
    [row] = await race.world.rows("SELECT state FROM offers")
    copies = len(await race.world.rows("SELECT id FROM meetings")) - 1
    assert (row["state"], copies) in [("accepted", 1), ("declined", 0)]
    told = [one.text for one in scene.coordinator.messages if "Your offer was" in one.text]
    assert len(told) == 1
    assert ("was not accepted" in told[0]) == (row["state"] == "declined")


async def test_a_school_year_is_taken_back_once(race: Race) -> None:
    scene = await school(race.world)
    before = await rows_of(race.world)
    await scene.coordinator.forges(f"yr.go:{scene.school.id}:2")
    assert await rows_of(race.world) != before
    for who in (scene.coordinator, scene.owner):
        race.taps(who, f"yr.undo:{await newest(race.world, 'school_years')}")
    await race.runs()
    assert await rows_of(race.world) == before


async def test_what_is_taken_back_while_it_goes_out_is_left_with_nobody(race: Race) -> None:
    scene = await school(race.world)
    await steps(scene.head, "/announce Tomorrow school begins at 9", "[Send]")
    race.works("announcements.expand_outgoings")
    race.taps(scene.head, "a.back.yes:1")
    await race.runs()
    await race.world.later(minutes=1)  # a second look finds what was on its way
    for reader in (*scene.parents, *scene.pupils):
        assert not any("Tomorrow school" in one.text for one in reader.messages)
    assert await race.world.rows("SELECT id FROM deliveries WHERE state = 'waiting'") == []


async def test_who_is_forgotten_while_the_digest_is_made_gets_none_and_the_others_do(race: Race) -> None:
    scene = await school(race.world)
    gone, other = scene.parents
    for parent in scene.parents:
        await steps(parent, "/settings", "[Announcements]", "[daily, 18:00]")
    await steps(scene.head, "/announce Tomorrow school begins at 9", "[Send]")
    await race.world.tick()
    race.world.sandbox.clock.set(race.world.now.replace(hour=14, minute=0, second=1))  # 18:00 in Baku
    race.world.birge.clock.set_offset(race.world.sandbox.clock.offset)
    race.works("digests.send")
    race.taps(gone, "bye")
    await race.runs()
    assert sum("Tomorrow school begins at 9" in one.text for one in other.messages) == 1
    assert await race.world.rows("SELECT 1 FROM identities WHERE address = :address", address=str(gone.person.id)) == []
    waiting = "SELECT id FROM deliveries WHERE place = :place AND state IN ('waiting', 'digest')"
    assert await race.world.rows(waiting, place=f"telegram:{gone.person.id}") == []
