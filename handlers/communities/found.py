"""A head of class opens her class herself, with the code that a coordinator of her school gave her for that.

The code works once. Whoever gave it hears at once who came with it, and can remove her (docs/decisions/0021).
"""

from dataclasses import replace

import storage.communities
import storage.invites
import storage.persons
from domain.communities import ROLE_NAMES, CommunityKind, Term, end_of, kind_and_name
from domain.invites import NO_SUCH_CODE, Invite, is_over
from domain.messages import Body, Keyboard, Outgoing, Refused, Say, Text, ToPerson, button, lines, paragraphs, text
from domain.requests import Community, Request
from domain.roles import Role, grantable, standing
from handlers import forms, menus
from handlers.communities import invite as invites
from handlers.communities import own_name, tree
from handlers.forms import Answers, Field, Form
from storage.database import Connection


async def start(db: Connection, request: Request, invite: Invite, above: Keyboard) -> list[Outgoing]:
    """The questions, to whoever came with the code. Nothing is used up by looking."""
    if not await _is_good(db, invite, request):
        raise Refused(NO_SUCH_CODE)
    return await forms.start(db, request, FORM, {"invite": invite.id}, intro=await described(db, invite), above=above)


async def described(db: Connection, invite: Invite) -> Body:
    """What the code is for, above the first question."""
    school = invite.community
    return paragraphs(
        text("With this code you open your class, and are its head of class."),
        lines(kind_and_name(school), await tree.where(db, school)),
    )


async def _is_good(db: Connection, invite: Invite, request: Request) -> bool:
    """Whether whoever gave the code may still let somebody open a class there."""
    if invite.made_by is None or invite.community.archived or is_over(invite, request.now):
        return False
    held = await storage.persons.held_by(db, invite.made_by, request.now)
    return Role.HEAD_OF_CLASS in grantable(standing(held, invite.community.path))


async def open_class(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    """One use of the code is taken, the class is there, and its first invitation, too."""
    invite = await storage.invites.get(db, answers["invite"])
    if invite is None or not await _is_good(db, invite, request):
        return [Say(NO_SUCH_CODE)]
    if alike := await storage.communities.child_called(db, invite.community.id, answers["name"]):
        raise Refused(tree.name_taken(alike))
    if not await storage.invites.take_use(db, invite.id, request.now):
        return [Say(NO_SUCH_CODE)]
    school = invite.community
    added = await storage.communities.add(
        db, school, CommunityKind.CLASS, answers["name"], school.language, school.zone, school.country
    )
    await _make_head(db, request, invite, added, answers["called"])
    first = await invites.ready(db, replace(request, community=added), None)
    told = lines(text("✓ Your class is open. You are its head of class."), kind_and_name(added))
    return [
        Say(told),
        await menus.menu_of(db, request, request.person.id),
        first,
        *_to_giver(invite, added, answers["called"]),
    ]


async def _make_head(db: Connection, request: Request, invite: Invite, added: Community, called: str) -> None:
    until = end_of(Term.SCHOOL_YEAR, request.now, added.zone)
    await storage.communities.add_member(
        db,
        request.person.id,
        added.id,
        Role.HEAD_OF_CLASS,
        called,
        request.now,
        until=until,
        decided_by=invite.made_by,
    )
    if not request.memberships:
        await storage.persons.adopt_zone(db, request.person.id, added.zone)


def _to_giver(invite: Invite, added: Community, called: str) -> list[Outgoing]:
    if invite.made_by is None:
        return []
    told = lines(
        text("<b>A class was opened with your code</b>"),
        kind_and_name(added),
        text("%(role)s: %(name)s", role=ROLE_NAMES[Role.HEAD_OF_CLASS], name=called),
    )
    return [Say(told, [[button(text("Members"), "m", added.id)]], to=ToPerson(invite.made_by))]


def _ask_class(_request: Request, _answers: Answers) -> Text:
    return text("What is the class called? For example: 5A")


# The class's name comes last: if there is one already, that question stays open.
FORM = Form("found", (own_name.FIELD, Field("name", _ask_class, read=tree.read_name)), open_class)
