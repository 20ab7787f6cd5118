"""What a person sees on her screen, as JSON for the web chat."""

from __future__ import annotations

import textwrap
from typing import Any

from sandbox.api.commands import menu
from sandbox.chats import Chat
from sandbox.clock import Clock
from sandbox.files import Media
from sandbox.messages import Button, Message, Query
from sandbox.people import Bot, Json, Person
from sandbox.polls import Poll
from sandbox.state import State

SHOWN = 200
# In a larger cast nobody looks at everybody's counters.
COUNTED_CAST = 300
ACTION_SECONDS = 5


def clock_json(clock: Clock) -> Json:
    return {"now": clock.now().timestamp(), "offset": clock.offset, "frozen": clock.frozen}


def cast_json(state: State) -> Json:
    """Everybody one can be."""
    counted = len(state.people) <= COUNTED_CAST
    return {"people": [_cast_member(state, person, counted) for person in state.people.values()]}


def _cast_member(state: State, person: Person, counted: bool) -> Json:
    count = sum(unread(chat, person) for chat in state.chats_of(person)) if counted else 0
    return person_json(person) | {"unread": count}


def person_json(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "username": person.username,
        "language_code": person.language_code,
        "deactivated": person.deactivated,
        "note": person.note,
    }


def screen_json(state: State, person: Person, chat: Chat | None) -> Json:
    """Her list of chats, and the messages of the one she has open."""
    chats = state.chats_of(person)
    opened = chat if chat in chats else None
    return {
        "version": state.changes.version,
        "clock": clock_json(state.clock),
        "bot": bot_json(state, person),
        "person": person_json(person),
        "chats": [summary_json(state, person, one) for one in sorted(chats, key=_newest, reverse=True)],
        "chat": chat_json(state, person, opened) if opened else None,
    }


def bot_json(state: State, person: Person) -> Json:
    bot, language = state.bot, (person.language_code or "")[:2]
    return {
        "id": bot.id,
        "name": bot.names.get(language) or bot.name,
        "username": bot.username,
        "description": bot.descriptions.get(language) or bot.descriptions.get("", ""),
        "short_description": bot.short_descriptions.get(language) or bot.short_descriptions.get("", ""),
    }


def summary_json(state: State, person: Person, chat: Chat) -> Json:
    last = chat.last
    return {
        "id": chat.id,
        "kind": chat.kind,
        "title": bot_json(state, person)["name"] if chat.person else chat.title,
        "members": len(chat.insiders),
        "unread": unread(chat, person),
        "last": _last_view(last) if last else None,
        "pinned": [{"id": message.id, "text": preview(message)} for message in chat.pinned],
        "started": chat.started,
        "blocked": chat.blocked,
        "has_bot": chat.has(state.bot),
        "role": chat.member(person).status,
        "bot_role": state.bot_in(chat).status,
        "action": _action(state, chat),
        "menu": menu(state, person, chat),
        "reply_keyboard": _reply_keyboard(chat),
        "topics": [{"id": thread, "name": name} for thread, name in chat.topics.items()],
    }


def _last_view(message: Message) -> Json:
    said_by = None if message.service else author(message)
    return {"text": preview(message), "date": message.date.timestamp(), "from": said_by}


def chat_json(state: State, person: Person, chat: Chat) -> Json:
    messages = chat.visible
    shown = messages[-SHOWN:]
    return summary_json(state, person, chat) | {
        "messages": [message_view(state, person, message) for message in shown],
        "earlier": len(messages) - len(shown),
    }


def unread(chat: Chat, person: Person) -> int:
    fresh = chat.messages[chat.read.get(person.id, 0) :]
    return sum(not message.deleted and message.sender is not person for message in fresh)


def message_view(state: State, person: Person, message: Message) -> Json:
    view: Json = {
        "id": message.id,
        "from": {"id": message.sender.id, "name": author(message), "bot": message.from_bot},
        "mine": message.sender is person,
        "date": message.date.timestamp(),
        "text": "" if message.service else message.text,
        "entities": list(message.entities),
        "edited": message.edited,
        "pinned": message.pinned,
        "silent": message.silent,
        "protected": message.protected,
        "album": message.album,
        "thread": topic_name(message),
        "service": service_line(message) if message.service else None,
        "media": _media_view(message.media) if message.media else None,
        "poll": poll_view(message.poll, person) if message.poll else None,
        "contact": message.content.get("contact"),
        "location": message.content.get("location"),
        "keyboard": [[_button_view(button) for button in row] for row in message.keyboard],
        "forwarded": _forwarded(message),
        "reactions": _reactions(message),
        "force_reply": bool(message.markup and message.markup.get("force_reply")),
    }
    if message.reply_to is not None:
        gone = message.reply_to.deleted
        quoted = "Deleted message" if gone else preview(message.reply_to)
        view["reply_to"] = {"id": message.reply_to.id, "name": author(message.reply_to), "text": quoted}
    return view


def topic_name(message: Message) -> str | None:
    return message.chat.topics.get(message.thread) if message.thread else None


def query_view(query: Query) -> Json:
    return {
        "id": query.id,
        "answered": query.answer is not None,
        "text": query.answer or "",
        "alert": query.alert,
        "url": query.url,
    }


def author(message: Message) -> str:
    if message.guise is not None:
        return str(message.guise["sender_chat"]["title"])
    return message.chat.title if message.anonymous else message.sender.name


