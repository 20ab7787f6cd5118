"""A4: a parent and a child are linked, and a parent is asked about ordinary features; never about the hotline."""

import re

import pytest

from domain.communities import CommunityKind
from domain.roles import Role
from tests.cast import Talker, World
from tests.conversations.communities.codes import code, states
from tests.conversations.test_challenges import a_challenge
from tests.scenes import School, add_member, belong, community, school

NOT_HERE = "can't do this here"
NO_SUCH = "This code does not work"


def found_code(words: str) -> str:
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", words)
    assert found is not None
    return found[0]


async def code_of(child: Talker) -> str:
    await child.says("/home")
    return found_code(await child.forges("fam.code"))


async def claims(parent: Talker, child: Talker) -> str:
    """She enters the child's code."""
    typed = await code_of(child)
    await parent.says("/settings")
    await parent.taps("Family")
    await parent.taps("Enter child's code")
    return await parent.says(typed)


async def linked(parent: Talker, child: Talker) -> None:
    await claims(parent, child)
    await child.taps("Yes", message=child.find("Yes"))


async def links(world: World) -> list[tuple[str, int]]:
    return [(row["state"], row["head_only"]) for row in await world.rows("SELECT * FROM families ORDER BY id")]


async def pupil_asks_in(scene: School, parent: Talker | None = None) -> Talker:
    """A newcomer, whose parent (if any) is linked while she waits."""
    invite = await code(scene.world, scene.class_a, scene.head)
    aysel = scene.world.person("Aysel")
    await aysel.starts(invite.code)
    await aysel.taps("Pupil")
    await aysel.says("Aysel M.")
    if parent is not None:
        await linked(parent, aysel)
    return aysel


@pytest.mark.row("A4")
async def test_the_child_confirms_and_siblings_have_one_parent(world: World) -> None:
    scene = await school(world, parents=1, pupils=2)
    mother, [child, sibling] = scene.parents[0], scene.pupils
    await child.says("/settings")
    await child.taps("Family")
    assert "Settings, then Family" in await child.taps("Code for a parent")
    said = await claims(mother, child)
    assert "Your child is asked now" in said
    assert "Pupil0" not in said  # nothing about the child before the yes
    assert "\u2068Parent0\u2069 says: I am your mother" in child.last.text
    assert "✓ \u2068Parent0\u2069 is linked with you" in await child.taps("Yes")
    assert "✓ You are linked: \u2068Pupil0\u2069" in "".join(one.text for one in mother.messages)
    assert "✓ Linked: \u2068Parent0\u2069\nChild: \u2068Pupil0" in scene.head.last.text  # nothing is left to decide
    assert scene.head.labels == []
    assert "decided already" in await child.forges("fam.yes:1")
    await claims(mother, sibling)
    question = sibling.find("Yes")
    assert "✓ Linked" in await scene.head.taps("Confirm")  # or who leads the class
    assert "decided already" in question.text
    assert question.labels == []
    assert "is linked with you" in sibling.last.text
    shown = await mother.forges("fam")
    assert "Child: \u2068Pupil0\u2069" in shown
    assert "Child: \u2068Pupil1\u2069" in shown
    assert await links(world) == [("linked", 0), ("linked", 0)]


@pytest.mark.row("A4")
async def test_a_new_parent_is_shown_the_way_to_her_child(world: World) -> None:
    scene = await school(world, parents=1)
    invite = await code(world, scene.class_a, scene.head)
    father = world.person("Father")
    await father.starts(invite.code)
    await father.taps("Parent")
    await father.says("Rashad")
    await scene.head.taps("Accept")
    assert "Is your child here, too?" in father.last.text
    assert "Your child or the head of class can give you a code." in await father.taps("Family")
    assert "Your settings" in await father.taps("Back")
    [child] = scene.pupils
    await child.says("/settings")
    assert "Give your mother or father a code" in await child.taps("Family")
    await linked(father, child)
    again = await code(world, scene.class_b, scene.coordinator)
    await father.starts(again.code)
    await father.taps("Parent")
    await father.says("Rashad")
    await scene.coordinator.taps("Accept")
    assert "Welcome!" in father.last.text
    assert "Is your child here, too?" not in father.last.text  # her child is known


