"""Where community features could go wrong: groups, clocks, lengths, and answers that nobody may lack."""

from datetime import UTC, datetime, timedelta

import pytest

import storage.chats
import storage.communities
import storage.conversations
import storage.persons
from domain.communities import CommunityKind
from domain.requests import Incoming, Kind
from domain.roles import Role
from domain.times import to_us
from sandbox import Chat
from tests.cast import Talker, World
from tests.scenes import add_member, belong, community, group, person_id_of, school


async def shows(world: World, chat: Chat) -> str:
    await world.settle()
    return chat.visible[-1].text


async def answers(talker: Talker, *said: str) -> str:
    """Answers a form: words are said, and "[Label]" is tapped. Returns what was heard last."""
    heard = ""
    for one in said:
        heard = await (talker.taps(one[1:-1]) if one.startswith("[") else talker.says(one))
    return heard


async def people(world: World) -> int:
    return int((await world.rows("SELECT COUNT(*) AS people FROM persons"))[0]["people"])


# --- groups -----------------------------------------------------------------------------------------------------------


async def test_a_hidden_administrator_gets_the_groups_card_and_nobody_becomes_a_person(world: World) -> None:
    owner, head = world.person("Owner"), world.person("Sevinc")
    chat = world.group("5A", owner, [head])
    world.sandbox.adds_bot(owner.person, chat)
    await world.settle()
    before = await people(world)
    world.sandbox.promotes(head.person, chat, anonymous=True)
    world.sandbox.sends(head.person, chat, "/start", anonymous=True)
    assert "Salam! Mən Birge" in await shows(world, chat)  # the network's language, as long as it is nobody's
    assert len(chat.visible[-1].labels) == 1
    world.sandbox.sends(head.person, chat, "/help", anonymous=True)
    assert "/help" in await shows(world, chat)
    assert await people(world) == before


@pytest.mark.parametrize("typed", ["/poll Museum? | Yes | No", "/home", "/meeting", "/poll"])
async def test_a_hidden_administrator_is_sent_to_the_private_chat(world: World, typed: str) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    before = await people(world)
    world.sandbox.promotes(scene.parents[0].person, chat, anonymous=True)
    world.sandbox.sends(scene.parents[0].person, chat, typed, anonymous=True)
    assert await shows(world, chat) == "Please write this to me in our private chat."
    assert chat.visible[-1].labels == ["Open private chat"]
    assert await people(world) == before


