"""A10: a person, not a chat id: one history on several accounts; cases and offices stay where they are."""

import re

import pytest

import storage.communities
import storage.feeds
import storage.pins
from domain.roles import Role
from tests.cast import PIN, Talker, World
from tests.conversations.test_announcements import sent
from tests.conversations.test_challenges import a_challenge
from tests.conversations.test_families import claims, linked
from tests.conversations.test_meetings import called
from tests.conversations.test_polls import a_poll, poll_in
from tests.scenes import School, add_member, hotline, identity_id_of, person_id_of, report, school, taken

NO_SUCH = "This code does not work"


async def code_from(talker: Talker) -> str:
    """What she copies from her old phone."""
    await talker.says("/move")
    said = await talker.taps("Get a code")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert found is not None
    return found[0]


async def moves(old: Talker, new: Talker) -> str:
    """Whoever is known on both accounts says on both that both are hers."""
    await new.says(f"/move {await code_from(old)}")
    if "Both are mine" in new.labels:
        await new.taps("Both are mine")
    await old.taps("Yes, it is mine")
    return new.last.text


@pytest.mark.row("A10")
async def test_a_person_with_two_accounts_sees_one_history(world: World) -> None:
    scene = await school(world)
    old, new = scene.parents[0], world.person("New")
    await called(scene)
    await a_poll(scene)
    challenge = await a_challenge(scene)
    await old.taps("Going")
    await old.votes(poll_in(old.chat), 0)
    await old.forges(f"ch.join:{challenge}")
    await old.says("/did")
    await new.starts()
    await new.says("/move")
    await new.taps("I have a code")
    assert "say yes on your other account" in await new.says(await code_from(old))
    assert await person_id_of(world, new) != await person_id_of(world, old)
    assert "✓ Done" in await old.taps("Yes, it is mine")
    assert "✓ Done" in new.last.text
    assert await person_id_of(world, new) == await person_id_of(world, old)
    assert "meetings" in {command["command"] for command in world.sandbox.menu(new.person)}
    for command in ("/meetings", "/polls", "/challenges", "/home"):
        assert await new.says(command) == await old.says(command)
        assert new.labels == old.labels
    assert "counted already" in await new.says("/did")  # on the other phone
    rows = await world.rows("SELECT (SELECT COUNT(*) FROM rsvps) AS r, (SELECT COUNT(*) FROM poll_ballots) AS b")
    assert (rows[0]["r"], rows[0]["b"]) == (1, 1)
    await sent(scene)
    assert "Tomorrow" in "".join(one.text for one in new.messages)  # there she moved last
    ledger = await world.rows(
        """SELECT COUNT(*) AS rows_, COUNT(DISTINCT person_id) AS persons FROM deliveries
           JOIN outgoings ON outgoings.id = deliveries.outgoing_id WHERE outgoings.dedupe_key LIKE 'announcement:%'"""
    )
    assert ledger[0]["rows_"] == ledger[0]["persons"] == 4


@pytest.mark.row("A10")
@pytest.mark.parametrize("language", ["en", "az"])
async def test_two_persons_that_existed_become_one(world: World, language: str) -> None:
    scene = await school(world, parents=2, language=language)
    old, new = scene.parents  # both are in 5A
    teacher = await add_member(world, scene.class_b, Role.TEACHER, "Leyla", language)
    await called(scene) if language == "en" else None
    challenge = await a_challenge(scene) if language == "en" else 0
    for talker in (old, new) if language == "en" else ():
        await talker.taps("Going", message=talker.find("Going"))
        await talker.forges(f"ch.join:{challenge}")
    if language == "en":
        await old.says("/did")
        await world.later(days=1)
        await new.says("/did")
    older, younger = await person_id_of(world, old), await person_id_of(world, new)
    for first, second in ((old, new), (new, teacher)):
        code = await forged_code(first)
        await second.says(f"/move {code}")
        await second.forges(f"mv.both:{code}")
        await first.taps(first.labels[0])
    assert {await person_id_of(world, one) for one in (old, new, teacher)} == {older}
    assert await left_of(world, younger) == []
    held = await world.rows(
        """SELECT person_id, community_id, role FROM memberships WHERE state = 'active' AND person_id IN (:a, :b)
           ORDER BY role""",
        a=older,
        b=younger,
    )
    assert [tuple(row) for row in held] == [
        (older, scene.class_a.id, "parent"),
        (older, scene.class_b.id, "teacher"),
    ]
    if language == "en":
        assert len(await world.rows("SELECT 1 FROM rsvps WHERE person_id IN (:a, :b)", a=older, b=younger)) == 1
        [done] = await world.rows(
            "SELECT days, streak, last_day FROM challenge_participants WHERE person_id = :a", a=older
        )
        assert (done["days"], done["streak"], done["last_day"]) == (2, 2, "2026-12-02")


