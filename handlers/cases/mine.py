"""The reporter's side: her reports, writing more, answering a helper, and words nobody waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import storage.cases
import storage.conversations
import storage.hotline
from domain import distress, ladder
from domain.asking_for_help import danger_button
from domain.cases import (
    ALARM_AGAIN,
    PARTS_MOST,
    Case,
    Deed,
    Desk,
    Part,
    Risk,
    Stage,
    State,
    about_card,
    at_least,
    kept,
    page,
)
from domain.messages import (
    Body,
    Button,
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
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import HOTLINE
from handlers.cases import claim, files, notice, parts
from handlers.cases.open import (
    FULL,
    KEPT_HERE,
    ask_again,
    call_staff,
    drafted_parts,
    erase_button,
    hold,
    hold_anew,
    how_button,
    nobody,
)
from handlers.route import not_here
from storage.database import Connection

STEP = "my.say"
OFFER = "my.offer"
_DID_NOT_HELP = "3"
_SHOWN = 8


async def load(db: Connection, case_id: int, person_id: int) -> Case | None:
    """A case for whoever reported it; nobody else comes in this way."""
    return await storage.cases.reported_by(db, case_id, person_id)


def own(request: Request) -> Case:
    """The case of the request, from the account that it was sent from. Raises Refused."""
    case: Case = request.subject
    if case.reporter.identity_id != request.identity.id:
        raise not_here()
    return case


# --- /mycases ---------------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """Her reports by number and state; what is in them is not shown, others may hold her phone."""
    cases = await storage.cases.of_reporter(db, request.identity.id)
    # NOTE: button
    help_me = button(text("I need help"), "hl")
    if not cases:
        # NOTE: read by pupils and by teachers: without a form of address
        return [Say(text("No report was sent from here yet."), notice.with_doors([[help_me], [notice.code_button()]]))]
    rows: list[list[Button]] = [[button(Words(case.number), "my", case.id)] for case in cases[:_SHOWN]]
    listed = [_line(case) for case in cases[:_SHOWN]]
    rows += [[help_me], [notice.code_button()], [erase_button()]]
    return [Say(paragraphs(text("<b>Reports sent from here</b>"), lines(*listed)), notice.with_doors(rows))]


def _state(case: Case) -> Text:
    if case.withdrawn_at is not None:
        # NOTE: The state of a report: whoever sent it took it back.
        return text("taken back")
    return _STATES[case.state]


def _line(case: Case) -> Text:
    number, state = Words(case.number), _state(case)
    if case.ends_on is None:
        return text("%(number)s: %(state)s", number=number, state=state)
    day = Moment(case.ends_on, show="day")
    # NOTE: A report, its state, and the day until which it is kept: "7F3K2M: closed, kept until Monday, 1 March 2027".
    return text("%(number)s: %(state)s, kept until %(day)s", number=number, state=state, day=day)


_STATES: dict[State, Text] = {
    # NOTE: The state of a report.
    State.NEW: text("sent, waiting for a helper"),
    # NOTE: The state of a report.
    State.TAKEN: text("a helper is working on it"),
    # NOTE: The state of a report.
    State.CLOSED: text("closed"),
}


async def show_one(db: Connection, request: Request) -> list[Outgoing]:
    case = own(request)
    body = paragraphs(standing(case), await storage.hotline.helplines(db, request.person.id))
    return [Say(body, notice.with_doors([*ways(case), [erase_button()]]))]


def standing(case: Case) -> Body:
    """How a report stands."""
    return lines(
        text("Report %(number)s: %(state)s", number=Words(case.number), state=_state(case)),
        # NOTE: read by pupils and by teachers: without a form of address
        text("Kept until: %(day)s", day=Moment(case.ends_on, show="day")) if case.ends_on else None,
    )


def ways(case: Case) -> list[list[Button]]:
    """What she can do about a report of hers."""
    # NOTE: button. A new code to read the answer on another phone.
    code = button(text("New code"), "my.new", case.id)
    # NOTE: button, child. Shows who has read the report.
    who = button(text("Who read it?"), "my.read", case.id)
    if case.state is State.CLOSED:
        return [[unsafe_button(case)], [how_button(case)], [code], [who]]
    # NOTE: button. A report is taken back by whoever sent it.
    back = button(text("Take it back"), "my.back", case.id)
    withdraw = [] if case.withdrawn_at else [[back]]
    return [[_write(case)], [how_button(case)], [code], [who], *withdraw]


def _write(case: Case) -> Button:
    # NOTE: button
    return button(text("Write to the helper"), "my.say", case.id)


def unsafe_button(case: Case) -> Button:
    if case.answers.about == "pupil":
        # NOTE: button. A teacher says so about a pupil, after a report was closed.
        return button(text("Still not safe"), "my.unsafe", case.id)
    # NOTE: button. A child says so after a report was closed.
    return button(text("I am still not safe"), "my.unsafe", case.id)


# --- writing more -----------------------------------------------------------------------------------------------------


async def write(db: Connection, request: Request) -> list[Outgoing]:
    """From now on what she writes goes to this case, until she says that it is enough."""
    case = own(request)
    return [await wait_for_words(db, request, case)]


async def wait_for_words(db: Connection, request: Request, case: Case) -> Say:
    draft = {"case": case.id}
    before = request.conversation
    return writing(await storage.conversations.expect(db, request.identity.id, before, STEP, draft, request.now))


def writing(token: int) -> Say:
    # NOTE: read by pupils and by teachers: without a form of address
    told = text("Everything written here now goes to the helper: words, photos, voice messages. Done ends it.")
    return Say(told, _while_writing(token), asks=token)


def _while_writing(token: int) -> Keyboard:
    # NOTE: button
    return notice.with_doors([[button(text("Done"), "my.done", token)]])


async def take_words(db: Connection, request: Request) -> list[Outgoing]:
    """Words for the case she is writing to: each is kept and told of at once."""
    draft, token = dict(request.conversation.draft), request.conversation.token
    case = await storage.cases.get(db, draft["case"])
    if case is None or case.reporter.identity_id != request.identity.id:
        return await hold_anew(db, request)
    part, problem = parts.read(request)
    same_album = request.incoming.album is not None and request.incoming.album == draft.get("album")
    draft["album"] = request.incoming.album
    await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    if part is None:
        return [Say(problem or parts.CANT_KEEP, _while_writing(token), asks=token)]
    await storage.cases.add_part(db, case, part, parts.source(request))
    asked = await files.fetch(db, request, case)
    if (same_album or request.incoming.hurried) and problem is None:  # who works on it heard of another, seconds ago
        return asked
    told = await _tell_staff(db, request, case, Deed.ADDED)
    sent = text("✓ Sent to the helper.") if case.state is State.TAKEN else text("✓ Added to the report.")
    return [Say(paragraphs(sent, problem), _while_writing(token), asks=token), *told, *asked]


async def done(db: Connection, request: Request) -> list[Outgoing]:
    """args: token."""
    if request.conversation.step != STEP or request.args[:1] != (str(request.conversation.token),):
        raise Refused(text("This question is over already. /home shows what you can do."))
    token = await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Edit(_DONE, [[danger_button()]]), *ask_again(request.conversation, token)]


async def stop(db: Connection, request: Request) -> list[Outgoing]:
    """/cancel while she writes to a helper: what was sent is sent."""
    token = await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [
        replace(one, lane=Lane.CASE)
        for one in (Say(_DONE, [[danger_button()]]), *ask_again(request.conversation, token))
    ]


# NOTE: read by pupils and by teachers: without a form of address
_DONE = text("Done. The helper's answer will come here. All reports: /mycases")


async def _tell_staff(db: Connection, request: Request, case: Case, deed: Deed) -> Sequence[Outgoing]:
    """Whoever works on the case hears that there is more; without anybody the case waits again."""
    await storage.cases.log(db, case.id, "reporter", deed, request.now)
    case = await _taken_up_again(db, case)
    if case.state is State.NEW:
        return []
    desk = Desk.SUPERVISORS if case.state is State.CLOSED else case.desk
    at_work = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    if case.state is State.CLOSED or case.worker_id not in at_work:
        return (await back_to_queue(db, request, case, desk))[0]
    told = (
        text("case %(number)s: a message was changed", number=Words(case.number))
        if deed is Deed.CHANGED
        else text("case %(number)s: a new message", number=Words(case.number))
    )
    # NOTE: button. Opens a report for the helper who works on it.
    look = button(text("Open"), "cs", case.id)
    return [Say(told, [[look]], to=ToPerson(case.worker_id), lane=Lane.CASE, card=about_card(case))]


async def _taken_up_again(db: Connection, case: Case) -> Case:
    """Whoever writes again after taking a report back wants help again."""
    if case.withdrawn_at is None:
        return case
    await storage.cases.take_up_again(db, case)
    return replace(case, withdrawn_at=None)


async def back_to_queue(
    db: Connection, request: Request, case: Case, desk: Desk, risk: Risk | None = None
) -> tuple[Sequence[Outgoing], bool]:
    """The case waits again, and those who may take it are called; whether there is anybody."""
    await _taken_up_again(db, case)
    gone = [*await _tell_worker(db, case, request.now), *await claim.take_from_worker(db, case)]
    await storage.cases.put_back(db, case, desk, request.now, risk=risk)
    await storage.cases.log(db, case.id, "clock", Deed.REOPENED, request.now)
    waiting = await storage.cases.get(db, case.id)
    called, on_duty = ([], False) if waiting is None else await call_staff(db, waiting, request)
    return [*called, *gone], on_duty


async def _tell_worker(db: Connection, case: Case, now: datetime) -> list[Say]:
    """Whoever works on it hears that it is taken from her."""
    if case.state is not State.TAKEN or case.worker_id not in await storage.cases.at_hand(db, case, HOTLINE, now):
        return []
    told = text(
        "case %(number)s: it waits in the queue again. What you were shown is removed.", number=Words(case.number)
    )
    return [Say(told, to=ToPerson(case.worker_id), lane=Lane.CASE, card=about_card(case))]


async def call_again(db: Connection, request: Request, case: Case, risk: Risk) -> tuple[Sequence[Outgoing], bool]:
    """An open case is as urgent as this now, and all who should come are called; whether there is anybody.
    Two taps at once call nobody twice."""
    case = await _taken_up_again(db, case)
    at_work = await storage.cases.at_hand(db, case, HOTLINE, request.now)
    if at_least(case.risk, risk) is not case.risk:
        await storage.cases.raise_risk(db, case, risk, request.now)
        case = replace(case, risk=risk, waiting_since=request.now, stage=int(Stage.PAGED))
    elif await storage.cases.is_paged_since(db, case, request.now - ALARM_AGAIN):
        return [], bool(at_work)
    if case.state is State.NEW:
        return await call_staff(db, case, request)
    if case.worker_id not in at_work:
        return await back_to_queue(db, request, case, case.desk)
    await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    called = await on_alarm(db, case, request.now)
    return page(replace(case, waiting_since=request.now), request.now, called), True


async def on_alarm(db: Connection, case: Case, now: datetime) -> list[int]:
    """Who is called about a taken case that is this urgent now: its worker, the supervisors, and whoever is on duty."""
    there = await storage.hotline.there_for(db, case, now)
    duty = (*there.worker, *there.backup) if case.risk in ladder.URGENT else ()
    worker = () if case.worker_id is None else (case.worker_id,)
    return list(dict.fromkeys([*worker, *there.supervisors, *duty]))


async def still_unsafe(db: Connection, request: Request) -> list[Outgoing]:
    """A closed case opens again, at the supervisor's desk."""
    case = own(request)
    await storage.cases.note_alarm(db, case, request.now)
    risk = at_least(case.risk, Risk.CRITICAL)
    told: Sequence[Outgoing]
    if case.state is State.CLOSED:
        told, on_duty = await back_to_queue(db, request, case, Desk.SUPERVISORS, risk)
    else:
        told, on_duty = await call_again(db, request, case, Risk.CRITICAL)
    heard = _OPEN_AGAIN if await _calls_head(db, case, told, request.now) else _HEARD_AGAIN
    first = heard if on_duty else await nobody(db, replace(case, risk=risk), request.now)
    said = paragraphs(first, await storage.hotline.helplines(db, request.person.id))
    return [Say(said, notice.with_doors([[_write(case)]])), *told]


