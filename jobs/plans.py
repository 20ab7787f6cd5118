"""What time triggers about support plans and referrals: overdue steps and silent agencies, told in numbers alone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import storage.cases
import storage.plans
import storage.referrals
from domain.cases import Case, Deed, about_card
from domain.messages import Keyboard, Lane, Outgoing, Say, Text, ToPerson, Words, button, text
from domain.plans import REMIND_AGAIN, OwnerKind, Step, overdue_notice, own_overdue_notice
from domain.referrals import SILENCE
from domain.roles import Role
from storage.database import Connection

_SUPERVISORS = frozenset({Role.SUPERVISOR})


async def remind_of_steps(db: Connection, now: datetime) -> list[Outgoing]:
    """Whoever owns an overdue step hears of it, and the supervisor how many there are; again after a week."""
    by_case: dict[int, tuple[Case, list[Step]]] = {}
    for case, step in await storage.plans.overdue(db, now):
        by_case.setdefault(case.id, (case, []))[1].append(step)
    said: list[Outgoing] = []
    for case, steps in by_case.values():
        due = [step for step in steps if await storage.plans.note_told(db, step.id, now - REMIND_AGAIN, now)]
        if due:
            await storage.cases.log(db, case.id, "clock", Deed.OVERDUE, now)
            said += await _tell(db, case, due, steps, now)
    return said


async def _tell(
    db: Connection, case: Case, due: Sequence[Step], steps: Sequence[Step], now: datetime
) -> list[Outgoing]:
    """What an owner can't hear of any more, and what parents and agencies do, falls to whoever works on the case."""
    people = [step.owner.id for step in due if step.owner.kind is OwnerKind.PERSON]
    hear = await storage.plans.who_may_hear(db, case, [*people, case.worker_id], now)
    owners = [one for one in hear if one in people]
    rest = [step for step in due if step.owner.kind is not OwnerKind.PERSON or step.owner.id not in owners]
    supervisors = await storage.cases.on_call(db, case, _SUPERVISORS, now)
    falls_to = [one for one in hear if one == case.worker_id and one not in supervisors and rest]
    times = await storage.plans.tell_times(db, [*hear, *supervisors], now)
    # NOTE: button. The steps of support plans that are the reader's own to do.
    mine: Keyboard = [[button(text("My steps"), "pl.mine")]]
    look: Keyboard = [[button(text("Open"), "pl", case.id)]]
    return [
        *(_say(case, own_overdue_notice(case.number, people.count(one)), mine, one, times) for one in owners),
        *(_say(case, overdue_notice(case.number, len(rest)), look, one, times) for one in falls_to),
        *(_say(case, overdue_notice(case.number, len(steps)), look, one, times) for one in supervisors),
    ]


def _say(case: Case, told: Text, rows: Keyboard, person_id: int, times: Mapping[int, datetime]) -> Say:
    at = times.get(person_id)
    return Say(told, rows, to=ToPerson(person_id), lane=Lane.CASE, card=about_card(case), not_before=at)


async def alarm_of_silence(db: Connection, now: datetime) -> list[Outgoing]:
    """Fourteen days without a word from an agency: whoever asked, whoever works on the case and the supervisor hear of
    it; again after fourteen more."""
    said: list[Outgoing] = []
    for referral in await storage.referrals.silent(db, now - SILENCE):
        case = await storage.cases.get(db, referral.case_id)
        if case is None or not await storage.referrals.note_alarm(db, referral, now - SILENCE, now):
            continue
        await storage.cases.log(db, case.id, "clock", Deed.REFERRAL_SILENT, now, part_id=referral.id)
        supervisors = await storage.cases.on_call(db, case, _SUPERVISORS, now)
        said += await _of_silence(db, case, [referral.author, case.worker_id, *supervisors], now)
    return said


async def _of_silence(db: Connection, case: Case, told: Iterable[int | None], now: datetime) -> list[Outgoing]:
    knowing = await storage.plans.who_may_hear(db, case, told, now)
    times = await storage.plans.tell_times(db, knowing, now)
    words = text("case %(number)s: no word from an agency for 14 days", number=Words(case.number))
    rows: Keyboard = [[button(text("Open"), "rf", case.id)]]
    return [_say(case, words, rows, one, times) for one in knowing]
