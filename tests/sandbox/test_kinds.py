"""Every kind of update, and answers of all shapes, as aiogram's types read them."""

from __future__ import annotations

from aiogram import Bot, types
from aiogram.types import BufferedInputFile, InputMediaDocument, InputMediaPhoto, InputPollOption

from sandbox import Person, Sandbox
from sandbox.updates import KINDS
from tests.sandbox.client import Api, kinds, picture
from tests.sandbox.conftest import School


async def test_each_kind_of_update_is_valid(sandbox: Sandbox, api: Api, school: School) -> None:
    await api.updates(allowed_updates=list(KINDS))
    sandbox.adds_bot(school.aysel, school.group, admin=True)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await api("sendMessage", chat_id=school.group.id, text="?", reply_markup=keyboard)
    said = school.group.messages[-1]
    sandbox.taps(school.rashad, said, "Go")
    sandbox.reacts(school.rashad, said, "👍")
    await api("sendPoll", chat_id=school.group.id, question="?", options=["a"], is_anonymous=False)
    sandbox.votes(school.rashad, school.group.messages[-1], [0])
    sandbox.edits(school.olena, sandbox.sends(school.olena, school.group, "helo"), "hello")
    sandbox.requests_to_join(school.kamran, school.group)
    await api("approveChatJoinRequest", chat_id=school.group.id, user_id=school.kamran.id)

    updates = await api.drained()

    parsed = [types.Update.model_validate(update) for update in updates]
    assert [update.event_type for update in parsed] == kinds(updates)
    assert set(kinds(updates)) == {
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
    }


async def test_each_kind_of_message_is_valid(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api.drained()
    sandbox.sends(aysel, photo=picture(), caption="c")
    sandbox.sends(aysel, document=("a.ics", b"x", "text/calendar"))
    sandbox.sends(aysel, voice=b"OggS")
    sandbox.sends(aysel, video=b"v")
    sandbox.sends(aysel, audio=b"a")
    sandbox.sends(aysel, animation=b"g")
    sandbox.sends(aysel, video_note=b"n")
    sandbox.sends(aysel, sticker=True)
    sandbox.sends(aysel, contact=aysel)
    sandbox.sends(aysel, location=(40.4, 49.8))
    sandbox.sends(aysel, html="<b>bold</b>")
    sandbox.sends(aysel, text="forwarded", forwarded_from=aysel)

    parsed = [types.Update.model_validate(update).message for update in await api.drained()]

    assert [message.content_type for message in parsed if message] == [
        "photo", "document", "voice", "video", "audio", "animation", "video_note", "sticker", "contact", "location",
        "text", "text",
    ]  # fmt: skip


async def test_answers_are_valid(sandbox: Sandbox, aiogram_bot: Bot, school: School) -> None:
    """aiogram reads each answer into its type, and raises if it can't."""
    bot, chat = aiogram_bot, school.aysel.id
    sandbox.adds_bot(school.aysel, school.group, admin=True)
    image = BufferedInputFile(picture(), "a.png")
    assert (await bot.get_me()).username == "birge_bot"
    text = await bot.send_message(chat, "<b>x</b>", parse_mode="HTML")
    assert isinstance(await bot.edit_message_text("y", chat_id=chat, message_id=text.message_id), types.Message)
    photo = await bot.send_photo(chat, image, caption="c")
    assert photo.photo
    file = await bot.get_file(photo.photo[-1].file_id)
    assert file.file_path
    assert await bot.download_file(file.file_path)
    assert await bot.send_media_group(
        chat, [InputMediaPhoto(media=image), InputMediaPhoto(media=photo.photo[-1].file_id)]
    )
    media = InputMediaDocument(media=BufferedInputFile(b"x", "a.txt"))
    assert await bot.edit_message_media(media, chat_id=chat, message_id=photo.message_id)
    poll = await bot.send_poll(chat, "?", [InputPollOption(text="a"), "b"], is_anonymous=False)
    assert (await bot.stop_poll(chat, poll.message_id)).is_closed
    await bot.send_contact(chat, "+994500000000", "Aysel")
    await bot.send_location(chat, 40.4, 49.8)
    assert (await bot.copy_message(chat, chat, text.message_id)).message_id
    assert (await bot.forward_message(chat, chat, text.message_id)).forward_origin
    assert (await bot.get_chat(school.group.id)).title == "5A"
    assert await bot.get_chat_administrators(school.group.id)
    await bot.get_chat_member(school.group.id, school.olena.id)
    assert (await bot.create_chat_invite_link(school.group.id, name="x")).name == "x"
    await bot.get_chat_menu_button()
    await bot.get_my_default_administrator_rights()
    assert (await bot.get_webhook_info()).pending_update_count
    assert await bot.delete_message(chat, text.message_id)
    assert await bot.get_updates(timeout=1)
