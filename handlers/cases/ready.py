"""Who only asks for information gets one of the ready answers: seen once more, sent, and the case is closed."""

import storage.cases
import storage.conversations
import storage.hotline
from domain.cases import Case, Reason
from domain.concerns import Concern
from domain.messages import Keyboard, Outgoing, Say, Words, button, paragraphs, text
from domain.ready_answers import READY_ANSWERS
from domain.requests import Request
from handlers.cases import claim, close
from handlers.cases.answer import check, check_heard, no, when_it_goes
from handlers.route import not_here
from storage.database import Connection


def offer(case: Case) -> Say:
    rows = [[button(one.label, "cs.ready", case.id, name)] for name, one in READY_ANSWERS.items()]
    return Say(text("Ready answers for case %(number)s:", number=Words(case.number)), rows)


async def pick(db: Connection, request: Request) -> list[Outgoing]:
    """The preview. Words that she types in its place become the summary of a usual closing. args: case, answer."""
    case: Case = request.subject
    check(request, case)
    check_heard(case)
    name = request.args[1] if len(request.args) > 1 else ""
    if name not in READY_ANSWERS or case.kind is not Concern.INFORMATION:
        raise not_here()
    answer = READY_ANSWERS[name]
    draft = {
        "case": case.id,
        "reason": Reason.INFORMED.value,
        "ready": name,
        "words": name,
        "seen": await storage.cases.newest_part(db, case),
    }
    token = await storage.conversations.expect(
        db, request.identity.id, request.conversation, close.STEP, draft, request.now
    )
    body = paragraphs(
        text("To: %(name)s. Sending this closes the case.", name=case.reporter.name),
        answer.body,
        await storage.hotline.helplines(db, case.reporter.person_id),
        await when_it_goes(db, case, request.now),
    )
    rows: Keyboard = [[button(text("Send and close"), "cs.shut", token), no(token)]]
    return [await claim.copy(db, request, case, body, buttons=rows, asks=token)]