async def test_a_hidden_administrators_chatter_is_left_alone(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    world.sandbox.promotes(scene.parents[0].person, chat, anonymous=True)
    world.sandbox.sends(scene.parents[0].person, chat, "Good morning", anonymous=True)
    assert await shows(world, chat) == "Good morning"
    world.sandbox.sends(scene.parents[0].person, chat, "/nothing", anonymous=True)
    assert await shows(world, chat) == "/nothing"


async def test_a_group_the_bot_has_left_is_said_to_be_gone_at_once(world: World) -> None:
    scene = await school(world)
    chat = world.group("5A parents", scene.head)
    world.sandbox.adds_bot(scene.head.person, chat)
    await world.settle()
    number = (await world.rows("SELECT MAX(id) AS id FROM chats"))[0]["id"]
    await scene.head.starts(f"bind-{number}")
    async with world.birge.database.writing() as db:
        await storage.chats.mark_unreachable(db, "telegram", str(chat.id), "removed")
    assert "Please add me to it again" in await scene.head.taps("5A")


async def test_a_no_after_the_check_stays_out_of_the_group(world: World) -> None:
    scene = await school(world)
    chat = world.group("5A parents", scene.head)
    world.sandbox.adds_bot(scene.head.person, chat)
    await world.settle()
    number = (await world.rows("SELECT MAX(id) AS id FROM chats"))[0]["id"]
    await world.birge.pipeline.take(
        [_bound(scene.head, chat, scene.class_a.id, 77), _bound(scene.outsider, chat, scene.class_a.id, number)]
    )
    assert "Which class or community" in await shows(world, chat)
    assert "Please add me to it again" in scene.head.last.text
    assert "can't do this here" in scene.outsider.last.text


def _bound(who: Talker, chat: Chat, community_id: int, chat_id: int) -> Incoming:
    return Incoming(
        "telegram",
        f"answer:{who.person.id}",
        Kind.ANSWER,
        chat=str(chat.id),
        chat_kind="group",
        sender=str(who.person.id),
        answer={"yes": True},
        then="groups.bound",
        args=(str(community_id), str(chat_id)),
    )


async def test_all_who_wait_are_counted(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        for number in range(10):
            who = await storage.persons.meet(db, "telegram", f"99{number}", "en", "Asia/Baku")
            await storage.communities.ask_to_join(
                db, who.person.id, scene.class_a.id, "pupil", f"New {number}", world.now
            )
    assert "10 people wait to join." in await scene.head.says("/members")
    waiting = [label for label in scene.head.labels if "New" in label]
    assert len(scene.head.labels) <= 10
    await scene.head.taps("More")
    assert len(waiting) + sum("New" in label for label in scene.head.labels) == 10


async def test_whoever_leads_many_can_choose_the_last_of_them(world: World) -> None:
    scene = await school(world)
    for number in range(12):
        club = await community(world, scene.school, CommunityKind.CLUB, f"Club {number:02}")
        await belong(world, scene.outsider, club, Role.COORDINATOR)
    await scene.outsider.says("/announce")
    seen = scene.outsider.labels
    await scene.outsider.taps("More")
    seen += scene.outsider.labels
    assert [f"Club {number:02}" for number in range(12) if f"Club {number:02}" in seen] == [
        f"Club {number:02}" for number in range(12)
    ]
    token = str(scene.outsider.last.buttons[-1].data).split(":")[1]
    await scene.outsider.forges(f"own:{token}:99")  # the last page there is
    assert "Club 11" in scene.outsider.labels
    assert "More" not in scene.outsider.labels
    chat = world.group("Club", scene.outsider)
    world.sandbox.adds_bot(scene.outsider.person, chat)
    await world.settle()
    number = (await world.rows("SELECT MAX(id) AS id FROM chats"))[0]["id"]
    await scene.outsider.starts(f"bind-{number}")
    seen = [*scene.outsider.labels]
    await scene.outsider.taps("Later")
    assert [label for label in (*seen, *scene.outsider.labels) if "Club 11" in label]


# --- clocks -----------------------------------------------------------------------------------------------------------


async def test_a_challenge_begins_on_the_day_its_review_showed(world: World) -> None:
    scene = await school(world)
    await world.at(datetime(2026, 12, 1, 19, 50, tzinfo=UTC))  # 23:50 in Baku
    await answers(scene.head, "/challenge Reading | 20 minutes a day")
    review = await answers(scene.head, "[Tomorrow]", "[7 days]", "[Everybody]")
    assert "2 December" in review
    await world.later(minutes=20)
    await scene.head.taps("Call the challenge")
    [row] = await world.rows("SELECT starts_on, ends_on FROM challenges")
    assert (row["starts_on"], row["ends_on"]) == ("2026-12-02", "2026-12-08")


async def test_a_poll_closes_on_the_evening_its_review_showed(world: World) -> None:
    scene = await school(world)
    await world.at(datetime(2026, 12, 1, 19, 50, tzinfo=UTC))
    review = await answers(scene.head, "/poll", "Museum?", "Yes\nNo", "[Next]", "[One]", "[Tomorrow evening]")
    assert "Wednesday, 2 December 2026, 20:00" in review
    await world.later(minutes=20)
    assert "Wednesday, 2 December 2026, 20:00" in await scene.head.taps("Open the poll")


async def test_the_thanks_at_midnight_make_no_sound(world: World) -> None:
    scene = await school(world)
    chat = await group(scene, scene.class_a)
    await answers(scene.head, "/challenge Reading | 20 minutes a day", "[Today]", "[7 days]", "[Everybody]")
    await scene.head.taps("Call the challenge")
    await world.tick()
    await scene.parents[0].taps("Join")
    await world.later(days=7)
    thanked = [call for call in world.sandbox.calls_of("sendMessage") if "Thank you" in str(call.params.get("text"))]
    assert len(thanked) == 3
    assert all(call.params.get("disable_notification") for call in thanked)
    assert "Thank you, everybody!" in chat.visible[-1].text


async def test_reminders_make_no_sound_in_quiet_hours(world: World) -> None:
    scene = await school(world)
    awake, asleep = scene.parents
    await answers(scene.head, "/poll Museum? | Yes | No", "[Open the poll]")
    await answers(scene.head, "/announce Tomorrow school begins at 9", "[Send]")
    await world.tick()
    await world.later(seconds=30)
    async with world.birge.database.writing() as db:
        await storage.persons.save_quiet_hours(db, await person_id_of(world, asleep), 0, 1439)
    await scene.head.taps("Remind the rest", message=scene.head.find("Close now"))
    await scene.head.taps("Remind the rest")
    await scene.head.taps("Remind")
    await world.tick()
    for words in ("A poll is still waiting", "A reminder: please confirm"):
        assert (_rings(world, awake, words), _rings(world, asleep, words)) == (True, False)


def _rings(world: World, who: Talker, words: str) -> bool:
    calls = [call.params for call in world.sandbox.calls_of("sendMessage")]
    [said] = [one for one in calls if str(who.person.id) == str(one.get("chat_id")) and words in str(one.get("text"))]
    return not said.get("disable_notification")


async def test_a_role_that_ends_at_midnight_is_told_without_a_sound(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        soon = to_us(world.now + timedelta(minutes=1))
        await db.run("UPDATE memberships SET until = :soon WHERE role = 'head_of_class'", soon=soon)
    await world.later(hours=1)
    assert not _rings(world, scene.head, "Your time in this role is over")
    assert not _rings(world, scene.coordinator, "Nobody leads this community any more")


async def test_a_vote_that_comes_too_late_is_told(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/poll Museum? | Yes | No")
    await scene.head.taps("Open the poll")
    await world.tick()
    mother = scene.parents[0]
    async with world.birge.database.writing() as db:
        await db.run("UPDATE polls SET closes_at = 1")
    told = await mother.votes(mother.last, 0)
    assert "This poll is closed." in told
    assert "Museum?" in told
    assert await world.rows("SELECT 1 FROM poll_ballots") == []


# --- lengths, and what nobody's button carries ------------------------------------------------------------------------


async def test_rules_of_emoji_fit_into_the_invitation(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/challenge Reading")
    assert "too long" in await scene.head.says("😀" * 1500)
    assert "When does it start?" in await scene.head.says("😀" * 1000)


async def test_a_forged_place_breaks_nothing(world: World) -> None:
    scene = await school(world)
    await scene.head.says("/meeting 7 December 18:00 Meeting")
    await scene.head.taps("Call it")
    await world.tick()
    mother = scene.parents[0]
    assert "you can't come" in await mother.forges("mt.rsvp:1:no:" + "x" * 51)


async def test_a_question_that_is_no_more_says_so(world: World) -> None:
    mother = await add_member(world, (await school(world)).class_a, Role.PARENT, "Aysel")
    await mother.says("/join")
    address = str(mother.person.id)
    async with world.birge.database.writing() as db:
        known = (await storage.persons.identify(db, "telegram", [address], world.now))[address]
        await storage.conversations.expect(
            db, known.identity.id, known.conversation, "form:announce:gone", {"answers": {}}, world.now
        )
    assert "This question is over already." in await mother.says("Hello")
    assert "I am not waiting for an answer" in await mother.says("Hello")


async def test_a_draft_of_an_older_form_starts_over_and_an_old_tap_too(world: World) -> None:
    """The answers of an older version may be anything: one clear sentence, and the form begins again."""
    scene = await school(world)
    address = str(scene.head.person.id)
    for field, answers in (("audience", {"content": 5}), ("?", {"content": {}, "audience": "moon"}), ("content", {})):
        async with world.birge.database.writing() as db:
            known = (await storage.persons.identify(db, "telegram", [address], world.now))[address]
            draft = {"answers": answers, "asked": ["gone"], "community": scene.class_a.id, "shape": "0 gone"}
            token = await storage.conversations.expect(
                db, known.identity.id, known.conversation, f"form:announce:{field}", draft, world.now
            )
        said = await (scene.head.says("Hello") if field == "content" else scene.head.forges(f"f:{token}:done"))
        assert "The questions have changed since you began" in said
        assert "An announcement for:" in said
    assert "Who is it for?" in await scene.head.says("Tomorrow school begins at 9")


async def test_a_draft_of_a_form_that_no_command_opens_is_over(world: World) -> None:
    scene = await school(world)
    address = str(scene.head.person.id)
    async with world.birge.database.writing() as db:
        known = (await storage.persons.identify(db, "telegram", [address], world.now))[address]
        draft = {"answers": {}, "community": scene.class_a.id}
        await storage.conversations.expect(
            db, known.identity.id, known.conversation, "form:community:name", draft, world.now
        )
    assert "This question is over already." in await scene.head.says("6A")
    assert [row["name"] for row in await world.rows("SELECT name FROM communities WHERE name = '6A'")] == []
