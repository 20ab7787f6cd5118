"""A campaign in one card, with what can be done about it: pause, go on, cancel, figures."""

import storage.announcements
import storage.campaigns
from domain import campaign_cards
from domain.campaigns import Campaign, Post, Reach, State, check_open
from domain.messages import Body, Edit, Keyboard, Outgoing, Refused, Say, Text, button, paragraphs, text, text_n
from domain.requests import Request
from domain.roles import Role
from handlers.announcements import announce
from storage.database import Connection

_LAST_PAGE = 100


async def load(db: Connection, campaign_id: int, _person_id: int) -> Campaign | None:
    return await storage.campaigns.get(db, campaign_id)


async def load_post(db: Connection, post_id: int, _person_id: int) -> Post | None:
    return await storage.campaigns.get_post(db, post_id)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the campaign, the page of its posts."""
    return [Edit(*await _card(db, request, request.subject, min(request.number(1), _LAST_PAGE)))]


async def with_card(db: Connection, request: Request, campaign_id: int, told: Text) -> list[Outgoing]:
    """What was done just now, and the card as it is after it."""
    campaign = await storage.campaigns.get(db, campaign_id)
    if campaign is None:
        raise LookupError("a campaign that was just there")
    body, doors = await _card(db, request, campaign, 0)
    return [Say(paragraphs(told, body), doors)]


async def _card(db: Connection, request: Request, campaign: Campaign, page: int) -> tuple[Body, Keyboard]:
    posts = await storage.campaigns.posts(db, campaign.id)
    return (
        campaign_cards.calendar(campaign, posts, page, request.now),
        campaign_cards.doors(campaign, posts, page, request.now),
    )


async def _again(db: Connection, request: Request, told: Text | None = None) -> list[Outgoing]:
    """The card in place, after it was changed."""
    campaign = await storage.campaigns.get(db, request.subject.id)
    if campaign is None:
        raise LookupError("a campaign that was just there")
    body, doors = await _card(db, request, campaign, 0)
    return [Edit(body if told is None else paragraphs(body, told), doors)]


# --- pause, go on, cancel ---------------------------------------------------------------------------------------------


async def pause(db: Connection, request: Request) -> list[Outgoing]:
    check_open(request.subject, request.now)
    await storage.campaigns.change_state(db, request.subject.id, [State.RUNNING], State.PAUSED)
    return await _again(db, request)


async def go_on(db: Connection, request: Request) -> list[Outgoing]:
    """Whoever takes it up again signs its posts from now on. What was to go meanwhile waits for another time."""
    campaign: Campaign = request.subject
    check_open(campaign, request.now)
    if not await storage.campaigns.change_state(db, campaign.id, [State.PAUSED], State.RUNNING):
        return await _again(db, request)  # it goes on already: what is due goes by itself
    missed = await storage.campaigns.miss_before(db, campaign.id, request.now)
    signed = await announce.signature(db, request)
    await storage.campaigns.save_author(db, campaign.id, request.person.id, signed["called"], Role(signed["role"]))
    told = text_n(
        "%(n)s post was not sent during the pause. Tap its number to choose another time.",
        "%(n)s posts were not sent during the pause. Tap their numbers to choose other times.",
        missed,
    )
    return await _again(db, request, told if missed else None)


async def ask_to_cancel(db: Connection, request: Request) -> list[Outgoing]:
    campaign: Campaign = request.subject
    check_open(campaign, request.now)
    asked = text("Shall I cancel this campaign? What was sent stays, nothing more goes out.")
    rows: Keyboard = [
        # NOTE: button. A campaign is stopped for good.
        [button(text("Yes, cancel it"), "cp.off.yes", campaign.id)],
        # NOTE: button. A campaign stays.
        [button(text("Keep it"), "cp", campaign.id)],
    ]
    return [Edit(paragraphs(campaign_cards.described(campaign), asked), rows)]


async def cancel(db: Connection, request: Request) -> list[Outgoing]:
    check_open(request.subject, request.now)
    await storage.campaigns.change_state(db, request.subject.id, [State.RUNNING, State.PAUSED], State.CANCELLED)
    return await _again(db, request)


# --- figures ----------------------------------------------------------------------------------------------------------


async def show_figures(db: Connection, request: Request) -> list[Outgoing]:
    campaign: Campaign = request.subject
    sent = [post for post in await storage.campaigns.posts(db, campaign.id) if post.announcement_id is not None]
    if not sent:
        raise Refused(text("Nothing was sent yet, so there are no figures."))
    reached = [(post, await _reach(db, post)) for post in sent]
    parts = await storage.campaigns.reached_below(db, campaign)
    return [Say(campaign_cards.figures(campaign, reached, parts))]


async def _reach(db: Connection, post: Post) -> Reach:
    announcement = await storage.announcements.get(db, post.announcement_id or 0)
    if announcement is None:
        return Reach()
    counts = await storage.announcements.count(db, announcement)
    return Reach(counts.sent, counts.confirmed)
