"""Where whoever works for the hotline is paged besides the messenger: an e-mail address of her own (rule 9).

It counts once she has entered the code that was mailed to it. What is mailed says no more than a notice in the chat.
"""

import storage.cases
import storage.conversations
import storage.pages
from domain.cases import Deed
from domain.logbook import highest_of
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Mail,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    button,
    paragraphs,
    text,
)
from domain.paging import ASK_AGAIN, Address, is_address
from domain.requests import Request
from handlers import pins
from storage.database import Connection

STEP = "pg.mail"


def door(request: Request) -> list[list[Button]]:
    """The way here, where mail can be sent at all."""
    # NOTE: button. Notices of urgent reports come by e-mail, too.
    return [[button(text("E-mail too"), "pg")]] if request.setup.can_mail else []


async def show(db: Connection, request: Request) -> list[Outgoing]:
    found = await _address(db, request)
    return [Say(_state(found), _choices(found))]


async def _address(db: Connection, request: Request) -> Address | None:
    return (await storage.pages.addresses(db, [request.person.id])).get(request.person.id)


def _state(found: Address | None) -> Body:
    why = text("When a report is urgent, I can write to your e-mail, too. It says only “case 7F3K2M, danger, now”.")
    if found is None:
        return why
    if found.is_confirmed:
        return paragraphs(why, text("✓ Your address: %(address)s", address=found.address))
    return paragraphs(why, text("Not confirmed yet: %(address)s", address=found.address))


def _choices(found: Address | None) -> Keyboard:
    if found is None:
        # NOTE: button. She gives the e-mail address at which she is to be called.
        return [[button(text("Give an address"), "pg.ask")]]
    # NOTE: button. She enters the code that came by e-mail.
    code = [] if found.is_confirmed else [[button(text("Enter the code"), "pg.code")]]
    # NOTE: button. Another e-mail address.
    other = button(text("Another address"), "pg.ask")
    # NOTE: button. Her e-mail address is deleted.
    remove = button(text("Delete it"), "pg.out")
    return [*code, [other], [remove]]


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    _must_mail(request)
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, {}, request.now)
    return [Say(text("Please write me your e-mail address."), [[_no()]], asks=token)]


def _no() -> Button:
    # NOTE: button
    return button(text("Cancel"), "cancel")


def _must_mail(request: Request) -> None:
    if not request.setup.can_mail:
        raise Refused(text("I can't send e-mail here. Whoever runs the bot can set that up."))


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """Her words are the address, or the question stays."""
    _must_mail(request)
    address = request.words.strip()
    if not is_address(address):
        raise Refused(
            text("This does not look like an e-mail address. Please write it once more, like name@example.org.")
        )
    before = await storage.pages.asked_at(db, request.person.id)
    if before is not None and request.now - before < ASK_AGAIN:
        raise Refused(text("I sent a code a moment ago. Please wait a minute, and look among the spam, too."))
    code = storage.pages.new_code()
    await storage.pages.save_address(db, request.person.id, address, code, request.now)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Mail(_code(code), ToPerson(request.person.id)), *await pins.ask_for_code(db, request)]


def _code(code: str) -> Text:
    # NOTE: the whole of an e-mail
    return text("Your code: %(code)s", code=code)


async def enter_code(db: Connection, request: Request) -> list[Outgoing]:
    found = await _address(db, request)
    if found is None or found.is_confirmed:
        return [Edit(_state(found), _choices(found))]
    return await pins.ask_for_code(db, request)


async def remove(db: Connection, request: Request) -> list[Outgoing]:
    if await storage.pages.forget_address(db, request.person.id):
        await storage.cases.log_of_staff(
            db, highest_of(request.roles), Deed.MAIL_REMOVED, request.now, person_id=request.person.id
        )
    return [Edit(paragraphs(text("✓ Your address is deleted."), _state(None)), _choices(None))]
