"""The menus of commands, by scope and language."""

from __future__ import annotations

import re
from typing import Any

from sandbox.api.registry import method
from sandbox.chats import Chat
from sandbox.errors import bad_request
from sandbox.people import Json, Person
from sandbox.requests import Params
from sandbox.state import State

SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")
MOST_COMMANDS = 100


@method("setMyCommands")
def set_my_commands(state: State, params: Params) -> bool:
    commands = [_command(one) for one in params.array("commands")]
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    state.bot.commands[_place(state, params)] = commands
    state.changes.announce()
    return True


@method("getMyCommands")
def get_my_commands(state: State, params: Params) -> list[Json]:
    return state.bot.commands.get(_place(state, params), [])


@method("deleteMyCommands")
def delete_my_commands(state: State, params: Params) -> bool:
    state.bot.commands.pop(_place(state, params), None)
    state.changes.announce()
    return True


def menu(state: State, person: Person, chat: Chat) -> list[Json]:
    """The commands a person is shown in a chat: the narrowest scope first, then her language."""
    for scope in _scopes(person, chat):
        for language in filter(None, (person.language_code, "any")):
            commands = state.bot.commands.get((scope, "" if language == "any" else language[:2]))
            if commands:
                return commands
    return []


def _scopes(person: Person, chat: Chat) -> list[str]:
    if chat.person is not None:
        return [f"chat {chat.id}", "all_private_chats", "default"]
    rules = chat.member(person).rules
    wide = ["all_group_chats", "default"]
    narrow = [f"chat_member {chat.id} {person.id}"]
    if rules:
        return [*narrow, f"chat_administrators {chat.id}", f"chat {chat.id}", "all_chat_administrators", *wide]
    return [*narrow, f"chat {chat.id}", *wide]


def _place(state: State, params: Params) -> tuple[str, str]:
    """The key of a menu: scope with its chat and person, and language."""
    language = params.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    scope = params.object("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind in SCOPES:
        return str(kind), language
    if kind not in CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if not isinstance(scope.get("chat_id"), int | str):
        raise bad_request("can't parse BotCommandScope: chat_id is empty")
    place = f"{kind} {state.chat_named(scope['chat_id']).id}"
    return (f"{place} {scope.get('user_id')}" if kind == "chat_member" else place), language


def _command(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name, description = str(command.get("command", "")).removeprefix("/"), str(command.get("description", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID" if description else "command description must be non-empty")
    return {"command": name, "description": description}
