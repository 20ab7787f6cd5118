"""Roles, and the one place that says who may do what.

A right is a set of roles with the place they must be held in: rights of those who run a community are inherited down
the tree, never sideways or up; membership counts in a community and in everything above it that includes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    PUPIL = "pupil"
    PARENT = "parent"
    TEACHER = "teacher"
    HEAD_OF_CLASS = "head_of_class"
    CHAIR = "chair"
    PSYCHOLOGIST = "psychologist"
    COORDINATOR = "coordinator"
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    CUSTODIAN = "custodian"
    AUDITOR = "auditor"
    PARTNER = "partner"


_ROOT_SLASHES = 2  # "/1/"

PARTIES = frozenset({Role.PUPIL, Role.PARENT, Role.TEACHER})  # what a newcomer can say she is
LEADING = frozenset({Role.COORDINATOR, Role.CHAIR, Role.HEAD_OF_CLASS})
STAFF = LEADING | {Role.PSYCHOLOGIST}
HOTLINE = frozenset({Role.WORKER, Role.SUPERVISOR})  # who works on cases
OFFICES = HOTLINE | {Role.CUSTODIAN, Role.AUDITOR}  # all that two people must give
NETWORK_OFFICES = OFFICES - HOTLINE  # one for all schools: who guards names and logs belongs to no team
COMMUNITY_ROLES = PARTIES | STAFF
PROVEN = OFFICES | {Role.PSYCHOLOGIST}  # who may have something of a case, and so a PIN

# Who may give which role (in a community she leads or that lies below one she leads). Nobody gives her own rank
# sideways: a head of class makes no second head of class. Hotline roles need two people, see may_grant_hotline.
_GRANTS: dict[Role, frozenset[Role]] = {
    Role.COORDINATOR: COMMUNITY_ROLES | {Role.PARTNER},
    Role.CHAIR: PARTIES | {Role.HEAD_OF_CLASS, Role.PSYCHOLOGIST, Role.PARTNER},
    Role.HEAD_OF_CLASS: PARTIES,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """A person in a community. `path` is the community's place in the tree: "/1/5/17/", root first, itself last."""

    id: int
    community_id: int
    path: str
    role: Role
    until: datetime | None = None
    of_agency: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """The roles one person holds above, in and below one community."""

    above: frozenset[Role]
    here: frozenset[Role]
    below: frozenset[Role]
    network: frozenset[Role] = frozenset()  # in the network itself, wherever it is seen from

    @property
    def leads(self) -> frozenset[Role]:
        return self.above | self.here

    @property
    def belongs(self) -> frozenset[Role]:
        return self.here | self.below


@dataclass(frozen=True, slots=True)
class Right:
    """A right, held by a role in a community or above it (`leading`), in it (`here`), in it or below (`belonging`; what
    is for some is for those of them alone), in it or below whomever it is for (`within`), or at the top (`network`)."""

    name: str
    leading: frozenset[Role] = frozenset()
    here: frozenset[Role] = frozenset()
    belonging: frozenset[Role] = frozenset()
    within: frozenset[Role] = frozenset()
    network: frozenset[Role] = frozenset()  # in the network itself
    anyone: bool = False  # also a person who belongs nowhere

    @property
    def roles(self) -> frozenset[Role]:
        """Every role that gives it, wherever it is held."""
        return self.leading | self.here | self.belonging | self.within | self.network


