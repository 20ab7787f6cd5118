"""/duty: who is on duty now and next, one's own shifts, and for the head of the helpers what is still missing."""

from collections.abc import Iterator

import storage.duty
from domain.duty import Post, Shift, Swap
from domain.hotline_checklist import TO_DO, Point, missing
from domain.messages import Body, Button, Keyboard, Outgoing, Say, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import Role
from handlers.duty.office import POSTS, Office, enter
from storage.database import Connection

_SHOWN = 6  # of her shifts, and of offers


async def show(db: Connection, request: Request) -> list[Outgoing]:
    office = await enter(db, request)
    offers = await storage.duty.offered(db, office.stored.id, office.today) if office.stored else []
    own = _own(office, request.person.id)[:_SHOWN]
    body = paragraphs(
        text("<b>Duty</b>"),
        *_now_and_next(office),
        lines(text("<b>Your shifts</b>"), *(_line(office, shift, post) for shift, post in own)) if own else None,
        _checklist(office) if office.supervises else None,
    )
    return [Say(body, [*_swaps(office, request, own, offers), *_to_do(office)])]


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
    if not office.supervises:
        return
    if {Point.WORKERS, Point.SUPERVISOR} & set(missing(office.facts)):
        # NOTE: button. Shows the members, to give somebody a role.
        yield [button(text("Members"), "m", office.network.id)]
    # NOTE: button. The plan of who is on duty when.
    yield [button(text("Plan"), "du.plan")]
