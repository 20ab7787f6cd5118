"""B9: a member tells a story in words and photos; those who lead say yes or a kind no; its writer takes it back."""

import pytest

from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_announcements import PHOTO, has_picture
from tests.scenes import School, add_member, group, hotline, person_id_of, school

TRIP = "We planted twelve trees behind the school"


async def told(writer: Talker, words: str = TRIP, child: str = "No") -> str:
    """A story, up to what its writer hears once it is sent."""
    await writer.says("/story")
    await writer.says(words)
    await writer.taps("Next")
    await writer.taps(child)
    return await writer.taps("Send")


def heard(talker: Talker, words: str) -> bool:
    return any(words in message.text for message in talker.messages)


async def states(world: World) -> list[tuple[str, str, str]]:
    rows = await world.rows("SELECT state, words, photos FROM stories ORDER BY id")
    return [(row["state"], row["words"], row["photos"]) for row in rows]


async def published(scene: School) -> None:
    """A pupil's story with an album of three photos, shown to class 5A."""
    pupil = scene.pupils[0]
    await pupil.says("/story")
    scene.world.sandbox.sends_album(pupil.person, None, [PHOTO[1], PHOTO[1] + b"2", PHOTO[1] + b"3"], TRIP)
    await scene.world.settle()
    await pupil.taps("Next")
    await pupil.taps("Yes")
    await pupil.taps("Send")
    await scene.head.taps("Parents agree: show")
    await scene.world.later(seconds=4)


