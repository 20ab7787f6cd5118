"""Telegram: updates by long polling, confirmed only after they are committed, and calls of the Bot API.

python-telegram-bot gives the Bot, its errors and its HTTP contract; what is sent and received stays plain JSON.
"""

import asyncio
import base64
import os
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.causes import Cause
from bot.channels.channel import ChannelUnusable, Introduction, Received
from bot.channels.translate import ALLOWED_UPDATES, CHANNEL, translate
from bot.channels.transport import AiohttpRequest, Json, Unreadable
from domain.files import LARGEST
from domain.messages import DeepLink, Moved, Question, Rejected, Result, Sent, TryLater, Unreachable
from domain.requests import Incoming

logger = structlog.get_logger(__name__)

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else every 429 warns of a change to come

_POLL_SECONDS = 25
_MOST_UPDATES = 100
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)  # seconds between tries while the messenger can't be reached

Call = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Webhook:
    """How Telegram hands out updates: by a webhook or when polled, and which kinds (None: it names none)."""

    is_set: bool
    kinds: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Place:
    """What the bot may do in a group chat."""

    member: bool = True
    writes: bool = True
    opens_polls: bool = True


class Telegram:
    """A bot account. `api` is the server's address ("https://api.telegram.org" or a stand-in's); `heard` is called each
    time the server said what there is."""

    name = CHANNEL

    def __init__(self, token: str, api: str, heard: Callable[[], None] = lambda: None) -> None:
        self._heard = heard
        self._api = api
        self._sending = AiohttpRequest()
        self._receiving = AiohttpRequest(connections=4)
        self._bot = Bot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._sending,
            get_updates_request=self._receiving,
        )
        self._offset: int | None = None
        self._at_once = _MOST_UPDATES
        self.username = ""
        self.account: Mapping[str, Any] = {}  # what getMe says
        self.heard_at: float | None = None  # monotonic: when Telegram last answered a poll
        self.has_rival = False  # another program polls with this token, or a webhook is set

    async def open(self) -> None:
        """Checks the token and learns the bot's name. Raises ChannelUnusable with one plain sentence."""
        await self._sending.initialize()
        await self._receiving.initialize()
        try:
            self.account = await self._call("getMe", {})
            self.username = self.account["username"]
        except InvalidToken as error:
            await self.close()
            raise ChannelUnusable("Telegram does not know the token in BIRGE_TELEGRAM_TOKEN. Check it.") from error
        except (TelegramError, KeyError, TypeError) as error:
            await self.close()
            raise ChannelUnusable(
                "Telegram can't be reached. Check the network and BIRGE_TELEGRAM_API, then start again."
            ) from error

    async def close(self) -> None:
        await self._sending.shutdown()
        await self._receiving.shutdown()

    def address_of(self, link: DeepLink) -> str:
        return f"https://t.me/{self.username}?{'startgroup' if link.group else 'start'}={link.payload}"

    # --- receiving --------------------------------------------------------------------------------------------------

    async def receive(self) -> AsyncGenerator[Received, None]:
        """Updates as they come, for ever. Each getUpdates confirms what confirmed() was told of, never more."""
        failures = 0
        while True:
            try:
                updates = await self._get_updates()
                self.heard_at, self.has_rival = time.monotonic(), False
                failures, self._at_once = 0, _MOST_UPDATES
                self._heard()
            except RetryAfter as error:
                await asyncio.sleep(_seconds(error))
                continue
            except TelegramError as error:
                if not (isinstance(error, Unreadable) and self._went_on_after(error.payload)):
                    await self._pause_after(error, failures)
                    failures += 1
                continue
            if updates:
                yield Received(translated(updates, self.username), _last_id(updates))

    def confirmed(self, received: Received) -> None:
        if received.confirm is not None:
            self._offset = int(received.confirm) + 1

    async def _get_updates(self) -> Sequence[Mapping[str, Any]]:
        asked: dict[str, Any] = {"timeout": _POLL_SECONDS, "allowed_updates": list(ALLOWED_UPDATES)}
        if self._at_once != _MOST_UPDATES:
            asked["limit"] = self._at_once
        if self._offset is not None:
            asked["offset"] = self._offset
        found = await post(self._receiving, self._bot, "getUpdates", asked, read_timeout=_POLL_SECONDS + 10)
        if not isinstance(found, list) or (found and _last_id(found) is None):  # it could never be confirmed
            raise NetworkError("the messenger's updates have another shape")
        return found

    def _went_on_after(self, payload: bytes) -> bool:
        """Updates that nothing can read must not stand in the way of all that come after: they are asked for one by
        one, and the one that can't be read even alone is left out."""
        numbers = _UPDATE_ID.findall(payload)
        if not numbers:
            return False
        if self._at_once > 1:
            self._at_once = 1
            return True
        logger.error("an update that is no JSON was left out", update=int(numbers[0]))
        self._offset = int(numbers[0]) + 1
        return True

    async def _pause_after(self, error: TelegramError, failures: int) -> None:
        if isinstance(error, Conflict):
            self.has_rival = True
            logger.error("another program polls with this token: stop one of the two", cause=Cause.SECOND_POLLER)
        else:
            logger.warning("no updates", why=type(error).__name__)
        await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])

    # --- looking into it, for the operator ----------------------------------------------------------------------------

    async def webhook(self) -> Webhook | None:
        """How Telegram hands out updates; None when it does not say."""
        try:
            said = await self._call("getWebhookInfo", {})
            kinds = said.get("allowed_updates")
            return Webhook(bool(said.get("url")), None if kinds is None else frozenset(kinds))
        except (TelegramError, AttributeError, TypeError):
            return None

    async def place_in(self, address: str) -> Place | None:
        """What the bot may do in a group chat; None when Telegram does not say."""
        try:
            member = await _member(self._call, address, self.account["id"])
            if member["status"] in _GONE:
                return Place(member=False)
            if member["status"] in _RULING:
                return Place()
            allowed = member
            if member["status"] != "restricted":
                allowed = (await self._call("getChat", {"chat_id": int(address)})).get("permissions", {})
            return Place(writes=allowed.get("can_send_messages", True), opens_polls=allowed.get("can_send_polls", True))
        except (TelegramError, AttributeError, KeyError, TypeError):
            return None

    async def time(self) -> datetime | None:
        """What time it is at Telegram, to half a second, by an answer that needs no token; None when it says none."""
        return await self._sending.date_of(self._api)

    # --- sending ----------------------------------------------------------------------------------------------------

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        """Sends one delivery; whatever the messenger or the network says is a Result."""
        try:
            if body.get("call") == Question.FILE:
                return Sent(answer=await self._fetched(body["about"]))
            return await _SENDERS[kind](self._call, address, body, target)
        except RetryAfter as error:
            return TryLater(_seconds(error), told=True)
        except ChatMigrated as error:
            return Moved(str(error.new_chat_id))
        except Forbidden as error:
            return Unreachable(_why_forbidden(error.message))
        except BadRequest as error:
            return _bad_request(error.message)
        except InvalidToken:
            # Also what a call of an unknown method answers; the row must not be lost over a token being changed.
            return TryLater(60.0)
        except (NetworkError, TelegramError):
            return TryLater(1.0)

    async def _fetched(self, file_id: str) -> dict[str, Any]:
        """The bytes of a file, or why there are none. That the network fails is an answer, too: whoever asks for one
        file must not keep the next one waiting."""
        try:
            file = await self._call("getFile", {"file_id": file_id})
            if (file.get("file_size") or 0) > LARGEST:
                return {"why": "too_big"}
            content = await self._sending.download(f"{self._bot.base_file_url}/{file['file_path']}", LARGEST)
            return {"why": "too_big"} if content is None else {"content": content}
        except RetryAfter:
            raise
        except BadRequest as error:
            return {"why": "too_big" if "too big" in error.message.lower() else "gone"}
        except (TelegramError, KeyError, TypeError, AttributeError):
            return {"why": "later"}

    async def introduce(self, shown: Mapping[str, Introduction]) -> bool:
        """Tells Telegram what the bot is and the / menus of everybody whose own was not set, by language ("": all
        others). False when something was not taken: people can do without, /help says the same."""
        return all([await self._introduce_in(language, shown[language]) for language in shown])

    async def _introduce_in(self, language: str, shown: Introduction) -> bool:
        code = {"language_code": language} if language else {}
        try:
            await self._call("setMyDescription", {"description": shown.about, **code})
            for scope, commands in (("all_private_chats", shown.in_private), ("all_group_chats", shown.in_groups)):
                listed = [{"command": name, "description": what} for name, what in commands]
                await self._call("setMyCommands", {"scope": {"type": scope}, "commands": listed, **code})
        except TelegramError as error:
            logger.warning("the introduction was not taken", language=language, why=type(error).__name__)
            return False
        return True

    async def _call(self, method: str, asked: dict[str, Any]) -> Any:
        return await post(self._sending, self._bot, method, asked)


