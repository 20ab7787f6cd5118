"""Changing, deleting and pinning."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox import Person, Sandbox
from sandbox.api.editing import NOT_MODIFIED
from tests.sandbox.client import Api, picture
from tests.sandbox.conftest import School

KEYBOARD = {"inline_keyboard": [[{"text": "Going", "callback_data": "go"}]]}


async def test_a_text_and_its_keyboard_are_replaced(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sent = await api("sendMessage", chat_id=aysel.id, text="old", reply_markup=KEYBOARD)
    where = {"chat_id": aysel.id, "message_id": sent["message_id"]}

    edited = await api("editMessageText", **where, text="new")

    assert edited["text"] == "new"
    assert edited["edit_date"] >= sent["date"]
    shown = sandbox.chat_of(aysel).messages[-1]
    assert (shown.text, shown.keyboard, shown.edited) == ("new", [], True)


async def test_an_edit_that_changes_nothing_is_refused(api: Api, aysel: Person) -> None:
    sent = await api("sendMessage", chat_id=aysel.id, text="<b>x</b>", parse_mode="HTML", reply_markup=KEYBOARD)
    where = {"chat_id": aysel.id, "message_id": sent["message_id"]}
    same = {"text": "<strong>x</strong>", "parse_mode": "HTML", "reply_markup": KEYBOARD}

    assert await api.error("editMessageText", **where, **same) == f"Bad Request: {NOT_MODIFIED}"
    assert await api.error("editMessageReplyMarkup", **where, reply_markup=KEYBOARD) == f"Bad Request: {NOT_MODIFIED}"
    assert await api("editMessageReplyMarkup", **where)
    assert NOT_MODIFIED.startswith(
        "message is not modified: specified new message content and reply markup are exactly"
    )


async def test_what_cannot_be_edited(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    theirs = sandbox.chat_of(aysel).messages[0].id
    photo = await api.form("sendPhoto", {"photo": ("a.png", picture())}, chat_id=str(aysel.id))
    menu = await api("sendMessage", chat_id=aysel.id, text="x", reply_markup={"keyboard": [["A"]]})
    text = await api("sendMessage", chat_id=aysel.id, text="x")

    async def refusal(method: str, number: int, **params: Any) -> str:
        return await api.error(method, chat_id=aysel.id, message_id=number, **params)

    assert await refusal("editMessageText", 999, text="y") == "Bad Request: message to edit not found"
    assert await refusal("editMessageText", theirs, text="y") == "Bad Request: message can't be edited"
    assert await refusal("editMessageText", menu["message_id"], text="y") == "Bad Request: message can't be edited"
    no_text = await refusal("editMessageText", photo["message_id"], text="y")
    assert no_text == "Bad Request: there is no text in the message to edit"
    no_caption = await refusal("editMessageCaption", text["message_id"], caption="y")
    assert no_caption == "Bad Request: there is no caption in the message to edit"


async def test_captions_and_media_are_replaced(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sent = await api.form("sendPhoto", {"photo": ("a.png", picture())}, chat_id=str(aysel.id), caption="old")
    where = {"chat_id": str(aysel.id), "message_id": str(sent["message_id"])}

    await api("editMessageCaption", **where, caption="new")
    media = json.dumps({"type": "document", "media": "attach://f", "caption": "file"})
    await api.form("editMessageMedia", {"f": ("a.ics", b"BEGIN:VCALENDAR")}, **where, media=media)

    shown = sandbox.chat_of(aysel).messages[-1]
    assert shown.media is not None
    assert (shown.media.kind, shown.media.name, shown.text) == ("document", "a.ics", "file")


async def test_own_messages_are_deleted_within_48_hours(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    early = await api("sendMessage", chat_id=aysel.id, text="early")
    late = await api("sendMessage", chat_id=aysel.id, text="late")
    sandbox.clock.advance(timedelta(hours=47))
    await api("deleteMessage", chat_id=aysel.id, message_id=early["message_id"])
    sandbox.clock.advance(timedelta(hours=2))

    refusal = await api.error("deleteMessage", chat_id=aysel.id, message_id=late["message_id"])

    assert refusal == "Bad Request: message can't be deleted for everyone"
    again = await api.error("deleteMessage", chat_id=aysel.id, message_id=early["message_id"])
    assert again == "Bad Request: message to delete not found"
    chat = sandbox.chat_of(aysel)
    assert [message.text for message in chat.visible] == ["/start", "late"]
    assert [message.deleted for message in chat.messages] == [False, True, False]


async def test_only_administrators_delete_what_others_wrote(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.adds_bot(school.aysel, school.group)
    message = sandbox.sends(school.rashad, school.group, "x")
    where = {"chat_id": school.group.id, "message_id": message.id}

    assert await api.error("deleteMessage", **where) == "Bad Request: message can't be deleted"
    sandbox.promotes_bot(school.aysel, school.group, ["can_pin_messages"])
    assert await api.error("deleteMessage", **where) == "Bad Request: message can't be deleted"
    sandbox.promotes_bot(school.aysel, school.group, ["can_delete_messages"])
    await api("deleteMessage", **where)

    assert message.deleted


async def test_many_are_deleted_at_once(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    numbers = [(await api("sendMessage", chat_id=aysel.id, text=str(i)))["message_id"] for i in range(3)]

    await api("deleteMessages", chat_id=aysel.id, message_ids=[*numbers, 999])

    assert [message.text for message in sandbox.chat_of(aysel).visible] == ["/start"]
    for wrong in ([], [2, 1], [1, 1], list(range(1, 102)), ["x"]):
        assert await api.error("deleteMessages", chat_id=aysel.id, message_ids=wrong)


async def test_pinning_needs_the_right_in_groups_only(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.adds_bot(school.aysel, school.group)
    private = await api("sendMessage", chat_id=school.aysel.id, text="private")
    grouped = await api("sendMessage", chat_id=school.group.id, text="grouped")
    where = {"chat_id": school.group.id, "message_id": grouped["message_id"]}

    await api("pinChatMessage", chat_id=school.aysel.id, message_id=private["message_id"])
    refusal = await api.error("pinChatMessage", **where)
    sandbox.promotes_bot(school.aysel, school.group)
    await api("pinChatMessage", **where)

    assert refusal == "Bad Request: not enough rights to manage pinned messages in the chat"
    assert [message.text for message in sandbox.chat_of(school.aysel).pinned] == ["private"]
    assert (await api("getChat", chat_id=school.group.id))["pinned_message"]["text"] == "grouped"
    assert school.group.last is not None
    assert school.group.last.content["pinned_message"]["message_id"] == grouped["message_id"]
    await api("unpinChatMessage", chat_id=school.group.id)
    assert school.group.pinned == []
    assert await api.error("unpinChatMessage", **where) == "Bad Request: message to unpin not found"


@pytest.mark.parametrize(("emoji", "allowed"), [("👍", True), ("🦷", False)])
async def test_reactions(sandbox: Sandbox, api: Api, aysel: Person, emoji: str, allowed: bool) -> None:
    message = sandbox.sends(aysel, text="x")
    where = {"chat_id": aysel.id, "message_id": message.id, "reaction": [{"type": "emoji", "emoji": emoji}]}

    if allowed:
        await api("setMessageReaction", **where)
        assert message.reactions == {sandbox.bot.id: (emoji,)}
    else:
        assert await api.error("setMessageReaction", **where) == "Bad Request: REACTION_INVALID"
