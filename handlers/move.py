"""/move: the same person on another account or messenger, by a code that is used once (row A10).

A code alone joins nothing: the account that made it is asked. Where one of both was nobody here, the other one may
separate it again; where both had something to lose, each has said yes and neither throws out the other.

What was told in confidence stays with the account it was written on, and offices of the hotline end: both is said
before, in the same words to everybody.
"""

from collections.abc import Sequence
from dataclasses import replace
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
    Refused,
    Say,
    Toast,
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
_QUESTION = replace(_DOOR, no_such=text("This is over already. Please begin again: /move"))


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


async def check_settled(db: Connection, request: Request, identity_id: int | None = None) -> None:
    """Whoever got in by mistake can be separated again, for a day before anything is done for good. Raises Refused."""
    if await storage.merging.is_new(db, request.person.id, request.now, identity_id):
        raise Refused(
            text("An account came along only today. Please do this tomorrow, or separate that account first.")
        )


async def give_code(db: Connection, request: Request) -> list[Outgoing]:
    await check_settled(db, request)
    me = request.person.id
    code = await storage.one_time_codes.make(db, Purpose.MOVE, me, me, request.now, _LASTS)
    told = paragraphs(
        text("Your code: <b>%(code)s</b>", code=Words(shown(code))),
        text("It works once, for 10 minutes. Open me on your other account, send /move and enter it there."),
        text("Then I ask here whether the other account is yours, too."),
    )
    return [Edit(told)]


# --- on the other account ---------------------------------------------------------------------------------------------


async def ask_code(db: Connection, request: Request) -> list[Outgoing]:
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, {}, request.now)
    asked = text("Please send me the code that you got on your other account.")
    # NOTE: button
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def take_code(db: Connection, request: Request) -> list[Outgoing]:
    """Who belongs here already has something to lose: she is asked whether the other account is hers, too."""
    if not request.memberships:
        return await _ask_maker(db, request, request.words)
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
    return await _ask_maker(db, request, request.args[0] if request.args else "")


async def _ask_maker(db: Connection, request: Request, typed: str) -> list[Outgoing]:
    """A code alone joins nothing: whoever made it says on that account whether this one is hers, too."""
    await check_settled(db, request)
    me = request.person.id
    take = partial(storage.one_time_codes.take, db, Purpose.MOVE, person_id=me, now=request.now)
    taken = await typed_codes.opened(db, request, _DOOR, typed, take)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    code = await storage.one_time_codes.make(db, Purpose.BOTH, me, taken.person_id, request.now, _LASTS)
    asked = text(
        "Your code was entered on another account. Is that one yours, too? Whoever uses it would read and do "
        "everything in your name."
    )
    answers: Keyboard = [
        [
            # NOTE: button. The other account belongs to the person who reads this.
            button(text("Yes, it is mine"), "mv.yes", code, request.identity.id),
            # NOTE: button
            button(text("No"), "mv.no", code, request.identity.id),
        ]
    ]
    told = text("✓ The code is right. Now please say yes on your other account, within 10 minutes: I have asked there.")
    makers = await storage.persons.identities(db, taken.person_id)
    # A button works once, too: its question is answered in its place.
    answered = Edit(told) if request.incoming.press else Say(told)
    return [answered, *(Say(asked, answers, to=ToIdentity(one)) for one in makers)]


# --- and back on the first one ----------------------------------------------------------------------------------------


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    """args: the code of the question, the account that asked. Both are one person from now on."""
    if request.number(1) in await storage.persons.identities(db, request.person.id):  # a second tap
        return [Toast(_BOTH_ARE_YOURS)]
    await check_settled(db, request)
    other, identity_id = await _asked(db, request)
    mine, hers = [await storage.persons.identities(db, one) for one in (request.person.id, other)]
    came = await _who_comes_along(db, request, other, mine, hers)
    me = await storage.merging.merge(db, request.person.id, other)
    await storage.merging.came_along(db, came, request.now)
    noticed = text("Another account is yours from now on, and messages come there.")
    # NOTE: button
    onward = [[button(text("Show what you can do"), "home")]]
    return [
        Edit(_BOTH_ARE_YOURS, _undo(request.identity.id, came)),
        Say(
            text("✓ Done. All that is yours is here from now on, too."),
            [*_undo(identity_id, came), *onward],
            to=ToIdentity(identity_id),
        ),
        await menus.menu_of(db, request, me),
        *(
            Say(noticed, _undo(one, came), to=ToIdentity(one))
            for one in [*mine, *hers]
            if one not in (request.identity.id, identity_id)
        ),
    ]


_BOTH_ARE_YOURS = text("✓ Done. Both accounts are yours.")


async def _asked(db: Connection, request: Request) -> tuple[int, int]:
    """Who asked whether the accounts are one person's, and on which of hers. Raises Refused."""
    take = partial(storage.one_time_codes.take, db, Purpose.BOTH, person_id=request.person.id, now=request.now)
    taken = await typed_codes.opened(db, request, _QUESTION, request.args[0] if request.args else "", take)
    identity_id = request.number(1)
    if taken.made_by != request.person.id or identity_id not in await storage.persons.identities(db, taken.person_id):
        raise not_here()
    return taken.person_id, identity_id


async def _who_comes_along(
    db: Connection, request: Request, other: int, mine: Sequence[int], hers: Sequence[int]
) -> Sequence[int]:
    """The accounts of whoever was nobody here yet. Where both had something to lose all come at the same moment, and
    neither throws out the other."""
    if not await storage.persons.held_by(db, other, request.now):
        return hers
    return [*mine, *hers] if request.memberships else mine


def _undo(reader: int, came: Sequence[int]) -> Keyboard:
    """For whoever was here before."""
    if reader in came:
        return []
    # NOTE: button. Somebody else took over; this account is separated from hers again.
    return [[button(text("It was not me"), "mv.out", one)] for one in came]


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    """args: the code of the question, the account that asked."""
    _, identity_id = await _asked(db, request)
    told = text("On the other account the answer was no. Nothing has changed.")
    return [
        Edit(text("✓ Nothing has changed, and the code works no more.")),
        Say(told, to=ToIdentity(identity_id)),
    ]


async def separate(db: Connection, request: Request) -> list[Outgoing]:
    """args: another account of hers, which is not hers after all."""
    stranger = await storage.merging.part(db, request.number(0), request.person.id, request.identity.id)
    if stranger is None:
        raise not_here()
    told = text("This account was separated from the other one. Nothing of it is here any more.")
    return [
        Edit(text("✓ That account is yours no more. Whoever uses it sees nothing of yours.")),
        Say(told, to=ToIdentity(request.number(0))),
        await menus.menu_of(db, request, stranger),
    ]