# NOTE: read by pupils and by teachers: without a form of address
_OPEN_AGAIN = text("Thank you for telling me. The report is open again, and I am fetching the head of the helpers.")
# NOTE: read by pupils and by teachers: without a form of address
_HEARD_AGAIN = text("Thank you for telling me. The report is open, and I am fetching a helper.")


async def _calls_head(db: Connection, case: Case, told: Sequence[Outgoing], now: datetime) -> bool:
    """Whether any of these notices goes to a supervisor; with none of them all were called a moment ago."""
    there = await storage.hotline.there_for(db, case, now)
    if not told:
        return case.state is State.TAKEN and there.has_supervisor
    heads = {ToPerson(one) for one in (*there.supervisors, *there.outside)}
    return any(isinstance(one, Say) and one.to in heads for one in told)


async def rate(db: Connection, request: Request) -> list[Outgoing]:
    """A face under the summary. args: case, 1 to 3."""
    case = own(request)
    face = request.args[1] if len(request.args) > 1 else ""
    if face not in ("1", "2", "3") or case.state is not State.CLOSED:
        raise not_here()
    await storage.cases.save_face(db, case, int(face))
    await storage.cases.log(db, case.id, "reporter", Deed.RATED, request.now)
    told = (
        # NOTE: read by pupils and by teachers: without a form of address
        text("I am sorry it did not help. Tap here, and somebody else looks at it.")
        if face == _DID_NOT_HELP
        # NOTE: read by pupils and by teachers: without a form of address
        else text("Thank you. And if something is still wrong, this button helps:")
    )
    return [Say(told, notice.with_doors([[unsafe_button(case)]]))]


