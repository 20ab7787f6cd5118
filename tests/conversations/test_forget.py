"""A11: /forget. No byte of the name is left, the counts stay, and who leads settles that first."""

from pathlib import Path

import pytest

import storage.communities
from domain.roles import Role
from storage.backup import back_up
from storage.database import is_postgres
from storage.vault import read_key_ring
from tests import postgres
from tests.cast import Talker, World
from tests.conversations.test_announcements import sent
from tests.conversations.test_challenges import a_challenge
from tests.conversations.test_consultations import consultation, slots, takes
from tests.conversations.test_meetings import called
from tests.conversations.test_polls import a_poll, poll_in
from tests.safeguarding.conftest import written  # noqa: F401 - a fixture
from tests.safeguarding.search import leaks, logged
from tests.scenes import School, add_member, hotline, person_id_of, report, school

NAME = "Şəbnəm Vəlixanlı"


async def forgets(talker: Talker) -> str:
    await talker.says("/forget")
    return await talker.taps("Yes, forget me")


async def with_history(scene: School) -> Talker:
    """A mother who answered everything that can be answered."""
    mother = await add_member(scene.world, scene.class_a, Role.PARENT, NAME)
    await called(scene)
    await mother.taps("Going")
    await a_poll(scene)
    await mother.votes(poll_in(mother.chat), 1)
    challenge = await a_challenge(scene)
    await mother.forges(f"ch.join:{challenge}")
    await mother.says("/did")
    await sent(scene)
    await mother.taps("I have read it")
    return mother


async def counts(world: World) -> list[tuple[int, ...]]:
    rows = await world.rows(
        """SELECT (SELECT COUNT(*) FROM rsvps), (SELECT COUNT(*) FROM poll_ballots WHERE choices > 0),
                  (SELECT COUNT(*) FROM challenge_checkins), (SELECT SUM(days) FROM challenge_participants),
                  (SELECT COUNT(*) FROM announcement_confirmations), (SELECT COUNT(*) FROM persons)"""
    )
    return [tuple(row) for row in rows]


@pytest.mark.row("A11")
async def test_no_byte_of_the_name_is_left_and_the_counts_stay(
    world: World,
    written: Path,  # noqa: F811
) -> None:
    scene = await school(world)
    await expected_in(scene, NAME)
    mother = await with_history(scene)
    before, number = await counts(world), await person_id_of(world, mother)
    assert leaks([NAME], written, "", **disk(world)) != []  # it stood there
    assert "I don't know you any more" in await forgets(mother)
    await world.later(minutes=1)
    await world.birge.beat_once()
    assert leaks([NAME], written, logged(written), **disk(world)) == []
    back_up(world.url, read_key_ring(world.keys), written / "next.birge", world.now)
    assert leaks([NAME], written, logged(written)) == []
    assert await counts(world) == before
    assert await world.rows("SELECT 1 FROM identities WHERE person_id = :id", id=number) == []
    assert "can't do this here" in await mother.says("/community")
    assert await person_id_of(world, mother) != number
    await scene.head.says("/members")
    assert NAME not in scene.head.last.text + str(scene.head.labels)


async def expected_in(scene: School, name: str) -> None:
    """The list of 5A has a mother of this name."""
    await scene.coordinator.forges(f"rs.new:{scene.school.id}")
    await scene.coordinator.says(document=("list.csv", f"5A;{name};parent".encode(), "text/csv"))
    await scene.coordinator.taps("Add them")


def disk(world: World) -> dict[str, bytes]:
    return {"the server's disk": postgres.written(postgres.name_of(world.url))} if is_postgres(world.url) else {}


@pytest.mark.row("A11")
async def test_words_of_others_that_hold_the_name_are_listed_for_the_coordinator(world: World) -> None:
    scene = await school(world)
    mother = await with_history(scene)
    await sent(scene, f"Thanks to {NAME} for the cakes!")
    await called(scene, "2026-12-09 18:00 Evening with 100%_cakes")
    await forgets(mother)
    told = scene.coordinator.last.text
    assert f"Somebody asked to be forgotten: \u2068{NAME}\u2069" in told
    assert f"Announcement: Thanks to {NAME} for the cakes!" in told
    assert "cakes" not in told.replace("for the cakes", "")
    for other in (scene.outsider, scene.parents[0]):
        assert "asked to be forgotten" not in "".join(one.text for one in other.messages)


