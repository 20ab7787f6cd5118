"""What time triggers about cases: a case that nobody takes climbs, and what staff were shown leaves their chats."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import storage.cases
import storage.hotline
import storage.plans
from domain import ladder
from domain.asking_for_help import danger_button
from domain.cases import (
    COPIES_DELETABLE,
    COPIES_RETRY,
    COPIES_STAY,
    Case,
    Deed,
    Desk,
    Stage,
    State,
    about_card,
    due_stage,
    lies_too_long,
    page,
    stopped_page,
    words_lie,
)
from domain.messages import (
    Delete,
    Edit,
    Lane,
    Outgoing,
    Say,
    Text,
    ToIdentity,
    ToPerson,
    Words,
    paragraphs,
    text,
)
from domain.roles import Role
from domain.waiting import BROKEN, NOBODY, is_broken
from storage.cases import Copy
from storage.database import Connection

_SUPERVISORS = frozenset({Role.SUPERVISOR})


async def climb(db: Connection, now: datetime) -> list[Outgoing]:
    """A case that nobody takes calls the next of the ladder (domain.ladder), and after it everybody at each clock,
    until somebody takes it. After down time only the highest rung that is due calls."""
    said: list[Outgoing] = []
    for case in await storage.cases.waiting(db):
        if case.is_test and now >= case.due_at:  # jobs.canary ends it
            continue
        if case.stage == Stage.ASLEEP:
            said += await _wake(db, case, now)
            continue
        stage = due_stage(case, now)
        called = [] if stage is None else await _called(db, case, stage, now)
        if stage is not None and case.stopped and not called:
            said += await _ask_custodians(db, case, stage, now)
        # With nobody to call it stays where it is, so that the first who comes is called at once.
        if stage is not None and called and await storage.cases.climb(db, case, stage):
            below = Deed.REMINDED if stage > Stage.PAGED else Deed.PAGED
            deed = Deed.ESCALATED if stage >= Stage.ESCALATED else below
            await storage.cases.log(db, case.id, "clock", deed, now)
            said += page(case, now, called, climbs=stage >= Stage.ESCALATED)
            if is_broken(case, stage):
                said += await _say_still_waiting(db, case, BROKEN, now)
    return said


async def _say_still_waiting(db: Connection, case: Case, told: Mapping[str, Text], now: datetime) -> Sequence[Outgoing]:
    """What was promised was not kept: whoever reported must not wait in silence."""
    body = paragraphs(told[case.answers.about], await storage.hotline.helplines(db, case.reporter.person_id))
    return await storage.cases.say_to_reporter(db, case, body, [[danger_button()]], now, passing=True)


async def _ask_custodians(db: Connection, case: Case, stage: int, now: datetime) -> list[Say]:
    """Writing is stopped, and no supervisor is there who could look at the case."""
    custodians = await storage.cases.at_hand(db, case, frozenset({Role.CUSTODIAN}), now)
    if not custodians or not await storage.cases.climb(db, case, stage):
        return []
    await storage.cases.log(db, case.id, "clock", Deed.ESCALATED, now)
    return stopped_page(case, custodians)


async def _wake(db: Connection, case: Case, now: datetime) -> list[Outgoing]:
    """What came while nobody was on duty is for who is on duty now; its clock begins."""
    if await storage.hotline.next_shift(db, now) is not None or not await storage.cases.wake(db, case, now):
        return []
    await storage.cases.log(db, case.id, "clock", Deed.PAGED, now)
    awake = replace(case, stage=int(Stage.PAGED), waiting_since=now)
    called = await _called(db, awake, Stage.PAGED, now)
    if not called:
        await storage.cases.note_uncalled(db, case)
    return [*page(awake, now, called)]


async def _called(db: Connection, case: Case, stage: int, now: datetime) -> list[int]:
    """Who is called at this rung; anybody of the hotline where nobody is meant to be."""
    there = await storage.hotline.there_for(db, case, now)
    called = ladder.called(case, stage, there)
    if called and case.desk is Desk.SUPERVISORS and not there.has_supervisor:  # better a worker than nobody
        await storage.cases.save_desk(db, case, Desk.WORKERS)
    return called


async def put_back(db: Connection, now: datetime) -> list[Outgoing]:
    """A taken case waits again when its worker holds no role any more or can't be reached, and when she lets it lie."""
    unanswered = await storage.cases.unanswered(db)
    late = {case.id: case for case in await _late(db, unanswered, now)}
    in_vain = {case.id for case, _, _ in unanswered}
    left = {case.id: case for case in await _left_alone(db, now)}
    said: list[Outgoing] = []
    for case in (left | late).values():
        hers = [copy for copy in await storage.cases.copies_of(db, case) if copy.person_id == case.worker_id]
        await storage.cases.put_back(db, case, case.desk, now)
        await storage.cases.log(db, case.id, "clock", Deed.REOPENED, now)
        waiting = replace(case, state=State.NEW, stage=int(Stage.PAGED), waiting_since=now)
        called = await _called(db, waiting, Stage.EVERYBODY, now)
        if not called:
            await storage.cases.note_uncalled(db, case)
        why = None if case.id in left else text("Back in the queue: it was not answered in time.")
        said += page(waiting, now, called, climbs=True, why=why)
        said += [await _delete(db, copy, now) for copy in hers]
        if case.id in in_vain:
            said += await _say_still_waiting(db, case, BROKEN if called else NOBODY, now)
    return said


