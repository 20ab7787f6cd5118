"""A referral, on the side of whoever works on the case: a small fixed form, by consent or with a second person's yes
(rule 17). Revoking it closes it: the agency sees nothing of it any more."""

import storage.cases
import storage.communities
import storage.plans
import storage.referrals
from domain.cases import Case, Deed, Section, about_card
from domain.communities import CommunityKind
from domain.concerns import CONCERNS, Concern
from domain.messages import (
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
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.referrals import AGES, LINE_MOST, STATES, URGENCIES, WORDS_MOST, Asked, Referral, State, may_agree
from domain.requests import Community, Request
from domain.roles import CARERS
from handlers import forms
from handlers.cases import agency, asking, claim
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection

_STALE = text("This referral has changed meanwhile. Please open it again.")


def case_of(request: Request) -> Case:
    """The case of the request, if she may refer it. Raises Refused."""
    case: Case = request.subject
    if not claim.has(request, case, Section.REFERRAL):
        raise not_here()
    return case


async def _note(db: Connection, request: Request, case: Case, deed: Deed, referral: Referral) -> None:
    await storage.cases.log(
        db, case.id, claim.role(request, case), deed, request.now, person_id=request.person.id, part_id=referral.id
    )


async def _referral(db: Connection, request: Request, case: Case) -> Referral:
    """The one that a button names. Raises Refused."""
    found = await storage.referrals.get(db, case, request.number(1))
    if found is None:
        raise not_here()
    return found


# --- the referrals of a case ------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """*Referral*: each with where it stands, and a new one."""
    case = case_of(request)
    # NOTE: button. Asks another agency for help.
    new = [button(text("New referral"), "rf.new", case.id)]
    found = await storage.referrals.of_case(db, case)
    if not found:
        return [Say(text("case %(number)s was referred to nobody yet.", number=Words(case.number)), [new])]
    said: list[Outgoing] = []
    for referral in found:
        await _note(db, request, case, Deed.READ, referral)
        rows = _doors(request, case, referral)
        said.append(await claim.copy(db, request, case, _described(referral), buttons=rows))
    return [*said, Say(text("Shall another agency be asked, too?"), [new])]


def _described(referral: Referral) -> Body:
    return paragraphs(
        lines(
            text("<b>Referral %(number)s</b>: %(state)s", number=Words(referral.number), state=STATES[referral.state]),
            text("To: %(name)s", name=referral.community.name),
        ),
        agency.form_of(referral.asked),
        text("Without consent, because: %(reason)s", reason=referral.reason) if referral.reason else None,
        agency.told_of(referral.told),
    )


def _doors(request: Request, case: Case, referral: Referral) -> Keyboard:
    rows: list[list[Button]] = []
    if may_agree(referral, request.person.id, claim.roles(request, case)):
        # NOTE: button. A second person lets a referral go without the child's consent.
        agree = button(text("Agree"), "rf.yes", case.id, referral.id)
        # NOTE: button. A second person does not agree.
        rows.append([agree, button(text("Don't agree"), "rf.no", case.id, referral.id)])
    if referral.is_open and referral.told.question and not referral.told.answer:
        # NOTE: button. Answers the question of another agency.
        rows.append([button(text("Answer them"), "rf.tell", case.id, referral.id)])
    if referral.is_open or referral.state is State.WAITING:
        # NOTE: button. Takes a referral to another agency back.
        rows.append([button(text("Revoke"), "rf.stop", case.id, referral.id)])
    return rows


# --- a new one --------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    case = case_of(request)
    if not await _agencies(db):
        raise Refused(text("There is no agency yet. Coordinators can add one under /community."))
    return await forms.start(db, request, FORM, {"case": case.id})


async def _agencies(db: Connection) -> list[Community]:
    return await storage.communities.of_kind(db, CommunityKind.AGENCY)


def _ask_agency(_request: Request, _answers: Answers) -> Body:
    return text("Which agency shall help?")


async def _agency_choices(db: Connection, _request: Request, _answers: Answers) -> list[Choice]:
    return [Choice(Words(one.name), str(one.id)) for one in await _agencies(db)]


def _ask_concern(_request: Request, _answers: Answers) -> Body:
    return text("What is it about?")


def _ask_urgency(_request: Request, _answers: Answers) -> Body:
    return text("By when should it be looked at?")


def _ask_age(_request: Request, _answers: Answers) -> Body:
    return text("How old is the child?")


def _ask_wish(_request: Request, _answers: Answers) -> Body:
    return text("What do you ask the agency to do? No names, no school, no class, please.")


def _ask_consent(_request: Request, _answers: Answers) -> Body:
    return text("Did the child agree to it?")


def _ask_reason(_request: Request, _answers: Answers) -> Body:
    return text("Why must it go without consent? The supervisor reads this and decides.")


def _needs_reason(answers: Answers) -> bool:
    return bool(answers.get("consent") == "no")


def _review(_request: Request, answers: Answers) -> Body:
    return paragraphs(
        text("Is this right? The agency sees this and nothing else:"),
        agency.form_of(_asked(answers)),
        text("Without consent, because: %(reason)s", reason=answers["reason"]) if answers.get("reason") else None,
    )


def _asked(answers: Answers) -> Asked:
    return Asked(Concern(answers["concern"]), answers["urgency"], AGES[int(answers["age"])], answers["wish"])


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    case = await asking.drafted(db, request, answers, Section.REFERRAL)
    to = next((one for one in await _agencies(db) if str(one.id) == answers["agency"]), None)
    if to is None:
        raise not_here()
    others = await _supervisors(db, request, case)
    if answers.get("reason") and not others:
        raise Refused(text("A supervisor must agree, and nobody else is there now."))
    referral = await storage.referrals.add(
        db, case, to, _asked(answers), request.person.id, answers.get("reason"), request.now
    )
    await _note(db, request, case, Deed.REFERRED, referral)
    if referral.state is State.WAITING:
        told = text("case %(number)s: a referral without consent waits for your yes", number=Words(case.number))
        return [Say(text("✓ The supervisor is asked.")), *(notice(case, told, one) for one in others)]
    return [Say(text("✓ Sent. I will tell you what the agency says.")), *await _send(db, request, case, referral)]


async def _supervisors(db: Connection, request: Request, case: Case) -> list[int]:
    found = await storage.cases.supervisors(db, case, request.now)
    return [one for one in found if one != request.person.id]


async def _send(db: Connection, request: Request, case: Case, referral: Referral) -> list[Say]:
    """The agency's people hear that something waits, and no more."""
    at_work = await storage.referrals.people(db, referral.community, request.now)
    return agency.call(referral, await storage.cases.without_excluded(db, case, at_work))


def notice(case: Case, told: Text, person_id: int) -> Say:
    """To somebody who works on the case, with the way to its referrals."""
    rows = [[button(text("Open"), "rf", case.id)]]
    return Say(told, rows, to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))