@pytest.mark.row("B9")
async def test_an_album_and_words_become_an_announcement_without_the_writer_s_name(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    pupil = scene.pupils[0]
    assert "A story for \u20685A\u2069" in await pupil.says("/story")
    world.sandbox.sends_album(pupil.person, None, [PHOTO[1], PHOTO[1] + b"2", PHOTO[1] + b"3"], TRIP)
    await world.settle()
    assert [one.text for one in pupil.messages].count("Saved. You can write more, or tap Next.") == 1
    await pupil.says("It was cold and fun")
    assert "Is a child to be seen in it" in await pupil.taps("Next")
    review = await pupil.taps("Yes")
    assert f"told by a pupil\n\n{TRIP}\nIt was cold and fun\n\n3 photos" in review
    assert "waits for a yes" in await pupil.taps("Send")
    assert not heard(scene.parents[0], TRIP)

    asked = scene.head.last
    assert "Told by: \u2068Pupil0" in asked.text
    assert "publish it only if that child's parents have agreed" in asked.text
    assert asked.labels == ["Parents agree: show", "Decline"]
    assert sum(one.media is not None for one in scene.head.messages) == 3
    await scene.head.taps("Parents agree: show")
    await world.later(seconds=4)
    assert "Your story is published" in pupil.last.text or heard(pupil, "Your story is published")
    reader = scene.parents[0]
    assert reader.last.text.startswith("📢 \u2068Məktəb 12 › 5A\u2069\nHead of class: \u2068Sevinc\u2069\n\n📖 A story")
    assert TRIP in reader.last.text
    assert has_picture(reader)
    assert reader.last.labels == ["✓ I have read it", "All photos"]
    assert not any("Pupil0" in message.text for message in [*reader.messages, *chat.visible])
    assert any(TRIP in message.text for message in chat.visible)
    assert not heard(scene.outsider, TRIP)
    assert [row["consent"] for row in await world.rows("SELECT consent FROM stories")] == ["given"]

    assert "Photo 3 of 3" in await reader.taps("All photos")
    await reader.taps("I have read it")
    assert "All photos" in reader.find("All photos").labels  # they stay at hand


@pytest.mark.row("B9_bad_withdrawn")
async def test_a_story_that_is_taken_back_is_gone_from_everybody_s_chat(world: World) -> None:
    scene = await school(world)
    await published(scene)
    reader, pupil = scene.parents[0], scene.pupils[0]
    await reader.taps("All photos")
    assert sum(one.media is not None for one in reader.messages) == 4
    assert "Shall I take your story back?" in await pupil.taps("Withdraw it")
    assert "can't do this here" in await reader.forges("st.back.yes:1")
    assert "Your story is taken back" in await pupil.taps("Yes, take it back")
    await world.later(seconds=40)
    for one in (reader, scene.head):
        assert not heard(one, TRIP)
        assert all(message.media is None for message in one.messages)
    assert await states(world) == [("withdrawn", "", "[]")]
    assert "not shown any more" in await pupil.forges("st.back:1")
    assert "not shown any more" in await reader.forges("st.pics:1")
    assert await world.rows("SELECT * FROM story_copies") == []


@pytest.mark.row("B5")
@pytest.mark.row("B9_bad_withdrawn")
@pytest.mark.parametrize(("language", "told"), [("en", "not shown any more"), ("az", "daha göstərilmir")])
async def test_a_story_that_a_leader_takes_back_is_gone_with_its_photos_and_its_writer_hears(
    world: World, language: str, told: str
) -> None:
    scene = await school(world)
    await published(scene)
    reader, pupil = scene.parents[0], scene.pupils[0]
    await reader.taps("All photos")
    await pupil.forges(f"lang.is:{language}:home")
    await scene.head.forges("a.back:1")
    await scene.head.taps("Yes, take it back")
    assert told in pupil.last.text
    await world.later(seconds=40)
    for one in (reader, scene.head):
        assert not heard(one, TRIP)
        assert all(message.media is None for message in one.messages)
    assert await states(world) == [("declined", "", "[]")]
    assert await world.rows("SELECT * FROM story_copies") == []
    assert "declined by: \u2068Sevinc" in next(one.text for one in scene.head.messages if "declined" in one.text)
    assert told in await pupil.forges("st.back:1")


@pytest.mark.row("B9_bad_withdrawn")
async def test_what_is_too_old_to_be_deleted_is_blanked_and_its_writer_hears_so(world: World) -> None:
    scene = await school(world)
    await published(scene)
    await world.later(days=3)
    await scene.pupils[0].taps("Withdraw it")
    assert "photos older than two days may stay" in await scene.pupils[0].taps("Yes, take it back")
    await world.later(seconds=40)
    assert not heard(scene.parents[0], TRIP)
    assert "taken back" in scene.parents[0].last.text
    assert [row["words"] for row in await world.rows("SELECT words FROM announcements")] == [""]


@pytest.mark.row("B9")
async def test_a_story_is_declined_with_a_kind_word_or_taken_back_before(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await told(parent)
    await scene.head.taps("Decline")
    assert "What shall I tell the writer?" in scene.head.last.text
    await scene.head.says("Lovely! Let us wait for spring")
    assert "Your story is not shown this time" in parent.last.text
    assert "Lovely! Let us wait for spring" in parent.last.text
    assert "decided on or withdrawn already" in await scene.head.forges("st.yes:1")
    assert "decided on or withdrawn already" in await scene.head.forges("st.no:1")
    await told(parent, "Another one")
    await scene.head.taps("Decline")
    await scene.head.taps("Says too much")
    assert "we do not show it" in parent.last.text
    await told(parent, "A third one")
    await parent.taps("Withdraw it")
    await parent.taps("Yes, take it back")
    assert not heard(scene.head, "A third one")
    assert {state for state, words, _ in await states(world) if not words} == {"declined", "withdrawn"}
    await told(parent, "A fourth one")
    await world.later(days=61)
    assert "Nobody has decided on your story" in parent.last.text
    assert (await states(world))[-1] == ("declined", "", "[]")


@pytest.mark.row("B9_bad_consent")
async def test_an_adult_who_has_not_asked_the_parents_can_t_show_a_child(world: World) -> None:
    scene = await school(world)
    teacher = await add_member(world, scene.class_a, Role.TEACHER, "Teacher")
    await teacher.says("/story")
    await teacher.says(TRIP)
    await teacher.taps("Next")
    await teacher.taps("Yes")
    assert "Then it can't be shown yet" in await teacher.taps("No")
    await teacher.taps("Yes")
    await teacher.taps("Send")
    assert "The parents have agreed" in scene.head.last.text
    assert scene.head.labels == ["Publish", "Decline"]
    # Whoever leads publishes her own at once.
    await told(scene.head, "Our theatre evening")
    await world.later(seconds=4)
    assert "told by a teacher" in scene.parents[0].last.text
    # And hears once that she has taken it back.
    await scene.head.taps("Delete for all")
    before = len(scene.head.messages)
    assert "✓ Taken back" in await scene.head.taps("Yes, take it back")
    assert len(scene.head.messages) == before


async def linked(world: World, child: Talker, parent: Talker) -> None:
    child_id, parent_id = await person_id_of(world, child), await person_id_of(world, parent)
    async with world.birge.database.writing() as db:
        await db.run(
            """INSERT INTO families (child_id, parent_id, called, state, head_only, asked_at)
               VALUES (:child_id, :parent_id, 'Parent', 'linked', 0, 0)""",
            child_id=child_id,
            parent_id=parent_id,
        )


@pytest.mark.row("B9")
async def test_a_linked_parent_is_asked_before_anybody_else(world: World) -> None:
    scene = await school(world)
    pupil, parent = scene.pupils[0], scene.parents[0]
    await linked(world, pupil, parent)
    await told(pupil, child="Yes")
    assert not heard(scene.head, TRIP)
    assert "Your child tells a story for \u20685A\u2069" in parent.last.text
    assert "can't do this here" in await scene.parents[1].forges("st.agree:1")
    assert "decided on or withdrawn already" in await scene.head.forges("st.yes:1")
    assert "Those who lead the community decide next" in await parent.taps("Yes, show it")
    assert "decided on or withdrawn already" in await parent.forges("st.refuse:1")
    assert "A parent of the writer has agreed" in scene.head.last.text
    await scene.head.taps("Publish")
    await world.later(seconds=4)
    assert TRIP in scene.parents[1].last.text
    await told(pupil, "At our home", child="Yes")
    assert "keep it in the family" in await parent.taps("No, don't show it")
    assert "keep it in the family" in pupil.last.text
    assert not heard(scene.head, "At our home")
    assert (await states(world))[-1] == ("declined", "", "[]")


@pytest.mark.row("B9")
async def test_words_after_the_command_are_the_first_of_a_story(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    assert "Is a child to be seen in it" in await parent.says(f"/story {TRIP}")
    assert "what happened, what was good?" in await parent.taps("Back")  # photos can still be added
    await parent.says("It was cold and fun")
    await parent.taps("Next")
    assert f"{TRIP}\nIt was cold and fun" in await parent.taps("No")
    assert "at most 700 characters" in await parent.says(f"/story {'x' * 701}")


@pytest.mark.row("B9_bad_distress")
async def test_a_child_who_writes_of_dying_meets_help_and_no_story(world: World) -> None:
    scene = await hotline(world)
    pupil, head = scene.pupil, scene.school.head
    await pupil.says("/story")
    said = await pupil.says("I want to die")
    assert said.index("If you are in danger now") < said.index("I leave these words out of the story")
    assert said.index("I leave these words out of the story") < said.index("Shall I fetch the helper")
    before = len(head.messages)
    await pupil.taps("Yes, fetch a helper")
    assert await states(world) == []
    assert len(head.messages) == before
    assert len(await world.rows("SELECT id FROM cases")) == 1


@pytest.mark.row("B9_bad_input")
async def test_what_is_no_story_is_asked_again(world: World) -> None:
    scene = await school(world)
    parent = scene.parents[0]
    await parent.says("/story")
    assert "Please write some words" in await parent.says("🌷")
    assert "words and photos" in await parent.says("plan", document=("plan.pdf", b"%PDF", "application/pdf"))
    assert "at most 700 characters" in await parent.says("x" * 701)
    await parent.says(photo=PHOTO)
    assert "a few words to the photos" in await parent.taps("Next")
    for _ in range(4):
        await parent.says(photo=PHOTO)
    assert "At most 5 photos fit" in await parent.says(photo=PHOTO)
    world.sandbox.sends_album(parent.person, None, [PHOTO[1]] * 2, "Here")
    await world.settle()
    await parent.taps("Next")
    assert "5 photos\n\nAt most 5 photos fit: the others were left out." in await parent.taps("No")
    await parent.taps("Send")
    for words in ("Two", "Three"):
        await told(parent, words)
    assert "still wait for a yes" in await parent.says("/story")


@pytest.mark.row("B9_bad_forged")
async def test_nobody_else_decides_on_a_story_or_reads_it(world: World) -> None:
    scene = await school(world)
    await told(scene.parents[0])
    for one in (scene.parents[1], scene.pupils[0], scene.outsider):
        for name in ("st.yes", "st.no", "st.back", "st.back.yes", "st.back.no"):
            assert "can't do this here" in await one.forges(f"{name}:1")
    assert "can't do this here" in await scene.outsider.forges("st.pics:1")
    assert "not shown" in await scene.parents[1].forges("st.pics:1")  # not yet
    assert "can't do this here" in await scene.outsider.forges(f"st.new:{scene.class_a.id}")
    assert [state for state, *_ in await states(world)] == ["waiting"]


@pytest.mark.row("B9")
async def test_a_story_in_azerbaijani(world: World) -> None:
    scene = await school(world, language="az")
    pupil = scene.pupils[0]
    await pupil.says("/home")
    await pupil.taps("Hekayə danış")
    await pupil.says("Məktəbin arxasında on iki ağac əkdik")
    await pupil.taps("Növbəti")
    await pupil.taps("Xeyr")
    await pupil.taps("Göndər")
    await scene.head.taps("Dərc et")
    await world.later(seconds=4)
    assert "📖 Hekayə, şagird danışır" in scene.parents[0].last.text
