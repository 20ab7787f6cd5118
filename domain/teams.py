"""Whose a case is: the community whose team works on it, and those that must not learn of it."""

from collections.abc import Iterable, Mapping

from domain.cases import Answers
from domain.communities import CommunityKind
from domain.requests import Community
from domain.roles import COMMUNITY_ROLES, PARTIES, Membership, Role

# Where the hotline has a team. A class has none: its own people would be asked to read about each other.
HAVE_A_TEAM = frozenset({CommunityKind.NETWORK, CommunityKind.REGION, CommunityKind.DISTRICT, CommunityKind.SCHOOL})

_WORK_THERE = frozenset(Role) - (PARTIES - {Role.TEACHER})


def ids(path: str) -> tuple[int, ...]:
    """The communities on a path, the root first."""
    return tuple(int(part) for part in path.strip("/").split("/"))


def schools_of(memberships: Iterable[Membership], known: Mapping[int, Community]) -> list[Community]:
    """The schools a person belongs to; `known` holds every community on the paths of her memberships."""
    found = {
        one: known[one]
        for membership in memberships
        if membership.role in COMMUNITY_ROLES
        for one in ids(membership.path)
        if known[one].kind == CommunityKind.SCHOOL
    }
    return list(found.values())


def is_about_an_adult(answers: Answers) -> bool:
    """Whether a school must not look into it itself (F7): who isn't sure is believed."""
    return answers.adult in ("yes", "unsure")


def home_of(schools: Iterable[Community], answers: Answers, known: Mapping[int, Community]) -> Community | None:
    """The community a case lives in: the reporter's one school, what lies above all her schools; None: the network."""
    paths = [school.path for school in schools]
    if not paths:
        return None
    if len(paths) == 1 and not is_about_an_adult(answers):
        return known[ids(paths[0])[-1]]
    above = [ids(path)[:-1] for path in paths]
    shared = [one for one in above[0] if all(one in others for others in above)]
    return known[shared[-1]] if shared else None


def district_of(path: Iterable[Community]) -> Community | None:
    """The district among the communities on a path."""
    return next((one for one in path if one.kind == CommunityKind.DISTRICT), None)


def works_at(memberships: Iterable[Membership]) -> set[int]:
    """Every community in which, or above which, a person holds a role that isn't a pupil's or a parent's."""
    return {one for membership in memberships if membership.role in _WORK_THERE for one in ids(membership.path)}
