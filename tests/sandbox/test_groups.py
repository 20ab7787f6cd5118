"""Groups: what the bot hears of them, who rules, how they become supergroups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiogram import types

from sandbox import Chat, Impossible, Sandbox
from tests.sandbox.client import Api, Json, RefusedError, kinds
from tests.sandbox.conftest import School


@pytest.fixture
async def group(sandbox: Sandbox, api: Api, school: School) -> Chat:
    """The class group with the bot as a member, and no updates waiting."""
    sandbox.adds_bot(school.aysel, school.group)
    await api.drained()
    return school.group


def texts(updates: list[Json]) -> list[str]:
    return [update["message"].get("text", "") for update in updates if "message" in update]


async def test_privacy_mode_keeps_most_messages_from_the_bot(
    sandbox: Sandbox, api: Api, school: School, group: Chat
) -> None:
    said = await api("sendMessage", chat_id=group.id, text="Salam")
    for text in ("just talk", "@birge_bot hi", "/cmd", "/cmd@birge_bot", "/cmd@BIRGE_BOT now", "/cmd@other_bot"):
        sandbox.sends(school.rashad, group, text)
    sandbox.sends(school.rashad, group, "a reply", reply_to=said["message_id"])
    edited = sandbox.sends(school.rashad, group, "/late")
    sandbox.edits(school.rashad, edited, "no command any more")

    heard = await api.drained()

    assert texts(heard) == ["/cmd", "/cmd@birge_bot", "/cmd@BIRGE_BOT now", "a reply", "/late"]


async def test_an_administrator_bot_hears_all(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    sandbox.promotes_bot(school.aysel, group)
    sandbox.sends(school.rashad, group, "just talk")

    assert texts(await api.drained()) == ["just talk"]


async def test_privacy_can_be_off(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    sandbox.privacy = False
    sandbox.sends(school.rashad, group, "just talk")

    assert texts(await api.drained()) == ["just talk"]
    assert (await api("getMe"))["can_read_all_group_messages"] is True


async def test_coming_and_going_of_the_bot(sandbox: Sandbox, api: Api, school: School) -> None:
    await api.drained()
    sandbox.adds_bot(school.aysel, school.group)
    sandbox.promotes_bot(school.aysel, school.group, {"can_pin_messages": True})
    sandbox.removes_bot(school.aysel, school.group)

    updates = await api.drained()

    assert kinds(updates) == ["my_chat_member", "message", "my_chat_member", "my_chat_member", "message"]
    told = [update["my_chat_member"] for update in updates if "my_chat_member" in update]
    changes = [types.ChatMemberUpdated.model_validate(one) for one in told]
    assert [(one.old_chat_member.status, one.new_chat_member.status) for one in changes] == [
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "kicked"),
    ]
    promoted = changes[1].new_chat_member
    assert isinstance(promoted, types.ChatMemberAdministrator)
    assert (promoted.can_pin_messages, promoted.can_delete_messages, promoted.can_manage_chat) == (True, False, True)


async def test_a_startgroup_link_adds_the_bot_and_says_start(sandbox: Sandbox, api: Api, school: School) -> None:
    await api.drained()
    sandbox.follows(school.aysel, "https://t.me/birge_bot?startgroup=CLASS", school.group)

    updates = await api.drained()

    assert kinds(updates) == ["my_chat_member", "message", "message"]
    assert updates[-1]["message"]["text"] == "/start@birge_bot CLASS"


async def test_members_come_and_go(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    sandbox.joins(school.kamran, group, by=school.aysel)
    sandbox.leaves(school.kamran, group)

    updates = await api.drained()

    assert kinds(updates) == ["message", "message"]
    assert updates[0]["message"]["new_chat_members"][0]["id"] == school.kamran.id
    assert updates[0]["message"]["from"]["id"] == school.aysel.id
    assert updates[1]["message"]["left_chat_member"]["id"] == school.kamran.id


async def test_chat_member_comes_to_an_administrator_that_asked(
    sandbox: Sandbox, api: Api, school: School, group: Chat
) -> None:
    sandbox.promotes_bot(school.aysel, group)
    await api.drained()
    sandbox.joins(school.kamran, group)
    assert kinds(await api.drained()) == ["message"]
    await api.updates(allowed_updates=["message", "chat_member"])

    sandbox.removes(school.aysel, school.kamran, group)

    updates = await api.drained()
    assert kinds(updates) == ["chat_member", "message"]
    change = types.ChatMemberUpdated.model_validate(updates[0]["chat_member"])
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("member", "kicked")


async def test_asking_to_join(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    sandbox.promotes_bot(school.aysel, group, ["can_invite_users"])
    link = await api("createChatInviteLink", chat_id=group.id, name="Parents", creates_join_request=True)
    await api.drained()
    sandbox.follows(school.kamran, link["invite_link"])

    (update,) = await api.drained()
    request = types.ChatJoinRequest.model_validate(update["chat_join_request"])
    assert request.from_user.id == request.user_chat_id == school.kamran.id
    assert request.invite_link is not None
    assert request.invite_link.name == "Parents"
    await api("sendMessage", chat_id=school.kamran.id, text="Who are you?")
    sandbox.clock.advance(timedelta(minutes=6))
    late = await api.error("sendMessage", chat_id=school.kamran.id, text="Hello?")
    assert late == "Forbidden: bot can't initiate conversation with a user"
    who = {"chat_id": group.id, "user_id": school.kamran.id}
    await api("approveChatJoinRequest", **who)
    assert group.has(school.kamran)
    assert await api.error("approveChatJoinRequest", **who) == "Bad Request: USER_ALREADY_PARTICIPANT"


async def test_a_declined_request(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    who = {"chat_id": group.id, "user_id": school.kamran.id}
    sandbox.requests_to_join(school.kamran, group)
    assert (await api.error("declineChatJoinRequest", **who)).startswith("Bad Request: not enough rights")
    sandbox.promotes_bot(school.aysel, group)

    await api("declineChatJoinRequest", **who)

    assert not group.has(school.kamran)
    assert await api.error("declineChatJoinRequest", **who) == "Bad Request: HIDE_REQUESTER_MISSING"


async def test_invite_links(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    assert (await api.error("exportChatInviteLink", chat_id=group.id)).startswith("Bad Request: not enough rights")
    sandbox.promotes_bot(school.aysel, group)
    url = await api("exportChatInviteLink", chat_id=group.id)
    assert (await api("getChat", chat_id=group.id))["invite_link"] == url
    await api("revokeChatInviteLink", chat_id=group.id, invite_link=url)

    with pytest.raises(Impossible, match="expired"):
        sandbox.follows(school.kamran, url)


async def test_asking_about_a_group(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    sandbox.promotes(school.rashad, group, ["can_delete_messages"], anonymous=True)

    full = types.ChatFullInfo.model_validate(await api("getChat", chat_id=group.id))
    rulers = [member["user"]["id"] for member in await api("getChatAdministrators", chat_id=group.id)]
    member = await api("getChatMember", chat_id=group.id, user_id=school.olena.id)
    stranger = await api("getChatMember", chat_id=group.id, user_id=school.kamran.id)

    assert (full.title, full.type) == ("5A", "group")
    assert await api("getChatMemberCount", chat_id=group.id) == 4
    assert rulers == [school.aysel.id]  # one who hides behind the group is not named to a bot without rights
    assert (member["status"], stranger["status"]) == ("member", "left")
    assert await api.error("getChatMember", chat_id=group.id, user_id=1) == "Bad Request: user not found"
    sandbox.promotes_bot(school.aysel, group)
    assert len(await api("getChatAdministrators", chat_id=group.id)) == 3
    private = await api.error("getChatAdministrators", chat_id=school.aysel.id)
    assert private == "Bad Request: there are no administrators in the private chat"


async def test_an_anonymous_administrator_speaks_as_the_group_and_taps_as_herself(
    sandbox: Sandbox, api: Api, school: School, group: Chat
) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await api("sendMessage", chat_id=group.id, text="?", reply_markup=keyboard)
    buttons = group.last
    assert buttons is not None
    sandbox.sends(school.aysel, group, "/bind", anonymous=True)
    sandbox.taps(school.aysel, buttons, "Go")

    said, tapped = await api.drained()

    assert said["message"]["from"]["id"] == 1087968824
    assert said["message"]["sender_chat"]["id"] == group.id
    assert tapped["callback_query"]["from"]["id"] == school.aysel.id
    with pytest.raises(Impossible):
        sandbox.sends(school.rashad, group, "x", anonymous=True)


async def test_a_group_becomes_a_supergroup(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    large = sandbox.upgrades(group)

    old, new = await api.drained()
    with pytest.raises(RefusedError) as refused:
        await api("sendMessage", chat_id=group.id, text="x")

    assert old["message"]["migrate_to_chat_id"] == large.id
    assert (new["message"]["migrate_from_chat_id"], new["message"]["chat"]["id"]) == (group.id, large.id)
    assert refused.value.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert refused.value.parameters == {"migrate_to_chat_id": large.id}
    assert (await api("sendMessage", chat_id=large.id, text="x"))["chat"]["type"] == "supergroup"
    assert sandbox.view(school.rashad) == [sandbox.chat_of(school.rashad), large]


async def test_topics_of_a_forum(sandbox: Sandbox, api: Api, school: School) -> None:
    forum = sandbox.add_group("Parliament", school.aysel, [school.rashad], forum=True)
    sandbox.adds_bot(school.aysel, forum, admin=True)
    topic = sandbox.opens_topic(school.aysel, forum, "Care")
    await api.drained()
    sandbox.sends(school.rashad, forum, "in the topic", thread=topic)
    sandbox.sends(school.rashad, forum, "in general")

    within, general = (types.Message.model_validate(one["message"]) for one in await api.drained())

    assert (within.message_thread_id, within.is_topic_message, within.chat.is_forum) == (topic, True, True)
    assert (general.message_thread_id, general.is_topic_message) == (None, None)
    answer = await api("sendMessage", chat_id=forum.id, text="x", message_thread_id=topic)
    assert answer["message_thread_id"] == topic
    for wrong in (1, 999):
        refusal = await api.error("sendMessage", chat_id=forum.id, text="x", message_thread_id=wrong)
        assert refusal == "Bad Request: message thread not found"


async def test_replies_in_a_plain_supergroup_carry_a_thread_that_is_no_topic(
    sandbox: Sandbox, api: Api, school: School
) -> None:
    large = sandbox.add_group("Parliament", school.aysel, [school.rashad], supergroup=True)
    sandbox.adds_bot(school.aysel, large, admin=True)
    first = sandbox.sends(school.aysel, large, "first")
    sandbox.sends(school.rashad, large, "second", reply_to=first)

    reply = (await api.drained())[-1]["message"]

    assert reply["message_thread_id"] == first.id
    assert "is_topic_message" not in reply


async def test_blocking_is_told(sandbox: Sandbox, api: Api, school: School) -> None:
    await api.drained()
    sandbox.blocks(school.aysel)
    with pytest.raises(Impossible):
        sandbox.sends(school.aysel, text="x")
    sandbox.unblocks(school.aysel)

    blocked, unblocked = (one["my_chat_member"] for one in await api.drained())

    assert (blocked["chat"]["type"], blocked["new_chat_member"]["status"]) == ("private", "kicked")
    assert unblocked["new_chat_member"]["status"] == "member"


async def test_the_bot_bans_and_leaves(sandbox: Sandbox, api: Api, school: School, group: Chat) -> None:
    who = {"chat_id": group.id, "user_id": school.rashad.id}
    assert (await api.error("banChatMember", **who)).startswith("Bad Request: not enough rights")
    sandbox.promotes_bot(school.aysel, group)
    await api("banChatMember", **who)
    assert group.member(school.rashad).status == "kicked"
    await api("unbanChatMember", **who)
    assert group.member(school.rashad).status == "left"

    await api("leaveChat", chat_id=group.id)

    assert not group.has(sandbox.bot)


async def test_closed_and_deleted_topics_take_nothing(sandbox: Sandbox, api: Api, school: School) -> None:
    forum = sandbox.add_group("Parliament", school.aysel, [school.rashad], forum=True)
    sandbox.adds_bot(school.aysel, forum)
    closed, gone = (sandbox.opens_topic(school.aysel, forum, name) for name in ("Care", "Food"))
    sandbox.sends(school.rashad, forum, "eaten", thread=gone)
    sandbox.closes_topic(school.aysel, forum, closed)
    sandbox.deletes_topic(school.aysel, forum, gone)

    told = await api.drained()
    to = {"chat_id": forum.id, "text": "x"}
    assert "forum_topic_closed" in told[-1]["message"]
    assert await api.error("sendMessage", **to, message_thread_id=closed) == "Bad Request: TOPIC_CLOSED"
    assert await api.error("sendMessage", **to, message_thread_id=gone) == "Bad Request: message thread not found"
    assert "eaten" not in [one.text for one in forum.visible]
    sandbox.promotes_bot(school.aysel, forum, ["can_manage_topics"])
    assert (await api("sendMessage", **to, message_thread_id=closed))["message_thread_id"] == closed
    with pytest.raises(Impossible):
        sandbox.closes_topic(school.rashad, forum, closed)


async def test_a_muted_group_takes_words_of_administrators_only(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.adds_bot(school.aysel, school.group)
    sandbox.mutes(school.aysel, school.group)
    refusal = await api.error("sendMessage", chat_id=school.group.id, text="x")
    assert refusal == "Bad Request: not enough rights to send text messages to the chat"
    sandbox.mutes(school.aysel, school.group, on=False)
    await api("sendMessage", chat_id=school.group.id, text="x")
    sandbox.mutes(school.aysel, school.group)
    sandbox.promotes_bot(school.aysel, school.group)
    await api("sendMessage", chat_id=school.group.id, text="x")


async def test_who_speaks_as_a_channel_or_through_an_inline_bot(
    sandbox: Sandbox, api: Api, school: School, group: Chat
) -> None:
    await api.drained()
    sandbox.promotes_bot(school.aysel, group)
    sandbox.sends(school.rashad, group, "as a channel", as_channel="Cakes")
    sandbox.sends(school.rashad, group, "a picture", via_bot="gif")
    sandbox.posts_from_channel(group, "School 12", "news")

    told = [one["message"] for one in await api.drained() if "message" in one]
    parsed = [types.Message.model_validate(one) for one in told]

    channel, inline, forwarded = parsed
    assert channel.sender_chat is not None
    assert channel.from_user is not None
    assert (channel.from_user.id, channel.sender_chat.type, channel.sender_chat.title) == (
        136817688,
        "channel",
        "Cakes",
    )
    assert inline.via_bot is not None
    assert (inline.from_user and inline.from_user.id, inline.via_bot.username) == (school.rashad.id, "gif_bot")
    assert forwarded.from_user is not None
    assert (forwarded.from_user.id, forwarded.is_automatic_forward) == (777000, True)
