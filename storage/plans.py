"""Support plans, their steps, and the parents who may see one: sealed under the key of the case."""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.cases import Case
from domain.cases import State as CaseState
from domain.communities import CommunityKind
from domain.plans import Owner, OwnerKind, Plan, State, Step, tell_at
from domain.roles import HOTLINE, Role
from domain.teams import HAVE_A_TEAM
from domain.times import from_us, to_us
from storage import communities, persons
from storage.cases import case as cases
from storage.cases.sealing import minute, new_id, seal, unseal
from storage.cases.team import Home, at_hand, excluded, open_to, without_excluded
from storage.database import Connection, Row, listed
from storage.vault import Sealed

_TABLE, _STEPS = "support_plans", "plan_steps"


# --- a case that begins with a plan -----------------------------------------------------------------------------------


async def begin_own(db: Connection, case: Case, person_id: int) -> None:
    """A case just opened without a reporter is its writer's own to work on."""
    await db.run(
        """UPDATE cases SET state = 'taken', worker = :worker, worker_mark = :mark, reporter_mark = :nobody
           WHERE id = :id""",
        worker=seal(db, case.key_id, "cases", "worker", case.id, {"person": person_id}),
        mark=_mark_of_worker(db, person_id),
        nobody=db.vault.mark("case of its own", str(case.id)),
        id=case.id,
    )


async def seen_by_owner(db: Connection, case_id: int, person_id: int) -> Case | None:
    """The case as somebody may know of it who works on it, or owns a step of its plan."""
    found = await cases.seen_by(db, case_id, person_id)
    owned = [case for case, _ in await steps_of(db, person_id) if case.id == case_id]
    return found or (owned[0] if owned else None)


async def own_cases(db: Connection, person_id: int) -> list[Case]:
    """The cases that a person works on."""
    unkept = await open_to(db, person_id)
    rows = await db.all(
        f"""SELECT id FROM cases
            WHERE state = 'taken' AND worker_mark = :mark AND {unkept.sql}
            ORDER BY waiting_since, id""",  # noqa: S608 - our own text
        mark=_mark_of_worker(db, person_id),
        **unkept.values,
    )
    return [found for row in rows if (found := await cases.get(db, row["id"])) is not None]


