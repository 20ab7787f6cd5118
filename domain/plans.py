"""Support plans: goals, and steps that somebody owns until a day. Two people agree on one; a changed one is a new one.

A case conference agrees on such steps together; a parent may be shown goals and dates, and nothing else (rule 11).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.messages import Text, Words, text, text_n
from domain.reminders import is_quiet, quiet_hours
from domain.requests import Community
from domain.roles import Role

GOALS_MOST = 5
STEPS_MOST = 8  # a whole plan fits one message
WORDS_MOST = 160  # characters of a goal, a step, a place
PARENTS_MOST = 400
REMIND_AGAIN = timedelta(days=7)
INVITATION_LASTS = timedelta(days=7)
DAYS_OFFERED = 14
_DAYTIME = (9, 20)  # hours of the reader's own day


class State(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"  # for a second person
    APPROVED = "approved"
    REPLACED = "replaced"  # by a newer one


class OwnerKind(StrEnum):
    PERSON = "person"
    PARENTS = "parents"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who does a step. `id` is a person's or an agency's; parents have none."""

    kind: OwnerKind
    id: int = 0
    called: str = ""

    @property
    def name(self) -> Text | Words:
        # NOTE: button. Those who do a step of a support plan: the parents of the pupil.
        return text("The parents") if self.kind is OwnerKind.PARENTS else Words(self.called)


@dataclass(frozen=True, slots=True)
class Step:
    id: int
    what: str
    owner: Owner
    ends_at: datetime
    is_done: bool = False

    def is_overdue(self, now: datetime) -> bool:
        return not self.is_done and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of the support plan of a case."""

    id: int
    version: int
    state: State
    goals: tuple[str, ...]
    parents: str  # the parents' part; "": none
    authors: tuple[int, ...]  # whoever wrote any of this version
    steps: tuple[Step, ...] = ()


def may_approve(plan: Plan, person_id: int, roles: frozenset[Role]) -> bool:
    """Whether a person is the second one."""
    return plan.state is State.WAITING and Role.SUPERVISOR in roles and person_id not in plan.authors


def is_ready(plan: Plan) -> bool:
    """Whether there is something to agree to."""
    return plan.state is State.DRAFT and bool(plan.goals) and bool(plan.steps)


def may_tick(step: Step, person_id: int, *, works_on_it: bool) -> bool:
    """A step is ticked off by its owner; what parents and agencies do, by whoever works on the case."""
    return step.owner.id == person_id if step.owner.kind is OwnerKind.PERSON else works_on_it


def end_of(day: date, zone: str) -> datetime:
    """When a day is over."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def last_day(step: Step) -> datetime:
    """A moment of the step's last day, to be shown."""
    return step.ends_at - timedelta(hours=1)


def tell_at(zone: str, quiet: tuple[int | None, int | None], now: datetime) -> datetime:
    """The first moment from now on that is by day where the reader lives, and outside her quiet hours."""
    at = now
    for _ in range(4):
        local = at.astimezone(ZoneInfo(zone))
        begins, ends = _DAYTIME
        hours = quiet_hours(zone, *quiet)
        if hours is not None and is_quiet(hours, at):
            at = hours.ends(at)
        elif not begins <= local.hour < ends:
            day = local.date() + timedelta(days=1 if local.hour >= ends else 0)
            at = datetime.combine(day, time(begins), local.tzinfo).astimezone(UTC)
        else:
            break
    return at


# --- what is said of it (rule 4: numbers only) ------------------------------------------------------------------------


def overdue_notice(number: str, steps: int) -> Text:
    return text_n(
        "case %(number)s: %(n)s step overdue",
        "case %(number)s: %(n)s steps overdue",
        steps,
        number=Words(number),
    )


def own_overdue_notice(number: str, steps: int) -> Text:
    return text_n(
        "case %(number)s: %(n)s step of yours is overdue",
        "case %(number)s: %(n)s steps of yours are overdue",
        steps,
        number=Words(number),
    )


# --- a parent may see goals and dates ---------------------------------------------------------------------------------


class Showing(StrEnum):
    """How far it has come that a parent is shown a plan."""

    ASKED = "asked"  # whoever works on the case has recorded that it is safe, and that the pupil was asked
    AGREED = "agreed"  # so has a supervisor
    OPENED = "opened"  # a parent has used the code
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A parent's way to one version of a plan."""

    id: int
    case_id: int
    plan_id: int
    state: Showing
    author: int
    expires_at: datetime | None
    identity_id: int | None = None
    opened_at: datetime | None = None


# --- case conferences -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conference:
    """Staff and agencies talk about a case, which is named by its number alone."""

    id: int
    case_id: int
    agencies: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    starts_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who can be invited, or can own a step."""

    owner: Owner
    community: Community | None = None  # of an agency
