"""The web chat in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, ViewportSize, async_playwright, expect

from sandbox import Sandbox
from tests.chromium import ARGUMENTS, CHROMIUM, in_a_browser
from tests.sandbox.client import Api, picture
from tests.sandbox.conftest import School

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}

pytestmark = in_a_browser


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the pages' console said against them: nothing, in the end."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
async def browser(sandbox: Sandbox, complaints: list[str]) -> AsyncIterator[Browser]:
    """Closed before the sandbox is, or the page would miss it."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


class Visit:
    """Opens the page of a sandbox in windows of some size."""

    def __init__(self, browser: Browser, sandbox: Sandbox, complaints: list[str]) -> None:
        self.browser = browser
        self.sandbox = sandbox
        self.complaints = complaints

    async def __call__(self, size: ViewportSize, **query: int) -> Page:
        page = await self.browser.new_page(viewport=size)
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        address = "&".join(f"{name}={value}" for name, value in query.items())
        await page.goto(f"{self.sandbox.url}/?{address}")
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture
def visit(browser: Browser, sandbox: Sandbox, complaints: list[str]) -> Visit:
    return Visit(browser, sandbox, complaints)


async def test_a_conversation_on_a_phone(visit: Visit, sandbox: Sandbox, api: Api, school: School) -> None:
    """START, commands, buttons with their answers, a poll, an edit and a deletion, as one visit."""
    await api("setMyCommands", commands=[{"command": "help", "description": "What I can do"}])
    person, chat = school.rashad, sandbox.chat_of(school.rashad)
    page = await visit(PHONE, left=person.id)
    await page.locator(f'[data-chat-id="{person.id}"]').click()
    await page.get_by_test_id("start").click()
    await expect(page.locator(".mine .text")).to_have_text("/start")
    rows = [[{"text": "Going", "callback_data": "go"}, {"text": "Rules", "url": "https://t.me/birge_bot?start=RULES"}]]
    html = "<b>Picnic</b> <i>on</i> <code>Friday</code>\n<blockquote>Bring &lt;tea&gt;</blockquote>"
    markup = {"inline_keyboard": rows}
    sent = await api("sendMessage", chat_id=person.id, text=html, parse_mode="HTML", reply_markup=markup)
    bubble = page.locator(f'article[data-message-id="{sent["message_id"]}"]')
    await expect(bubble.locator("strong", has_text="Picnic")).to_be_visible()
    await expect(bubble.locator("blockquote")).to_have_text("Bring <tea>")

    await page.locator('[data-button="Going"]').click()
    await sandbox.until(lambda: sandbox.state.queries)
    await expect(page.locator('[data-button="Going"][aria-busy]')).to_be_visible()
    (query,) = sandbox.state.queries.values()
    await api("answerCallbackQuery", callback_query_id=query.id, text="See you!")
    await expect(page.get_by_test_id("toast")).to_have_text("See you!")
    await expect(page.locator("[aria-busy]")).to_have_count(0)
    await page.locator('[data-button="Rules"]').click()
    await expect(page.locator(".mine .text").last).to_have_text("/start RULES")

    await page.get_by_test_id("composer").fill("/he")
    await page.locator('[data-command="help"]').click()
    await expect(page.locator(".mine .text").last).to_have_text("/help")

    await api("sendPoll", chat_id=person.id, question="Day?", options=["Mon", "Tue"], is_anonymous=False)
    await page.locator('[data-option="1"]').click()
    await expect(page.locator(".poll-result.mine")).to_have_attribute("data-share", "100")
    await page.get_by_test_id("retract").click()
    await expect(page.locator(".poll-option")).to_have_count(2)

    await api("editMessageText", chat_id=person.id, message_id=sent["message_id"], text="Moved")
    await expect(bubble.get_by_test_id("edited")).to_be_visible()
    await api("pinChatMessage", chat_id=person.id, message_id=sent["message_id"])
    await expect(page.get_by_test_id("pinned")).to_contain_text("Moved")
    await api("deleteMessage", chat_id=person.id, message_id=sent["message_id"])
    await expect(bubble).to_have_count(0)
    assert chat.started


