"""/duty: who is on duty now and next, one's own shifts; for those who open the hotline what is still missing.

A coordinator is one of these, and sees no name of anybody on duty.
"""

from collections.abc import Iterator

import storage.canary
import storage.duty
import storage.roles
from domain.canary import Canary, Ended
from domain.communities import ROLE_NAMES
from domain.duty import Post, Shift, Swap
from domain.hotline_checklist import TO_DO, Point, missing
from domain.hotline_roles import Proposal, may_decide
from domain.messages import (
    Body,
    Button,
    Keyboard,
    Moment,
    Outgoing,
    Say,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import Role
from handlers.communities import hotline_roles
from handlers.duty.office import POSTS, Office, enter
from storage.database import Connection

_SHOWN = 6  # of her shifts, and of offers


async def show(db: Connection, request: Request) -> list[Outgoing]:
    office = await enter(db, request)
    waiting = await _waiting(db, request)
    needs_conduct = await hotline_roles.conduct_waits(db, request)
    if not office.works:
        told = paragraphs(text("<b>Duty</b>"), *await _state(db, office), _asked(waiting))
        return [Say(told, [*_decisions(waiting), *_to_do(office)])]
    offers = await storage.duty.offered(db, office.stored.id, office.today) if office.stored else []
    own = _own(office, request.person.id)[:_SHOWN]
    body = paragraphs(
        text("<b>Duty</b>"),
        *_now_and_next(office),
        lines(text("<b>Your shifts</b>"), *(_line(office, shift, post) for shift, post in own)) if own else None,
        *(await _state(db, office) if office.opens else ()),
        _asked(waiting),
    )
    # NOTE: button. What whoever works for the hotline accepts.
    conduct = [[button(text("Code of conduct"), "conduct")]] if needs_conduct else []
    return [Say(body, [*conduct, *_decisions(waiting), *_swaps(office, request, own, offers), *_to_do(office)])]


# --- what waits for her decision --------------------------------------------------------------------------------------


async def _waiting(db: Connection, request: Request) -> list[Proposal]:
    """Roles of the hotline that somebody else proposed, and that she may confirm."""
    return [
        one
        for one in await storage.roles.undecided(db)
        if may_decide(one, request.person.id, request.standing(one.community.path))
    ][:_SHOWN]


def _asked(waiting: list[Proposal]) -> Body | None:
    asked = (text("Waiting for an answer: %(name)s", name=one.called) for one in waiting)
    return lines(*asked) if waiting else None


def _decisions(waiting: list[Proposal]) -> Keyboard:
    return [
        [button(text("%(name)s – %(role)s", name=Words(one.called), role=ROLE_NAMES[one.role]), "hotline", one.id)]
        for one in waiting
    ]


# --- how it stands ----------------------------------------------------------------------------------------------------


async def _state(db: Connection, office: Office) -> list[Body | None]:
    return [_checklist(office), _last_test(await storage.canary.last(db), office)]


def _last_test(last: Canary | None, office: Office) -> Text | None:
    """While one waits nobody learns so here: whoever is on duty should take it for a report."""
    if last is None or last.ended is Ended.WAITING:
        return None
    at = Moment(last.sent_at, office.network.zone)
    if last.ended is Ended.MISSED:
        # NOTE: A report that nobody wrote is sent each week, to see whether a helper takes it.
        return text("⚠️ Last weekly test: %(at)s. Nobody took it in time.", at=at)
    # NOTE: A report that nobody wrote is sent each week, to see whether a helper takes it.
    return text("Last weekly test: %(at)s. Minutes until a helper took it: %(minutes)s", at=at, minutes=last.minutes)


def _now_and_next(office: Office) -> Iterator[Body]:
    if office.stored is None:
        yield text("There is no duty roster yet.")
        return
    now, following = office.stored.roster.at(office.now), office.stored.roster.next(office.now)
    yield _pair(office, now, "now") if now else text("Right now nobody is on duty.")
    if following is not None:
        yield _pair(office, following, "next")


def _pair(office: Office, shift: Shift, when: str) -> Body:
    values = {"worker": office.name(shift.pair.worker), "backup": office.name(shift.pair.backup)}
    if when == "now":
        return text("Now: %(worker)s. Backup: %(backup)s.", **values)
    return text("Next, %(at)s: %(worker)s. Backup: %(backup)s.", at=office.at(shift), **values)


def _own(office: Office, person_id: int) -> list[tuple[Shift, Post]]:
    if office.stored is None:
        return []
    return [
        (one, post) for one in office.stored.roster.ahead(office.now) for post in Post if one.pair.at(post) == person_id
    ]


def _line(office: Office, shift: Shift, post: Post) -> Body:
    return text("%(at)s, as %(post)s", at=office.at(shift), post=POSTS[post])


def _checklist(office: Office) -> Body:
    points = missing(office.facts)
    if not points:
        return text("✓ The hotline is open.")
    steps = (text("%(n)s. %(what)s", n=number, what=TO_DO[point]) for number, point in enumerate(points, 1))
    return lines(text("<b>The hotline is closed.</b> It opens when this is there:"), *steps)


# --- its buttons ------------------------------------------------------------------------------------------------------


def _swaps(office: Office, request: Request, own: list[tuple[Shift, Post]], offers: list[Swap]) -> Keyboard:
    me = request.person.id
    offered = {(one.on, one.shift, one.post): one for one in offers if one.giver == me}
    rows: list[list[Button]] = []
    for shift, post in own:
        mine = offered.get((shift.on, shift.slot.shift, post))
        if mine is None:
            # NOTE: button. Somebody gives a shift away; %(at)s is its day and time.
            give = text("Offer: %(at)s", at=office.short(shift))
            rows.append([button(give, "du.offer", shift.on.isoformat(), shift.slot.shift, post.value)])
        else:
            # NOTE: button. Somebody keeps a shift after all; %(at)s is its day and time.
            rows.append([button(text("Keep: %(at)s", at=office.short(shift)), "du.keep", mine.id)])
    return [*rows, *_to_take(office, me, offers)]


def _to_take(office: Office, me: int, offers: list[Swap]) -> Iterator[list[Button]]:
    if Role.WORKER not in office.roles:
        return
    for swap in [one for one in offers if one.giver != me][:_SHOWN]:
        shift = office.shift(swap.on.isoformat(), swap.shift)
        if shift is not None:
            # NOTE: button. Somebody takes a shift of somebody else; %(at)s is its day and time.
            yield [button(text("Take: %(at)s", at=office.short(shift)), "du.take", swap.id)]


def _to_do(office: Office) -> Iterator[list[Button]]:
    """The next steps before the hotline opens, each with its door; the others are for whoever runs the bot."""
    if not office.opens:
        return
    if {Point.WORKERS, Point.SUPERVISOR} & set(missing(office.facts)):
        # NOTE: button. Shows the members, to give somebody a role.
        yield [button(text("Members"), "m", office.network.id)]
    if office.supervises:
        # NOTE: button. The plan of who is on duty when.
        yield [button(text("Plan"), "du.plan")]
