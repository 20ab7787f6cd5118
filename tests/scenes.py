"""Scenes to begin a test with: a school with classes and people in them, made through storage, not by taps."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import storage.chats
import storage.communities
import storage.persons
import storage.pins
import storage.roles
from domain.communities import CommunityKind
from domain.hotline_roles import CONDUCT_VERSION
from domain.requests import Community
from domain.roles import PROVEN, Role
from sandbox import Chat
from tests import rota
from tests.cast import PIN, Talker, World


@dataclass
class School:
    """Network → district → school 12 → classes 5A and 5B, and another school whose people must see nothing."""

    world: World
    network: Community
    district: Community
    school: Community
    class_a: Community
    class_b: Community
    other_school: Community
    other_class: Community
    owner: Talker  # coordinator of the network
    coordinator: Talker  # of the school
    head: Talker  # head of class 5A
    outsider: Talker  # a parent of the other school: must see nothing
    parents: list[Talker] = field(default_factory=list)  # of 5A
    pupils: list[Talker] = field(default_factory=list)  # of 5A


async def add_member(
    world: World, community: Community, role: Role, first_name: str, language: str = "en", last_name: str = ""
) -> Talker:
    """Somebody who has started the bot and belongs to the community."""
    talker = world.person(first_name, last_name, language)
    await talker.starts()
    await belong(world, talker, community, role)
    return talker


async def belong(world: World, talker: Talker, community: Community, role: Role) -> None:
    """One more membership for somebody who has started the bot; with a role that opens cases comes a PIN, entered
    just now."""
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, talker)
        await storage.communities.add_member(db, person_id, community.id, role, talker.person.name, world.now)
        if role in PROVEN and talker.pin is None:
            talker.pin = PIN
            await storage.pins.save(db, person_id, PIN)
            await storage.pins.unlock(db, person_id, await identity_id_of(world, talker), world.now)


async def person_id_of(world: World, talker: Talker) -> int:
    rows = await world.rows("SELECT person_id FROM identities WHERE address = :address", address=str(talker.person.id))
    return int(rows[0]["person_id"])


async def identity_id_of(world: World, talker: Talker) -> int:
    rows = await world.rows(
        "SELECT id FROM identities WHERE channel = 'telegram' AND address = :address", address=str(talker.person.id)
    )
    return int(rows[0]["id"])


async def community(world: World, parent: Community, kind: CommunityKind, name: str) -> Community:
    async with world.birge.database.writing() as db:
        return await storage.communities.add(db, parent, kind, name, parent.language, parent.zone, parent.country)


async def school(world: World, *, parents: int = 2, pupils: int = 1, language: str = "en") -> School:
    """The usual scene."""
    async with world.birge.database.reading() as db:
        network = await storage.communities.root(db)
    assert network is not None
    async with world.birge.database.writing() as db:
        await storage.communities.save_language(db, network.id, language)
    network = replace(network, language=language)
    district = await community(world, network, CommunityKind.DISTRICT, "Nəsimi")
    twelve = await community(world, district, CommunityKind.SCHOOL, "Məktəb 12")
    class_a = await community(world, twelve, CommunityKind.CLASS, "5A")
    class_b = await community(world, twelve, CommunityKind.CLASS, "5B")
    other = await community(world, district, CommunityKind.SCHOOL, "Məktəb 7")
    other_class = await community(world, other, CommunityKind.CLASS, "7C")
    return School(
        world,
        network,
        district,
        twelve,
        class_a,
        class_b,
        other,
        other_class,
        owner=await add_member(world, network, Role.COORDINATOR, "Owner", language),
        coordinator=await add_member(world, twelve, Role.COORDINATOR, "Kamran", language),
        head=await add_member(world, class_a, Role.HEAD_OF_CLASS, "Sevinc", language),
        outsider=await add_member(world, other_class, Role.PARENT, "Outsider", language),
        parents=[await add_member(world, class_a, Role.PARENT, f"Parent{n}", language) for n in range(parents)],
        pupils=[await add_member(world, class_a, Role.PUPIL, f"Pupil{n}", language) for n in range(pupils)],
    )


async def group(scene: School, bound_to: Community, more: Sequence[Talker] = (), language: str = "en") -> Chat:
    """A group chat of the people of 5A (and `more`), with the bot in it, bound to a community of this language."""
    world = scene.world
    chat = world.group(bound_to.name, scene.head, [*scene.parents, *scene.pupils, *more])
    world.sandbox.adds_bot(scene.head.person, chat)
    await world.settle()
    async with world.birge.database.writing() as db:
        known = await storage.chats.save(db, "telegram", str(chat.id), bound_to.name)
        await storage.chats.bind(db, known.id, bound_to.id)
        await storage.communities.save_language(db, bound_to.id, language)
    return chat


@dataclass
class Hotline:
    """A school, and those who work for the hotline of its network."""

    school: School
    worker: Talker
    other_worker: Talker
    supervisor: Talker

    @property
    def world(self) -> World:
        return self.school.world

    @property
    def pupil(self) -> Talker:
        return self.school.pupils[0]


async def hotline(world: World) -> Hotline:
    """A hotline that is open: two workers, on duty round the clock, and a supervisor at the network."""
    return await staffed(await school(world, parents=1))


async def staffed(scene: School) -> Hotline:
    """The hotline of a school's network opens."""
    world = scene.world
    found = Hotline(
        scene,
        worker=await add_member(world, scene.network, Role.WORKER, "Leyla"),
        other_worker=await add_member(world, scene.network, Role.WORKER, "Murad"),
        supervisor=await add_member(world, scene.network, Role.SUPERVISOR, "Rauf"),
    )
    officers = [await person_id_of(world, one) for one in (found.worker, found.other_worker, found.supervisor)]
    async with world.birge.database.writing() as db:
        await rota.open_hotline(db, scene.network, officers, world.now)
    return found


async def accepts(world: World, officer: Talker) -> None:
    """Somebody accepts the code of conduct."""
    person_id = await person_id_of(world, officer)
    async with world.birge.database.writing() as db:
        await storage.roles.save_conduct(db, person_id, CONDUCT_VERSION, world.now)


async def on_duty(world: World, worker: int, backup: int, hours: str = rota.ROUND_THE_CLOCK) -> None:
    """The same two are on duty in every shift."""
    async with world.birge.database.writing() as db:
        network = await storage.communities.root(db)
        assert network is not None
        await rota.on_duty(db, network, worker, backup, world.now, hours)


async def report(reporter: Talker, *words: str, adult: str = "Skip", safe: str = "Skip") -> str:
    """Somebody sends a report; its number."""
    await reporter.says("/hotline")
    await reporter.taps("I have read it")
    for one in words:
        await reporter.says(one)
    await reporter.taps("Next" if words else "Skip")
    await reporter.taps(adult)
    await reporter.taps(safe)
    await reporter.taps("Skip")
    sent = await reporter.taps("Send")
    return sent.split("Its number is ")[1][:6]


async def taken(scene: Hotline, *words: str) -> str:
    """A report that the worker has taken, and said of what kind it is; its number."""
    number = await report(scene.pupil, *(words or ("They take my money.",)))
    await take(scene.worker)
    return number


async def take(worker: Talker, kind: str = "Bullying") -> str:
    """She takes what she was called for last and says of what kind it is, as urgent as it was; what she was shown."""
    shown = await worker.taps("Take")
    await worker.taps(kind)
    await worker.taps("Keep: ")
    return shown
