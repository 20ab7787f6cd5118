"""Changing, deleting, pinning what was sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox import balloting, keyboards
from sandbox.api import targets, writing
from sandbox.api.registry import method
from sandbox.api.uploads import media_in
from sandbox.chats import Chat
from sandbox.errors import bad_request
from sandbox.files import Media
from sandbox.markup import Words
from sandbox.messages import Message
from sandbox.objects import message_json
from sandbox.people import Json
from sandbox.posting import post_service
from sandbox.requests import Params
from sandbox.state import State

DELETABLE_FOR = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
REACTIONS = frozenset(
    (
        "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 "
        "❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 "
        "😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ "
        "😡 "
    ).split()
)


def editable(state: State, params: Params) -> Message:
    """The bot's own message, one that can carry inline buttons."""
    message = targets.message_of(state, params, "message to edit not found")
    other_markup = message.markup is not None and keyboards.inline(message.markup) is None
    if not message.from_bot or message.service or message.forwarded or other_markup:
        raise bad_request("message can't be edited")
    return message


def revise(
    state: State, message: Message, markup: Json | None, words: Words, media: Media | None, preview: Json | None
) -> Json:
    """Puts new content and buttons in place of the old, if anything differs."""
    marked = keyboards.inline(markup)
    new = (words.text, words.entities, media, marked, preview)
    if new == (message.text, message.entities, message.media, keyboards.inline(message.markup), message.link_preview):
        raise bad_request(NOT_MODIFIED)
    state.pacer.take(state.limits, message.chat, edit=True)
    message.text, message.entities, message.html, message.media = words.text, words.entities, words.html, media
    message.markup, message.keyboard, message.link_preview = marked, keyboards.keyboard(marked), preview
    message.edited_at = state.clock.now()
    state.changes.announce()
    return message_json(message)


def markup_of(params: Params) -> Json | None:
    markup = keyboards.checked(params.values.get("reply_markup"))
    if markup and not keyboards.inline(markup):
        raise bad_request("inline keyboard expected")
    return markup


def _current(message: Message) -> Words:
    return Words(message.text, message.entities, message.html)


@method("editMessageText")
def edit_message_text(state: State, params: Params) -> Json:
    message = editable(state, params)
    if message.media or message.poll or message.content:
        raise bad_request("there is no text in the message to edit")
    words, markup = writing.text_of(state, params), markup_of(params)
    return revise(state, message, markup, words, None, params.object("link_preview_options") or None)


@method("editMessageCaption")
def edit_message_caption(state: State, params: Params) -> Json:
    message = editable(state, params)
    if message.media is None or message.media.kind == "sticker":
        raise bad_request("there is no caption in the message to edit")
    caption, markup = writing.caption_of(state, params), markup_of(params)
    return revise(state, message, markup, caption, message.media, message.link_preview)


@method("editMessageMedia")
def edit_message_media(state: State, params: Params) -> Json:
    message, described = editable(state, params), params.object("media")
    if message.poll or message.content:
        raise bad_request("message can't be edited")
    media, caption = media_in(state, params, described), writing.caption_in(state, described)
    return revise(state, message, markup_of(params), caption, media, None)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(state: State, params: Params) -> Json:
    message = editable(state, params)
    return revise(state, message, markup_of(params), _current(message), message.media, message.link_preview)


@method("stopPoll")
def stop_poll(state: State, params: Params) -> Json:
    message = targets.message_of(state, params, "message with poll to stop not found")
    if message.poll is None:
        raise bad_request("there is no poll in the message to stop")
    if not message.from_bot or message.forwarded:
        raise bad_request("poll can't be stopped")
    if message.poll.closed:
        raise bad_request("poll has already been closed")
    markup = markup_of(params)
    message.markup, message.keyboard = markup, keyboards.keyboard(markup)
    balloting.close(state, message.poll)
    return message.poll.json()


@method("deleteMessage")
def delete_message(state: State, params: Params) -> bool:
    message = targets.message_of(state, params, "message to delete not found")
    _ensure_deletable(state, message)
    message.deleted = True
    state.changes.announce()
    return True


@method("deleteMessages")
def delete_messages(state: State, params: Params) -> bool:
    chat, numbers = targets.chat_of(state, params), params.numbers("message_ids")
    found = [message for number in numbers if (message := state.message(chat, number))]
    for message in found:
        _ensure_deletable(state, message)
    for message in found:
        message.deleted = True
    state.changes.announce()
    return True


def _ensure_deletable(state: State, message: Message) -> None:
    chat = message.chat
    others = chat.is_group and not message.from_bot
    if others and not state.bot_in(chat).may("can_delete_messages"):
        raise bad_request("message can't be deleted")
    if {"migrate_from_chat_id", "supergroup_chat_created"} & message.content.keys():
        raise bad_request("message can't be deleted")
    if state.clock.now() - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")


@method("pinChatMessage")
def pin_chat_message(state: State, params: Params) -> bool:
    chat = targets.chat_of(state, params)
    _ensure_may_pin(state, chat)
    message = targets.message_of(state, params, "message to pin not found")
    if message.service:
        raise bad_request("message can't be pinned")
    if not message.pinned:
        message.pinned = True
        silent = params.flag("disable_notification") or not chat.is_group
        post_service(state, chat, state.bot, {"pinned_message": message_json(message, nested=True)}, silent=silent)
    return True


@method("unpinChatMessage")
def unpin_chat_message(state: State, params: Params) -> bool:
    """Without a number, the one pinned last."""
    chat = targets.chat_of(state, params)
    _ensure_may_pin(state, chat)
    named = params.number("message_id")
    message = state.message(chat, named) if named else next(iter(chat.pinned), None)
    if message is None or not message.pinned:
        raise bad_request("message to unpin not found")
    message.pinned = False
    state.changes.announce()
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(state: State, params: Params) -> bool:
    chat = targets.chat_of(state, params)
    _ensure_may_pin(state, chat)
    for message in chat.pinned:
        message.pinned = False
    state.changes.announce()
    return True


def _ensure_may_pin(state: State, chat: Chat) -> None:
    if chat.is_group:
        refusal = bad_request("not enough rights to manage pinned messages in the chat")
        targets.ensure_right(state, chat, "can_pin_messages", refusal)


@method("setMessageReaction")
def set_message_reaction(state: State, params: Params) -> bool:
    message = targets.message_of(state, params, "message to react not found")
    chosen = tuple(_emoji(reaction) for reaction in params.array("reaction"))
    if len(chosen) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if chosen:
        message.reactions[state.bot.id] = chosen
    else:
        message.reactions.pop(state.bot.id, None)
    state.changes.announce()
    return True


def _emoji(reaction: Any) -> str:
    emoji = reaction.get("emoji") if isinstance(reaction, dict) and reaction.get("type") == "emoji" else None
    if emoji not in REACTIONS:
        raise bad_request("REACTION_INVALID")
    return str(emoji)
