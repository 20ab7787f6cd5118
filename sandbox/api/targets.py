"""Whom and what a call means: chats the bot may write to, messages it may touch, rights it has."""

from __future__ import annotations

from sandbox.chats import Chat
from sandbox.errors import ApiError, bad_request, forbidden
from sandbox.messages import Message
from sandbox.people import Person
from sandbox.requests import Params
from sandbox.state import State


def chat_of(state: State, params: Params, name: str = "chat_id") -> Chat:
    """The chat, if the bot belongs to it."""
    chat = state.chat_named(params.chat_id(name))
    if chat.is_group:
        ensure_inside(state, chat)
    return chat


def ensure_inside(state: State, chat: Chat) -> None:
    if chat.migrated_to is not None:
        raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to.id)
    member, kind = state.bot_in(chat), f"{chat.kind} chat"
    if member.status == "kicked":
        raise forbidden(f"bot was kicked from the {kind}")
    if not member.inside:
        raise forbidden(f"bot is not a member of the {kind}")


def group_of(state: State, params: Params) -> Chat:
    chat = chat_of(state, params)
    if not chat.is_group:
        raise bad_request("method is available only for supergroup and channel chats")
    return chat


def writable_chat(state: State, params: Params) -> Chat:
    """The chat, if the bot may say something in it now."""
    chat = chat_of(state, params)
    if chat.person is not None:
        ensure_reachable(state, chat, chat.person)
    elif chat.muted and not state.bot_in(chat).rules:
        raise bad_request("not enough rights to send text messages to the chat")
    return chat


def ensure_reachable(state: State, chat: Chat, person: Person) -> None:
    if person.deactivated:
        raise forbidden("user is deactivated")
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    asked_lately = chat.open_until is not None and state.clock.now() < chat.open_until
    if not (chat.started or asked_lately):
        raise forbidden("bot can't initiate conversation with a user")


def message_of(state: State, params: Params, missing: str, name: str = "message_id") -> Message:
    """The message, or 400 "… not found" in the words of the method."""
    chat = chat_of(state, params)
    message = state.message(chat, params.message_id(name))
    if message is None:
        raise bad_request(missing)
    return message


def person_of(state: State, params: Params) -> Person:
    person = state.people.get(params.number("user_id"))
    if person is None:
        raise bad_request("user not found" if params.number("user_id") else "invalid user_id specified")
    return person


def ensure_right(state: State, chat: Chat, right: str, refusal: ApiError) -> None:
    if not state.bot_in(chat).may(right):
        raise refusal


def thread_of(state: State, chat: Chat, params: Params) -> int | None:
    """The topic to write in; the general one has none."""
    thread = params.number("message_thread_id")
    if not thread:
        return None
    if chat.forum and thread not in chat.topics:
        raise bad_request("message thread not found")
    if not chat.forum and thread not in chat.by_id:
        raise bad_request("message thread not found")
    if thread in chat.closed_topics and not state.bot_in(chat).may("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread if chat.forum else None


def replied_to(state: State, chat: Chat, params: Params) -> Message | None:
    """The message that a new one answers."""
    reply = params.object("reply_parameters") or {
        "message_id": params.number("reply_to_message_id"),
        "allow_sending_without_reply": params.flag("allow_sending_without_reply"),
    }
    message_id = reply.get("message_id")
    if not message_id:
        return None
    found = state.message(chat, message_id) if isinstance(message_id, int) else None
    if found is None and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found
