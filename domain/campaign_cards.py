"""How a campaign looks to those who plan it: its calendar, one post of it, and its figures."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.announcement_cards import beginning
from domain.announcements import AUDIENCES
from domain.campaigns import Campaign, Part, Post, PostKind, PostState, Reach, State
from domain.lists import Page, page_of, turning
from domain.messages import (
    Body,
    Keyboard,
    Moment,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)

ON_A_PAGE = 5
_FIRST_WORDS = 40  # characters that tell which post it is


def day_of(day: date, zone: str) -> Moment:
    return Moment(datetime.combine(day, time(12), ZoneInfo(zone)), zone, show="day")


def moment(at: datetime, zone: str) -> Moment:
    """When something of a campaign goes out: by the wall clock of its community, whoever reads it."""
    return Moment(at, zone)


def whom(roles: Sequence[str]) -> Text:
    return next(one.label for one in AUDIENCES.values() if one.roles == tuple(roles))


def described(campaign: Campaign) -> Body:
    return lines(
        text("<b>Campaign: %(name)s</b>", name=campaign.name),
        text("Community: %(name)s", name=campaign.community.name),
        text("For: %(whom)s", whom=whom(campaign.roles)),
        text("First day: %(day)s", day=day_of(campaign.starts_on, campaign.zone)),
        text("Last day: %(day)s", day=day_of(campaign.ends_on, campaign.zone)),
    )


def calendar(campaign: Campaign, posts: Sequence[Post], given: int, now: datetime) -> Body:
    """All of it in one card: the posts in the order of their times."""
    shown = _page(posts, given).shown
    return paragraphs(
        described(campaign),
        _standing(campaign, now),
        lines(*(_line(number, post) for number, post in shown))
        if shown
        else text("There are no posts yet. Add the first one."),
    )


def _standing(campaign: Campaign, now: datetime) -> Text | None:
    if campaign.state is State.CANCELLED:
        return text("This campaign was cancelled: nothing more goes out.")
    if campaign.is_over(now):
        return text("This campaign is over.")
    if campaign.state is State.PAUSED:
        return text("⏸ Paused: nothing goes out until you go on.")
    return None


def _line(number: int, post: Post) -> Text:
    at, words = moment(post.at, post.campaign.zone), _words(post)
    if post.kind is PostKind.ADVICE:
        words = text("for schools: %(words)s", words=words)
    if post.state is PostState.SENT:
        return text("%(number)s. ✓ %(time)s · %(words)s", number=number, time=at, words=words)
    if post.state is PostState.MISSED:
        return text("%(number)s. Not sent: %(time)s · %(words)s", number=number, time=at, words=words)
    return text("%(number)s. %(time)s · %(words)s", number=number, time=at, words=words)


def _words(post: Post) -> str | Text:
    return beginning(post.content, _FIRST_WORDS)


def doors(campaign: Campaign, posts: Sequence[Post], given: int, now: datetime) -> Keyboard:
    page = _page(posts, given)
    is_told_of = any(one.announcement_id for one in posts) and not campaign.may_be_advised(now)
    return [
        [button(Words(str(number)), "cp.post", post.id) for number, post in page.shown],
        turning("cp", campaign.id, page=page.number, more=page.more),
        *(_changing(campaign, now) if page.number == 0 else ()),
        # NOTE: button. How many people a campaign reached.
        [button(text("Figures"), "cp.sum", campaign.id)] if is_told_of else [],
    ]


def _page(posts: Sequence[Post], given: int) -> Page[tuple[int, Post]]:
    return page_of(list(enumerate(posts, 1)), given, ON_A_PAGE)


def _changing(campaign: Campaign, now: datetime) -> Keyboard:
    if campaign.is_over(now):
        return []
    paused = campaign.state is State.PAUSED
    # NOTE: button. A paused campaign goes on.
    go_on = button(text("Go on"), "cp.on", campaign.id)
    # NOTE: button. A campaign stops for some time.
    pause = button(text("Pause"), "cp.pause", campaign.id)
    return [
        # NOTE: button. One more post in a campaign.
        [button(text("Add a post"), "cp.add", campaign.id)],
        # NOTE: button. Recommendations for schools before a campaign.
        [button(text("For schools"), "cp.tip", campaign.id)] if campaign.may_be_advised(now) else [],
        [
            go_on if paused else pause,
            # NOTE: button. Stops a campaign for good.
            button(text("Cancel it"), "cp.off", campaign.id),
        ],
    ]


def post_card(post: Post) -> Body:
    """Above it stands the post as its readers see it."""
    at = moment(post.at, post.campaign.zone)
    if post.state is PostState.SENT:
        return text("Sent: %(time)s", time=at)
    if post.state is PostState.MISSED:
        return text("Not sent: its time has passed (%(time)s). You can choose another.", time=at)
    return text("Planned for: %(time)s", time=at)


def post_doors(post: Post, now: datetime) -> Keyboard:
    # NOTE: button. Back to all posts of a campaign.
    back = [button(text("All posts"), "cp", post.campaign.id)]
    if post.state is PostState.SENT or post.campaign.is_over(now):
        return [back]
    return [
        # NOTE: button. Other words or another picture for a post.
        [button(text("Change it"), "cp.text", post.id)],
        # NOTE: button. Another time for a post.
        [button(text("Another time"), "cp.time", post.id)],
        # NOTE: button. Takes a post out of a campaign.
        [button(text("Take it out"), "cp.drop", post.id)],
        back,
    ]


# --- figures ----------------------------------------------------------------------------------------------------------


def figures(campaign: Campaign, sent: Sequence[tuple[Post, Reach]], parts: Sequence[Part]) -> Body:
    """All of it in one message. `sent`: each post with whom it reached."""
    shown = [_of_part(part) for part in parts if part.reached is not None]
    is_all = all(part.reached is not None and part.confirmed is not None for part in parts)
    return paragraphs(
        text("<b>Figures: %(name)s</b>", name=campaign.name),
        text_n("%(n)s post was sent.", "%(n)s posts were sent.", len(sent)),
        lines(*(_of_post(number, post, reach) for number, (post, reach) in enumerate(sent, 1))),
        lines(text("All posts together, by community:"), *shown) if shown else None,
        # It is about that list: the numbers of a whole post stand above it however small they are.
        text("Numbers below 5 stay hidden, and so do numbers that would give them away.")
        if shown and not is_all
        else None,
    )


def _of_post(number: int, post: Post, reach: Reach) -> Text:
    return text(
        "%(number)s. %(words)s – reached: %(reached)s, confirmed: %(confirmed)s",
        number=number,
        words=_words(post),
        reached=reach.reached,
        confirmed=reach.confirmed,
    )


def _of_part(part: Part) -> Text:
    if part.confirmed is None:
        return text("%(name)s: reached %(reached)s", name=part.name, reached=part.reached or 0)
    return text(
        "%(name)s: reached %(reached)s, confirmed %(confirmed)s",
        name=part.name,
        reached=part.reached or 0,
        confirmed=part.confirmed,
    )
