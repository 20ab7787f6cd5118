"""A parent's yes or no about a community of her child."""

import storage.communities
import storage.families
from domain.communities import Belonging, kind_and_name
from domain.messages import Edit, Outgoing, Say, ToPerson, lines, text
from domain.requests import Request
from domain.roles import LEADING
from handlers.communities import admit
from handlers.families import consent
from handlers.route import not_here
from storage.database import Connection


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    return await _answer(db, request, agrees=True)


async def disagree(db: Connection, request: Request) -> list[Outgoing]:
    return await _answer(db, request, agrees=False)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The question once more, with what she said."""
    asked, said = await _asked(db, request)
    return [Say(consent.about(asked, said), consent.choices(asked))]


async def _asked(db: Connection, request: Request) -> tuple[Belonging, bool | None]:
    """Where her child belongs, or wants to, and what she said about it. Raises Refused."""
    asked: Belonging = request.subject
    child, me = asked.member.person_id, request.person.id
    if me not in await storage.families.parents(db, child) or asked.member.state not in ("waiting", "active"):
        raise not_here()
    return asked, (await storage.families.answers(db, child, asked.community.id)).get(me)


async def _answer(db: Connection, request: Request, *, agrees: bool) -> list[Outgoing]:
    asked, before = await _asked(db, request)
    child, me = asked.member.person_id, request.person.id
    await storage.families.save_answer(db, child, asked.community.id, me, request.now, agrees=agrees)
    if agrees:
        await storage.families.decide_anew(db, child, asked.community.id)
    is_new_no = not agrees and before is not False
    return [
        Edit(consent.about(asked, agrees), consent.choices(asked)),
        *(await admit.cards_again(db, request, asked) if asked.member.state == "waiting" else []),
        *(await _tell_leaders(db, request, asked) if asked.member.state == "active" and is_new_no else []),
    ]


async def _tell_leaders(db: Connection, request: Request, asked: Belonging) -> list[Outgoing]:
    told = lines(
        text("A parent does not agree that this pupil belongs here. Please talk to the parents."),
        text("Name: %(name)s", name=asked.member.called),
        kind_and_name(asked.community),
    )
    # A pupil who leads hears nothing of another's family.
    adults = await storage.communities.nearest(db, asked.community.path, request.now, LEADING, grown_up=True)
    return [Say(told, to=ToPerson(one.person_id)) for one in adults if one.person_id != request.person.id]
