"""A worker's words to the reporter: only after *Answer* on that case, and a preview. Both sides have other names."""

from datetime import datetime
from typing import Any

import storage.cases
import storage.conversations
import storage.persons
from domain.cases import WORDS_MOST, Case, Deed, Kind, Part, Section, Side, State, about_card
from domain.messages import (
    Delete,
    Edit,
    Keyboard,
    Lane,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import HOTLINE, Role
from domain.triage import may_answer
from domain.writing import units
from handlers.cases import claim, parts
from handlers.cases.notice import with_doors
from handlers.route import not_here
from storage.database import Connection

STEP = "cs.say"
STALE = text("This question is over already. /queue shows your cases.")


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    """*Answer*: what she writes next is shown to her once more before it goes out."""
    case: Case = request.subject
    check(request, case)
    check_heard(case)
    if not may_answer(case):
        raise Refused(SORT_FIRST, buttons=claim.kinds(case))
    draft = {"case": case.id, "seen": await storage.cases.newest_part(db, case)}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    told = text(
        "Please write your answer. You will see it once more before it is sent. To: %(name)s", name=case.reporter.name
    )
    return [Say(told, [[cancel(token)]], asks=token)]


SORT_FIRST = text("Please say first of what kind this report is:")


def check(request: Request, case: Case) -> None:
    """She works on this case now, and may write to the reporter. Raises Refused."""
    if not claim.has(request, case, Section.RELAY) or case.state is not State.TAKEN:
        raise not_here()
    if case.stopped:
        raise Refused(claim.STOPPED)


def check_heard(case: Case) -> None:
    """Whoever reported still hears us. Raises Refused."""
    if not case.has_reporter:
        raise not_here()
    if case.withdrawn_at is not None:
        raise Refused(
            text("The reporter took this report back: nothing more is sent. Is somebody still in danger? Please look.")
        )


def no(token: int) -> Any:
    # NOTE: button
    return button(text("No"), "cs.no", token)


def cancel(token: int) -> Any:
    # NOTE: button
    return button(text("Cancel"), "cs.no", token)


async def drafted_case(db: Connection, request: Request) -> Case:
    """The case that the open question is about, if she still works on it. Raises Refused."""
    case = await storage.cases.seen_by(db, request.conversation.draft["case"], request.person.id)
    if case is None:
        raise not_here()
    check(request, case)
    return case


def words_of(request: Request, most: int) -> str:
    """What she typed, if it can be sent as it is. Raises Refused."""
    if request.incoming.parts or not request.words:
        raise Refused(text("Please answer in words. Files can't be sent to the reporter."))
    if units(request.words) > most:
        raise Refused(
            text(
                "This is too long. It has %(length)s characters; at most %(most)s fit. Please send it in two parts.",
                length=units(request.words),
                most=most,
            )
        )
    return request.words


async def preview(db: Connection, request: Request) -> list[Outgoing]:
    """The words once more. What she typed leaves the chat: the preview is taken back like every copy."""
    case = await drafted_case(db, request)
    words = words_of(request, WORDS_MOST)
    draft = {**request.conversation.draft, "words": words}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    to = text("To: %(name)s", name=case.reporter.name)
    body = paragraphs(to, Words(words), await when_it_goes(db, case, request.now))
    # NOTE: button
    rows: Keyboard = [[button(text("Send"), "cs.send", token), no(token)]]
    return [Delete(), await claim.copy(db, request, case, body, buttons=rows, asks=token)]


async def came_between(db: Connection, request: Request, case: Case, route: str) -> list[Outgoing]:
    """What the reporter wrote or changed while an answer was written (F5): it is shown with the answer before that goes
    out. Empty: nothing came."""
    draft = request.conversation.draft
    new = await storage.cases.parts_after(db, case, draft.get("seen", 0))
    if not any(part.side is Side.REPORTER for part in new):
        return []
    await claim.log(db, request, case, Deed.READ)
    seen = {**draft, "over": False, "seen": await storage.cases.newest_part(db, case)}
    token = await storage.conversations.expect(
        db, request.identity.id, request.conversation, request.conversation.step, seen, request.now
    )
    heading = text("<b>This came while you were writing:</b>")
    bodies = parts.pages_of(case, await storage.cases.parts(db, case), heading, {part.id for part in new})
    said = [await claim.copy(db, request, case, body) for body in bodies]
    mine = parts.said(Part(Side.HELPER, Kind.WORDS, draft["words"], ready=draft.get("ready", "")))
    again = paragraphs(text("To: %(name)s. Send it all the same?", name=case.reporter.name), mine)
    # NOTE: button. Sends an answer although the child wrote something new.
    rows: Keyboard = [[button(text("Send it"), route, token), no(token)]]
    # The older preview loses its buttons.
    gone = Edit(text("Something new came. Please see below."))
    return [gone, *said, await claim.copy(db, request, case, again, buttons=rows, asks=token)]


async def when_it_goes(db: Connection, case: Case, now: datetime) -> Text | None:
    """When her words get there, if not at once."""
    at = await storage.cases.turn_of(db, case, now)
    if at is None:
        return text("It waits until the reporter writes or taps here: that is how the reporter chose it.")
    return (
        None
        if at == now
        else text("It waits until %(when)s: that is when the reporter may be written to.", when=Moment(at))
    )


async def send(db: Connection, request: Request) -> list[Outgoing]:
    """args: token."""
    words = request.conversation.draft.get("words")
    if not is_current(request, STEP) or words is None:
        raise Refused(STALE)
    case = await drafted_case(db, request)
    check_heard(case)
    if between := await came_between(db, request, case, "cs.send"):
        return between
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    part = Part(Side.HELPER, Kind.WORDS, words, at=request.now)
    part_id = await storage.cases.add_part(db, case, part)
    await storage.cases.log(
        db, case.id, claim.role(request, case), Deed.ANSWERED, request.now, person_id=request.person.id, part_id=part_id
    )
    await storage.cases.note_acted(db, case, request.now)
    if why := await unreachable(db, case):
        await storage.cases.log(db, case.id, "clock", Deed.UNDELIVERED, request.now, part_id=part_id)
        return [Edit(not_delivered(case, why)), *await _to_reporter(db, request, case, words, part_id)]
    told = Edit(await on_its_way(db, case, request.now))
    return [told, *await _to_reporter(db, request, case, words, part_id)]


async def on_its_way(db: Connection, case: Case, now: datetime) -> Text:
    """Where words to the reporter are now."""
    at = await storage.cases.turn_of(db, case, now)
    if at is None:
        return text("✓ Queued until the reporter writes or taps. To: %(name)s", name=case.reporter.name)
    if at == now:
        return text("✓ On its way. To: %(name)s", name=case.reporter.name)
    return text("✓ Queued until %(when)s. To: %(name)s", when=Moment(at), name=case.reporter.name)


async def _to_reporter(db: Connection, request: Request, case: Case, words: str, part_id: int) -> list[Outgoing]:
    # NOTE: button
    reply = button(text("Answer"), "my.say", case.id)
    # NOTE: child
    body = paragraphs(text("<b>Helper:</b>"), Words(words))
    receipt = ("cases.delivered", str(case.id), str(part_id))
    return [
        *await storage.cases.say_to_reporter(
            db, case, body, with_doors([[reply]]), request.now, receipt=receipt, protected=True
        )
    ]


async def unreachable(db: Connection, case: Case) -> str | None:
    """Why nothing can be sent to the reporter's account now."""
    accounts = await storage.persons.accounts(db, [case.reporter.identity_id])
    account = accounts.get(case.reporter.identity_id)
    return "removed" if account is None else account.unreachable


def not_delivered(case: Case, why: str) -> Text:
    return text("%(name)s: not delivered: %(why)s", name=case.reporter.name, why=_WHY.get(why, _OTHERWISE))


# NOTE: Why a message did not arrive.
_OTHERWISE = text("the messenger did not take it")
_WHY: dict[str, Text] = {
    # NOTE: Why a message did not arrive: the reader has blocked the bot.
    "blocked": text("blocked"),
    # NOTE: Why a message did not arrive.
    "deactivated": text("the account is gone"),
}


async def note_delivered(db: Connection, request: Request) -> list[Outgoing]:
    """What became of an answer. args: case, part."""
    case = await storage.cases.get(db, int(request.args[0]))
    if case is None:
        return []
    sent, part_id = bool(request.incoming.answer.get("sent")), int(request.args[1])
    await storage.cases.log(
        db, case.id, "clock", Deed.DELIVERED if sent else Deed.UNDELIVERED, request.now, part_id=part_id
    )
    return [] if sent else await _tell_staff(db, request, case)


async def note_lost(db: Connection, request: Request) -> list[Outgoing]:
    """Something confidential that was no answer could not be delivered to this chat. If it is a reporter's, whoever
    works on her open cases must know that she is waiting in vain."""
    incoming = request.incoming
    known = await storage.persons.identify(db, incoming.channel, [incoming.chat or ""], request.now)
    said: list[Outgoing] = []
    for account in known.values():
        for case in await storage.cases.of_reporter(db, account.identity.id):
            if case.state is not State.CLOSED:
                await storage.cases.log(db, case.id, "clock", Deed.UNDELIVERED, request.now)
                said += await _tell_staff(db, request, case)
    return said


async def _tell_staff(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Her worker; without one who can be reached the supervisors, and without them anybody of the hotline."""
    at_work = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    called = [one for one in at_work if one == case.worker_id]
    called = called or await storage.cases.on_call(db, case, frozenset({Role.SUPERVISOR}), request.now) or at_work
    told = not_delivered(case, str(request.incoming.answer.get("why")))
    # Its own receipt: that this was not delivered either must not be told in the same way, in a circle.
    receipt = ("cases.told", str(case.id))
    card = about_card(case)
    return [Say(told, to=ToPerson(one), lane=Lane.CASE, card=card, receipt=receipt) for one in called]


async def note_told(db: Connection, request: Request) -> list[Outgoing]:
    """Whether the staff heard that something was not delivered. args: case."""
    if not request.incoming.answer.get("sent"):
        await storage.cases.log(db, int(request.args[0]), "clock", Deed.UNDELIVERED, request.now)
    return []


async def stop(db: Connection, request: Request) -> list[Outgoing]:
    """*No*, under an answer, a summary, a note or a reason. args: token."""
    if request.conversation.step not in claim.QUESTIONS or request.args[:1] != (str(request.conversation.token),):
        raise Refused(STALE)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Edit(text("Nothing was sent."))]


def is_current(request: Request, step: str) -> bool:
    return request.conversation.step == step and request.args[:1] == (str(request.conversation.token),)
