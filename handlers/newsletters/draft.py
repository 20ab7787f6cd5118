"""A newsletter is drafted from what really happened, edited by taps, and sent to everybody at once, or printed."""

from datetime import date

import storage.announcements
import storage.chats
import storage.newsletters
import storage.outgoings
from domain import newsletters
from domain.announcement_cards import card
from domain.announcements import Look
from domain.messages import (
    Body,
    Edit,
    InLanguage,
    Keyboard,
    Outgoing,
    Paper,
    PaperValue,
    Refused,
    Say,
    Text,
    ToAudience,
    button,
    text,
)
from domain.newsletters import ON_A_PAGE, OPENING_MOST, Newsletter, Period, State
from domain.requests import Request
from domain.roles import COORDINATORS, Role
from domain.writing import clean, units
from handlers import forms
from handlers.announcements import announce
from handlers.communities.tree import community_of
from handlers.forms import Answers, Field, Form
from handlers.meetings.when import zone_of
from handlers.route import not_here
from storage.database import Connection

_PERIODS = {
    # NOTE: button. The newsletter of a month.
    Period.LAST_MONTH: text("Last month"),
    # NOTE: button. The newsletter of a month.
    Period.THIS_MONTH: text("This month"),
    # NOTE: button. The newsletter of three months.
    Period.LAST_QUARTER: text("Last quarter"),
    # NOTE: button. The newsletter of three months.
    Period.THIS_QUARTER: text("This quarter"),
}


async def load(db: Connection, newsletter_id: int, _person_id: int) -> Newsletter | None:
    return await storage.newsletters.get(db, newsletter_id)


# --- drafting ---------------------------------------------------------------------------------------------------------


async def start(_db: Connection, request: Request) -> list[Outgoing]:
    community = community_of(request)
    taps = [button(label, "nl.new", community.id, period.value) for period, label in _PERIODS.items()]
    asked = text("A newsletter of %(name)s: which months shall it tell of?", name=community.name)
    return [Say(asked, [taps[:2], taps[2:]])]


