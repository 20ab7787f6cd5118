"""A sandbox for each test, without limits, with a few people in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from sandbox import Chat, Person, Sandbox
from tests.sandbox.client import Api


@dataclass(frozen=True)
class School:
    """Aysel owns the class group of Rashad and Olena; Kamran belongs to nothing."""

    aysel: Person
    rashad: Person
    olena: Person
    kamran: Person
    group: Chat


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(limits=None) as running:
        yield running


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(sandbox, session)


@pytest.fixture
async def aiogram_bot(sandbox: Sandbox) -> AsyncIterator[AiogramBot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url))
    async with AiogramBot(sandbox.bot.token, session=session) as bot:
        yield bot


@pytest.fixture
def aysel(sandbox: Sandbox) -> Person:
    """Has opened her chat with the bot."""
    person = sandbox.add_person("Aysel", "Məmmədova", language_code="az", username="aysel")
    sandbox.presses_start(person)
    return person


@pytest.fixture
def school(sandbox: Sandbox, aysel: Person) -> School:
    rashad = sandbox.add_person("Rəşad", language_code="az")
    olena = sandbox.add_person("Олена", "Коваль", language_code="uk")
    kamran = sandbox.add_person("Kamran")
    return School(aysel, rashad, olena, kamran, sandbox.add_group("5A", aysel, [rashad, olena]))
