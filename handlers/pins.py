"""The keypad: whoever holds an office proves herself by her PIN before anything confidential opens (rule 18).

What she tapped or wrote while it was locked is kept sealed with the keypad, and goes on by itself after the right PIN.
Nothing here knows what that was about: it is asked before any case is looked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import storage.cases
import storage.communities
import storage.pages
import storage.pins
from domain.cases import Deed
from domain.logbook import highest_of
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Lane,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
    text_n,
)
from domain.pins import (
    KEPT_MOST,
    LONGEST,
    OVER,
    SHORTEST,
    WORDS_KEPT_MOST,
    Keypad,
    Purpose,
    is_weak,
    left,
)
from domain.requests import Incoming, Kind, Part, Request
from domain.roles import PROVEN, Role
from domain.times import maybe_time, maybe_us
from handlers.route import not_here
from storage.database import Connection

ROUTE = "pin"
_OK, _BACK = "ok", "del"
_ROWS = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (_BACK, "0", _OK))
_LABELS = {_BACK: "⌫", _OK: "✓"}

_QUESTIONS: dict[Purpose, Text] = {
    Purpose.ENTER: text("Please enter your PIN."),
    Purpose.CHOOSE: text("Please choose a PIN of 4 to 6 digits. It opens your work for the hotline on this phone."),
    Purpose.REPEAT: text("Please enter it once more."),
    Purpose.MAIL: text("Please enter the 6 digits of the e-mail."),
}
_ENDS: dict[Purpose, Text] = {
    Purpose.CHOSEN: text("✓ Your PIN is set. I ask for it when a shift begins, and after 20 minutes without a tap."),
    Purpose.MAILED: text("✓ From now on I call you by e-mail, too, when a report is urgent."),
}
_NO_LONGER = text("These keys no longer work. Please use the newest ones, or begin again with /home.")


_TYPED = text("Please tap the PIN on the keypad. I delete what you typed.")


def card_of(pad: Keypad) -> str:
    return f"keypad:{pad.token}"


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """The answer to everything while it is locked. What was asked for is kept, but for a PIN that was typed. A keypad
    that stands already moves down to here, empty; whoever taps faster than it moves has tapped the same keys."""
    if _looks_like_one(request.incoming):
        return [Delete(), Say(_TYPED), *await _ask(db, request, None)]
    return await _ask(db, request, request.incoming)


async def _ask(db: Connection, request: Request, wanted: Incoming | None) -> list[Outgoing]:
    before = await storage.pins.keypad(db, request.identity.id)
    waits = before.kept if before else ()
    kept = _with(before, wanted) if wanted else waits or (_kept(_home(request.incoming)),)
    lock = await storage.pins.lock_of(db, request.person.id)
    is_same = before is not None and before.asks_for_pin(is_chosen=lock.is_chosen)
    token = before.token if before is not None and is_same else storage.pins.new_token()
    purpose = Purpose.ENTER if lock.is_chosen else Purpose.CHOOSE
    pad = Keypad(token, purpose, kept=kept)
    if lock.is_shut(request.now) and lock.locked_until is not None:
        return await _bring(db, request, before, pad, _shut_until(lock.locked_until))
    return await _bring(db, request, before, pad, _shown(pad))


async def take_typed(db: Connection, request: Request) -> list[Outgoing] | None:
    """The answer to a PIN among words that nobody waits for, on an account that is locked; None: it is none."""
    if not request.roles & PROVEN or not _looks_like_one(request.incoming):
        return None
    if await storage.pins.is_unlocked(db, request.person.id, request.identity.id, request.now):
        return None
    return await ask(db, request)


def _looks_like_one(incoming: Incoming) -> bool:
    typed = incoming.words.strip()
    is_new = incoming.kind is Kind.WORDS and not incoming.edited and not incoming.parts
    return is_new and typed.isdecimal() and SHORTEST <= len(typed) <= LONGEST


def _home(incoming: Incoming) -> Incoming:
    """What goes on after a PIN that was typed, when nothing else waits."""
    return replace(incoming, kind=Kind.COMMAND, command="home", words="")


async def ask_for_code(db: Connection, request: Request) -> list[Outgoing]:
    """The keypad for a code that was mailed to her."""
    before = await storage.pins.keypad(db, request.identity.id)
    pad = Keypad(storage.pins.new_token(), Purpose.MAIL)
    return await _bring(db, request, before, pad, _shown(pad))


async def _bring(db: Connection, request: Request, before: Keypad | None, pad: Keypad, shown: Body) -> list[Outgoing]:
    """The keypad as the newest message of the chat, and the only one."""
    await storage.pins.save_keypad(db, request.person.id, request.identity.id, pad, request.now)
    gone = [] if before is None or before.purpose in OVER else [Delete(card_of(before))]
    return [*gone, Say(shown, _keys(pad), card=card_of(pad))]


def _shown(pad: Keypad, problem: Body | None = None) -> Body:
    return paragraphs(problem, _QUESTIONS[pad.purpose], Words("●" * len(pad.digits) or "–"))


def _keys(pad: Keypad) -> Keyboard:
    return [[button(Words(_LABELS.get(key, key)), ROUTE, pad.token, key) for key in row] for row in _ROWS]


def _shut_until(until: datetime) -> Text:
    return text(
        "Too many wrong tries. Please try again after %(time)s. What you had begun is kept.",
        time=Moment(until, show="time"),
    )


# --- what waits for it ------------------------------------------------------------------------------------------------


def _with(pad: Keypad | None, incoming: Incoming) -> tuple[Mapping[str, Any], ...]:
    """Every word is kept; of taps and commands only the last one goes on. Words after words are one message, as they
    answer one question."""
    before = [one for one in (pad.kept if pad else ()) if one["kind"] == Kind.WORDS]
    new = _kept(incoming)
    last = before[-1] if before else None
    together = f"{last['words']}\n{new['words']}" if last else ""
    if last and new["kind"] == Kind.WORDS and not new["parts"] and not last["parts"]:
        if len(together) > WORDS_KEPT_MOST:
            raise Refused(text("This is as much as I can keep now. Please enter your PIN first, and send it again."))
        return (*before[:-1], {**last, "words": together})
    return (*before, new)[-KEPT_MOST:]


def _kept(incoming: Incoming) -> dict[str, Any]:
    return {
        "kind": incoming.kind.value,
        "command": incoming.command,
        "words": incoming.words,
        "press": incoming.press,
        "message": incoming.message_id,
        "at": maybe_us(incoming.sent_at),
        "parts": [[part.kind, part.file_id, part.size, part.name, part.mime] for part in incoming.parts],
    }


def _unkept(stored: Mapping[str, Any], incoming: Incoming) -> Incoming:
    """What was kept, as if it came now, from the same account."""
    return replace(
        incoming,
        kind=Kind(stored["kind"]),
        command=stored["command"],
        words=stored["words"],
        press=stored["press"],
        message_id=stored["message"],
        sent_at=maybe_time(stored["at"]),
        parts=tuple(Part(*part) for part in stored["parts"]),
        query_id=None,
        reply_to=None,
    )


async def resumed(db: Connection, request: Request) -> Sequence[Incoming]:
    """What goes on now, once: after the right PIN, all that was asked for before it."""
    pad = await storage.pins.keypad(db, request.identity.id)
    if pad is None or pad.purpose not in OVER or not pad.kept:
        return ()
    await storage.pins.save_keypad(db, request.person.id, request.identity.id, replace(pad, kept=()), request.now)
    return [_unkept(one, request.incoming) for one in pad.kept]


# --- the keys ---------------------------------------------------------------------------------------------------------


async def press(db: Connection, request: Request) -> list[Outgoing]:
    """One key. args: the keypad's token, the key. The card shows how many digits there are, and never which."""
    pad = await storage.pins.keypad(db, request.identity.id)
    token, key = (*request.args, "", "")[:2]
    if pad is None or str(pad.token) != token:
        return [Edit(_NO_LONGER)]
    if pad.purpose in OVER:
        return [_ended(pad)]
    if key == _OK:
        return await _ok(db, request, pad)
    if not any(key in row for row in _ROWS):
        raise not_here()
    digits = pad.digits[:-1] if key == _BACK else (pad.digits + key)[:LONGEST]
    return await _show(db, request, replace(pad, digits=digits)) if digits != pad.digits else []


