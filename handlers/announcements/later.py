"""What is planned: a list, another hour, or not at all."""

from dataclasses import replace
from typing import Any

from domain.announcement_cards import first_words, planned_buttons, planned_card, planned_line
from domain.announcements import PLANNED_ON_A_PAGE, Announcement, Planned, State
from domain.communities import Place
from domain.lists import page_of, turning
from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Words,
    button,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Community, Request
from domain.roles import COORDINATORS, LEADERS
from domain.times import maybe_us
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Form
from handlers.meetings import when
from storage.announcements import get, planned
from storage.database import Connection


async def door(db: Connection, request: Request) -> list[Outgoing]:
    """The way to what is planned, if anything is."""
    community = community_of(request)
    found = len(await _planned(db, request, community))
    if not found:
        return []
    # NOTE: button. The list of announcements that go out later, those of campaigns, too.
    way = [[button(text("What is planned"), "a.plan", community.id)]]
    return [Say(text_n("%(n)s announcement is planned.", "%(n)s announcements are planned.", found), way)]


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    return [Say(*await _list(db, request, 0))]


async def show_page(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the page."""
    return [Edit(*await _list(db, request, request.number(1)))]


async def _planned(db: Connection, request: Request, community: Community) -> list[Planned]:
    """A campaign's posts are seen by those who can change them, and by nobody else before their hour."""
    return await planned.of_community(db, community.id, with_posts=request.may(COORDINATORS, community.path))


async def _list(db: Connection, request: Request, given: int) -> tuple[Body, Keyboard]:
    place: Place = request.subject
    community = place.community
    page = page_of(list(enumerate(await _planned(db, request, community), 1)), given, PLANNED_ON_A_PAGE)
    if not page.shown:
        return text("Nothing is planned: %(community)s", community=community.name), ()
    taps = [
        button(Words(str(number)), "a.see" if one.campaign is None else "cp.post", one.id) for number, one in page.shown
    ]
    body = paragraphs(
        text("<b>What is planned</b>: %(community)s", community=community.name),
        *(planned_line(number, one, community.zone) for number, one in page.shown),
        text("Tap a number to change one."),
    )
    return body, [taps, turning("a.plan.page", community.id, page=page.number, more=page.more)]


async def see(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = still_planned(request.subject)
    return [Say(planned_card(announcement), planned_buttons(announcement))]


def still_planned(announcement: Announcement) -> Announcement:
    """Raises Refused when it was sent or called off meanwhile."""
    if announcement.state is not State.PLANNED:
        raise _no_longer()
    return announcement


def _no_longer() -> Refused:
    return Refused(text("This announcement is no longer planned: it was sent or called off."))


# --- not at all -------------------------------------------------------------------------------------------------------


async def ask_off(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = still_planned(request.subject)
    asked = paragraphs(planned_card(announcement), text("Shall I call it off?"))
    buttons = [
        [
            # NOTE: button. Yes, the announcement is not sent.
            button(text("Yes, call off"), "a.off.yes", announcement.id),
            # NOTE: button. No, the announcement stays planned.
            button(text("Keep it"), "a.see.again", announcement.id),
        ]
    ]
    return [Edit(asked, buttons)]


async def see_again(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = still_planned(request.subject)
    return [Edit(planned_card(announcement), planned_buttons(announcement))]


async def call_off(db: Connection, request: Request) -> list[Outgoing]:
    """Also what waits for the chair. args: the announcement."""
    announcement: Announcement = request.subject
    is_off = False
    for before in (State.PLANNED, State.ASKED):
        is_off = is_off or await planned.move(db, announcement, before, State.OFF, request.now)
    if not is_off:
        raise _no_longer()
    return [Edit(text("Called off. Nobody gets it: %(words)s", words=first_words(announcement)))]


# --- another hour -----------------------------------------------------------------------------------------------------


async def start_moving(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = still_planned(request.subject)
    answers: dict[str, Any] = {"announcement": announcement.id, "was": maybe_us(announcement.due_at)}
    return await forms.start(db, request, FORM, answers, intro=planned_card(announcement))


async def _move(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    due_at, _ = when.chosen(request, answers)
    when.still_ahead(request, due_at)
    before = await get(db, answers["announcement"])
    if before is None or before.community.id != community_of(request).id:
        raise _no_longer()
    if maybe_us(still_planned(before).due_at) != answers["was"]:
        told = text("Somebody else has changed the time meanwhile, so yours was not saved.")
        return [Say(paragraphs(told, planned_card(before)), planned_buttons(before))]
    if not await planned.save_due(db, before.id, due_at):
        raise _no_longer()
    announcement = replace(before, due_at=due_at)
    return [Say(planned_card(announcement), planned_buttons(announcement))]


FORM = Form("announce_time", when.MOMENT, _move, may=LEADERS, version=2)
