"""The partners of a community, for those who run it: who they are, how one is invited, what they may see."""

from datetime import datetime

import storage.partners
from domain import meeting_cards
from domain.announcements import Announcement, can_be_deleted
from domain.lists import page_of, turning
from domain.meetings import Meeting
from domain.messages import (
    Body,
    Button,
    Delete,
    Edit,
    Lane,
    Moment,
    Outgoing,
    Say,
    Text,
    Toast,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.partners import (
    MOST_SHOWN,
    OpenAnnouncement,
    OpenMeeting,
    announcement_gone,
    announcement_shown,
    card_of,
    first_words,
    meeting_shown,
)
from domain.requests import Community, Request
from domain.roles import Role
from handlers import forms
from handlers.communities import invite
from handlers.communities.tree import community_of
from handlers.route import not_here
from storage.database import Connection

load_meeting = storage.partners.meeting
load_announcement = storage.partners.announcement
_FIRST_WORDS, _PAGE = 30, 30


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the page."""
    community = community_of(request)
    partners = await storage.partners.of_community(db, community.id, request.now)
    page = page_of(partners, request.number(1), _PAGE)
    named = [_named(one.called, one.until, community.zone) for one in page.shown]
    body = paragraphs(
        text("<b>Partners</b>: %(name)s", name=community.name),
        lines(*named) if named else text("This community has no partners yet."),
        text(
            "A partner is a guest: a speaker, an official, another organisation."
            " Partners see the meetings and announcements that you open to them, and no member's name."
        ),
    )
    rows = [
        turning("pt", community.id, page=page.number, more=page.more),
        # NOTE: button. Invites a guest of the community: a speaker, an official, another organisation.
        [button(text("Invite partner"), "pt.invite", community.id)],
        # NOTE: button. Which meetings and announcements partners may see.
        [button(text("What they see"), "pt.open", community.id)],
        # NOTE: button. The offers of a community to others, and those that it got.
        [button(text("Offers"), "of", community.id)],
        # NOTE: button
        [button(text("Back"), "c", community.id)],
    ]
    return [Edit(body, rows)]


def _named(name: str, until: datetime | None, zone: str) -> Text:
    if until is None:
        return text("%(name)s", name=name)
    return text("%(name)s, until %(day)s", name=name, day=Moment(until, zone, show="date"))


async def invite_one(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community. As any invitation; for how long is asked."""
    given = {"whom": Role.PARTNER.value, "uses": "1"}
    intro = text("The link is for one partner. When its time is over, the partner's time here is over, too.")
    return await forms.start(db, request, invite.FORM, given, intro=intro)


# --- what they see ----------------------------------------------------------------------------------------------------


async def show_open(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    return [await _what_is_open(db, request, community_of(request))]


async def _what_is_open(db: Connection, request: Request, community: Community) -> Edit:
    meetings = await storage.partners.meetings_ahead(db, community.id, request.now, most=MOST_SHOWN, only_open=False)
    announcements = await storage.partners.announcements(db, community.id, most=MOST_SHOWN, only_open=False)
    there: Body = (
        text("Tap what your partners may see; ✓ is open to them. Please open nothing that names a child.")
        if meetings or announcements
        else text("There is no meeting ahead and no announcement yet.")
    )
    rows = [
        *([_meeting(one)] for one in meetings),
        *([_announcement(one)] for one in announcements),
        [button(text("Back"), "pt", community.id)],
    ]
    return Edit(lines(text("<b>Partners</b>: %(name)s", name=community.name), there), rows)


def _meeting(one: OpenMeeting) -> Button:
    return _toggle(Words(one.meeting.title), "pt.m.is", one.meeting.id, is_open=one.is_open)


def _announcement(one: OpenAnnouncement) -> Button:
    return _toggle(first_words(one, _FIRST_WORDS), "pt.a.is", one.id, is_open=one.is_open)


def _toggle(label: Words, route: str, number: int, *, is_open: bool) -> Button:
    return button(text("✓ %(answer)s", answer=label) if is_open else label, route, number, "off" if is_open else "on")


async def open_meeting(db: Connection, request: Request) -> list[Outgoing]:
    """args: the meeting, on | off."""
    meeting, is_open = request.subject.meeting, _wanted(request)
    changed = await storage.partners.open_meeting(db, meeting.id, is_open=is_open)
    shown: list[Outgoing] = [await _what_is_open(db, request, meeting.community), Toast(text("Saved."))]
    if not (changed and is_open):
        return shown
    told = paragraphs(text("This meeting is open to you as a partner:"), meeting_shown(meeting))
    return [*shown, *await _tell_partners(db, request, meeting.community, told)]


async def tell_change(db: Connection, request: Request, meeting: Meeting) -> list[Outgoing]:
    """A meeting that is open to partners was moved or cancelled: a speaker would come on the wrong day."""
    if not await storage.partners.is_meeting_open(db, meeting.id):
        return []
    return await _tell_partners(db, request, meeting.community, meeting_cards.changed(meeting))


async def open_announcement(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement, on | off."""
    one: OpenAnnouncement = request.subject
    is_open = _wanted(request)
    changed = await storage.partners.open_announcement(db, one.id, is_open=is_open)
    shown: list[Outgoing] = [await _what_is_open(db, request, one.community), Toast(text("Saved."))]
    if not (changed and is_open):
        return shown
    partners = await storage.partners.of_community(db, one.community.id, request.now)
    body, media, card = announcement_shown(one), one.content.media, card_of(one.id)
    return [*shown, *(Say(body, to=ToPerson(partner.person_id), media=media, card=card) for partner in partners)]


async def correct(db: Connection, announcement_id: int) -> list[Outgoing]:
    """Every copy that a partner has gets its new words."""
    one = await storage.partners.announcement(db, announcement_id, 0)
    if one is None:
        return []
    body = announcement_shown(one, is_corrected=True)
    partners = await storage.partners.ever_of(db, one.community.id)
    return [Edit(body, card=card_of(one.id), to=ToPerson(partner), lane=Lane.BROADCAST) for partner in partners]


async def take_back(db: Connection, request: Request, announcement: Announcement) -> list[Outgoing]:
    """Every copy that a partner has disappears as the members' do: it may name a child by mistake."""
    card, body = card_of(announcement.id), announcement_gone(announcement.community)
    young = announcement.sent_at is not None and can_be_deleted(announcement.sent_at, request.now)
    return [
        Delete(card, to, Lane.BROADCAST, every=True) if young else Edit(body, card=card, to=to, lane=Lane.BROADCAST)
        for to in map(ToPerson, await storage.partners.ever_of(db, announcement.community.id))
    ]


def _wanted(request: Request) -> bool:
    if request.args[1:2] not in (("on",), ("off",)):
        raise not_here()
    return request.args[1] == "on"


async def _tell_partners(db: Connection, request: Request, community: Community, told: Body) -> list[Outgoing]:
    partners = await storage.partners.of_community(db, community.id, request.now)
    # NOTE: button
    to_it = [[button(text("Show"), "pt.see", community.id)]]
    return [Say(told, to_it, to=ToPerson(partner.person_id)) for partner in partners]
