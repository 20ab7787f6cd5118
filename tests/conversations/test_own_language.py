"""B4: the author's own words in several languages; each reader gets hers, else those first written, with a label."""

import pytest

from domain.roles import Role
from tests.cast import World
from tests.conversations.test_announcements import PHOTO, has_picture, post_in
from tests.scenes import add_member, group, school

ENGLISH, RUSSIAN, UKRAINIAN = "Tomorrow school begins at 9", "Завтра уроки с 9 часов", "Завтра уроки з дев'ятої"


@pytest.mark.row("B4")
async def test_each_reader_gets_her_language_and_the_others_the_original_with_a_label(world: World) -> None:
    scene = await school(world, pupils=0)
    olga = await add_member(world, scene.class_a, Role.PARENT, "Olga", "ru")
    taras = await add_member(world, scene.class_a, Role.PARENT, "Taras", "uk")
    review = await scene.head.says(f"/announce {ENGLISH}")
    assert "2 people read other languages: add them below" in review
    assert scene.head.labels[3:6] == ["+ Русский", "+ Українська", "Written: English"]
    assert "in your own words: Русский" in await scene.head.taps("+ Русский")
    review = await scene.head.says(f" {RUSSIAN}\u200b ")
    assert RUSSIAN in review  # a preview of each
    assert "1 person reads another language" in review
    assert "✓ Русский" in scene.head.labels
    assert "Who is it for?" in await scene.head.taps("Back")
    assert RUSSIAN in await scene.head.taps("Everybody", message=scene.head.last)  # what she wrote is not lost
    await scene.head.taps("Send")
    await world.tick()
    assert olga.last.text.endswith(f"\n\n{RUSSIAN}")
    assert ENGLISH not in olga.last.text
    assert taras.last.text.endswith(f"\n{ENGLISH}")
    assert taras.last.text.count("\n\n") == 1  # the label stands above the words, and they are never left out
    assert len(taras.last.text.split("\n\n")[1].split("\n")) == 2
    assert scene.parents[0].last.text.endswith(f"\n\n{ENGLISH}")
    await olga.taps(olga.labels[0])
    assert RUSSIAN in olga.last.text
    bodies = await world.rows("SELECT language FROM outgoing_bodies ORDER BY language")
    assert [row["language"] for row in bodies] == ["en", "ru", "uk"]  # rendered once for each


@pytest.mark.row("B4")
async def test_the_group_reads_its_own_language_and_a_photo_stays_for_all(world: World) -> None:
    scene = await school(world, pupils=0)
    chat = await group(scene, scene.class_a, language="ru")
    olga = await add_member(world, scene.class_a, Role.PARENT, "Olga", "ru")
    await scene.head.says("/announce")
    await scene.head.says(ENGLISH, photo=PHOTO)
    await scene.head.taps("Everybody")
    assert "stays as it is" in await scene.head.taps("+ Русский")
    assert "room for" in await scene.head.says("я" * 1_025)
    assert "I can only take words here" in await scene.head.says(photo=PHOTO)
    await scene.head.says(RUSSIAN)
    await scene.head.taps("Send")
    await world.tick()
    assert post_in(chat).text.endswith(f"\n\n{RUSSIAN}\n\n{ENGLISH}")  # its own first, and one more
    assert RUSSIAN in olga.last.text
    assert has_picture(olga)
    assert has_picture(scene.parents[0])


@pytest.mark.row("B4_bad_no_version")
async def test_words_in_another_language_than_hers_are_labelled_as_the_author_says(world: World) -> None:
    scene = await school(world, pupils=0)
    olga = await add_member(world, scene.class_a, Role.PARENT, "Olga", "ru")
    taras = await add_member(world, scene.class_a, Role.PARENT, "Taras", "uk")
    await scene.head.says(f"/announce {UKRAINIAN}")
    assert "In which language" in await scene.head.taps("Written: English")
    review = await scene.head.taps("Українська", message=scene.head.last)
    assert "3 people read other languages" not in review  # the two parents and the head who read English, and Olga
    assert "people read other languages" in review
    await scene.head.taps("+ English")
    assert UKRAINIAN in await scene.head.taps("Back")  # nothing is lost, nothing is added
    await scene.head.taps("Send")
    await world.tick()
    assert taras.last.text.endswith(f"\n\n{UKRAINIAN}")
    assert olga.last.text.endswith(f"\n{UKRAINIAN}")
    assert f"In Ukrainian:\n{UKRAINIAN}" in scene.parents[0].last.text


@pytest.mark.row("B4")
async def test_where_all_read_one_language_nobody_is_asked_about_others(world: World) -> None:
    scene = await school(world)
    await scene.head.says(f"/announce {ENGLISH}")
    assert scene.head.labels == ["Send", "Schedule", "Urgent", "Back", "Cancel"]