async def left_of(world: World, person_id: int) -> list[str]:
    """Where a number still stands, but for what was delivered to it alone."""
    async with world.birge.database.reading() as db:
        references = [one for one in await db.references() if one.parent == "persons" and one.child != "deliveries"]
        return [
            f"{one.child}.{one.column}"
            for one in references
            if await db.value(f"SELECT 1 FROM {one.child} WHERE {one.column} = :id", id=person_id)  # noqa: S608
        ]


async def forged_code(talker: Talker) -> str:
    """The code, in whatever language it is told."""
    await talker.says("/move")
    await talker.forges("mv.code")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", talker.last.text)
    assert found is not None
    return found[0]


@pytest.mark.row("A10")
async def test_both_accounts_have_her_menu_and_each_answers_where_she_taps(world: World) -> None:
    scene = await school(world)
    old, new = scene.parents[0], world.person("New")
    await new.starts()
    await moves(old, new)
    await add_role(world, scene, old)
    for account in (old, new):
        assert "announce" in {command["command"] for command in world.sandbox.menu(account.person)}, account.person.name
    heard = len(new.messages)
    await old.says("/settings")
    await old.taps("Language")
    assert "Ваши настройки" in await old.taps("Русский")
    await old.says("/home")
    await old.forges("lang.is:uk:home")
    assert "Що Ви хочете зробити?" in old.last.text
    assert len(new.messages) == heard  # on the other phone nothing moves
    for account in (old, new):
        [meetings] = [one for one in world.sandbox.menu(account.person) if one["command"] == "meetings"]
        assert meetings["description"] == "Найближчі зустрічі та Ваші відповіді"


async def add_role(world: World, scene: School, talker: Talker) -> None:
    """Whoever runs the school makes her its chair."""
    [number] = await world.rows(
        "SELECT id FROM memberships WHERE person_id = :id", id=await person_id_of(world, talker)
    )
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"m.role:{number['id']}:chair:year")


@pytest.mark.row("A10")
@pytest.mark.parametrize("first", ["linked", "waiting"])
async def test_a_parent_of_two_accounts_stays_linked_and_her_last_word_counts(world: World, first: str) -> None:
    scene = await school(world, parents=2)
    (old, new), [child] = scene.parents, scene.pupils
    if first == "linked":
        await linked(old, child)
        await old.taps("I agree")
    else:
        await claims(old, child)
    await linked(new, child)
    await world.later(minutes=1)
    await new.taps("I don't agree")
    await moves(old, new)
    assert [row["state"] for row in await world.rows("SELECT state FROM families WHERE state <> 'ended'")] == ["linked"]
    assert [row["agrees"] for row in await world.rows("SELECT agrees FROM parents_answers")] == [0]
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    assert "✓ You agree" in await old.forges(f"pa.yes:{number['id']}")


@pytest.mark.row("A10")
async def test_what_came_to_the_account_before_is_changed_and_taken_back_there(world: World) -> None:
    scene = await school(world)
    old, new = scene.parents[0], world.person("New")
    await called(scene)
    await sent(scene, "Tomorrow is off")
    copy = old.last
    assert "Tomorrow is off" in copy.text
    invitation = old.find("Going")
    await new.starts()
    await moves(old, new)
    await old.taps("Going", message=invitation)
    await new.says("/meetings")
    number = (await world.rows("SELECT MAX(id) AS id FROM announcements"))[0]["id"]
    await scene.head.forges(f"a.back:{number}")
    await scene.head.taps("Yes, take it back")
    await world.tick()
    assert copy not in old.messages
    challenge = await a_challenge(scene)
    heard = len(new.messages)
    assert "Reading" in await old.forges(f"ch:{challenge}")  # the answer comes where it was asked
    assert len(new.messages) == heard


@pytest.mark.row("A10_bad_used_twice")
@pytest.mark.row("A10_bad_by_another")
async def test_a_code_works_once_for_ten_minutes_and_not_for_her_own_account(world: World) -> None:
    scene = await school(world)
    old, thief = scene.parents[0], world.person("Thief")
    await thief.starts()
    code = await code_from(old)
    assert await old.says(f"/move {code}") == await thief.says("/move 0000-0000") != ""
    new = world.person("New")
    await new.starts()
    assert "✓ The code is right" in await new.says(f"/move {code}")
    assert NO_SUCH in await thief.says(f"/move {code}")
    first, second = await code_from(old), await code_from(old)
    assert NO_SUCH in await thief.says(f"/move {first}")
    await world.later(minutes=11)
    assert NO_SUCH in await thief.says(f"/move {second}")
    assert await person_id_of(world, thief) != await person_id_of(world, old)
    assert code.replace("-", "") not in str(await world.rows("SELECT * FROM one_time_codes"))


