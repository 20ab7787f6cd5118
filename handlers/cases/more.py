"""*More*: what else can be done about a case, for whoever has a right to it."""

from domain.cases import Case, Section, State
from domain.messages import Outgoing, Refused, Say, Text, Words, button, text
from domain.requests import Request
from domain.triage import may_answer
from handlers.cases import answer, claim
from handlers.route import not_here
from storage.database import Connection

# What stands on a case's second page: its button, its route, and the right it needs. Each route checks again.
DOORS: tuple[tuple[Text, str, Section], ...] = (
    # NOTE: button. Of what kind a report is, and how urgent.
    (text("Kind and risk"), "cs.sort", Section.TRIAGE),
    # NOTE: button. The notes of the staff on a report.
    (text("Notes"), "cs.notes", Section.NOTES),
    # NOTE: button. Joins reports that are about the same event.
    (text("Same event"), "cs.event", Section.TRIAGE),
    # NOTE: button. A helper asks for the name of whoever reported.
    (text("Who is it?"), "cs.who", Section.IDENTITY),
    # NOTE: button. The support plan of a pupil.
    (text("Support plan"), "pl", Section.PLAN),
    # NOTE: button. Another agency is asked for help.
    (text("Referral"), "rf", Section.REFERRAL),
    # NOTE: button. Staff and agencies talk about a case.
    (text("Conference"), "cf", Section.PLAN),
    # NOTE: button. A helper gives a report to another helper.
    (text("Hand over"), "cs.hand", Section.RELAY),
    # NOTE: button. Somebody of the hotline must not learn of a report.
    (text("Keep out"), "cs.out", Section.FACTS),
)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    case: Case = request.subject
    await claim.end_question(db, request)
    works = claim.has(request, case, Section.RELAY) and case.state is State.TAKEN
    if works and not may_answer(case):
        raise Refused(answer.SORT_FIRST, buttons=claim.kinds(case))
    rows = [
        [button(label, route, case.id)]
        for label, route, section in DOORS
        if claim.has(request, case, section) and (case.has_reporter or section is not Section.IDENTITY)
    ]
    if not rows:
        raise not_here()
    return [Say(text("case %(number)s: what would you like to do?", number=Words(case.number)), rows)]
