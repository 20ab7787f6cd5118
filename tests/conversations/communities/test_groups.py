"""A7: a group belongs to a community when somebody who leads it and is an administrator there says so."""

from dataclasses import dataclass

import pytest

import storage.chats
import storage.communities
from domain.communities import CommunityKind
from domain.roles import Role
from sandbox import Chat
from sandbox.faults import Fault
from tests.cast import Talker, World
from tests.scenes import School, add_member, belong, community, group, school


@dataclass
class Bound:
    scene: School
    group: Chat


def labels(world: World, group: Chat) -> list[str]:
    return world.sandbox.chat_of(group).visible[-1].labels


def said_in(group: Chat) -> list[str]:
    return [message.text for message in group.visible if message.from_bot]


async def add_bot(world: World, group: Chat, by: Talker) -> None:
    world.sandbox.adds_bot(by.person, group)
    await world.settle()


async def choose(world: World, group: Chat, who: Talker) -> None:
    """Taps the link under the group's card, which opens the private chat."""
    chat_id = (await world.rows("SELECT MAX(id) AS id FROM chats"))[0]["id"]
    await who.starts(f"bind-{chat_id}")


@pytest.fixture
async def bound(world: World) -> Bound:
    scene = await school(world)
    group = world.group("5A parents", scene.head, [scene.parents[0]])
    await add_bot(world, group, scene.head)
    await choose(world, group, scene.head)
    await scene.head.taps("5A")
    return Bound(scene, group)


async def community_of(world: World, title: str) -> int | None:
    rows = await world.rows("SELECT community_id FROM chats WHERE title = :title", title=title)
    return rows[0]["community_id"] if rows else None


@pytest.mark.row("A7")
async def test_a_group_is_bound_by_its_administrator_who_leads_the_class(world: World) -> None:
    scene = await school(world)
    group = world.group("5A parents", scene.head, [scene.parents[0]])
    await add_bot(world, group, scene.head)
    assert "Which class or community is this group for?" in said_in(group)[-1]
    [link] = [call for call in world.sandbox.calls_of("sendMessage") if "bind-" in str(call.params)]
    assert "https://t.me/birge_bot?start=bind-1" in str(link.params)

    await choose(world, group, scene.head)
    assert scene.head.labels == ["5A"]
    said = await scene.head.taps("5A")
    assert "✓ Done" in said
    assert "5A parents" in said
    assert said_in(group) == ["This group belongs to: \u20685A\u2069. Announcements and meetings appear here."]
    assert await community_of(world, "5A parents") == scene.class_a.id


@pytest.mark.row("A7")
async def test_who_leads_a_school_finds_the_class_below(world: World) -> None:
    scene = await school(world)
    group = world.group("5B", scene.coordinator)
    await add_bot(world, group, scene.coordinator)
    await choose(world, group, scene.coordinator)
    await scene.coordinator.taps("Məktəb 12")
    assert scene.coordinator.labels == ["Məktəb 12", "5A", "5B"]
    assert "✓ Done" in await scene.coordinator.taps("5B")
    assert await community_of(world, "5B") == scene.class_b.id


@pytest.mark.row("A7_bad_no_admin")
async def test_who_is_no_administrator_binds_nothing_and_hears_why(world: World) -> None:
    scene = await school(world)
    group = world.group("5A parents", scene.parents[0], [scene.head])
    await add_bot(world, group, scene.parents[0])
    await choose(world, group, scene.head)
    assert "You are not an administrator of that group" in await scene.head.taps("5A")
    assert await community_of(world, "5A parents") is None
    assert len(said_in(group)) == 1


@pytest.mark.row("A7_bad_no_admin")
async def test_who_is_not_even_in_the_group_binds_nothing(world: World) -> None:
    scene = await school(world)
    group = world.group("5A parents", scene.parents[0])
    await add_bot(world, group, scene.parents[0])
    await choose(world, group, scene.head)
    assert "You are not an administrator" in await scene.head.taps("5A")


@pytest.mark.row("A7_bad_no_admin")
async def test_an_administrator_who_leads_nothing_binds_nothing(world: World) -> None:
    scene = await school(world)
    group = world.group("5A parents", scene.parents[0])
    await add_bot(world, group, scene.parents[0])
    chat_id = (await world.rows("SELECT id FROM chats"))[0]["id"]
    assert "can't do this here" in await scene.parents[0].starts(f"bind-{chat_id}")
    assert "can't do this here" in await scene.parents[0].forges(f"bind:{scene.class_a.id}:{chat_id}")


