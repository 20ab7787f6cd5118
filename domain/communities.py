"""The tree of communities: what may stand under what, and what each kind is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.messages import Body, Moment, Text, lines, text
from domain.requests import Community
from domain.roles import LEADING, Role
from domain.writing import clean_line

NAME_MOST = 64
CALLED_LEAST, CALLED_MOST = 2, 60
ROOT = "/"
NAMELESS = "—"  # in place of the name of somebody who was forgotten


class CommunityKind(StrEnum):
    NETWORK = "network"
    REGION = "region"
    DISTRICT = "district"
    SCHOOL = "school"
    CLASS = "class"
    COMMITTEE = "committee"
    FRACTION = "fraction"
    HUB = "hub"
    CLUB = "club"
    AGENCY = "agency"  # whom cases are referred to; belongs to no school


_SIDE = (CommunityKind.COMMITTEE, CommunityKind.FRACTION, CommunityKind.HUB, CommunityKind.CLUB)
_BELOW: dict[CommunityKind, tuple[CommunityKind, ...]] = {
    CommunityKind.NETWORK: (
        CommunityKind.REGION,
        CommunityKind.DISTRICT,
        CommunityKind.SCHOOL,
        *_SIDE,
        CommunityKind.AGENCY,
    ),
    CommunityKind.REGION: (CommunityKind.DISTRICT, CommunityKind.SCHOOL, *_SIDE, CommunityKind.AGENCY),
    CommunityKind.DISTRICT: (CommunityKind.SCHOOL, *_SIDE, CommunityKind.AGENCY),
    CommunityKind.SCHOOL: (CommunityKind.CLASS, *_SIDE),
    CommunityKind.CLASS: _SIDE,
    CommunityKind.COMMITTEE: (CommunityKind.CLUB,),
    CommunityKind.FRACTION: (CommunityKind.COMMITTEE, CommunityKind.CLUB),
    CommunityKind.HUB: (CommunityKind.COMMITTEE, CommunityKind.CLUB),
    CommunityKind.CLUB: (),
    CommunityKind.AGENCY: (),
}

KIND_NAMES: dict[CommunityKind, Text] = {
    # NOTE: button
    CommunityKind.NETWORK: text("Network"),
    # NOTE: button
    CommunityKind.REGION: text("Region"),
    # NOTE: button
    CommunityKind.DISTRICT: text("District"),
    # NOTE: button
    CommunityKind.SCHOOL: text("School"),
    # NOTE: button
    CommunityKind.CLASS: text("Class"),
    # NOTE: button
    CommunityKind.COMMITTEE: text("Committee"),
    # NOTE: button. A fraction of a school parliament.
    CommunityKind.FRACTION: text("Fraction"),
    # NOTE: button
    CommunityKind.HUB: text("Hub"),
    # NOTE: button
    CommunityKind.CLUB: text("Club"),
    # NOTE: button. Child protection, a social service, a clinic: whom the hotline can refer to.
    CommunityKind.AGENCY: text("Agency"),
}

ROLE_NAMES: dict[Role, Text] = {
    # NOTE: button. One person.
    Role.PUPIL: text("Pupil"),
    # NOTE: button. One person.
    Role.PARENT: text("Parent"),
    # NOTE: button. One person.
    Role.TEACHER: text("Teacher"),
    # NOTE: button. The teacher who is responsible for a class.
    Role.HEAD_OF_CLASS: text("Head of class"),
    # NOTE: button. Whoever presides over a school's community.
    Role.CHAIR: text("Chair"),
    # NOTE: button
    Role.PSYCHOLOGIST: text("Psychologist"),
    # NOTE: button. Whoever runs a district's or a school's communities.
    Role.COORDINATOR: text("Coordinator"),
    # NOTE: button. Answers reports to the hotline.
    Role.WORKER: text("Hotline worker"),
    # NOTE: button. Watches over the hotline, from outside the schools.
    Role.SUPERVISOR: text("Hotline supervisor"),
    # NOTE: button. The second person without whom nobody learns who sent a report to the hotline.
    Role.CUSTODIAN: text("Keeper of names"),
    # NOTE: button. Checks the hotline's log, without reading reports.
    Role.AUDITOR: text("Hotline auditor"),
    # NOTE: button. A guest of a community: a speaker, an official, another organisation.
    Role.PARTNER: text("Partner"),
}


PARTY_NAMES: dict[Role, Text] = {
    # NOTE: whom an invitation is for: “For: pupils”
    Role.PUPIL: text("pupils"),
    # NOTE: whom an invitation is for: “For: parents”
    Role.PARENT: text("parents"),
    # NOTE: whom an invitation is for: “For: teachers”
    Role.TEACHER: text("teachers"),
}


class Term(StrEnum):
    """How long a role is given for."""

    SCHOOL_YEAR = "school"
    YEAR = "year"
    OPEN = "open"


def kinds_below(kind: str, roles: frozenset[Role]) -> tuple[CommunityKind, ...]:
    """What somebody with these roles may make under a community of this kind: an agency, only a coordinator."""
    may_refer = Role.COORDINATOR in roles
    return tuple(one for one in _BELOW[CommunityKind(kind)] if may_refer or one is not CommunityKind.AGENCY)


def kinds_above(kind: str) -> tuple[CommunityKind, ...]:
    """Under what a community of this kind may stand."""
    return tuple(over for over, below in _BELOW.items() if CommunityKind(kind) in below)


def suits(kind: str, role: Role) -> bool:
    """Whether a role makes sense in a community of this kind: only a class has a head of class."""
    return role != Role.HEAD_OF_CLASS or kind == CommunityKind.CLASS


def above(path: str) -> str | None:
    """The path of the community above; None at the root."""
    up = path.rstrip("/").rpartition("/")[0] + "/"
    return None if up == ROOT else up


def end_of(term: Term, now: datetime, zone: str) -> datetime | None:
    """When a role given now for this term ends. The school year ends with 31 August; in August it is the next one's."""
    if term is Term.OPEN:
        return None
    if term is Term.YEAR:
        return now + timedelta(days=365)
    local = now.astimezone(ZoneInfo(zone))
    year = local.year if local.month < 8 else local.year + 1
    return datetime(year, 9, 1, tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)


