"""The acts that can be asked for over HTTP: `POST /sandbox/VERB` with what the function reads.

People, chats and messages are named by their ids; a group is `group`, a message is `chat` and `message`. `chat` may be
left out for the private chat with the bot.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.chats import Chat
from sandbox.errors import Impossible
from sandbox.faults import Fault
from sandbox.limits import Limits
from sandbox.messages import Message
from sandbox.people import Json, Person
from sandbox.views import clock_json, query_view

if TYPE_CHECKING:
    from sandbox.control import Sandbox

FILE_FIELDS = ("photo", "document", "voice", "video", "audio", "animation", "video_note")


class Wanted:
    """The body of a request, read as people, chats and messages."""

    def __init__(self, sandbox: Sandbox, body: Json) -> None:
        self._state = sandbox.state
        self.body = body

    def get(self, name: str, default: Any = None) -> Any:
        return self.body.get(name, default)

    def number(self, name: str) -> int:
        return int(self.body[name])

    def flag(self, name: str) -> bool:
        return self.body.get(name) in (True, "true", "1", 1)

    def person(self, name: str = "person") -> Person:
        return self._state.find_person(self.number(name))

    def people(self, name: str) -> list[Person]:
        return [self._state.find_person(int(number)) for number in self.body.get(name) or []]

    def group(self) -> Chat:
        return self._state.find_chat(self.number("group"))

    def chat(self) -> Chat:
        """The chat that is named, or the person's own with the bot."""
        named = self.body.get("chat")
        if named in (None, ""):
            return self._state.private_chat(self.person())
        chat = self._state.find_chat(int(named))
        if chat.person is not None and chat.person is not self.person():
            raise Impossible(f"{self.person().name} does not see this chat.")
        return chat

    def message(self, name: str = "message") -> Message:
        """Found among the deleted ones, too: a screen may lag behind."""
        message = self.chat().by_id.get(self.number(name))
        if message is None:
            raise Impossible(f"There is no message {self.body[name]}.")
        return message

    def optional_message(self, name: str) -> Message | None:
        return self.message(name) if self.body.get(name) not in (None, "") else None


Verb = Callable[["Sandbox", Wanted], Json | None]
VERBS: dict[str, Verb] = {}


def verb(function: Verb) -> Verb:
    VERBS[getattr(function, "__name__", "")] = function
    return function


@verb
def add_person(sandbox: Sandbox, wanted: Wanted) -> Json:
    names = {name: wanted.get(name) for name in ("last_name", "language_code", "username", "id")}
    return {"id": sandbox.add_person(str(wanted.body["first_name"]), **names).id}


@verb
def add_group(sandbox: Sandbox, wanted: Wanted) -> Json:
    title, members = str(wanted.body["title"]), wanted.people("members")
    large, forum = wanted.flag("supergroup"), wanted.flag("forum")
    return {"id": sandbox.add_group(title, wanted.person("creator"), members, supergroup=large, forum=forum).id}


@verb
def send(sandbox: Sandbox, wanted: Wanted) -> Json:
    """Text, one file, or an album of several photos or documents under one name; files also as base64."""
    person, chat = wanted.person(), wanted.chat()
    files = [(kind, one) for kind in FILE_FIELDS for one in _files(wanted, kind)]
    if len(files) > 1:
        return {"id": sandbox.sends_album(person, chat, files, caption=str(wanted.get("text", "")))[0].id}
    thread, attached = wanted.get("thread"), dict[str, Any](files)
    message = sandbox.sends(
        person,
        chat,
        str(wanted.get("text", "")),
        reply_to=wanted.optional_message("reply_to"),
        sticker=wanted.get("sticker") or False,
        thread=int(thread) if thread else None,
        anonymous=wanted.flag("anonymous"),
        contact=person if wanted.flag("contact") else None,
        location=(40.4093, 49.8671) if wanted.flag("location") else None,
        as_channel=wanted.get("as_channel"),
        via_bot=wanted.get("via_bot"),
        **attached,
    )
    return {"id": message.id}


def _files(wanted: Wanted, kind: str) -> list[tuple[str, bytes, str]]:
    given = wanted.get(kind) or []
    if isinstance(given, dict):
        mime = str(given.get("mime") or "application/octet-stream")
        return [(str(given.get("name") or kind), base64.b64decode(given["base64"]), mime)]
    return list(given)


