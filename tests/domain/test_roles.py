import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.roles import (
    ANYONE,
    COMMUNITY_ROLES,
    COORDINATORS,
    HOTLINE,
    HOTLINE_GRANTERS,
    INSIDERS,
    LEADERS,
    LEADING,
    MEMBERS,
    PARTIES,
    PARTNERS,
    ROSTER,
    SUPERVISORS,
    WORKERS,
    Audience,
    Membership,
    Right,
    Role,
    Standing,
    grantable,
    granters,
    is_allowed,
    is_in,
    may,
    may_remove,
    other_granter,
    standing,
)

NETWORK, SCHOOL, CLASS, OTHER_CLASS, OTHER_SCHOOL = "/1/", "/1/2/", "/1/2/3/", "/1/2/30/", "/1/20/"
PATHS = (NETWORK, SCHOOL, CLASS, OTHER_CLASS, OTHER_SCHOOL)
RIGHTS = (MEMBERS, LEADERS, COORDINATORS, WORKERS, SUPERVISORS, INSIDERS, ROSTER, HOTLINE_GRANTERS)


def holds(*held: tuple[str, Role]) -> tuple[Membership, ...]:
    return tuple(
        Membership(number, int(path.split("/")[-2]), path, role) for number, (path, role) in enumerate(held, 1)
    )


def allowed(right: Right, role: Role, at: str, where: str) -> bool:
    return is_allowed(right, holds((at, role)), where)


def test_a_person_is_seen_from_a_community() -> None:
    held = holds((NETWORK, Role.COORDINATOR), (SCHOOL, Role.TEACHER), (CLASS, Role.PARENT), (OTHER_SCHOOL, Role.CHAIR))

    assert standing(held, SCHOOL) == Standing(
        frozenset({Role.COORDINATOR}),
        frozenset({Role.TEACHER}),
        frozenset({Role.PARENT}),
        frozenset({Role.COORDINATOR}),
    )
    assert standing(held, OTHER_CLASS).above == {Role.COORDINATOR, Role.TEACHER}


def test_numbers_that_begin_alike_are_different_communities() -> None:
    """/1/2/3/ is no part of /1/2/30/, nor /1/2/ of /1/20/."""
    assert standing(holds((CLASS, Role.CHAIR)), OTHER_CLASS) == Standing(frozenset(), frozenset(), frozenset())
    assert standing(holds((SCHOOL, Role.CHAIR)), OTHER_SCHOOL) == Standing(frozenset(), frozenset(), frozenset())


@pytest.mark.parametrize("role", sorted(LEADING))
def test_who_leads_leads_down_the_tree_never_sideways_or_up(role: Role) -> None:
    assert allowed(LEADERS, role, SCHOOL, SCHOOL)
    assert allowed(LEADERS, role, SCHOOL, CLASS)
    assert not allowed(LEADERS, role, SCHOOL, NETWORK)
    assert not allowed(LEADERS, role, SCHOOL, OTHER_SCHOOL)
    assert not allowed(LEADERS, role, CLASS, OTHER_CLASS)


@pytest.mark.parametrize("role", sorted(COMMUNITY_ROLES))
def test_members_belong_to_what_includes_them(role: Role) -> None:
    assert allowed(MEMBERS, role, CLASS, CLASS)
    assert allowed(MEMBERS, role, CLASS, SCHOOL)
    assert allowed(MEMBERS, role, CLASS, NETWORK)
    assert not allowed(MEMBERS, role, CLASS, OTHER_CLASS)
    assert not allowed(MEMBERS, role, CLASS, OTHER_SCHOOL)


@pytest.mark.parametrize("role", sorted(PARTIES))
def test_pupils_parents_and_teachers_of_a_school_see_no_class_of_it(role: Role) -> None:
    assert not allowed(MEMBERS, role, SCHOOL, CLASS)


@pytest.mark.parametrize("role", sorted(HOTLINE))
def test_the_hotline_is_no_member_and_members_are_no_hotline(role: Role) -> None:
    assert not allowed(MEMBERS, role, CLASS, CLASS)
    assert not allowed(LEADERS, role, CLASS, CLASS)
    for community_role in COMMUNITY_ROLES:
        assert not allowed(WORKERS, community_role, NETWORK, CLASS)
        assert not allowed(SUPERVISORS, community_role, NETWORK, CLASS)


@given(
    held=st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(list(Role))), max_size=4),
    more=st.tuples(st.sampled_from(PATHS), st.sampled_from(list(Role))),
    where=st.sampled_from(PATHS),
    right=st.sampled_from(RIGHTS),
)
def test_one_more_role_takes_no_right_away(
    held: list[tuple[str, Role]], more: tuple[str, Role], where: str, right: Right
) -> None:
    if is_allowed(right, holds(*held), where):
        assert is_allowed(right, holds(*held, more), where)


