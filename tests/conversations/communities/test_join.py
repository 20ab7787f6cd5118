"""A1: a code, a role, a name, and those who lead say yes or no."""

import asyncio

import pytest

import storage.posters
from domain.communities import CommunityKind
from domain.languages import LANGUAGES
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.communities.codes import code, states
from tests.scenes import School, add_member, belong, community, person_id_of, school

NO_SUCH_CODE = "I can't let you in with this code. Please check it, or ask whoever gave it to you for a new one."


async def ask_in(scene: School, first_name: str = "Aysel", role: str = "Pupil", name: str = "Aysel M.") -> Talker:
    """A newcomer who has come with a code of 5A and answered everything."""
    invite = await code(scene.world, scene.class_a, scene.head)
    newcomer = scene.world.person(first_name)
    await newcomer.starts(invite.code)
    await newcomer.taps(role)
    await newcomer.says(name)
    return newcomer


@pytest.mark.row("A1")
async def test_a_code_leads_to_a_role_a_name_and_the_head_of_class(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")

    said = await aysel.starts(invite.code)
    assert "Class: " in said
    assert "5A" in said
    assert "Məktəb 12" in said
    assert "Head of class: \u2068Sevinc" in said
    assert "Who are you" in said
    assert aysel.labels == [*LANGUAGES.values(), "Pupil", "Parent", "Teacher", "Cancel"]

    assert "What is your name?" in await aysel.taps("Pupil")
    said = await aysel.says("Aysel Məmmədova")
    assert "Waiting for: \u2068Sevinc" in said
    assert "Aysel Məmmədova" in scene.head.last.text
    assert "As: Pupil" in scene.head.last.text
    assert scene.head.labels == ["Accept", "Decline"]
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]

    assert "Accepted by: \u2068Sevinc" in await scene.head.taps("Accept")
    assert "Welcome!" in aysel.last.text
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]
    assert "community" in {command["command"] for command in world.sandbox.menu(aysel.person)}
    assert "Pupils: 2" in await aysel.taps("Show")


async def test_a_pupil_who_leads_is_named_to_nobody_who_only_looks_in(world: World) -> None:
    scene = await school(world, pupils=2)
    fraction = await community(world, scene.school, CommunityKind.FRACTION, "Eco")
    await belong(world, scene.pupils[0], fraction, Role.CHAIR)
    await belong(world, scene.pupils[1], scene.class_a, Role.CHAIR)
    child, other = scene.pupils[0].person.first_name, scene.pupils[1].person.first_name
    aysel = world.person("Aysel")
    said = await aysel.starts((await code(world, fraction, scene.coordinator)).code)
    assert "Coordinator: " in said
    assert child not in said
    await aysel.taps("Parent")
    said = await aysel.says("Aysel")
    assert "As soon as somebody answers, I will tell you here." in said
    assert child not in said + await aysel.says("/home")
    assert "Somebody asks to join" in scene.pupils[0].last.text  # who decides it
    of_class = await code(world, scene.class_a, scene.head)
    murad = world.person("Murad")
    said = await murad.starts(of_class.code)
    await murad.taps("Parent")
    said += await murad.says("Murad")
    assert "Waiting for: \u2068Sevinc\u2069" in said
    assert other not in said
    async with world.birge.database.reading() as db:
        [door] = await storage.posters.doors_of(db, [scene.class_a.id], world.now)
    assert [one.role for one in door.leaders] == [Role.HEAD_OF_CLASS]


@pytest.mark.row("A1")
async def test_a_code_typed_as_people_type_it_opens_the_same_door(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")
    await aysel.says("/join")
    typed = f" {invite.code[:4].lower()} – {invite.code[4:]} ".replace("0", "о").replace("1", "l").replace("A", "А")
    assert "5A" in await aysel.says(typed)


@pytest.mark.row("A1")
async def test_declined_kindly_and_the_answer_taken_back(world: World) -> None:
    scene = await school(world)
    aysel = await ask_in(scene)

    assert "Declined by" in await scene.head.taps("Decline")
    assert "not accepted this time" in aysel.last.text
    assert await states(world, aysel, scene.class_a) == [("pupil", "declined")]

    await scene.head.taps("Undo")
    assert scene.head.labels == ["Accept", "Decline"]
    assert "waiting again" in aysel.last.text
    await scene.head.taps("Accept")
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]

    await scene.head.taps("Undo")
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]
    assert "community" not in {command["command"] for command in world.sandbox.menu(aysel.person)}


