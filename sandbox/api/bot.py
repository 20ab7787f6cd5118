"""The bot about itself: name, descriptions, menu button."""

from __future__ import annotations

from sandbox.api.registry import method
from sandbox.chats import RIGHTS
from sandbox.errors import bad_request
from sandbox.people import Json
from sandbox.requests import Params
from sandbox.state import State


@method("getMe")
def get_me(state: State, params: Params) -> Json:
    return state.bot.me()


@method("logOut")
def log_out(state: State, params: Params) -> bool:
    return True


@method("close")
def close(state: State, params: Params) -> bool:
    return True


@method("setMyName")
def set_my_name(state: State, params: Params) -> bool:
    return _set(state, state.bot.names, params, "name", 64)


@method("getMyName")
def get_my_name(state: State, params: Params) -> Json:
    return {"name": _get(state.bot.names, params) or state.bot.first_name}


@method("setMyDescription")
def set_my_description(state: State, params: Params) -> bool:
    return _set(state, state.bot.descriptions, params, "description", 512)


@method("getMyDescription")
def get_my_description(state: State, params: Params) -> Json:
    return {"description": _get(state.bot.descriptions, params)}


@method("setMyShortDescription")
def set_my_short_description(state: State, params: Params) -> bool:
    return _set(state, state.bot.short_descriptions, params, "short_description", 120)


@method("getMyShortDescription")
def get_my_short_description(state: State, params: Params) -> Json:
    return {"short_description": _get(state.bot.short_descriptions, params)}


def _set(state: State, texts: dict[str, str], params: Params, name: str, longest: int) -> bool:
    """An empty text takes the one of that language away."""
    language, text = params.text("language_code"), params.text(name)
    if len(text) > longest:
        raise bad_request(f"BOT_{name.upper()}_TOO_LONG")
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)
    state.changes.announce()
    return True


def _get(texts: dict[str, str], params: Params) -> str:
    return texts.get(params.text("language_code")) or texts.get("", "")


@method("setChatMenuButton")
def set_chat_menu_button(state: State, params: Params) -> bool:
    button = params.object("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: unsupported type specified")
    state.bot.menu_buttons[params.number("chat_id")] = button
    state.changes.announce()
    return True


@method("getChatMenuButton")
def get_chat_menu_button(state: State, params: Params) -> Json:
    buttons = state.bot.menu_buttons
    return buttons.get(params.number("chat_id")) or buttons.get(0) or {"type": "commands"}


@method("setMyDefaultAdministratorRights")
def set_my_default_administrator_rights(state: State, params: Params) -> bool:
    state.bot.admin_rights[params.flag("for_channels")] = params.object("rights")
    return True


@method("getMyDefaultAdministratorRights")
def get_my_default_administrator_rights(state: State, params: Params) -> Json:
    given = state.bot.admin_rights.get(params.flag("for_channels"), {})
    return dict.fromkeys((*RIGHTS, "is_anonymous"), False) | given
