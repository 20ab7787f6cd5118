"""A parent is asked about the ordinary features for a pupil below the age of consent (row A4): belonging to a class,
and with it announcements, meetings, polls and challenges. Never about the hotline.
"""

import storage.families
from domain.communities import Belonging, kind_and_name
from domain.families import consent_age, needs_parent
from domain.messages import Body, Keyboard, Outgoing, Refused, Say, Text, ToPerson, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import Role
from storage.database import Connection


async def ask_parents(db: Connection, asked: Belonging) -> list[Outgoing]:
    """Her parents are asked about a pupil who wants to join."""
    return [
        _question(asked, parent)
        for parent in await storage.families.parents(db, asked.member.person_id)
        if _is_asked(asked)
    ]


async def ask_parent(db: Connection, child_id: int, parent_id: int) -> list[Outgoing]:
    """A new parent is asked about all that the child belongs to, or wants to."""
    asked = [one for one in await storage.families.as_pupil(db, child_id) if _is_asked(one)]
    return [_question(one, parent_id) for one in asked]


async def asked_of(db: Connection, child_id: int, parent_id: int) -> list[tuple[Belonging, bool | None]]:
    """What a parent was asked about a child, and what she said; None: nothing yet."""
    return [
        (one, (await storage.families.answers(db, child_id, one.community.id)).get(parent_id))
        for one in await storage.families.as_pupil(db, child_id)
        if _is_asked(one)
    ]


def _is_asked(asked: Belonging) -> bool:
    return asked.member.role == Role.PUPIL and needs_parent(asked.community)


def _question(asked: Belonging, parent_id: int) -> Say:
    return Say(about(asked, None), choices(asked), to=ToPerson(parent_id))


def about(asked: Belonging, agrees: bool | None) -> Body:
    said = text("✓ You agree.") if agrees else text("✗ You do not agree. Those who lead the class are told.")
    return paragraphs(
        lines(text("Your child: %(name)s", name=asked.member.called), kind_and_name(asked.community)),
        text("May your child get announcements there, and take part in meetings, polls and challenges?"),
        None if agrees is None else said,
    )


def choices(asked: Belonging) -> Keyboard:
    number = asked.member.membership_id
    return [
        [
            # NOTE: button. A parent agrees.
            button(text("I agree"), "pa.yes", number),
            # NOTE: button. A parent does not agree.
            button(text("I don't agree"), "pa.no", number),
        ]
    ]


# --- what others do by it ---------------------------------------------------------------------------------------------


async def line(db: Connection, asked: Belonging) -> Text | None:
    """What whoever accepts a pupil must know; None: nobody need be asked."""
    if not _is_asked(asked) or asked.member.state != "waiting":
        return None
    child, community = asked.member.person_id, asked.community
    if (no := await stands_against(db, asked)) is not None:
        return no
    if await storage.families.answers(db, child, community.id):
        return text("✓ A parent agrees.")
    if await storage.families.parents(db, child):
        return text("A parent is asked and has not answered yet.")
    return text("If this pupil is under %(age)s, please make sure that a parent agrees.", age=consent_age(community))


_AGAINST = text("✗ A parent does not agree. Please talk to the parents first.")
LEFT_BEHIND = text("✗ A parent who is no longer linked does not agree. Please talk to the family, then decide anew.")


async def stands_against(db: Connection, asked: Belonging) -> Text | None:
    """The no of a parent, or the one that a parent left behind who is linked no more: whoever leads the class decides
    about that one anew."""
    child = asked.member.person_id
    answers = await storage.families.answers(db, child, asked.community.id)
    against = {parent for parent, agrees in answers.items() if not agrees}
    if not against or not _is_asked(asked):
        return None
    return _AGAINST if against & set(await storage.families.parents(db, child)) else LEFT_BEHIND


async def check(db: Connection, request: Request, asked: Belonging) -> None:
    """Nobody is let in against a parent's no. Raises Refused."""
    no = await stands_against(db, asked)
    if no is not None and Role.PUPIL in request.roles:
        # NOTE: child. A pupil who leads a fraction or a club would let somebody in.
        raise Refused(text("Please let an adult who leads here answer this."))
    if no is not None:
        # NOTE: button. The parents of a pupil.
        to_family = [[button(text("Parents"), "fh", asked.member.membership_id)]]
        raise Refused(no, buttons=to_family if no is LEFT_BEHIND else ())


async def check_pupil(db: Connection, request: Request, community_id: int) -> None:
    """For what a pupil joins as one of a community. Raises Refused."""
    if Role.PUPIL not in request.roles:
        return
    answers = await storage.families.answers(db, request.person.id, community_id)
    if False in answers.values():
        # NOTE: child
        raise Refused(text("Your mother or father has not agreed to this. Talk with them, or with your teacher."))
