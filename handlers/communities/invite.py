"""Invites: a code, a link and a picture that let people ask to join; how long they work, and for whom."""

import storage.invites
from domain.communities import PARTY_NAMES, ROLE_NAMES, CommunityKind, kinds_below, suits
from domain.invites import USES, Expiry, Invite, expires_at, is_over, shown
from domain.lists import page_of, turning
from domain.messages import (
    Body,
    Button,
    Copy,
    DeepLink,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    QrCode,
    Say,
    Text,
    Toast,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Community, Request
from domain.roles import LEADERS, PARTIES, Role, grantable
from domain.rosters import HAVE_CLASSES
from domain.rosters import USES as CLASS_USES
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection

_EVERYBODY, _NEW_CLASS = "all", "new"
_ORDER = tuple(Role)
# As long as the poster hangs on the door; it is revoked with a tap, and whoever comes with it is still looked at.
_AT_FIRST = (Expiry.SCHOOL_YEAR, CLASS_USES)
_PAGE = 7


async def load(db: Connection, invite_id: int, _person_id: int) -> Invite | None:
    """An invite, for whoever has the route's right in its community. The first codes are nobody's to see."""
    invite = await storage.invites.get(db, invite_id)
    return invite if invite and invite.made_by is not None and not invite.community.archived else None


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The newest code for everybody, made at once if there is none."""
    return [await ready(db, request, None)]


async def ready(db: Connection, request: Request, role: Role | None) -> Say:
    """The newest code for one party, or for all three, made at once if there is none."""
    community = community_of(request)
    valid = await storage.invites.valid_of(db, community.id, request.now)
    invite = next((one for one in valid if one.role is role), None)
    if invite is None:
        expiry, uses = _AT_FIRST
        until = expires_at(expiry, request.now, community.zone)
        invite = await storage.invites.make(db, community, role, request.person.id, uses, until)
    return _picture(invite)


async def show_one(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the invite."""
    invite: Invite = request.subject
    return [Say(gone(invite))] if is_over(invite, request.now) else [_picture(invite)]


def _picture(invite: Invite) -> Say:
    """The QR code, with the code, the link and the buttons under it."""
    link = DeepLink(invite.code)
    described = paragraphs(
        text("<b>Invitation</b>: %(name)s", name=invite.community.name),
        lines(
            text("Code: <code>%(code)s</code>", code=_bare(invite)),
            text("Link: %(link)s", link=link),
        ),
        _conditions(invite),
        text("Send the link to the head of class. She or he opens the class with it and can begin at once.")
        if invite.opens_class
        else text("Show the picture, or send the link. Whoever comes with it waits until you say yes."),
    )
    rows: Keyboard = [
        _posters(invite),
        # NOTE: button. Copies an invitation's code.
        [Copy(text("Copy the code"), shown(invite.code))],
        # NOTE: button. Makes another invitation, with other conditions.
        [button(text("Another one"), "i.new", invite.community.id)],
        [
            # NOTE: button. All invitations that still work.
            button(text("All invitations"), "i.all", invite.community.id),
            # NOTE: button. The code stops working.
            button(text("Revoke"), "i.stop", invite.id),
        ],
    ]
    return Say(described, rows, media=QrCode(link))


def _posters(invite: Invite) -> list[Button]:
    """What belongs on a door: an office or a partner's place is one person's."""
    if invite.role is not None and invite.role not in PARTIES:
        return []
    # NOTE: button. A poster to print, with the invitation on it.
    return [button(text("🖨 Poster"), "i.poster", invite.id), *poster_door(invite.community)]


def poster_door(community: Community) -> list[Button]:
    """The posters of all classes below."""
    if community.kind not in HAVE_CLASSES:
        return []
    # NOTE: button. Posters of all classes of a school or a district, to print.
    return [button(text("🖨 All classes"), "i.posters", community.id)]


def _bare(invite: Invite) -> Words:
    # Not isolated: a reader copies it.
    return Words(shown(invite.code))


def _conditions(invite: Invite) -> Body:
    return lines(
        text("For: %(whom)s", whom=whom(invite)),
        text_n("Works for %(n)s person.", "Works for %(n)s people.", invite.uses_left),
        text("Until: %(day)s", day=Moment(invite.expires_at, invite.community.zone, show="day")),
    )


def whom(invite: Invite) -> Text:
    if invite.role is None:
        return text("pupils, parents and teachers")
    if invite.opens_class:
        return text("the head of a new class")
    return PARTY_NAMES.get(invite.role, ROLE_NAMES[invite.role])


# --- all of them ------------------------------------------------------------------------------------------------------


async def show_all(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and in the list itself the page of it that is turned to."""
    community = community_of(request)
    page = page_of(await storage.invites.valid_of(db, community.id, request.now), request.number(1), _PAGE)
    if not page.shown:
        body: Body = text("There is no invitation that works now: %(name)s", name=community.name)
    else:
        body = lines(
            text("<b>Invitations that work now</b>: %(name)s", name=community.name),
            *(text("%(code)s – %(whom)s", code=_bare(one), whom=whom(one)) for one in page.shown),
        )
    rows = [
        *([button(_bare(one), "i.one", one.id)] for one in page.shown),
        turning("i.all", community.id, page=page.number, more=page.more),
        [button(text("Another one"), "i.new", community.id)],
    ]
    return [Edit(body, rows) if len(request.args) > 1 else Say(body, rows)]


async def revoke(db: Connection, request: Request) -> list[Outgoing]:
    """args: the invite."""
    invite: Invite = request.subject
    await storage.invites.revoke(db, invite.id, request.now)
    return [Edit(gone(invite), [_back(invite.community)]), Toast(text("This code no longer works."))]


def gone(invite: Invite) -> Text:
    return text("The code %(code)s no longer works.", code=_bare(invite))


def _back(community: Community) -> list[Button]:
    return [button(text("All invitations"), "i.all", community.id)]


# --- another one ------------------------------------------------------------------------------------------------------


async def start_making(db: Connection, request: Request) -> list[Outgoing]:
    return await forms.start(db, request, FORM)


def _ask_whom(request: Request, _answers: Answers) -> Text:
    return text("Who do you want to invite? Community: %(name)s", name=community_of(request).name)


async def _whoms(_db: Connection, request: Request, _answers: Answers) -> list[Choice]:
    community = community_of(request)
    offices = grantable(request.standing(community.path)) - PARTIES
    return [
        # NOTE: button. Pupils, parents and teachers: each says herself what she is.
        Choice(text("Everybody"), _EVERYBODY),
        # NOTE: button. A link for the head of a class that isn't there yet: she opens it.
        *([Choice(text("New class"), _NEW_CLASS)] if _may_open_class(request) else []),
        *(
            Choice(ROLE_NAMES[role], role.value)
            for role in sorted(offices, key=_ORDER.index)
            if suits(community.kind, role)
        ),
    ]


def _may_open_class(request: Request) -> bool:
    community = community_of(request)
    stands = request.standing(community.path)
    return CommunityKind.CLASS in kinds_below(community.kind, stands.leads) and Role.HEAD_OF_CLASS in grantable(stands)


def _is_open(answers: Answers) -> bool:
    """A link for a new class is for one person and for a week: nothing more is asked."""
    return answers.get("whom") != _NEW_CLASS


def _ask_expiry(_request: Request, _answers: Answers) -> Text:
    return text("How long shall the code work?")


def _ask_uses(_request: Request, _answers: Answers) -> Text:
    return text("For how many people?")


async def _make(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    community, chosen = community_of(request), answers["whom"]
    if chosen == _NEW_CLASS and not _may_open_class(request):
        raise not_here()
    role = {_EVERYBODY: None, _NEW_CLASS: Role.HEAD_OF_CLASS}.get(chosen, chosen)
    if role is not None and role not in grantable(request.standing(community.path)):
        raise not_here()
    until = expires_at(Expiry(answers.get("expiry", Expiry.WEEK)), request.now, community.zone)
    uses = int(answers.get("uses", 1))
    role = None if role is None else Role(role)
    return [_picture(await storage.invites.make(db, community, role, request.person.id, uses, until))]


FORM = Form(
    "invite",
    (
        Field("whom", _ask_whom, choices=_whoms),
        Field(
            "expiry",
            _ask_expiry,
            choices=fixed(
                # NOTE: button
                Choice(text("7 days"), Expiry.WEEK.value),
                # NOTE: button
                Choice(text("30 days"), Expiry.MONTH.value),
                # NOTE: button. A term of office: until 31 August.
                Choice(text("This school year"), Expiry.SCHOOL_YEAR.value),
            ),
            when=_is_open,
        ),
        Field(
            "uses",
            _ask_uses,
            choices=fixed(*(Choice(Words(str(uses)), str(uses)) for uses in USES)),
            columns=3,
            when=_is_open,
        ),
    ),
    _make,
    may=LEADERS,
)
