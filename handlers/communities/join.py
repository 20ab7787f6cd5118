"""A newcomer asks to join with a code."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import storage.communities
import storage.conversations
import storage.expected
import storage.invites
import storage.persons
from domain.communities import ROLE_NAMES, Belonging, Member, kind_and_name
from domain.hotline_roles import LASTS
from domain.invites import NO_SUCH_CODE, Invite, shown
from domain.messages import (
    Body,
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
from domain.requests import Community, Kind, Request
from domain.roles import COMMUNITY_ROLES, OFFICES, PARTIES, Role
from domain.writing import clean_line, shorten
from handlers import forms, menus, typed_codes
from handlers.communities import admit, found, hotline_roles, own_name, tree
from handlers.families import consent
from handlers.forms import Answers, Choice, Field, Form
from handlers.route import not_here
from storage.database import Connection

_CODE_STEP = "join.code"
CARD = "join"  # the first question, for the languages above it


# --- the code ---------------------------------------------------------------------------------------------------------


async def by_code(db: Connection, request: Request) -> list[Outgoing]:
    """/join CODE, /start CODE; without a code it is asked for."""
    return await _open_door(db, request) if request.words else await by_button(db, request)


async def by_button(db: Connection, request: Request) -> list[Outgoing]:
    token = await storage.conversations.expect(
        db, request.identity.id, request.conversation, _CODE_STEP, {}, request.now
    )
    asked = text("Please send me the code. It has 8 letters and digits, for example 4KTR-8PXM.")
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def take_code(db: Connection, request: Request) -> list[Outgoing]:
    return await _open_door(db, request)


async def _open_door(db: Connection, request: Request) -> list[Outgoing]:
    """What the code opens, and who runs it; then the questions. Nothing is used up by looking."""
    invite = await _find(db, request)
    if invite.is_immediate and invite.role is not None:
        return await _take_office(db, request, invite, invite.role)
    if invite.opens_class:
        return await found.start(db, request, invite, menus.first_languages(request, CARD))
    own = await storage.communities.own(db, request.person.id, invite.community.id, request.now)
    if (held := _in_the_way(own, invite.role)) is not None:
        return [await _is_in_already(db, request, invite.community, held)]
    intro = await _described(db, request, invite)
    answers = {"invite": invite.id} | ({"role": invite.role.value} if invite.role else {})
    return await forms.start(db, request, FORM, answers, intro=intro, above=menus.first_languages(request, CARD))


async def _find(db: Connection, request: Request) -> Invite:
    """The invite that was typed. Raises Refused; whoever came by an old link or poster is not left standing there."""
    find, door = partial(storage.invites.find_valid, db, now=request.now), typed_codes.TO_JOIN
    if request.incoming.kind is Kind.COMMAND:
        # NOTE: button
        door = replace(door, another=[[button(text("Join with a code"), "join")]])
    return await typed_codes.opened(db, request, door, request.words, find)


def _in_the_way(own: Sequence[Member], role: Role | None) -> Member | None:
    """What a person is already, or waits to be, when the invite gives her nothing more. By a code for everybody a guest
    may still become one of the three parties, as may whoever has an office of the hotline there."""
    wanted = COMMUNITY_ROLES if role is None else {role}
    return next((one for one in own if one.role in wanted), None)


async def _is_in_already(db: Connection, request: Request, community: Community, held: Member) -> Say:
    if held.state == "waiting":
        return Say(await admit.waiting_for(db, request, community, Role(held.role)), admit.to_ask_no_more(held))
    # NOTE: button
    to_it = button(text("Show"), "pt.see" if held.role == Role.PARTNER else "c", community.id)
    return Say(text("You belong to this community already: %(name)s", name=community.name), [[to_it]])


async def _described(db: Connection, request: Request, invite: Invite) -> Body:
    runs_it = await storage.communities.nearest(db, invite.community.path, request.now, grown_up=True)
    leaders = [
        text("%(role)s: %(name)s", role=ROLE_NAMES[Role(member.role)], name=member.called)
        for member in runs_it[: admit.NAMED_MOST]
    ]
    return paragraphs(
        text("This code lets you join:"),
        lines(kind_and_name(invite.community), await tree.where(db, invite.community)),
        lines(text("Who runs it:"), *leaders) if leaders else None,
        text("You would join as: %(role)s", role=ROLE_NAMES[invite.role]) if invite.role else None,
    )


async def show_again(db: Connection, request: Request) -> list[Outgoing]:
    """The first question in the language that was chosen above it; nothing when it is over."""
    (name, field), draft = forms.form_of(request.conversation.step), request.conversation.draft
    form = {"join": FORM, "found": found.FORM}.get(name)
    if form is None or not form.fits(field, draft):
        return []
    invite = await storage.invites.get(db, draft["answers"]["invite"])
    if invite is None:
        return []
    intro = await found.described(db, invite) if invite.opens_class else await _described(db, request, invite)
    return [await forms.show_again(db, request, form, intro)]


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_role(_request: Request, _answers: Answers) -> Text:
    return text("Who are you in this community?")


async def _roles(_db: Connection, _request: Request, _answers: Answers) -> list[Choice]:
    return [Choice(ROLE_NAMES[role], role.value) for role in (Role.PUPIL, Role.PARENT, Role.TEACHER)]


async def ask_in(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    """The questions are answered: one use of the code is taken, and the newcomer waits."""
    invite = await storage.invites.get(db, answers["invite"])
    if invite is None or not await storage.invites.take_use(db, invite.id, request.now):
        return [Say(NO_SUCH_CODE)]
    community, role = invite.community, invite.role or Role(answers["role"])
    if invite.role is None and role not in PARTIES:
        raise not_here()
    membership_id = await storage.communities.ask_to_join(
        db, request.person.id, community.id, role.value, answers["called"], request.now
    )
    if membership_id is None:
        raise Refused(text("You have asked already, or belong to it already. /home shows where you are."))
    if role is Role.PARTNER:  # a guest for as long as the link says
        await storage.communities.save_until(db, membership_id, invite.expires_at)
    if not request.memberships:
        await storage.persons.adopt_zone(db, request.person.id, community.zone)
    member = Member(membership_id, request.person.id, answers["called"], role.value, "waiting")
    listed = await storage.expected.recognise(db, community.id, role, answers["called"], membership_id)
    waiting = await admit.waiting_for(db, request, community, role)
    asked = Belonging(community, member, listed)
    cards = [*await admit.cards(db, request, asked), *await consent.ask_parents(db, asked)]
    return [Say(waiting, admit.to_ask_no_more(member)), *cards, *await _used_up(db, request, invite)]


async def _used_up(db: Connection, request: Request, invite: Invite) -> list[Outgoing]:
    """After the last use those who lead hear so: the poster still hangs on the door."""
    if invite.uses_left > 1 or invite.role not in (None, *PARTIES):
        return []
    told = text(
        "The code %(code)s is used up: %(name)s. Whoever comes with it now is turned away.",
        code=Words(shown(invite.code)),
        name=invite.community.name,
    )
    another = [[button(text("Invite people"), "i", invite.community.id)]]
    leaders = await storage.communities.nearest(db, invite.community.path, request.now)
    return [Say(told, another, to=ToPerson(one.person_id)) for one in leaders]


FORM = Form(
    "join",
    (
        Field("role", _ask_role, choices=_roles, columns=1),
        own_name.FIELD,
    ),
    ask_in,
)


# --- the first codes, from `birge init` -------------------------------------------------------------------------------


async def _take_office(db: Connection, request: Request, invite: Invite, role: Role) -> list[Outgoing]:
    """Whoever sends the code first holds the role; her name is asked afterwards."""
    if not await storage.invites.take_use(db, invite.id, request.now):
        raise Refused(NO_SUCH_CODE)
    community = invite.community
    until = request.now + LASTS if role in OFFICES else None
    provisional = shorten(clean_line(request.incoming.sender_name), 60) or "?"
    membership_id = await storage.communities.add_member(
        db, request.person.id, community.id, role, provisional, request.now, until=until
    )
    if membership_id is None:
        raise Refused(text("You belong to this community already: %(name)s", name=community.name))
    told = text("You hold this role now: %(role)s, %(name)s", role=ROLE_NAMES[role], name=community.name)
    conduct = [hotline_roles.conduct_of_the_first()] if role in OFFICES else []
    questions = await forms.start(db, request, NAME_FORM, {"membership": membership_id})
    return [Say(told), await menus.menu_of(db, request, request.person.id), *conduct, *questions]


async def _save_name(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    await storage.communities.save_called(db, answers["membership"], request.person.id, answers["called"])
    # NOTE: button
    onward = [[button(text("Show what you can do"), "home")]]
    return [Say(text("Thank you. People will see this name: %(name)s", name=answers["called"]), onward)]


NAME_FORM = Form("name", (own_name.FIELD,), _save_name)
