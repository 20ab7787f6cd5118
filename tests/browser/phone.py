"""A phone of 360 × 740 with the web chat on it: what a person does there is clicked and typed."""

import json
import re
from collections.abc import Awaitable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, FilePayload, Locator, Page, Request, ViewportSize, expect

from sandbox import Chat
from tests.browser.sentences import label, sentence
from tests.cast import Talker, World

SCREEN: ViewportSize = {"width": 360, "height": 740}
ZONE = "Asia/Baku"
PATIENCE = 10_000
_HAS_PAINTED = "version => Number(document.querySelector('.screen').dataset.version) >= version"
SCREENSHOTS = Path(__file__).parent.parent.parent / "build" / "screenshots"
_FAULTS = Path(__file__).with_name("faults.js").read_text()


class Phone:
    """The web chat in one person's hand; it may be handed to another."""

    def __init__(self, page: Page, world: World, talker: Talker, album: str) -> None:
        self.page = page
        self.world = world
        self.talker = talker
        self.album = album
        self.complaints: list[str] = []
        self._looks = 0

    @classmethod
    async def of(cls, talker: Talker, browser: Browser, album: str) -> "Phone":
        """Its screenshots are called `album`-01-…"""
        context = await browser.new_context(
            viewport=SCREEN, has_touch=True, is_mobile=True, reduced_motion="reduce", timezone_id=ZONE
        )
        context.set_default_timeout(PATIENCE)
        phone = cls(await context.new_page(), talker.world, talker, album)
        phone.page.on("console", lambda message: phone._hear(message.type, message.text))
        phone.page.on("pageerror", lambda error: phone._hear("error", str(error)))
        phone.page.on("request", phone._sees)
        await phone.page.goto(f"{talker.world.sandbox.url}/?left={talker.person.id}")
        return phone

    def _hear(self, kind: str, words: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(words)

    def _sees(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme not in ("blob", "data") and asked.netloc != urlsplit(self.world.sandbox.url).netloc:
            self.complaints.append(f"asks {request.url}")

    # --- what she does ------------------------------------------------------------------------------------------------

    async def opens(self, chat: Chat | None = None) -> None:
        """Goes to a chat: the private one with the bot, if none is named."""
        back = self.page.get_by_test_id("back")
        if await back.is_visible():
            await back.tap()
        await self.page.locator(f'[data-chat-id="{(chat or self.talker.chat).id}"]').tap()
        await self.page.get_by_test_id("chat-title").wait_for()

    async def starts(self) -> None:
        await self._does("start", self.page.get_by_test_id("start").tap())

    async def is_handed_to(self, talker: Talker) -> None:
        """The page shows another's chats from now on."""
        self.talker = talker
        await self.page.get_by_test_id("me").tap()
        await self.page.locator(f'[data-person-id="{talker.person.id}"]').tap()

    async def opens_commands(self) -> None:
        await self.page.get_by_test_id("command-menu").tap()

    async def chooses(self, command: str) -> None:
        """From the open menu of commands."""
        await self._does("send", self.page.locator(f'[data-command="{command}"]').tap())

    async def types(self, words: str) -> None:
        await self.page.get_by_test_id("composer").fill(words)
        await self._does("send", self.page.get_by_test_id("send").tap())

    async def attaches(self, kind: str, name: str, mime: str, content: bytes) -> None:
        """kind: photo or document. The window in which files are chosen is the browser's; they go in behind it."""
        files: list[FilePayload] = [{"name": name, "mimeType": mime, "buffer": content}]
        await self._does("send", self.page.get_by_test_id(f"file-{kind}").set_input_files(files))

    async def taps(self, english: str, *, oldest: bool = False) -> None:
        """The newest button with this label, or the oldest that still stands."""
        found = self.keys(english)
        await self._does("tap", (found.first if oldest else found.last).tap())

    async def taps_first(self) -> None:
        """The first button of the newest message that has any."""
        await self._does("tap", self.page.locator(".keyboard").last.locator(".key").first.tap())

    async def follows(self, part: str) -> None:
        """The newest link that has this in it."""
        await self._does("follow", self.page.locator(".text a", has_text=part).last.tap())

    async def votes(self, option: int) -> None:
        await self._does("vote", self.page.locator(f'[data-option="{option}"]').last.tap())

    async def _does(self, verb: str, act: Awaitable[None]) -> None:
        """Returns when the page shows all that came of it."""
        async with self.page.expect_response(lambda response: response.url.endswith(f"/sandbox/{verb}")):
            await act
        await self.catches_up()

    async def catches_up(self) -> None:
        await self.world.settle()
        version = self.world.sandbox.state.changes.version
        await self.page.wait_for_function(_HAS_PAINTED, arg=version)

    # --- what she sees ------------------------------------------------------------------------------------------------

    def keys(self, english: str) -> Locator:
        """The buttons with this label."""
        return self.page.locator(f".key[data-button={json.dumps(self.label(english), ensure_ascii=False)}]")

    def label(self, english: str) -> str:
        return label(english, self.talker.person.language_code or "en")

    def words(self, part: str) -> re.Pattern[str]:
        return sentence(part, self.talker.person.language_code or "en")

    async def reads(self, *parts: str) -> None:
        """The newest bubble of the others has these sentences, each named by a part of the English one."""
        for part in parts:
            await expect(self.page.locator(".theirs").last).to_contain_text(self.words(part))

    async def is_told(self, part: str) -> None:
        """A note over the chat."""
        await expect(self.page.get_by_test_id("toast").last).to_contain_text(self.words(part))

    async def is_stopped(self, part: str, at: str) -> None:
        """A box she has to close before she can go on."""
        await expect(self.page.get_by_test_id("alert")).to_contain_text(self.words(part))
        await self.looks(at)
        await self.page.get_by_test_id("alert-ok").tap()

    async def looks(self, at: str) -> None:
        """Takes a picture; nothing in it is too wide, cut off or broken inside a word."""
        self._looks += 1
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"{self.album}-{self._looks:02}-{at}.png", caret="initial")
        faults = await self.page.evaluate(_FAULTS)
        assert not faults, faults
