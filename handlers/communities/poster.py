"""A poster for the classroom door: an invite as a page to print, in its community's language and a second one."""

from collections.abc import Sequence

import storage.communities
from domain.communities import ROLE_NAMES, CommunityKind, Member
from domain.invites import Invite, is_over, shown
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
    paragraphs,
    text,
)
from domain.requests import Community, Request
from domain.roles import Role
from handlers.communities.invite import gone, whom
from handlers.route import not_here
from storage.database import Connection

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
    first, second = community.language, await _second(db, request, invite)
    place = await storage.communities.get(db, community.parent_id) if community.parent_id else None
    leaders = await storage.communities.nearest(db, community.path, request.now)
    poster = page(invite, place, leaders, (first, second))
    return [Say(_described(invite, first, second), _others(invite, first, second), media=poster)]


async def _second(db: Connection, request: Request, invite: Invite) -> str:
    community = invite.community
    asked_for = request.args[1] if len(request.args) > 1 else ""
    if asked_for in LANGUAGES and asked_for != community.language:
        return asked_for
    spoken = await storage.communities.languages_of(db, community.id)
    return second_language(community.language, community.country, spoken)


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


def page(invite: Invite, place: Community | None, leaders: Sequence[Member], languages: Sequence[str]) -> Paper:
    """The poster itself: one page, however long the names are."""
    link = DeepLink(invite.code)
    data: dict[str, PaperValue] = {
        # The network is nobody's address.
        "place": place.name if place is not None and place.parent_id is not None else None,
        "name": invite.community.name,
        "qr": QrCode(link),
        "code": shown(invite.code),
        "link": link,
        "blocks": [_told(invite, leaders[:_MOST_ASKED], language) for language in languages],
    }
    return Paper("poster", data, f"poster-{shown(invite.code)}.pdf")


def _told(invite: Invite, leaders: Sequence[Member], language: str) -> dict[str, PaperValue]:
    until = Moment(invite.expires_at, invite.community.zone, show="day")
    said: dict[str, Text] = {
        "what": _what(invite),
        # NOTE: on a printed poster, under a QR code
        "how": text("Point your phone's camera at the square and open the link. It takes a minute."),
        "whom": text("For: %(whom)s", whom=whom(invite.role)),
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
