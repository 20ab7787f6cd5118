"""A coordinator offers something of her community to another one: which she knows as a neighbour, or by its code."""

from dataclasses import replace
from functools import partial
from typing import Any

import storage.communities
import storage.invites
import storage.offers
from domain.communities import kind_and_name
from domain.invites import normalised
from domain.lists import page_of, turning
from domain.meetings import CAPACITY_MOST
from domain.messages import (
    Body,
    Button,
    Edit,
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
from domain.offers import Offer, Offered, Thing, answers_to, code_of, named, places_of
from domain.requests import Community, Request
from domain.roles import COORDINATORS
from domain.typed_codes import Kind
from domain.writing import shorten
from handlers import forms, typed_codes
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.offers import look
from handlers.route import not_here
from handlers.typed_codes import Door
from storage.database import Connection

_PAGE, _CODE_MOST = 7, 64
_DOOR = Door(
    Kind.INVITE,
    lambda typed: code_of(typed) or normalised(typed),
    text("I know no community by this code. Please check it, or ask whoever gave it to you."),
)


# --- what ---------------------------------------------------------------------------------------------------------


async def ask_what(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and the code of the one it is for, if that is known; the page."""
    community, code = community_of(request), _code(request, 1)
    page = page_of(await storage.offers.offerable(db, community.id, request.now), request.number(2), _PAGE)
    asked = (
        text("What would you like to offer to another community?")
        if page.shown
        else text("There is nothing to offer yet: no meeting ahead, no challenge, no new announcement.")
    )
    rows = [
        *([_what(community, one, code)] for one in page.shown),
        turning("of.new", community.id, code, page=page.number, more=page.more),
        [button(text("Back"), "pt", community.id)],
    ]
    return [Edit(lines(kind_and_name(community), asked), rows)]


def _code(request: Request, at: int) -> str:
    return (code_of(request.args[at]) if len(request.args) > at else None) or ""


def _what(community: Community, one: Offered, code: str) -> Button:
    return button(named(one.thing, Words(one.title)), "of.what", community.id, one.thing.value[0], one.id, 0, code)


async def _chosen(db: Connection, request: Request, thing: str, number: int) -> Offered:
    """What was tapped, as long as it is this community's own and can be offered. Raises Refused."""
    found = await storage.offers.offerable(db, community_of(request).id, request.now)
    chosen = next((one for one in found if one.id == number and one.thing.value.startswith(thing) and thing), None)
    if chosen is None:
        raise not_here()
    return chosen


# --- to whom ----------------------------------------------------------------------------------------------------------


async def ask_whom(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the thing's first letter, its number, the page, the code of the one it is for."""
    community, letter = community_of(request), request.args[1] if len(request.args) > 1 else ""
    what, code = await _chosen(db, request, letter, request.number(2)), _code(request, 4)
    if code:
        return await _ask_rest(db, request, what, {"code": code})
    near = await storage.offers.neighbours(db, community)
    if not near:
        return await _ask_rest(db, request, what, {})
    page = page_of(near, request.number(3), _PAGE)
    rows = [[button(Words(one.name), "of.to", community.id, letter, what.id, one.id)] for one in page.shown]
    if page.more:
        rows.append([button(text("More"), "of.what", community.id, letter, what.id, page.number + 1)])
    asked = text("To whom? Tap a neighbour, or enter the code that another community's coordinator gave you.")
    return [
        Edit(
            lines(named(what.thing, what.title), asked),
            [
                *rows,
                # NOTE: button. Enter the code of another community.
                [button(text("By code"), "of.to", community.id, letter, what.id, 0)],
                [button(text("Back"), "of.new", community.id)],
            ],
        )
    ]


async def take_whom(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the thing's first letter, its number, the neighbour; 0: one by its code."""
    what = await _chosen(db, request, request.args[1] if len(request.args) > 1 else "", request.number(2))
    if not request.number(3):
        return await _ask_rest(db, request, what, {})
    near = await storage.offers.neighbours(db, community_of(request))
    target = next((one for one in near if one.id == request.number(3)), None)
    if target is None:
        raise not_here()
    return await _ask_rest(db, request, what, {"to": target.id})


async def _ask_rest(db: Connection, request: Request, what: Offered, given: dict[str, Any]) -> list[Outgoing]:
    answers = {"thing": what.thing.value, "id": what.id, "title": what.title, "limited": what.is_limited}
    return await forms.start(db, request, FORM, answers | given)


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_code(_request: Request, _answers: Answers) -> Text:
    return text(
        "Please write the code of the other community."
        " Its coordinator finds it there: “Partners”, then “Offers”, then “Our code”."
    )


def _read_code(request: Request, _answers: Answers) -> str:
    return shorten(request.words, _CODE_MOST)


def _wants_code(answers: Answers) -> bool:
    return "to" not in answers


def _ask_places(_request: Request, _answers: Answers) -> Text:
    return text("This meeting has a limit. How many places does the other community get, besides yours?")


def _read_places(request: Request, _answers: Answers) -> str:
    found = places_of(request.words, CAPACITY_MOST)
    if found is None:
        raise Refused(text("Please write a whole number. For example: 20"))
    return str(found)


def _is_limited(answers: Answers) -> bool:
    return bool(answers.get("limited"))


async def _check_code(db: Connection, request: Request, answers: Answers) -> None:
    await _find(db, request, answers)


async def _find(db: Connection, request: Request, answers: Answers) -> Answers:
    """Whom the code names. Raises Refused, after five wrong ones with a pause."""
    target = await _target(db, request, answers)
    if target.id == community_of(request).id:
        raise Refused(text("This is your own community. Please write the code of another one."))
    return {"target": target.id, "name": target.name}


async def _target(db: Connection, request: Request, answers: Answers) -> Community:
    if "to" not in answers:
        return await typed_codes.opened(db, request, _DOOR, answers["code"], partial(_by_code, db, request))
    found = await storage.communities.get(db, answers["to"])
    if found is None or found.archived:
        raise not_here()
    return found


async def _by_code(db: Connection, request: Request, code: str) -> Community | None:
    """By the code for offers, or by one to join with: whoever has that knows the community, too."""
    found = await storage.offers.by_code(db, code)
    if found is None:
        invite = await storage.invites.find_valid(db, code, request.now)
        found = invite.community if invite is not None and invite.made_by is not None else None
    return found


def _review(request: Request, answers: Answers) -> Body:
    return paragraphs(
        text("Please check it once more:"),
        lines(
            named(Thing(answers["thing"]), answers["title"]),
            text("From: %(name)s", name=community_of(request).name),
            text("To: %(name)s", name=answers["name"]),
            text("Places: %(count)s", count=int(answers["places"])) if answers.get("places") else None,
        ),
    )


async def _offer(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    source = community_of(request)
    what = await _chosen(db, request, answers["thing"], answers["id"])
    target = await storage.communities.get(db, answers["target"])
    if target is None or target.archived:
        raise not_here()
    roles = COORDINATORS.leading
    runs_it = await storage.communities.nearest(db, target.path, request.now, roles)
    if not runs_it:
        raise Refused(text("Nobody runs this community yet, so nobody could accept: %(name)s", name=target.name))
    places = int(answers["places"]) if answers.get("places") else None
    offer = await storage.offers.save(db, what, source, target, places, request.person.id, request.now)
    if offer is None:
        raise Refused(text("You have offered this there already: %(name)s", name=target.name))
    done = text("✓ Offered. I will tell you as soon as somebody answers.")
    # NOTE: button. The offers of a community to others, and those that it got.
    to_all = button(text("Offers"), "of", source.id)
    return [
        Say(done, [[to_all]]),
        *await _cards(db, offer, [one.person_id for one in runs_it]),
    ]


async def _cards(db: Connection, offer: Offer, to: list[int]) -> list[Say]:
    body, above = await look.card(db, offer), await look.as_read(db, offer)
    return [
        said
        for one in map(ToPerson, to)
        for said in (*(replace(say, to=one) for say in above), Say(body, answers_to(offer), to=one, card=offer.card))
    ]


FORM = Form(
    "offer",
    (
        Field("code", _ask_code, read=_read_code, when=_wants_code, check=_check_code),
        Field(
            "places",
            _ask_places,
            read=_read_places,
            choices=fixed(*(Choice(Words(number), number) for number in ("5", "10", "20", "30"))),
            columns=4,
            when=_is_limited,
        ),
    ),
    _offer,
    _review,
    facts=_find,
    # NOTE: button. Offers a meeting, challenge or announcement to another community.
    done=text("Offer it"),
    may=COORDINATORS,
)
