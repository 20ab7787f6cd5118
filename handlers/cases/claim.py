"""The queue, and who takes a case: of two at once exactly one. Its content is shown to its worker and the supervisor
alone, in private, protected; every view is in the log, and every copy is taken back after a day (jobs.cases)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import storage.cases
import storage.conversations
from domain.asking_for_help import danger_button
from domain.cases import (
    QUEUE_CARD,
    Case,
    Deed,
    Desk,
    Kept,
    Kind,
    Part,
    Risk,
    Section,
    Side,
    State,
    about_card,
    may,
    may_take,
    media_of,
    notice,
    number_of,
    page_card,
)
from domain.concerns import CONCERNS
from domain.logbook import highest_of
from domain.messages import (
    Asker,
    Body,
    Button,
    Delete,
    Edit,
    Keyboard,
    Lane,
    Outgoing,
    Refused,
    Say,
    Text,
    ToIdentity,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import HOTLINE, Role
from domain.second_person import Ask, Matter, may_decide
from domain.triage import is_sorted, may_answer
from handlers import paging
from handlers.cases import canary, files, parts, wanted
from handlers.cases.open import call_staff
from handlers.route import Route, not_here
from storage.cases import card_of
from storage.database import Connection

_QUEUE_SHOWS = 20
_PAGES_MOST = 1_000
_MEDIA_BUTTONS = 40

NO_SUCH = text("I can't show you a case with this number. Yours: /queue")
TAKEN = text("This case is taken. /queue shows what waits.")


async def load(db: Connection, case_id: int, person_id: int) -> Case | None:
    """A case as somebody of the staff may know of it. Who is excluded hears what a stranger hears."""
    return await storage.cases.seen_by(db, case_id, person_id)


def kept_together(route: Route) -> Route:
    """A route about a case, whose words to the staff carry the case's card: nothing of it remains in the chat of
    somebody who is kept out of it."""

    async def handle(db: Connection, request: Request) -> list[Outgoing]:
        case: Case = request.subject
        return [_carded(one, case) for one in await route.handler(db, request)]

    return replace(route, handler=handle)


def _carded(one: Outgoing, case: Case) -> Outgoing:
    is_staffs = isinstance(one, Say) and one.card is None and isinstance(one.to, Asker | ToPerson)
    return replace(one, card=about_card(case)) if is_staffs else one  # type: ignore[arg-type]


def roles(request: Request, case: Case) -> frozenset[Role]:
    return request.standing(case.community.path).leads


def has(request: Request, case: Case, section: Section) -> bool:
    return may(section, case, request.person.id, request.standing(case.community.path))


def role(request: Request, case: Case) -> str:
    """How the log names her."""
    held = roles(request, case)
    return next((one for one in _AS if one in held), Role.WORKER).value


_AS = (Role.SUPERVISOR, Role.WORKER, Role.CUSTODIAN, Role.AUDITOR, Role.PSYCHOLOGIST)


async def log(db: Connection, request: Request, case: Case, deed: Deed) -> None:
    """An entry of hers in the log of the case."""
    await storage.cases.log(db, case.id, role(request, case), deed, request.now, person_id=request.person.id)


# What somebody of the staff writes about a case.
QUESTIONS = ("cs.say", "cs.close", "cs.note", "cs.who")


async def end_question(db: Connection, request: Request) -> None:
    """She opens another screen: what she types from now on is no answer to a question that stands above it. What she
    has written and seen once more stays, and can still be sent."""
    conversation = request.conversation
    if conversation.step not in QUESTIONS:
        return
    if "words" in conversation.draft:
        draft = {**conversation.draft, "over": True}
        await storage.conversations.keep(db, request.identity.id, conversation, draft, request.now)
    else:
        await storage.conversations.forget(db, request.identity.id, conversation, request.now)


# --- the queue --------------------------------------------------------------------------------------------------------


async def show_queue(db: Connection, request: Request) -> list[Outgoing]:
    """What waits, by risk and age, and what she works on: numbers, risks, minutes, nothing else."""
    return [Say(*await _queue(db, request, 0), card=QUEUE_CARD)]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: page."""
    return [Edit(*await _queue(db, request, min(request.number(0), _PAGES_MOST)))]


