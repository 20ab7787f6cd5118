"""The Sandbox: everything a test or a demo does to the pretend Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox import acts, balloting, membership
from sandbox.api.commands import menu
from sandbox.api.invites import new_link
from sandbox.calling import Caller, Hook
from sandbox.chats import Chat, InviteLink, Member
from sandbox.clock import Clock
from sandbox.errors import Impossible
from sandbox.faults import Faults
from sandbox.files import Media, picture_mime
from sandbox.limits import Limits
from sandbox.links import follow
from sandbox.markup import Words, formatted, typed_by_person
from sandbox.messages import Message, Query
from sandbox.people import CHANNEL_BOT, TELEGRAM, Bot, Json, Person
from sandbox.polls import Choice, Poll
from sandbox.posting import post, post_service
from sandbox.server import Server
from sandbox.state import Call, State
from sandbox.web import add_pages

Attachment = bytes | tuple[str, bytes, str]
Part = bytes | tuple[str, Attachment]
SHOWN_ON_TIMEOUT = 15
GENEROUS = Limits()


class Sandbox:
    """One pretend Telegram with one bot. See the package's docstring for a tour."""

    def __init__(
        self,
        token: str = "100:test",  # noqa: S107 # it opens nothing
        username: str = "birge_bot",
        name: str = "Birge",
        limits: Limits | None = GENEROUS,
        seed: int = 1,
        clock: Clock | None = None,
    ) -> None:
        bot = Bot(int(token.partition(":")[0]), token, username, name)
        self.clock = clock or Clock()
        self.state = State(bot, self.clock, limits or Limits.none(), seed)
        self.caller = Caller(self.state)
        self.server = Server(self.caller)
        self._host = "127.0.0.1"
        add_pages(self)

    # The server

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self._host = host
        await self.server.start(host, port)

    async def stop(self) -> None:
        await self.server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self.server.port}"

    # What there is

    @property
    def bot(self) -> Bot:
        return self.state.bot

    @property
    def people(self) -> list[Person]:
        return list(self.state.people.values())

    @property
    def groups(self) -> list[Chat]:
        return list(self.state.groups())

    @property
    def calls(self) -> list[Call]:
        return self.state.calls

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.state.calls if call.method == method]

    @property
    def faults(self) -> Faults:
        return self.caller.faults

    @property
    def hooks(self) -> list[Hook]:
        return self.caller.hooks

    def on_call(self, hook: Hook) -> Hook:
        """Calls `hook(moment, method, params)` around each effect; also a decorator.

        A hook that returns "drop" closes the connection at that moment: before the effect there will be none.
        """
        self.caller.hooks.append(hook)
        return hook

    @property
    def limits(self) -> Limits:
        return self.state.limits

    @limits.setter
    def limits(self, limits: Limits | None) -> None:
        self.state.limits = limits or Limits.none()

    @property
    def pending_updates(self) -> int:
        """Updates queued, or handed out and not yet confirmed."""
        return len(self.state.queue)

    @property
    def polling(self) -> bool:
        """Whether a bot is waiting for updates right now."""
        return self.state.polling is not None

    def chat_of(self, whose: Person | Chat | int) -> Chat:
        """A person's private chat with the bot; a group is itself."""
        if isinstance(whose, Chat):
            return whose
        if isinstance(whose, int):
            return self.state.find_chat(whose)
        return self.state.private_chat(whose)

    def view(self, person: Person) -> list[Chat]:
        """The chats a person sees in her list."""
        return self.state.chats_of(person)

    def menu(self, person: Person, chat: Chat | None = None) -> list[Json]:
        """The commands shown to a person when she types "/" there."""
        return menu(self.state, person, chat or self.state.private_chat(person))

    async def until(self, condition: Callable[[], Any], timeout: float = 10) -> Any:
        """Waits until the condition holds, trying again at each change; returns what it returned."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            seen = self.state.changes.version
            if held := condition():
                return held
            if (left := deadline - loop.time()) <= 0:
                raise TimeoutError(f"Not within {timeout} s.\n{self.dump()}")
            await self.state.changes.next(seen, left)

    def dump(self) -> str:
        """The last messages and calls, for whoever wonders what happened."""
        messages = [message for chat in self.state.chats.values() for message in chat.messages[-SHOWN_ON_TIMEOUT:]]
        last = sorted(messages, key=lambda message: message.date)[-SHOWN_ON_TIMEOUT:]
        calls = [call for call in self.state.calls if call.method != "getUpdates" or call.status != 200]
        lines = [
            f"  {call.method} {call.params} → {call.status} {call.error or ''}" for call in calls[-SHOWN_ON_TIMEOUT:]
        ]
        shown = [f"  {message!r}" for message in last]
        return "\n".join(["Last messages:", *shown, "Last calls:", *lines, f"Pending updates: {self.pending_updates}"])

    def log_calls(self, path: str | Path) -> None:
        """From now on appends each call to a file, a JSON object a line."""
        self.caller.log_to(Path(path))

    # The cast

    def add_person(
        self,
        first_name: str,
        last_name: str | None = None,
        *,
        language_code: str | None = None,
        username: str | None = None,
        id: int | None = None,
        is_premium: bool = False,
        note: str | None = None,
    ) -> Person:
        number = self.state.new_person_id() if id is None else id
        if number in self.state.people or number == self.bot.id:
            raise Impossible(f"The id {number} is taken.")
        person = Person(number, first_name, last_name, username, language_code, is_premium, note=note)
        self.state.people[number] = person
        self.state.changes.announce()
        return person

    def add_group(
        self,
        title: str,
        creator: Person,
        members: Sequence[Person] = (),
        *,
        supergroup: bool = False,
        forum: bool = False,
        username: str | None = None,
        protected: bool = False,
    ) -> Chat:
        """A group without the bot in it yet."""
        large = supergroup or forum or username is not None
        group = Chat(self.state.new_chat_id(large), "supergroup" if large else "group", title)
        group.forum, group.username, group.protected = forum, username, protected
        group.members = {person.id: Member(person, "member") for person in members}
        group.members[creator.id] = Member(creator, "creator")
        self.state.chats[group.id] = group
        created = {"supergroup_chat_created": True} if large else {"group_chat_created": True}
        post_service(self.state, group, creator, created)
        return group

    # What people do

    def presses_start(self, person: Person, payload: str = "") -> Message:
        return acts.start(self.state, person, payload)

    def sends(  # noqa: PLR0913 # one act, many things to send
        self,
        person: Person,
        chat: Chat | None = None,
        text: str = "",
        *,
        reply_to: Message | int | None = None,
        photo: Attachment | None = None,
        document: Attachment | None = None,
        voice: Attachment | None = None,
        video: Attachment | None = None,
        audio: Attachment | None = None,
        animation: Attachment | None = None,
        video_note: Attachment | None = None,
        sticker: bool | bytes | str = False,
        contact: Json | Person | None = None,
        location: tuple[float, float] | None = None,
        caption: str = "",
        html: str | None = None,
        album: Sequence[Part] | None = None,
        anonymous: bool = False,
        thread: int | None = None,
        forwarded_from: Message | Person | None = None,
        as_channel: str | None = None,
        via_bot: str | None = None,
    ) -> Message:
        """Writes to the bot, or to a group. An album gives its first message; see `sends_album` for all.

        `as_channel`: in the name of a channel of hers (its title); `via_bot`: put together by an inline bot.
        """
        where = chat or self.state.private_chat(person)
        words = formatted(html, "HTML", None) if html is not None else typed_by_person(text or caption)
        fields: dict[str, Any] = {
            "reply_to": self._replied(where, reply_to),
            "thread": self._thread(where, thread),
            "anonymous": self._as_group(where, person, anonymous),
            "forwarded": self._forwarded(forwarded_from),
            "guise": {"from": CHANNEL_BOT, "sender_chat": _channel(as_channel)} if as_channel else None,
        }
        attached = {
            "photo": photo,
            "document": document,
            "voice": voice,
            "video": video,
            "audio": audio,
            "animation": animation,
            "video_note": video_note,
            "sticker": b"sticker" if sticker is True else sticker.encode() if isinstance(sticker, str) else sticker,
        }
        given = [(kind, content) for kind, content in attached.items() if content]
        if album is not None:
            return self.sends_album(person, where, album, caption=text or caption)[0]
        if len(given) > 1:
            raise Impossible("A message carries one thing; more make an album.")
        if given:
            emoji = sticker if isinstance(sticker, str) else None
            fields["media"] = self._media(*given[0], emoji)
        if contact is not None or location is not None:
            fields["content"] = _content(contact, location)
        if via_bot is not None:
            bot = {"id": 200, "is_bot": True, "first_name": via_bot, "username": f"{via_bot}_bot"}
            fields["content"] = fields.get("content", {}) | {"via_bot": bot}
        return acts.say(self.state, person, where, words, **fields)

    def sends_album(
        self,
        person: Person,
        chat: Chat | None,
        parts: Sequence[Part],
        caption: str = "",
    ) -> list[Message]:
        """Parts are bytes of photos, or pairs such as ("document", (name, bytes, mime))."""
        media = [self._media("photo", part) if isinstance(part, bytes) else self._media(*part) for part in parts]
        where = chat or self.state.private_chat(person)
        return acts.send_album(self.state, person, where, media, typed_by_person(caption))

    def sends_poll(
        self,
        person: Person,
        chat: Chat,
        question: str,
        options: Sequence[str],
        *,
        anonymous: bool = True,
        closes_in: timedelta | None = None,
    ) -> Message:
        choices = tuple(Choice(self.state.new_word(8), option) for option in options)
        poll = Poll(self.state.new_number(), question, choices, anonymous=anonymous)
        if closes_in is not None:
            poll.closes_at = self.clock.now() + closes_in
        message = acts.say(self.state, person, chat, Words(), poll=poll)
        self.state.watch(poll)
        return message

    def posts_from_channel(self, group: Chat, title: str, text: str) -> Message:
        """What a channel posts comes into the group that is linked with it by itself."""
        channel, words = _channel(title), typed_by_person(text)
        origin = {"type": "channel", "chat": channel, "message_id": 1, "date": int(self.clock.now().timestamp())}
        return post(
            self.state,
            group,
            self._creator(group),
            text=words.text,
            entities=words.entities,
            html=words.html,
            guise={"from": TELEGRAM, "sender_chat": channel},
            forwarded=origin,
            content={"is_automatic_forward": True},
        )

    def edits(self, person: Person, message: Message, text: str) -> None:
        acts.edit(self.state, person, message, text)

    def deletes(self, person: Person, message: Message) -> None:
        acts.delete(self.state, person, message)

    def pins(self, person: Person, message: Message) -> None:
        acts.pin(self.state, person, message)

    def reacts(self, person: Person, message: Message, emoji: str | None) -> None:
        acts.react(self.state, person, message, emoji)

    def taps(self, person: Person, message: Message, label: str | None = None, *, data: str | None = None) -> Query:
        """Presses a button; with `data` only, sends what a hostile client might."""
        return acts.tap(self.state, person, message, label, data)

    def votes(self, person: Person, message: Message, options: Sequence[int]) -> None:
        """Chooses options by their numbers from 0; none takes the vote back."""
        balloting.close_due(self.state)
        balloting.vote(self.state, person, message, list(options))

    def follows(self, person: Person, url: str, group: Chat | None = None) -> Message | Chat:
        """Opens a link: t.me/bot?start=…, ?startgroup=… (with the group), or an invite link."""
        return follow(self.state, person, url, group)

    def reads(self, person: Person, chat: Chat | None = None) -> None:
        where = chat or self.state.private_chat(person)
        where.read[person.id] = len(where.messages)
        self.state.changes.announce()

    # Blocking, joining, ruling

    def blocks(self, person: Person) -> None:
        membership.set_blocked(self.state, person, True)

    def unblocks(self, person: Person) -> None:
        membership.set_blocked(self.state, person, False)

    def deactivates(self, person: Person) -> None:
        """The account is deleted; nobody is told."""
        person.deactivated = True
        self.state.changes.announce()

    def adds_bot(
        self,
        person: Person,
        group: Chat,
        admin: bool = False,
        rights: dict[str, bool] | Sequence[str] | None = None,
        payload: str | None = None,
    ) -> None:
        """Adds the bot to a group; with a payload, as by a ?startgroup= link."""
        membership.add_bot(self.state, group, person, membership.rights_of(rights) if admin or rights else None)
        if payload is not None:
            command = f"/start@{self.bot.username} {payload}".strip()
            acts.say(self.state, person, group, typed_by_person(command))

    def removes_bot(self, person: Person, group: Chat) -> None:
        self._ensure_rules(person, group)
        membership.depart(self.state, group, self.bot, person, banned=True)

    def promotes_bot(self, person: Person, group: Chat, rights: dict[str, bool] | Sequence[str] | None = None) -> None:
        self._ensure_rules(person, group)
        membership.promote(self.state, group, self.bot, person, membership.rights_of(rights), False)

    def demotes_bot(self, person: Person, group: Chat) -> None:
        self._ensure_rules(person, group)
        membership.demote(self.state, group, self.bot, person)

    def joins(self, person: Person, group: Chat, by: Person | None = None, link: InviteLink | None = None) -> None:
        """Comes in by herself, or is added by somebody."""
        how: dict[str, Any] = {"invite_link": link.json()} if link else {}
        membership.enter(self.state, group, person, by or person, **how)

    def leaves(self, person: Person, group: Chat) -> None:
        membership.depart(self.state, group, person, person)

    def removes(self, admin: Person, person: Person, group: Chat) -> None:
        """An administrator removes a member for good."""
        self._ensure_rules(admin, group)
        membership.depart(self.state, group, person, admin, banned=True)

    def requests_to_join(self, person: Person, group: Chat, link: InviteLink | None = None) -> None:
        membership.ask_to_join(self.state, group, person, link)

    def promotes(
        self,
        person: Person,
        group: Chat,
        rights: dict[str, bool] | Sequence[str] | None = None,
        *,
        by: Person | None = None,
        anonymous: bool = False,
    ) -> None:
        """Makes a person an administrator; the creator does it if nobody is named."""
        creator = by or self._creator(group)
        if not group.has(person):
            raise Impossible(f"{person.name} is not in {group.name}.")
        membership.promote(self.state, group, person, creator, membership.rights_of(rights), anonymous)

    def demotes(self, person: Person, group: Chat, *, by: Person | None = None) -> None:
        membership.demote(self.state, group, person, by or self._creator(group))

    def upgrades(self, group: Chat) -> Chat:
        """Makes a supergroup of a basic group; returns the new chat."""
        return membership.upgrade(self.state, group)

    def creates_link(self, person: Person, group: Chat, *, asks: bool = False) -> InviteLink:
        """An invite link; with `asks`, whoever follows it asks to join."""
        self._ensure_rules(person, group)
        return new_link(self.state, group, person, asks=asks)

    def opens_topic(self, person: Person, group: Chat, name: str) -> int:
        """A new topic of a forum; its message_thread_id."""
        if not group.forum:
            raise Impossible(f"{group.name} is no forum.")
        thread = group.last_id + 1
        group.topics[thread] = name
        content = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        return post_service(self.state, group, person, content, thread=thread).id

    def closes_topic(self, person: Person, group: Chat, thread: int) -> None:
        """From now on only those who manage topics write there."""
        self._ensure_rules(person, group)
        group.closed_topics.add(self._thread(group, thread) or 0)
        post_service(self.state, group, person, {"forum_topic_closed": {}}, thread=thread)

    def deletes_topic(self, person: Person, group: Chat, thread: int) -> None:
        """The topic and all in it are gone; nobody is told."""
        self._ensure_rules(person, group)
        del group.topics[self._thread(group, thread) or 0]
        for message in group.messages:
            message.deleted = message.deleted or message.thread == thread
        self.state.changes.announce()

    def mutes(self, person: Person, group: Chat, on: bool = True) -> None:
        """Only those who rule may write in the group, or everybody again; bots are not told."""
        self._ensure_rules(person, group)
        group.muted = on

    # Making life hard

    @property
    def privacy(self) -> bool:
        return self.bot.privacy

    @privacy.setter
    def privacy(self, on: bool) -> None:
        self.bot.privacy = on

    @property
    def redeliver(self) -> bool:
        return self.state.queue.redeliver

    @redeliver.setter
    def redeliver(self, on: bool) -> None:
        self.state.queue.redeliver = on

    def redeliver_last(self, count: int) -> None:
        """Hands out once more the updates confirmed last."""
        self.state.queue.repeat_last(count)

    def send_raw_update(self, update: Any, *, bare: bool = False) -> None:
        """Queues any JSON; without an `update_id` it gets the next one, unless it is to go out `bare`."""
        self.state.queue.push_raw(update, bare=bare)

    @property
    def webhook_pause(self) -> float:
        """Seconds before the second repetition to a failing webhook; each further one doubles."""
        return self.server.deliverer.first_pause

    @webhook_pause.setter
    def webhook_pause(self, seconds: float) -> None:
        self.server.deliverer.first_pause = seconds

    # Smaller steps

    def _media(self, kind: str, content: Attachment, emoji: str | None = None) -> Media:
        name, data, mime = content if isinstance(content, tuple) else (None, content, None)
        details = {"emoji": emoji} if emoji else {}
        name = name or ("document" if kind == "document" else None)
        return self.state.files.keep(
            kind, data, name, mime or (picture_mime(data) if kind == "sticker" else None), **details
        )

    def _replied(self, chat: Chat, reply_to: Message | int | None) -> Message | None:
        if reply_to is None or isinstance(reply_to, Message):
            return reply_to
        message = self.state.message(chat, reply_to)
        if message is None:
            raise Impossible(f"There is no message {reply_to} in {chat.name}.")
        return message

    def _thread(self, chat: Chat, thread: int | None) -> int | None:
        if thread is not None and thread not in chat.topics:
            raise Impossible(f"There is no topic {thread} in {chat.name}.")
        return thread

    def _as_group(self, chat: Chat, person: Person, anonymous: bool) -> bool:
        if anonymous and not chat.member(person).rules:
            raise Impossible(f"{person.name} is no administrator of {chat.name}.")
        return anonymous

    def _forwarded(self, source: Message | Person | None) -> Json | None:
        if source is None:
            return None
        sender = source.sender if isinstance(source, Message) else source
        moment = source.date if isinstance(source, Message) else self.clock.now()
        return {"type": "user", "sender_user": sender.user(), "date": int(moment.timestamp())}

    def _ensure_rules(self, person: Person, group: Chat) -> None:
        if not group.member(person).rules:
            raise Impossible(f"{person.name} is no administrator of {group.name}.")

    def _creator(self, group: Chat) -> Person:
        for member in group.insiders:
            if member.status == "creator" and isinstance(member.user, Person):
                return member.user
        raise Impossible(f"Nobody owns {group.name}.")


def _channel(title: str) -> Json:
    return {"id": -1_009_000_000_001, "type": "channel", "title": title}


def _content(contact: Json | Person | None, location: tuple[float, float] | None) -> Json:
    if location is not None:
        return {"location": {"latitude": location[0], "longitude": location[1]}}
    if isinstance(contact, Person):
        last_name = {"last_name": contact.last_name} if contact.last_name else {}
        named = {"phone_number": "+994500000000", "first_name": contact.first_name}
        return {"contact": named | last_name | {"user_id": contact.id}}
    return {"contact": contact}
