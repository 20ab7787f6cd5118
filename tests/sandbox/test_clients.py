"""Bots as people write them, running against the sandbox."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram import Update
from telegram.error import Forbidden
from telegram.ext import Application, CommandHandler, ContextTypes, MessageHandler, filters

from sandbox import Person, Sandbox
from tests.sandbox.client import Api, result_of


async def test_an_aiogram_bot(sandbox: Sandbox, aiogram_bot: Bot, aysel: Person) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def echo(message: Message) -> None:
        button = InlineKeyboardButton(text="Again", callback_data="again")
        await message.reply(f"You: {message.text}", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))

    @dispatcher.callback_query()
    async def tapped(query: CallbackQuery) -> None:
        await query.answer("Once is enough")

    polling = asyncio.create_task(dispatcher.start_polling(aiogram_bot, handle_signals=False))
    chat = sandbox.chat_of(aysel)
    await sandbox.until(lambda: chat.last and chat.last.from_bot)
    sandbox.sends(aysel, text="salam")
    await sandbox.until(lambda: chat.last and chat.last.text == "You: salam")

    assert chat.last is not None
    query = sandbox.taps(aysel, chat.last, "Again")
    await asyncio.wait_for(query.answered.wait(), 5)

    assert query.answer == "Once is enough"
    await dispatcher.stop_polling()
    await polling


async def test_a_python_telegram_bot(sandbox: Sandbox, aysel: Person) -> None:
    builder: Any = Application.builder().token(sandbox.bot.token)
    app = builder.base_url(f"{sandbox.url}/bot").base_file_url(f"{sandbox.url}/file/bot").build()

    async def start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        await update.message.reply_html(f"<b>{context.args}</b>")

    async def photo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        data = await (await update.message.photo[-1].get_file()).download_as_bytearray()
        await update.message.reply_document(bytes(data), filename="back.png", caption=str(len(data)))

    app.add_handler(CommandHandler("start", start))
    app.add_handler(MessageHandler(filters.PHOTO, photo))
    async with app:
        await app.start()
        await app.updater.start_polling()
        chat = sandbox.chat_of(aysel)
        sandbox.presses_start(aysel, payload="ABC")
        await sandbox.until(lambda: chat.last and chat.last.text == "['ABC']")
        sandbox.sends(aysel, photo=b"picture bytes")
        await sandbox.until(lambda: chat.last and chat.last.media and chat.last.from_bot)

        assert chat.last is not None
        assert chat.last.media is not None
        assert (chat.last.media.name, chat.last.media.data) == ("back.png", b"picture bytes")
        await _meets_a_block(sandbox, aysel, app)
        await app.updater.stop()
        await app.stop()


async def test_a_sandbox_alone(api: Api) -> None:
    """`python -m sandbox` says where it listens, and serves until it is ended."""
    arguments = (sys.executable, "-m", "sandbox", "--port", "0", "--token", "7:alone", "--username", "alone_bot")
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        async with api.session.get(f"{url}/bot7:alone/getMe") as response:
            assert (await result_of(response))["username"] == "alone_bot"
        async with api.session.get(f"{url}/") as page:
            assert "<title>Sandbox</title>" in await page.text()
        async with api.session.get(f"{url}/static/%2e%2e%2fserver.py") as page:
            assert page.status == 404
    finally:
        process.terminate()
        await process.wait()


async def _meets_a_block(sandbox: Sandbox, person: Person, app: Any) -> None:
    sandbox.blocks(person)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await app.bot.send_message(person.id, "x")