async def _queue(db: Connection, request: Request, page: int) -> tuple[Body, Keyboard]:
    await end_question(db, request)
    held = highest_of(request.roles)
    await storage.cases.log(db, None, held, Deed.LISTED, request.now, person_id=request.person.id)
    found = await storage.cases.queue(
        db, request.person.id, request.now, most=_QUEUE_SHOWS + 1, skip=page * _QUEUE_SHOWS
    )
    cases, goes_on = found[:_QUEUE_SHOWS], len(found) > _QUEUE_SHOWS
    if not found and not page:
        return text("Nothing waits."), paging.door(request)
    names = await _names(db, [case for case in cases if supervises(request, case)])
    listed = [_line(case, request.now, request.person.id, names.get(case.id)) for case in cases]
    rows = [
        *([_door(case, request)] for case in cases),
        *pager("cs.queue", page, goes_on=goes_on),
        *paging.door(request),
    ]
    return paragraphs(text("<b>Queue</b>"), lines(*listed)), rows


def pager(route: str, page: int, *args: int, goes_on: bool) -> Keyboard:
    """The way to the page before and to the next one, where there is any."""
    # NOTE: button. The page before this one.
    back = [button(text("Back"), route, *args, page - 1)] if page else []
    # NOTE: button. The next page of a list.
    ahead = [button(text("Next"), route, *args, page + 1)] if goes_on else []
    return [[*back, *ahead]] if back or ahead else []


async def _names(db: Connection, cases: Sequence[Case]) -> dict[int, str]:
    """How those who work on these cases are known among the staff, by the case."""
    return {case.id: await author(db, case, case.worker_id) for case in cases if case.worker_id is not None}


def _line(case: Case, now: datetime, person_id: int, name: str | None = None) -> Text:
    """How a case stands, as one of the staff may know it; by whom it is taken is for the supervisor."""
    if case.state is State.NEW:
        return notice(case, now)
    if case.worker_id == person_id:
        return text("case %(number)s: yours", number=Words(case.number))
    if name:
        return text("case %(number)s: taken by %(name)s", number=Words(case.number), name=name)
    return text("case %(number)s: taken", number=Words(case.number))


def _door(case: Case, _request: Request) -> Button:
    if case.state is State.NEW:
        # NOTE: button. A helper takes the report with this number.
        return button(text("Take %(number)s", number=Words(case.number)), "cs.take", case.id)
    # NOTE: button. Opens the report with this number.
    return button(text("Open %(number)s", number=Words(case.number)), "cs", case.id)


async def by_number(db: Connection, request: Request) -> list[Outgoing]:
    """/case NUMBER. A number that doesn't exist and a case that isn't for her sound the same."""
    if not request.words:
        return await show_queue(db, request)
    number = number_of(request.words)
    case = await storage.cases.numbered(db, number, request.person.id) if number else None
    if case is None:
        raise Refused(NO_SUCH)
    await storage.cases.log(db, case.id, role(request, case), Deed.SEARCHED, request.now, person_id=request.person.id)
    return await _show(db, request, case, Refused(NO_SUCH))


async def open_one(db: Connection, request: Request) -> list[Outgoing]:
    case: Case = request.subject
    return await _show(db, request, case, not_here())


async def _show(db: Connection, request: Request, case: Case, otherwise: Refused) -> list[Outgoing]:
    if has(request, case, Section.FACTS):
        return await show_content(db, request, case)
    if case.state is State.NEW and may_take(case, roles(request, case)):
        return [Say(notice(case, request.now), [[_door(case, request)]], card=about_card(case))]
    if case.state is State.TAKEN and case.desk is Desk.WORKERS:
        raise Refused(TAKEN)
    raise otherwise


# --- taking, stepping aside -------------------------------------------------------------------------------------------


