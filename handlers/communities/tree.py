"""The tree of communities: one of them as its members see it, and what may be made below it."""

from collections.abc import Sequence
from dataclasses import replace

import storage.communities
import storage.stages
from domain.communities import (
    KIND_NAMES,
    ROLE_NAMES,
    CommunityKind,
    Member,
    Place,
    community_name,
    kind_and_name,
    kinds_below,
)
from domain.languages import COUNTRIES, LANGUAGES, zones_of
from domain.lists import page_of, turning
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Lines,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.names import in_order
from domain.requests import Community, Request
from domain.roles import COORDINATORS, INSIDERS, Role
from domain.rosters import HAVE_CLASSES
from domain.stages import STAGE_NAMES, has_stage
from domain.zones import ASK_ZONE, ZONE_NAMES
from handlers import forms
from handlers.communities import doors
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection

_BELOW = 5  # communities on a page
_STAFF = 20  # who are named on it
_BUTTONS_MOST = 10  # under one message


async def load(db: Connection, community_id: int, _person_id: int) -> Place | None:
    """A community, for whoever has the route's right in it."""
    community = await storage.communities.get(db, community_id)
    return Place(community) if community and not community.archived else None


def community_of(request: Request) -> Community:
    """The community that the pipeline has loaded and checked."""
    if request.community is None:
        raise LookupError("a route about a community came without one")
    return request.community


def with_classes(request: Request) -> Community:
    """The same, if classes may stand below it. Raises Refused."""
    community = community_of(request)
    if community.kind not in HAVE_CLASSES:
        raise not_here()
    return community


# --- one community ----------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    community = community_of(request)
    return [Say(await _described(db, request, community), await _doors(db, request, community, 0))]


