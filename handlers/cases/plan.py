"""The support plan of a case: goals, steps that somebody owns until a day, the parents' part, and a second person's
yes. A changed plan is a new version; the old ones stay."""

from datetime import date

import storage.cases
import storage.communities
import storage.plans
from domain import plans
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
    Text,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.plans import GOALS_MOST, PARENTS_MOST, STEPS_MOST, WORDS_MOST, Owner, OwnerKind, Plan, State, Step
from domain.requests import Request
from domain.roles import CARERS, HOTLINE
from handlers import forms
from handlers.cases import asking, claim, hand_over
from handlers.forms import Answers, Choice, Field, Form
from handlers.route import not_here
from storage.database import Connection

_STALE = text("The plan has changed meanwhile. Please open it again.")


def case_of(request: Request) -> Case:
    """The case of the request, if she may see its plan. Raises Refused."""
    case: Case = request.subject
    if not claim.has(request, case, Section.PLAN):
        raise not_here()
    return case


async def note(db: Connection, request: Request, case: Case, deed: Deed, part_id: int | None = None) -> None:
    await storage.cases.log(
        db, case.id, claim.role(request, case), deed, request.now, person_id=request.person.id, part_id=part_id
    )


# --- what it looks like -----------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """*Support plan*: its newest version."""
    return [await _shown(db, request, case_of(request))]


async def _shown(db: Connection, request: Request, case: Case) -> Say:
    plan = await storage.plans.latest(db, case)
    await note(db, request, case, Deed.READ, plan.id if plan else None)
    if plan is None:
        # NOTE: button. Begins a support plan for a pupil.
        rows: Keyboard = [[button(text("Write a plan"), "pl.new", case.id)]]
        return Say(text("case %(number)s has no support plan yet.", number=Words(case.number)), rows)
    return await claim.copy(db, request, case, body_of(request, case, plan), buttons=_doors(request, case, plan))


async def show_old(db: Connection, request: Request) -> list[Outgoing]:
    """The versions before the newest one, as they were."""
    case = case_of(request)
    await note(db, request, case, Deed.READ)
    older = (await storage.plans.versions(db, case))[1:]
    if not older:
        raise not_here()
    return [await claim.copy(db, request, case, body_of(request, case, plan)) for plan in older]


def body_of(request: Request, case: Case, plan: Plan) -> Body:
    return paragraphs(
        lines(
            text("<b>Support plan</b>, case %(number)s, version %(n)s", number=Words(case.number), n=plan.version),
            _STATES[plan.state],
        ),
        lines(text("Goals:"), *(_numbered(number, goal) for number, goal in enumerate(plan.goals, 1))),
        lines(text("The parents' part:"), Words(plan.parents)) if plan.parents else None,
        lines(text("Steps:"), *(_step(request, number, step) for number, step in enumerate(plan.steps, 1)))
        if plan.steps
        else text("No step yet. A step is saved once it says who does it and until when."),
    )


_STATES: dict[State, Text] = {
    # NOTE: The state of a support plan.
    State.DRAFT: text("Not finished"),
    # NOTE: The state of a support plan.
    State.WAITING: text("Waits for a second person"),
    # NOTE: The state of a support plan.
    State.APPROVED: text("Approved"),
    # NOTE: The state of a support plan.
    State.REPLACED: text("Replaced by a newer one"),
}


def _numbered(number: int, words: str) -> Text:
    return text("%(number)s. %(words)s", number=number, words=words)


def _step(request: Request, number: int, step: Step) -> Body:
    day = Moment(plans.last_day(step), show="day")
    until = text("Who: %(owner)s. Until: %(day)s", owner=step.owner.name, day=day)
    if step.is_done:
        until = text("✓ Who: %(owner)s. Until: %(day)s", owner=step.owner.name, day=day)
    elif step.is_overdue(request.now):
        until = text("⚠️ Overdue. Who: %(owner)s. Until: %(day)s", owner=step.owner.name, day=day)
    return lines(_numbered(number, step.what), until)


def _doors(request: Request, case: Case, plan: Plan) -> Keyboard:
    if plan.state is State.DRAFT:
        return _of_draft(case, plan)
    if plan.state is State.WAITING:
        if not plans.may_approve(plan, request.person.id, claim.roles(request, case)):
            return []
        # NOTE: button. A second person agrees to a support plan.
        approve = button(text("Approve"), "pl.ok", case.id, plan.id)
        # NOTE: button. A second person wants a support plan to be changed first.
        return [[approve, button(text("Send back"), "pl.back", case.id, plan.id)]]
    # NOTE: button. Makes a new version of a support plan.
    change = button(text("Change"), "pl.change", case.id)
    # NOTE: button. A parent is to see the goals and dates of a support plan.
    parents = button(text("Show a parent"), "pp", case.id)
    # NOTE: button. Earlier versions of a support plan.
    older = [[button(text("Earlier ones"), "pl.old", case.id)]] if plan.version > 1 else []
    return [*_ticks(request, case, plan), [change, parents], *older]


