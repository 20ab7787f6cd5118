"""Rules 4, 11 and 20: people of every role tap and write at random, and what they wrote is sought in every byte."""

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

import storage.cases
import storage.communities
import storage.persons
from bot.metrics import Seen
from domain.communities import CommunityKind
from domain.roles import Role
from handlers import forms, routes
from sandbox import Impossible, Message
from storage.backup import back_up
from storage.database import is_postgres
from storage.vault import read_key_ring
from tests import postgres, scenes
from tests.cast import Talker, World
from tests.conversations.test_families import linked
from tests.conversations.test_plans import case_id, with_goals
from tests.conversations.test_referrals import in_agency
from tests.safeguarding.search import leaks, logged
from tests.scenes import Hotline, add_member, community

ACTS = 500
_EACH_LOOK = 100  # acts between two searches

# What each of them writes, whatever is asked. Nothing else of theirs is long enough to be found by chance.
TEXT, CAPTION, FILE, DRAFT, OTHER_TEXT = (
    "мене зачинили ə у класі",
    "şəkildə мой дневник ə",
    "qırıq-парта-ə.jpg",
    "yarımçıq мәктуб ə heç",
    "меня ждут ə за школой",
)
ANSWER, NOTE, PLAN = "я верю ə тебе inanıram", "qeyd: ана ə работает", "мақсат: мектеп ə addım"
REFERRAL = "söhbət ə бірге поговорите"
NAME = "Şəbnəm Прихованə"
_TO_AGENCIES = ("cs_referral", "cs_conference", "cs_told")  # forms in which the staff write to an agency
OF_CHILDREN = (TEXT, CAPTION, FILE, DRAFT, OTHER_TEXT)
OF_STAFF = (ANSWER, NOTE, PLAN)
MARKERS = (*OF_CHILDREN, *OF_STAFF, REFERRAL, NAME)
PICTURE = b"\xff\xd8\xff\xe0 a picture " + CAPTION.encode()