def _ended(pad: Keypad, card: str | None = None) -> Edit:
    """What its card says when all is entered; without `card`, the card that was tapped once more, or a copy of it."""
    return Edit(_ENDS.get(pad.purpose, _NO_LONGER), card=card)


async def _show(db: Connection, request: Request, pad: Keypad, problem: Body | None = None) -> list[Outgoing]:
    await storage.pins.save_keypad(db, request.person.id, request.identity.id, pad, request.now)
    return [Edit(_shown(pad, problem), _keys(pad), card=card_of(pad))]


async def _ok(db: Connection, request: Request, pad: Keypad) -> list[Outgoing]:
    if len(pad.digits) < SHORTEST:
        return [Toast(text("It has at least 4 digits."))]
    match pad.purpose:
        case Purpose.CHOOSE:
            return await _choose(db, request, pad)
        case Purpose.REPEAT:
            return await _repeat(db, request, pad)
        case Purpose.MAIL:
            return await _confirm_address(db, request, pad)
        case _:
            return await _enter(db, request, pad)


async def _enter(db: Connection, request: Request, pad: Keypad) -> list[Outgoing]:
    lock = await storage.pins.lock_of(db, request.person.id)
    if lock.is_shut(request.now) and lock.locked_until is not None:
        return await _shut(db, request, pad, lock.locked_until)
    if await storage.pins.is_right(db, request.person.id, pad.digits):
        await _open(db, request, pad, Purpose.OPENED)
        return [Delete(card_of(pad))]
    wrong, until = await storage.pins.note_wrong(db, request.person.id, request.now)
    if until is None:
        problem = text_n(
            "That was not your PIN. %(n)s try is left.", "That was not your PIN. %(n)s tries are left.", left(wrong)
        )
        return await _show(db, request, replace(pad, digits=""), problem)
    await storage.cases.log_of_staff(
        db, highest_of(request.roles), Deed.LOCKED_OUT, request.now, person_id=request.person.id
    )
    return [*await _shut(db, request, pad, until), *await _tell_supervisors(db, request)]


