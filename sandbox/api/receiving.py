"""How the bot gets its updates: long polling or a webhook."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.api.registry import method
from sandbox.errors import bad_request, conflict
from sandbox.objects import stamp
from sandbox.people import Json
from sandbox.requests import Params
from sandbox.state import State, Webhook

LONGEST_POLL = 50
# The real server gathers what arrives together before it answers.
GATHERING = 0.002
HOME = ("127.0.0.1", "localhost", "::1")
POLLED_ELSEWHERE = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@method("getUpdates")
async def get_updates(state: State, params: Params) -> list[Json]:
    if state.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    _take_over(state)
    if isinstance(params.values.get("allowed_updates"), list):
        state.queue.allow(params.array("allowed_updates"))
    state.queue.confirm(params.number("offset"))
    limit = min(max(params.number("limit", 100), 1), 100)
    await _something(state, min(max(params.number("timeout"), 0), LONGEST_POLL))
    return state.queue.batch(limit)


def _take_over(state: State) -> None:
    """Ends the poll that is already waiting: only one may."""
    if state.polling is not None:
        state.polling.set()
        state.polling = None
        state.changes.announce()


async def _something(state: State, seconds: int) -> None:
    """Waits for an update, for the time to run out, or for another poller to push this one out."""
    if len(state.queue) or not seconds:
        return
    pushed_out = state.polling = asyncio.Event()
    state.changes.announce()
    try:
        deadline = asyncio.get_running_loop().time() + seconds
        while not len(state.queue) and not pushed_out.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await state.changes.next(state.changes.version, left)
        if not pushed_out.is_set():
            await asyncio.sleep(GATHERING)
        if pushed_out.is_set():
            raise conflict(WEBHOOK_ACTIVE if state.webhook.url else POLLED_ELSEWHERE)
    finally:
        if state.polling is pushed_out:
            state.polling = None


@method("setWebhook")
def set_webhook(state: State, params: Params) -> bool:
    url = params.text("url")
    if url:
        _ensure_postable(url)
    secret = params.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    if isinstance(params.values.get("allowed_updates"), list):
        state.queue.allow(params.array("allowed_updates"))
    most = min(max(params.number("max_connections", 40), 1), 100)
    state.webhook = Webhook(url, secret or None, most, params.text("ip_address") or None)
    return _webhook_changed(state, params)


@method("deleteWebhook")
def delete_webhook(state: State, params: Params) -> bool:
    state.webhook = Webhook()
    return _webhook_changed(state, params)


def _webhook_changed(state: State, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        state.queue.drop_all()
    if state.webhook.url:
        _take_over(state)
    state.changes.announce()
    return True


def _ensure_postable(url: str) -> None:
    """Telegram wants HTTPS; the sandbox also posts to this machine in the clear."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad_request("bad webhook: invalid URL specified")
    if parts.scheme == "http" and parts.hostname not in HOME:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")


@method("getWebhookInfo")
def get_webhook_info(state: State, params: Params) -> Json:
    hook = state.webhook
    optional: dict[str, Any] = {
        "ip_address": hook.ip_address,
        "max_connections": hook.max_connections if hook.url else None,
        "last_error_date": stamp(hook.last_error_at) if hook.last_error_at else None,
        "last_error_message": hook.last_error,
        "allowed_updates": sorted(state.queue.allowed),
    }
    known = {key: value for key, value in optional.items() if value is not None}
    return {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(state.queue)} | known