def _of_draft(case: Case, plan: Plan) -> Keyboard:
    rows: list[list[Button]] = [
        # NOTE: button. Takes a step out of a support plan: "Remove step 2".
        [button(text("Remove step %(n)s", n=number), "pl.drop", case.id, step.id)]
        for number, step in enumerate(plan.steps, 1)
    ]
    if len(plan.steps) < STEPS_MOST:
        # NOTE: button. Adds a step to a support plan.
        rows.append([button(text("Add a step"), "pl.step", case.id)])
    # NOTE: button. Writes the goals of a support plan anew.
    rows.append([button(text("New goals"), "pl.new", case.id)])
    if plans.is_ready(plan):
        # NOTE: button. A second person is asked to agree to a support plan.
        rows.append([button(text("Ask for approval"), "pl.ask", case.id, plan.id)])
    return rows


def _ticks(request: Request, case: Case, plan: Plan) -> Keyboard:
    works_on_it = case.worker_id == request.person.id
    return [
        # NOTE: button. A step of a support plan is done: "✓ Step 2".
        [button(text("✓ Step %(n)s", n=number), "pl.tick", case.id, step.id)]
        for number, step in enumerate(plan.steps, 1)
        if not step.is_done and plans.may_tick(step, request.person.id, works_on_it=works_on_it)
    ]


# --- goals, and the parents' part -------------------------------------------------------------------------------------


async def write(db: Connection, request: Request) -> list[Outgoing]:
    case = case_of(request)
    await _check_open(db, case)
    return await forms.start(db, request, FORM, {"case": case.id})


async def _check_open(db: Connection, case: Case) -> None:
    """What waits for a second person stays as it is until then. Raises Refused."""
    plan = await storage.plans.latest(db, case)
    if plan is not None and plan.state is State.WAITING:
        raise Refused(text("The plan waits for a second person. After that you can change it."))


async def change(db: Connection, request: Request) -> list[Outgoing]:
    """A new version, which begins as the last one ended."""
    case = case_of(request)
    await _check_open(db, case)
    plan = await storage.plans.draft(db, case, request.person.id, request.now)
    await note(db, request, case, Deed.PLANNED, plan.id)
    return [await _shown(db, request, case)]


def _ask_goals(_request: Request, _answers: Answers) -> Body:
    return text("What shall get better for the pupil? Please write each goal as a message of its own, at most five.")


def _read_goal(request: Request, answers: Answers) -> str:
    if len(answers.get("goals") or ()) >= GOALS_MOST:
        raise Refused(text("These are five goals already. Please tap Next."))
    return asking.words_of(request, WORDS_MOST)


def _ask_parents(_request: Request, _answers: Answers) -> Body:
    return text("What do the parents do? Skip this if they must not know, or have nothing to do.")


