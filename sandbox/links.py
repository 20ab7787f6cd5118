"""Links inside the sandbox: those that start the bot, and those that lead into groups."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from sandbox import acts, membership
from sandbox.chats import Chat, InviteLink
from sandbox.errors import Impossible
from sandbox.markup import typed_by_person
from sandbox.messages import Message
from sandbox.people import Person
from sandbox.state import State


def follow(state: State, person: Person, url: str, group: Chat | None) -> Message | Chat:
    """Does what Telegram does with its own links; anything else leads outside and is Impossible here."""
    if url in state.links:
        return _enter(state, person, *state.links[url])
    wanted = bot_link(state, url)
    if wanted is None:
        raise Impossible(f"{url} leads out of the sandbox.")
    kind, payload = wanted
    if kind == "start":
        return acts.start(state, person, payload)
    if group is None:
        raise Impossible("Choose the group to add the bot to.")
    membership.add_bot(state, group, person, None)
    return acts.say(state, person, group, typed_by_person(f"/start@{state.bot.username} {payload}".strip()))


def bot_link(state: State, url: str) -> tuple[str, str] | None:
    """("start" or "startgroup", payload) of a link to this bot; None for any other."""
    parts = urlsplit(url if "://" in url else f"https://{url}")
    query = parse_qs(parts.query, keep_blank_values=True)
    if parts.scheme == "tg" and parts.netloc == "resolve":
        name = query.get("domain", [""])[0]
    elif parts.netloc.lower() in ("t.me", "telegram.me", "www.t.me"):
        name = parts.path.strip("/")
    else:
        return None
    if not re.fullmatch(re.escape(state.bot.username), name, re.IGNORECASE):
        return None
    for kind in ("startgroup", "start"):
        if kind in query:
            return kind, query[kind][0]
    return "start", ""


def _enter(state: State, person: Person, chat: Chat, link: InviteLink) -> Chat:
    if link.revoked or (link.expires and link.expires < state.clock.now()):
        raise Impossible("This invite link has expired.")
    chat = chat.migrated_to or chat
    if link.asks:
        membership.ask_to_join(state, chat, person, link)
    elif not chat.has(person):
        membership.enter(state, chat, person, person, invite_link=link.json())
    return chat