async def take(db: Connection, request: Request) -> list[Outgoing]:
    """The case is hers, if she is first. The reporter hears that somebody reads it."""
    case: Case = request.subject
    if case.worker_id == request.person.id and case.state is State.TAKEN:
        return await show_content(db, request, case)
    if not may_take(case, roles(request, case)):
        raise not_here()
    if not await storage.cases.take(db, case, request.person.id):
        raise Refused(TAKEN)
    await log(db, request, case, Deed.CLAIMED)
    if supervises(request, case) and await storage.cases.resume_relay(db, case):
        await log(db, request, case, Deed.RESUMED)
    mine = await storage.cases.get(db, case.id)
    if mine is None:
        raise LookupError("a case that was just taken")
    if mine.is_test:
        return [await canary.thank(db, request, mine), *await _shown_as_taken(db, request, mine)]
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("A helper is reading report %(number)s now. The answer will come here.", number=Words(case.number))
    ways = [[_write(case)], [danger_button()]]
    to_reporter = await storage.cases.say_to_reporter(db, mine, told, ways, request.now, passing=True)
    taken = Say(text("✓ Case %(number)s is yours.", number=Words(case.number)))
    return [taken, *await show_content(db, request, mine), *to_reporter, *await _shown_as_taken(db, request, mine)]


async def _shown_as_taken(db: Connection, request: Request, case: Case) -> list[Edit]:
    """The notices that called for somebody say that the case is taken, and by whom only to its worker."""
    called = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    return [
        Edit(_line(case, request.now, one), card=page_card(case), to=ToPerson(one), lane=Lane.CASE) for one in called
    ]


def _write(case: Case) -> Button:
    return button(text("Write to the helper"), "my.say", case.id)


def take_back(copies: Sequence[storage.cases.Copy]) -> list[Delete]:
    """Copies leave the chats they stand in; what became of it is told to jobs.cases by a receipt."""
    return [
        Delete(copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE, receipt=("cases.removed", str(copy.id)))
        for copy in copies
    ]


async def take_from_worker(db: Connection, case: Case) -> list[Outgoing]:
    """It is hers no more: what she was shown of it leaves her chat."""
    return [*take_back([copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == case.worker_id])]


# --- what is in it ----------------------------------------------------------------------------------------------------