@dataclass(eq=False)
class Hunt:
    """Who acts, what they write, and what commands they know."""

    scene: Hotline
    chance: Random
    words: Mapping[Talker, tuple[str, ...]] = field(default_factory=dict)
    commands: Mapping[Talker, tuple[str, ...]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.scene.world

    async def act(self) -> None:
        """One of them does one thing: mostly goes on with what stands before her."""
        who = self.chance.choice([*self.words])
        number = self.chance.random()
        taps = [(message, label) for message in who.messages[-4:] for label in message.labels]
        with contextlib.suppress(Impossible):  # a button that opens a link
            if taps and number < 0.6:
                await self.tap(who, *self.chance.choice(taps))
            elif number < 0.75:
                await who.says(self.chance.choice(self.commands[who]))
            elif (form := await self.form_of(who)) in _TO_AGENCIES:
                await who.says(REFERRAL)
            elif form in routes.FORMS and not routes.FORMS[form].confidential:  # what is asked there is no secret
                await who.says("Salam")
            elif number < 0.8 and who in (self.scene.pupil, self.scene.worker):
                await who.says(self.chance.choice(self.words[who]), photo=(FILE, PICTURE, "image/jpeg"))
            else:
                await who.says(self.chance.choice(self.words[who]))

    async def form_of(self, who: Talker) -> str:
        address, now = str(who.person.id), self.world.now
        async with self.world.birge.database.reading() as db:
            known = await storage.persons.identify(db, "telegram", [address], now)
        return forms.form_of(known[address].conversation.step)[0]

    async def reporters(self) -> set[Talker]:
        """Chance may have let anybody report: she is answered."""
        of = {who: await scenes.identity_id_of(self.world, who) for who in self.words}
        async with self.world.birge.database.reading() as db:
            return {who for who, identity in of.items() if await storage.cases.of_reporter(db, identity)}

    @staticmethod
    async def tap(who: Talker, message: Message, label: str) -> None:
        await who.taps(label, message=message)


async def hunted(world: World, chance: Random) -> Hunt:
    """A hotline with everybody who could meet it, and a class with its group."""
    scene = await scenes.hotline(world)
    school, network = scene.school, scene.school.network
    await scenes.group(school, school.class_a)
    await linked(school.parents[0], scene.pupil)
    other_child = await add_member(world, school.class_a, Role.PUPIL, "Orxan")
    secretive = world.person(NAME, "")
    await secretive.starts()
    async with world.birge.database.writing() as db:  # as the class knows her; what her account is called stays there
        number = await scenes.person_id_of(world, secretive)
        await storage.communities.add_member(db, number, school.class_a.id, Role.PUPIL, "Nərgiz", world.now)
    psychologist = await add_member(world, school.school, Role.PSYCHOLOGIST, "Aida")
    club = await community(world, school.school, CommunityKind.CLUB, "Şahmat")
    staff: dict[Talker, tuple[str, ...]] = dict.fromkeys(
        (scene.worker, scene.other_worker, scene.supervisor),
        ("/queue", "/case", "/duty", "/figures", "/queue", "/audit", "/home"),
    )
    for role, name in ((Role.CUSTODIAN, "Vəkil"), (Role.AUDITOR, "Yoxlayan")):
        staff[await add_member(world, network, role, name)] = ("/audit", "/queue", "/duty", "/home")
    children = (scene.pupil, other_child, secretive)
    ordinary = ("/home", "/hotline", "/mycases", "/meetings", "/settings", "/community", "/mydata", "/cancel", "/help")
    others = (school.parents[0], school.head, school.coordinator, school.owner, school.outsider, psychologist)
    agent = await in_agency(world, school, "Shelter", "Zaur")
    words: dict[Talker, tuple[str, ...]] = {
        agent: (REFERRAL,),
        scene.pupil: (TEXT, CAPTION, DRAFT),
        other_child: (OTHER_TEXT,),
        secretive: (DRAFT, TEXT),
        **dict.fromkeys(staff, (ANSWER,)),  # chance may send it to a child; notes and plans are written by hand
        **dict.fromkeys(others, ("Salam", "18:00")),
    }
    commands = {**dict.fromkeys((*children, *others), ordinary), **staff, agent: ("/queue", "/home", "/members")}
    assert club.id
    return Hunt(scene, chance, words, commands)


async def everything_at_least_once(hunt: Hunt) -> None:
    """Each marker is written where it belongs before chance takes over: what is not there can't be found."""
    await _written(hunt)
    for who in (hunt.scene.pupil, hunt.scene.school.parents[0]):  # the child, and the parent who is linked with her
        await who.says("/mydata")
        assert who.last.media is not None


async def _written(hunt: Hunt) -> None:
    scene = hunt.scene
    await scene.pupil.says("/hotline")
    await scene.pupil.taps("I have read it")
    await scene.pupil.says(TEXT)
    await scene.pupil.says(CAPTION, photo=(FILE, PICTURE, "image/jpeg"))
    for label in ("Next", "Skip", "Skip", "Skip", "Send"):
        await scene.pupil.taps(label)
    await scenes.take(scene.worker)
    for label in ("More", "Notes", "New note"):
        await scene.worker.taps(label)
    await scene.worker.says(NOTE)
    await scene.worker.says("/queue")
    await scene.worker.taps("Open ")
    await with_goals(scene, PLAN)
    await scene.worker.forges(f"rf:{await case_id(scene.world)}")
    for label in ("New referral", "Shelter", "Bullying", "This week", "11–13"):
        await scene.worker.taps(label)
    await scene.worker.says(REFERRAL)
    for label in ("The child agreed", "Send"):
        await scene.worker.taps(label)
    agent = hunt.world.talkers["Zaur"]
    await agent.taps("Open")
    read = "\n".join(message.text for one in (scene.worker, agent) for message in one.chat.messages)
    assert [one for one in (TEXT, NOTE, PLAN, REFERRAL) if one not in read] == []


class Searched:
    """All that was written so far, wherever it went."""

    def __init__(self, hunt: Hunt, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.hunt, self.folder, self.capsys, self.said = hunt, folder, capsys, ""

    async def anything(self) -> list[str]:
        captured = self.capsys.readouterr()
        self.said += captured.out + captured.err
        for handler in logging.getLogger().handlers:
            handler.flush()
        return leaks(MARKERS, self.folder, self.said + logged(self.folder), **self.beside()) + await self.in_chats()

    def beside(self) -> dict[str, bytes]:
        """Metrics, and on a server the bytes of the database."""
        world = self.hunt.world
        more = {"the metrics": world.birge.metrics.told(Seen({}, None, None, None, world.now))}
        if is_postgres(world.url):
            more["the server's disk"] = postgres.written(postgres.name_of(world.url))
        return more

    async def in_chats(self) -> list[str]:
        """Groups, and people whom it was not meant for: a child's words may stand with her and the staff, the staff's
        notes and plans with the staff alone."""
        hunt, staff = self.hunt, {one for one, said in self.hunt.words.items() if ANSWER in said}
        reporters = await hunt.reporters()
        found = []
        for who in hunt.words:
            own = set(hunt.words[who])
            for message in who.chat.messages:
                if not message.from_bot or who in staff:
                    continue
                if message.media is not None and (message.media.name or "").startswith("my-data"):
                    written = message.media.data.decode()
                    found += [f"{one!r} in /mydata of {who.person.name}" for one in MARKERS if one in written]
                meant = own & {*OF_CHILDREN, REFERRAL} | ({ANSWER} if who in reporters else set())
                meant |= {CAPTION, FILE} if own & set(OF_CHILDREN) else set()
                found += [
                    f"{one!r} before {who.person.name}" for one in MARKERS if one in message.text and one not in meant
                ]
        for chat in hunt.world.sandbox.groups:
            found += [f"{one!r} in a group" for message in chat.messages for one in MARKERS if one in message.text]
        return found


@pytest.mark.rule(4)
@pytest.mark.rule(11)
@pytest.mark.rule(20)
@pytest.mark.timeout(600)
async def test_500_random_acts_of_every_role_leak_nothing(
    world: World, written: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hunt = await hunted(world, Random(20261122))
    searched = Searched(hunt, written, capsys)
    await everything_at_least_once(hunt)
    for number in range(ACTS):
        await hunt.act()
        if number % _EACH_LOOK == 0:
            await world.later(minutes=7)
            assert await searched.anything() == []
    await world.later(hours=26)
    back_up(world.url, read_key_ring(world.keys), written / "backup.birge", world.now)
    assert await searched.anything() == []