# --- edits ------------------------------------------------------------------------------------------------------------


async def take_edit(db: Connection, request: Request) -> list[Outgoing]:
    """A message that was changed after it was sent: both versions stay. Other people's edits are nothing to us."""
    source = parts.source(request)
    found = await storage.cases.by_source(db, source) if source else None
    if found is None:
        return await _edit_draft(db, request)
    case, _ = found
    part, _ = parts.read(request)
    if part is None or case.reporter.identity_id != request.identity.id or source is None:
        return []
    await storage.cases.add_version(db, case, part, source)
    told = text("I saw that a message was changed. The helper sees both versions.")
    staff = await _tell_staff(db, request, case, Deed.CHANGED)
    return [Say(told), *staff, *await files.fetch(db, request, case)]


async def _edit_draft(db: Connection, request: Request) -> list[Outgoing]:
    before, number = request.conversation, request.incoming.message_id
    part, _ = parts.read(request)
    if part is None:
        return []
    if _has(before.draft, number):
        before = replace(before, draft=_with(before.draft, part, number))
    elif _has(before.aside.get("draft", {}), number):
        before = replace(before, aside={**before.aside, "draft": _with(before.aside["draft"], part, number)})
    else:  # a sign of danger that was put in later is held like one that was there from the beginning
        return [] if before.step else await hold(db, request) or []
    await storage.conversations.keep(db, request.identity.id, before, before.draft, request.now)
    return [Say(text("I saw that a message was changed. Both versions are kept."))]