FORM = Form(
    "cs_referral",
    (
        Field("agency", _ask_agency, choices=_agency_choices, columns=1),
        Field("concern", _ask_concern, choices=fixed(*(Choice(label, kind.value) for kind, label in CONCERNS.items()))),
        Field("urgency", _ask_urgency, choices=fixed(*(Choice(label, value) for value, label in URGENCIES.items()))),
        Field("age", _ask_age, choices=fixed(*(Choice(Words(age), str(at)) for at, age in enumerate(AGES)))),
        Field("wish", _ask_wish, read=asking.words(WORDS_MOST)),
        Field(
            "consent",
            _ask_consent,
            choices=fixed(
                # NOTE: button. The child agreed to a referral.
                Choice(text("The child agreed"), "yes"),
                # NOTE: button. A referral must go without the child's consent.
                Choice(text("No, but it must"), "no"),
            ),
            columns=1,
        ),
        Field("reason", _ask_reason, read=asking.words(LINE_MOST), when=_needs_reason),
    ),
    _finish,
    review=_review,
    may=CARERS,
    confidential=True,
    copy=asking.copied(Section.REFERRAL),
)


# --- a second person, where the child did not agree -------------------------------------------------------------------


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, referral."""
    case, referral = await _to_agree(db, request)
    if not await storage.referrals.move(db, referral, State.SENT, request.now):
        raise Refused(_STALE)
    await _note(db, request, case, Deed.REFERRAL_AGREED, referral)
    told = text("case %(number)s: the referral is sent", number=Words(case.number))
    return [
        Edit(told),
        *await _tell_author(db, request, case, referral, told),
        *await _send(db, request, case, referral),
    ]


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, referral."""
    case, referral = await _to_agree(db, request)
    if not await storage.referrals.move(db, referral, State.REFUSED, request.now):
        raise Refused(_STALE)
    await _note(db, request, case, Deed.REVOKED, referral)
    told = text("case %(number)s: the referral is not agreed to", number=Words(case.number))
    return [Edit(told), *await _tell_author(db, request, case, referral, told)]