def _mark_of_worker(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("case worker", str(person_id))


async def home_of(db: Connection, person_id: int, now: datetime) -> Home | None:
    """Where a case lives that a person opens as her own: the team that she works for, the school whose psychologist
    she is; None: she may open none. An agency has no team."""
    held = await persons.held_by(db, person_id, now)
    work = [one for one in held if one.role in HOTLINE | {Role.PSYCHOLOGIST}]
    for membership in sorted(work, key=lambda one: one.role is not Role.PSYCHOLOGIST):
        path = await communities.ancestors(db, membership.path)
        if path[-1].kind in HAVE_A_TEAM:
            return Home(tuple(path), tuple(one for one in path if one.kind == CommunityKind.SCHOOL))
    return None


async def psychologists_at_work(db: Connection, person_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Which of these people are a school's psychologist, and can be reached."""
    held = await persons.memberships_of(db, set(person_ids), now)
    readers = await persons.readers(db, held)
    return frozenset(
        person_id
        for person_id, roles in held.items()
        if any(one.role is Role.PSYCHOLOGIST for one in roles) and readers[person_id].place is not None
    )


async def who_may_hear(db: Connection, case: Case, person_ids: Iterable[int | None], now: datetime) -> list[int]:
    """Those of these people who may still hear of the case: of the hotline, or a school's psychologist, and not
    excluded."""
    asked = list(dict.fromkeys(one for one in person_ids if one is not None))
    at_work = {*await at_hand(db, case, HOTLINE, now), *await psychologists_at_work(db, asked, now)}
    return [one for one in await without_excluded(db, case, asked) if one in at_work]


async def hold_something(db: Connection, pairs: Collection[tuple[int, int]], now: datetime) -> set[tuple[int, int]]:
    """Those pairs of a case's and a person's id in which somebody without an office may have something of the case in
    her chat: a step of hers, her own case, a referral to her agency."""
    people = await _carers(db, {person_id for _, person_id in pairs}, now)
    allowed = {pair for pair in pairs if pair[1] in people}
    return allowed - await excluded(db, allowed, now)


async def _carers(db: Connection, person_ids: Iterable[int], now: datetime) -> frozenset[int]:
    """Which of these people are a school's psychologist, or work at an agency."""
    ids = sorted(set(person_ids))
    if not ids:
        return frozenset()
    names, wanted = listed(ids)
    rows = await db.all(
        f"""SELECT DISTINCT memberships.person_id FROM memberships
            JOIN communities ON communities.id = memberships.community_id
            WHERE memberships.person_id IN ({names}) AND memberships.state = 'active'
              AND (memberships.until IS NULL OR memberships.until > :now)
              AND (memberships.role = :psychologist
                   OR (memberships.role = :worker AND communities.kind = :agency))""",  # noqa: S608 - names only
        now=to_us(now),
        psychologist=Role.PSYCHOLOGIST.value,
        worker=Role.WORKER.value,
        agency=CommunityKind.AGENCY.value,
        **wanted,
    )
    return frozenset(row["person_id"] for row in rows)


async def psychologists(db: Connection, case: Case, now: datetime) -> list[Owner]:
    """The psychologist nearest to each community of whoever reported it; without a reporter, to where it lives."""
    held = await persons.held_by(db, case.reporter.person_id, now)
    paths = [membership.path for membership in held] if case.has_reporter else [case.community.path]
    found = {
        one.person_id: Owner(OwnerKind.PERSON, one.person_id, one.called)
        for path in paths
        for one in await communities.nearest(db, path, now, frozenset({Role.PSYCHOLOGIST}))
    }
    return list(found.values())


# --- plans ------------------------------------------------------------------------------------------------------------


async def draft(db: Connection, case: Case, author: int, now: datetime) -> Plan:
    """The draft that is open; else a new version: what the last one has, with its steps."""
    last = await latest(db, case)
    if last is not None and last.state is State.DRAFT:
        return last
    plan_id, goals, parents = new_id(), last.goals if last else (), last.parents if last else ""
    await db.run(
        """INSERT INTO support_plans (id, case_id, version, state, content, made_at)
           VALUES (:id, :case_id, :version, 'draft', :content, :now)""",
        id=plan_id,
        case_id=case.id,
        version=last.version + 1 if last else 1,
        content=_content(db, case, plan_id, goals, parents, (author,)),
        now=minute(now),
    )
    for step in last.steps if last else ():
        await add_step(db, case, plan_id, step)
    return await _known(db, case, plan_id)


def _content(db: Connection, case: Case, plan_id: int, goals: Sequence[str], parents: str, by: Iterable[int]) -> bytes:
    content = {"goals": list(goals), "parents": parents, "authors": sorted(set(by))}
    return seal(db, case.key_id, _TABLE, "content", plan_id, content)


async def save_words(db: Connection, case: Case, plan: Plan, goals: Sequence[str], parents: str, author: int) -> None:
    """Only a draft is written to: what two people have agreed on stays."""
    by = {*plan.authors, author}
    await db.run(
        "UPDATE support_plans SET content = :content WHERE id = :id AND state = 'draft'",
        content=_content(db, case, plan.id, goals, parents, by),
        id=plan.id,
    )


async def add_step(db: Connection, case: Case, plan_id: int, step: Step) -> int:
    """Returns its id; a step copied from an earlier version gets one of its own."""
    step_id, owner = new_id(), step.owner
    content = {"what": step.what, "owner": {"kind": owner.kind.value, "id": owner.id, "called": owner.called}}
    await db.run(
        """INSERT INTO plan_steps (id, plan_id, content, owner_mark, ends_at, state)
           VALUES (:id, :plan_id, :content, :mark, :ends_at, :state)""",
        id=step_id,
        plan_id=plan_id,
        content=seal(db, case.key_id, _STEPS, "content", step_id, content),
        mark=_mark_of_owner(db, owner.id) if owner.kind is OwnerKind.PERSON else None,
        ends_at=to_us(step.ends_at),
        state="done" if step.is_done else "open",
    )
    return step_id


def _mark_of_owner(db: Connection, person_id: int) -> bytes:
    return db.vault.mark("step owner", str(person_id))


async def drop_step(db: Connection, plan: Plan, step_id: int) -> bool:
    """False when it isn't in this draft."""
    found = await db.value(
        """DELETE FROM plan_steps
           WHERE id = :id AND plan_id = (SELECT id FROM support_plans WHERE id = :plan_id AND state = 'draft')
           RETURNING id""",
        id=step_id,
        plan_id=plan.id,
    )
    return found is not None


async def tick(db: Connection, step_id: int) -> bool:
    """False when it was ticked before, or its plan isn't in force."""
    found = await db.value(
        """UPDATE plan_steps SET state = 'done'
           WHERE id = :id AND state = 'open'
             AND EXISTS (SELECT 1 FROM support_plans
                         WHERE support_plans.id = plan_steps.plan_id AND support_plans.state = 'approved')
           RETURNING id""",
        id=step_id,
    )
    return found is not None


async def move(db: Connection, plan: Plan, before: State, after: State) -> bool:
    """False when it isn't in the first state (any more). An approved plan takes the place of the one before it."""
    found = await db.value(
        "UPDATE support_plans SET state = :after WHERE id = :id AND state = :before RETURNING case_id",
        after=after.value,
        id=plan.id,
        before=before.value,
    )
    if found is not None and after is State.APPROVED:
        await db.run(
            """UPDATE support_plans SET state = 'replaced'
               WHERE case_id = :case_id AND state = 'approved' AND id <> :id""",
            case_id=found,
            id=plan.id,
        )
    return found is not None


async def versions(db: Connection, case: Case) -> list[Plan]:
    """All of them, the newest first."""
    rows = await db.all("SELECT * FROM support_plans WHERE case_id = :id ORDER BY version DESC", id=case.id)
    return [await _plan(db, row) for row in rows]


async def latest(db: Connection, case: Case) -> Plan | None:
    row = await db.one("SELECT * FROM support_plans WHERE case_id = :id ORDER BY version DESC LIMIT 1", id=case.id)
    return await _plan(db, row) if row else None


async def approved(db: Connection, case: Case) -> Plan | None:
    """The one in force."""
    row = await db.one("SELECT * FROM support_plans WHERE case_id = :id AND state = 'approved'", id=case.id)
    return await _plan(db, row) if row else None


async def get(db: Connection, case: Case, plan_id: int) -> Plan | None:
    row = await db.one("SELECT * FROM support_plans WHERE id = :id AND case_id = :case_id", id=plan_id, case_id=case.id)
    return await _plan(db, row) if row else None


async def _known(db: Connection, case: Case, plan_id: int) -> Plan:
    found = await get(db, case, plan_id)
    if found is None:
        raise LookupError("a plan that was just written")
    return found


async def _plan(db: Connection, row: Row) -> Plan:
    content = await unseal(db, row["content"], _TABLE, "content", row["id"])
    steps = await db.all("SELECT * FROM plan_steps WHERE plan_id = :id ORDER BY ends_at, id", id=row["id"])
    return Plan(
        row["id"],
        row["version"],
        State(row["state"]),
        tuple(content["goals"]),
        content["parents"],
        tuple(content["authors"]),
        tuple([await _step(db, step) for step in steps]),
    )


async def _step(db: Connection, row: Row) -> Step:
    content: Mapping[str, Any] = await unseal(db, row["content"], _STEPS, "content", row["id"])
    owner = content["owner"]
    return Step(
        row["id"],
        content["what"],
        Owner(OwnerKind(owner["kind"]), owner["id"], owner["called"]),
        from_us(row["ends_at"]),
        row["state"] == "done",
    )


# --- whose steps they are ---------------------------------------------------------------------------------------------

_IN_FORCE = f"""SELECT plan_steps.*, cases.id AS of_case FROM plan_steps
                JOIN support_plans ON support_plans.id = plan_steps.plan_id AND support_plans.state = 'approved'
                JOIN cases ON cases.id = support_plans.case_id AND cases.state <> '{CaseState.CLOSED}'"""  # noqa: S608


async def steps_of(db: Connection, person_id: int) -> list[tuple[Case, Step]]:
    """What a person still has to do, in any plan in force of a case that she may know of."""
    unkept = await open_to(db, person_id)
    rows = await db.all(
        f"""{_IN_FORCE}
            WHERE plan_steps.state = 'open' AND plan_steps.owner_mark = :mark AND {unkept.sql}
            ORDER BY plan_steps.ends_at, plan_steps.id""",
        mark=_mark_of_owner(db, person_id),
        **unkept.values,
    )
    return await _with_cases(db, rows)


async def overdue(db: Connection, now: datetime) -> list[tuple[Case, Step]]:
    """What should be done by now, in any plan in force."""
    rows = await db.all(
        f"""{_IN_FORCE}
            WHERE plan_steps.state = 'open' AND plan_steps.ends_at <= :now
            ORDER BY cases.id, plan_steps.ends_at, plan_steps.id""",
        now=to_us(now),
    )
    return await _with_cases(db, rows)


async def _with_cases(db: Connection, rows: Iterable[Row]) -> list[tuple[Case, Step]]:
    found = []
    for row in rows:
        with contextlib.suppress(Sealed):  # one whose key is gone must not stand in the way of the others
            case = await cases.get(db, row["of_case"])
            if case is not None:
                found.append((case, await _step(db, row)))
    return found


async def note_told(db: Connection, step_id: int, before: datetime, now: datetime) -> bool:
    """Somebody hears now that the step is overdue; False when somebody did since `before`."""
    found = await db.value(
        """UPDATE plan_steps SET told_at = :now
           WHERE id = :id AND (told_at IS NULL OR told_at <= :before)
           RETURNING id""",
        now=minute(now),
        id=step_id,
        before=to_us(before),
    )
    return found is not None


async def tell_times(db: Connection, person_ids: Iterable[int], now: datetime) -> Mapping[int, datetime]:
    """When each of these people may be reminded of work: by day, outside her quiet hours."""
    ids = sorted(set(person_ids))
    if not ids:
        return {}
    names, wanted = listed(ids)
    rows = await db.all(
        f"SELECT id, zone, quiet_from, quiet_until FROM persons WHERE id IN ({names})",  # noqa: S608 - names only
        **wanted,
    )
    return {row["id"]: tell_at(row["zone"], (row["quiet_from"], row["quiet_until"]), now) for row in rows}
