"""Who joins, leaves, rules, blocks: the changes and the updates they cause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sandbox.chats import RIGHTS, USUAL_RIGHTS, Chat, InviteLink, Member
from sandbox.errors import Impossible
from sandbox.objects import stamp
from sandbox.people import Account, Bot, Json, Person
from sandbox.posting import post_service
from sandbox.state import State

# How long the bot may write to somebody who asked to join but never pressed Start.
REQUESTER_REACHABLE = timedelta(minutes=5)


def rights_of(given: dict[str, bool] | Iterable[str] | None) -> frozenset[str]:
    """The usual rights when nothing is said, else those named and the right to manage the chat."""
    if given is None:
        return USUAL_RIGHTS
    named = {right for right, held in given.items() if held} if isinstance(given, dict) else set(given)
    if unknown := named - set(RIGHTS):
        raise Impossible(f"There are no such rights: {sorted(unknown)}")
    return frozenset(named | {"can_manage_chat"})


def change(state: State, chat: Chat, new: Member, by: Account, **how: Json | bool) -> Member:
    """Puts somebody's new standing in place of the old one, and tells the bot."""
    old = chat.member(new.user)
    chat.members[new.user.id] = new
    _report(state, chat, old, new, by, how)
    state.changes.announce()
    return old


def _report(state: State, chat: Chat, old: Member, new: Member, by: Account, how: Json) -> None:
    update = {
        "chat": chat.json(),
        "from": by.user(),
        "date": stamp(state.clock.now()),
        "old_chat_member": old.json(),
        "new_chat_member": new.json(),
    } | how
    if isinstance(new.user, Bot):
        if isinstance(by, Person):
            state.known.add(by.id)
        state.queue.push("my_chat_member", update, f"chat {chat.id}")
    elif state.bot_in(chat).rules:
        state.queue.push("chat_member", update, f"user {new.user.id}")


def enter(state: State, chat: Chat, who: Account, by: Account, **how: Json | bool) -> None:
    """Becomes a member, with the line about it in the chat."""
    if chat.has(who):
        raise Impossible(f"{who.name} is already in {chat.name}.")
    change(state, chat, Member(who, "member"), by, **how)
    post_service(state, chat, by, {"new_chat_members": [who.user()]})


def add_bot(state: State, chat: Chat, by: Person, rights: frozenset[str] | None) -> None:
    """A member adds the bot; with rights, as an administrator at once."""
    adder = chat.member(by)
    if not adder.inside or (rights is not None and not adder.rules):
        raise Impossible(f"{by.name} can't add the bot to {chat.name}.")
    if chat.has(state.bot):
        raise Impossible(f"The bot is already in {chat.name}.")
    standing = Member(state.bot, "member") if rights is None else Member(state.bot, "administrator", rights)
    change(state, chat, standing, by)
    post_service(state, chat, by, {"new_chat_members": [state.bot.user()]})


def depart(state: State, chat: Chat, who: Account, by: Account, *, banned: bool = False) -> None:
    """Leaves, or is removed by somebody; the line comes after, as it does in Telegram."""
    if not chat.has(who):
        raise Impossible(f"{who.name} is not in {chat.name}.")
    status = "kicked" if banned else "left"
    change(state, chat, Member(who, status), by)
    post_service(state, chat, by, {"left_chat_member": who.user()})


def promote(state: State, chat: Chat, who: Account, by: Account, rights: frozenset[str], anonymous: bool) -> None:
    if chat.member(who).status == "creator":
        raise Impossible(f"{who.name} created {chat.name} and needs no promotion.")
    change(state, chat, Member(who, "administrator", rights, anonymous), by)


def demote(state: State, chat: Chat, who: Account, by: Account) -> None:
    change(state, chat, Member(who, "member"), by)


def set_blocked(state: State, person: Person, blocked: bool) -> None:
    """Blocks or unblocks the bot, which hears of it in the private chat."""
    chat = state.private_chat(person)
    if chat.blocked == blocked:
        raise Impossible(f"{person.name} {'has' if blocked else 'has not'} blocked the bot.")
    chat.blocked = blocked
    words = ("member", "kicked") if blocked else ("kicked", "member")
    old, new = (Member(state.bot, word) for word in words)
    if chat.started:
        _report(state, chat, old, new, person, {})
    state.changes.announce()


def ask_to_join(state: State, chat: Chat, person: Person, link: InviteLink | None) -> None:
    """Asks to be let in; an administrator bot that may invite hears of it."""
    if chat.has(person):
        raise Impossible(f"{person.name} is already in {chat.name}.")
    chat.requests[person.id] = link
    if link:
        link.pending += 1
    if state.bot_in(chat).may("can_invite_users"):
        state.private_chat(person).open_until = state.clock.now() + REQUESTER_REACHABLE
        request = {
            "chat": chat.json(),
            "from": person.user(),
            "user_chat_id": person.id,
            "date": stamp(state.clock.now()),
        } | ({"invite_link": link.json()} if link else {})
        state.queue.push("chat_join_request", request, f"user {person.id}")
    state.changes.announce()


def settle_request(state: State, chat: Chat, person: Person, by: Account, admitted: bool) -> None:
    link = chat.requests.pop(person.id)
    if link:
        link.pending -= 1
    if admitted:
        enter(state, chat, person, by, **({"invite_link": link.json()} if link else {}), via_join_request=True)
    state.changes.announce()


def upgrade(state: State, chat: Chat) -> Chat:
    """Makes a supergroup of a basic group: a new chat, told of in both."""
    if chat.kind != "group" or chat.migrated_to:
        raise Impossible(f"{chat.name} can't be made a supergroup.")
    new = Chat(state.new_chat_id(supergroup=True), "supergroup", chat.title, protected=chat.protected)
    new.members = dict(chat.members)
    new.migrated_from, chat.migrated_to = chat, new
    state.chats[new.id] = new
    creator = next((one.user for one in chat.insiders if one.status == "creator"), state.bot)
    post_service(state, chat, creator, {"migrate_to_chat_id": new.id})
    post_service(state, new, creator, {"migrate_from_chat_id": chat.id})
    return new
