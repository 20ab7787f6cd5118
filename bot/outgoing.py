"""From what a handler said to rows of the outbox: each message in its reader's language, addressed to a chat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import storage.chats
import storage.outbox
import storage.outgoings
import storage.pages
import storage.persons
from bot.render import Renderer
from domain.messages import (
    Admit,
    Ask,
    Asker,
    Delete,
    Edit,
    Erase,
    Lane,
    Mail,
    Menu,
    OpenPoll,
    Outgoing,
    Pin,
    Say,
    StopPoll,
    To,
    Toast,
    ToAudience,
    ToChannel,
    ToChat,
    ToIdentity,
    ToPerson,
)
from domain.requests import Request
from handlers import menus
from storage.database import Connection
from storage.outbox import Draft, Waiting


@dataclass(frozen=True, slots=True)
class Reader:
    """Where one message goes, and how it is read there."""

    place: str | None
    language: str
    zone: str
    person_id: int | None = None
    failed: str | None = None
    message_id: int | None = None  # of the message that was tapped or written
    asker: str | None = None  # the address of who asked
    thread: int | None = None  # the topic of a forum


def all_confidential(said: Iterable[Outgoing]) -> list[Outgoing]:
    """The same messages in the case lane: what answers a confidential request leaves no row that names a chat."""
    return [
        replace(one, lane=Lane.CASE) if isinstance(one, Say | Edit | Delete | Erase | OpenPoll) else one for one in said
    ]


def are_of_cases(said: Iterable[Outgoing]) -> bool:
    """Whether all that is said goes into the case lane."""
    lanes = [one.lane for one in said if isinstance(one, Say | Edit | Delete | Erase | OpenPoll)]
    return bool(lanes) and all(lane is Lane.CASE for lane in lanes)


async def store(
    db: Connection, renderer: Renderer, said: Sequence[Outgoing], request: Request | None, now: datetime
) -> list[Waiting]:
    """Writes the messages to the outbox; returns those that may go right after the commit. Toasts are not stored: see
    toast()."""
    said = await _menus(db, said, now)
    people = await storage.persons.readers(db, _ids(said, ToPerson))
    accounts = await storage.persons.accounts(db, _ids(said, ToIdentity))
    chats = await storage.chats.readers(db, _ids(said, ToChat))
    await _mail(db, renderer, said, people, now)
    drafts: list[Draft] = []
    for one in said:
        if isinstance(one, Toast | Mail):
            continue
        if isinstance(one, Say) and isinstance(one.to, ToAudience):
            await storage.outgoings.save(db, one, partial(_say_body, renderer, one), now)
            continue
        if isinstance(one, Edit) and isinstance(one.to, ToAudience) and one.card is not None:
            await storage.outgoings.revise(db, one.to.community_id, one.card, partial(_edit_body, renderer, one))
            continue
        reader = _reader(one, request, people, accounts, chats)
        if reader is not None:
            if isinstance(one, Ask) and request is not None and not isinstance(one.to, ToChannel):
                reader = replace(reader, asker=request.incoming.sender)
            drafts.append(_draft(renderer, one, reader))
            drafts += await _on_other_accounts(db, renderer, one, reader, people)
    return await storage.outbox.enqueue(db, drafts, now)


async def _on_other_accounts(
    db: Connection, renderer: Renderer, one: Outgoing, reader: Reader, people: Mapping[int, storage.persons.Reader]
) -> list[Draft]:
    """A person's card may stand on an account that she used before, or asked from: what changes it, or takes it back,
    goes there, too. Cases stay on one account."""
    if not isinstance(one, Edit | Delete | StopPoll) or one.card is None or not isinstance(one.to, ToPerson):
        return []
    lane = getattr(one, "lane", Lane.REPLY)
    if lane is Lane.CASE:
        return []
    places = people[one.to.person_id].others
    there = [place for place in places if await storage.outbox.is_sent(db, lane, place, one.card)]
    return [_draft(renderer, one, replace(reader, place=place, failed=None)) for place in there]


async def _mail(
    db: Connection,
    renderer: Renderer,
    said: Iterable[Outgoing],
    people: Mapping[int, storage.persons.Reader],
    now: datetime,
) -> None:
    """What also, or only, goes by e-mail, to whoever gave an address: in this same transaction, for bot.pager."""
    mailed = [one for one in said if isinstance(one, Mail) or (isinstance(one, Say) and one.by_mail)]
    if not mailed:
        return
    given = await storage.pages.addresses(db, _ids(mailed, ToPerson))
    for one in mailed:
        address = given.get(one.to.person_id) if isinstance(one.to, ToPerson) else None
        if address is None or not (address.is_confirmed or isinstance(one, Mail)):
            continue
        reader = people[address.person_id]
        await storage.pages.add(db, address, {"html": renderer.html(one.body, reader.language, reader.zone)}, now)


async def _menus(db: Connection, said: Sequence[Outgoing], now: datetime) -> Sequence[Outgoing]:
    """A person's menu stands on each of her accounts. Whose roles a job has changed gets the commands that are left to
    her: only the tables of handlers know them."""
    of_persons = [one for one in said if isinstance(one, Menu) and isinstance(one.to, ToPerson)]
    if not of_persons:
        return said
    accounts = await storage.persons.reachable_accounts(db, _ids(of_persons, ToPerson))
    by_roles = [one for one in of_persons if one.commands is None]
    held = await storage.persons.memberships_of(db, _ids(by_roles, ToPerson), now)
    found: list[Outgoing] = []
    for one in said:
        if isinstance(one, Menu) and isinstance(one.to, ToPerson):
            me = one.to.person_id
            menu = menus.menu(held.get(me, ())) if one.commands is None else one
            found += [replace(menu, to=ToIdentity(account)) for account in accounts.get(me, ())]
        else:
            found.append(one)
    return found


def toast(renderer: Renderer, said: Sequence[Outgoing], request: Request) -> Mapping[str, Any]:
    """The answer to a tap: the handler's Toast, or an empty one that stops the button's waiting sign."""
    for one in said:
        if isinstance(one, Toast):
            shown = renderer.plain(one.body, request.person.language, request.person.zone)
            return {"query_id": request.incoming.query_id, "text": shown[:200], "alert": one.alert}
    return {"query_id": request.incoming.query_id, "text": "", "alert": False}


def _ids(said: Iterable[Outgoing], kind: type[ToPerson] | type[ToIdentity] | type[ToChat]) -> list[int]:
    found = []
    for one in said:
        to = getattr(one, "to", None)
        if isinstance(to, kind):
            found.append(_id(to))
        if kind is ToChat and isinstance(one, Admit):
            found.append(one.chat_id)
    return found


def _id(to: ToPerson | ToIdentity | ToChat) -> int:
    match to:
        case ToPerson(person_id):
            return person_id
        case ToIdentity(identity_id):
            return identity_id
        case ToChat(chat_id, _):
            return chat_id


def _reader(
    one: Outgoing,
    request: Request | None,
    people: Mapping[int, storage.persons.Reader],
    accounts: Mapping[int, storage.persons.Reader],
    chats: Mapping[int, storage.chats.Reader],
) -> Reader | None:
    to: To = ToChat(one.chat_id) if isinstance(one, Admit) else getattr(one, "to", Asker())
    match to:
        case ToPerson() | ToIdentity():
            person = people.get(to.person_id) if isinstance(to, ToPerson) else accounts.get(to.identity_id)
            if person is None:  # no account is left: one of many must not stop the others
                return None
            if request is not None and isinstance(one, Say | OpenPoll) and _asks_herself(to, request):
                return Reader(request.place, person.language, person.zone, person.person_id)
            failed = None if person.place else (person.unreachable or "never_started")
            return Reader(person.place, person.language, person.zone, person.person_id, failed)
        case ToChat(chat_id, thread):
            chat = chats[chat_id]
            topic = chat.thread if thread is None else thread or None
            return Reader(chat.place, chat.language, chat.zone, None, chat.unreachable, thread=topic)
        case ToChannel(name):
            return Reader(f"{name}:", "en", "UTC")
        case Asker():
            return None if request is None else _asker(request)
        case _:
            raise TypeError(f"{type(one).__name__} can't go to {type(to).__name__}")


def _asks_herself(to: To, request: Request) -> bool:
    """An answer comes to the account that asked, whichever of hers is written to else."""
    return to == ToPerson(request.person.id) and request.place == request.identity.place


def _asker(request: Request) -> Reader:
    incoming = request.incoming
    language, zone = request.person.language, request.person.zone
    person_id = request.person.id if incoming.is_private else None
    if not incoming.is_private and request.community is not None:
        language, zone = request.community.language, request.community.zone
    return Reader(request.place, language, zone, person_id, None, incoming.message_id, thread=incoming.thread)


def _draft(renderer: Renderer, one: Outgoing, reader: Reader) -> Draft:
    """What is said, as it is stored: each kind has some of these, and lacks the others."""
    body = _body(renderer, one, reader)
    if reader.thread is not None and isinstance(one, Say | OpenPoll):
        body["thread"] = reader.thread
    return Draft(
        _KINDS[type(one)],
        reader.place,
        body,
        lane=getattr(one, "lane", Lane.REPLY),
        card=getattr(one, "card", None),
        subject=getattr(one, "subject", None),
        person_id=reader.person_id,
        question=getattr(one, "asks", None),
        live=getattr(one, "live", False),
        not_before=getattr(one, "not_before", None),
        not_after=getattr(one, "not_after", None),
        dedupe_key=getattr(one, "dedupe_key", None),
        failed=reader.failed,
        every=getattr(one, "every", False),
    )


_KINDS: dict[type, str] = {
    Say: "say",
    Edit: "edit",
    Delete: "delete",
    Erase: "erase",
    Pin: "pin",
    OpenPoll: "open_poll",
    StopPoll: "stop_poll",
    Admit: "admit",
    Menu: "menu",
    Ask: "ask",
}


def _body(renderer: Renderer, one: Outgoing, reader: Reader) -> dict[str, Any]:
    language, zone = reader.language, reader.zone
    match one:
        case Say():
            return _say_body(renderer, one, language, zone)
        case Edit():
            body = _edit_body(renderer, one, language, zone)
            if one.live:
                body["live"] = True
            return body if one.card else body | {"message_id": reader.message_id}
        case Delete():
            body = {} if one.card else {"message_id": reader.message_id}
            return body | _receipt(one)
        case Erase():
            body = {"gone": list(one.gone), "late": list(one.late), "html": renderer.html(one.words, language, zone)}
            return body | _receipt(one)
        case OpenPoll():
            below = {"below": renderer.plain(one.below, language, zone)} if one.below is not None else {}
            silent = {"silent": True} if one.silent else {}
            return {"question": one.question, "options": list(one.options), "multiple": one.multiple} | below | silent
        case Menu():
            return {"commands": [[name, renderer.plain(what, language, zone)] for name, what in one.commands or ()]}
        case _:
            return _of_channel(one, reader)


def _edit_body(renderer: Renderer, one: Edit, language: str, zone: str) -> dict[str, Any]:
    return {
        "html": renderer.html(one.body, language, zone),
        "buttons": renderer.buttons(one.buttons, language, zone),
    }


def _of_channel(one: Outgoing, reader: Reader) -> dict[str, Any]:
    """What has no words of ours in it."""
    match one:
        case Admit():
            return {"address": one.address, "accept": one.accept}
        case Ask():
            asked = {"call": one.call.value, "then": one.then, "args": list(one.args), "who": reader.asker}
            return asked | {"about": one.about} if one.about else asked
        case _:
            return {}


def _receipt(one: Say | Delete | Erase) -> dict[str, Any]:
    return {"receipt": list(one.receipt)} if one.receipt else {}


def _say_body(renderer: Renderer, one: Say, language: str, zone: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "html": renderer.html(one.body, language, zone),
        "buttons": renderer.buttons(one.buttons, language, zone),
    }
    if one.silent:
        body["silent"] = True
    if one.protected:
        body["protected"] = True
    if one.media is not None:
        body["media"] = renderer.media(one.media, language, zone)
    return body | _receipt(one)