ANYONE = Right("anyone", anyone=True)
MEMBERS = Right("members", leading=STAFF, belonging=COMMUNITY_ROLES)
LEADERS = Right("leaders", leading=LEADING)
COORDINATORS = Right("coordinators", leading=frozenset({Role.COORDINATOR, Role.CHAIR}))
WORKERS = Right("workers", leading=HOTLINE)
# Who may work on a case: the hotline, and a school's psychologist on one of her own (domain.cases says which).
CARERS = Right("carers", leading=HOTLINE | {Role.PSYCHOLOGIST}, within=frozenset({Role.PSYCHOLOGIST}))
# An agency's own people: whoever works above it sees none of its referrals.
AGENTS = Right("agents", here=frozenset({Role.WORKER}))
CUSTODIANS = Right("custodians", leading=frozenset({Role.CUSTODIAN}))
AUDITORS = Right("auditors", leading=frozenset({Role.AUDITOR}))
SECOND_PERSONS = Right("second persons", leading=OFFICES)
RESUMERS = Right("resumers", leading=frozenset({Role.SUPERVISOR, Role.CUSTODIAN}))
HOLDERS = Right("holders", leading=OFFICES)
# A coordinator of the network sees what the hotline still needs, and nobody on duty.
DUTY = Right("duty", leading=OFFICES, network=frozenset({Role.COORDINATOR}))
FIGURES = Right("figures", network=frozenset({Role.COORDINATOR, Role.SUPERVISOR}))
SUPERVISORS = Right("supervisors", leading=frozenset({Role.SUPERVISOR}))
INSIDERS = Right("insiders", leading=STAFF, here=OFFICES, belonging=COMMUNITY_ROLES)
# Whoever is something here, and so may stop being it.
PRESENT = Right("present", leading=STAFF, here=OFFICES | {Role.PARTNER}, belonging=COMMUNITY_ROLES)
# Guests of one community: a speaker, an official, another organisation. They see what was opened to them, and nobody.
PARTNERS = Right("partners", here=frozenset({Role.PARTNER}))
ROSTER = Right("roster", leading=LEADING, here=frozenset({Role.SUPERVISOR}))
HOTLINE_GRANTERS = Right("hotline granters", leading=frozenset({Role.COORDINATOR, Role.SUPERVISOR}))


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom something is for: the members of a community with one of `roles` (none: all), and of those below it."""

    community_id: int
    path: str
    roles: frozenset[Role] = frozenset()
    subtree: bool = True


def standing(memberships: Iterable[Membership], path: str) -> Standing:
    """What a person is, seen from the community at `path`."""
    held = tuple(memberships)
    above, here, below = set(), set(), set()
    for membership in held:
        if membership.path == path:
            here.add(membership.role)
        elif path.startswith(membership.path):
            above.add(membership.role)
        elif membership.path.startswith(path):
            below.add(membership.role)
    network = {membership.role for membership in held if membership.path.count("/") == _ROOT_SLASHES}
    return Standing(frozenset(above), frozenset(here), frozenset(below), frozenset(network))


def may(right: Right, stands: Standing) -> bool:
    """Whether a person who stands so has the right."""
    return (
        right.anyone
        or bool(right.leading & stands.leads)
        or bool(right.here & stands.here)
        or bool((right.belonging | right.within) & stands.belongs)
        or bool(right.network & stands.network)
    )


def ids_above(memberships: Iterable[Membership]) -> set[int]:
    """The communities somebody belongs to, and all above them."""
    return {int(part) for membership in memberships for part in membership.path.strip("/").split("/")}


def is_in(audience: Audience, memberships: Iterable[Membership]) -> bool:
    """Whether a person with these memberships is one of the audience."""
    return any(
        (not audience.roles or membership.role in audience.roles)
        and membership.role in COMMUNITY_ROLES
        and (membership.path == audience.path or (audience.subtree and membership.path.startswith(audience.path)))
        for membership in memberships
    )


def is_allowed(right: Right, memberships: Iterable[Membership], path: str, audience: Audience | None = None) -> bool:
    """Whether a person may do something in the community at `path`; what has an audience is for its members only,
    besides those who lead."""
    held = tuple(memberships)
    stands = standing(held, path)
    if audience is None:
        return may(right, stands)
    leads = may(replace(right, belonging=frozenset()), stands)
    return leads or (bool(right.belonging) and is_in(audience, held))


def grantable(stands: Standing) -> frozenset[Role]:
    """The roles a person may give in the community she is seen from: ranks below hers, and her own only from above."""
    given: set[Role] = set()
    for role in stands.leads:
        given |= _GRANTS.get(role, frozenset())
    # Coordinators make coordinators only below their own community, else two of them could outvote a third.
    if Role.COORDINATOR not in stands.above:
        given.discard(Role.COORDINATOR)
    return frozenset(given)


def granters(role: Role) -> frozenset[Role]:
    """The roles that may give a role. Coordinators give their own only from above: see grantable."""
    return frozenset(giver for giver, given in _GRANTS.items() if role in given)


def may_remove(stands: Standing, role: Role) -> bool:
    """Whether a person may take a role from another: what she may give. A hotline role is taken by one person alone,
    since a lost phone can't wait for two; giving it back needs two again."""
    if role in OFFICES:
        return may(HOTLINE_GRANTERS, stands)
    return role in grantable(stands)


def other_granter(stands: Standing) -> Role:
    """Who must confirm a hotline role that a person with this standing proposes: the supervisor for a coordinator,
    a coordinator for the supervisor."""
    return Role.SUPERVISOR if Role.COORDINATOR in stands.leads else Role.COORDINATOR
