"""Telegram's JSON → Incoming, read straight: building message objects costs 68 µs an update, this 4."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.requests import Incoming, Kind, Part
from domain.times import from_us

CHANNEL = "telegram"
ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "poll_answer",
    "poll",
    "my_chat_member",
    "chat_join_request",
)
_FILES = ("document", "video", "voice", "audio", "animation", "video_note", "sticker")
_GONE = {"left", "kicked"}

Json = Mapping[str, Any]


def translate(update: Json, username: str) -> Incoming | None:
    """The event, or None for an update of a kind we don't use. Raises KeyError, TypeError, ValueError for JSON that
    has not the shape of an update."""
    event_id = str(int(update["update_id"]))
    for kind, read in _READERS.items():
        if isinstance(update.get(kind), Mapping):
            return read(event_id, update[kind], username)
    return None


def _message(event_id: str, message: Json, username: str, *, edited: bool = False) -> Incoming | None:
    chat = message["chat"]
    if chat["type"] == "channel" or "via_bot" in message:
        return None
    common = _common(event_id, chat, message.get("from"), message.get("sender_chat"))
    common |= {"message_id": int(message["message_id"]), "sent_at": _time(message["date"]), "edited": edited}
    if "migrate_to_chat_id" in message:
        return Incoming(**common, kind=Kind.MOVED, change=str(int(message["migrate_to_chat_id"])))
    if common["sender"] is None and not common["anonymous"]:
        return None
    thread = message.get("message_thread_id") if message.get("is_topic_message") else None
    reply = message.get("reply_to_message") or {}
    common |= {"thread": thread, "reply_to": reply.get("message_id"), "album": message.get("media_group_id")}
    words = str(message.get("text") or message.get("caption") or "")
    command, rest = _command(words, message, username)
    if command is not None and not edited:
        return Incoming(**common, kind=Kind.COMMAND, command=command, words=rest)
    parts = _parts(message)
    if not words and not parts and not _is_content(message):
        return None  # a service message: somebody joined, a title changed
    return Incoming(**common, kind=Kind.WORDS, words=words, parts=parts)


def _edited(event_id: str, message: Json, username: str) -> Incoming | None:
    return _message(event_id, message, username, edited=True)


def _command(words: str, message: Json, username: str) -> tuple[str | None, str]:
    """("command", "what follows") if the words begin with a command that is for us, else (None, words)."""
    if not words.startswith("/") or "text" not in message:
        return None, words
    head, _, rest = words[1:].partition(" ")
    head, newline, more = head.partition("\n")
    name, at, whom = head.partition("@")
    if (at and whom.lower() != username.lower()) or not name:
        return None, words
    return name.lower(), f"{more}{newline}{rest}".strip() if newline else rest.strip()


def _tap(event_id: str, query: Json, _username: str) -> Incoming | None:
    message = query.get("message")
    if not isinstance(message, Mapping):
        return None
    common = _common(event_id, message["chat"], query["from"], None)
    return Incoming(
        **common,
        kind=Kind.BUTTON,
        press=str(query.get("data", "")),
        query_id=str(query["id"]),
        message_id=int(message["message_id"]),
        sent_at=None,
    )


def _vote(event_id: str, vote: Json, _username: str) -> Incoming | None:
    user = vote.get("user")
    if not isinstance(user, Mapping):
        return None  # someone who votes as a channel or a group belongs to no audience
    common = _common(event_id, {"id": user["id"], "type": "private"}, user, None)
    options = tuple(int(option) for option in vote["option_ids"])
    return Incoming(**common, kind=Kind.VOTE, poll_id=str(vote["poll_id"]), options=options)


def _poll(event_id: str, poll: Json, _username: str) -> Incoming | None:
    options = [str(option["text"]) for option in poll["options"]]
    return Incoming(
        CHANNEL,
        event_id,
        Kind.POLL,
        poll_id=str(poll["id"]),
        words=str(poll["question"]),
        answer={"options": options},
    )


def _membership(event_id: str, change: Json, _username: str) -> Incoming | None:
    chat, new, old = change["chat"], change["new_chat_member"]["status"], change["old_chat_member"]["status"]
    if chat["type"] == "channel":
        return None
    if chat["type"] == "private":
        what = "blocked" if new in _GONE else "unblocked"
    elif new in _GONE:
        what = "removed"
    elif old in _GONE:
        what = "added"
    else:
        what = "promoted" if new == "administrator" else "demoted"
    common = _common(event_id, chat, change.get("from"), None)
    return Incoming(**common, kind=Kind.MEMBERSHIP, change=what, sent_at=_time(change["date"]))


def _join_request(event_id: str, asked: Json, _username: str) -> Incoming | None:
    common = _common(event_id, asked["chat"], asked["from"], None)
    return Incoming(**common, kind=Kind.JOIN_REQUEST, sent_at=_time(asked["date"]))


def _common(event_id: str, chat: Json, user: Json | None, sender_chat: Json | None) -> dict[str, Any]:
    private = chat["type"] == "private"
    anonymous = bool(sender_chat) and not private and sender_chat is not None and sender_chat["id"] == chat["id"]
    known = user if user and not user.get("is_bot") and not sender_chat else None
    return {
        "channel": CHANNEL,
        "event_id": event_id,
        "chat": str(int(chat["id"])),
        "chat_kind": "private" if private else "group",
        "chat_title": None if private else str(chat.get("title", "")),
        "sender": str(int(known["id"])) if known else None,
        "sender_name": str(known.get("first_name", "")) if known else "",
        "sender_language": known.get("language_code") if known else None,
        "anonymous": anonymous,
    }


def _parts(message: Json) -> tuple[Part, ...]:
    if photo := message.get("photo"):
        largest = photo[-1]
        return (Part("photo", str(largest["file_id"]), largest.get("file_size")),)
    for kind in _FILES:
        if isinstance(message.get(kind), Mapping):
            return (_part(kind, message[kind]),)
    return ()


def _part(kind: str, file: Json) -> Part:
    known = kind if kind in ("document", "video", "voice", "audio", "sticker") else "video"
    return Part(known, str(file["file_id"]), file.get("file_size"), file.get("file_name"), file.get("mime_type"))


def _is_content(message: Json) -> bool:
    return any(kind in message for kind in ("contact", "location", "venue", "poll", "dice", "game", "story"))


def _time(seconds: int) -> datetime:
    return from_us(int(seconds) * 1_000_000)


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tap,
    "poll_answer": _vote,
    "poll": _poll,
    "my_chat_member": _membership,
    "chat_join_request": _join_request,
}