@pytest.mark.row("A4")
async def test_who_leads_the_class_says_no_and_the_child_is_asked_no_more(world: World) -> None:
    scene = await school(world, parents=1)
    [child], [stranger] = scene.pupils, scene.parents
    await claims(stranger, child)
    question = child.find("Yes")
    assert "✓ Not linked" in await scene.head.taps("Decline")
    assert "decided already" in question.text
    assert question.labels == []
    assert "was not accepted" in stranger.last.text
    assert await links(world) == [("refused", 0)]


@pytest.mark.row("A4_bad_third_adult")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_third_adult_is_checked_by_the_head_of_class_alone(world: World, language: str) -> None:
    scene = await school(world, parents=3, language=language)
    [child], [first, second, third] = scene.pupils, scene.parents
    for parent in (first, second):
        await parent.says("/home")
        await parent.forges("fam.enter")
        await parent.says(await code_of(child))
        [link] = await world.rows("SELECT MAX(id) AS id FROM families")
        await child.forges(f"fam.yes:{link['id']}")
    before = len(child.messages)
    typed = await code_of(child)
    await third.says("/home")
    await third.forges("fam.enter")
    await third.says(typed)
    [link] = await world.rows("SELECT MAX(id) AS id FROM families")
    assert await links(world) == [("linked", 0), ("linked", 0), ("waiting", 1)]
    assert len(child.messages) == before + 2  # /home and the code: she isn't asked
    await child.forges(f"fam.yes:{link['id']}")
    assert (await links(world))[-1] == ("waiting", 1)
    [seen] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    await scene.head.forges(f"fh.yes:{seen['id']}:{link['id']}")
    assert (await links(world))[-1] == ("linked", 1)


@pytest.mark.row("A4_bad_wrong_code")
async def test_codes_are_used_once_expire_and_guessing_stops(world: World) -> None:
    scene = await school(world, parents=2)
    child, [mother, father] = scene.pupils[0], scene.parents
    typed = await code_of(child)
    await mother.says("/home")
    await mother.forges("fam.enter")
    await mother.says(typed)
    await father.says("/home")
    await father.forges("fam.enter")
    assert NO_SUCH in await father.says(typed)
    late = await code_of(child)
    await world.later(days=2, minutes=1)
    await father.says("/home")
    await father.forges("fam.enter")
    for _ in range(5):
        assert NO_SUCH in await father.says(late)
    assert "Too many wrong codes" in await father.says(await code_of(child))
    assert typed.replace("-", "") not in str(await world.rows("SELECT * FROM one_time_codes"))


@pytest.mark.row("A4_bad_forged")
async def test_nobody_else_confirms_or_ends_or_gets_a_code(world: World) -> None:
    scene = await school(world, parents=2, pupils=2)
    child, other = scene.pupils
    mother, stranger = scene.parents
    await claims(mother, child)
    [link] = await world.rows("SELECT id FROM families")
    members = await world.rows("SELECT id, called FROM memberships WHERE role = 'pupil' ORDER BY id")
    number, others_number = (row["id"] for row in members)
    for talker in (other, stranger, scene.outsider, mother):
        await talker.says("/home")
        for data in (f"fam.yes:{link['id']}", f"fh.yes:{number}:{link['id']}", f"fh.code:{number}", f"fh:{number}"):
            assert NOT_HERE in await talker.forges(data), data
    assert NOT_HERE in await scene.head.forges(f"fh.yes:{others_number}:{link['id']}")
    assert NOT_HERE in await mother.forges("fam.code")
    for talker in (stranger, scene.outsider, other):
        assert NOT_HERE in await talker.forges(f"fam.out:{link['id']}")
        assert NOT_HERE in await talker.forges(f"pa.yes:{number}")
    await other.forges("fam.enter")
    assert "You are a pupil here yourself" in await other.says(await code_of(child))
    assert await links(world) == [("waiting", 0)]
    # A head of class who says to be a parent is confirmed by somebody else.
    await scene.head.says("/home")
    await scene.head.forges("fam.enter")
    await scene.head.says(await code_of(child))
    [own] = await world.rows("SELECT MAX(id) AS id FROM families")
    assert NOT_HERE in await scene.head.forges(f"fh.yes:{number}:{own['id']}")


