"""Phones with the web chat on them, and the real bot behind it."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.phone import Phone
from tests.cast import Talker, World
from tests.chromium import ARGUMENTS, CHROMIUM

PhoneOf = Callable[[Talker], Awaitable[Phone]]


@pytest.fixture
async def browser(world: World) -> AsyncIterator[Browser]:
    """Closed before the world is, or its pages would miss the sandbox."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
async def phone_of(world: World, browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[PhoneOf]:
    """Opens the web chat as somebody. In the end no page has complained, nor asked any other host for anything."""
    await world.birge.introduce()
    phones: list[Phone] = []
    album = "-".join(re.findall(r"\w+", request.node.name.removeprefix("test_")))

    async def open_one(talker: Talker) -> Phone:
        phones.append(await Phone.of(talker, browser, album))
        return phones[-1]

    yield open_one
    assert [one for phone in phones for one in phone.complaints] == []
