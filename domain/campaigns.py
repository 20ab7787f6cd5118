"""Campaigns: several posts on days of their own under one name, with recommendations for schools beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.announcements import Content, Look
from domain.messages import Refused, text
from domain.requests import Community
from domain.roles import Role
from domain.writing import clean_line, units

NAME_MOST = 60  # characters: the name stands in the heading of every post
DAYS_MOST = 366
POSTS_MOST = 60
# Whom recommendations are for: those who lead the schools and classes of the community.
ADVISED = (Role.COORDINATOR.value, Role.CHAIR.value, Role.HEAD_OF_CLASS.value)


class State(StrEnum):
    RUNNING = "running"  # or about to begin
    PAUSED = "paused"
    CANCELLED = "cancelled"


class PostKind(StrEnum):
    POST = "post"
    ADVICE = "advice"  # recommendations for schools, before the first day


class PostState(StrEnum):
    PLANNED = "planned"
    SENT = "sent"
    MISSED = "missed"  # its time passed while the campaign was paused or the bot was down


@dataclass(frozen=True, slots=True)
class Campaign:
    """Both days belong to it. `heading` is what its posts show above their words."""

    id: int
    community: Community
    author_id: int
    heading: str
    called: str
    role: Role
    name: str
    starts_on: date
    ends_on: date
    zone: str
    roles: tuple[str, ...] = ()  # empty: everybody
    state: State = State.RUNNING

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone_info).date()

    def is_over(self, now: datetime) -> bool:
        return self.state is State.CANCELLED or self.today(now) > self.ends_on

    def whom(self, kind: PostKind) -> tuple[str, ...]:
        """The roles that a post of this kind is for."""
        return ADVISED if kind is PostKind.ADVICE else self.roles

    def span(self, kind: PostKind) -> tuple[date, date]:
        """The first and the last day on which a post of this kind may go: a campaign's own, for recommendations those
        before."""
        if kind is PostKind.ADVICE:
            return date.min, self.starts_on - timedelta(days=1)
        return self.starts_on, self.ends_on

    def may_be_advised(self, now: datetime) -> bool:
        """Whether recommendations can still go before it."""
        return self.today(now) < self.starts_on


@dataclass(frozen=True, slots=True)
class Post:
    """One post, planned for a moment; `announcement_id`: what it became."""

    id: int
    campaign: Campaign
    kind: PostKind
    content: Content
    at: datetime
    state: PostState = PostState.PLANNED
    announcement_id: int | None = None

    @property
    def community(self) -> Community:
        return self.campaign.community

    @property
    def look(self) -> Look:
        return Look(self.campaign.heading, self.campaign.called, self.campaign.role, self.content)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many got something, and how many of them confirmed it."""

    reached: int = 0
    confirmed: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One of the communities right below, with all below that; None: too few people to be shown."""

    name: str
    reached: int | None
    confirmed: int | None = None


def campaign_heading(community: str, name: str) -> str:
    """What its posts show above their words."""
    return f"{community} · {name}"


def read_name(words: str) -> str:
    """Raises Refused with the limit."""
    name = clean_line(words)
    if not any(letter.isalnum() for letter in name) or units(name) > NAME_MOST:
        raise Refused(
            text(
                "A name has letters or figures and at most %(most)s characters. For example: Week of Kindness",
                most=NAME_MOST,
            )
        )
    return name


def check_first(starts_on: date, today: date) -> None:
    """Raises Refused."""
    if starts_on < today:
        raise Refused(text("The first day is over already. Please choose another one."))


def check_last(starts_on: date, ends_on: date) -> None:
    """Raises Refused."""
    if ends_on < starts_on:
        raise Refused(text("The last day lies before the first one. Please choose another one."))
    if (ends_on - starts_on).days >= DAYS_MOST:
        raise Refused(text("A campaign lasts at most a year. Please choose an earlier last day."))


def check_time(campaign: Campaign, kind: PostKind, at: datetime) -> None:
    """Raises Refused when a post of this kind can't go then."""
    first, last = campaign.span(kind)
    if first <= at.astimezone(campaign.zone_info).date() <= last:
        return
    if kind is PostKind.ADVICE:
        raise Refused(text("Recommendations go before the first day. Please choose an earlier day."))
    raise Refused(text("This day lies outside the campaign. Please choose one of its days."))


def check_open(campaign: Campaign, now: datetime) -> None:
    """Raises Refused when nothing can be planned in it any more."""
    if campaign.state is State.CANCELLED:
        raise Refused(text("This campaign was cancelled. You can plan a new one: /campaign"))
    if campaign.is_over(now):
        raise Refused(text("This campaign is over. You can plan a new one: /campaign"))


def next_post(posts: Sequence[Post]) -> Post | None:
    """The next one that is still to go."""
    return next((post for post in posts if post.state is PostState.PLANNED), None)
