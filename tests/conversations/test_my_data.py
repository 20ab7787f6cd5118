"""A11: everything that is kept about a person, for her to read; of a case never anything."""

import json
from typing import Any

import pytest

from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.test_announcements import sent
from tests.conversations.test_challenges import a_challenge
from tests.conversations.test_meetings import called
from tests.conversations.test_polls import a_poll, poll_in
from tests.scenes import add_member, hotline, report, school


async def files_of(talker: Talker) -> tuple[str, Any]:
    """What /mydata gives her: the page and the file for programs."""
    await talker.says("/mydata")
    page, file = [one.media for one in talker.messages[-2:]]
    assert page is not None
    assert file is not None
    assert (page.name, file.name) == ("my-data.html", "my-data.json")
    return page.data.decode(), json.loads(file.data)


@pytest.mark.row("A11")
async def test_everything_about_her_stands_in_both_files(world: World) -> None:
    scene = await school(world)
    mother = scene.parents[0]
    await called(scene)
    await mother.taps("Going")
    await a_poll(scene)
    await mother.votes(poll_in(mother.chat), 1)
    challenge = await a_challenge(scene)
    await mother.forges(f"ch.join:{challenge}")
    await mother.says("/did")
    await sent(scene)
    await mother.taps("I have read it")
    await mother.forges("digest.is:1")
    page, data = await files_of(mother)
    assert data["settings"][0]["digest"] == 1
    assert "Announcements: daily, 18:00" in page
    assert data["accounts"] == [{"channel": "telegram", "address": str(mother.person.id)}]
    assert [(one["community"], one["called"], one["role"]) for one in data["memberships"]] == [
        ("5A", "Parent0", "parent")
    ]
    assert [(one["title"], one["answer"]) for one in data["meetings"]] == [("First joint meeting", "accepted")]
    assert [(one["question"], one["chosen"]) for one in data["votes"]] == [("Museum?", ["No"])]
    assert [(one["title"], one["day"]) for one in data["check_ins"]] == [("Reading", "2026-12-01")]
    assert len(data["announcements_read"]) == 1
    for shown in ("Parent0", "First joint meeting", "Museum?", "Reading", "Where you belong", "1 December 2026"):
        assert shown in page, shown
    for other in ("Sevinc", "Pupil0", "Parent1"):
        assert other not in page + json.dumps(data), other
    _, hers = await files_of(scene.head)
    assert (len(hers["announcements_sent"]), len(hers["polls_asked"]), len(hers["meetings_called"])) == (1, 1, 1)


@pytest.mark.row("A11")
async def test_a_stranger_gets_her_account_and_the_page_speaks_her_language(world: World) -> None:
    await school(world)
    stranger = world.person("Stranger", language="ru")
    await stranger.starts()
    page, data = await files_of(stranger)
    assert data["memberships"] == []
    assert 'lang="ru"' in page
    assert "<script" not in page


@pytest.mark.row("A11")
async def test_what_people_are_called_is_no_markup(world: World) -> None:
    scene = await school(world)
    mallory = await add_member(world, scene.class_a, Role.PARENT, "<script>x</script>")
    page, _ = await files_of(mallory)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.rule(11)
@pytest.mark.rule(15)
@pytest.mark.row("A11")
async def test_everybodys_files_say_the_same_about_what_was_told_in_confidence(world: World) -> None:
    scene = await hotline(world)
    before = await files_of(scene.pupil)
    await report(scene.pupil, "They take my money.")
    assert await files_of(scene.pupil) == before
    for talker in (scene.school.parents[0], scene.worker, scene.school.head):
        page, data = await files_of(talker)
        assert "What you wrote in confidence you can ask for here: /mycases" in page
        assert data["in_confidence"] == before[1]["in_confidence"]
