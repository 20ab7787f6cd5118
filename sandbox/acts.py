"""What people do in their chats: write, edit, delete, tap, react."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sandbox.chats import Chat
from sandbox.errors import Impossible
from sandbox.files import Media
from sandbox.markup import Words, typed_by_person, utf16
from sandbox.messages import Button, Message, Query
from sandbox.objects import query_json, stamp
from sandbox.people import Json, Person
from sandbox.posting import post, tell
from sandbox.state import State

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


def ensure_can_write(chat: Chat, person: Person) -> None:
    if person.deactivated:
        raise Impossible(f"{person.name} deleted the account.")
    if chat.blocked:
        raise Impossible(f"{person.name} has blocked the bot.")
    if not chat.has(person) or chat.migrated_to:
        raise Impossible(f"{person.name} can't write in {chat.name}.")


def say(state: State, person: Person, chat: Chat, words: Words, **fields: Any) -> Message:
    """A message from a person; writing to the bot opens their private chat."""
    ensure_can_write(chat, person)
    longest = LONGEST_CAPTION if fields.get("media") else LONGEST_TEXT
    if utf16(words.text) > longest:
        raise Impossible(f"Telegram's apps send no more than {longest} characters at once.")
    if not (words.text or fields.get("media") or fields.get("content") or fields.get("poll")):
        raise Impossible("There is nothing to send.")
    chat.started = chat.started or chat.person is not None
    fields["protected"] = chat.protected
    return post(state, chat, person, text=words.text, entities=words.entities, html=words.html, **fields)


def start(state: State, person: Person, payload: str) -> Message:
    """Presses START: Telegram writes the command, with the payload of the link that led here."""
    if not START_PAYLOAD.fullmatch(payload):
        raise Impossible(f"A link can't carry {payload!r}: 64 of A-Z a-z 0-9 _ - at most.")
    words = typed_by_person(f"/start {payload}".strip())
    return say(state, person, state.private_chat(person), words)


def send_album(state: State, person: Person, chat: Chat, parts: Sequence[Media], words: Words) -> list[Message]:
    """Each part is a message of its own; the first one carries the caption."""
    if not 2 <= len(parts) <= 10:
        raise Impossible("An album has 2-10 parts.")
    album, rest = state.new_number(), Words()
    return [
        say(state, person, chat, rest if index else words, media=part, album=album) for index, part in enumerate(parts)
    ]


def edit(state: State, person: Person, message: Message, text: str) -> None:
    if message.sender is not person or message.deleted:
        raise Impossible(f"{person.name} can't edit {message}.")
    words = typed_by_person(text)
    message.text, message.entities, message.html = words.text, words.entities, words.html
    message.edited_at = state.clock.now()
    tell(state, message, "edited_message")
    state.changes.announce()


def delete(state: State, person: Person, message: Message) -> None:
    """Deletes for everybody; Telegram doesn't tell bots."""
    chat = message.chat
    if message.sender is not person and chat.is_group and not chat.member(person).may("can_delete_messages"):
        raise Impossible(f"{person.name} can't delete {message}.")
    message.deleted = True
    state.changes.announce()


def pin(state: State, person: Person, message: Message) -> None:
    chat = message.chat
    if not chat.has(person) or (chat.is_group and not chat.member(person).may("can_pin_messages")):
        raise Impossible(f"{person.name} can't pin in {chat.name}.")
    message.pinned = True
    state.changes.announce()


def react(state: State, person: Person, message: Message, emoji: str | None) -> None:
    """Sets or takes back a reaction; only an administrator bot, or one in private, that asked for it is told."""
    ensure_can_write(message.chat, person)
    old, new = message.reactions.get(person.id, ()), (emoji,) if emoji else ()
    if new:
        message.reactions[person.id] = new
    else:
        message.reactions.pop(person.id, None)
    if not message.chat.is_group or state.bot_in(message.chat).rules:
        state.queue.push(
            "message_reaction", _reaction_json(state, person, message, old, new), f"chat {message.chat.id}"
        )
    state.changes.announce()


def tap(state: State, person: Person, message: Message, label: str | None, data: str | None) -> Query:
    """Presses a button, or, with `data`, what a hostile client claims to have pressed."""
    ensure_can_write(message.chat, person)
    query = Query(state.new_number(), person, message, _tapped(message, label, data), state.clock.now())
    state.queries[query.id] = query
    state.known.add(person.id)
    message.chat.last_heard = state.clock.elapsed()
    state.queue.push("callback_query", query_json(query), f"tap {person.id}")
    state.changes.announce()
    return query


def _tapped(message: Message, label: str | None, data: str | None) -> str:
    if data is not None:
        return data
    if message.deleted:
        raise Impossible(f"Nobody sees {message} any more.")
    button = message.button(label or "") or _only_containing(message, label or "")
    if button is None:
        raise Impossible(f"There is no button {label!r} but {message.labels}.")
    if button.data is None:
        raise Impossible(f"The button {button.label!r} leads to {button.url or button.json}, it sends nothing.")
    return button.data


def _only_containing(message: Message, label: str) -> Button | None:
    """The one button whose label contains these words; "✅ Going" is found by "Going"."""
    matching = [button for button in message.buttons if label and label in button.label]
    return matching[0] if len(matching) == 1 else None


def _reaction_json(state: State, person: Person, message: Message, old: Sequence[str], new: Sequence[str]) -> Json:
    return {
        "chat": message.chat.json(),
        "message_id": message.id,
        "user": person.user(),
        "date": stamp(state.clock.now()),
        "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in old],
        "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in new],
    }