@pytest.mark.row("A10_bad_by_another")
async def test_a_code_slipped_to_somebody_opens_nothing_of_hers_before_her_yes(world: World) -> None:
    """Told to enter it with /move to join a class: whoever made the code would have been her from then on."""
    scene = await school(world)
    victim, thief = scene.parents[0], world.person("Thief")
    await thief.starts()
    code = await code_from(thief)
    assert "Are both accounts yours?" in await victim.says(f"/move {code}")
    assert await person_id_of(world, thief) != await person_id_of(world, victim)
    await victim.taps("Cancel")
    assert "can't do this here" in await thief.says("/community")
    assert "Are both accounts yours?" in await victim.says(f"/move {code}")  # looking used nothing up
    asked = victim.find("Both are mine")
    assert "✓ The code is right" in await victim.taps("Both are mine", message=asked)
    assert asked.labels == []
    assert NO_SUCH in await victim.forges(f"mv.both:{code}")
    assert NO_SUCH in await victim.forges("mv.both")
    await thief.taps("Yes, it is mine")
    assert "can't do this here" in await thief.forges(f"mv.out:{await identity_id_of(world, victim)}")
    assert "came along only today" in await thief.says("/forget")
    assert "yours no more" in await victim.taps("It was not me", message=victim.find("It was not me"))
    assert "can't do this here" in await thief.says("/community")
    assert "can't do this here" not in await victim.says("/community")


@pytest.mark.row("A10_bad_by_another")
@pytest.mark.parametrize(("language", "no"), [("en", "No"), ("ru", "Нет")])
@pytest.mark.parametrize("known", [False, True])
async def test_a_stolen_code_alone_takes_freezes_and_parts_nothing(
    world: World, language: str, no: str, known: bool
) -> None:
    scene = await school(world, language=language)
    owner, thief = scene.head, scene.outsider if known else world.person("Thief", language=language)
    await thief.starts()
    before = await what_is_whose(world)
    code = await forged_code(owner)
    await thief.says(f"/move {code}")
    if known:
        await thief.taps(thief.labels[0])  # both are mine, says the thief
    asked = owner.find(no)
    question = str(asked.buttons[0].data)
    assert await what_is_whose(world) == before
    for somebody in (thief, scene.coordinator):  # who see the question's code over her shoulder
        await somebody.says("/home")
        await somebody.forges(question)
    await owner.forges(f"{question.rpartition(':')[0]}:{await identity_id_of(world, scene.parents[0])}", message=asked)
    assert await what_is_whose(world) == before
    heard = len(thief.messages)
    await owner.taps(no, message=asked)
    assert len(thief.messages) == heard + 1
    assert len(owner.last.labels) == 0
    await owner.forges(question, message=asked)  # it is over
    assert await what_is_whose(world) == before

    code = await forged_code(owner)
    await thief.says(f"/move {code}")
    if known:
        await thief.taps(thief.labels[0])
    question = str(owner.find(no).buttons[0].data)
    await world.later(minutes=11)
    await owner.forges(question, message=owner.find(no))
    assert await what_is_whose(world) == before


async def what_is_whose(world: World) -> list[tuple[object, ...]]:
    """Every account and every membership, with whose it is."""
    rows = await world.rows(
        """SELECT 'account' AS what, id, person_id, chosen_at FROM identities
           UNION ALL SELECT state, id, person_id, 0 FROM memberships
           ORDER BY what, id"""
    )
    return [tuple(row) for row in rows]


@pytest.mark.row("A10_bad_by_another")
async def test_neither_of_two_known_accounts_throws_out_the_other(world: World) -> None:
    scene = await school(world)
    one, other = scene.head, scene.outsider
    await moves(one, other)
    for sayer, against in ((one, other), (other, one)):
        assert "It was not me" not in sayer.labels
        assert "can't do this here" in await sayer.forges(f"mv.out:{await identity_id_of(world, against)}")
    assert await person_id_of(world, one) == await person_id_of(world, other)


@pytest.mark.row("A10")
async def test_a_second_tap_on_yes_frightens_nobody(world: World) -> None:
    scene = await school(world)
    old, new = scene.parents[0], world.person("New")
    await new.starts()
    await new.says(f"/move {await code_from(old)}")
    asked = old.find("Yes, it is mine")
    yes = str(asked.buttons[0].data)
    assert "✓ Done" in await old.taps("Yes, it is mine", message=asked)
    assert await old.forges(yes, message=asked) == "✓ Done. Both accounts are yours."
    assert "It was not me" in asked.labels