async def make(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the period."""
    named = {period.value: period for period in Period}
    period = named.get(request.args[1] if len(request.args) > 1 else "")
    if period is None:
        raise not_here()
    community = community_of(request)
    first, last = newsletters.days_of(period, _today(request))
    since, until = newsletters.bounds(first, last, community.zone)
    found = await storage.newsletters.happened(db, community, since, min(until, request.now))
    if not found:
        raise Refused(text("Nothing happened here in this time that a newsletter could tell of."))
    items = newsletters.chosen(found)
    made = await storage.newsletters.add(db, community, request.person.id, first, last, items, request.now)
    return [_shown(made)]


def _today(request: Request) -> date:
    return request.now.astimezone(zone_of(request)).date()


def _shown(newsletter: Newsletter) -> Say:
    return Say(newsletters.draft(newsletter), newsletters.editing(newsletter))


# --- editing ----------------------------------------------------------------------------------------------------------


def _editable(request: Request) -> Newsletter:
    newsletter: Newsletter = request.subject
    if newsletter.state is not State.DRAFT:
        raise _sent_already()
    return newsletter


def _sent_already() -> Refused:
    return Refused(text("This newsletter was sent already. You can make another one: /newsletter"))


async def drop(db: Connection, request: Request) -> list[Outgoing]:
    """An item goes out, or comes in again. args: the newsletter, the item's place, whether it goes out."""
    newsletter, place = _editable(request), request.number(1)
    if place >= len(newsletter.items):
        raise not_here()
    dropped = newsletter.dropped | {place} if request.number(2) else newsletter.dropped - {place}
    await storage.newsletters.save_dropped(db, newsletter.id, dropped)
    changed = await storage.newsletters.get_certain(db, newsletter.id)
    return [Edit(newsletters.draft(changed), newsletters.editing(changed, place // ON_A_PAGE))]


async def start_opening(db: Connection, request: Request) -> list[Outgoing]:
    """args: the newsletter."""
    return await forms.start(db, request, FORM, {"newsletter": _editable(request).id})


def _ask_opening(_request: Request, _answers: Answers) -> Text:
    return text("With which words shall the newsletter begin? At most %(most)s characters.", most=OPENING_MOST)


def _read_opening(request: Request, _answers: Answers) -> str:
    words = clean(request.words)
    if not words or units(words) > OPENING_MOST:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=OPENING_MOST))
    return words


async def _save_opening(db: Connection, _request: Request, answers: Answers) -> list[Outgoing]:
    if not await storage.newsletters.save_opening(db, answers["newsletter"], answers["opening"]):
        raise _sent_already()
    return [_shown(await storage.newsletters.get_certain(db, answers["newsletter"]))]


FORM = Form("newsletter", (Field("opening", _ask_opening, read=_read_opening),), _save_opening, may=COORDINATORS)


# --- sending ----------------------------------------------------------------------------------------------------------


def _sendable(request: Request) -> Newsletter:
    newsletter = _editable(request)
    if not newsletter.items:
        raise Refused(text("What it told of was taken back. You can make another one: /newsletter"))
    if not newsletter.left:
        raise Refused(text("Everything is left out, so there is nothing to send. Please take something in again."))
    return newsletter


async def preview(db: Connection, request: Request) -> list[Outgoing]:
    """As its readers will see it, before it goes to everybody. args: the newsletter."""
    newsletter = _sendable(request)
    reach = await storage.outgoings.reach(db, ToAudience(newsletter.community.id), request.now)
    rows: Keyboard = [
        # NOTE: button. The newsletter goes to everybody now.
        [button(text("Yes, send it"), "nl.send.yes", newsletter.id)],
        # NOTE: button. Back to the draft of a newsletter.
        [button(text("Change it"), "nl.back", newsletter.id)],
    ]
    asked = text("Above you see how it will look. Shall I send it? People it reaches: %(count)s", count=reach.now)
    return [Say(card(await _look(db, request, newsletter))), Say(asked, rows)]


async def back(_db: Connection, request: Request) -> list[Outgoing]:
    """args: the newsletter, the page of its numbers."""
    newsletter = _editable(request)
    return [Edit(newsletters.draft(newsletter), newsletters.editing(newsletter, request.number(1)))]


async def _look(db: Connection, request: Request, newsletter: Newsletter) -> Look:
    signed = await announce.signature(db, request)
    return Look(signed["heading"], signed["called"], Role(signed["role"]), newsletter.content)


async def send(db: Connection, request: Request) -> list[Outgoing]:
    """args: the newsletter."""
    newsletter = _sendable(request)
    if not await storage.newsletters.send(db, newsletter.id):
        raise not_here()
    announcement, said = await announce.at_once(db, request, newsletter.content)
    await storage.newsletters.save_announcement(db, newsletter.id, announcement.id)
    return [Edit(text("✓ The newsletter is on its way.")), *said]


# --- on paper ---------------------------------------------------------------------------------------------------------


async def print_it(db: Connection, request: Request) -> list[Outgoing]:
    """In the language of its community, to whoever leads it or got it. args: the newsletter."""
    newsletter: Newsletter = request.subject
    if not request.may(COORDINATORS, newsletter.community.path):
        await _check_stands(db, newsletter)
    return [Say(text("The newsletter, to print or to send on."), media=_paper(newsletter))]


async def _check_stands(db: Connection, newsletter: Newsletter) -> None:
    """Raises Refused when it was not sent, or was taken back."""
    if newsletter.state is State.DRAFT:
        raise not_here()
    if await storage.newsletters.is_recalled(db, newsletter.id):
        raise Refused(text("This newsletter was taken back. Please disregard it."))


def _paper(newsletter: Newsletter) -> Paper:
    language = newsletter.community.language

    def said(body: Body) -> InLanguage:
        return InLanguage(language, body)

    data: dict[str, PaperValue] = {
        "title": said(newsletters.paper_title(newsletter)),
        "community": newsletter.community.name,
        "opening": said(newsletters.opening(newsletter)),
        "sections": [
            {"heading": said(heading), "items": [said(item) for item in items]}
            for heading, items in newsletters.sections(newsletter)
        ],
    }
    return Paper("newsletter", data, "newsletter.pdf")