def test_nobody_has_no_right_but_anyones() -> None:
    nobody = standing((), SCHOOL)

    assert may(ANYONE, nobody)
    assert not any(may(right, nobody) for right in RIGHTS)


# --- audiences ------------------------------------------------------------------------------------------------------


def test_an_audience_is_a_community_its_subtree_and_roles() -> None:
    parents = Audience(2, SCHOOL, frozenset({Role.PARENT}))

    assert is_in(parents, holds((CLASS, Role.PARENT)))
    assert is_in(parents, holds((SCHOOL, Role.PARENT)))
    assert not is_in(parents, holds((CLASS, Role.PUPIL)))
    assert not is_in(parents, holds((NETWORK, Role.PARENT)))
    assert not is_in(parents, holds((OTHER_SCHOOL, Role.PARENT)))
    assert not is_in(Audience(2, SCHOOL, subtree=False), holds((CLASS, Role.PARENT)))
    assert not is_in(Audience(2, SCHOOL), holds((SCHOOL, Role.WORKER)))


def test_what_has_an_audience_is_for_it_and_for_those_who_lead() -> None:
    parents = Audience(2, SCHOOL, frozenset({Role.PARENT}))

    def sees(role: Role, at: str, right: Right = MEMBERS) -> bool:
        return is_allowed(right, holds((at, role)), SCHOOL, parents)

    assert sees(Role.PARENT, CLASS)
    assert not sees(Role.PUPIL, CLASS)
    assert sees(Role.COORDINATOR, NETWORK)
    assert not sees(Role.HEAD_OF_CLASS, CLASS)
    assert not sees(Role.PARENT, CLASS, LEADERS)
    assert sees(Role.PUPIL, OTHER_SCHOOL, ANYONE)


# --- giving and taking roles ----------------------------------------------------------------------------------------


def given_by(role: Role, at: str = SCHOOL, where: str = SCHOOL) -> frozenset[Role]:
    return grantable(standing(holds((at, role)), where))


def test_everybody_who_leads_gives_what_is_below_her_rank() -> None:
    assert given_by(Role.HEAD_OF_CLASS) == PARTIES
    assert given_by(Role.CHAIR) == PARTIES | {Role.HEAD_OF_CLASS, Role.PSYCHOLOGIST, Role.PARTNER}
    assert given_by(Role.COORDINATOR) == COMMUNITY_ROLES - {Role.COORDINATOR} | {Role.PARTNER}
    assert given_by(Role.COORDINATOR, NETWORK) == COMMUNITY_ROLES | {Role.PARTNER}


@given(st.sampled_from(list(Role)), st.sampled_from(PATHS), st.sampled_from(PATHS))
def test_nobody_gives_her_own_rank_sideways_a_hotline_role_or_anything_upwards(role: Role, at: str, where: str) -> None:
    may_give = given_by(role, at, where)

    assert not may_give & HOTLINE
    if at == where:
        assert role not in may_give or role in PARTIES
    if not where.startswith(at):
        assert may_give == frozenset()
    if role not in LEADING:
        assert may_give == frozenset()


def test_who_gives_a_role() -> None:
    assert granters(Role.PUPIL) == LEADING
    assert granters(Role.HEAD_OF_CLASS) == {Role.COORDINATOR, Role.CHAIR}
    assert granters(Role.WORKER) == frozenset()


def test_a_role_is_taken_by_who_may_give_it_and_a_hotline_role_by_either_of_two() -> None:
    coordinator, supervisor = (standing(holds((SCHOOL, role)), SCHOOL) for role in (Role.COORDINATOR, Role.SUPERVISOR))

    assert may_remove(coordinator, Role.CHAIR)
    assert not may_remove(coordinator, Role.COORDINATOR)
    for stands in (coordinator, supervisor):
        assert may_remove(stands, Role.WORKER)
    assert not may_remove(standing(holds((SCHOOL, Role.CHAIR)), SCHOOL), Role.WORKER)
    assert other_granter(coordinator) is Role.SUPERVISOR
    assert other_granter(supervisor) is Role.COORDINATOR


@given(st.sampled_from(PATHS), st.sampled_from(PATHS), st.sampled_from(RIGHTS))
def test_a_partner_is_a_guest_of_one_community_and_belongs_to_none(at: str, where: str, right: Right) -> None:
    assert allowed(PARTNERS, Role.PARTNER, at, where) == (at == where)
    assert not allowed(right, Role.PARTNER, at, where)
    assert not is_in(Audience(1, where), holds((at, Role.PARTNER)))
