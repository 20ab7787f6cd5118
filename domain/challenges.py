"""Challenges: something many do day by day. When one runs, who takes part for which community, what may be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, StrEnum, auto
from zoneinfo import ZoneInfo

from domain.messages import Refused, text
from domain.requests import Community
from domain.roles import Audience, Membership, Role, is_in
from domain.writing import clean, clean_line, units

TITLE_MOST, RULES_MOST = 100, 2_000  # characters, as the messenger counts them
DAYS_MOST = 366
LEAST_SHOWN = 5  # a number of people below this, but for 0, doesn't leave their community
_NOON = time(12)


class State(StrEnum):
    RUNNING = "running"  # or about to begin
    THANKING = "thanking"  # over; those who took part are being told
    OVER = "over"


class Phase(Enum):
    BEFORE = auto()
    RUNNING = auto()
    OVER = auto()


LASTS = (7, 14, 21, 30)  # days, by a button


@dataclass(frozen=True, slots=True)
class Plan:
    """What a leader wants to do together: a challenge before it is one. Both days belong to it."""

    title: str
    rules: str
    starts_on: date
    ends_on: date
    roles: tuple[str, ...] = ()  # empty: everybody
    source: str | None = None  # the community that offered it, by name; None: it is this community's own


@dataclass(frozen=True, slots=True)
class Challenge:
    id: int
    community: Community
    author_id: int
    plan: Plan
    zone: str
    state: State

    @property
    def audience(self) -> Audience:
        return Audience(self.community.id, self.community.path, frozenset(map(Role, self.plan.roles)))

    @property
    def card(self) -> str:
        return f"challenge:{self.id}"

    @property
    def author_card(self) -> str:
        return f"challenge_author:{self.id}"

    @property
    def ends_at(self) -> datetime:
        return end_of(self.plan.ends_on, self.zone)

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def phase(self, now: datetime) -> Phase:
        today = self.today(now)
        if self.state != State.RUNNING or today > self.plan.ends_on:
            return Phase.OVER
        return Phase.BEFORE if today < self.plan.starts_on else Phase.RUNNING

    def noon(self, day: date) -> datetime:
        """A moment of the day, to be shown as a day."""
        return datetime.combine(day, _NOON, ZoneInfo(self.zone))


def in_a_row(days: Sequence[date]) -> int:
    """How many of these days, in their order, follow each other up to the last one."""
    first = next((at for at in range(len(days) - 1, 0, -1) if days[at] - days[at - 1] != timedelta(days=1)), 0)
    return len(days) - first


@dataclass(frozen=True, slots=True)
class Taking:
    """One person's part: on how many days she did it, how many in a row up to the last one."""

    days: int = 0
    streak: int = 0
    last_day: date | None = None

    def did_it(self, day: date) -> bool:
        return self.last_day == day

    def in_a_row(self, today: date) -> int:
        """0 when a whole day was left out since."""
        return self.streak if self.last_day is not None and self.last_day >= today - timedelta(days=1) else 0


@dataclass(frozen=True, slots=True)
class Totals:
    """How many take part, and how many days all of them did it together."""

    people: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One community in a table of totals. community is None: those who belong to none of the others."""

    totals: Totals
    community: Community | None = None
    hidden: bool = False


# --- what people write ------------------------------------------------------------------------------------------------


def read_title(words: str) -> str:
    """Raises Refused with the limit."""
    title = clean_line(words)
    if not title:
        raise Refused(text("What is the challenge called? For example: Read 20 minutes a day"))
    if units(title) > TITLE_MOST:
        raise Refused(
            text(
                "The name is too long. It has %(length)s characters; at most %(most)s fit. Please shorten it.",
                length=units(title),
                most=TITLE_MOST,
            )
        )
    return title


def read_rules(words: str) -> str:
    """Raises Refused with the limit."""
    rules = clean(words)
    if not rules:
        raise Refused(text("Please write the rules in words. For example: Read a book for 20 minutes every day."))
    if units(rules) > RULES_MOST:
        raise Refused(
            text(
                "The rules are too long. They have %(length)s characters; at most %(most)s fit. Please shorten them.",
                length=units(rules),
                most=RULES_MOST,
            )
        )
    return rules


def count_of_days(words: str) -> int | None:
    """The number in "10" or "10 …"; None when it isn't one. Raises Refused when it is no length."""
    first = clean_line(words).split(" ")[0]
    if not (first.isascii() and first.isdigit() and clean_line(words) == first):
        return None
    days = int(first[:6])
    if not 1 <= days <= DAYS_MOST:
        raise Refused(text("A challenge lasts 1 to %(most)s days. Please write another number.", most=DAYS_MOST))
    return days


# --- days -------------------------------------------------------------------------------------------------------------


def end_of(day: date, zone: str) -> datetime:
    """The midnight after a day, by the wall clock."""
    return datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone))


def check_days(starts_on: date, ends_on: date, today: date) -> None:
    """Raises Refused when a challenge can't run so."""
    if starts_on < today:
        raise Refused(text("The first day is over already. Please go back and choose another one."))
    if ends_on < starts_on:
        raise Refused(text("The last day lies before the first one. Please choose another one."))
    if (ends_on - starts_on).days >= DAYS_MOST:
        raise Refused(text("A challenge lasts 1 to %(most)s days. Please choose another last day.", most=DAYS_MOST))


# --- who counts where -------------------------------------------------------------------------------------------------


def counts_for(challenge: Challenge, memberships: Iterable[Membership]) -> int | None:
    """The community for which a person takes part: hers within the audience, the deepest one; None: she isn't in it."""
    own = [membership for membership in memberships if is_in(challenge.audience, [membership])]
    if not own:
        return None
    return max(own, key=lambda membership: (membership.path.count("/"), -membership.id)).community_id


def shown(cells: Sequence[Cell]) -> list[Cell]:
    """A table as those see it who lead none of its communities: no number of 1–4 people, nor one that the sum over
    the table would give away."""
    small = [cell for cell in cells if 0 < cell.totals.people < LEAST_SHOWN]
    hidden = list(small)
    if len(small) == 1:
        others = sorted((cell for cell in cells if cell not in small), key=_least_to_lose)
        hidden += others[:1]
    return [Cell(cell.totals, cell.community, hidden=cell in hidden) for cell in cells]


def _least_to_lose(cell: Cell) -> tuple[bool, int]:
    """The smallest community that has anybody taking part; an empty one only if there is no other."""
    return cell.totals.people == 0, cell.totals.people