async def show_content(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    """Everything written so far, protected, logged; files only as buttons."""
    await end_question(db, request)
    found = await storage.cases.parts(db, case)
    asks = await storage.cases.asks_open(db, case)
    await log(db, request, case, Deed.READ)
    days = await storage.cases.days_kept(db, case)
    bodies = parts.pages(case, found, await _written(db, request, case), await _beside(db, request, case, asks), days)
    said = [await copy(db, request, case, body) for body in bodies[:-1]]
    rows = [*_media_doors(case, found), *doors(request, case), *_second_doors(request, case, asks)]
    return [*said, await copy(db, request, case, bodies[-1], buttons=rows)]


async def _written(db: Connection, request: Request, case: Case) -> list[parts.Written]:
    """The notes of the staff, for whoever may read them."""
    if not has(request, case, Section.NOTES):
        return []
    return [parts.Written(note, await author(db, case, note.author_id)) for note in await storage.cases.notes(db, case)]


async def author(db: Connection, case: Case, person_id: int) -> str:
    return await storage.communities.known_as(db, person_id, case.community.path) or "?"


async def _beside(db: Connection, request: Request, case: Case, asks: Sequence[Ask]) -> list[Body]:
    """What belongs to the case and was written by nobody in it: other cases of one event, what a second person is asked
    for."""
    same = await storage.cases.of_same_event(db, case, request.person.id)
    numbers = Words(", ".join(number for _, number in same))
    told: list[Body] = [text("Same event: %(numbers)s", numbers=numbers)] if same else []
    stopped: list[Body] = [STOPPED] if case.stopped else []
    return [*told, *stopped, *(wanted.wanted(case, ask) for ask in asks if ask.matter in _WITH_THE_CASE)]


# What is judged with the whole case before one's eyes; about the name one judges by the reason alone.
_WITH_THE_CASE = (Matter.CLOSING, Matter.LOWERING)


def supervises(request: Request, case: Case) -> bool:
    return Role.SUPERVISOR in roles(request, case)


def _second_doors(request: Request, case: Case, asks: Sequence[Ask]) -> Keyboard:
    held = roles(request, case)
    return [
        wanted.doors(case, ask)
        for ask in asks
        if ask.matter in _WITH_THE_CASE and may_decide(ask, request.person.id, held)
    ]


async def copy(
    db: Connection,
    request: Request,
    case: Case,
    body: Body,
    *,
    buttons: Keyboard = (),
    part: Part | None = None,
    asks: int | None = None,
) -> Say:
    """Something of a case in the asker's own chat: protected, and known, so that it can be taken back."""
    copy_id = await storage.cases.note_copy(
        db, case, request.person.id, request.identity.id, request.now, part.id if part else None
    )
    return Say(
        body,
        buttons,
        to=ToIdentity(request.identity.id),
        card=card_of(copy_id),
        lane=Lane.CASE,
        protected=True,
        media=media_of(part) if part else None,
        asks=asks,
    )


def _media_doors(case: Case, found: Sequence[Part]) -> Keyboard:
    numbers = parts.numbered(found)
    return [
        # NOTE: button. Shows a helper one photo, voice message or video: "Show: photo 2".
        [
            button(
                text("Show: %(kind)s %(number)s", kind=parts.KINDS[part.kind], number=numbers[part.id]),
                "cs.show",
                case.id,
                part.id,
            )
        ]
        for part in parts.with_files(found)
        if not part.sealed and part.kept is not Kept.LOST
    ][-_MEDIA_BUTTONS:]


def doors(request: Request, case: Case) -> Keyboard:
    """What can be done about a case: first of what kind it is and how urgent (F8), in danger the answer before it."""
    rows: list[list[Button]] = []
    works = has(request, case, Section.RELAY) and case.state is State.TAKEN
    # NOTE: button. A helper writes to the child.
    answer = button(text("Answer"), "cs.say", case.id)
    # NOTE: button. A helper closes a report.
    close = button(text("Close"), "cs.close", case.id)
    if case.state is State.NEW and has(request, case, Section.FACTS) and may_take(case, roles(request, case)):
        rows.append([_door(case, request)])
    if works and may_answer(case) and not case.stopped:
        writes = [answer] if case.has_reporter else []
        rows += [[*writes, close]] if is_sorted(case) else [writes] if writes else []
    if works and not is_sorted(case):
        rows += kinds(case)
    if case.stopped and supervises(request, case):
        # NOTE: button. A supervisor lets a helper write to the child again.
        rows.append([button(text("Allow writing"), "cs.resume", case.id)])
    if has(request, case, Section.NOTES) and (may_answer(case) or not works):
        # NOTE: button. More that a helper can do about a report.
        rows.append([button(text("More"), "cs.more", case.id)])
    if works or (case.worker_id == request.person.id and case.state is State.TAKEN):
        # NOTE: button. A helper steps aside, since the report is about somebody close.
        rows.append([button(text("I know these people"), "cs.aside", case.id)])
    return rows


def kinds(case: Case) -> list[list[Button]]:
    """Of what kind a report is, two in a row."""
    found = [button(label, "cs.kind", case.id, kind.value) for kind, label in CONCERNS.items()]
    return [found[at : at + 2] for at in range(0, len(found), 2)]


STOPPED = text("⚠️ Writing to the reporter is stopped until a supervisor has looked at this case.")


async def show_part(db: Connection, request: Request) -> list[Outgoing]:
    """One photo, voice message or video, after this tap alone. args: case, part."""
    case, part = await _part(db, request)
    if part.kept is not Kept.KEPT:
        return await _not_yet(db, request, case, part)
    await storage.cases.log(
        db, case.id, role(request, case), Deed.SHOWN, request.now, person_id=request.person.id, part_id=part.id
    )
    # NOTE: button. Seals a photo or video for good.
    seal = button(text("Sexual material"), "cs.sex", case.id, part.id)
    told = text(
        "case %(number)s. If this is sexual material, please tap the button: it is hidden for good.",
        number=Words(case.number),
    )
    return [await copy(db, request, case, told, buttons=[[seal]], part=part)]


async def _not_yet(db: Connection, request: Request, case: Case, part: Part) -> list[Outgoing]:
    """Its bytes are not here. Those of a message from before files were kept are fetched now."""
    if part.kept is Kept.LOST:
        raise Refused(text("This file could not be fetched. Whoever sent it was told."))
    if part.kept is None and part.bot != request.bot:
        raise Refused(text("This file came through another account of the bot, and can't be shown here."))
    await storage.cases.want_file(db, case, part)
    return [
        Say(text("This file is still being fetched. Please try again in a minute.")),
        *await files.fetch(db, request, case),
    ]


async def seal_part(db: Connection, request: Request) -> list[Outgoing]:
    """Sexual material: it is shown to nobody again, every copy goes, nobody writes to the reporter, and the supervisor
    takes over from the worker."""
    case, part = await _part(db, request)
    await storage.cases.seal_part(db, part.id)
    await storage.cases.log(
        db, case.id, role(request, case), Deed.SEALED, request.now, person_id=request.person.id, part_id=part.id
    )
    gone = [copy for copy in await storage.cases.copies_of(db, case) if copy.part_id == part.id]
    told = Say(text("It is hidden for good. The supervisor is told and takes over the case. Thank you."))
    if supervises(request, case):
        return [told, *take_back(gone)]
    hers = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == case.worker_id]
    gone += [copy for copy in hers if copy not in gone]
    await storage.cases.stop_relay(db, case)
    await storage.cases.put_back(
        db, case, Desk.SUPERVISORS, request.now, risk=min(case.risk, Risk.CRITICAL, key=list(Risk).index)
    )
    waiting = await storage.cases.get(db, case.id)
    called = [] if waiting is None else (await call_staff(db, waiting, request))[0]
    return [told, *take_back(gone), *called]


