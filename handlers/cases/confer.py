"""A case conference: whoever works on a case invites staff and agencies. They hear its number, the time and the place;
what they agree on becomes steps of the support plan."""

from dataclasses import replace

import storage.cases
import storage.communities
import storage.conferences
import storage.plans
import storage.referrals
from domain.cases import Case, Deed, Section, about_card
from domain.communities import CommunityKind
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
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.plans import WORDS_MOST, Conference, Owner, OwnerKind
from domain.requests import Community, Request
from domain.roles import CARERS
from handlers import forms
from handlers.cases import asking, claim
from handlers.cases.plan import case_of, check_there, note, owners
from handlers.forms import Answers, Field, Form
from handlers.meetings import when
from handlers.route import not_here
from storage.database import Connection

_STALE = text("This has changed meanwhile. Please begin again.")


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """*Conference*: those that were called, and a new one."""
    case = case_of(request)
    # NOTE: button. Invites staff and agencies to talk about a case.
    rows: list[list[Button]] = [[button(text("Call one"), "cf.new", case.id)]]
    found = await storage.conferences.called(db, case)
    if not found:
        return [Say(text("case %(number)s: no conference yet", number=Words(case.number)), rows)]
    has_plan = await storage.plans.latest(db, case) is not None
    # NOTE: button. What a case conference agreed on becomes steps of the support plan.
    rows.insert(0, [button(text("Agreed steps"), "pl.change" if has_plan else "pl.new", case.id)])
    body = paragraphs(*(_described(case, one) for one in found))
    return [await claim.copy(db, request, case, body, buttons=rows)]


def _described(case: Case, conference: Conference) -> Body:
    """All that an invitation says."""
    return lines(
        text("case %(number)s: a conference", number=Words(case.number)),
        text("When: %(time)s", time=Moment(conference.starts_at)) if conference.starts_at else None,
        text("Where: %(place)s", place=conference.place),
    )


# --- whom to invite ---------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    case = case_of(request)
    conference = await storage.conferences.begin(db, case)
    return [await claim.copy(db, request, case, _WHOM, buttons=await _whom(db, request, case, conference))]


_WHOM = text("Whom do you invite? Tap each, then Next.")


async def _whom(db: Connection, request: Request, case: Case, conference: Conference) -> Keyboard:
    rows = [
        [button(_label(one, conference), "cf.who", case.id, f"{one.kind.value}-{one.id}")]
        for one in await _invitable(db, request, case)
    ]
    # NOTE: button
    return [*rows, [button(text("Next"), "cf.when", case.id)]]


def _label(one: Owner, conference: Conference) -> Body:
    invited = one.id in (conference.agencies if one.kind is OwnerKind.AGENCY else conference.people)
    return text("✓ %(name)s", name=Words(one.called)) if invited else Words(one.called)


async def _invitable(db: Connection, request: Request, case: Case) -> list[Owner]:
    found = await owners(db, case, request)
    return [one for one in found if one.kind is not OwnerKind.PARENTS and one.id != request.person.id]


async def toggle(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, whom."""
    case = case_of(request)
    conference = await storage.conferences.drafted(db, case)
    named = request.args[1] if len(request.args) > 1 else ""
    found = await _invitable(db, request, case)
    one = next((one for one in found if f"{one.kind.value}-{one.id}" == named), None)
    if conference is None or one is None:
        raise Refused(_STALE)
    if one.kind is OwnerKind.AGENCY:
        conference = replace(conference, agencies=_toggled(conference.agencies, one.id))
    else:
        await check_there(db, case, one, request)
        conference = replace(conference, people=_toggled(conference.people, one.id))
    await storage.conferences.save(db, case, conference, "draft")
    return [Edit(_WHOM, await _whom(db, request, case, conference))]


def _toggled(ids: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(other for other in ids if other != one) if one in ids else (*ids, one)


# --- when and where ---------------------------------------------------------------------------------------------------


async def ask_when(db: Connection, request: Request) -> list[Outgoing]:
    case = case_of(request)
    conference = await storage.conferences.drafted(db, case)
    if conference is None:
        raise Refused(_STALE)
    if not conference.agencies and not conference.people:
        raise Refused(text("Please tap whom you invite first."))
    return await forms.start(db, request, FORM, {"case": case.id, "conference": conference.id})


def _ask_place(_request: Request, _answers: Answers) -> Body:
    return text("Where is it? A room, an address or a link.")


def _review(request: Request, answers: Answers) -> Body:
    starts_at, _ = when.chosen(request, answers)
    return paragraphs(
        text("Is this right? Whoever is invited hears the number of the case, and this:"),
        lines(text("When: %(time)s", time=Moment(starts_at)), text("Where: %(place)s", place=answers["place"])),
    )


async def _call(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    case = await asking.drafted(db, request, answers, Section.PLAN)
    conference = await storage.conferences.drafted(db, case)
    starts_at, _ = when.chosen(request, answers)
    when.still_ahead(request, starts_at)
    if conference is None or conference.id != answers["conference"]:
        raise Refused(_STALE)
    conference = replace(conference, starts_at=starts_at, place=answers["place"])
    if not await storage.conferences.save(db, case, conference, "called"):
        raise not_here()
    await note(db, request, case, Deed.CONFERRED, conference.id)
    invited = await _invited(db, request, case, conference)
    invitation = _described(case, conference)
    done = Say(text("✓ The conference is called."))
    card = about_card(case)
    return [done, *(Say(invitation, to=ToPerson(one), lane=Lane.CASE, card=card) for one in invited)]


async def _invited(db: Connection, request: Request, case: Case, conference: Conference) -> list[int]:
    """Everybody once, and nobody who must not know of the case."""
    staff = await storage.plans.who_may_hear(db, case, conference.people, request.now)
    found: list[int] = []
    for agency in await _agencies(db, conference):
        found += await storage.referrals.people(db, agency, request.now)
    return list(dict.fromkeys([*staff, *await storage.cases.without_excluded(db, case, found)]))


async def _agencies(db: Connection, conference: Conference) -> list[Community]:
    agencies = await storage.communities.of_kind(db, CommunityKind.AGENCY)
    return [one for one in agencies if one.id in conference.agencies]


FORM = Form(
    "cs_conference",
    (*when.FIELDS, Field("place", _ask_place, read=asking.words(WORDS_MOST))),
    _call,
    review=_review,
    may=CARERS,
    confidential=True,
    copy=asking.copied(Section.PLAN),
)