def community_name(words: str) -> str | None:
    """A name for a community; None when it doesn't fit."""
    name = clean_line(words)
    return name if 1 <= len(name) <= NAME_MOST and _says_something(name) else None


def called(words: str) -> str | None:
    """A person's name as her class knows her; None when it doesn't fit, as a number or a code doesn't."""
    name = clean_line(words)
    is_name = sum(letter.isalpha() for letter in name) >= CALLED_LEAST
    return name if is_name and len(name) <= CALLED_MOST else None


def _says_something(name: str) -> bool:
    return any(letter.isalnum() for letter in name)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a community as its leaders see her."""

    membership_id: int
    person_id: int
    called: str
    role: str
    state: str
    until: datetime | None = None
    decided_by: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A member among many: her name, and the name and the place of the community."""

    membership_id: int
    called: str
    role: Role
    community: str
    path: str


@dataclass(frozen=True, slots=True)
class Place:
    """A community as the subject of a tap."""

    community: Community


@dataclass(frozen=True, slots=True)
class Belonging:
    """A membership as the subject of a tap."""

    community: Community
    member: Member
    listed: bool = False  # the class's roster expects somebody of this name


WARNED_BEFORE = timedelta(days=7)
UNDO_WITHIN = timedelta(hours=1)  # so long stepping down can be taken back


# --- sentences that handlers and jobs share ---------------------------------------------------------------------------


def kind_and_name(community: Community) -> Text:
    return text("%(kind)s: %(name)s", kind=KIND_NAMES[CommunityKind(community.kind)], name=community.name)


def missed(community: Community, gone: Member, staff: Iterable[Member]) -> Body | None:
    """What the level above hears when somebody who led a community is gone, and none of those left (`staff`) does what
    she did; None: nobody is missed."""
    left = {Role(member.role) for member in staff if member.membership_id != gone.membership_id} & LEADING
    role = Role(gone.role)
    if role not in LEADING or (left and (role is not Role.HEAD_OF_CLASS or role in left)):
        return None
    return lines(
        text("This class has no head any more. Please find somebody for it.")
        if left
        else text("Nobody leads this community any more. Please find somebody for it."),
        kind_and_name(community),
        text("Last: %(name)s, %(role)s", name=gone.called, role=ROLE_NAMES[Role(gone.role)]),
    )


def term_ends(community: Community, member: Member, until: datetime, *, by: bool) -> Body:
    """A week before a role ends: for her who holds it, or (`by`) for whoever gave it."""
    told = lines(
        text("A role ends soon. If it is to go on, please give it again.")
        if by
        else text("Your role ends soon. Whoever gave it to you knows, too."),
        text("%(role)s: %(name)s", role=ROLE_NAMES[Role(member.role)], name=member.called) if by else None,
        None if by else text("Your role: %(role)s", role=ROLE_NAMES[Role(member.role)]),
        kind_and_name(community),
        text("Until: %(day)s", day=Moment(until, community.zone, show="day")),
    )
    return told
