"""The posts of a campaign: what, on which of its days and at what hour; changed and taken out as long as they wait."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

import storage.campaigns
import storage.outgoings
from domain import campaign_cards
from domain.announcement_cards import CONFIRM, card
from domain.announcements import Content, Look
from domain.campaigns import POSTS_MOST, Campaign, Post, PostKind, PostState, check_open, check_time
from domain.messages import Body, Outgoing, Refused, Say, Text, ToAudience, button, lines, paragraphs, text, text_n
from domain.requests import Request
from domain.roles import COORDINATORS, Role
from domain.times import to_us
from handlers import forms, grids
from handlers.announcements import announce
from handlers.campaigns.show import with_card
from handlers.forms import Answers, Field, Form
from handlers.meetings import when
from storage.database import Connection


async def show(_db: Connection, request: Request) -> list[Outgoing]:
    """A post as its readers see it, and what can be done about it."""
    return _shown(request, request.subject)


def _shown(request: Request, post: Post) -> list[Outgoing]:
    doors = campaign_cards.post_doors(post, request.now)
    return [_as_read(post.look), Say(campaign_cards.post_card(post), doors)]


def _as_read(look: Look) -> Say:
    return Say(card(look), [[button(CONFIRM, "a.try")]], media=look.content.media)


async def drop(db: Connection, request: Request) -> list[Outgoing]:
    post: Post = request.subject
    check_open(post.campaign, request.now)
    if not await storage.campaigns.drop_post(db, post.id):
        raise _sent_already()
    return await with_card(db, request, post.campaign.id, text("✓ Taken out."))


def _sent_already() -> Refused:
    return Refused(text("This post was sent already, so it can't be changed here."))


# --- a new one --------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    return await _start(db, request, PostKind.POST)


async def start_advice(db: Connection, request: Request) -> list[Outgoing]:
    """Recommendations for schools: to those who lead the communities below, before the first day."""
    if not request.subject.may_be_advised(request.now):
        raise Refused(text("The campaign has begun, so recommendations would come too late."))
    return await _start(db, request, PostKind.ADVICE)


async def _start(db: Connection, request: Request, kind: PostKind) -> list[Outgoing]:
    campaign: Campaign = request.subject
    check_open(campaign, request.now)
    if len(await storage.campaigns.posts(db, campaign.id)) >= POSTS_MOST:
        raise Refused(text("A campaign has at most %(most)s posts. Take one out first.", most=POSTS_MOST))
    return await forms.start(db, request, FORM, _known(campaign, kind))


def _known(campaign: Campaign, kind: PostKind) -> dict[str, Any]:
    """What the questions must know of the campaign."""
    first, last = campaign.span(kind)
    return {
        "campaign": campaign.id,
        "kind": kind.value,
        "heading": campaign.heading,
        "called": campaign.called,
        "from": first.isoformat(),
        "until": last.isoformat(),
    }


def _ask_content(_request: Request, answers: Answers) -> Body:
    what = text("Please send me a text, or one photo, video or file with a text under it.")
    if answers["kind"] == PostKind.ADVICE:
        return lines(text("<b>Recommendations</b> for those who lead the schools and classes below."), what)
    return lines(text("<b>A post</b> of the campaign: %(name)s", name=answers["heading"]), what)


def _within(request: Request, answers: Answers) -> tuple[date, date]:
    """The days of the campaign that are still ahead; for recommendations those before it."""
    first, last = when.within(request, answers)
    return max(first, date.fromisoformat(answers["from"])), min(last, date.fromisoformat(answers["until"]))


async def _check_day(db: Connection, request: Request, answers: Answers) -> None:
    """That it is one of the campaign's days is said before the hour is asked."""
    campaign, day = await _campaign_of(db, answers), answers["day"]
    at = _noon(day, campaign) if isinstance(day, str) else when.chosen(request, answers)[0]
    check_time(campaign, PostKind(answers["kind"]), at)


def _noon(day: str, campaign: Campaign) -> datetime:
    return grids.day_moment(date.fromisoformat(day), campaign.zone_info).at


async def _campaign_of(db: Connection, answers: Answers) -> Campaign:
    campaign = await storage.campaigns.get(db, answers["campaign"])
    if campaign is None:
        raise LookupError("a campaign that was just there")
    return campaign


async def _facts(db: Connection, request: Request, answers: Answers) -> Answers:
    """Whether it can go then, and whom it would reach now."""
    campaign, kind = await _campaign_of(db, answers), PostKind(answers["kind"])
    at, _ = when.chosen(request, answers)
    check_time(campaign, kind, at)
    to = ToAudience(campaign.community.id, campaign.whom(kind))
    reach = await storage.outgoings.reach(db, to, request.now)
    return {"reach": reach.now, "role": campaign.role.value}