@pytest.mark.row("A4")
@pytest.mark.parametrize("ended_by", ["child", "parent", "head"])
async def test_either_side_ends_it_and_so_does_the_head_of_class(world: World, ended_by: str) -> None:
    scene = await school(world, parents=1)
    mother, child = scene.parents[0], scene.pupils[0]
    await linked(mother, child)
    if ended_by == "head":
        await scene.head.says("/members")
        await scene.head.taps("Pupil0")
        assert "Parent: \u2068Parent0\u2069" in await scene.head.taps("Parents")
        assert "✓ Unlinked" in await scene.head.taps("Unlink Parent0")
    else:
        talker, other = (child, "Parent0") if ended_by == "child" else (mother, "Pupil0")
        await talker.says("/home")
        await talker.forges("fam")
        assert "✓ Unlinked" in await talker.taps(f"Unlink {other}")
    assert await links(world) == [("ended", 0)]
    for talker in {"child": [mother], "parent": [child], "head": [mother, child]}[ended_by]:
        assert "linked no more" in talker.last.text
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    assert NOT_HERE in await mother.forges(f"pa.no:{number['id']}")


@pytest.mark.row("A4")
async def test_below_the_age_of_consent_a_parent_is_asked_before_the_child_is_let_in(world: World) -> None:
    scene = await school(world, parents=1)
    mother = scene.parents[0]
    aysel = await pupil_asks_in(scene)
    assert "If this pupil is under 18, please make sure that a parent agrees" in scene.head.last.text
    wish = scene.head.last
    await linked(mother, aysel)
    assert "May your child get announcements there" in mother.last.text
    assert "You do not agree" in await mother.taps("I don't agree")
    assert "✗ A parent does not agree" in await scene.head.taps("Accept", message=wish)
    assert await states(world, aysel, scene.class_a) == [("pupil", "waiting")]
    assert "polls and challenges?\n\n✓ You agree." in await mother.taps("I agree")  # to what, stands above it
    card = next(one for one in scene.head.messages if "Accept" in one.labels)
    assert "✓ A parent agrees" in card.text
    await scene.head.taps("Accept", message=card)
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]


@pytest.mark.row("A4")
async def test_a_linked_parent_is_asked_when_the_child_joins_and_a_no_later_is_told(world: World) -> None:
    scene = await school(world, parents=1)
    mother, child = scene.parents[0], scene.pupils[0]
    await linked(mother, child)
    await mother.taps("I agree")
    await child.starts((await code(world, scene.class_b, scene.coordinator)).code)
    await child.taps("Pupil")
    await child.says("Pupil0")
    assert "5B" in mother.last.text
    assert "A parent is asked and has not answered yet" in scene.coordinator.last.text
    challenge = await a_challenge(scene)
    about_5a = next(one for one in mother.messages if "5A" in one.text and "I don't agree" in one.labels)
    await mother.taps("I don't agree", message=about_5a)
    assert "A parent does not agree that this pupil belongs here" in scene.head.last.text
    heard = len(scene.head.messages)
    await mother.taps("I don't agree", message=about_5a)
    assert len(scene.head.messages) == heard  # once is enough
    assert "has not agreed to this" in await child.forges(f"ch.join:{challenge}")
    assert await world.rows("SELECT 1 FROM challenge_participants") == []
    await mother.taps("I agree", message=about_5a)
    await child.forges(f"ch.join:{challenge}")
    assert len(await world.rows("SELECT 1 FROM challenge_participants")) == 1


@pytest.mark.row("A4")
async def test_a_teacher_needs_no_parent(world: World) -> None:
    scene = await school(world)
    invite = await code(world, scene.class_a, scene.head)
    leyla = world.person("Leyla")
    await leyla.starts(invite.code)
    await leyla.taps("Teacher")
    await leyla.says("Leyla")
    assert "\u2068Leyla\u2069" in scene.head.last.text
    assert "parent agrees" not in scene.head.last.text