@verb
def edit(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.edits(wanted.person(), wanted.message(), str(wanted.body["text"]))


@verb
def delete(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.deletes(wanted.person(), wanted.message())


@verb
def pin(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.pins(wanted.person(), wanted.message())


@verb
def react(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.reacts(wanted.person(), wanted.message(), wanted.get("emoji"))


@verb
def tap(sandbox: Sandbox, wanted: Wanted) -> Json:
    """Answers at once with the query; `GET /sandbox/query/ID?wait=…` tells its answer."""
    label, data = wanted.get("label"), wanted.get("data")
    return {"query": query_view(sandbox.taps(wanted.person(), wanted.message(), label, data=data))}


@verb
def vote(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.votes(wanted.person(), wanted.message(), [int(option) for option in wanted.body["options"]])


@verb
def start(sandbox: Sandbox, wanted: Wanted) -> Json:
    return {"id": sandbox.presses_start(wanted.person(), str(wanted.get("payload") or "")).id}


@verb
def follow(sandbox: Sandbox, wanted: Wanted) -> Json:
    """The chat that the link leads to."""
    group = wanted.group() if wanted.get("group") else None
    reached = sandbox.follows(wanted.person(), str(wanted.body["url"]), group)
    return {"chat": reached.id if isinstance(reached, Chat) else reached.chat.id}


@verb
def read(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.reads(wanted.person(), wanted.chat())


@verb
def block(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.blocks(wanted.person())


@verb
def unblock(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.unblocks(wanted.person())


@verb
def deactivate(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.deactivates(wanted.person())


@verb
def add_bot(sandbox: Sandbox, wanted: Wanted) -> None:
    admin, rights, payload = wanted.flag("admin"), wanted.get("rights"), wanted.get("payload")
    sandbox.adds_bot(wanted.person(), wanted.group(), admin, rights, payload)


@verb
def remove_bot(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.removes_bot(wanted.person(), wanted.group())


@verb
def promote_bot(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.promotes_bot(wanted.person(), wanted.group(), wanted.get("rights"))


@verb
def demote_bot(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.demotes_bot(wanted.person(), wanted.group())


@verb
def join(sandbox: Sandbox, wanted: Wanted) -> None:
    by = wanted.person("by") if wanted.get("by") else None
    sandbox.joins(wanted.person(), wanted.group(), by=by)


@verb
def leave(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.leaves(wanted.person(), wanted.group())


@verb
def remove(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.removes(wanted.person("by"), wanted.person(), wanted.group())


@verb
def request_to_join(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.requests_to_join(wanted.person(), wanted.group())


@verb
def promote(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.promotes(wanted.person(), wanted.group(), wanted.get("rights"), anonymous=wanted.flag("anonymous"))


@verb
def demote(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.demotes(wanted.person(), wanted.group())


@verb
def upgrade(sandbox: Sandbox, wanted: Wanted) -> Json:
    return {"id": sandbox.upgrades(wanted.group()).id}


@verb
def create_link(sandbox: Sandbox, wanted: Wanted) -> Json:
    return {"url": sandbox.creates_link(wanted.person(), wanted.group(), asks=wanted.flag("asks")).url}


@verb
def open_topic(sandbox: Sandbox, wanted: Wanted) -> Json:
    return {"thread": sandbox.opens_topic(wanted.person(), wanted.group(), str(wanted.body["name"]))}


@verb
def close_topic(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.closes_topic(wanted.person(), wanted.group(), wanted.number("thread"))


@verb
def delete_topic(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.deletes_topic(wanted.person(), wanted.group(), wanted.number("thread"))


@verb
def mute(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.mutes(wanted.person(), wanted.group(), wanted.flag("on"))


@verb
def post_from_channel(sandbox: Sandbox, wanted: Wanted) -> Json:
    title, text = str(wanted.body["title"]), str(wanted.body["text"])
    return {"id": sandbox.posts_from_channel(wanted.group(), title, text).id}


@verb
def clock(sandbox: Sandbox, wanted: Wanted) -> Json:
    """{"advance": seconds}, or {"set": epoch seconds or ISO time with its zone}."""
    if wanted.get("advance") is not None:
        sandbox.clock.advance(timedelta(seconds=float(wanted.body["advance"])))
    else:
        to = wanted.body["set"]
        moment = datetime.fromisoformat(to) if isinstance(to, str) else datetime.fromtimestamp(float(to), UTC)
        sandbox.clock.set(moment)
    return clock_json(sandbox.clock)


@verb
def fault(sandbox: Sandbox, wanted: Wanted) -> None:
    """The fields of a Fault; {"clear": true} takes all back."""
    if wanted.flag("clear"):
        sandbox.faults.clear()
    else:
        sandbox.faults.append(Fault(**wanted.body))


@verb
def redeliver(sandbox: Sandbox, wanted: Wanted) -> None:
    """{"last": n} hands out the last n again; {"on": bool} does so with each update to come."""
    if wanted.get("last") is not None:
        sandbox.redeliver_last(wanted.number("last"))
    else:
        sandbox.redeliver = wanted.flag("on")


@verb
def raw_update(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.send_raw_update(wanted.body)


@verb
def limits(sandbox: Sandbox, wanted: Wanted) -> None:
    """The fields of Limits; {"off": true} lifts them all."""
    sandbox.limits = Limits.none() if wanted.flag("off") else Limits(**wanted.body)


@verb
def privacy(sandbox: Sandbox, wanted: Wanted) -> None:
    sandbox.privacy = wanted.flag("on")