@pytest.mark.row("A4")
@pytest.mark.row("A10")
async def test_nobody_agrees_as_her_own_parent(world: World) -> None:
    scene = await school(world)
    [child], parent = scene.pupils, scene.parents[0]
    await linked(parent, child)
    await parent.taps("I don't agree")
    await moves(child, parent)
    assert await world.rows("SELECT 1 FROM families UNION ALL SELECT 1 FROM parents_answers") == []


@pytest.mark.row("A10_bad_by_another")
async def test_whoever_guesses_must_wait(world: World) -> None:
    scene = await school(world)
    thief = world.person("Thief")
    await thief.starts()
    for _ in range(5):
        assert NO_SUCH in await thief.says("/move 0000-0000")
    assert "Too many wrong codes" in await thief.says(f"/move {await code_from(scene.parents[0])}")


@pytest.mark.row("A10_bad_by_another")
async def test_an_account_that_was_not_hers_is_separated_again(world: World) -> None:
    scene = await school(world)
    old, thief = scene.parents[0], world.person("Thief")
    await thief.starts()
    await moves(old, thief)
    assert "yours no more" in await old.taps("It was not me")
    assert "was separated from the other one" in thief.last.text
    assert "can't do this here" in await thief.says("/community")
    assert "can't do this here" in await old.forges(f"mv.out:{await identity_id_of(world, thief)}")
    assert await person_id_of(world, thief) != await person_id_of(world, old)
    for data in (f"mv.out:{await person_id_of(world, old)}", "mv.out", "mv.out:x"):
        assert "can't do this here" in await scene.outsider.forges(data)


@pytest.mark.row("A10_bad_by_another")
async def test_whoever_took_over_keeps_no_way_back_and_throws_out_nobody(world: World) -> None:
    scene = await school(world)
    old, thief = scene.parents[0], world.person("Thief")
    await thief.starts()
    me = await person_id_of(world, old)
    await moves(old, thief)
    assert "can't do this here" in await thief.forges(f"mv.out:{await identity_id_of(world, old)}")
    for data in ("bye", "mv.code", "mv.both:0000-0000"):
        assert "came along only today" in await thief.forges(data)
    async with world.birge.database.writing() as db:
        address = await storage.feeds.make(db, me, world.now)
    assert "yours no more" in await old.taps("It was not me", message=old.find("It was not me"))
    assert await person_id_of(world, old) == me
    async with world.birge.database.reading() as db:
        assert await storage.feeds.person_of(db, address) is None


@pytest.mark.rule(11)
@pytest.mark.rule(20)
@pytest.mark.row("A10")
async def test_a_case_stays_with_the_account_it_was_written_on(world: World) -> None:
    scene = await hotline(world)
    await report(scene.pupil, "They take my money.")
    quiet = await add_member(world, scene.school.class_a, Role.PUPIL, "Quiet")
    new, other = world.person("New"), world.person("Other")
    for talker in (new, other):
        await talker.starts()
    assert await scene.pupil.says("/move") == await quiet.says("/move")
    await moves(scene.pupil, new)
    await moves(quiet, other)
    assert await new.says("/mycases") == await other.says("/mycases")
    [row] = await world.rows("SELECT id FROM cases")
    assert "can't do this here" in await new.forges(f"my:{row['id']}")
    await scene.pupil.says("/mycases")
    assert await scene.pupil.forges(f"my:{row['id']}") != ""
    assert "can't do this here" not in scene.pupil.last.text


@pytest.mark.rule(14)
@pytest.mark.rule(15)
@pytest.mark.row("A10")
async def test_offices_end_and_who_was_kept_out_stays_so(world: World) -> None:
    scene = await hotline(world)
    number = await taken(scene)
    await scene.worker.taps("More")
    await scene.worker.taps("Keep out")
    await scene.worker.taps("Murad")
    murad, new = scene.other_worker, world.person("New")
    await new.starts()
    old_number = await person_id_of(world, murad)
    await new.says(f"/move {await forged_code(murad)}")
    await murad.taps("Yes, it is mine")
    assert (
        await world.rows("SELECT 1 FROM memberships WHERE role = 'worker' AND state = 'active' AND called = 'Murad'")
        == []
    )
    for talker in (murad, new):
        assert "can't do this here" in await talker.says("/queue")
    assert await person_id_of(world, new) == old_number
    await world.later(days=2)
    parent = scene.school.parents[0]  # an older row than Murad's: what kept him out keeps her out
    await moves(parent, murad)
    await add_office(scene.school.network.id, world, parent)
    assert number not in await parent.says("/queue")


async def add_office(network_id: int, world: World, talker: Talker) -> None:
    async with world.birge.database.writing() as db:
        person_id = await person_id_of(world, talker)
        await storage.communities.add_member(db, person_id, network_id, Role.WORKER, "Parent", world.now)
        await storage.pins.save(db, person_id, PIN)
        await storage.pins.unlock(db, person_id, await identity_id_of(world, talker), world.now)