@pytest.mark.row("A11")
async def test_where_somebody_else_is_called_so_nobody_hears_of_her(world: World) -> None:
    scene = await school(world)
    mother = await add_member(world, scene.class_a, Role.PARENT, "Ali")
    theirs = await add_member(world, scene.other_school, Role.COORDINATOR, "Orxan")
    async with world.birge.database.writing() as db:
        for one in (scene.other_class, scene.class_b):
            await storage.communities.save_name(db, one.id, "Alimov 7")
    await forgets(mother)
    assert "asked to be forgotten" in scene.coordinator.last.text
    assert "asked to be forgotten" not in "".join(one.text for one in theirs.messages)


@pytest.mark.row("A11")
async def test_her_place_at_a_meeting_goes_to_who_waits_for_it(world: World) -> None:
    scene = await school(world, parents=2)
    first, second = scene.parents
    await called(scene)
    async with world.birge.database.writing() as db:
        await db.run("UPDATE meetings SET capacity = 1")
    await first.taps("Going")
    await second.taps("Going")
    await forgets(first)
    await world.tick()
    assert "A place has become free, and it is yours" in "".join(one.text for one in second.messages)
    answers = await world.rows("SELECT answer FROM rsvps ORDER BY person_id")
    assert [row["answer"] for row in answers] == ["declined", "accepted"]


@pytest.mark.row("A11")
async def test_her_time_in_a_consultation_goes_to_who_waits_for_it(world: World) -> None:
    scene = await school(world, parents=3)
    first, second, third = scene.parents
    await consultation(scene)
    await takes(first, "18:30")
    await takes(second, "18:00")
    await third.taps("Choose a time")
    await third.taps("Wait for one")
    await forgets(first)
    await world.tick()
    assert "it is yours" in "".join(one.text for one in third.messages)
    assert await slots(world) == [await person_id_of(world, second), await person_id_of(world, third)]


@pytest.mark.row("A11_bad_leads")
@pytest.mark.parametrize("language", ["en", "uk"])
async def test_who_leads_alone_settles_that_first(world: World, language: str) -> None:
    scene = await school(world, language=language)
    chair = await add_member(world, scene.school, Role.CHAIR, "Gülnar", language)
    for talker, place in ((scene.head, "5A"), (chair, "Məktəb 12"), (scene.coordinator, "Məktəb 12")):
        said = await talker.says("/forget")
        assert place in said
        assert talker.labels == []
        assert await talker.forges("bye") == said
    teacher = await add_member(world, scene.school, Role.COORDINATOR, "Second", language)
    await scene.coordinator.says("/forget")
    await scene.coordinator.forges("bye")
    async with world.birge.database.reading() as db:
        left = await storage.communities.leaders(db, scene.school.path, world.now, frozenset({Role.COORDINATOR}))
    assert left == [await person_id_of(world, teacher)]


@pytest.mark.rule(11)
@pytest.mark.rule(15)
@pytest.mark.row("A11")
async def test_it_says_the_same_to_who_has_a_case_and_the_case_goes_on(world: World) -> None:
    scene = await hotline(world)
    quiet = await add_member(world, scene.school.class_a, Role.PUPIL, "Quiet")
    before = await scene.pupil.says("/forget")
    await report(scene.pupil, "They take my money.")
    assert await scene.pupil.says("/forget") == before == await quiet.says("/forget")
    assert await scene.pupil.taps("Yes, forget me") == await quiet.taps("Yes, forget me")
    assert await world.rows("SELECT state FROM cases") != []
    await scene.worker.taps("Take")
    assert any("They take my money" in one.text for one in scene.worker.messages)


@pytest.mark.row("A11")
async def test_a_name_she_had_when_she_told_a_story_goes_from_it_too(world: World) -> None:
    scene = await school(world)
    writer = await add_member(world, scene.class_a, Role.PARENT, NAME)
    me = await person_id_of(world, writer)
    async with world.birge.database.writing() as db:
        await db.run(
            """INSERT INTO stories (community_id, person_id, called, role, words, photos, channel, consent, state,
                                    told_at)
               VALUES (:community, :me, 'Köhnə Ad', 'parent', 'w', '[]', 'telegram', 'not_needed', 'published', 1)""",
            community=scene.class_a.id,
            me=me,
        )
    await forgets(writer)
    [row] = await world.rows("SELECT called FROM stories")
    assert "Köhnə" not in row["called"]
