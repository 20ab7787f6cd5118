"""A parent and a child are linked: the parent enters the child's code, the child or whoever leads the class confirms
(row A4). A third adult is checked by who leads the class alone. Either side ends it, and so does who leads the class.
"""

from collections.abc import Sequence
from functools import partial

import storage.communities
import storage.conversations
import storage.families
import storage.one_time_codes
from domain.communities import Belonging
from domain.families import Link
from domain.invites import CLASS_CODE, normalised
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Text,
    To,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.roles import LEADING
from domain.typed_codes import Kind
from domain.writing import clean_line, shorten
from handlers import typed_codes
from handlers.families import consent
from handlers.route import not_here
from handlers.typed_codes import Door
from storage.database import Connection
from storage.one_time_codes import Purpose

STEP = "fam.take"
_DOOR = Door(
    Kind.FAMILY,
    partial(normalised, lengths=(CLASS_CODE,)),
    text("This code does not work. Please ask your child or the head of class for a new one."),
)
_NAME_MOST = 60


async def load(db: Connection, link_id: int, person_id: int) -> Link | None:
    """A link, for the two whom it links."""
    link = await storage.families.get(db, link_id)
    return link if link is not None and person_id in (link.child_id, link.parent_id) else None


# --- how it looks ---------------------------------------------------------------------------------------------------


def line_of(link: Link, me: int) -> Text:
    if not link.is_linked:
        return text("Waiting for a yes: %(name)s", name=link.called)
    if me == link.child_id:
        return text("Parent: %(name)s", name=link.called)
    return text("Child: %(name)s, %(community)s", name=link.child_called, community=link.community.name)


def end_button(link: Link, name: str, route: str, *args: int) -> Button:
    # NOTE: button. A parent and a child are linked no more.
    return button(text("Unlink %(name)s", name=Words(name)), route, *args)


# --- a parent enters it -----------------------------------------------------------------------------------------------


async def ask_code(db: Connection, request: Request) -> list[Outgoing]:
    token = await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, {}, request.now)
    asked = text("Please send me the code of your child. Your child finds it under Settings, Family.")
    # NOTE: button
    return [Say(asked, [[button(text("Cancel"), "cancel", token)]], asks=token)]


async def take_code(db: Connection, request: Request) -> list[Outgoing]:
    """Nothing about the child is told before the yes."""
    if await storage.families.as_pupil(db, request.person.id):
        # NOTE: child
        raise Refused(text("You are a pupil here yourself. An adult in your family enters this code."))
    take = partial(storage.one_time_codes.take, db, Purpose.FAMILY, person_id=request.person.id, now=request.now)
    taken = await typed_codes.opened(db, request, _DOOR, request.words, take)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    link = await _ask(db, request, taken.person_id)
    if link is None:
        raise Refused(text("You are linked with this child already, or wait for a yes."))
    who = text("Those who lead the class check this.") if link.head_only else text("Your child is asked now.")
    return [
        Say(paragraphs(text("✓ The code is right."), who)),
        *(() if link.head_only else [question_to_child(link, ToPerson(link.child_id))]),
        *await _cards(db, request, link),
    ]


async def _ask(db: Connection, request: Request, child_id: int) -> Link | None:
    name = await storage.families.called(db, request.person.id)
    name = name or shorten(clean_line(request.incoming.sender_name), _NAME_MOST) or "?"
    link_id = await storage.families.ask(db, child_id, request.person.id, name, request.now)
    return await storage.families.get(db, link_id) if link_id is not None else None


def _card_of(link: Link) -> str:
    """The question whether they belong together, at whomever it was put to."""
    return f"family:{link.id}"


def question_to_child(link: Link, to: To) -> Say:
    return Say(_claim_to_child(link), _choices_of_child(link), to=to, card=_card_of(link))


def _claim_to_child(link: Link) -> Body:
    # NOTE: child
    return text("%(name)s says: I am your mother, your father, or I look after you. Is that right?", name=link.called)


def _choices_of_child(link: Link) -> Keyboard:
    return [
        [
            # NOTE: button. A child says that somebody is her parent.
            button(text("Yes"), "fam.yes", link.id),
            # NOTE: button
            button(text("No"), "fam.no", link.id),
        ]
    ]


async def _cards(db: Connection, request: Request, link: Link) -> list[Outgoing]:
    """For those who lead the child's classes."""
    return [
        Say(_claim_to_leader(child, link), [answers_to(child, link)], to=ToPerson(leader), card=_card_of(link))
        for leader, child in (await _leaders(db, request, link)).items()
    ]