async def _to_agree(db: Connection, request: Request) -> tuple[Case, Referral]:
    case = case_of(request)
    referral = await _referral(db, request, case)
    if not may_agree(referral, request.person.id, claim.roles(request, case)):
        raise not_here()
    return case, referral


async def _tell_author(db: Connection, request: Request, case: Case, referral: Referral, told: Text) -> list[Say]:
    return [
        notice(case, told, one) for one in await storage.plans.who_may_hear(db, case, [referral.author], request.now)
    ]


# --- revoked ----------------------------------------------------------------------------------------------------------


async def revoke(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, referral. It is over for the agency at once, and what its people were shown leaves their chats."""
    case = case_of(request)
    referral = await _referral(db, request, case)
    if not (referral.is_open or referral.state is State.WAITING):
        raise Refused(_STALE)
    if not await storage.referrals.move(db, referral, State.REVOKED, request.now):
        raise Refused(_STALE)
    await _note(db, request, case, Deed.REVOKED, referral)
    told = text("✓ Referral %(number)s is revoked.", number=Words(referral.number))
    return [Edit(told), *await _taken_back(db, request, case, referral)]


async def _taken_back(db: Connection, request: Request, case: Case, referral: Referral) -> list[Outgoing]:
    people = await storage.referrals.people(db, referral.community, request.now)
    copies = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id in people]
    cards = [agency.card_of(referral, answered=answered) for answered in (False, True)]
    calls = [Delete(card, to=ToPerson(one), lane=Lane.CASE) for card in cards for one in people]
    return [*claim.take_back(copies), *calls]


# --- the agency's question --------------------------------------------------------------------------------------------


async def start_answer(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, referral."""
    case = case_of(request)
    referral = await _referral(db, request, case)
    return await forms.start(db, request, ANSWER_FORM, {"case": case.id, "referral": referral.id})


def _ask_answer(_request: Request, _answers: Answers) -> Body:
    return text("What do you answer the agency? No names, no school, no class, please.")


async def _answer(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    case = await asking.drafted(db, request, answers, Section.REFERRAL)
    referral = await storage.referrals.get(db, case, answers["referral"])
    if referral is None or not referral.is_open or not referral.told.question or referral.told.answer:
        raise Refused(_STALE)
    referral = referral.with_told(answer=answers["words"])
    await storage.referrals.save_told(db, case, referral, request.now)
    await _note(db, request, case, Deed.REFERRED, referral)
    return [Say(text("✓ Sent to the agency.")), *await _send(db, request, case, referral)]


ANSWER_FORM = Form(
    "cs_told",
    (Field("words", _ask_answer, read=asking.words(WORDS_MOST)),),
    _answer,
    may=CARERS,
    confidential=True,
    copy=asking.copied(Section.REFERRAL),
)