async def post(
    request: AiohttpRequest, bot: Bot, method: str, asked: dict[str, Any], read_timeout: float | None = None
) -> Any:
    """One call of the Bot API; the result as plain JSON. Raises telegram.error.TelegramError."""
    if any(isinstance(value, InputFile) for value in asked.values()):
        data: Any = RequestData([RequestParameter.from_input(name, value) for name, value in asked.items()])
    else:
        data = Json(asked)
    timeout = {} if read_timeout is None else {"read_timeout": read_timeout}
    try:
        return await request.post(f"{bot.base_url}/{method}", data, **timeout)
    except (KeyError, TypeError, AttributeError) as error:  # JSON, but no answer of the Bot API
        raise NetworkError(f"the messenger's answer has another shape ({type(error).__name__})") from None


_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})\b')


def _last_id(updates: Sequence[Any]) -> int | None:
    """The newest identifier among the updates; None: not one of them has any."""
    ids = [one.get("update_id") for one in updates if isinstance(one, Mapping)]
    return max((number for number in ids if type(number) is int and 0 <= number < 2**62), default=None)


def translated(updates: Sequence[Any], username: str) -> list[Incoming]:
    """Step 2. What can't be read is left out with a line in the log: one odd update must not stop the others."""
    found = []
    for update in updates:
        try:
            incoming = translate(update, username)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            number = _last_id([update])
            logger.warning("an update of unknown shape", update=number, why=type(error).__name__)
            continue
        if incoming is not None:
            found.append(incoming)
    return found