def _preview(_request: Request, answers: Answers) -> Sequence[Say]:
    look = Look(answers["heading"], answers["called"], Role(answers["role"]), Content(**answers["content"]))
    return [_as_read(look)]


def _review(request: Request, answers: Answers) -> Body:
    at, _ = when.chosen(request, answers)
    return paragraphs(
        text("Above you see how it will look."),
        text("It goes out: %(time)s", time=campaign_cards.moment(at, when.zone_of(request).key)),
        text_n("It would reach %(n)s person now.", "It would reach %(n)s people now.", answers["reach"]),
    )


def _ready(request: Request, campaign: Campaign, kind: PostKind, at: datetime) -> None:
    """Time goes on while somebody reads a review. Raises Refused."""
    when.still_ahead(request, at)
    check_open(campaign, request.now)
    check_time(campaign, kind, at)


async def _add(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    campaign, kind = await _campaign_of(db, answers), PostKind(answers["kind"])
    at, _ = when.chosen(request, answers)
    _ready(request, campaign, kind, at)
    await storage.campaigns.add_post(db, campaign.id, kind, Content(**answers["content"]), at)
    return await with_card(db, request, campaign.id, text("✓ Planned."))


_CONTENT = Field("content", _ask_content, read=announce.FORM.field("content").read, files=True)
_DAY, _HOUR = when.MOMENT
_TIMES = (replace(_DAY, grid=grids.days(when.zone_of, _within), check=_check_day), _HOUR)
# NOTE: button. A post goes out at its time.
_PLAN = text("Plan it")
FORM = Form(
    "campaign_post",
    (_CONTENT, *_TIMES),
    _add,
    review=_review,
    facts=_facts,
    preview=_preview,
    done=_PLAN,
    may=COORDINATORS,
    version=2,
)


# --- changed ----------------------------------------------------------------------------------------------------------


async def change_words(db: Connection, request: Request) -> list[Outgoing]:
    post = _changeable(request)
    return await forms.start(db, request, WORDS_FORM, _known(post.campaign, post.kind) | _as_it_is(post))


async def change_time(db: Connection, request: Request) -> list[Outgoing]:
    post = _changeable(request)
    return await forms.start(db, request, TIME_FORM, _known(post.campaign, post.kind) | _as_it_is(post))


def _as_it_is(post: Post) -> dict[str, Any]:
    """What somebody who changes it had before her."""
    return {"post": post.id, "was": asdict(post.content), "was_at": to_us(post.at)}


def _changeable(request: Request) -> Post:
    post: Post = request.subject
    check_open(post.campaign, request.now)
    if post.state is PostState.SENT:
        raise _sent_already()
    return post


async def _changed_meanwhile(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    """Of two who change it at the same time the second one sees what the first one made of it."""
    post = await storage.campaigns.get_post(db, answers["post"])
    if post is None or _as_it_is(post) == {name: answers[name] for name in ("post", "was", "was_at")}:
        return []
    told = text("Somebody else has changed this post meanwhile, so yours was not saved. Now it is so:")
    return [Say(told), *_shown(request, post)]


async def _save_words(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    check_open(await _campaign_of(db, answers), request.now)
    if changed := await _changed_meanwhile(db, request, answers):
        return changed
    if not await storage.campaigns.save_content(db, answers["post"], Content(**answers["content"])):
        raise _sent_already()
    return await with_card(db, request, answers["campaign"], text("✓ The post is changed."))


async def _save_time(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    at, _ = when.chosen(request, answers)
    _ready(request, await _campaign_of(db, answers), PostKind(answers["kind"]), at)
    if changed := await _changed_meanwhile(db, request, answers):
        return changed
    if not await storage.campaigns.save_time(db, answers["post"], at):
        raise _sent_already()
    return await with_card(db, request, answers["campaign"], text("✓ The post is changed."))


def _review_words(_request: Request, _answers: Answers) -> Text:
    return text("Above you see how it will look.")


async def _signed(db: Connection, _request: Request, answers: Answers) -> Answers:
    return {"role": (await _campaign_of(db, answers)).role.value}


# NOTE: button. Keeps the changed words of a post.
_SAVE = text("Save")
WORDS_FORM = Form(
    "campaign_words",
    (_CONTENT,),
    _save_words,
    review=_review_words,
    facts=_signed,
    preview=_preview,
    done=_SAVE,
    may=COORDINATORS,
    version=2,
)
TIME_FORM = Form(
    "campaign_time", _TIMES, _save_time, review=_review, facts=_facts, done=_PLAN, may=COORDINATORS, version=2
)