def _has(draft: Mapping[str, Any], message_id: int | None) -> bool:
    return any(stored["message"] == message_id for stored in draft.get("parts", []))


def _with(draft: Mapping[str, Any], part: Part, message_id: int | None) -> dict[str, Any]:
    return {**draft, "parts": [*draft["parts"], kept(part, message_id)]}


# --- words that nobody waited for -------------------------------------------------------------------------------------


async def offer(db: Connection, request: Request) -> list[Outgoing] | None:
    """Words of somebody with an open case: are they for the helper? Kept until she says. None: she has no open case."""
    cases = [
        case for case in await storage.cases.of_reporter(db, request.identity.id) if case.state is not State.CLOSED
    ]
    part, problem = parts.read(request)
    if not cases or part is None:
        return None if not cases else [Say(problem or parts.CANT_KEEP, lane=Lane.CASE)]
    draft = {"parts": [kept(part, request.incoming.message_id)], "album": request.incoming.album}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, OFFER, draft, request.now)
    # The lane is named here: plain words of people without a case go by another one.
    return [replace(_shall_i(request, cases, token, problem), lane=Lane.CASE)]


async def offered(db: Connection, request: Request) -> Say:
    """The question that is open, once more."""
    cases = await storage.cases.of_reporter(db, request.identity.id)
    open_ones = [case for case in cases if case.state is not State.CLOSED]
    return _ask_for(open_ones, request.conversation.token)


