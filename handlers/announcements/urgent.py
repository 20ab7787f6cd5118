"""Urgent announcements break through quiet hours and digests. They are rationed: beyond the ration the chair agrees."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import storage.communities
import storage.persons
from domain.announcement_cards import card, not_sent, planned_buttons, planned_card
from domain.announcements import URGENT_MOST, Announcement, State, month_of
from domain.communities import Member
from domain.messages import Body, Edit, Outgoing, Refused, Say, Text, ToPerson, button, paragraphs, text, text_n
from domain.requests import Community, Request
from domain.roles import LEADERS, Role
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field
from handlers.route import not_here
from storage.announcements import planned
from storage.database import Connection

_YES = "yes"


def is_urgent(answers: Answers) -> bool:
    return answers.get("urgent") == _YES


# --- the question -----------------------------------------------------------------------------------------------------


def _ask(_request: Request, answers: Answers) -> Body:
    return paragraphs(
        text("<b>Urgent?</b> Then everybody gets it at once, also at night, and those who chose a digest, too."),
        _left(answers),
    )


def _left(answers: Answers) -> Text | None:
    left = answers["urgent_left"]
    if left is None:
        return None
    if not left:
        return text("The urgent announcements of this month are used up. The chair has to agree to another one.")
    return text_n("%(n)s is left this month.", "%(n)s are left this month.", left)


async def _choices(_db: Connection, _request: Request, _answers: Answers) -> Sequence[Choice]:
    # NOTE: button. This announcement can wait until people are awake.
    return [Choice(_URGENT, _YES), Choice(text("It can wait"), "no")]


# NOTE: button. An announcement that may wake people up.
_URGENT = text("Urgent")


def _offer(answers: Answers) -> Body:
    # NOTE: button. An announcement that may wake people up.
    return text("✓ Urgent") if is_urgent(answers) else _URGENT


FIELD = Field("urgent", _ask, choices=_choices, offer=_offer)


def in_words(answers: Answers) -> Body | None:
    """What the review says of it."""
    if not is_urgent(answers):
        return None
    if answers["urgent_left"] == 0:
        return text("❗ Urgent. This month's are used up: it goes out when the chair has agreed.")
    return text("❗ Urgent: it also comes at night.")


# --- the ration -------------------------------------------------------------------------------------------------------


async def left(db: Connection, request: Request, answers: Answers) -> int | None:
    """How many the community may still have this month; None: the chair's are not counted."""
    if Role(answers["role"]) is Role.CHAIR:
        return None
    community = community_of(request)
    since = month_of(request.now, ZoneInfo(community.zone))
    return max(0, URGENT_MOST - await planned.count_urgent(db, community.id, since))


async def whom_to_ask(db: Connection, request: Request, answers: Answers) -> list[Member]:
    """Who must agree to it; nobody: it may go. Raises Refused when there is nobody who could."""
    if not is_urgent(answers) or await left(db, request, answers) != 0:
        return []
    found = await _agreeing(db, community_of(request), request.person.id, request.now)
    if not found:
        raise Refused(
            text(
                "The urgent announcements of this month are used up, and there is no chair who could agree to another"
                " one. Please send it as an ordinary one: tap “Back”, or /cancel."
            )
        )
    return found


async def _agreeing(db: Connection, community: Community, author_id: int, now: datetime) -> list[Member]:
    """The nearest chair; where there is none, the nearest coordinator."""
    for role in (Role.CHAIR, Role.COORDINATOR):
        found = await storage.communities.nearest(db, community.path, now, frozenset({role}), but=author_id)
        if found:
            return found
    return []


# --- the chair agrees -------------------------------------------------------------------------------------------------


def ask(announcement: Announcement, asked: Sequence[Member], asleep: Collection[int]) -> list[Outgoing]:
    """What the author is told, and what is asked of those who may agree; without a sound of those who sleep."""
    names = text("%(name)s", name=", ".join(member.called for member in asked))
    buttons = [
        [
            # NOTE: button. The chair agrees to an urgent announcement.
            button(text("Agree"), "a.agree", announcement.id),
            # NOTE: button. The chair does not agree to an urgent announcement.
            button(text("Not urgent"), "a.agree.no", announcement.id),
        ]
    ]
    question = paragraphs(
        text(
            "%(name)s asks you to agree to one more urgent announcement. It would reach everybody at once, also at"
            " night.",
            name=announcement.look.called,
        ),
        card(announcement.look),
    )
    told = text(
        "The urgent announcements of this month are used up. I have asked for an agreement: %(names)s. Then it goes"
        " out.",
        names=names,
    )
    media = announcement.look.content.media
    return [
        # NOTE: button. What is planned is not sent.
        Say(told, [[button(text("Call it off"), "a.off.yes", announcement.id)]]),
        *(
            Say(question, buttons, to=ToPerson(one.person_id), media=media, silent=one.person_id in asleep)
            for one in asked
        ),
    ]


async def agree(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = await _asked(db, request)
    path = announcement.community.path
    if not await storage.persons.may(db, LEADERS, announcement.author_id, path, request.now):
        return await _leave_unsent(db, announcement, request.now)
    is_ahead = announcement.due_at is not None and announcement.due_at > request.now
    if not await planned.move(db, announcement, State.ASKED, State.PLANNED, request.now):
        raise _answered()
    said: list[Outgoing] = [Edit(text("✓ You have agreed. It goes out as urgent."))]
    if is_ahead:
        author = ToPerson(announcement.author_id)
        return [*said, Say(planned_card(announcement), planned_buttons(announcement), to=author)]
    await planned.save_due(db, announcement.id, request.now)  # days may have passed: whom it is for is looked at anew
    return said


async def _leave_unsent(db: Connection, announcement: Announcement, now: datetime) -> list[Outgoing]:
    await planned.move(db, announcement, State.ASKED, State.OFF, now)
    # NOTE: button. Tells everybody something at once.
    return [Edit(not_sent(announcement), [[button(text("Announce"), "announce")]])]


async def disagree(db: Connection, request: Request) -> list[Outgoing]:
    """It is not sent; its author may send it as an ordinary one. args: the announcement."""
    announcement = await _asked(db, request)
    if not await planned.move(db, announcement, State.ASKED, State.OFF, request.now):
        raise _answered()
    told = paragraphs(
        text("Your announcement was not found urgent, so it was not sent. You can send it as an ordinary one:"),
        card(announcement.look),
    )
    # NOTE: button
    again = [[button(text("Announce"), "announce")]]
    return [
        Edit(text("It was not sent. I have told its author.")),
        Say(told, again, to=ToPerson(announcement.author_id), media=announcement.look.content.media),
    ]


async def _asked(db: Connection, request: Request) -> Announcement:
    announcement: Announcement = request.subject
    may = await _agreeing(db, announcement.community, announcement.author_id, request.now)
    if request.person.id not in {member.person_id for member in may}:
        raise not_here()
    if announcement.state is not State.ASKED:
        raise _answered()
    return announcement


def _answered() -> Refused:
    return Refused(text("This was answered already."))