@pytest.mark.row("A4")
async def test_a_class_that_a_pupil_only_asks_to_join_learns_nothing_of_her_family(world: World) -> None:
    scene = await school(world)
    [child], parent = scene.pupils, scene.parents[0]
    await parent.says("/home")
    await parent.forges("fam.enter")
    await parent.says(await code_of(child))
    elsewhere = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Rəna")
    invite = await code(world, scene.other_class, elsewhere)
    await child.starts(invite.code)
    await child.taps("Pupil")
    await child.says("Aysel")
    [asked] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil' AND state = 'waiting'")
    [link] = await world.rows("SELECT id FROM families")
    await elsewhere.says("/home")
    for data in (f"fh:{asked['id']}", f"fh.code:{asked['id']}", f"fh.yes:{asked['id']}:{link['id']}"):
        assert NOT_HERE in await elsewhere.forges(data), data
    assert await links(world) == [("waiting", 0)]


@pytest.mark.row("A4")
async def test_each_who_leads_reads_of_the_child_only_what_she_knows(world: World) -> None:
    """A class that she only asks to join hears nothing; a club isn't told which class she is in."""
    scene = await school(world)
    [child], parent = scene.pupils, scene.parents[0]
    club = await community(world, scene.other_school, CommunityKind.CLUB, "Chess")
    trainer = await add_member(world, club, Role.COORDINATOR, "Trainer")
    elsewhere = await add_member(world, scene.other_class, Role.HEAD_OF_CLASS, "Rəna")
    await belong(world, child, club, Role.PUPIL)
    await child.starts((await code(world, scene.other_class, elsewhere)).code)
    await child.taps("Pupil")
    await child.says("Aysel")
    await elsewhere.says("/members")
    await elsewhere.taps("⏳ Aysel – Pupil")
    assert "Parents" not in elsewhere.labels
    heard = len(elsewhere.messages)
    await claims(parent, child)
    assert len(elsewhere.messages) == heard
    for leader, other in ((trainer, "5A"), (scene.head, "Chess")):
        assert "Parent: \u2068Parent0\u2069" in leader.last.text
        assert other not in leader.last.text
    await child.taps("Yes", message=child.find("Yes"))
    for leader, own, other in ((trainer, "Chess", "5A"), (scene.head, "5A", "Chess")):
        assert "✓ Linked" in leader.last.text
        assert own in leader.last.text
        assert other not in leader.last.text
    assert len(elsewhere.messages) == heard


@pytest.mark.row("A4_bad_third_adult")
@pytest.mark.row("A4_bad_forged")
async def test_a_pupil_who_leads_a_fraction_says_yes_for_nobody(world: World) -> None:
    scene = await school(world, parents=3, pupils=2)
    chair, other = scene.pupils
    fraction = await community(world, scene.school, CommunityKind.FRACTION, "Care")
    await belong(world, other, fraction, Role.PUPIL)
    await belong(world, chair, fraction, Role.CHAIR)
    first, second, third = scene.parents
    for one in (first, second):
        await linked(one, chair)
    await belong(world, chair, fraction, Role.PUPIL)
    heard = len(chair.messages)
    await claims(third, chair)
    assert len(chair.messages) == heard + 2  # /home and the code: as the chair of her fraction she isn't asked, either
    assert "please check who this is" in scene.coordinator.last.text
    assert "please check who this is" in scene.head.last.text
    numbers = await world.rows("SELECT id FROM memberships WHERE role = 'pupil' ORDER BY id")
    [link] = await world.rows("SELECT MAX(id) AS id FROM families")
    for row in numbers:
        for data in (f"fh.yes:{row['id']}:{link['id']}", f"fh:{row['id']}", f"fh.code:{row['id']}"):
            assert NOT_HERE in await chair.forges(data), data
    await chair.forges(f"m:{fraction.id}")
    await chair.taps("Pupil1")
    assert "Remove" in chair.labels
    assert "Parents" not in chair.labels
    assert (await links(world))[-1] == ("waiting", 1)


