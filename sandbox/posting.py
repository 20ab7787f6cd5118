"""Putting messages into chats, and telling the bot of those it may see."""

from __future__ import annotations

from typing import Any

from sandbox.chats import Chat
from sandbox.messages import Message
from sandbox.objects import message_json
from sandbox.people import Account, Json, Person
from sandbox.state import State

# Of its own messages a bot hears only these, for Telegram reports them like anybody's.
HEARD_OF_ITSELF = frozenset({"pinned_message", "left_chat_member", "new_chat_title", "forum_topic_created"})


def post(state: State, chat: Chat, sender: Account, **fields: Any) -> Message:
    """Adds a message at the end of a chat, and tells the bot if it may know."""
    message = Message(_next_id(state, chat), chat, sender, state.clock.now(), **fields)
    if chat.kind == "supergroup" and not chat.forum and message.thread is None and message.reply_to:
        # Telegram numbers a chain of replies after its first message.
        message.thread = message.reply_to.thread or message.reply_to.id
    chat.messages.append(message)
    chat.by_id[message.id] = message
    if isinstance(sender, Person):
        chat.read[sender.id] = len(chat.messages)
        chat.last_heard = state.clock.elapsed()
    tell(state, message)
    state.changes.announce()
    return message


def post_service(state: State, chat: Chat, sender: Account, content: Json, **fields: Any) -> Message:
    """Adds a line about what happened in the chat."""
    return post(state, chat, sender, content=content, service=True, **fields)


def tell(state: State, message: Message, kind: str = "message") -> None:
    """Queues the message for the bot, unless it is the bot's own or kept from it by privacy mode."""
    if sees(state, message):
        if isinstance(message.sender, Person):
            state.known.add(message.sender.id)
        state.queue.push(kind, message_json(message), f"chat {message.chat.id}")


def sees(state: State, message: Message) -> bool:
    if message.from_bot:
        return bool(HEARD_OF_ITSELF & message.content.keys())
    if not message.chat.is_group:
        return True
    if not message.chat.has(state.bot):
        # It still hears how it was removed.
        return bool(message.content.get("left_chat_member", {}).get("id") == state.bot.id)
    if message.service or not state.bot.privacy or state.bot_in(message.chat).rules:
        return True
    return (message.reply_to is not None and message.reply_to.from_bot) or _is_for(state, message)


def _is_for(state: State, message: Message) -> bool:
    """Whether a command in it is the bot's, or nobody's by name."""
    commands = [entity for entity in message.entities if entity["type"] == "bot_command"]
    for entity in commands:
        units = message.text.encode("utf-16-le")
        command = units[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le")
        name = command.partition("@")[2].lower()
        if name in ("", state.bot.username.lower()):
            return True
    return False


def _next_id(state: State, chat: Chat) -> int:
    if chat.kind == "supergroup":
        chat.last_id += 1
        return chat.last_id
    state.box_id += 1
    return state.box_id