@pytest.mark.row("A1")
async def test_all_who_may_answer_see_who_did(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    await ask_in(scene)
    assert chair.labels == ["Accept", "Decline"]

    await scene.head.taps("Accept")
    assert "Accepted by: \u2068Sevinc" in chair.last.text
    assert chair.labels == ["Undo"]


@pytest.mark.row("A1")
@pytest.mark.parametrize(
    ("language", "role", "right", "taken"),
    [
        ("en", "Parent", "Teacher", "✓ You no longer ask to join: "),
        ("ru", "Родитель", "Учитель", "✓ Ваша заявка на вступление отозвана: "),
    ],
)
async def test_a_wish_with_a_wrong_role_is_taken_back_and_made_anew(
    world: World, language: str, role: str, right: str, taken: str
) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    leyla = world.person("Leyla", language=language)
    await leyla.starts(invite.code)
    await leyla.taps(role)
    await leyla.says("Leyla M.")
    waiting = leyla.last.text
    [back] = leyla.labels
    await leyla.taps(back)
    yes, wait = leyla.labels
    assert await leyla.taps(wait) == waiting
    await leyla.taps(back)

    said = await leyla.taps(yes)
    assert taken in said
    assert "5A" in said
    assert "✗ Taken back before there was an answer." in scene.head.last.text
    assert scene.head.labels == []
    await leyla.starts(invite.code)
    await leyla.taps(right)
    await leyla.says("Leyla M.")
    assert await states(world, leyla, scene.class_a) == [("parent", "left"), ("teacher", "waiting")]
    await scene.head.taps("Accept")
    assert await states(world, leyla, scene.class_a) == [("parent", "left"), ("teacher", "active")]


@pytest.mark.row("A3_bad_someone_elses")
async def test_only_she_who_waits_takes_her_wish_back_and_only_while_she_waits(world: World) -> None:
    scene = await school(world)
    aysel = await ask_in(scene)
    await aysel.taps("Take back request")
    asked = aysel.last
    [row] = await world.rows("SELECT id FROM memberships WHERE state = 'waiting'")
    stranger = world.person("Nobody")
    await stranger.says("/home")
    for other in (stranger, scene.pupils[0], scene.head, scene.coordinator):
        for route in ("join.back", "join.back.yes", "join.wait"):
            assert "You can't do this here" in await other.forges(f"{route}:{row['id']}")
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]
    await scene.head.taps("Accept")
    assert "decided already" in await aysel.taps("Yes, take back", message=asked)
    assert "decided already" in await aysel.taps("Keep waiting", message=asked)
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]


@pytest.mark.row("A1")
async def test_after_a_declined_wish_and_a_new_one_the_old_answer_stays(world: World) -> None:
    scene = await school(world)
    aysel = await ask_in(scene)
    await scene.head.taps("Decline")
    old_card = scene.head.last
    invite = await code(world, scene.class_a, scene.head)
    await aysel.starts(invite.code)
    await aysel.taps("Pupil")
    await aysel.says("Aysel M.")
    assert "decided already" in await scene.head.taps("Undo", message=old_card)
    assert await states(world, aysel, scene.class_a) == [("pupil", "declined"), ("pupil", "waiting")]


@pytest.mark.row("ANY_bad_two_taps")
async def test_two_taps_at_once_accept_once(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_a, Role.CHAIR, "Chair")
    aysel = await ask_in(scene)
    before = len(aysel.messages)
    world.sandbox.taps(scene.head.person, scene.head.last, "Accept")
    world.sandbox.taps(scene.head.person, scene.head.last, "Accept")
    world.sandbox.taps(chair.person, chair.last, "Accept")
    await world.settle()
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]
    assert len(aysel.messages) == before + 1
    assert "Accepted by: \u2068Sevinc" in chair.last.text


@pytest.mark.row("A1")
async def test_without_a_head_the_next_above_is_asked(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_b, scene.coordinator)
    aysel = world.person("Aysel")
    await aysel.starts(invite.code)
    await aysel.taps("Parent")
    assert "Waiting for: \u2068Kamran" in await aysel.says("Aysel M.")
    assert scene.coordinator.labels == ["Accept", "Decline"]


