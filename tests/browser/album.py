"""python -m tests.browser.album [LANGUAGE …]: the pictures in docs/screens, as the demo shows them on a small phone."""

import asyncio
import io
import re
import socket
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import APIRequestContext, Browser, Page, async_playwright

from domain.languages import LANGUAGES
from tests.browser.phone import SCREEN, ZONE
from tests.browser.sentences import label, sentence
from tests.chromium import ARGUMENTS, CHROMIUM

FOLDER = Path(__file__).parent.parent.parent / "docs" / "screens"
_COLOURS = 64  # enough for letters, and a fifth of the bytes
_STARTS_WITHIN = 180.0  # seconds
_PATIENCE, _PAINTS, _COUNTED = 30_000, 1_500, 5_000  # milliseconds; the counts change once in three seconds


@dataclass(frozen=True)
class Part:
    """Who plays it in one language: somebody who leads a community of the demo, and a newcomer."""

    leader: str  # the name of the account
    community: str
    newcomer: tuple[str, str]
    announcement: str
    meeting: str


PARTS = {
    "az": Part(
        "head_5a",
        "5A",
        ("Zəhra", "Ağayeva"),
        "Sabah şəkil günüdür, formada gəlin.",
        "sabah 18:00 Valideyn yığıncağı",
    ),
    "kk": Part(
        "coordinator_parliament",
        "Бақыт",
        ("Әсел", "Қалиева"),
        "Ертең суретке түсеміз, мектеп формасын киіңіздер.",
        "ертең 18:00 Ата-аналар жиналысы",
    ),
    "ru": Part(
        "head_7c",
        "7C",
        ("Мария", "Белова"),
        "Завтра фотографируемся, приходите в форме.",
        "завтра 18:00 Родительское собрание",
    ),
    "uk": Part(
        "coordinator_hub",
        "Батьківський хаб",
        ("Оксана", "Гнатюк"),
        "Завтра фотографуємося, приходьте у формі.",
        "завтра 18:00 Батьківські збори",
    ),
    "en": Part(
        "head_6b",
        "6B",
        ("Emily", "Ward"),
        "Tomorrow is picture day: please come in uniform.",
        "tomorrow 18:00 Parents' evening",
    ),
}


class Screen:
    """The web chat of one person with the bot."""

    def __init__(self, page: Page, language: str) -> None:
        self.page, self.language = page, language

    @classmethod
    async def of(cls, browser: Browser, url: str, person: int, language: str) -> "Screen":
        context = await browser.new_context(
            viewport=SCREEN, has_touch=True, is_mobile=True, reduced_motion="reduce", timezone_id=ZONE
        )
        context.set_default_timeout(_PATIENCE)
        page = await context.new_page()
        await page.goto(f"{url}/?left={person}")
        await page.locator(f'[data-chat-id="{person}"]').tap()  # a private chat has the number of its person
        return cls(page, language)

    async def says(self, words: str) -> None:
        await self.page.get_by_test_id("composer").fill(words)
        await self._does(self.page.get_by_test_id("send").tap())

    async def asks(self, command: str, community: str) -> None:
        """Whoever leads several communities is asked which one it is about."""
        await self.says(command)
        if sentence("Which one is it for?", self.language).search(await self.read()):
            await self._does(self.page.locator(".key", has_text=community).last.tap())

    async def taps(self, english: str) -> None:
        await self.taps_on(label(english, self.language))

    async def taps_on(self, shown: str) -> None:
        await self._does(self.page.locator(".key").filter(has_text=re.compile(f"^(✓ )?{re.escape(shown)}$")).last.tap())

    async def _does(self, act: Awaitable[None]) -> None:
        await act
        await self.page.wait_for_timeout(_PAINTS)

    async def read(self) -> str:
        return await self.page.locator(".theirs").last.inner_text()

    async def looks(self, name: str) -> None:
        shown = Image.open(io.BytesIO(await self.page.screenshot(caret="initial")))
        FOLDER.mkdir(parents=True, exist_ok=True)
        shown.convert("RGB").quantize(_COLOURS).save(FOLDER / f"{name}-{self.language}.png", optimize=True)


async def main() -> None:
    async with _demo() as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        request = await playwright.request.new_context(base_url=url)
        for language, part in PARTS.items():
            if sys.argv[1:] and language not in sys.argv[1:]:
                continue
            await _pictured(browser, request, url, language, part)
        await browser.close()


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """Its address, once its communities are there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    demo = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", str(port), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert demo.stdout is not None
        async with asyncio.timeout(_STARTS_WITHIN):
            while b"The communities are there" not in await demo.stdout.readline():
                pass
        yield f"http://127.0.0.1:{port}"
    finally:
        demo.terminate()
        await demo.wait()


async def _pictured(browser: Browser, request: APIRequestContext, url: str, language: str, part: Part) -> None:
    people = (await (await request.get("/sandbox/cast")).json())["people"]
    leader = next(one["id"] for one in people if one["username"] == part.leader)
    hers = await Screen.of(browser, url, leader, language)
    await hers.says("/language")
    await hers.taps_on(LANGUAGES[language])
    code = await _code(hers, part)
    await _joins(browser, request, url, language, part, code)
    await hers.asks(f"/announce {part.announcement}", part.community)
    await hers.taps("Send")
    await hers.page.wait_for_timeout(_COUNTED)
    await hers.taps("✓ I have read it")
    await hers.page.wait_for_timeout(_COUNTED)
    await hers.looks("announcement")
    await hers.asks(f"/meeting {part.meeting}", part.community)
    await hers.looks("meeting-asked")
    await hers.taps("Call it")
    await hers.looks("meeting")


async def _code(hers: Screen, part: Part) -> str:
    await hers.asks("/invite", part.community)
    found = re.search(r"start=([\w-]+)", await hers.read())
    assert found is not None
    return found[1]


async def _joins(browser: Browser, request: APIRequestContext, url: str, language: str, part: Part, code: str) -> None:
    first, last = part.newcomer
    made = await request.post(
        "/sandbox/add_person", data={"first_name": first, "last_name": last, "language_code": language}
    )
    number = (await made.json())["id"]
    await request.post("/sandbox/start", data={"person": number, "payload": code})
    newcomer = await Screen.of(browser, url, number, language)
    await newcomer.looks("joining-1")
    await newcomer.taps_on(LANGUAGES[language])
    await newcomer.taps("Parent")
    await newcomer.looks("joining-2")
    await newcomer.says(f"{first} {last}")
    await newcomer.looks("joining-3")


if __name__ == "__main__":
    asyncio.run(main())
