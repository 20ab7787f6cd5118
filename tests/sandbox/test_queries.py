"""Taps and their answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiogram import types

from sandbox import Impossible, Message, Person, Sandbox
from tests.sandbox.client import Api

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
async def buttons(sandbox: Sandbox, api: Api, aysel: Person) -> Message:
    rows = [[{"text": "✅ Going", "callback_data": "go"}, {"text": "Site", "url": "https://example.org"}]]
    await api("sendMessage", chat_id=aysel.id, text="?", reply_markup={"inline_keyboard": rows})
    await api.drained()
    return sandbox.chat_of(aysel).messages[-1]


async def test_a_tap_and_its_answer(sandbox: Sandbox, api: Api, aysel: Person, buttons: Message) -> None:
    query = sandbox.taps(aysel, buttons, "Going")

    (update,) = await api.drained()
    heard = types.CallbackQuery.model_validate(update["callback_query"])
    assert (heard.data, heard.from_user.id) == ("go", aysel.id)
    assert isinstance(heard.message, types.Message)
    assert not query.answered.is_set()
    await api("answerCallbackQuery", callback_query_id=heard.id, text="See you!", show_alert=True)
    assert (query.answer, query.alert, query.answered.is_set()) == ("See you!", True, True)


async def test_late_and_wrong_answers(sandbox: Sandbox, api: Api, aysel: Person, buttons: Message) -> None:
    query = sandbox.taps(aysel, buttons, "Going")

    assert await api.error("answerCallbackQuery", callback_query_id="1") == TOO_OLD
    long = await api.error("answerCallbackQuery", callback_query_id=query.id, text="x" * 201)
    assert long == "Bad Request: MESSAGE_TOO_LONG"
    sandbox.clock.advance(timedelta(minutes=16))
    assert await api.error("answerCallbackQuery", callback_query_id=query.id) == TOO_OLD
    second = sandbox.taps(aysel, buttons, "Going")
    await api("answerCallbackQuery", callback_query_id=second.id)
    assert await api.error("answerCallbackQuery", callback_query_id=second.id) == TOO_OLD
    assert second.answer == ""


async def test_what_can_be_pressed(sandbox: Sandbox, api: Api, aysel: Person, buttons: Message) -> None:
    with pytest.raises(Impossible, match="no button 'Not going'"):
        sandbox.taps(aysel, buttons, "Not going")
    with pytest.raises(Impossible, match="leads to https"):
        sandbox.taps(aysel, buttons, "Site")


async def test_a_forged_tap_on_a_deleted_message(sandbox: Sandbox, api: Api, aysel: Person, buttons: Message) -> None:
    await api("deleteMessage", chat_id=aysel.id, message_id=buttons.id)
    with pytest.raises(Impossible, match="Nobody sees"):
        sandbox.taps(aysel, buttons, "Going")

    sandbox.taps(aysel, buttons, data="forged")

    (update,) = await api.drained()
    heard = types.CallbackQuery.model_validate(update["callback_query"])
    assert heard.data == "forged"
    assert isinstance(heard.message, types.InaccessibleMessage)
