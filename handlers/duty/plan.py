"""The head of the helpers plans the week, by buttons alone. It counts when it is published, and then it has no gap."""

from collections.abc import Callable, Mapping

import storage.duty
from domain import duty
from domain.duty import HOURS, Gap, Lack, Pair, Post, Roster
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    Value,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import Role
from handlers.duty.office import DAY_NAMES, POSTS, Office, enter, hours_of, post_of, slot_of
from handlers.route import not_here
from storage.database import Connection

_ALL_DAY = "0-24"


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The plan as it stands; a new one begins as the roster that counts."""
    office = await enter(db, request, Role.SUPERVISOR)
    return [_week(office, await _draft(db, office))]


async def _draft(db: Connection, office: Office) -> Roster:
    found = await storage.duty.draft(db, office.network.id, office.network.zone)
    if found is not None:
        return found
    if office.stored is not None:
        return duty.Roster(office.stored.roster.hours, office.network.zone, office.stored.roster.pairs)
    return duty.empty(_ALL_DAY, office.network.zone)


async def _save(db: Connection, office: Office, plan: Roster) -> None:
    await storage.duty.save_draft(db, office.network.id, plan)


# --- the week ---------------------------------------------------------------------------------------------------------


def _week(office: Office, plan: Roster, above: Body | None = None) -> Edit:
    days = (_day_lines(office, plan, day) for day in range(duty.DAYS))
    heading = text("<b>Plan</b>: %(hours)s. It counts when it is published.", hours=_hours(plan.hours))
    return Edit(paragraphs(above, heading, *days), _week_buttons())


def _day_lines(office: Office, plan: Roster, day: int) -> Body:
    """A day on which nobody is set is one line."""
    shifts = [slot for slot in plan.slots if slot.day == day]
    pairs = [(hours_of(plan.hours, slot.shift), plan.pair(slot)) for slot in shifts]
    if all(pair == Pair() for _, pair in pairs):
        return text("<b>%(day)s</b>: nobody yet", day=DAY_NAMES[day])
    return lines(
        text("<b>%(day)s</b>", day=DAY_NAMES[day]),
        *(
            text(
                "%(hours)s: %(worker)s, %(backup)s",
                hours=hours,
                worker=office.name(pair.worker),
                backup=office.name(pair.backup),
            )
            for hours, pair in pairs
        ),
    )


def _week_buttons() -> Keyboard:
    days = [button(name, "du.day", number) for number, name in enumerate(DAY_NAMES)]
    return [
        *[days[at : at + 2] for at in range(0, len(days), 2)],
        # NOTE: button. At which hours somebody is on duty.
        [button(text("Hours"), "du.hours")],
        # NOTE: button. Every day of the plan becomes as Monday is.
        [button(text("Same every day"), "du.fill", "monday")],
        # NOTE: button. Everybody is on duty in turn.
        [button(text("Take turns"), "du.fill", "turns")],
        # NOTE: button. From now on the plan counts.
        [button(text("Publish"), "du.publish"), button(text("Discard"), "du.discard")],
    ]


def _hours(hours: str) -> Words:
    begins, ends = HOURS[hours][0][0], HOURS[hours][-1][1]
    return Words(f"{begins:02}:00–{ends:02}:00")


# --- one day, one post ------------------------------------------------------------------------------------------------


async def show_day(db: Connection, request: Request) -> list[Outgoing]:
    """args: day."""
    office = await enter(db, request, Role.SUPERVISOR)
    plan = await _draft(db, office)
    if request.args[:1] not in {(str(day),) for day in range(duty.DAYS)}:
        raise not_here()
    return [_day(office, plan, int(request.args[0]))]


def _day(office: Office, plan: Roster, day: int) -> Edit:
    rows: list[list[Button]] = []
    for slot in plan.slots:
        for post in Post if slot.day == day else ():
            label = text(
                "%(hours)s %(post)s: %(name)s",
                hours=hours_of(plan.hours, slot.shift),
                post=POSTS[post],
                name=office.name(plan.pair(slot).at(post)),
            )
            rows.append([button(label, "du.who", slot.day, slot.shift, post.value)])
    return Edit(_day_lines(office, plan, day), [*rows, [button(text("Back"), "du.plan")]])


async def ask_who(db: Connection, request: Request) -> list[Outgoing]:
    """args: day, shift, post."""
    office = await enter(db, request, Role.SUPERVISOR)
    plan = await _draft(db, office)
    slot, post = slot_of(request, plan.hours), post_of(request, 2)
    people = sorted(set(office.facts.workers))
    rows = [[button(office.name(one), "du.set", slot.day, slot.shift, post.value, one)] for one in people]
    asked = text(
        "%(day)s %(hours)s, %(post)s: who?",
        day=DAY_NAMES[slot.day],
        hours=hours_of(plan.hours, slot.shift),
        post=POSTS[post],
    )
    return [Edit(asked, [*rows, [button(text("Back"), "du.day", slot.day)]])]


async def set_who(db: Connection, request: Request) -> list[Outgoing]:
    """args: day, shift, post, person."""
    office = await enter(db, request, Role.SUPERVISOR)
    plan = await _draft(db, office)
    slot, post, chosen = slot_of(request, plan.hours), post_of(request, 2), request.number(3)
    if chosen not in office.facts.workers:
        raise not_here()
    plan = plan.with_pair(slot, plan.pair(slot).with_one(post, chosen))
    await _save(db, office, plan)
    return [_day(office, plan, slot.day)]


# --- hours, and many at once ------------------------------------------------------------------------------------------


async def set_hours(db: Connection, request: Request) -> list[Outgoing]:
    """args: the hours; none: they are asked for."""
    office = await enter(db, request, Role.SUPERVISOR)
    if not request.args:
        rows = [[button(_hours(hours), "du.hours", hours)] for hours in HOURS]
        return [Edit(text("When is somebody on duty?"), [*rows, [button(text("Back"), "du.plan")]])]
    if request.args[0] not in HOURS:
        raise not_here()
    plan = duty.empty(request.args[0], office.network.zone)
    await _save(db, office, plan)
    return [_week(office, plan)]


async def fill(db: Connection, request: Request) -> list[Outgoing]:
    """args: monday or turns."""
    office = await enter(db, request, Role.SUPERVISOR)
    fills: Mapping[str, Callable[[Roster], Roster]] = {
        "monday": duty.monday_for_all,
        "turns": lambda plan: duty.by_turns(plan, dict.fromkeys(office.facts.workers)),
    }
    by = fills.get(request.args[0] if request.args else "")
    if by is None:
        raise not_here()
    plan = by(await _draft(db, office))
    await _save(db, office, plan)
    return [_week(office, plan)]


async def discard(db: Connection, request: Request) -> list[Outgoing]:
    office = await enter(db, request, Role.SUPERVISOR)
    await storage.duty.discard(db, office.network.id)
    return [_week(office, await _draft(db, office))]


# --- it counts --------------------------------------------------------------------------------------------------------


async def publish(db: Connection, request: Request) -> list[Outgoing]:
    """A plan with a gap is not accepted: the first is named."""
    office = await enter(db, request, Role.SUPERVISOR)
    plan = await _draft(db, office)
    if found := duty.gaps(plan, office.facts.workers):
        return [_week(office, plan, _refusal(gap_named(office, plan, found[0]), len(found) - 1))]
    await _save(db, office, plan)
    if not await storage.duty.publish(db, office.network.id, request.person.id, request.now):
        raise Refused(text("This was published already."))
    on_it = {one for pair in plan.pairs.values() for one in (pair.worker, pair.backup) if one is not None}
    told = text("There is a new duty roster. Your shifts: /duty")
    published = Edit(text("✓ The duty roster is published. Those on it are told."), [[button(text("Back"), "du")]])
    return [published, *(Say(told, to=ToPerson(one)) for one in sorted(on_it - {request.person.id}))]


def _refusal(first: Text, more: int) -> Text:
    if not more:
        return text("⚠️ The plan can't count yet. %(gap)s", gap=first)
    return text("⚠️ The plan can't count yet. %(gap)s Other gaps: %(more)s.", gap=first, more=more)


def gap_named(office: Office, plan: Roster, gap: Gap) -> Text:
    when: dict[str, Value] = {"day": DAY_NAMES[gap.slot.day], "hours": hours_of(plan.hours, gap.slot.shift)}
    match gap.lack:
        case Lack.NOBODY:
            return text("%(day)s %(hours)s: nobody is on duty.", **when)
        case Lack.BACKUP:
            return text("%(day)s %(hours)s: there is no backup.", **when)
        case Lack.TWICE:
            return text("%(day)s %(hours)s: helper and backup are one person.", **when)
    return text("%(day)s %(hours)s: %(name)s can't be on duty now.", name=office.name(gap.person_id), **when)