@pytest.mark.row("A7")
async def test_start_in_the_group_brings_the_card_again(world: World, bound: Bound) -> None:
    said = await bound.scene.parents[0].says("/start", bound.group)
    assert "This group belongs to: \u20685A" in said
    assert "private chat" in await bound.scene.parents[0].says("/help", bound.group)
    assert "private chat" in await bound.scene.parents[0].says("/members", bound.group)


@pytest.mark.row("A7")
async def test_a_bound_group_goes_elsewhere_only_with_somebody_who_leads_both(world: World, bound: Bound) -> None:
    scene = bound.scene
    other = await add_member(world, scene.class_b, Role.HEAD_OF_CLASS, "Other")
    world.sandbox.joins(other.person, bound.group)
    world.sandbox.promotes(other.person, bound.group)
    await choose(world, bound.group, other)
    assert "belongs to another community already" in await other.taps("5B")
    assert await community_of(world, "5A parents") == scene.class_a.id

    await belong(world, scene.head, scene.other_class, Role.HEAD_OF_CLASS)
    await choose(world, bound.group, scene.head)
    assert "✓ Done" in await scene.head.taps("7C")
    assert await community_of(world, "5A parents") == scene.other_class.id


@pytest.mark.row("A7")
async def test_a_group_that_became_a_supergroup_moves_along(world: World, bound: Bound) -> None:
    new = world.sandbox.upgrades(bound.group)
    await world.settle()
    rows = await world.rows("SELECT address, community_id FROM chats")
    assert [(row["address"], row["community_id"]) for row in rows] == [(str(new.id), bound.scene.class_a.id)]
    assert "moved a group of yours" in bound.scene.head.last.text
    assert "This group belongs to" in await bound.scene.head.says("/start", new)


@pytest.mark.row("A7")
async def test_a_removed_bot_tells_those_who_lead(world: World, bound: Bound) -> None:
    world.sandbox.removes_bot(bound.scene.head.person, bound.group)
    await world.settle()
    assert "I am no longer in a group of yours" in bound.scene.head.last.text
    assert "5A parents" in bound.scene.head.last.text
    assert (await world.rows("SELECT unreachable FROM chats"))[0]["unreachable"] == "removed"

    await add_bot(world, bound.group, bound.scene.head)
    assert "This group belongs to: \u20685A" in said_in(bound.group)[-1]
    assert (await world.rows("SELECT unreachable FROM chats"))[0]["unreachable"] is None


@pytest.mark.row("A7")
async def test_members_who_ask_to_join_the_group_are_let_in_and_strangers_wait(world: World, bound: Bound) -> None:
    world.sandbox.promotes_bot(bound.scene.head.person, bound.group)
    stranger, member = bound.scene.outsider, bound.scene.parents[1]
    for one in (stranger, member):
        world.sandbox.requests_to_join(one.person, bound.group)
    await world.settle()
    assert bound.group.has(member.person)
    assert not bound.group.has(stranger.person)


@pytest.mark.row("A7")
async def test_somebody_who_blocks_the_bot_is_not_written_to(world: World) -> None:
    scene = await school(world)
    world.sandbox.blocks(scene.parents[0].person)
    await world.settle()
    blocked = await world.rows("SELECT unreachable FROM identities WHERE unreachable IS NOT NULL")
    assert [row["unreachable"] for row in blocked] == ["blocked"]
    world.sandbox.unblocks(scene.parents[0].person)
    await world.settle()
    assert await world.rows("SELECT 1 FROM identities WHERE unreachable IS NOT NULL") == []


@pytest.mark.row("ANY_bad_forged_data")
async def test_a_group_nobody_knows(world: World) -> None:
    scene = await school(world)
    assert "I don't know this group" in await scene.head.starts("bind-77")
    assert "I don't know this group" in await scene.head.forges(f"bind:{scene.class_a.id}:77")


async def test_no_pupils_name_comes_into_a_group(world: World, bound: Bound) -> None:
    pupil = bound.scene.pupils[0]
    world.sandbox.joins(pupil.person, bound.group)
    for words in ("/start", "/help", "/community", "/join 4KTR8PXM", "/home", "/members"):
        await pupil.says(words, bound.group)
    assert not any(pupil.person.name in text for text in said_in(bound.group))