@pytest.mark.row("A4")
async def test_a_head_of_class_has_no_buttons_for_her_own_wish_to_be_a_parent(world: World) -> None:
    scene = await school(world)
    await claims(scene.head, scene.pupils[0])
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    assert "Waiting for a yes: \u2068Sevinc" in await scene.head.forges(f"fh:{number['id']}")
    assert scene.head.labels == ["Code for a parent", "Back"]


async def no_then_unlinked(scene: School) -> tuple[Talker, Talker]:
    """A mother has refused 5A for her child, who then unlinks her."""
    mother, child = scene.parents[0], scene.pupils[0]
    await linked(mother, child)
    await mother.taps("I don't agree")
    await child.says("/home")
    await child.forges("fam")
    await child.taps("Unlink Parent0")
    return mother, child


@pytest.mark.row("A4_bad_forged")
async def test_a_parents_no_outlives_the_link_until_who_leads_the_class_decides_anew(world: World) -> None:
    scene = await school(world, parents=2)
    challenge = await a_challenge(scene)
    mother, child = await no_then_unlinked(scene)
    assert "has not agreed to this" in await child.forges(f"ch.join:{challenge}")
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    for talker in (child, mother, scene.parents[1], scene.outsider):
        assert NOT_HERE in await talker.forges(f"fh.anew:{number['id']}")
    assert "parent" not in (await child.says("/hotline")).lower()  # nobody asks her there
    await scene.head.says("/members")
    await scene.head.taps("Pupil0")
    assert "✗ A parent who is no longer linked does not agree." in await scene.head.taps("Parents")
    assert "no longer linked" not in await scene.head.taps("Decide anew")
    assert "Decide anew" not in scene.head.labels
    await child.forges(f"ch.join:{challenge}")
    assert len(await world.rows("SELECT 1 FROM challenge_participants")) == 1


@pytest.mark.row("A4_bad_third_adult")
@pytest.mark.parametrize("language", ["en", "ru"])
async def test_after_a_no_the_child_alone_links_nobody_who_would_say_yes(world: World, language: str) -> None:
    scene = await school(world, parents=2, language=language)
    mother, friend = scene.parents
    child = scene.pupils[0]
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    await asks(mother, child)
    await child.forges("fam.yes:1")
    await mother.forges(f"pa.no:{number['id']}")
    await child.forges("fam.out:1")
    await asks(friend, child)
    await child.forges("fam.yes:2")
    assert await links(world) == [("ended", 0), ("waiting", 1)]
    await scene.head.forges(f"fh.yes:{number['id']}:2")
    await friend.forges(f"pa.yes:{number['id']}")  # another parent, whom an adult knows, decides anew
    assert [row["agrees"] for row in await world.rows("SELECT agrees FROM parents_answers")] == [1]
    await asks(mother, child)  # she comes back: nothing of hers stands, so the child says yes to her
    assert (await links(world))[-1] == ("waiting", 0)


async def asks(parent: Talker, child: Talker) -> None:
    """As claims, in whatever language."""
    await parent.says("/home")
    await parent.forges("fam.enter")
    await parent.says(await code_of(child))


@pytest.mark.row("A4")
async def test_a_newcomer_against_whom_a_no_stands_is_let_in_after_a_new_decision(world: World) -> None:
    scene = await school(world, parents=1)
    mother = scene.parents[0]
    aysel = await pupil_asks_in(scene, mother)
    await mother.taps("I don't agree")
    await aysel.forges("fam")
    await aysel.taps("Unlink Parent0")
    assert "no longer linked does not agree" in await scene.head.taps("Accept")
    await scene.head.taps("Parents")
    await scene.head.taps("Decide anew")
    card = next(one for one in scene.head.messages if "Accept" in one.labels)
    assert "please make sure that a parent agrees" in card.text
    await scene.head.taps("Accept", message=card)
    assert await states(world, aysel, scene.class_a) == [("pupil", "active")]


@pytest.mark.row("A4")
async def test_a_no_stays_with_the_child_when_the_parent_is_forgotten(world: World) -> None:
    scene = await school(world, parents=1)
    challenge = await a_challenge(scene)
    mother, child = scene.parents[0], scene.pupils[0]
    await linked(mother, child)
    await mother.taps("I don't agree")
    await mother.says("/forget")
    await mother.taps("Yes, forget me")
    assert "has not agreed to this" in await child.forges(f"ch.join:{challenge}")
    await child.says("/forget")
    await child.taps("Yes, forget me")
    assert await world.rows("SELECT 1 FROM parents_answers") == []


