"""A bare aiogram echo with its defaults. Arguments: API, token."""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    await message.answer(message.text or "")


async def main(api: str, token: str) -> None:
    dispatcher = Dispatcher()
    dispatcher.message.register(echo)
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