async def _open(db: Connection, request: Request, pad: Keypad, how: Purpose) -> Keypad:
    await storage.pins.unlock(db, request.person.id, request.identity.id, request.now)
    return await _end(db, request, pad, how)


async def _end(db: Connection, request: Request, pad: Keypad, how: Purpose) -> Keypad:
    """Nothing more is entered on it. It stays known for a while: its last key may be tapped twice."""
    over = replace(pad, purpose=how, digits="", first="")
    await storage.pins.save_keypad(db, request.person.id, request.identity.id, over, request.now)
    return over


async def _shut(db: Connection, request: Request, pad: Keypad, until: datetime) -> list[Outgoing]:
    emptied = replace(pad, digits="")
    await storage.pins.save_keypad(db, request.person.id, request.identity.id, emptied, request.now)
    return [Edit(_shut_until(until), _keys(emptied), card=card_of(pad))]


async def _tell_supervisors(db: Connection, request: Request) -> list[Outgoing]:
    """Those of each community in which she holds an office, and above it."""
    supervisors, name = set(), None
    for place in await storage.communities.offices_of(db, request.person.id):
        name = name or await storage.communities.known_as(db, request.person.id, place.path)
        along = await storage.communities.along(db, place.path, request.now, frozenset({Role.SUPERVISOR}))
        supervisors |= {member.person_id for _, member in along}
    told = text("Somebody entered a wrong PIN five times on the account of: %(name)s", name=name or "?")
    return [Say(told, to=ToPerson(one), lane=Lane.CASE) for one in sorted(supervisors - {request.person.id})]


# --- choosing one -----------------------------------------------------------------------------------------------------


async def _choose(db: Connection, request: Request, pad: Keypad) -> list[Outgoing]:
    if is_weak(pad.digits):
        problem = text("Others would guess this one quickly. Please take another.")
        return await _show(db, request, replace(pad, digits=""), problem)
    return await _show(db, request, replace(pad, purpose=Purpose.REPEAT, first=pad.digits, digits=""))


async def _repeat(db: Connection, request: Request, pad: Keypad) -> list[Outgoing]:
    if pad.digits != pad.first:
        again = replace(pad, purpose=Purpose.CHOOSE, first="", digits="")
        return await _show(db, request, again, text("The two were not the same. Let us try again."))
    if (await storage.pins.lock_of(db, request.person.id)).is_chosen:  # meanwhile, on another account of hers
        raise Refused(text("You have chosen a PIN already. Please begin again with /home."))
    await storage.pins.save(db, request.person.id, pad.first)
    await storage.cases.log_of_staff(
        db, highest_of(request.roles), Deed.PIN_CHOSEN, request.now, person_id=request.person.id
    )
    chosen = await _open(db, request, pad, Purpose.CHOSEN)
    return [_ended(chosen, card_of(chosen))]


# --- the code of an e-mail --------------------------------------------------------------------------------------------


async def _confirm_address(db: Connection, request: Request, pad: Keypad) -> list[Outgoing]:
    is_right = await storage.pages.confirm(db, request.person.id, pad.digits, request.now)
    if is_right is False:
        return await _show(db, request, replace(pad, digits=""), text("That was not the code."))
    if is_right is None:
        # NOTE: button. Shows where somebody is called by e-mail.
        again = [[button(text("E-mail too"), "pg")]]
        return [Edit(text("This code no longer works. Please give the address once more."), again, card=card_of(pad))]
    await storage.cases.log_of_staff(
        db, highest_of(request.roles), Deed.MAIL_SAVED, request.now, person_id=request.person.id
    )
    mailed = await _end(db, request, pad, Purpose.MAILED)
    return [_ended(mailed, card_of(mailed))]