@pytest.mark.row("A4")
@pytest.mark.parametrize(
    ("language", "agrees", "refuses"),
    [("en", "✓ You agree", "You do not agree"), ("ru", "✓ Вы согласны", "Вы не согласны")],
)
async def test_a_parent_finds_what_she_agreed_to_and_changes_it(
    world: World, language: str, agrees: str, refuses: str
) -> None:
    """The question itself may be long gone from her chat."""
    scene = await school(world, parents=1, language=language)
    mother, child = scene.parents[0], scene.pupils[0]
    await mother.says("/home")
    await mother.forges("fam.enter")
    await mother.says(await code_of(child))
    await child.forges("fam.yes:1")
    [number] = await world.rows("SELECT id FROM memberships WHERE role = 'pupil'")
    await mother.says("/settings")
    await mother.forges("fam")
    assert any(label.startswith("…") for label in mother.labels)
    await mother.taps("Pupil0, 5A")
    assert refuses in await mother.forges(f"pa.no:{number['id']}")
    await mother.forges("fam")
    await mother.taps("✗ Pupil0, 5A")
    assert agrees in await mother.forges(f"pa.yes:{number['id']}")
    await mother.forges("fam")
    assert "✓ Pupil0, 5A" in mother.labels
    for talker in (scene.outsider, child, scene.head):
        await talker.says("/home")
        assert "Pupil0" not in await talker.forges(f"pa:{number['id']}")


@pytest.mark.row("A4")
async def test_a_child_who_lost_the_question_finds_it_under_family(world: World) -> None:
    scene = await school(world, parents=1)
    mother, child = scene.parents[0], scene.pupils[0]
    await claims(mother, child)
    await child.says("/home")
    said = await child.forges("fam")
    assert "Waiting for a yes: \u2068Parent0" in said
    assert "I am your mother, your father" in said
    assert "is linked with you" in await child.taps("Yes")
    assert await links(world) == [("linked", 0)]


@pytest.mark.row("A4")
async def test_of_two_who_wait_the_head_of_class_sees_which_is_which(world: World) -> None:
    scene = await school(world, parents=2)
    for parent in scene.parents:
        await claims(parent, scene.pupils[0])
    await scene.head.says("/members")
    await scene.head.taps("Pupil0")
    await scene.head.taps("Parents")
    assert scene.head.labels[:4] == ["✓ Parent0", "✗ Parent0", "✓ Parent1", "✗ Parent1"]
    await scene.head.taps("✗ Parent1")
    assert await links(world) == [("waiting", 0), ("refused", 0)]


@pytest.mark.row("A4")
async def test_a_pupil_who_leads_hears_of_no_parents_no(world: World) -> None:
    scene = await school(world, parents=1, pupils=2)
    mother, [child, chair] = scene.parents[0], scene.pupils
    await belong(world, chair, scene.class_a, Role.CHAIR)
    await linked(mother, child)
    heard = len(chair.messages)
    await mother.taps("I don't agree")
    assert "A parent does not agree" in scene.head.last.text
    assert len(chair.messages) == heard
    fraction = await community(world, scene.school, CommunityKind.FRACTION, "Eco")
    await belong(world, chair, fraction, Role.CHAIR)
    await child.starts((await code(world, fraction, scene.coordinator)).code)
    await child.taps("Pupil")
    await child.says("Pupil0")
    await mother.taps("I don't agree")
    assert "Somebody asks to join" in chair.last.text
    assert "arent" not in chair.last.text
    assert "Please let an adult who leads here answer this." in await chair.taps("Accept")
    await chair.forges(f"m:{fraction.id}")
    assert "arent" not in await chair.taps("⏳ Pupil0 – Pupil")
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"m:{fraction.id}")
    assert "✗ A parent does not agree" in await scene.coordinator.taps("⏳ Pupil0 – Pupil")