async def _leaders(db: Connection, request: Request, link: Link) -> dict[int, Belonging]:
    """Those nearest who lead the child's classes, each with the child as she knows her: the parent is none of them, nor
    is a pupil who leads one."""
    found: dict[int, Belonging] = {}
    for child in await classes_of(db, link.child_id):
        led = await storage.communities.along(db, child.community.path, request.now, LEADING)
        others = [(place, one.person_id) for place, one in led if one.person_id != link.parent_id]
        adults = [(place, one) for place, one in others if not await storage.families.as_pupil(db, one)]
        for place, leader in adults:
            if place == adults[0][0]:
                found.setdefault(leader, child)
    return found


async def classes_of(db: Connection, child_id: int) -> list[Belonging]:
    """Where she is a pupil; only if she is one nowhere, where she asks to be one: they learn nothing of her family as
    long as others know her."""
    everywhere = await storage.families.as_pupil(db, child_id)
    return [one for one in everywhere if one.member.state == "active"] or everywhere


async def _closed(db: Connection, request: Request, link: Link, outcome: Text) -> list[Outgoing]:
    """The question is answered by one: at all others whom it was put to it can't be any more."""
    me = request.person.id
    at_child = Edit(paragraphs(_claim_to_child(link), _DECIDED), card=_card_of(link), to=ToPerson(link.child_id))
    return [
        *(() if link.head_only or link.child_id == me else [at_child]),
        *(
            Edit(lines(outcome, named(child)), card=_card_of(link), to=ToPerson(leader))
            for leader, child in (await _leaders(db, request, link)).items()
            if leader != me
        ),
    ]


def named(child: Belonging) -> Text:
    return text("Child: %(name)s, %(community)s", name=child.member.called, community=child.community.name)


def _claim_to_leader(child: Belonging, link: Link) -> Body:
    return lines(
        text("<b>Somebody asks to be linked as a parent</b>"),
        text("Parent: %(name)s", name=link.called),
        named(child),
        text("The child alone can't confirm this: please check who this is.")
        if link.head_only
        else text("The child is asked, too. One yes is enough."),
    )


def answers_to(child: Belonging, link: Link) -> Sequence[Button]:
    number = child.member.membership_id
    return [
        # NOTE: button. Yes, this is a parent of the child.
        button(text("Confirm"), "fh.yes", number, link.id),
        # NOTE: button
        button(text("Decline"), "fh.no", number, link.id),
    ]


# --- the child answers, or who leads the class ------------------------------------------------------------------------


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    return await linked(db, request, _waiting_for_child(request))


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    return await refused(db, request, _waiting_for_child(request))


def _waiting_for_child(request: Request) -> Link:
    """The link, if it is the child's to confirm. Raises Refused."""
    link: Link = request.subject
    if link.child_id != request.person.id or link.head_only:
        raise not_here()
    return link


_DECIDED = text("This was decided already.")


async def linked(db: Connection, request: Request, link: Link) -> list[Outgoing]:
    if link.state != "waiting" or not await storage.families.decide(db, link, "linked", request.person.id):
        return [Edit(_DECIDED)]
    to_parent = text("✓ You are linked: %(name)s, %(community)s", name=link.child_called, community=link.community.name)
    # NOTE: child
    to_child = text("✓ %(name)s is linked with you. You can end that under Settings, Family.", name=link.called)
    by_child = request.person.id == link.child_id
    done = text("✓ Linked: %(name)s", name=link.called)
    return [
        Edit(to_child if by_child else done),
        *await _closed(db, request, link, done),
        Say(to_parent, to=ToPerson(link.parent_id)),
        *(() if by_child else [Say(to_child, to=ToPerson(link.child_id))]),
        *await consent.ask_parent(db, link.child_id, link.parent_id),
    ]


async def refused(db: Connection, request: Request, link: Link) -> list[Outgoing]:
    if link.state != "waiting" or not await storage.families.decide(db, link, "refused", request.person.id):
        return [Edit(_DECIDED)]
    told = text("Your request to be linked with a child was not accepted. Please talk to the head of class.")
    done = text("✓ Not linked: %(name)s", name=link.called)
    return [Edit(done), *await _closed(db, request, link, done), Say(told, to=ToPerson(link.parent_id))]


# --- and the end ------------------------------------------------------------------------------------------------------


async def end(db: Connection, request: Request) -> list[Outgoing]:
    """By the child or the parent."""
    link: Link = request.subject
    return await ended(db, request, link)


async def ended(db: Connection, request: Request, link: Link) -> list[Outgoing]:
    if not link.is_linked or not await storage.families.decide(db, link, "ended", request.person.id):
        return [Edit(_DECIDED)]
    told = text("You are linked no more: %(name)s", name=link.child_called)
    # NOTE: child
    to_child = text("You are linked no more: %(name)s. If you have a question, ask your teacher.", name=link.called)
    done = text("✓ Unlinked.")
    others = [(link.parent_id, told), (link.child_id, to_child)]
    return [Edit(done), *(Say(what, to=ToPerson(who)) for who, what in others if who != request.person.id)]
