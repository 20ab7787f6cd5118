"""Messages, queries and chats as the Bot API's JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sandbox import keyboards
from sandbox.chats import Chat, permissions
from sandbox.messages import Message, Query
from sandbox.people import ANONYMOUS_ADMIN, Json

if TYPE_CHECKING:
    from sandbox.state import State


def stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def message_json(message: Message, *, nested: bool = False) -> Json:
    """The Bot API's Message; a nested one shows no message it replies to in turn."""
    whole: Json = {"message_id": message.id}
    whole |= _sender(message)
    whole |= {"chat": message.chat.json(), "date": stamp(message.date)}
    whole |= _circumstances(message)
    if message.reply_to is not None and not nested:
        whole["reply_to_message"] = message_json(message.reply_to, nested=True)
    return whole | _content(message)


def _sender(message: Message) -> Json:
    if message.guise is not None:
        return message.guise
    if message.anonymous:
        return {"from": ANONYMOUS_ADMIN, "sender_chat": message.chat.json()}
    return {"from": message.sender.user()}


def _circumstances(message: Message) -> Json:
    optional = {
        "message_thread_id": message.thread,
        "is_topic_message": True if message.thread and message.chat.forum else None,
        "forward_origin": message.forwarded,
        "edit_date": stamp(message.edited_at) if message.edited_at else None,
        "has_protected_content": message.protected or None,
        "media_group_id": message.album,
        "link_preview_options": message.link_preview,
        "reply_markup": keyboards.inline(message.markup),
    }
    return {key: value for key, value in optional.items() if value is not None}


def _content(message: Message) -> Json:
    content = dict(message.content)
    if message.media is not None:
        content |= message.media.json()
    if message.poll is not None:
        content["poll"] = message.poll.json()
    if message.text and not message.service:
        words, marks = ("caption", "caption_entities") if message.media else ("text", "entities")
        content[words] = message.text
        if message.entities:
            content[marks] = list(message.entities)
    return content


def reachable_json(message: Message) -> Json:
    """A message as a query or a pin shows it: a deleted one is an InaccessibleMessage."""
    if message.deleted:
        return {"chat": message.chat.json(), "message_id": message.id, "date": 0}
    return message_json(message)


def query_json(query: Query) -> Json:
    """The Bot API's CallbackQuery."""
    return {
        "id": query.id,
        "from": query.person.user(),
        "message": reachable_json(query.message),
        "chat_instance": str(abs(query.message.chat.id) * 7919 % 10**18),
        "data": query.data,
    }


def chat_full_json(state: State, chat: Chat) -> Json:
    """The Bot API's ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full = chat.json() | {
        "accent_color_id": abs(chat.id) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.username or (chat.person and chat.person.username):
        full["active_usernames"] = [chat.username or (chat.person and chat.person.username)]
    if chat.pinned:
        full["pinned_message"] = message_json(chat.pinned[0])
    if chat.is_group:
        full |= {"permissions": permissions()}
        full |= {"description": chat.description} if chat.description else {}
        full |= {"has_protected_content": True} if chat.protected else {}
        primary = next((link for link in chat.links if link.primary and not link.revoked), None)
        if primary and state.bot_in(chat).may("can_invite_users"):
            full["invite_link"] = primary.url
    return full