# --- one function per kind of delivery ------------------------------------------------------------------------------


async def _say(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    asked: dict[str, Any] = {"chat_id": int(address), "parse_mode": "HTML"}
    if markup := _markup(body):
        asked["reply_markup"] = markup
    if body.get("silent"):
        asked["disable_notification"] = True
    if body.get("protected"):
        asked["protect_content"] = True
    media = body.get("media")
    if media is None:
        asked |= {"text": body["html"], "link_preview_options": {"is_disabled": True}}
        return _sent(await _in_topic(call, "sendMessage", asked, body))
    file = _input_file(media) if "content" in media else media["file_id"]
    caption = {"caption": body["html"]} if body["html"] else {}
    asked |= {media["kind"]: file} | caption
    return _sent(await _in_topic(call, _MEDIA_METHODS[media["kind"]], asked, body))


async def _in_topic(call: Call, method: str, asked: dict[str, Any], body: Mapping[str, Any]) -> Any:
    """In the topic it belongs to; where that is closed or gone, where the whole group can read it."""
    if body.get("thread"):
        try:
            return await call(method, asked | {"message_thread_id": body["thread"]})
        except BadRequest as error:
            if _NO_TOPIC.search(error.message.lower()) is None:
                raise
    return await call(method, asked)


_NO_TOPIC = re.compile(r"message thread not found|topic_(closed|deleted|id_invalid)")


async def _edit(call: Call, address: str, body: Mapping[str, Any], target: int | None) -> Sent:
    message_id = body.get("message_id") or target
    if not message_id:
        return Sent()
    asked: dict[str, Any] = {"chat_id": int(address), "message_id": message_id, "parse_mode": "HTML"}
    if markup := _markup(body):
        asked["reply_markup"] = markup
    words = {"text": body["html"], "link_preview_options": {"is_disabled": True}}
    try:
        await call("editMessageText", asked | words)
    except BadRequest as error:
        if "no text in the message" not in error.message.lower():
            raise
        await call("editMessageCaption", asked | {"caption": body["html"]})
    return Sent((message_id,))


async def _delete(call: Call, address: str, body: Mapping[str, Any], target: int | None) -> Sent:
    message_id = body.get("message_id") or target
    if message_id:
        try:
            await call("deleteMessage", {"chat_id": int(address), "message_id": message_id})
        except BadRequest as error:
            if "can't be deleted" not in error.message.lower():
                raise
            return Sent(answer={"sent": False, "why": "undeletable"})
    return Sent()


async def _erase(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    """Many at once; where one of them can't be deleted the messenger deletes none, and each is tried by itself."""
    late = list(body["late"])
    for at in range(0, len(body["gone"]), _DELETED_AT_ONCE):
        numbers = body["gone"][at : at + _DELETED_AT_ONCE]
        try:
            await call("deleteMessages", {"chat_id": int(address), "message_ids": numbers})
        except BadRequest:
            late += [one for one in numbers if (await _delete(call, address, {"message_id": one}, None)).answer]
    left = [one for one in late if not await _is_blanked(call, address, body["html"], one)]
    return Sent(answer={"sent": True, "left": len(left)})


_DELETED_AT_ONCE = 100


async def _is_blanked(call: Call, address: str, html: str, message_id: int) -> bool:
    """Whether nothing of a message's words is left; what only its writer can change stays."""
    try:
        await _edit(call, address, {"message_id": message_id, "html": html, "buttons": []}, None)
    except BadRequest as error:
        return _HARMLESS.search(error.message.lower()) is not None
    return True


async def _pin(call: Call, address: str, _body: Mapping[str, Any], target: int | None) -> Sent:
    if target:
        asked = {"chat_id": int(address), "message_id": target, "disable_notification": True}
        await call("pinChatMessage", asked)
    return Sent()


async def _open_poll(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    asked = {
        "chat_id": int(address),
        "question": body["question"],
        "options": [{"text": option} for option in body["options"]],
        "is_anonymous": False,
        "allows_multiple_answers": bool(body["multiple"]),
    }
    if body.get("below"):
        asked["description"] = body["below"]
    if body.get("silent"):
        asked["disable_notification"] = True
    message = await _in_topic(call, "sendPoll", asked, body)
    return Sent((message["message_id"],), poll_id=message["poll"]["id"])


async def _stop_poll(call: Call, address: str, _body: Mapping[str, Any], target: int | None) -> Sent:
    if target:
        await call("stopPoll", {"chat_id": int(address), "message_id": target})
    return Sent()


async def _admit(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    method = "approveChatJoinRequest" if body["accept"] else "declineChatJoinRequest"
    await call(method, {"chat_id": int(address), "user_id": int(body["address"])})
    return Sent()


async def _menu(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    commands = [{"command": name, "description": what} for name, what in body["commands"]]
    await call("setMyCommands", {"commands": commands, "scope": {"type": "chat", "chat_id": int(address)}})
    return Sent()


async def _toast(call: Call, _address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    asked: dict[str, Any] = {"callback_query_id": body["query_id"]}
    if body["text"]:
        asked |= {"text": body["text"], "show_alert": bool(body["alert"])}
    await call("answerCallbackQuery", asked)
    return Sent()


async def _ask(call: Call, address: str, body: Mapping[str, Any], _target: int | None) -> Sent:
    if body["call"] == Question.CHAT_RIGHTS:
        return Sent(answer=await _rights(call, address))
    if not body["who"]:  # a group's administrator who hides behind the group, or nobody
        return Sent(answer={"yes": False})
    member = await _member(call, address, int(body["who"]))
    return Sent(answer={"yes": member["status"] in _RULING})


async def _rights(call: Call, address: str) -> dict[str, bool]:
    """What the bot itself may do in a chat."""
    member = await _member(call, address, (await call("getMe", {}))["id"])
    return {
        "administrator": member["status"] in _RULING,
        "delete": bool(member.get("can_delete_messages")),
        "pin": bool(member.get("can_pin_messages")),
    }


async def _member(call: Call, address: str, user_id: int) -> Mapping[str, Any]:
    try:
        member: Mapping[str, Any] = await call("getChatMember", {"chat_id": int(address), "user_id": user_id})
    except (BadRequest, Forbidden):
        return {"status": "left"}
    return member


_RULING = ("creator", "administrator")
_GONE = ("left", "kicked")


_SENDERS = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "erase": _erase,
    "pin": _pin,
    "open_poll": _open_poll,
    "stop_poll": _stop_poll,
    "admit": _admit,
    "menu": _menu,
    "toast": _toast,
    "ask": _ask,
}
_MEDIA_METHODS = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "document": "sendDocument",
    "voice": "sendVoice",
}


def _sent(message: Mapping[str, Any]) -> Sent:
    return Sent((message["message_id"],))


def _markup(body: Mapping[str, Any]) -> dict[str, Any] | None:
    if body.get("buttons"):
        return {"inline_keyboard": [[_key(one) for one in row] for row in body["buttons"]]}
    return None


def _key(one: Mapping[str, str]) -> dict[str, Any]:
    if "url" in one:
        return {"text": one["label"], "url": one["url"]}
    if "copy" in one:
        return {"text": one["label"], "copy_text": {"text": one["copy"]}}
    return {"text": one["label"], "callback_data": one["press"]}


def _input_file(media: Mapping[str, Any]) -> InputFile:
    content = media["content"]
    return InputFile(content if isinstance(content, bytes) else base64.b64decode(content), filename=media["name"])


# --- what Telegram's refusals mean ----------------------------------------------------------------------------------


def _why_forbidden(message: str) -> str:
    said = message.lower()
    if "blocked" in said:
        return "blocked"
    if "deactivated" in said:
        return "deactivated"
    if "initiate" in said:
        return "never_started"
    return "removed"


# As good as done: the message says already what it should, or is gone, or the tap is too old to be answered.
_HARMLESS = re.compile(
    r"message is not modified|message to edit not found|message to delete not found|query is too old|"
    r"query id is invalid|message can't be deleted|poll has already been closed|user_already_participant|"
    r"hide_requester_missing"
)


def _bad_request(message: str) -> Result:
    said = message.lower()
    if _HARMLESS.search(said):
        return Sent()
    if "chat not found" in said or "user not found" in said:
        return Unreachable("never_started")
    # What it quotes may be what somebody wrote.
    return Rejected(_QUOTED.sub('"…"', message)[:200])


_QUOTED = re.compile(r'"[^"]*"')


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