def preview(message: Message | None) -> str:
    """One line for the list of chats, a reply or a pin."""
    if message is None:
        return ""
    if message.service:
        return service_line(message)
    if message.poll:
        return f"📊 {message.poll.question}"
    if message.media:
        label = _media_label(message.media)
        return f"{label} {message.text}".strip() if message.text else label
    if "contact" in message.content:
        return "👤 Contact"
    if "location" in message.content:
        return "📍 Location"
    return " ".join(message.text.split())[:160]


def _media_label(media: Media) -> str:
    labels = {"photo": "🖼 Photo", "voice": "🎤 Voice message", "video": "🎬 Video", "audio": "🎵 Audio"}
    labels |= {"animation": "GIF", "video_note": "🎬 Video message"}
    if media.kind == "sticker":
        return f"{media.details.get('emoji') or '🙂'} Sticker"
    return labels.get(media.kind) or f"📎 {media.name or 'File'}"


def service_line(message: Message) -> str:
    """What happened in the chat, in a sentence."""
    who, content = author(message), message.content
    if added := content.get("new_chat_members"):
        return _joined(who, message.sender.id, added)
    if gone := content.get("left_chat_member"):
        name = _name(gone)
        return f"{who} left the group" if gone["id"] == message.sender.id else f"{who} removed {name}"
    if pinned := content.get("pinned_message"):
        original = message.chat.by_id.get(pinned["message_id"])
        return f"{who} pinned “{textwrap.shorten(preview(original), 60, placeholder='…')}”"
    if topic := content.get("forum_topic_created"):
        return f"{who} created the topic “{topic['name']}”"
    lines = {
        "group_chat_created": f"{who} created the group",
        "supergroup_chat_created": f"{who} created the group",
        "migrate_to_chat_id": "The group became a supergroup",
        "migrate_from_chat_id": "The group became a supergroup",
        "new_chat_title": f"{who} renamed the group to “{content.get('new_chat_title')}”",
    }
    return next((line for key, line in lines.items() if key in content), ", ".join(content))


def _joined(who: str, sender_id: int, added: list[Json]) -> str:
    if [user["id"] for user in added] == [sender_id]:
        return f"{who} joined the group"
    return f"{who} added {', '.join(map(_name, added))}"


def _name(user: Json) -> str:
    return " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))


def poll_view(poll: Poll, person: Person) -> Json:
    chosen = poll.votes.get(person.id)
    shown = poll.closed or (chosen is not None and not poll.hidden_until_closed)
    total = len(poll.votes)
    options = [
        {
            "text": choice.text,
            "count": poll.count(index) if shown else None,
            "share": round(100 * poll.count(index) / total) if shown and total else 0,
            "mine": chosen is not None and index in chosen,
            "right": index in poll.correct if shown and poll.quiz else None,
        }
        for index, choice in enumerate(poll.choices)
    ]
    return {
        "question": poll.question,
        "description": poll.description,
        "options": options,
        "total": total,
        "closed": poll.closed,
        "voted": chosen is not None,
        "results": shown,
        "anonymous": poll.anonymous,
        "quiz": poll.quiz,
        "multiple": poll.multiple,
        "revoting": poll.revoting,
        "explanation": poll.explanation if shown else "",
        "closes": poll.closes_at.timestamp() if poll.closes_at else None,
    }


def _media_view(media: Media) -> Json:
    stored = media.file
    described = media.json()
    details = described["photo"][-1] if media.kind == "photo" else described[media.kind]
    return {
        "kind": media.kind,
        "url": f"/sandbox/file/{stored.unique_id}",
        "name": stored.name,
        "mime": stored.mime,
        "size": len(stored.data),
        "width": details.get("width"),
        "height": details.get("height"),
        "duration": details.get("duration"),
        "emoji": details.get("emoji"),
    }


def _button_view(button: Button) -> Json:
    copied = (button.json.get("copy_text") or {}).get("text")
    return {"text": button.label, "data": button.data, "url": button.url, "style": button.style, "copy": copied}


def _forwarded(message: Message) -> str | None:
    origin = message.forwarded
    if not origin:
        return None
    return _name(origin["sender_user"]) if "sender_user" in origin else str(origin["sender_chat"].get("title", ""))


def _reactions(message: Message) -> list[Json]:
    counts: dict[str, int] = {}
    for emoji in (emoji for chosen in message.reactions.values() for emoji in chosen):
        counts[emoji] = counts.get(emoji, 0) + 1
    return [{"emoji": emoji, "count": count} for emoji, count in counts.items()]


def _action(state: State, chat: Chat) -> str | None:
    """What the bot is seen doing, such as typing; it fades by itself."""
    now = state.clock.now()
    lately = (name for name, at in chat.actions.items() if 0 <= (now - at).total_seconds() < ACTION_SECONDS)
    return next(lately, None)


def _reply_keyboard(chat: Chat) -> Json | None:
    """The keyboard that the bot last put below the composer, unless it was taken away."""
    for message in reversed(chat.messages):
        if isinstance(message.sender, Bot) and message.markup and not message.deleted:
            if "keyboard" in message.markup:
                return {"rows": _labels(message.markup["keyboard"])} | _options(message.markup)
            if message.markup.get("remove_keyboard"):
                return None
    return None


def _labels(rows: list[list[Any]]) -> list[list[Json]]:
    return [[{"text": button} if isinstance(button, str) else button for button in row] for row in rows]


def _options(markup: Json) -> Json:
    return {"placeholder": markup.get("input_field_placeholder"), "once": bool(markup.get("one_time_keyboard"))}


def _newest(chat: Chat) -> float:
    return chat.last.date.timestamp() if chat.last else 0.0
