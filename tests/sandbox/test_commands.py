"""Menus of commands, and what the bot says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.client import Api
from tests.sandbox.conftest import School


def commands(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": name.title()} for name in names]


async def test_a_menu_is_the_narrowest_in_the_readers_language(sandbox: Sandbox, api: Api, school: School) -> None:
    sandbox.adds_bot(school.aysel, school.group)
    chat = {"chat_id": school.group.id}
    member = chat | {"user_id": school.olena.id}
    for name, scope, language in (
        ("default", None, ""),
        ("default_uk", None, "uk"),
        ("private", {"type": "all_private_chats"}, ""),
        ("private_az", {"type": "all_private_chats"}, "az"),
        ("groups", {"type": "all_group_chats"}, ""),
        ("rulers", {"type": "all_chat_administrators"}, ""),
        ("member", {"type": "chat_member"} | member, ""),
    ):
        await api("setMyCommands", commands=commands(name), scope=scope, language_code=language)

    def shown(person: Any, chat: Any = None) -> str:
        return str(sandbox.menu(person, chat)[0]["command"])

    assert shown(school.aysel) == "private_az"
    assert shown(school.olena) == "private"
    assert shown(school.aysel, school.group) == "rulers"
    assert shown(school.rashad, school.group) == "groups"
    assert shown(school.olena, school.group) == "member"
    await api("deleteMyCommands", scope={"type": "all_private_chats"})
    assert shown(school.olena) == "default_uk"
    assert shown(school.kamran) == "default"
    assert await api("getMyCommands", language_code="uk") == commands("default_uk")
    assert await api("getMyCommands", language_code="kk") == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"commands": commands("Upper")}, "BOT_COMMAND_INVALID"),
        ({"commands": commands("x" * 33)}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "x", "description": "y" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "x", "description": ""}]}, "command description must be non-empty"),
        ({"commands": commands("x") * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "language_code": "english"}, "LANG_CODE_INVALID"),
        ({"commands": [], "scope": {"type": "world"}}, "can't parse BotCommandScope: unsupported type specified"),
        ({"commands": [], "scope": {"type": "chat"}}, "can't parse BotCommandScope: chat_id is empty"),
        ({"commands": [], "scope": {"type": "chat", "chat_id": 1}}, "chat not found"),
    ],
)
async def test_bad_commands_are_refused(api: Api, params: dict[str, Any], reason: str) -> None:
    assert await api.error("setMyCommands", **params) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("method", "field", "longest"),
    [("MyName", "name", 64), ("MyDescription", "description", 512), ("MyShortDescription", "short_description", 120)],
)
async def test_what_the_bot_says_of_itself(api: Api, method: str, field: str, longest: int) -> None:
    await api(f"set{method}", **{field: "all"})
    await api(f"set{method}", **{field: "hamı", "language_code": "az"})

    assert await api(f"get{method}") == {field: "all"}
    assert await api(f"get{method}", language_code="az") == {field: "hamı"}
    assert await api(f"get{method}", language_code="kk") == {field: "all"}
    assert "TOO_LONG" in await api.error(f"set{method}", **{field: "x" * (longest + 1)})


async def test_the_menu_button_and_rights(api: Api, school: School) -> None:
    assert await api("getChatMenuButton") == {"type": "commands"}
    await api("setChatMenuButton", chat_id=school.aysel.id, menu_button={"type": "default"})
    await api("setMyDefaultAdministratorRights", rights={"can_pin_messages": True})

    assert await api("getChatMenuButton", chat_id=school.aysel.id) == {"type": "default"}
    assert (await api("getMyDefaultAdministratorRights"))["can_pin_messages"] is True
    assert await api("close") is await api("logOut") is True
