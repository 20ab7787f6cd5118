"""Asking about chats."""

from __future__ import annotations

from sandbox.api import targets
from sandbox.api.registry import method
from sandbox.chats import Member
from sandbox.errors import bad_request
from sandbox.objects import chat_full_json
from sandbox.people import Json
from sandbox.requests import Params
from sandbox.state import State


@method("getChat")
def get_chat(state: State, params: Params) -> Json:
    return chat_full_json(state, targets.chat_of(state, params))


@method("getChatMember")
def get_chat_member(state: State, params: Params) -> Json:
    chat = targets.chat_of(state, params)
    if params.number("user_id") == state.bot.id:
        return state.bot_in(chat).json()
    return chat.member(targets.person_of(state, params)).json()


@method("getChatAdministrators")
def get_chat_administrators(state: State, params: Params) -> list[Json]:
    """All who rule, but not those who hide behind the group when the bot is no administrator itself."""
    chat = targets.chat_of(state, params)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    visible = [member for member in chat.insiders if member.rules and not _hidden(state.bot_in(chat), member)]
    return [member.json() for member in sorted(visible, key=lambda one: one.status != "creator")]


def _hidden(bot: Member, member: Member) -> bool:
    return member.anonymous and not bot.rules


@method("getChatMemberCount")
def get_chat_member_count(state: State, params: Params) -> int:
    chat = targets.chat_of(state, params)
    return len(chat.insiders) if chat.is_group else 2


@method("setChatTitle")
def set_chat_title(state: State, params: Params) -> bool:
    chat, title = targets.group_of(state, params), params.text("title")
    if not 1 <= len(title) <= 128:
        raise bad_request("chat title is empty" if not title else "chat title is too long")
    refusal = bad_request("not enough rights to change chat title")
    targets.ensure_right(state, chat, "can_change_info", refusal)
    chat.title = title
    state.changes.announce()
    return True