def _shall_i(request: Request, cases: Sequence[Case], token: int, problem: Body | None) -> Say:
    if distress.is_heard(request.incoming.words):  # the offer to fetch a helper stands below: one question is enough
        return Say(paragraphs(KEPT_HERE, problem), _send_buttons(cases, token), asks=token)
    return _ask_for(cases, token, problem)


def _ask_for(cases: Sequence[Case], token: int, problem: Body | None = None) -> Say:
    # NOTE: button
    no = [button(text("No"), "my.drop", token)]
    return Say(paragraphs(_SHALL_I, problem), notice.with_doors([*_send_buttons(cases, token), no]), asks=token)


_SHALL_I: Body = text("Shall I send this to the helper?")


def _send_buttons(cases: Sequence[Case], token: int) -> list[list[Button]]:
    return [
        # NOTE: button. Sends words to the report with this number.
        [button(text("Send to %(number)s", number=Words(case.number)), "my.give", token, case.id)]
        for case in cases[:_SHOWN]
    ]


async def take_more(db: Connection, request: Request) -> list[Outgoing]:
    """More words before she said whether they are for the helper: they stay together."""
    draft = dict(request.conversation.draft)
    part, problem = parts.read(request)
    if part is not None and len(draft["parts"]) >= PARTS_MOST:
        raise Refused(FULL)
    if part is not None:
        draft["parts"] = [*draft["parts"], kept(part, request.incoming.message_id)]
    await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    same_album = request.incoming.album is not None and request.incoming.album == draft.get("album")
    if (same_album or request.incoming.hurried) and problem is None:
        return []
    cases = await storage.cases.of_reporter(db, request.identity.id)
    open_ones = [case for case in cases if case.state is not State.CLOSED]
    return [_shall_i(request, open_ones, request.conversation.token, problem)]


async def give(db: Connection, request: Request) -> list[Outgoing]:
    """They are for this case. args: token, case."""
    token, number = (*request.args, "", "")[:2]
    if request.conversation.step != OFFER or token != str(request.conversation.token):
        raise Refused(text("This question is over already. /home shows what you can do."))
    cases = await storage.cases.of_reporter(db, request.identity.id)
    case = next((one for one in cases if str(one.id) == number), None)
    if case is None:
        raise not_here()
    for part, message_id in drafted_parts(request.conversation.draft):
        await storage.cases.add_version(db, case, part, f"{request.place}/{message_id}")
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    staff = await _tell_staff(db, request, case, Deed.ADDED)
    return [Edit(text("✓ Sent to the helper.")), *staff, *await files.fetch(db, request, case)]


async def drop(db: Connection, request: Request) -> list[Outgoing]:
    """They are for nobody. args: token."""
    if request.conversation.step != OFFER or request.args[:1] != (str(request.conversation.token),):
        raise Refused(text("This question is over already. /home shows what you can do."))
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Edit(text("All right, I sent it to nobody and kept nothing."))]