async def _save(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    case = await asking.drafted(db, request, answers, Section.PLAN)
    await _check_open(db, case)
    plan = await storage.plans.draft(db, case, request.person.id, request.now)
    await storage.plans.save_words(db, case, plan, answers["goals"], answers["parents"] or "", request.person.id)
    await note(db, request, case, Deed.PLANNED, plan.id)
    return [await _shown(db, request, case)]


FORM = Form(
    "cs_plan",
    (
        Field("goals", _ask_goals, read=_read_goal, many=True),
        # NOTE: button. Leaves a question without an answer.
        Field("parents", _ask_parents, read=asking.words(PARENTS_MOST), skip=text("Skip")),
    ),
    _save,
    may=CARERS,
    confidential=True,
    copy=asking.copied(Section.PLAN),
)


# --- steps ------------------------------------------------------------------------------------------------------------


async def add_step(db: Connection, request: Request) -> list[Outgoing]:
    case = case_of(request)
    await _draft(db, case)
    return await forms.start(db, request, STEP_FORM, {"case": case.id})


async def _draft(db: Connection, case: Case) -> Plan:
    """The draft that is open, with room for one more step. Raises Refused."""
    plan = await storage.plans.latest(db, case)
    if plan is None or plan.state is not State.DRAFT or len(plan.steps) >= STEPS_MOST:
        raise Refused(_STALE)
    return plan


def _ask_what(_request: Request, _answers: Answers) -> Body:
    return text("What is to be done? A step is saved once it says who does it and until when.")


def _ask_owner(_request: Request, _answers: Answers) -> Body:
    return text("Who does it?")


def _ask_day(_request: Request, _answers: Answers) -> Body:
    return text("Until when? Tap a day, or write one.")


async def _owners(db: Connection, request: Request, answers: Answers) -> list[Choice]:
    case = await asking.drafted(db, request, answers, Section.PLAN)
    return [Choice(owner.name, _value(owner)) for owner in await owners(db, case, request)]


def _value(owner: Owner) -> str:
    return f"{owner.kind.value}-{owner.id}"


async def owners(db: Connection, case: Case, request: Request) -> list[Owner]:
    """Who can own a step: whoever works on the case, the school's psychologist, the parents, an agency."""
    agencies = await storage.communities.of_kind(db, CommunityKind.AGENCY)
    return [
        *await people(db, case, request),
        Owner(OwnerKind.PARENTS),
        *(Owner(OwnerKind.AGENCY, agency.id, agency.name) for agency in agencies),
    ]


async def people(db: Connection, case: Case, request: Request) -> list[Owner]:
    """The staff, and the school's psychologist, unless it is about an adult there. Nobody is missing for having
    reported it: check_there answers after the tap."""
    working = case.worker_id
    found = {} if working is None else {working: Owner(OwnerKind.PERSON, working, await _called(db, case, working))}
    found |= {
        one.person_id: Owner(OwnerKind.PERSON, one.person_id, one.called)
        for one in await storage.cases.colleagues(db, case, request.now)
        if one.roles & HOTLINE and not one.kept_out
    }
    if case.answers.adult not in ("yes", "unsure"):
        found |= {one.id: one for one in await storage.plans.psychologists(db, case, request.now)}
    return list(found.values())


async def check_there(db: Connection, case: Case, owner: Owner, request: Request) -> None:
    """Somebody of the staff may know of it, and can be reached. Raises Refused."""
    if owner.kind is OwnerKind.PERSON and not await storage.plans.who_may_hear(db, case, [owner.id], request.now):
        raise Refused(hand_over.cant(owner.called))


async def _called(db: Connection, case: Case, person_id: int) -> str:
    return await storage.communities.known_as(db, person_id, case.community.path) or "?"


async def _save_step(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    case = await asking.drafted(db, request, answers, Section.PLAN)
    plan = await _draft(db, case)
    owner = next((one for one in await owners(db, case, request) if _value(one) == answers["owner"]), None)
    if owner is None or not answers["day"]:
        raise Refused(
            text("Of this step it is open who does it, or until when, so it is not saved. Please add it again.")
        )
    await check_there(db, case, owner, request)
    ends_at = plans.end_of(date.fromisoformat(answers["day"]), case.community.zone)
    step_id = await storage.plans.add_step(db, case, plan.id, Step(0, answers["what"], owner, ends_at))
    await storage.plans.save_words(db, case, plan, plan.goals, plan.parents, request.person.id)
    await note(db, request, case, Deed.PLANNED, step_id)
    return [await _shown(db, request, case)]


STEP_FORM = Form(
    "cs_step",
    (
        Field("what", _ask_what, read=asking.words(WORDS_MOST)),
        Field("owner", _ask_owner, choices=_owners, columns=1),
        Field("day", _ask_day, read=asking.read_day, choices=asking.days),
    ),
    _save_step,
    may=CARERS,
    confidential=True,
    copy=asking.copied(Section.PLAN),
)


async def drop_step(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, step."""
    case = case_of(request)
    plan = await _latest(db, case)
    if not await storage.plans.drop_step(db, plan, request.number(1)):
        raise Refused(_STALE)
    await storage.plans.save_words(db, case, plan, plan.goals, plan.parents, request.person.id)
    await note(db, request, case, Deed.PLANNED, plan.id)
    return [await _shown(db, request, case)]


async def _latest(db: Connection, case: Case) -> Plan:
    """Raises Refused."""
    plan = await storage.plans.latest(db, case)
    if plan is None:
        raise Refused(_STALE)
    return plan


# --- a second person --------------------------------------------------------------------------------------------------


async def ask_approval(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, plan."""
    case = case_of(request)
    plan = await _named(db, request, case)
    supervisors = await storage.cases.supervisors(db, case, request.now)
    others = [one for one in supervisors if one not in (request.person.id, *plan.authors)]
    if not plans.is_ready(plan):
        raise Refused(_STALE)
    if not others:
        raise Refused(text("A supervisor who did not write it must agree, and nobody else is there now."))
    if not await storage.plans.move(db, plan, State.DRAFT, State.WAITING):
        raise Refused(_STALE)
    told = text("case %(number)s: a support plan waits for a second person", number=Words(case.number))
    asked = Edit(text("✓ The supervisor is asked to agree to the plan."))
    return [asked, *(_notice(case, told, one) for one in others)]


def _notice(case: Case, told: Text, person_id: int) -> Say:
    # NOTE: button. Opens a support plan.
    rows = [[button(text("Open"), "pl", case.id)]]
    return Say(told, rows, to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case))


async def _named(db: Connection, request: Request, case: Case) -> Plan:
    """The newest version, if it is the one that the button was under. Raises Refused."""
    plan = await _latest(db, case)
    if plan.id != request.number(1):
        raise Refused(_STALE)
    return plan


async def approve(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, plan. From now on it is in force, and whoever owns a step hears of it."""
    case, plan = await _to_decide(db, request)
    if not await storage.plans.move(db, plan, State.WAITING, State.APPROVED):
        raise Refused(_STALE)
    await note(db, request, case, Deed.APPROVED, plan.id)
    told = text("case %(number)s: the support plan is approved", number=Words(case.number))
    return [
        Edit(told),
        *(_notice(case, told, author) for author in await _authors(db, request, case, plan)),
        *await _tell_owners(db, request, case, plan),
    ]


async def _authors(db: Connection, request: Request, case: Case, plan: Plan) -> list[int]:
    return await storage.plans.who_may_hear(db, case, plan.authors, request.now)


async def _tell_owners(db: Connection, request: Request, case: Case, plan: Plan) -> list[Say]:
    owned = [step.owner.id for step in plan.steps if step.owner.kind is OwnerKind.PERSON and not step.is_done]
    hear = await storage.plans.who_may_hear(db, case, owned, request.now)
    return [
        Say(
            text_n(
                "case %(number)s: %(n)s step of the support plan is yours",
                "case %(number)s: %(n)s steps of the support plan are yours",
                owned.count(one),
                number=Words(case.number),
            ),
            [[mine_button()]],
            to=ToPerson(one),
            lane=Lane.CASE,
            card=about_card(case),
        )
        for one in hear
    ]


def mine_button() -> Button:
    # NOTE: button. The steps of support plans that are the reader's own to do.
    return button(text("My steps"), "pl.mine")


async def send_back(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, plan."""
    case, plan = await _to_decide(db, request)
    if not await storage.plans.move(db, plan, State.WAITING, State.DRAFT):
        raise Refused(_STALE)
    told = text("case %(number)s: please look at the support plan again", number=Words(case.number))
    return [Edit(told), *(_notice(case, told, author) for author in await _authors(db, request, case, plan))]


async def _to_decide(db: Connection, request: Request) -> tuple[Case, Plan]:
    case = case_of(request)
    plan = await _named(db, request, case)
    if not plans.may_approve(plan, request.person.id, claim.roles(request, case)):
        raise not_here()
    return case, plan


async def load(db: Connection, case_id: int, person_id: int) -> Case | None:
    """A case for whoever may know of it, or owns a step of its plan."""
    return await storage.plans.seen_by_owner(db, case_id, person_id)


# --- steps are done ---------------------------------------------------------------------------------------------------


async def show_mine(db: Connection, request: Request) -> list[Outgoing]:
    """Her own steps and nothing else of these cases."""
    own: dict[int, tuple[Case, list[Step]]] = {}
    for case, step in await storage.plans.steps_of(db, request.person.id):
        own.setdefault(case.id, (case, []))[1].append(step)
    if not own:
        return [Say(text("No step of a support plan is yours now."))]
    return [await _own_steps(db, request, case, steps) for case, steps in own.values()]


async def _own_steps(db: Connection, request: Request, case: Case, steps: list[Step]) -> Say:
    await storage.cases.log(db, case.id, "owner", Deed.READ, request.now, person_id=request.person.id)
    body = paragraphs(
        text("<b>My steps</b>, case %(number)s", number=Words(case.number)),
        *(_step(request, number, step) for number, step in enumerate(steps, 1)),
    )
    rows = [
        [button(text("✓ Step %(n)s", n=number), "pl.tick", case.id, step.id)] for number, step in enumerate(steps, 1)
    ]
    return await claim.copy(db, request, case, body, buttons=rows)


async def tick(db: Connection, request: Request) -> list[Outgoing]:
    """args: case, step. Whoever owns a step need not be one who may see the plan."""
    case: Case = request.subject
    plan = await storage.plans.approved(db, case)
    step = next((one for one in plan.steps if one.id == request.number(1)), None) if plan else None
    works_on_it = case.worker_id == request.person.id and claim.has(request, case, Section.PLAN)
    if step is None or not plans.may_tick(step, request.person.id, works_on_it=works_on_it):
        raise not_here()
    if await storage.plans.tick(db, step.id):
        await storage.cases.log(
            db, case.id, "owner", Deed.TICKED, request.now, person_id=request.person.id, part_id=step.id
        )
    if claim.has(request, case, Section.PLAN):
        return [await _shown(db, request, case)]
    return [Edit(text("✓ Done. Thank you.")), *(await show_mine(db, request))]
