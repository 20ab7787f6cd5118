"""A poster for the classroom door: an invite as a page to print, in its community's language and a second one."""

from collections.abc import Collection, Mapping, Sequence

import storage.communities
import storage.posters
import storage.rosters
from domain.communities import ROLE_NAMES, CommunityKind, Member
from domain.invites import Expiry, Invite, expires_at, is_over, shown
from domain.languages import LANGUAGES, second_language
from domain.messages import (
    Body,
    Button,
    DeepLink,
    InLanguage,
    Moment,
    Outgoing,
    Paper,
    PaperValue,
    QrCode,
    Refused,
    Say,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.names import in_order
from domain.posters import MOST, packed
from domain.requests import Community, Request
from domain.roles import Role
from handlers.communities.invite import gone, whom
from handlers.communities.tree import with_classes
from handlers.route import not_here
from storage.database import Connection
from storage.posters import Door

_ROUTE = "i.poster"
_MOST_ASKED = 2


async def send(db: Connection, request: Request) -> list[Outgoing]:
    """args: the invite, and the second language; without one, the one that most of its readers have."""
    invite: Invite = request.subject
    if invite.opens_class:  # for one person alone: no door's business
        raise not_here()
    if is_over(invite, request.now):
        # NOTE: button. Makes another invitation, with other conditions.
        another = [[button(text("Another one"), "i.new", invite.community.id)]]
        raise Refused(gone(invite), buttons=another)
    community = invite.community
    first, second = await _chosen(db, request, invite)
    place = await storage.communities.get(db, community.parent_id) if community.parent_id else None
    leaders = await storage.communities.nearest(db, community.path, request.now, grown_up=True)
    poster = page(invite, place, leaders, (first, second))
    return [Say(_described(invite, first, second), _others(invite, first, second), media=poster)]


async def _chosen(db: Connection, request: Request, invite: Invite) -> tuple[str, str]:
    asked_for = request.args[1] if len(request.args) > 1 else ""
    if asked_for in LANGUAGES and asked_for != invite.community.language:
        return invite.community.language, asked_for
    return _languages(invite, await storage.posters.languages_of(db, invite.community.id))


def _described(invite: Invite, first: str, second: str) -> Body:
    return paragraphs(
        text("<b>A poster to print</b>: %(name)s", name=invite.community.name),
        text(
            "It is in two languages: %(first)s, %(second)s. For another second language, tap it.",
            first=Words(LANGUAGES[first]),
            second=Words(LANGUAGES[second]),
        ),
    )


def _others(invite: Invite, first: str, second: str) -> list[list[Button]]:
    others = [
        button(Words(name), _ROUTE, invite.id, code) for code, name in LANGUAGES.items() if code not in (first, second)
    ]
    return [others[at : at + 2] for at in range(0, len(others), 2)]


# --- of many classes --------------------------------------------------------------------------------------------------


async def send_all(db: Connection, request: Request) -> list[Outgoing]:
    """A poster for each class below a school, a district…; a class without a code gets one."""
    community = with_classes(request)
    ids = await storage.posters.classes(db, community, MOST + 1)
    if not ids:
        raise Refused(text("There is no class here yet."))
    if len(ids) <= MOST:
        until = expires_at(Expiry.SCHOOL_YEAR, request.now, community.zone)
        await storage.rosters.give_codes(db, community, ids, request.person.id, until, request.now)
    return await for_classes(db, request, community, ids)


async def for_classes(db: Connection, request: Request, of: Community, ids: Collection[int]) -> list[Outgoing]:
    """A poster for each of these classes below a community, in as few files as hold them."""
    if len(ids) > MOST:
        many = text("Posters come for at most %(most)s classes at once: please take them school by school.", most=MOST)
        return [Say(many)]
    order, schools = in_order(request.person.language), dict[int, list[Door]]()
    for one in await storage.posters.doors_of(db, ids, request.now):
        schools.setdefault(one.school.id, []).append(one)
    own = [sorted(doors, key=lambda one: order(one.invite.community.name)) for doors in schools.values()]
    files = packed(sorted(own, key=lambda doors: order(doors[0].school.name)))
    return [_file(of, doors, number if len(files) > 1 else None) for number, doors in enumerate(files, start=1)]


def _file(of: Community, doors: Sequence[Door], number: int | None) -> Say:
    pages = [_page(one.invite, one.school, one.leaders, _languages(one.invite, one.spoken)) for one in doors]
    told = text_n("A poster of %(n)s class, to print.", "Posters of %(n)s classes, to print.", len(pages))
    first, last = doors[0].school, doors[-1].school
    # NOTE: from the first school to the last one of a file
    which = text("%(first)s – %(last)s", first=first.name, last=last.name) if first != last else _name(first)
    name = "posters.pdf" if number is None else f"posters-{number}.pdf"
    return Say(
        lines(told, which if of.kind != CommunityKind.SCHOOL else None),
        media=Paper("poster", {"title": of.name, "pages": pages}, name),
    )


def _name(of: Community) -> Text:
    return text("%(name)s", name=of.name)


def _languages(invite: Invite, spoken: Mapping[str, int]) -> tuple[str, str]:
    first = invite.community.language
    return first, second_language(first, invite.community.country, spoken)


def page(invite: Invite, place: Community | None, leaders: Sequence[Member], languages: Sequence[str]) -> Paper:
    """The poster itself: one page, however long the names are."""
    data: dict[str, PaperValue] = {
        "title": invite.community.name,
        "pages": [_page(invite, place, leaders, languages)],
    }
    return Paper("poster", data, f"poster-{shown(invite.code)}.pdf")


def _page(
    invite: Invite, place: Community | None, leaders: Sequence[Member], languages: Sequence[str]
) -> dict[str, PaperValue]:
    link = DeepLink(invite.code)
    return {
        # The network is nobody's address.
        "place": place.name if place is not None and place.parent_id is not None else None,
        "name": invite.community.name,
        "qr": QrCode(link),
        "code": shown(invite.code),
        "link": link,
        "blocks": [_told(invite, leaders[:_MOST_ASKED], language) for language in languages],
    }


def _told(invite: Invite, leaders: Sequence[Member], language: str) -> dict[str, PaperValue]:
    until = Moment(invite.expires_at, invite.community.zone, show="day")
    said: dict[str, Text] = {
        "what": _what(invite),
        # NOTE: on a printed poster, under a QR code
        "how": text("Point your phone's camera at the square and open the link. It takes a minute."),
        "whom": text("For: %(whom)s", whom=whom(invite)),
        # NOTE: on a printed poster
        "until": text("The code works until: %(day)s", day=until),
    }
    asked = [
        # NOTE: on a printed poster: whom to ask
        text("Any questions? %(role)s: %(name)s", role=ROLE_NAMES[Role(one.role)], name=one.called)
        for one in leaders
    ]
    blocks: dict[str, PaperValue] = {name: InLanguage(language, body) for name, body in said.items()}
    return {"language": language, **blocks, "ask": [InLanguage(language, one) for one in asked]}


def _what(invite: Invite) -> Text:
    if invite.community.kind == CommunityKind.CLASS:
        # NOTE: on a printed poster
        return text("Our class in one place: news, meetings and votes.")
    # NOTE: on a printed poster
    return text("Our community in one place: news, meetings and votes.")
