"""A bridge, not a wall: which of the three parties a class still lacks, with an invitation for them one tap away."""

import storage.bridge
from domain.communities import PARTY_NAMES, CommunityKind, kind_and_name
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Lines,
    Outgoing,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Community, Request
from domain.roles import PARTIES, Role
from handlers.communities.invite import ready
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.bridge import Gap
from storage.database import Connection

_PAGE = 6

_NONE_OF: dict[Role, Text] = {
    # NOTE: said of a class: “5A: no pupils, no parents”
    Role.PUPIL: text("no pupils"),
    # NOTE: said of a class: “5A: no pupils, no parents”
    Role.PARENT: text("no parents"),
    # NOTE: said of a class: “5A: no pupils, no teachers”
    Role.TEACHER: text("no teachers"),
}


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and the page."""
    community, page = community_of(request), min(request.number(1), 10_000)
    found, count = await storage.bridge.gaps_below(db, community.id, request.now, skip=page * _PAGE, most=_PAGE)
    if not found:
        return [Edit(await _nothing(db, community), [_back(community)])]
    body = paragraphs(
        lines(
            text("<b>Who is missing</b>: %(name)s", name=community.name),
            text_n("In %(n)s class somebody is missing.", "In %(n)s classes somebody is missing.", count),
        ),
        lines(*(_line(community, one) for one in found)),
        text("Tap for an invitation to show or to send."),
    )
    return [Edit(body, _choices(community, found, page, count))]


async def _nothing(db: Connection, community: Community) -> Body:
    if not await storage.bridge.has_classes(db, community.id):
        return lines(kind_and_name(community), text("There is no class here yet."))
    return lines(kind_and_name(community), text("✓ Pupils, parents and teachers are in every class."))


def _line(here: Community, gap: Gap) -> Text:
    missing = Lines(tuple(_NONE_OF[role] for role in gap.missing), ", ")
    if here.kind in (CommunityKind.SCHOOL, CommunityKind.CLASS):
        return text("%(name)s: %(missing)s", name=gap.community.name, missing=missing)
    return text("%(school)s, %(name)s: %(missing)s", school=gap.school, name=gap.community.name, missing=missing)


def _choices(community: Community, found: list[Gap], page: int, count: int) -> Keyboard:
    rows: list[list[Button]] = [[_invites(gap, role) for role in gap.missing] for gap in found]
    turns: list[Button] = []
    if page:
        turns.append(button(text("Back"), "b", community.id, page - 1))
    if (page + 1) * _PAGE < count:
        turns.append(button(text("More"), "b", community.id, page + 1))
    return [*rows, turns, _back(community)]


def _invites(gap: Gap, role: Role) -> Button:
    # NOTE: button. An invitation for these people into this class, for example “5A: parents”.
    label = text("%(name)s: %(whom)s", name=Words(gap.community.name), whom=PARTY_NAMES[role])
    return button(label, "b.in", gap.community.id, role.value)


def _back(community: Community) -> list[Button]:
    return [button(text("↑ %(name)s", name=Words(community.name)), "c", community.id)]


async def invite(db: Connection, request: Request) -> list[Outgoing]:
    """args: the class, and who is invited into it."""
    named = request.args[1] if len(request.args) > 1 else ""
    role = next((role for role in PARTIES if role == named), None)
    if role is None:
        raise not_here()
    return [await ready(db, request, role)]
