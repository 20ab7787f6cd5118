"""The send… methods, and copies and forwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sandbox import keyboards
from sandbox.api import targets, writing
from sandbox.api.pollforms import poll_of
from sandbox.api.registry import method
from sandbox.api.uploads import media_in, media_of
from sandbox.chats import Chat
from sandbox.errors import ApiError, bad_request
from sandbox.files import Media
from sandbox.markup import Words
from sandbox.messages import Message
from sandbox.objects import message_json, stamp
from sandbox.people import Json
from sandbox.posting import post
from sandbox.requests import Params
from sandbox.state import State

CHAT_ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note record_audio upload_audio".split()
)
SAME_KIND_ONLY = frozenset(("document", "audio"))


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a message goes and how, read and checked before anything is sent."""

    chat: Chat
    thread: int | None
    reply_to: Message | None
    markup: Json | None
    silent: bool
    protected: bool

    def fields(self) -> dict[str, Any]:
        return {
            "thread": self.thread,
            "reply_to": self.reply_to,
            "markup": self.markup,
            "keyboard": keyboards.keyboard(self.markup),
            "silent": self.silent,
            "protected": self.protected,
        }


def envelope_of(state: State, params: Params) -> Envelope:
    chat = targets.writable_chat(state, params)
    return Envelope(
        chat,
        targets.thread_of(state, chat, params),
        targets.replied_to(state, chat, params),
        keyboards.checked(params.values.get("reply_markup")),
        params.flag("disable_notification"),
        params.flag("protect_content") or chat.protected,
    )


def send(state: State, envelope: Envelope, words: Words, **fields: Any) -> Message:
    """Counts the message against the limits, then says it."""
    state.pacer.take(state.limits, envelope.chat)
    return _say(state, envelope, words, **fields)


def _say(state: State, envelope: Envelope, words: Words, **fields: Any) -> Message:
    whole = envelope.fields() | {"text": words.text, "entities": words.entities, "html": words.html} | fields
    envelope.chat.actions.clear()
    return post(state, envelope.chat, state.bot, **whole)


@method("sendMessage")
def send_message(state: State, params: Params) -> Json:
    envelope, words = envelope_of(state, params), writing.text_of(state, params)
    preview = params.object("link_preview_options") or None
    if preview is None and params.flag("disable_web_page_preview"):
        preview = {"is_disabled": True}
    return message_json(send(state, envelope, words, link_preview=preview))


def _sender_of(kind: str) -> Callable[[State, Params], Json]:
    def send_media(state: State, params: Params) -> Json:
        envelope, caption = envelope_of(state, params), writing.caption_of(state, params)
        return message_json(send(state, envelope, caption, media=media_of(state, params, kind)))

    return send_media


for _name, _kind in (
    ("sendPhoto", "photo"),
    ("sendDocument", "document"),
    ("sendVideo", "video"),
    ("sendVoice", "voice"),
    ("sendAudio", "audio"),
    ("sendAnimation", "animation"),
    ("sendVideoNote", "video_note"),
):
    method(_name)(_sender_of(_kind))


@method("sendSticker")
def send_sticker(state: State, params: Params) -> Json:
    envelope = envelope_of(state, params)
    return message_json(send(state, envelope, Words(), media=media_of(state, params, "sticker")))


@method("sendMediaGroup")
def send_media_group(state: State, params: Params) -> list[Json]:
    """An album: one message for each part, all under one media_group_id."""
    envelope = envelope_of(state, params)
    parts = _album(state, params)
    state.pacer.take(state.limits, envelope.chat, len(parts))
    album = state.new_number()
    plain = replace(envelope, markup=None)
    return [message_json(_say(state, plain, words, media=media, album=album)) for media, words in parts]


def _album(state: State, params: Params) -> list[tuple[Media, Words]]:
    described = params.array("media")
    if not 2 <= len(described) <= 10:
        wrong = "few" if len(described) < 2 else "many"
        raise bad_request(f"there are too {wrong} messages to send as an album")
    parts = [(media_in(state, params, part), writing.caption_in(state, part)) for part in described]
    kinds = {media.kind for media, _ in parts}
    if "animation" in kinds or (kinds & SAME_KIND_ONLY and len(kinds) > 1):
        raise bad_request(f"{'/'.join(sorted(kinds))} can't be mixed in an album")
    return parts