@pytest.mark.row("A1")
async def test_with_nobody_at_all_to_answer_the_newcomer_hears_the_truth(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    await world.rows("SELECT 1")
    async with world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role IN ('coordinator', 'head_of_class')")
    aysel = world.person("Aysel")
    await aysel.starts(invite.code)
    await aysel.taps("Pupil")
    assert "Nobody leads this community yet" in await aysel.says("Aysel M.")


@pytest.mark.row("A1")
async def test_who_belongs_or_waits_already_hears_so(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    assert "belong to this community already" in await scene.parents[0].says(f"/join {invite.code}")
    aysel = await ask_in(scene)
    assert "Waiting for" in await aysel.says(f"/join {invite.code}")
    assert "Waiting for an answer: \u20685A" in await aysel.says("/home")


@pytest.mark.row("A1")
async def test_a_code_for_a_role_asks_only_the_name_and_ends_with_the_school_year(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_b, scene.coordinator, Role.HEAD_OF_CLASS)
    leyla = world.person("Leyla")
    said = await leyla.starts(invite.code)
    assert "Head of class" in said
    assert "What is your name?" in said
    await leyla.says("Leyla Əliyeva")
    await scene.coordinator.taps("Accept")
    assert await states(world, leyla, scene.class_b) == [("head_of_class", "active")]
    assert "1 Dec 2026 – 31 Aug 2027" in await leyla.says("/community")


@pytest.mark.row("A1")
async def test_a_head_of_class_cannot_let_in_one_of_her_own_rank(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.coordinator, Role.PSYCHOLOGIST)
    leyla = world.person("Leyla")
    await leyla.starts(invite.code)
    await leyla.says("Leyla Əliyeva")
    assert scene.coordinator.labels == ["Accept", "Decline"]
    number = (await world.rows("SELECT MAX(id) AS id FROM memberships"))[0]["id"]
    assert "can't do this here" in await scene.head.forges(f"join.yes:{number}")
    assert await states(world, leyla, scene.class_a) == [("psychologist", "waiting")]


@pytest.mark.row("A2_bad_two_chairs")
async def test_a_second_head_of_class_is_not_accepted_and_the_reason_is_said(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.coordinator, Role.HEAD_OF_CLASS)
    leyla = world.person("Leyla")
    await leyla.starts(invite.code)
    await leyla.says("Leyla Əliyeva")
    assert "holds this role here already" in await scene.coordinator.taps("Accept")
    assert await states(world, leyla, scene.class_a) == [("head_of_class", "waiting")]


# --- codes that open nothing ------------------------------------------------------------------------------------------


@pytest.mark.row("A1_bad_wrong")
@pytest.mark.row("ANY_bad_code_with_quotes")
@pytest.mark.parametrize("typed", ["4KTR8PXM", "' OR 1=1 --", "\"'<b>", "😀", "0" * 4000, "1234567890123456", "bind-x"])
async def test_a_wrong_code_gets_the_neutral_sentence(world: World, typed: str) -> None:
    aysel = world.person("Aysel")
    assert await aysel.says(f"/start {typed}") == NO_SUCH_CODE


@pytest.mark.row("A1_bad_expired")
async def test_an_expired_code_gets_the_same_sentence(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head, days=7)
    await world.later(days=8)
    assert await world.person("Aysel").says(f"/join {invite.code}") == NO_SUCH_CODE


@pytest.mark.row("A1_bad_used_up")
@pytest.mark.row("A5_bad_over_limit")
async def test_a_used_up_code_gets_the_same_sentence(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head, uses=1)
    aysel, murad, nigar = (world.person(name) for name in ("Aysel", "Murad", "Nigar"))
    await aysel.starts(invite.code)
    await murad.starts(invite.code)  # looking uses nothing up
    for one in (aysel, murad):
        await one.taps("Pupil")
    assert "Waiting for" in await aysel.says("Aysel M.")
    await murad.says("Murad H.")
    assert murad.last.text == NO_SUCH_CODE
    assert await nigar.says(f"/join {invite.code}") == NO_SUCH_CODE
    assert await states(world, murad, scene.class_a) == []
    assert "is used up" in scene.head.last.text
    await scene.head.taps("Invite people")
    assert "Works for 150 people." in scene.head.last.text


@pytest.mark.row("A5_bad_over_limit")
async def test_the_last_use_is_taken_once_by_two_at_the_same_moment(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head, uses=1)
    newcomers = [world.person(f"New{number}") for number in range(5)]
    for one in newcomers:
        await one.starts(invite.code)
        await one.taps("Parent")
    for one in newcomers:
        world.sandbox.sends(one.person, text="My Name")
    await world.settle()
    waiting = [one for one in newcomers if await states(world, one, scene.class_a)]
    assert len(waiting) == 1
    assert sum(one.last.text == NO_SUCH_CODE for one in newcomers) == 4


@pytest.mark.row("A1_bad_too_many_tries")
async def test_after_five_wrong_codes_there_is_a_pause_that_says_how_long(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")
    for number in range(5):
        words = f"/join 4KTR8PX{number}" if number % 2 else f"/start 4KTR8PX{number}"
        assert await aysel.says(words) == NO_SUCH_CODE
        await world.later(minutes=2)
    said = await aysel.says(f"/join {invite.code}")
    assert "try again in 50 minutes" in said
    assert "try again in 50 minutes" in await aysel.starts(invite.code)
    await world.later(minutes=51)
    assert "5A" in await aysel.says(f"/join {invite.code}")


@pytest.mark.row("A1_bad_too_many_tries")
async def test_anothers_wrong_tries_are_not_mine(world: World) -> None:
    aysel, murad = world.person("Aysel"), world.person("Murad")
    for _ in range(6):
        await aysel.says("/join 4KTR8PXM")
    assert await murad.says("/join 4KTR8PXM") == NO_SUCH_CODE


@pytest.mark.row("A1_bad_wrong")
async def test_whoever_comes_by_an_old_link_can_enter_another_code(world: World) -> None:
    scene, aysel = await school(world), world.person("Aysel")
    assert await aysel.starts("4KTR8PXM") == NO_SUCH_CODE
    assert aysel.labels == ["Join with a code"]
    assert "send me the code" in await aysel.taps("Join with a code")
    assert "Who are you" in await aysel.says((await code(world, scene.class_a, scene.head)).code)


async def test_a_wrong_code_can_be_typed_again(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")
    await aysel.starts()
    await aysel.taps("Join with a code")
    assert await aysel.says("hello") == NO_SUCH_CODE
    assert "5A" in await aysel.says(invite.code)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("ANY_bad_html_in_names")
@pytest.mark.row("ANY_bad_invisible_letters")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("<b>Aysel</b> & Co", "<b>Aysel</b> & Co"),
        ("\u202eAysel\u200b  \nMəmmədova\u2066", "Aysel Məmmədova"),
        ("محمد الأمين", "محمد الأمين"),
        ("Гүлнұр Ә.", "Гүлнұр Ә."),
    ],
)
async def test_names_are_cleaned_and_shown_as_typed(world: World, typed: str, kept: str) -> None:
    scene = await school(world)
    await ask_in(scene, name=typed)
    assert f"Name: \u2068{kept}\u2069" in scene.head.last.text
    await scene.head.taps("Accept")
    await scene.head.says("/members")
    assert any(kept in label for label in scene.head.labels)


@pytest.mark.row("ANY_bad_longest_text")
@pytest.mark.parametrize("typed", ["A" * 4096, "A", "\u200b\u200b", "…!", "👍"])
async def test_a_name_that_is_none_is_asked_again(world: World, typed: str) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")
    await aysel.starts(invite.code)
    await aysel.taps("Teacher")
    assert "2 to 60 letters" in await aysel.says(typed)
    assert "Waiting for" in await aysel.says("Aysel M.")


async def test_words_where_a_button_is_awaited_are_answered(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    aysel = world.person("Aysel")
    await aysel.starts(invite.code)
    assert "tap one of the buttons" in await aysel.says("pupil")
    assert "What is your name?" in await aysel.taps("Pupil")
    await aysel.taps("Back")
    assert "Pupil" in aysel.labels
    assert "Stopped" in await aysel.taps("Cancel")


# --- forged and old ---------------------------------------------------------------------------------------------------


@pytest.mark.row("A3_bad_someone_elses")
@pytest.mark.row("ANY_bad_other_school")
async def test_nobody_but_those_who_lead_answers(world: World) -> None:
    scene = await school(world)
    aysel = await ask_in(scene)
    number = (await world.rows("SELECT MAX(id) AS id FROM memberships"))[0]["id"]
    stranger = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Stranger")
    for one in (aysel, scene.outsider, stranger, scene.parents[0]):
        assert "can't do this here" in await one.forges(f"join.yes:{number}")
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]


@pytest.mark.row("A3_bad_someone_elses")
async def test_who_leads_does_not_accept_herself(world: World) -> None:
    scene = await school(world)
    chair = await add_member(world, scene.class_b, Role.CHAIR, "Chair")
    invite = await code(world, scene.class_b, chair, Role.PSYCHOLOGIST)
    await chair.starts(invite.code)
    await chair.says("Chair Herself")
    number = (await world.rows("SELECT MAX(id) AS id FROM memberships"))[0]["id"]
    assert "can't do this here" in await chair.forges(f"join.yes:{number}")
    assert scene.coordinator.labels == ["Accept", "Decline"]


@pytest.mark.row("ANY_bad_forged_data")
@pytest.mark.parametrize(
    "data",
    [
        "join.yes:999999",
        "join.yes:",
        "join.yes",
        "join.yes:-1",
        "join.yes:1' OR 1=1",
        "f:1:is:pupil",
        "join.yes:" + "9" * 40,
        "f",
        "cancel:0",
        "lang.is:xx",
        "zone.is:9",
        "quiet.is:5",
        "c.down.yes:1:1",
        "m.role:1:supervisor",
        "nothing:1",
    ],
)
async def test_forged_data_changes_nothing(world: World, data: str) -> None:
    scene = await school(world)
    before = [tuple(row) for row in await world.rows("SELECT * FROM memberships ORDER BY id")]
    await scene.parents[0].says("/home")
    assert await scene.parents[0].forges(data) != ""
    assert [tuple(row) for row in await world.rows("SELECT * FROM memberships ORDER BY id")] == before


# --- the first codes --------------------------------------------------------------------------------------------------


@pytest.mark.row("A1")
async def test_whoever_sends_the_owner_code_first_holds_the_role(world: World) -> None:
    rena, murad = world.person("Rəna"), world.person("Murad")
    assert "You hold this role now: Coordinator" in await rena.starts(world.owner_code)
    assert await murad.starts(world.owner_code) == NO_SUCH_CODE
    assert await rena.starts(world.owner_code) == NO_SUCH_CODE
    await rena.says("/cancel")
    assert "Coordinator: \u2068Rəna\u2069" in await rena.says("/community")


@pytest.mark.row("A1")
async def test_the_supervisor_code_asks_for_the_code_of_conduct(world: World) -> None:
    seva = world.person("Sevda")
    said = await seva.starts(world.supervisor_code)
    assert "Hotline supervisor" in said
    assert "Code of conduct" in said
    await seva.says("Sevda Rzayeva")
    assert "Accepted" in await seva.taps("I accept this")
    accepted = await world.rows("SELECT person_id FROM conduct_acceptances")
    assert [row["person_id"] for row in accepted] == [await person_id_of(world, seva)]
    until = (await world.rows("SELECT until FROM memberships"))[0]["until"]
    assert until is not None


@pytest.mark.row("A1_bad_expired")
async def test_the_first_codes_last_a_day(world: World) -> None:
    await world.later(hours=25)
    assert await world.person("Late").starts(world.owner_code) == NO_SUCH_CODE


async def test_two_who_send_the_owner_code_at_once_are_one_owner(world: World) -> None:
    people = [world.person(f"Person{number}") for number in range(4)]
    for one in people:
        world.sandbox.presses_start(one.person, world.owner_code)
    await asyncio.sleep(0)
    await world.settle()
    assert (await world.rows("SELECT COUNT(*) AS owners FROM memberships"))[0]["owners"] == 1


async def test_siblings_belong_to_two_classes_with_one_parent(world: World) -> None:
    scene = await school(world)
    await belong(world, scene.parents[0], scene.class_b, Role.PARENT)
    await scene.parents[0].says("/home")
    assert scene.parents[0].labels[:2] == ["5A", "5B"]


@pytest.mark.row("A1")
@pytest.mark.parametrize(
    ("language", "parent", "accept", "join"),
    [("en", "Parent", "Accept", "Join"), ("ru", "Родитель", "Принять", "Участвую")],
)
async def test_a_parent_of_two_children_belongs_to_both_classes_and_each_message_says_whose_it_is(
    world: World, language: str, parent: str, accept: str, join: str
) -> None:
    scene = await school(world, parents=0, language=language)
    mother = world.person("Aygün", language=language)
    for place in (scene.class_a, scene.class_b):
        invite = await code(world, place, scene.coordinator)
        await mother.says(f"/join {invite.code}")
        await mother.taps(parent)
        await mother.says("Aygün")
        await (scene.head if place is scene.class_a else scene.coordinator).taps(accept)
        assert place.name in mother.last.text
    assert {"5A", "5B"} <= set((await mother.says("/home"), mother.labels)[1])
    other = await add_member(world, scene.class_b, Role.HEAD_OF_CLASS, "Rəna", language)
    for author, place in ((scene.head, scene.class_a), (other, scene.class_b)):
        for words, last in (
            ("/announce Bring a cup", 1),
            ("/meeting 2026-12-07 18:00 Picnic", 1),
            ("/challenge Reading | 20 minutes a day", 4),
        ):
            await author.says(words)
            for _ in range(last):
                await author.taps(author.labels[0])
            await world.tick()
            assert place.name in mother.last.text, words
    assert join in mother.labels