async def _late(db: Connection, unanswered: Iterable[tuple[Case, Deed, datetime]], now: datetime) -> list[Case]:
    """Unanswered for too long. What a second person may close is hers until she has decided, or her time is over; an
    alarm waits for no such decision."""
    closing = await storage.cases.waits_to_be_closed(db)
    return [
        case
        for case, asked, asked_at in unanswered
        if lies_too_long(case, asked, asked_at, now) and (asked is Deed.PAGED or case.id not in closing)
    ]


async def remind_of_words(db: Connection, now: datetime) -> list[Outgoing]:
    """Words of a reporter that lie in a taken case: its worker hears of them again, then the supervisors, each once."""
    said: list[Outgoing] = []
    closing = await storage.cases.waits_to_be_closed(db)
    for case, asked, asked_at in await storage.cases.unanswered(db):
        stage = words_lie(case, asked, asked_at, now)
        if stage is None or case.id in closing or lies_too_long(case, asked, asked_at, now):
            continue
        deed = Deed.ESCALATED if stage is Stage.ESCALATED else Deed.REMINDED
        if await storage.cases.clock_rang(db, case, deed, asked_at):
            continue
        called = await storage.cases.on_call(db, case, _SUPERVISORS, now) if stage is Stage.ESCALATED else []
        await storage.cases.log(db, case.id, "clock", deed, now)
        waiting = replace(case, waiting_since=asked_at, stage=int(stage))
        people = dict.fromkeys([*([case.worker_id] if case.worker_id else []), *called])
        said += page(waiting, now, people, climbs=stage is Stage.ESCALATED)
    return said


async def _left_alone(db: Connection, now: datetime) -> list[Case]:
    """Taken cases whose worker is of the hotline no more; a school's psychologist keeps the ones she opened herself."""
    found = await storage.cases.left_alone(db, now)
    at_work = await storage.plans.psychologists_at_work(db, [case.worker_id or 0 for case in found], now)
    return [case for case in found if case.worker_id not in at_work]


async def take_back_copies(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever may know of a case no more keeps nothing of it in a chat."""
    standing = await storage.cases.standing_copies(db, now - COPIES_RETRY)
    lost = await storage.cases.may_not_know(db, {(copy.case_id, copy.person_id) for copy in standing}, now)
    lost -= await storage.plans.hold_something(db, lost, now)
    return [
        await _delete(db, copy, now)
        for copy in standing
        if (copy.case_id, copy.person_id) in lost and now - copy.shown_at < COPIES_DELETABLE
    ]


async def remove_copies(db: Connection, now: datetime) -> list[Outgoing]:
    """After a day a copy is deleted, tried again each hour; what the messenger won't delete any more is blanked."""
    said: list[Outgoing] = []
    blanked: dict[int, bool] = {}  # by case: whether a file stays
    for copy in await storage.cases.copies_to_remove(db, now - COPIES_STAY, now - COPIES_RETRY):
        if now - copy.shown_at < COPIES_DELETABLE:
            said.append(await _delete(db, copy, now))
        else:
            said.append(await _blank(db, copy, now))
            blanked[copy.case_id] = blanked.get(copy.case_id, False) or copy.part_id is not None
    for case_id, has_file in blanked.items():
        said += await _tell_of_blanked(db, case_id, now, has_file=has_file)
    return said


async def _delete(db: Connection, copy: Copy, now: datetime) -> Delete:
    await storage.cases.note_asked(db, copy.id, now)
    receipt = ("cases.removed", str(copy.id))
    return Delete(copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE, receipt=receipt)


async def _blank(db: Connection, copy: Copy, now: datetime) -> Edit:
    """Words are edited away; of a photo or a video the picture stays, and a person must see to it."""
    await storage.cases.save_copy(db, copy.id, "blanked")
    await storage.cases.log(db, copy.case_id, "clock", Deed.BLANKED, now, part_id=copy.part_id)
    return Edit(text("This message was removed."), card=copy.card, to=ToIdentity(copy.identity_id), lane=Lane.CASE)


async def _tell_of_blanked(db: Connection, case_id: int, now: datetime, *, has_file: bool) -> list[Say]:
    """One line for a case, however many copies of it there were."""
    case = await storage.cases.get(db, case_id)
    if case is None:
        return []
    told = (
        text(
            "case %(number)s: a copy could not be deleted from a chat in time, and was blanked",
            number=Words(case.number),
        )
        if not has_file
        else text(
            "case %(number)s: a file could not be deleted from a chat. Please see that its reader deletes it.",
            number=Words(case.number),
        )
    )
    supervisors = await storage.cases.on_call(db, case, _SUPERVISORS, now)
    card = about_card(case)
    return [Say(told, to=ToPerson(person_id), lane=Lane.CASE, card=card) for person_id in supervisors]