@pytest.mark.row("A7")
async def test_a_group_moves_even_if_the_new_one_was_met_first(world: World, bound: Bound) -> None:
    new = world.sandbox.upgrades(bound.group)
    async with world.birge.database.writing() as db:  # as if the bot's membership there had been told before
        await storage.chats.save(db, "telegram", str(new.id), "5A parents")
    await world.settle()
    rows = await world.rows("SELECT address FROM chats WHERE community_id IS NOT NULL AND unreachable IS NULL")
    assert [row["address"] for row in rows] == [str(new.id)]


@pytest.mark.row("A7")
async def test_a_group_that_belongs_nowhere_moves_and_goes_silently(world: World) -> None:
    scene = await school(world)
    group = world.group("Somebody's", scene.head)
    await add_bot(world, group, scene.head)
    before = len(scene.head.messages)
    new = world.sandbox.upgrades(group)
    await world.settle()
    world.sandbox.removes_bot(scene.head.person, new)
    await world.settle()
    assert len(scene.head.messages) == before


@pytest.mark.row("A7")
async def test_a_card_that_stayed_behind_with_the_old_group_is_said_anew(world: World) -> None:
    scene = await school(world)
    group = world.group("5A parents", scene.head)
    await add_bot(world, group, scene.head)
    new = world.sandbox.upgrades(group)
    await world.settle()
    await choose(world, new, scene.head)
    await scene.head.taps("5A")
    assert said_in(new) == ["This group belongs to: \u20685A\u2069. Announcements and meetings appear here."]


@pytest.mark.row("A7")
async def test_many_classes_to_choose_from_come_in_pages(world: World) -> None:
    scene = await school(world)
    async with world.birge.database.writing() as db:
        for number in range(10):
            await storage.communities.add(db, scene.school, "class", f"{number}X", "az", "Asia/Baku", "az")
    group = world.group("9X", scene.coordinator)
    await add_bot(world, group, scene.coordinator)
    await choose(world, group, scene.coordinator)
    await scene.coordinator.taps("Məktəb 12")
    await scene.coordinator.taps("More")
    assert "✓ Done" in await scene.coordinator.taps("9X")


@pytest.mark.row("A7")
async def test_a_bot_that_may_not_write_in_the_group_does_not_stumble(world: World) -> None:
    scene = await school(world)
    world.expects_errors = True
    group = world.group("5A parents", scene.head)
    why = "Bad Request: not enough rights to send text messages to the chat"
    world.sandbox.faults.append(Fault("sendMessage", chat_id=group.id, status=400, description=why))
    await add_bot(world, group, scene.head)
    assert "What would you like to do?" in await scene.head.says("/home")


@pytest.mark.row("C2")
async def test_a_group_bound_later_sees_the_meetings_ahead(world: World) -> None:
    scene = await school(world)
    for line in ("7 December 18:00 Choir", "2 December 18:00 Picnic"):
        await scene.head.says(f"/meeting {line}")
        await scene.head.taps("Call it")
    await world.tick()
    await scene.parents[0].taps("Going", message=scene.parents[0].last)
    group = world.group("5A parents", scene.head, scene.parents)
    await add_bot(world, group, scene.head)
    await choose(world, group, scene.head)
    await scene.head.taps("5A")
    await world.tick()
    cards = [text for text in said_in(group) if "Going: " in text]
    assert [("Picnic" in one, "Choir" in one) for one in cards] == [(True, False), (False, True)]
    assert any("Going: 1" in one for one in cards)
    await scene.parents[0].taps("Going", group)
    await world.later(seconds=5)
    assert all("Going: 1" in text for text in said_in(group) if "Going: " in text)


@pytest.mark.row("A7")
async def test_a_second_group_of_a_class_and_one_is_let_go(world: World, bound: Bound) -> None:
    scene = bound.scene
    second = world.group("5A pupils", scene.head)
    await add_bot(world, second, scene.head)
    await choose(world, second, scene.head)
    await scene.head.taps("5A")
    await scene.head.says("/community")
    await scene.head.taps("Groups")
    assert scene.head.labels == ["5A parents", "5A pupils", "Back"]
    await scene.head.taps("5A parents")
    assert "✓ Disconnected" in await scene.head.taps("Disconnect")
    assert said_in(bound.group)[-1] == "This group belongs to no community now. To connect it again: /start"
    assert await community_of(world, "5A parents") is None
    assert await community_of(world, "5A pupils") == scene.class_a.id
    await scene.coordinator.says("/home")
    chat = (await world.rows("SELECT id FROM chats WHERE title = '5A pupils'"))[0]["id"]
    await scene.coordinator.forges(f"c.chat.yes:{scene.class_a.id}:{chat}")
    assert "A group chat was disconnected from your community" in scene.head.last.text
    for data in ("c.chat.off", "c.chat.yes"):
        assert "can't do this here" in await scene.head.forges(f"{data}:{scene.class_a.id}:{chat}")
        assert "can't do this here" in await scene.outsider.forges(f"{data}:{scene.class_a.id}:{chat}")