async def show_in_place(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and the page of those below it."""
    community = community_of(request)
    return [Edit(await _described(db, request, community), await _doors(db, request, community, request.number(1)))]


async def _described(db: Connection, request: Request, community: Community) -> Body:
    staff = sorted(await storage.communities.staff(db, community.id, request.now), key=_rank)
    return paragraphs(
        lines(kind_and_name(community), await where(db, community), await _stage(db, community)),
        lines(*_offices(community, staff)) if staff else text("Nobody leads this community yet."),
        await _counts(db, request, community),
    )


async def where(db: Connection, community: Community) -> Text | None:
    """The communities above, from the root down."""
    over = [one for one in await storage.communities.ancestors(db, community.path) if one.id != community.id]
    if not over:
        return None
    return text("Part of: %(path)s", path=Lines(tuple(text("%(name)s", name=one.name) for one in over), " › "))


_RANKS = (Role.CHAIR, Role.COORDINATOR, Role.HEAD_OF_CLASS, Role.PSYCHOLOGIST)


def _rank(member: Member) -> int:
    return _RANKS.index(Role(member.role))


def _offices(community: Community, staff: Sequence[Member]) -> list[Body]:
    """As many as fit into a message."""
    more: list[Body] = [Words("…")] if len(staff) > _STAFF else []
    return [*(_office(community, member) for member in staff[:_STAFF]), *more]


def _office(community: Community, member: Member) -> Text:
    """Who she is, and her term. The days are the community's: the same for everybody who reads it."""
    role, name = ROLE_NAMES[Role(member.role)], member.called
    if member.since is None:
        raise LookupError("a membership without its beginning")
    since = Moment(member.since, community.zone, show="date")
    if member.until is None:
        # NOTE: who holds an office, for example: Chair: Gülnar, since 1 Sep 2026
        return text("%(role)s: %(name)s, since %(since)s", role=role, name=name, since=since)
    until = Moment(member.until, community.zone, show="date")
    # NOTE: who holds an office, for example: Chair: Gülnar, 1 Sep 2026 – 31 Aug 2027
    return text("%(role)s: %(name)s, %(since)s – %(until)s", role=role, name=name, since=since, until=until)


async def _counts(db: Connection, request: Request, community: Community) -> Body:
    counted = await storage.communities.count_members(db, community.id, request.now)
    return lines(
        text("Pupils: %(count)s", count=counted.get(Role.PUPIL, 0)),
        text("Parents: %(count)s", count=counted.get(Role.PARENT, 0)),
        text("Teachers: %(count)s", count=counted.get(Role.TEACHER, 0)),
    )


async def _stage(db: Connection, community: Community) -> Body | None:
    """How far a school says it has come."""
    found = await storage.stages.last_of(db, community.id) if has_stage(community) else None
    if found is None:
        return None
    at = Moment(found.at, community.zone, show="date")
    return text("Stage: %(stage)s (%(day)s)", stage=STAGE_NAMES[found.stage], day=at)


async def _doors(db: Connection, request: Request, community: Community, given: int) -> Keyboard:
    """Those below, a page of them; what can be done here, as far as there is room; and the way up."""
    below, up = await _below(db, request, community, given), await _up(db, request, community)
    room = _BUTTONS_MOST - sum(map(len, below)) - len(up)
    return [*below, *await doors.tools(db, request, community, room), up]


async def _below(db: Connection, request: Request, community: Community, given: int) -> Keyboard:
    """A button for each community below that this person may look into."""
    children = await storage.communities.children(db, community.id)
    order = in_order(request.person.language)
    allowed = [child for child in children if request.may(INSIDERS, child.path)]
    page = page_of(sorted(allowed, key=lambda child: order(child.name)), given, _BELOW)
    shown = [[button(Words(child.name), "c", child.id)] for child in page.shown]
    return [*shown, turning("c", community.id, page=page.number, more=page.more)]


async def _up(db: Connection, request: Request, community: Community) -> list[Button]:
    over = await storage.communities.get(db, community.parent_id) if community.parent_id else None
    if over is None or not request.may(INSIDERS, over.path):
        return []
    return [button(text("↑ %(name)s", name=Words(over.name)), "c", over.id)]


# --- add below --------------------------------------------------------------------------------------------------------


async def start_adding(db: Connection, request: Request) -> list[Outgoing]:
    kinds = _kinds_for(request)
    if not kinds:
        raise not_here()
    answers = {"kind": kinds[0].value} if len(kinds) == 1 else {}
    return await forms.start(db, request, FORM, answers)


def _ask_kind(request: Request, _answers: Answers) -> Text:
    return text("What do you want to add below %(name)s?", name=community_of(request).name)


async def _kinds(_db: Connection, request: Request, _answers: Answers) -> list[Choice]:
    return [Choice(KIND_NAMES[kind], kind.value) for kind in _kinds_for(request)]


def _kinds_for(request: Request) -> tuple[CommunityKind, ...]:
    community = community_of(request)
    return kinds_below(community.kind, request.standing(community.path).leads)


def _is_region(answers: Answers) -> bool:
    return bool(answers.get("kind") == CommunityKind.REGION)


def _ask_country(_request: Request, _answers: Answers) -> Text:
    return text("In which country is it? Its language, time and helplines follow from that.")


def _has_zones(answers: Answers) -> bool:
    return _is_region(answers) and len(zones_of(str(answers.get("country", "")))) > 1


def _ask_zone(_request: Request, _answers: Answers) -> Text:
    return ASK_ZONE


async def _zones(_db: Connection, _request: Request, answers: Answers) -> list[Choice]:
    return [Choice(ZONE_NAMES[zone], str(number)) for number, zone in enumerate(zones_of(answers["country"]))]


_COUNTRY_CHOICES = (
    # NOTE: button
    Choice(text("Azerbaijan"), "az"),
    # NOTE: button
    Choice(text("Kazakhstan"), "kz"),
    # NOTE: button
    Choice(text("Russia"), "ru"),
    # NOTE: button
    Choice(text("Ukraine"), "ua"),
)


def _ask_name(_request: Request, answers: Answers) -> Text:
    if answers.get("kind") == CommunityKind.CLASS:
        return text("What is the class called? For example: 5A")
    return text("What is it called? Write the name as people know it.")


def read_name(request: Request, _answers: Answers) -> str:
    name = community_name(request.words)
    if name is None:
        raise Refused(text("Please write a name of 1 to 64 letters and digits. For example: 5A"))
    return name


async def _add(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    over, name = community_of(request), answers["name"]
    if answers["kind"] not in _kinds_for(request):
        raise not_here()
    if alike := await storage.communities.child_called(db, over.id, name):
        raise Refused(name_taken(alike))
    country = answers.get("country", over.country)
    language, zone = COUNTRIES[country] if country != over.country else (over.language, over.zone)
    zone = zones_of(country)[int(answers["zone"])] if answers.get("zone") else zone
    added = await storage.communities.add(db, over, answers["kind"], name, language, zone, country)
    next_step = text("Would you like to invite people now? You get a code, a link and a picture to show.")
    rows: Keyboard = [
        # NOTE: button
        [button(text("Invite people"), "i", added.id)],
        # NOTE: button
        [button(text("Add another"), "c.add", over.id), button(text("Show"), "c", added.id)],
    ]
    return [Say(paragraphs(lines(text("✓ Added"), kind_and_name(added)), next_step), rows)]


def name_taken(name: str) -> Text:
    return text("There is one with this name already: %(name)s. Please write another name.", name=name)


FORM = Form(
    "community",
    (
        Field("kind", _ask_kind, choices=_kinds),
        Field("country", _ask_country, choices=fixed(*_COUNTRY_CHOICES), when=_is_region),
        Field("zone", _ask_zone, choices=_zones, when=_has_zones),
        Field("name", _ask_name, read=read_name),
    ),
    _add,
    may=COORDINATORS,
)


# --- language ---------------------------------------------------------------------------------------------------------


async def ask_language(_db: Connection, request: Request) -> list[Outgoing]:
    community = community_of(request)
    rows = [[button(Words(name), "c.lang.is", community.id, code)] for code, name in LANGUAGES.items()]
    asked = text("In which language do I write in the group chats of %(name)s?", name=community.name)
    return [Edit(asked, [*rows, [button(text("Back"), "c", community.id)]])]


async def take_language(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the language."""
    community = community_of(request)
    language = request.args[1] if len(request.args) > 1 else ""
    if language not in LANGUAGES:
        raise not_here()
    await storage.communities.save_language(db, community.id, language)
    described, doors = await _described(db, request, community), await _doors(db, request, community, 0)
    return [Edit(described, doors), Toast(text("Saved."))]


# --- name -------------------------------------------------------------------------------------------------------------


async def start_renaming(db: Connection, request: Request) -> list[Outgoing]:
    return await forms.start(db, request, NAME_FORM)


def _ask_new_name(request: Request, _answers: Answers) -> Text:
    return text("What shall it be called? Now: %(name)s", name=community_of(request).name)


async def _rename(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    community, name = community_of(request), answers["name"]
    over = community.parent_id
    if over is not None and (alike := await storage.communities.child_called(db, over, name, but=community.id)):
        raise Refused(name_taken(alike))
    await storage.communities.save_name(db, community.id, name)
    renamed = replace(community, name=name)
    return [Say(await _described(db, request, renamed), await _doors(db, request, renamed, 0))]


NAME_FORM = Form("rename", (Field("name", _ask_new_name, read=read_name),), _rename, may=COORDINATORS)
