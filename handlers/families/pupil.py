"""A pupil's parents, for who leads the class."""

import storage.families
from domain.communities import Belonging, kind_and_name
from domain.families import Link
from domain.messages import Button, Edit, Outgoing, Say, Words, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import LEADERS, Role
from handlers.communities import admit
from handlers.families import consent
from handlers.families.link import classes_of, end_button, ended, line_of, linked, named, refused
from handlers.families.own import LASTS, code_for, shown_code, to_copy
from handlers.route import not_here
from storage.database import Connection


async def door(db: Connection, request: Request, seen: Belonging) -> list[list[Button]]:
    """On the page of a member, for who may look at her family."""
    if not await _may_see(db, request, seen):
        return []
    # NOTE: button. The parents of a pupil.
    return [[button(text("Parents"), "fh", seen.member.membership_id)]]


async def show(db: Connection, request: Request) -> list[Outgoing]:
    seen = await _pupil(db, request)
    links = [
        link
        for link in await storage.families.of_person(db, seen.member.person_id)
        if link.child_id == seen.member.person_id
    ]
    no = await consent.stands_against(db, seen)
    body = lines(
        text("Name: %(name)s", name=seen.member.called),
        kind_and_name(seen.community),
        *(line_of(link, link.child_id) for link in links),
        None if links else text("Nobody is linked yet."),
        no,
    )
    number = seen.member.membership_id
    rows = [
        [end_button(link, link.called, "fh.out", number, link.id)] if link.is_linked else _answers_to(seen, link)
        for link in links
        if link.parent_id != request.person.id
    ]
    # NOTE: button. A parent who is linked no more had said no: whoever leads the class decides about it anew.
    anew = [button(text("Decide anew"), "fh.anew", number)] if no is consent.LEFT_BEHIND else []
    code = [button(text("Code for a parent"), "fh.code", number)]
    return [Edit(body, [*rows, anew, code, [button(text("Back"), "m.one", number)]])]


def _answers_to(seen: Belonging, link: Link) -> list[Button]:
    """Of several who wait each by her name."""
    number = seen.member.membership_id
    return [
        button(Words(f"✓ {link.called}"), "fh.yes", number, link.id),
        button(Words(f"✗ {link.called}"), "fh.no", number, link.id),
    ]


async def decide_anew(db: Connection, request: Request) -> list[Outgoing]:
    """What a parent refused who is linked no more no longer stands: an adult has talked to the family."""
    seen = await _pupil(db, request)
    await storage.families.decide_anew(db, seen.member.person_id, seen.community.id)
    again = await admit.cards_again(db, request, seen) if seen.member.state == "waiting" else []
    return [*await show(db, request), *again]


async def _pupil(db: Connection, request: Request) -> Belonging:
    """Raises Refused."""
    if not await _may_see(db, request, request.subject):
        raise not_here()
    seen: Belonging = request.subject
    return seen


async def _may_see(db: Connection, request: Request, seen: Belonging) -> bool:
    """No pupil who leads something decides about the family of another, or about her own."""
    known = [one.member.membership_id for one in await classes_of(db, seen.member.person_id)]
    may = seen.member.membership_id in known and Role.PUPIL not in request.roles
    return may and request.may(LEADERS, seen.community.path)


async def give_code(db: Connection, request: Request) -> list[Outgoing]:
    """To who leads the class, for a parent of the pupil."""
    seen = await _pupil(db, request)
    told = text("A parent opens me, taps Settings, then Family, and enters it.")
    code = await code_for(db, request, seen.member.person_id)
    return [Say(paragraphs(named(seen), shown_code(code), told, LASTS), to_copy(code))]


async def confirm(db: Connection, request: Request) -> list[Outgoing]:
    return await linked(db, request, await _of_pupil(db, request))


async def refuse(db: Connection, request: Request) -> list[Outgoing]:
    return await refused(db, request, await _of_pupil(db, request))


async def _of_pupil(db: Connection, request: Request) -> Link:
    """args: a pupil's membership, a link of the pupil's. Nobody confirms herself. Raises Refused."""
    seen = await _pupil(db, request)
    link = await storage.families.get(db, request.number(1))
    if link is None or link.child_id != seen.member.person_id:
        raise not_here()
    if link.parent_id == request.person.id:
        raise not_here()
    return link


async def end(db: Connection, request: Request) -> list[Outgoing]:
    return await ended(db, request, await _of_pupil(db, request))
