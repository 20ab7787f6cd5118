"""Where the storm breaks loose: a school of two classes, their groups, a hotline, a code for those who come later."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import storage.chats
import storage.communities
import storage.invites
import storage.persons
import storage.pins
import storage.roles
from bot.setup import init
from domain.communities import CommunityKind
from domain.hotline_roles import CONDUCT_VERSION
from domain.requests import Community
from domain.roles import OFFICES, Role
from sandbox import Chat, Person, Sandbox
from storage.database import Connection, Database
from storage.vault import Vault, read_key_ring
from tests.cast import PIN
from tests.rota import open_hotline

# Midday in every zone that people may choose: nobody's quiet hours hold anything back.
BEGIN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
_LANGUAGES = ("az", "kk", "ru", "uk", "en")
_LONG = timedelta(days=300)
_ZONE = "Asia/Baku"


@dataclass(eq=False)
class School:
    """The ghosts of 5B are members like all others, but nothing is demanded of what becomes of them: it is their
    updates that are distorted."""

    head: Person
    parents: list[Person]
    reporters: list[Person]
    workers: list[Person]
    group: Chat
    ghost_head: Person
    ghosts: list[Person]
    ghost_group: Chat
    class_id: int
    code: str
    code_uses: int = 5_000
    newcomers: list[Person] = field(default_factory=list)

    @property
    def cast(self) -> list[Person]:
        return [self.head, *self.parents, *self.reporters, *self.workers]


async def found(url: str, keys: Path, sandbox: Sandbox, *, parents: int) -> School:
    """Makes the database with everybody in it, and their phones."""
    await init(url, keys, "Bakı məktəbləri", "az", BEGIN)
    database = await Database.open(url, Vault(read_key_ring(keys)))
    try:
        async with database.writing() as db:
            await database.vault.ready_for(db, BEGIN)
            return await _found(db, sandbox, parents)
    finally:
        await database.close()


async def _found(db: Connection, sandbox: Sandbox, parents: int) -> School:
    network = await storage.communities.root(db)
    assert network is not None
    school = await storage.communities.add(db, network, CommunityKind.SCHOOL, "Məktəb 12", "az", _ZONE, "az")
    own, other = [
        await storage.communities.add(db, school, CommunityKind.CLASS, name, "az", _ZONE, "az") for name in ("5A", "5B")
    ]

    async def member(name: str, community: Community, role: Role, language: str = "en") -> Person:
        return await _member(db, sandbox, name, community, role, language)

    people = [await member(f"Parent{n}", own, Role.PARENT, _LANGUAGES[n % 5]) for n in range(parents)]
    ghosts = [await member(f"Ghost{n}", other, Role.PARENT) for n in range(4)]
    head = await member("Sevinc", own, Role.HEAD_OF_CLASS)
    ghost_head = await member("Kamran", other, Role.HEAD_OF_CLASS)
    workers = [await member(f"Worker{n}", network, Role.WORKER) for n in range(2)]
    supervisor = await member("Supervisor", network, Role.SUPERVISOR)
    await open_hotline(db, network, [await _id_of(db, one) for one in (*workers, supervisor)], BEGIN)
    invite = await storage.invites.make(db, own, None, 1, 5_000, BEGIN + _LONG)
    return School(
        head=head,
        parents=people,
        reporters=[await member(f"Pupil{n}", own, Role.PUPIL) for n in range(3)],
        workers=workers,
        group=await _group(db, sandbox, own, head, people[: max(3, parents // 2)]),
        ghost_head=ghost_head,
        ghosts=ghosts,
        ghost_group=await _group(db, sandbox, other, ghost_head, ghosts),
        class_id=own.id,
        code=invite.code,
    )


async def _id_of(db: Connection, person: Person) -> int:
    return int(await db.value("SELECT person_id FROM identities WHERE address = :address", address=str(person.id)))


async def _member(
    db: Connection, sandbox: Sandbox, name: str, community: Community, role: Role, language: str
) -> Person:
    person = sandbox.add_person(name, language_code=language)
    sandbox.chat_of(person).started = True
    known = await storage.persons.meet(db, "telegram", str(person.id), language, _ZONE)
    await storage.communities.add_member(db, known.person.id, community.id, role, name, BEGIN)
    if role in OFFICES:
        await storage.pins.save(db, known.person.id, PIN)
        await storage.roles.save_conduct(db, known.person.id, CONDUCT_VERSION, BEGIN)
    return person


async def _group(db: Connection, sandbox: Sandbox, community: Community, head: Person, members: list[Person]) -> Chat:
    group = sandbox.add_group(community.name, creator=head, members=members)
    sandbox.adds_bot(head, group)
    known = await storage.chats.save(db, "telegram", str(group.id), community.name)
    await storage.chats.bind(db, known.id, community.id)
    return group
