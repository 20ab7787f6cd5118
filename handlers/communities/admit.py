"""Those who lead answer somebody who asks to join: accept, decline, and take the answer back."""

from dataclasses import replace

import storage.communities
import storage.families
from domain.communities import ROLE_NAMES, Belonging, Member, Term, above, end_of, kind_and_name
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Lines,
    Outgoing,
    Refused,
    Say,
    Toast,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Community, Request
from domain.roles import LEADING, OFFICES, PARTIES, PROVEN, Role, grantable, granters
from handlers import menus
from handlers.families import consent
from handlers.route import not_here
from storage.database import Connection

NAMED_MOST = 5  # of those who run a community, to a newcomer


async def waiting_for(db: Connection, request: Request, community: Community, role: Role) -> Body:
    """What a newcomer hears. A pupil who leads is named to nobody who is not in yet."""
    deciders = await _deciders(db, request, community, role, request.person.id)
    if not deciders:
        return paragraphs(
            text("You have asked to join: %(name)s", name=community.name),
            text(
                "Nobody leads this community yet, so nobody can answer you at the moment."
                " Your request is kept, and I will tell you as soon as somebody answers."
            ),
        )
    adults = [one for one in deciders if not await storage.families.as_pupil(db, one.person_id)]
    names = Lines(tuple(text("%(name)s", name=member.called) for member in adults[:NAMED_MOST]), ", ")
    return paragraphs(
        text("You have asked to join: %(name)s", name=community.name),
        text("Waiting for: %(names)s. I will tell you here as soon as there is an answer.", names=names)
        if adults
        else text("As soon as somebody answers, I will tell you here."),
    )


async def _deciders(db: Connection, request: Request, community: Community, role: Role, newcomer: int) -> list[Member]:
    """Those nearest who may give this role, but for the newcomer herself."""
    # Coordinators are made only from above.
    path = above(community.path) if role == Role.COORDINATOR else community.path
    if path is None or role in OFFICES:
        return []
    return await storage.communities.nearest(db, path, request.now, granters(role) & LEADING, but=newcomer)


def to_ask_no_more(member: Member) -> Keyboard:
    """For the newcomer. A link that makes somebody a head of class or a guest is good once: it would be lost."""
    # NOTE: button. A newcomer takes back that she wants to join.
    label = text("Take back request")
    return [[button(label, "join.back", member.membership_id)]] if member.role in PARTIES else []


def card_of(member: Member) -> str:
    return f"join:{member.membership_id}"