@method("sendPoll")
def send_poll(state: State, params: Params) -> Json:
    envelope = envelope_of(state, params)
    message = send(state, envelope, Words(), poll=poll_of(state, params))
    if message.poll is not None:
        state.watch(message.poll)
    return message_json(message)


@method("sendLocation")
def send_location(state: State, params: Params) -> Json:
    place = {name: params.fraction(name) for name in ("latitude", "longitude")}
    return message_json(send(state, envelope_of(state, params), Words(), content={"location": place}))


@method("sendContact")
def send_contact(state: State, params: Params) -> Json:
    contact = {name: params.text(name) for name in ("phone_number", "first_name", "last_name") if params.has(name)}
    if not (contact.get("phone_number") and contact.get("first_name")):
        raise bad_request("PHONE_NUMBER_INVALID")
    return message_json(send(state, envelope_of(state, params), Words(), content={"contact": contact}))


@method("sendChatAction")
def send_chat_action(state: State, params: Params) -> bool:
    chat, action = targets.writable_chat(state, params), params.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions = {action: state.clock.now()}
    state.changes.announce()
    return True


@method("forwardMessage")
def forward_message(state: State, params: Params) -> Json:
    envelope = envelope_of(state, params)
    source = _source(state, params, params.message_id(), "message to forward not found")
    return message_json(_forward(state, envelope, source))


@method("forwardMessages")
def forward_messages(state: State, params: Params) -> list[Json]:
    return _each(state, params, _forward)


@method("copyMessage")
def copy_message(state: State, params: Params) -> Json:
    envelope = envelope_of(state, params)
    source = _source(state, params, params.message_id(), "message to copy not found")
    if params.has("caption") and source.media:
        return {"message_id": _copy(state, envelope, source, writing.caption_of(state, params)).id}
    return {"message_id": _copy(state, envelope, source).id}


@method("copyMessages")
def copy_messages(state: State, params: Params) -> list[Json]:
    return _each(state, params, _copy)


def _each(state: State, params: Params, act: Callable[[State, Envelope, Message], Message]) -> list[Json]:
    """Those that are there and may be; the rest is left out."""
    envelope, numbers = envelope_of(state, params), params.numbers("message_ids")
    sent = []
    for number in numbers:
        source = targets.chat_of(state, params, "from_chat_id").by_id.get(number)
        if source is not None and not source.deleted and not source.service and not source.protected:
            sent.append({"message_id": act(state, envelope, source).id})
    return sent


def _source(state: State, params: Params, message_id: int, missing: str) -> Message:
    source = state.message(targets.chat_of(state, params, "from_chat_id"), message_id)
    if source is None:
        raise bad_request(missing)
    return source


def _forward(state: State, envelope: Envelope, source: Message) -> Message:
    if source.service or source.protected:
        raise bad_request("message can't be forwarded")
    origin = source.forwarded or _origin(source)
    return send(state, envelope, _words(source), forwarded=origin, **_carried(source))


def _copy(state: State, envelope: Envelope, source: Message, caption: Words | None = None) -> Message:
    if source.service or source.protected or (source.poll and source.poll.quiz and not source.poll.correct):
        raise _uncopiable()
    return send(state, envelope, caption or _words(source), **_carried(source))


def _uncopiable() -> ApiError:
    return bad_request("message can't be copied")


def _words(source: Message) -> Words:
    return Words(source.text, source.entities, source.html)


def _carried(source: Message) -> Json:
    return {"media": source.media, "poll": source.poll, "content": dict(source.content)}


def _origin(source: Message) -> Json:
    date = {"date": stamp(source.date)}
    if source.anonymous:
        return {"type": "chat", "sender_chat": source.chat.json()} | date
    return {"type": "user", "sender_user": source.sender.user()} | date
