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
# Nothing of Telegram's is longer; what pretends to be is cut, so that one update can't fill the database.
_LONGEST_WORDS, _LONGEST_NAME = 16_384, 512
_LARGEST_ID = 2**63 - 1

Json = Mapping[str, Any]


def translate(update: Json, username: str) -> Incoming | None:
    """The event, or None for an update of a kind we don't use. Raises KeyError, TypeError, ValueError for JSON that
    has not the shape of an update."""
    event_id = str(_number(update["update_id"]))
    for kind, read in _READERS.items():
        if isinstance(update.get(kind), Mapping):
            return read(event_id, update[kind], username)
    return None


def _message(event_id: str, message: Json, username: str, *, edited: bool = False) -> Incoming | None:
    chat = message["chat"]
    if chat["type"] == "channel" or message.get("is_automatic_forward"):
        return None
    common = _common(event_id, chat, message.get("from"), message.get("sender_chat"))
    common |= {"message_id": _number(message["message_id"]), "sent_at": _time(message["date"]), "edited": edited}
    if "migrate_to_chat_id" in message:
        return Incoming(**common, kind=Kind.MOVED, change=str(_number(message["migrate_to_chat_id"])))
    if "migrate_from_chat_id" in message:
        old = str(_number(message["migrate_from_chat_id"]))
        return Incoming(**(common | {"chat": old}), kind=Kind.MOVED, change=common["chat"])
    if "new_chat_title" in message:  # whoever changed it need not be known
        return Incoming(**(common | {"sender": None}), kind=Kind.TITLED)
    if common["sender"] is None and not common["anonymous"]:
        return None
    common |= {
        "thread": _thread(message),
        "reply_to": _maybe_number(_object(message, "reply_to_message").get("message_id")),
        "album": _text(message.get("media_group_id"), _LONGEST_NAME) or None,
    }
    words = _text(message.get("text") or message.get("caption"), _LONGEST_WORDS)
    command, rest = _command(words, message, username)
    if command is not None and not edited:
        return Incoming(**common, kind=Kind.COMMAND, command=command, words=rest)
    parts = _parts(message)
    if not words and not parts and not _is_content(message):
        return None  # a service message: somebody joined, a picture changed
    return Incoming(**common, kind=Kind.WORDS, words=words, parts=parts)


def _edited(event_id: str, message: Json, username: str) -> Incoming | None:
    return _message(event_id, message, username, edited=True)


def _command(words: str, message: Json, username: str) -> tuple[str | None, str]:
    """("command", "what follows") if the words begin with a command that is for us, else (None, words)."""
    if not words.startswith("/") or "text" not in message or "via_bot" in message:  # another bot put it together
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
        press=_text(query.get("data"), _LONGEST_NAME),
        query_id=_text(query["id"], _LONGEST_NAME),
        message_id=_number(message["message_id"]),
        thread=_thread(message),
        sent_at=None,
    )


def _vote(event_id: str, vote: Json, _username: str) -> Incoming | None:
    user = vote.get("user")
    if not isinstance(user, Mapping):
        return None  # someone who votes as a channel or a group belongs to no audience
    common = _common(event_id, {"id": user["id"], "type": "private"}, user, None)
    options = tuple(_number(int(option)) for option in vote["option_ids"])
    return Incoming(**common, kind=Kind.VOTE, poll_id=_text(vote["poll_id"], _LONGEST_NAME), options=options)


def _poll(event_id: str, poll: Json, _username: str) -> Incoming | None:
    options = [_text(option["text"], _LONGEST_NAME) for option in poll["options"]]
    return Incoming(
        CHANNEL,
        event_id,
        Kind.POLL,
        poll_id=_text(poll["id"], _LONGEST_NAME),
        words=_text(poll["question"], _LONGEST_WORDS),
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
    # Somebody who speaks as the group, or as a channel of her own: nobody whom we could know.
    anonymous = bool(sender_chat) and not private
    known = user if user and not user.get("is_bot") and not sender_chat else None
    return {
        "channel": CHANNEL,
        "event_id": event_id,
        "chat": str(_number(chat["id"])),
        "chat_kind": "private" if private else "group",
        "chat_title": None if private else _text(chat.get("title"), _LONGEST_NAME),
        "sender": str(_number(known["id"])) if known else None,
        "sender_name": _text(known.get("first_name"), _LONGEST_NAME) if known else "",
        "sender_language": _text(known.get("language_code"), _LONGEST_NAME) or None if known else None,
        "anonymous": anonymous,
    }


def _thread(message: Json) -> int | None:
    """The topic a message stands in. Replies in an ordinary group have a number there, too, which is none."""
    return _maybe_number(message.get("message_thread_id")) if message.get("is_topic_message") else None


def _parts(message: Json) -> tuple[Part, ...]:
    if photo := message.get("photo"):
        return (_part("photo", photo[-1]),)  # the largest stands last
    for kind in _FILES:
        if isinstance(message.get(kind), Mapping):
            return (_part(kind, message[kind]),)
    return ()


def _part(kind: str, file: Json) -> Part:
    known = kind if kind in ("photo", "document", "video", "voice", "audio", "sticker") else "video"
    name, mime = (_text(file.get(field), _LONGEST_NAME) or None for field in ("file_name", "mime_type"))
    size = _maybe_number(file.get("file_size"))
    return Part(known, _text(file["file_id"], _LONGEST_NAME), size, name, mime)


def _is_content(message: Json) -> bool:
    return any(kind in message for kind in ("contact", "location", "venue", "poll", "dice", "game", "story"))


def _time(seconds: int) -> datetime:
    return from_us(_number(seconds) * 1_000_000)


def _object(holder: Json, name: str) -> Json:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(found: Any, most: int) -> str:
    """A string without what no database and no UTF-8 has room for: NUL and halves of a pair."""
    if not isinstance(found, str):
        return ""
    words: str = found.replace("\0", "") if "\0" in found else found
    try:
        words.encode()
    except UnicodeEncodeError:
        words = words.encode("utf-8", "replace").decode()
    return words if len(words) <= most else words[:most]


def _number(found: Any) -> int:
    """A whole number that a database has room for. Raises ValueError."""
    number = _maybe_number(found)
    if number is None:
        raise ValueError("no number")
    return number


def _maybe_number(found: Any) -> int | None:
    return found if type(found) is int and abs(found) <= _LARGEST_ID else None


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tap,
    "poll_answer": _vote,
    "poll": _poll,
    "my_chat_member": _membership,
    "chat_join_request": _join_request,
}
