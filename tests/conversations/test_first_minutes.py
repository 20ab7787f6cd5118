"""The first five minutes: every tap and every typed answer of people who have never seen the bot is counted."""

from dataclasses import dataclass

import pytest

from domain.languages import LANGUAGES
from domain.roles import Role
from sandbox import Message
from tests.cast import Talker, World
from tests.conversations.communities.codes import code, states
from tests.conversations.communities.test_join import NO_SUCH_CODE
from tests.papers import page_count
from tests.scenes import School, add_member, school

# The press on Start is a tap, and so is the choice of a language.
HEAD_TAPS, HEAD_TYPES = 4, 2
PARENT_TAPS, PARENT_TYPES = 3, 1

FIRST_LANGUAGES = list(LANGUAGES.values())


@dataclass
class Counted:
    """Somebody who counts what she does."""

    talker: Talker
    taps: int = 0
    typed: int = 0

    async def starts(self, payload: str) -> str:
        self.taps += 1
        return await self.talker.starts(payload)

    async def types(self, words: str) -> str:
        self.typed += 1
        return await self.talker.says(words)

    async def taps_on(self, label: str, message: Message | None = None) -> str:
        self.taps += 1
        return await self.talker.taps(label, message=message)

    async def chooses(self, press: str) -> str:
        """Taps the button that carries this, whatever its language."""
        for message in reversed(self.talker.messages):
            for one in message.buttons:
                if one.data is not None and (one.data.startswith(press) or one.data.endswith(press)):
                    return await self.taps_on(one.label, message)
        raise AssertionError(f"no button {press!r}: {self.talker.labels}")


async def link_for_a_new_class(scene: School, giver: Talker) -> str:
    """The code of a link that a coordinator makes by buttons alone."""
    await giver.says("/home")
    await giver.forges(f"i:{scene.school.id}")
    await giver.taps("Another one")
    said = await giver.taps("New class")
    assert "Works for 1 person." in said
    return said.split("start=")[1].split()[0]


@pytest.mark.row("A5")
@pytest.mark.parametrize("language", ["ru", "az"])
async def test_from_the_owners_link_to_a_poster_and_the_first_parent(world: World, language: str) -> None:
    scene = await school(world)
    given = await link_for_a_new_class(scene, scene.owner)

    head = Counted(world.person("Nigar", language="xx"))
    await head.starts(given)
    assert head.talker.labels[:5] == FIRST_LANGUAGES
    await head.taps_on(LANGUAGES[language])
    assert not set(FIRST_LANGUAGES) & set(head.talker.labels)
    assert {"ru": "Как Вас зовут", "az": "Adınız"}[language] in head.talker.last.text
    await head.types("Nigar Əliyeva")
    await head.types("6B")
    opened = (await world.rows("SELECT * FROM communities WHERE name = '6B'"))[0]
    assert (opened["kind"], opened["parent_id"]) == ("class", scene.school.id)
    await head.chooses("i.poster")
    poster = head.talker.last.media
    assert poster is not None
    assert page_count(poster.data) == 1
    assert "6B" in scene.owner.last.text
    assert "Nigar Əliyeva" in scene.owner.last.text
    assert "members" in {command["command"] for command in world.sandbox.menu(head.talker.person)}

    invite = (await world.rows("SELECT code FROM invites WHERE community_id = :id", id=opened["id"]))[0]
    parent = Counted(world.person("Leyla", language="xx"))
    await parent.starts(invite["code"])
    assert parent.talker.labels[:5] == FIRST_LANGUAGES
    await parent.taps_on(LANGUAGES[language])
    await parent.chooses(":is:parent")
    said = await parent.types("Leyla Məmmədova")
    assert "Nigar Əliyeva" in said
    assert parent.taps <= PARENT_TAPS
    assert parent.typed <= PARENT_TYPES

    await head.chooses("join.yes")
    rows = await world.rows(
        "SELECT state FROM memberships WHERE role = 'parent' AND community_id = :id", id=opened["id"]
    )
    assert [row["state"] for row in rows] == ["active"]
    assert head.taps <= HEAD_TAPS
    assert head.typed <= HEAD_TYPES


@pytest.mark.row("A5")
async def test_a_language_chosen_first_changes_the_question_and_keeps_it(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel", language="xx")
    before = await aysel.starts(invite.code)
    asked = aysel.last
    after = await aysel.taps("English")
    assert aysel.last.id == asked.id
    assert before != after
    assert aysel.labels == ["Pupil", "Parent", "Teacher", "Cancel"]
    await aysel.taps("Pupil")
    await aysel.says("Aysel M.")
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]
    # The old keyboard, still in somebody's hand: her settings in that language, and nothing is lost.
    assert "Русский" in await aysel.forges("lang.is:ru:join", message=asked)
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]


@pytest.mark.row("A5_bad_over_limit")
async def test_a_link_for_a_class_opens_one_class(world: World) -> None:
    scene = await school(world)
    given = await link_for_a_new_class(scene, scene.coordinator)
    nigar, murad = world.person("Nigar"), world.person("Murad")
    for one in (nigar, murad):
        assert "open your class" in await one.starts(given)  # looking uses nothing up
        await one.says("My Name")
    for spelling in ("5A", "5 a", "5\N{CYRILLIC CAPITAL LETTER A}"):
        assert "one with this name already: \u20685A\u2069" in await nigar.says(spelling)
    assert "Your class is open" in await nigar.says("6B")
    await murad.says("5A")  # nor does it tell who is there, once it is used
    assert murad.last.text == NO_SUCH_CODE
    assert len(await world.rows("SELECT 1 FROM communities WHERE name = '6B'")) == 1
    assert await world.person("Third").starts(given) == NO_SUCH_CODE


@pytest.mark.row("A5_bad_revoked")
async def test_a_link_of_somebody_who_may_no_more_opens_nothing(world: World) -> None:
    scene = await school(world)
    given, revoked = [await link_for_a_new_class(scene, scene.coordinator) for _ in range(2)]
    await scene.coordinator.taps("Revoke")
    nigar = world.person("Nigar")
    assert await nigar.starts(revoked) == NO_SUCH_CODE
    await nigar.starts(given)
    await nigar.says("Nigar")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'coordinator' AND called = 'Kamran'")
    await nigar.says("6B")
    assert nigar.last.text == NO_SUCH_CODE
    assert await world.rows("SELECT 1 FROM communities WHERE name = '6B'") == []
    assert await world.person("Third").starts(given) == NO_SUCH_CODE


@pytest.mark.row("A3_bad_forged")
async def test_only_who_may_add_classes_gives_such_a_link(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/invite")
    await scene.head.taps("Another one")
    assert "New class" not in scene.head.labels
    token = (await world.rows("SELECT MAX(token) AS token FROM conversations"))[0]["token"]
    assert "earlier question" in await scene.head.forges(f"f:{token}:is:new")
    chair = await add_member(world, scene.school, Role.CHAIR, "Chair")
    await chair.says("/home")
    await chair.forges(f"i.new:{scene.class_a.id}")
    assert "New class" not in chair.labels
    await chair.taps("Cancel")
    await chair.forges(f"i.new:{scene.school.id}")
    await chair.taps("New class")
    assert "🖨 Poster" not in chair.labels
    made = (await world.rows("SELECT id FROM invites WHERE role = 'head_of_class'"))[0]["id"]
    assert "can't do this here" in await chair.forges(f"i.poster:{made}")