async def resume(db: Connection, request: Request) -> list[Outgoing]:
    """A supervisor has looked at a case with sexual material: whoever works on it may write to the reporter again.
    Where no supervisor is there a custodian decides."""
    case: Case = request.subject
    is_hers = supervises(request, case) or not await storage.cases.supervisors(db, case, request.now)
    if not is_hers or not await storage.cases.resume_relay(db, case):
        raise not_here()
    await log(db, request, case, Deed.RESUMED)
    told = text("case %(number)s: writing to the reporter goes on", number=Words(case.number))
    going_on = replace(case, stopped=False)
    pages = case.state is State.NEW and not supervises(request, case)
    called = (await call_staff(db, going_on, request))[0] if pages else []
    worker = case.worker_id if case.state is State.TAKEN and case.worker_id != request.person.id else None
    return [
        Say(told),
        *called,
        *([Say(told, to=ToPerson(worker), lane=Lane.CASE, card=about_card(case))] if worker else []),
    ]


async def _part(db: Connection, request: Request) -> tuple[Case, Part]:
    """The part that a tap names, if there is something in it to show and she may see it. Raises Refused."""
    case: Case = request.subject
    number = request.args[1] if len(request.args) > 1 else ""
    if not has(request, case, Section.FACTS) or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise not_here()
    part = await storage.cases.part(db, case, int(number))
    if part is None or part.sealed or part.kind is Kind.WORDS or part.side is not Side.REPORTER:
        raise not_here()
    return case, part


async def note_removed(db: Connection, request: Request) -> list[Outgoing]:
    """What became of a copy that was to be taken back. args: copy."""
    if request.incoming.answer.get("sent"):
        await storage.cases.save_copy(db, int(request.args[0]), "removed")
    return []
