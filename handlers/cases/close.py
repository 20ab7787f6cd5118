"""A case is closed: with a reason, and a summary in plain words for whoever reported it."""

import storage.cases
import storage.conversations
import storage.hotline
from domain.cases import (
    SUMMARY_MOST,
    Case,
    Closing,
    Deed,
    Kind,
    Part,
    Reason,
    Risk,
    Side,
    about_card,
    at_least,
)
from domain.messages import (
    Body,
    Delete,
    Edit,
    Keyboard,
    Lane,
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
from domain.second_person import Ask, Matter
from domain.triage import is_sorted
from handlers.cases import answer, claim, mine, notice, parts, second
from handlers.cases.answer import SORT_FIRST, STALE, cancel, check, check_heard, drafted_case, is_current, no, words_of
from handlers.cases.wanted import REASONS
from handlers.route import not_here
from storage.database import Connection

STEP = "cs.close"


async def ask_reason(_db: Connection, request: Request) -> list[Outgoing]:
    case: Case = request.subject
    check(request, case)
    if case.withdrawn_at is not None:
        return [_ask_as_withdrawn(case)]
    check_sorted(request, case)
    rows = [[button(label, "cs.why", case.id, reason.value)] for reason, label in REASONS.items()]
    return [Say(text("Why is case %(number)s closed?", number=Words(case.number)), rows)]


def check_sorted(request: Request, case: Case) -> None:
    """She works on this case, and has said of what kind it is. Raises Refused."""
    check(request, case)
    if not is_sorted(case):
        raise Refused(SORT_FIRST, buttons=claim.kinds(case))


def _check_told(case: Case) -> None:
    """What nobody has reported is closed by the staff among themselves. Raises Refused."""
    if case.has_reporter:
        check_heard(case)


WRITTEN_AGAIN = text("The reporter has written again: this report is open.")


def _ask_as_withdrawn(case: Case) -> Say:
    """Nothing is said to whoever took it back, so there is no summary to write."""
    told = text(
        "case %(number)s: taken back. Nobody in danger? Then it can be closed, without a word to the reporter.",
        number=Words(case.number),
    )
    return Say(told, [[button(text("Close it"), "cs.off", case.id)]])


async def close_withdrawn(db: Connection, request: Request) -> list[Outgoing]:
    """Of an urgent one a second person must think so, too."""
    case: Case = request.subject
    check(request, case)
    if case.withdrawn_at is None:
        raise Refused(WRITTEN_AGAIN)
    closing = Closing(Reason.WITHDRAWN, "")
    if at_least(case.risk, Risk.HIGH) is case.risk:
        return await _ask_second_of_withdrawn(db, request, case)
    closed = Edit(text("✓ Case %(number)s is closed.", number=Words(case.number)))
    return [closed, *await _close(db, request, case, closing)]


async def ask_summary(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, reason."""
    case: Case = request.subject
    check_sorted(request, case)
    _check_told(case)
    reason = next((one for one in REASONS if request.args[1:2] == (one.value,)), None)
    if reason is None:
        raise not_here()
    draft = {"case": case.id, "reason": reason.value, "seen": await storage.cases.newest_part(db, case)}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    told = text("Please write in plain words what was done and what comes next. To: %(name)s", name=case.reporter.name)
    chosen = Edit(text("✓ %(answer)s", answer=REASONS[reason]))
    return [chosen, Say(told, [[cancel(token)]], asks=token)]


async def preview(db: Connection, request: Request) -> list[Outgoing]:
    case = await drafted_case(db, request)
    summary = words_of(request, SUMMARY_MOST)
    draft = {**request.conversation.draft, "words": summary, "ready": ""}
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)
    body = paragraphs(text("To: %(name)s. Sending this closes the case.", name=case.reporter.name), Words(summary))
    # NOTE: button. Sends the summary and closes the report.
    rows: Keyboard = [[button(text("Send and close"), "cs.shut", token), no(token)]]
    return [Delete(), await claim.copy(db, request, case, body, buttons=rows, asks=token)]


async def close(db: Connection, request: Request) -> list[Outgoing]:
    """The preview was right. A case that she has not answered since she took it needs a second person, but for one that
    is not urgent and gets a ready answer. args: token."""
    draft = request.conversation.draft
    if not is_current(request, STEP) or "words" not in draft:
        raise Refused(STALE)
    case = await drafted_case(db, request)
    _check_told(case)
    if between := await answer.came_between(db, request, case, "cs.shut"):
        return between
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    closing = Closing(Reason(draft["reason"]), draft["words"], draft.get("ready", ""))
    is_ready = closing.ready and case.risk is Risk.NORMAL
    if not is_ready and not await storage.cases.is_answered(db, case):
        return await _ask_second(db, request, case, closing)
    closed = Edit(text("✓ Case %(number)s is closed.", number=Words(case.number)))
    return [closed, *await _close(db, request, case, closing)]


async def _ask_second(db: Connection, request: Request, case: Case, closing: Closing) -> list[Outgoing]:
    nobody = text(
        "Nobody has answered since you took this report. Please answer it first: nobody else is there to agree."
    )
    content = {"reason": closing.reason.value, "summary": closing.summary, "ready": closing.ready}
    asked = await second.ask(db, request, case, Matter.CLOSING, content, nobody)
    waits = text(
        "Nobody has answered since you took this report, so a second person must agree. The supervisor is asked."
    )
    return [Edit(waits), *asked]


async def _ask_second_of_withdrawn(db: Connection, request: Request, case: Case) -> list[Outgoing]:
    nobody = text("It is urgent, so a second person must agree, and nobody else is there. It stays open.")
    content = {"reason": Reason.WITHDRAWN.value, "summary": ""}
    asked = await second.ask(db, request, case, Matter.CLOSING, content, nobody)
    return [Edit(text("It is urgent, so a second person must agree. The supervisor is asked.")), *asked]


async def agree(db: Connection, request: Request, case: Case, ask: Ask) -> list[Outgoing]:
    """The second person lets it be closed."""
    told = text("✓ Case %(number)s is closed.", number=Words(case.number))
    closing = Closing(Reason(ask.content["reason"]), ask.content["summary"], ask.content.get("ready", ""))
    if closing.reason is Reason.WITHDRAWN and case.withdrawn_at is None:
        raise Refused(WRITTEN_AGAIN)
    closed = await _close(db, request, case, closing)
    return [Say(told), *closed, Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]


async def keep_open(case: Case, ask: Ask) -> list[Outgoing]:
    """The second person doesn't."""
    told = text("case %(number)s stays open, please answer it", number=Words(case.number))
    return [Say(told), Say(told, to=ToPerson(ask.asker_id), lane=Lane.CASE, card=about_card(case))]


async def _close(db: Connection, request: Request, case: Case, closing: Closing) -> list[Outgoing]:
    part, part_id = None, None
    if closing.reason is not Reason.WITHDRAWN:
        part = Part(Side.HELPER, Kind.WORDS, closing.summary, at=request.now, ready=closing.ready)
        part_id = await storage.cases.add_part(db, case, part)
    if closing.ready:
        await storage.cases.log(
            db, case.id, claim.role(request, case), Deed.ANSWERED, request.now, person_id=request.person.id
        )
    if not await storage.cases.close(db, case, closing.reason, request.now):
        raise not_here()
    if case.has_reporter:
        await storage.cases.note_acted(db, case, request.now)
    await storage.cases.log(
        db, case.id, claim.role(request, case), Deed.CLOSED, request.now, person_id=request.person.id, part_id=part_id
    )
    if part is None or part_id is None or not case.has_reporter:
        return []
    if why := await answer.unreachable(db, case):
        waits = await _to_reporter(db, request, case, part, part_id)
        return [Say(answer.not_delivered(case, why), card=about_card(case)), *waits]
    return await _to_reporter(db, request, case, part, part_id)


_SAFE_NOW: dict[str, Text] = {
    # NOTE: child
    "me": text("Are you safe now? If not, tap “I am still not safe”. And did it help?"),
    "pupil": text("Is the pupil safe now? If not, please tap “Still not safe”. And did it help?"),
}


async def _to_reporter(db: Connection, request: Request, case: Case, part: Part, part_id: int) -> list[Outgoing]:
    body: Body = paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("Report %(number)s is closed. The helper wrote:", number=Words(case.number)),
        parts.said(part),
        _SAFE_NOW[case.answers.about],
        await storage.hotline.helplines(db, case.reporter.person_id),
    )
    faces = [
        # NOTE: button. How a child found the help.
        button(text("🙂 It helped"), "my.face", case.id, 1),
        # NOTE: button. How a child found the help.
        button(text("😐 A little"), "my.face", case.id, 2),
        # NOTE: button. How a child found the help.
        button(text("🙁 It did not"), "my.face", case.id, 3),
    ]
    rows = notice.with_doors([faces, [mine.unsafe_button(case)]])
    receipt = ("cases.delivered", str(case.id), str(part_id))
    return [*await storage.cases.say_to_reporter(db, case, body, rows, request.now, receipt=receipt, protected=True)]
