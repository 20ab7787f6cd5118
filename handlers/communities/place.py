"""A community is moved under another one, with all that lies below it: by somebody who leads where it comes from and
where it goes."""

import storage.cases
import storage.communities
from domain.communities import KIND_NAMES, CommunityKind, kind_and_name, kinds_above, kinds_below
from domain.messages import (
    Body,
    Button,
    Edit,
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
from domain.requests import Community, Request
from domain.roles import COORDINATORS
from handlers.communities.doors import may_move
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

_PAGE = 8


async def ask_where(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and after which other one the page begins."""
    community = community_of(request)
    if not may_move(request, community):
        raise not_here()
    last = await storage.communities.get(db, request.number(1)) if request.number(1) else None
    found = await _places(db, request, community, last.path if last else "")
    # NOTE: button
    back = button(text("Back"), "c", community.id)
    if not found:
        return [Edit(text("There is nothing that it could be moved under: %(name)s", name=community.name), [[back]])]
    rows = [[_to(community, one)] for one in found[:_PAGE]]
    if len(found) > _PAGE:
        rows.append([button(text("More"), "c.move", community.id, found[_PAGE - 1].id)])
    asked = lines(kind_and_name(community), text("Where shall it go?"))
    return [Edit(asked, [*rows, [back]])]


async def _places(db: Connection, request: Request, community: Community, after: str) -> list[Community]:
    led = [one.path for one in request.memberships if request.may(COORDINATORS, one.path)]
    kinds = [one.value for one in kinds_above(community.kind)]
    return await storage.communities.places_for(db, community, kinds, led, after=after, most=_PAGE + 1)


def _to(community: Community, over: Community) -> Button:
    return button(_named(over), "c.move.to", community.id, over.id)


def _named(one: Community) -> Text:
    return text("%(kind)s: %(name)s", kind=KIND_NAMES[CommunityKind(one.kind)], name=Words(one.name))


async def ask_to_move(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the one above it from now on."""
    community, over = await _checked(db, request)
    rows = [
        # NOTE: button. A class, a school or another community is moved under another one.
        [button(text("Yes, move it"), "c.move.yes", community.id, over.id)],
        [button(text("Back"), "c.move", community.id)],
    ]
    return [Edit(_asked(community, over), rows)]


def _asked(community: Community, over: Community) -> Body:
    return paragraphs(
        text("Move this with all that is below it?"),
        lines(kind_and_name(community), text("New place: %(place)s", place=_named(over))),
        text("From then on those who lead the new place see and manage it, and those of the old place no longer do."),
        text("What was told to the hotline there goes along, too. I tell nobody whether there is anything."),
        text("You can move it back at any time."),
    )


async def move(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the one above it from now on."""
    community, over = await _checked(db, request)
    # NOTE: button
    to_it = [[button(text("Show"), "c", community.id)]]
    if over.id == community.parent_id:
        return [Edit(text("This was done already."), to_it)]
    changed = await _changed(db, request, community, over)
    moved = await storage.communities.move(db, community, over)
    await storage.cases.go_along(db, community, moved)
    told = lines(text("✓ Moved"), kind_and_name(moved), text("New place: %(place)s", place=_named(over)))
    return [Edit(told, to_it), *changed]


async def _changed(db: Connection, request: Request, community: Community, over: Community) -> list[Outgoing]:
    """What changes, for those who lead what is moved, and for those to whom it is new or lost; of those who lead both
    places it stays."""
    old = (await storage.communities.ancestors(db, community.path))[-2]
    roles = COORDINATORS.leading
    before, after = [
        {member.person_id for _, member in await storage.communities.along(db, one.path, request.now, roles)}
        for one in (old, over)
    ]
    heads = set(await storage.communities.leaders_below(db, community.path, request.now))
    news = (
        (
            heads,
            text(
                "Those who lead the new place see and manage it from now on, and those of the old place no longer do."
            ),
        ),
        (after - before - heads, text("You see and manage it from now on.")),
        (before - after - heads, text("You no longer see or manage it.")),
    )
    what = (
        kind_and_name(community),
        text("Old place: %(place)s", place=_named(old)),
        text("New place: %(place)s", place=_named(over)),
    )
    return [
        Say(lines(text("<b>Moved</b>"), *what, sentence), to=ToPerson(one), lane=Lane.BROADCAST)
        for persons, sentence in news
        for one in sorted(persons - {request.person.id})
    ]


async def _checked(db: Connection, request: Request) -> tuple[Community, Community]:
    """What is moved, and where to, if this person leads both and it fits. Raises Refused with the reason."""
    community, to = community_of(request), await storage.communities.get(db, request.number(1))
    if to is None or to.archived or not request.may(COORDINATORS, to.path) or not may_move(request, community):
        raise not_here()
    if to.path.startswith(community.path):
        raise Refused(text("This is not possible: %(below)s is part of %(name)s.", below=to.name, name=community.name))
    if CommunityKind(community.kind) not in kinds_below(to.kind, request.standing(to.path).leads):
        raise Refused(text("It does not fit there: %(place)s", place=_named(to)))
    if alike := await storage.communities.child_called(db, to.id, community.name, but=community.id):
        raise Refused(text("There is one with this name already: %(name)s. It can't stand there.", name=alike))
    return community, to