async def test_two_people_and_the_clock_on_a_desktop(visit: Visit, sandbox: Sandbox, api: Api, school: School) -> None:
    group = school.group.id
    page = await visit(DESKTOP, left=school.aysel.id, leftchat=group, right=school.olena.id, rightchat=group)
    left, right = page.get_by_test_id("screen-left"), page.get_by_test_id("screen-right")
    await left.get_by_test_id("composer").fill("Salam, <b>Олена</b>!")
    await left.get_by_test_id("composer").press("Enter")
    await expect(right.locator(".theirs .text")).to_have_text("Salam, <b>Олена</b>!")
    await expect(left.locator(".mine .text")).to_be_visible()

    files: list[FilePayload] = [{"name": "a.png", "mimeType": "image/png", "buffer": picture()}]
    await right.get_by_test_id("file-photo").set_input_files(files)
    await expect(left.locator(".photo img")).to_be_visible()
    await right.get_by_test_id("stickers").click()
    await page.get_by_role("menuitem", name="🎉").click()
    await expect(left.locator(".big-emoji")).to_have_text("🎉")

    before = sandbox.clock.offset
    await page.get_by_role("button", name="+1 day").click()
    await sandbox.until(lambda: sandbox.clock.offset - before == 86400)

    await left.get_by_test_id("back").click()
    await left.get_by_test_id("person-picker").click()
    await left.locator(f'[data-person-id="{school.rashad.id}"]').click()
    await expect(left.locator(f'[data-chat-id="{group}"] .badge')).to_be_visible()
    await page.get_by_test_id("split").click()
    await expect(right).to_have_count(0)


async def test_the_page_says_what_one_must_know_to_play_somebody(
    visit: Visit, sandbox: Sandbox, school: School
) -> None:
    worker = sandbox.add_person("Rəna", username="worker", note="PIN 2580")
    page = await visit(DESKTOP, left=school.aysel.id)
    await expect(page.get_by_test_id("person-picker")).not_to_contain_text("PIN")

    await page.get_by_test_id("person-picker").click()
    option = page.locator(f'[data-person-id="{worker.id}"]')
    await expect(option).to_contain_text("@worker · PIN 2580")
    await option.click()

    await expect(page.get_by_test_id("person-picker")).to_contain_text("You are · PIN 2580")


async def test_alerts_blocks_and_files(visit: Visit, sandbox: Sandbox, api: Api, school: School) -> None:
    person = school.aysel
    markup = {"inline_keyboard": [[{"text": "Ask", "callback_data": "a", "style": "danger"}]]}
    await api.form("sendDocument", {"document": ("meeting.ics", b"BEGIN:VCALENDAR")}, chat_id=str(person.id))
    await api("sendMessage", chat_id=person.id, text="?", reply_markup=markup)
    page = await visit(DESKTOP, left=person.id, leftchat=person.id)

    async with page.expect_download() as download:
        await page.get_by_test_id("document").click()
    assert (await download.value).suggested_filename == "meeting.ics"
    await page.locator('[data-button="Ask"]').click()
    await sandbox.until(lambda: sandbox.state.queries)
    (query,) = sandbox.state.queries.values()
    await api("answerCallbackQuery", callback_query_id=query.id, text="Sure?", show_alert=True)
    await expect(page.get_by_test_id("alert")).to_contain_text("Sure?")
    await page.get_by_test_id("alert-ok").click()

    await page.get_by_test_id("chat-menu").click()
    await page.get_by_role("menuitem", name="Block the bot").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("unblock")).to_be_visible()
    assert sandbox.chat_of(person).blocked
    await page.get_by_test_id("unblock").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()