async def cards(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    """A card with Accept and Decline for each of those who may answer."""
    deciders = await _deciders(db, request, asked.community, Role(asked.member.role), asked.member.person_id)
    buttons, card = answers_to(asked.member), card_of(asked.member)
    return [
        Say(await wish_of(db, asked, one.person_id), buttons, to=ToPerson(one.person_id), card=card) for one in deciders
    ]


async def cards_again(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    """The same cards, after something about the newcomer became known."""
    deciders = await _deciders(db, request, asked.community, Role(asked.member.role), asked.member.person_id)
    buttons, card = answers_to(asked.member), card_of(asked.member)
    return [
        Edit(await wish_of(db, asked, one.person_id), buttons, card=card, to=ToPerson(one.person_id))
        for one in deciders
    ]


async def wish_of(db: Connection, asked: Belonging, reader: int) -> Body:
    """A pupil who leads reads nothing of the newcomer's family."""
    family = await consent.line(db, asked)
    if family is not None and await storage.families.as_pupil(db, reader):
        family = None
    return lines(
        text("<b>Somebody asks to join</b>"),
        text("Name: %(name)s", name=asked.member.called),
        text("As: %(role)s", role=ROLE_NAMES[Role(asked.member.role)]),
        kind_and_name(asked.community),
        text("✓ On the list of the class") if asked.listed else None,
        family,
    )


def answers_to(member: Member) -> Keyboard:
    return [
        [
            # NOTE: button
            button(text("Accept"), "join.yes", member.membership_id),
            # NOTE: button
            button(text("Decline"), "join.no", member.membership_id),
        ]
    ]


async def accept(db: Connection, request: Request) -> list[Outgoing]:
    asked: Belonging = request.subject
    role = _judged(request, asked)
    if role in PROVEN and await storage.families.is_pupil(db, asked.member.person_id):
        raise Refused(text("A pupil can't have this role."))
    await consent.check(db, request, asked)
    _check_time(request, asked)
    if not await _decide(db, request, asked, "waiting", "active"):
        return await _decided_before(db, request, asked)
    if role is not Role.PARTNER:  # her end came with her invitation
        # Parties stay until they leave; an office ends with the school year.
        until = end_of(Term.OPEN if role in PARTIES else Term.SCHOOL_YEAR, request.now, asked.community.zone)
        await storage.communities.save_until(db, asked.member.membership_id, until)
    return [
        *await _shown_to_all(db, request, asked),
        await _welcome(db, asked, role),
        await menus.menu_of(db, request, asked.member.person_id),
    ]


def _check_time(request: Request, asked: Belonging) -> None:
    """A guest who waited longer than her link lasts would be told in one minute that she is in, and that it is over.
    Raises Refused."""
    if asked.member.until is not None and asked.member.until <= request.now:
        raise Refused(text("This is over meanwhile, so it can't be accepted any more."))


async def _welcome(db: Connection, asked: Belonging, role: Role) -> Say:
    """A parent whose child is not known yet is shown the way to link them: nobody looks for it in the settings."""
    if role is Role.PARTNER:
        greeting = text("Welcome as a partner of: %(name)s", name=asked.community.name)
        then = text("You hear of what is opened to you. /home shows it again.")
    else:
        greeting = text("Welcome! You belong to this community now: %(name)s", name=asked.community.name)
        then = text("/home shows what you can do here.")
    # NOTE: button
    to_it = button(text("Show"), "pt.see" if role is Role.PARTNER else "c", asked.community.id)
    alone = role is Role.PARENT and not await storage.families.of_person(db, asked.member.person_id)
    family = text("Is your child here, too? Then tap “Family”.") if alone else None
    # NOTE: button. Shows the children or parents one is linked with.
    to_family = [button(text("Family"), "fam")] if alone else []
    return Say(paragraphs(greeting, then, family), [[to_it], to_family], to=ToPerson(asked.member.person_id))


async def decline(db: Connection, request: Request) -> list[Outgoing]:
    asked: Belonging = request.subject
    _judged(request, asked)
    if not await _decide(db, request, asked, "waiting", "declined"):
        return await _decided_before(db, request, asked)
    told = paragraphs(
        text("Your request to join was not accepted this time: %(name)s", name=asked.community.name),
        text(
            "If you think this is a mistake, please talk to whoever gave you the code. You can ask again at any time."
        ),
    )
    return [*await _shown_to_all(db, request, asked), Say(told, to=ToPerson(asked.member.person_id))]


async def undo(db: Connection, request: Request) -> list[Outgoing]:
    """The answer is taken back: the newcomer waits again."""
    asked: Belonging = request.subject
    _judged(request, asked)
    before = asked.member.state
    if before not in ("active", "declined") or not await _decide(db, request, asked, before, "waiting"):
        return await _decided_before(db, request, asked)
    told = text(
        "The answer was taken back, so you are waiting again: %(name)s. I will tell you when there is a new one.",
        name=asked.community.name,
    )
    return [
        *await _shown_to_all(db, request, asked),
        Say(told, to=ToPerson(asked.member.person_id)),
        await menus.menu_of(db, request, asked.member.person_id),
    ]


def _judged(request: Request, asked: Belonging) -> Role:
    """The role, if this person may answer. Raises Refused."""
    if not may_answer(request, asked):
        raise not_here()
    return Role(asked.member.role)


def may_answer(request: Request, asked: Belonging) -> bool:
    """Whether this person may give the role here. Nobody decides about herself."""
    given = grantable(request.standing(asked.community.path))
    return asked.member.role in given and asked.member.person_id != request.person.id


async def _decide(db: Connection, request: Request, asked: Belonging, before: str, after: str) -> bool:
    return await storage.communities.decide(
        db, asked.member.membership_id, before, after, request.person.id, request.now
    )


async def _decided_before(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    """Another was quicker, or the place is taken: the tapped card shows how it stands, with the reason."""
    now_is, me = await _as_it_is(db, asked), request.person.id
    if now_is.member.state == "waiting":
        reason = text("Somebody holds this role here already. Let her or him step down first, then accept again.")
        return [Edit(lines(await wish_of(db, asked, me), reason), answers_to(now_is.member)), Toast(reason, alert=True)]
    return [Edit(*await _outcome(db, now_is, me)), Toast(text("This was decided already."))]


async def _shown_to_all(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    """The card with the decision, at whoever tapped and at all others who have it."""
    now_is = await _as_it_is(db, asked)
    return [Edit(*await _outcome(db, now_is, request.person.id)), *await _shown_elsewhere(db, request, now_is)]


async def shown_to_others(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    """The card as it stands now, at everybody else who has it."""
    return await _shown_elsewhere(db, request, await _as_it_is(db, asked))


async def _as_it_is(db: Connection, asked: Belonging) -> Belonging:
    return replace(asked, member=await storage.communities.membership(db, asked.member.membership_id) or asked.member)


async def _shown_elsewhere(db: Connection, request: Request, now_is: Belonging) -> list[Outgoing]:
    member = now_is.member
    deciders = await _deciders(db, request, now_is.community, Role(member.role), member.person_id)
    others = [one.person_id for one in deciders if one.person_id != request.person.id]
    return [Edit(*await _outcome(db, now_is, one), card=card_of(member), to=ToPerson(one)) for one in others]


async def _outcome(db: Connection, asked: Belonging, reader: int) -> tuple[Body, Keyboard]:
    member, wish = asked.member, await wish_of(db, asked, reader)
    if member.state == "waiting":
        return wish, answers_to(member)
    by = member.decided_by and await storage.communities.known_as(db, member.decided_by, asked.community.path)
    who = by or text("whoever leads the community above")
    # NOTE: button. Takes an answer back.
    take_back = [[button(text("Undo"), "join.undo", member.membership_id)]]
    match member.state:
        case "active":
            return lines(wish, text("✓ Accepted by: %(who)s", who=who)), take_back
        case "declined":
            return lines(wish, text("✗ Declined by: %(who)s", who=who)), take_back
        case _ if member.decided_by == member.person_id:
            return lines(wish, text("✗ Taken back before there was an answer.")), ()
        case _:
            return lines(wish, text("No longer a member.")), ()
