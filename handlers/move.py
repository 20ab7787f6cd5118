"""/move: the same person on another account or messenger, by a code that is used once (row A10).

What was told in confidence stays with the account it was written on, and offices of the hotline end: both is said
before, in the same words to everybody.
"""

from datetime import timedelta
from functools import partial

import storage.conversations
import storage.merging
import storage.one_time_codes
import storage.persons
from domain.invites import CLASS_CODE, normalised, shown
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Outgoing,
    Say,
    ToIdentity,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.typed_codes import Kind
from handlers import menus, typed_codes
from handlers.route import not_here
from handlers.typed_codes import Door
from storage.database import Connection
from storage.one_time_codes import Purpose

STEP = "mv.take"
_LASTS = timedelta(minutes=10)
_DOOR = Door(
    Kind.MOVE,
    partial(normalised, lengths=(CLASS_CODE,)),
    text("This code does not work. Please get a new one with /move on your other account."),
)


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/move, or /move CODE on the account to go on with."""
    return await take_code(db, request) if request.words else [Say(_what_comes_along(), _doors())]


def _what_comes_along() -> Body:
    return paragraphs(
        text(
            "<b>Go on with another account</b>, here or in another messenger. Your communities, answers and settings "
            "come along, and both accounts are yours from then on."
        ),
        text(
            "What you wrote in confidence stays on the account it was written on. Roles of the hotline and of a "
            "psychologist end: they must be given to you again."
        ),
    )


def _doors() -> Keyboard:
    return [
        # NOTE: button. A code to enter on one's other account.
        [button(text("Get a code"), "mv.code")],
        # NOTE: button. She has a code from her other account.
        [button(text("I have a code"), "mv.have")],
    ]


async def give_code(db: Connection, request: Request) -> list[Outgoing]:
    me = request.person.id
    code = await storage.one_time_codes.make(db, Purpose.MOVE, me, me, request.now, _LASTS)
    told = paragraphs(
        text("Your code: <b>%(code)s</b>", code=Words(shown(code))),
        text("It works once, for 10 minutes. Open me on your other account, send /move and enter it there."),
        text("Give it to nobody: whoever has it can act in your name."),
    )
    return [Edit(told)]


async def ask_code(db: Connection, request: Request) -> list[Outgoing]:
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, {}, request.now)
    asked = text("Please send me the code that you got on your other account.")
    # NOTE: button
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def take_code(db: Connection, request: Request) -> list[Outgoing]:
    """Who belongs here already has something to lose: she is asked whether the other account is hers, too."""
    if not request.memberships:
        return await _take(db, request, request.words)
    works = partial(storage.one_time_codes.works_for, db, Purpose.MOVE, person_id=request.person.id, now=request.now)
    code = await typed_codes.opened(db, request, _DOOR, request.words, works)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    asked = text(
        "You are known here on this account, too. Are both accounts yours? If somebody else gave you this code, tap "
        "Cancel: that person would read and do everything in your name."
    )
    # NOTE: button. Two accounts belong to the person who reads this.
    return [Say(asked, [[button(text("Both are mine"), "mv.both", code)], [button(text("Cancel"), "home")]])]


async def take_for_both(db: Connection, request: Request) -> list[Outgoing]:
    """args: the code."""
    return await _take(db, request, request.args[0] if request.args else "")


async def _take(db: Connection, request: Request, typed: str) -> list[Outgoing]:
    """A code of her other account: both are one person from now on."""
    take = partial(storage.one_time_codes.take, db, Purpose.MOVE, person_id=request.person.id, now=request.now)
    taken = await typed_codes.opened(db, request, _DOOR, typed, take)
    others = await storage.persons.identities(db, taken.person_id)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    me = await storage.merging.merge(db, request.person.id, taken.person_id)
    await storage.merging.choose(db, request.identity.id, request.now)
    # NOTE: button. Somebody else took over; this account is separated from hers again.
    undo = [[button(text("It was not me"), "mv.out", request.identity.id)]]
    noticed = text("Your code was used: another account is yours from now on, and messages come there.")
    # NOTE: button
    onward = [[button(text("Show what you can do"), "home")]]
    return [
        Say(text("✓ Done. All that is yours is here from now on, too."), onward),
        await menus.menu_of(db, request, me),
        *(Say(noticed, undo, to=ToIdentity(one)) for one in others),
    ]


async def separate(db: Connection, request: Request) -> list[Outgoing]:
    """args: another account of hers, which is not hers after all."""
    if not await storage.merging.part(db, request.number(0), request.person.id, request.identity.id):
        raise not_here()
    return [Edit(text("✓ That account is yours no more. Whoever uses it sees nothing of yours."))]
