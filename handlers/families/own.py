"""One's own family: a child sees her parents and gets a code for one more, a parent sees her children."""

from collections.abc import Sequence

import storage.families
import storage.one_time_codes
from domain.families import CODE_LASTS, Link
from domain.invites import shown
from domain.lists import page_of, turning
from domain.messages import ASKER, Button, Copy, Keyboard, Outgoing, Say, Text, Words, button, lines, paragraphs, text
from domain.requests import Request
from handlers.families import consent
from handlers.families.link import end_button, line_of, question_to_child
from handlers.route import not_here
from storage.database import Connection
from storage.one_time_codes import Purpose

_PAGE = 6


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the page. For a child her parents, for a parent her children and what she agreed to for them."""
    me = request.person.id
    links = await storage.families.of_person(db, me)
    is_pupil = await storage.families.as_pupil(db, me)
    # NOTE: button. A child gets a code that a parent enters.
    for_parent = button(text("Code for a parent"), "fam.code")
    # NOTE: button. A parent enters the code that the child got.
    enter = button(text("Enter child's code"), "fam.enter")
    consents = await _consents(db, me, links)
    body = lines(
        text("<b>Your family</b>"),
        *(line_of(link, me) for link in links),
        None if links else _none_yet(is_pupil=bool(is_pupil)),
        text("Tap a child to see what you agree to, and to change it.") if consents else None,
    )
    ends = [[end_button(link, _other(link, me), "fam.out", link.id)] for link in links if link.is_linked]
    rows = page_of([*consents, *ends], request.number(0), _PAGE)
    page = [
        *rows.shown,
        turning("fam", page=rows.number, more=rows.more),
        [for_parent if is_pupil else enter],
        [button(text("Back"), "settings.back")],
    ]
    return [Say(body, page), *(question_to_child(link, ASKER) for link in links if _is_hers_to_answer(link, me))]


async def _consents(db: Connection, me: int, links: Sequence[Link]) -> list[list[Button]]:
    """For a parent, what she was asked about each of her children: as she said, or … as long as she hasn't."""
    children = [link.child_id for link in links if link.is_linked and link.parent_id == me]
    return [
        [button(Words(f"{_MARKS[said]} {one.member.called}, {one.community.name}"), "pa", one.member.membership_id)]
        for child in children
        for one, said in await consent.asked_of(db, child, me)
    ]


_MARKS = {None: "…", True: "✓", False: "✗"}


def _is_hers_to_answer(link: Link, me: int) -> bool:
    """A question that may be long gone from the child's chat."""
    return link.child_id == me and not link.is_linked and not link.head_only


def _none_yet(*, is_pupil: bool) -> Text:
    if is_pupil:
        # NOTE: child
        return text("Nobody is linked yet. Give your mother or father a code, and you are linked.")
    return text("Nobody is linked yet. Your child or the head of class can give you a code.")


def _other(link: Link, me: int) -> str:
    return link.called if me == link.child_id else link.child_called


async def give_code(db: Connection, request: Request) -> list[Outgoing]:
    """To the child herself."""
    if not await storage.families.as_pupil(db, request.person.id):
        raise not_here()
    # NOTE: child
    told = text("Give this code to your mother or father. They open me, tap Settings, then Family, and enter it.")
    code = await code_for(db, request, request.person.id)
    return [Say(paragraphs(shown_code(code), told, LASTS), to_copy(code))]


LASTS = text("It works once, for two days.")


async def code_for(db: Connection, request: Request, child_id: int) -> str:
    code = await storage.one_time_codes.make(db, Purpose.FAMILY, child_id, request.person.id, request.now, CODE_LASTS)
    return shown(code)


def shown_code(code: str) -> Text:
    return text("Code: <b>%(code)s</b>", code=Words(code))


def to_copy(code: str) -> Keyboard:
    """A parent may be far away, and gets it in a message."""
    return [[Copy(text("Copy the code"), code)]]
