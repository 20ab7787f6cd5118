"""Reply markup: what a bot may attach below a message, and the errors when it may not."""

from __future__ import annotations

from typing import Any

from sandbox.errors import bad_request
from sandbox.markup import checked_url
from sandbox.messages import Button, Keyboard
from sandbox.people import Json

MOST_BUTTONS = 100
MOST_IN_ROW = 8
LONGEST_DATA = 64
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
STYLES = ("danger", "success", "primary")


def checked(markup: Any) -> Json | None:
    """The reply markup, or None for an absent or empty one."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        keyboard(markup)
        return markup if any(markup["inline_keyboard"]) else None
    if "keyboard" in markup:
        return _reply_keyboard(markup)
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    return None


def keyboard(markup: Json | None) -> Keyboard:
    """The buttons of an inline keyboard, each checked."""
    rows = (markup or {}).get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse inline keyboard: field "inline_keyboard" must be an Array of Arrays')
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_ROW for row in rows):
        raise bad_request("reply markup is too long")
    return [[_button(button) for button in row] for row in rows if row]


def inline(markup: Json | None) -> Json | None:
    """The part of a markup that a Message shows."""
    return markup if markup and "inline_keyboard" in markup else None


def _button(button: Any) -> Button:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not any(button.get(action) is not None for action in ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if button.get("style") not in (None, *STYLES):
        raise bad_request("can't parse inline keyboard button: Invalid button style specified")
    data = button.get("callback_data")
    if data is not None and not (isinstance(data, str) and 1 <= len(data.encode()) <= LONGEST_DATA):
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(button["text"], data, _button_url(button), button.get("style"), button)


def _button_url(button: Json) -> str | None:
    if button.get("url") is None:
        return None
    url = str(button["url"])
    if checked_url(url) is None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return url


def _reply_keyboard(markup: Json) -> Json:
    rows = markup["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('can\'t parse reply keyboard: field "keyboard" must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        text = button if isinstance(button, str) else button.get("text") if isinstance(button, dict) else None
        if not isinstance(text, str) or not text:
            raise bad_request("keyboard button text must be non-empty")
    if len(str(markup.get("input_field_placeholder") or "")) > 64:
        raise bad_request("reply keyboard placeholder is too long")
    return markup
