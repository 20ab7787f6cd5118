"""Updates posted to a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from sandbox import Person, Sandbox
from tests.sandbox.client import Api


class Hook:
    """A bot's webhook: keeps what was posted; `answers` are statuses to give first."""

    def __init__(self) -> None:
        self.url = ""
        self.posts: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[int] = []
        self.body: dict[str, Any] = {}
        self.hold: asyncio.Event | None = None

    async def receive(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.posts.append(update)
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if self.hold and update.get("message", {}).get("text") == "held":
            await self.hold.wait()
        status = self.answers.pop(0) if self.answers else 200
        return web.json_response(self.body, status=status)

    def texts(self) -> list[str]:
        return [post["message"]["text"] for post in self.posts]


@pytest.fixture
async def hook(sandbox: Sandbox) -> AsyncIterator[Hook]:
    sandbox.webhook_pause = 0.01
    kept = Hook()
    app = web.Application()
    app.router.add_post("/hook", kept.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield kept
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret(sandbox: Sandbox, api: Api, aysel: Person, hook: Hook) -> None:
    await api("setWebhook", url=hook.url, secret_token="s3cret")
    sandbox.sends(aysel, text="salam")

    await sandbox.until(lambda: not sandbox.pending_updates)

    assert hook.texts() == ["/start", "salam"]
    assert hook.secrets == ["s3cret", "s3cret"]


async def test_a_failed_update_is_posted_again_and_holds_back_its_chat(
    sandbox: Sandbox, api: Api, aysel: Person, hook: Hook
) -> None:
    hook.answers = [500, 503, 200]
    await api("setWebhook", url=hook.url)
    sandbox.sends(aysel, text="after")

    await sandbox.until(lambda: not sandbox.pending_updates)

    assert hook.texts() == ["/start", "/start", "/start", "after"]
    info = await api("getWebhookInfo")
    assert "503" in info["last_error_message"]


async def test_chats_do_not_wait_for_each_other(sandbox: Sandbox, api: Api, aysel: Person, hook: Hook) -> None:
    await api.drained()
    hook.hold = asyncio.Event()
    other = sandbox.add_person("Rəşad")
    await api("setWebhook", url=hook.url)
    sandbox.sends(aysel, text="held")
    sandbox.presses_start(other)

    await sandbox.until(lambda: sandbox.pending_updates == 1)

    assert set(hook.texts()) == {"held", "/start"}
    hook.hold.set()
    await sandbox.until(lambda: not sandbox.pending_updates)


async def test_the_answer_may_name_a_method(sandbox: Sandbox, api: Api, aysel: Person, hook: Hook) -> None:
    hook.body = {"method": "sendMessage", "chat_id": aysel.id, "text": "Salam!"}

    await api("setWebhook", url=hook.url)

    await sandbox.until(lambda: sandbox.chat_of(aysel).messages[-1].text == "Salam!")


async def test_polling_is_refused_while_a_webhook_is_set(api: Api, hook: Hook) -> None:
    await api("setWebhook", url=hook.url)

    refusal = await api.error("getUpdates")

    assert refusal.startswith("Conflict: can't use getUpdates method while webhook is active")
    await api("deleteWebhook")
    assert await api.updates() == []


async def test_pending_updates_can_be_dropped(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    await api("deleteWebhook", drop_pending_updates=True)

    assert sandbox.pending_updates == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/hook", "bad webhook: An HTTPS URL must be provided for webhook"),
        ("nonsense", "bad webhook: invalid URL specified"),
    ],
)
async def test_a_bad_address_is_refused(api: Api, url: str, reason: str) -> None:
    assert await api.error("setWebhook", url=url) == f"Bad Request: {reason}"


async def test_updates_are_posted_twice_on_demand(sandbox: Sandbox, api: Api, aysel: Person, hook: Hook) -> None:
    sandbox.redeliver = True
    await api("setWebhook", url=hook.url)

    await sandbox.until(lambda: not sandbox.pending_updates and len(hook.posts) == 2)

    assert hook.posts[0] == hook.posts[1]