@pytest.mark.row("A7")
@pytest.mark.parametrize(("language", "later", "earlier"), [("en", "Later", "Earlier"), ("kk", "Кейінірек", "Ертерек")])
async def test_a_school_with_many_groups_turns_their_pages(
    world: World, language: str, later: str, earlier: str
) -> None:
    scene = await school(world, language=language)
    async with world.birge.database.writing() as db:
        for number in range(12):
            chat = await storage.chats.save(db, "telegram", str(-500 - number), f"Group {number}")
            await storage.chats.bind(db, chat.id, scene.school.id)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"c.chat:{scene.school.id}")
    assert "Group 0" in scene.coordinator.labels
    assert len(scene.coordinator.labels) <= 10
    await scene.coordinator.taps(later)
    assert scene.coordinator.labels[:5] == [f"Group {number}" for number in range(7, 12)]
    assert later not in scene.coordinator.labels
    await scene.coordinator.taps(earlier)
    assert "Group 0" in scene.coordinator.labels


@pytest.mark.row("A7")
async def test_a_group_that_belongs_nowhere_reads_its_networks_language(world: World) -> None:
    scene = await school(world, language="az")
    chat = world.group("5A", scene.head)
    await add_bot(world, chat, scene.head)
    await choose(world, chat, scene.head)
    await scene.head.taps("5A")
    [known] = await world.rows("SELECT id FROM chats")
    await scene.head.forges(f"c.chat.yes:{scene.class_a.id}:{known['id']}")
    assert said_in(chat)[-1] == "Bu qrup indi heç bir icmaya aid deyil. Yenidən qoşmaq üçün: /start"


@pytest.mark.row("A7")
@pytest.mark.row("A9")
async def test_the_group_of_a_class_that_left_school_is_free_for_another(world: World) -> None:
    scene = await school(world)
    leavers = await community(world, scene.school, CommunityKind.CLASS, "11A")
    chat = await group(scene, leavers)
    await scene.coordinator.says("/home")
    await scene.coordinator.forges(f"yr:{scene.school.id}")
    await scene.coordinator.taps("Begin it")
    await scene.head.says("/start", chat)
    assert "Which class or community is this group for?" in said_in(chat)[-1]
    await choose(world, chat, scene.head)
    assert "✓ Done. This group belongs to you now" in await scene.head.taps("6A")
    assert await community_of(world, chat.title) == scene.class_a.id


@pytest.mark.row("A7")
async def test_those_whose_group_goes_elsewhere_hear_so(world: World, bound: Bound) -> None:
    scene = bound.scene
    world.sandbox.joins(scene.coordinator.person, bound.group)
    world.sandbox.promotes(scene.coordinator.person, bound.group)
    await choose(world, bound.group, scene.coordinator)
    await scene.coordinator.taps("Məktəb 12")
    await scene.coordinator.taps("5B")
    assert "belongs to another community now: \u20685A parents" in scene.head.last.text


@pytest.mark.row("A7")
async def test_what_the_bot_may_not_do_there_is_told_once(world: World, bound: Bound) -> None:
    head = bound.scene.head
    told = [message.text for message in head.messages if "I may not pin messages there." in message.text]
    assert len(told) == 1
    assert "5A parents" in told[0]
    await choose(world, bound.group, head)
    await head.taps("5A")
    assert sum("I may not pin" in message.text for message in head.messages) == 1


@pytest.mark.row("A7")
async def test_another_title_is_kept(world: World, bound: Bound) -> None:
    chat = {"id": bound.group.id, "type": "group", "title": "6A parents"}
    who = {"id": 77, "is_bot": False, "first_name": "Somebody"}
    message = {"message_id": 900, "date": int(world.now.timestamp()), "chat": chat, "from": who}
    world.sandbox.send_raw_update({"message": message | {"new_chat_title": "6A parents"}})
    await world.settle()
    assert await community_of(world, "6A parents") == bound.scene.class_a.id
    await bound.scene.head.says("/community")
    await bound.scene.head.taps("Groups")
    assert "6A parents" in bound.scene.head.labels
