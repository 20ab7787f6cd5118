"""The tree, terms of office, names, and who may give and take which role."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.communities import CommunityKind, Term, above, called, community_name, end_of, kinds_below, suits
from domain.roles import (
    HOTLINE,
    INSIDERS,
    ROSTER,
    Membership,
    Role,
    Standing,
    grantable,
    granters,
    is_allowed,
    may_remove,
    other_granter,
    standing,
)


def here(*roles: Role) -> Standing:
    return Standing(frozenset(), frozenset(roles), frozenset())


def over(*roles: Role) -> Standing:
    return Standing(frozenset(roles), frozenset(), frozenset())


def below(*roles: Role) -> Standing:
    return Standing(frozenset(), frozenset(), frozenset(roles))


@pytest.mark.row("A2_bad_cycle")
def test_nothing_stands_below_itself() -> None:
    def reach(kind: CommunityKind) -> set[CommunityKind]:
        return {one for below in kinds_below(kind, frozenset({Role.COORDINATOR})) for one in {below, *reach(below)}}

    assert all(kind not in reach(kind) for kind in CommunityKind)


def test_only_a_class_has_a_head_of_class() -> None:
    assert [kind for kind in CommunityKind if suits(kind, Role.HEAD_OF_CLASS)] == [CommunityKind.CLASS]


def test_above() -> None:
    assert (above("/1/5/17/"), above("/1/5/"), above("/1/")) == ("/1/5/", "/1/", None)


@pytest.mark.parametrize(
    ("now", "year"),
    [(datetime(2026, 12, 1, tzinfo=UTC), 2027), (datetime(2027, 7, 31, tzinfo=UTC), 2027),
     (datetime(2027, 8, 1, tzinfo=UTC), 2028), (datetime(2027, 9, 1, tzinfo=UTC), 2028)],
)  # fmt: skip
def test_the_school_year_ends_with_the_next_31_august(now: datetime, year: int) -> None:
    end = end_of(Term.SCHOOL_YEAR, now, "Asia/Almaty")
    assert end is not None
    assert (end.year, end.month, end.day, end.hour) == (year, 8, 31, 23)


def test_other_terms() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert end_of(Term.YEAR, now, "Asia/Baku") == now + timedelta(days=365)
    assert end_of(Term.OPEN, now, "Asia/Baku") is None


@pytest.mark.parametrize("typed", ["", " ", "A", "\u200b\u202e", "---", "x" * 61, "9" * 30, "-5", "1.5 A", "²³"])
def test_no_name(typed: str) -> None:
    assert called(typed) is None


def test_a_name_is_cleaned_and_kept_as_typed() -> None:
    assert called(" \u202eAysel\n <b>Məmmədova</b>\u200b ") == "Aysel <b>Məmmədova</b>"
    assert community_name("5A") == "5A"
    assert community_name("x" * 65) is None


def test_nobody_gives_her_own_rank_or_more() -> None:
    assert Role.HEAD_OF_CLASS not in grantable(here(Role.HEAD_OF_CLASS))
    assert Role.CHAIR not in grantable(here(Role.CHAIR))
    assert Role.COORDINATOR not in grantable(here(Role.COORDINATOR))
    assert Role.COORDINATOR in grantable(over(Role.COORDINATOR))
    assert grantable(over(Role.PARENT, Role.PUPIL, Role.TEACHER, Role.PSYCHOLOGIST)) == frozenset()
    assert not any(HOTLINE & grantable(over(role)) for role in Role)


def test_who_may_give_a_role_is_who_may_let_in_with_it() -> None:
    assert granters(Role.PUPIL) == {Role.HEAD_OF_CLASS, Role.CHAIR, Role.COORDINATOR}
    assert granters(Role.HEAD_OF_CLASS) == {Role.CHAIR, Role.COORDINATOR}
    assert granters(Role.WORKER) == frozenset()


def test_what_may_be_taken() -> None:
    assert may_remove(here(Role.HEAD_OF_CLASS), Role.PUPIL)
    assert not may_remove(here(Role.HEAD_OF_CLASS), Role.CHAIR)
    assert not may_remove(here(Role.COORDINATOR), Role.COORDINATOR)
    assert may_remove(over(Role.COORDINATOR), Role.COORDINATOR)
    assert may_remove(here(Role.SUPERVISOR), Role.WORKER)
    assert may_remove(over(Role.SUPERVISOR), Role.WORKER)  # offices are held at schools, too, and given downwards
    assert not may_remove(below(Role.SUPERVISOR), Role.WORKER)
    assert not may_remove(here(Role.CHAIR), Role.WORKER)


def test_the_other_of_the_two() -> None:
    assert other_granter(here(Role.COORDINATOR)) == Role.SUPERVISOR
    assert other_granter(here(Role.SUPERVISOR)) == Role.COORDINATOR
    assert other_granter(here(Role.SUPERVISOR, Role.COORDINATOR)) == Role.SUPERVISOR


def test_a_supervisor_sees_the_network_and_nothing_below() -> None:
    held = [Membership(1, 1, "/1/", Role.SUPERVISOR)]
    assert is_allowed(ROSTER, held, "/1/")
    assert is_allowed(INSIDERS, held, "/1/")
    assert not is_allowed(ROSTER, held, "/1/5/")
    assert not is_allowed(INSIDERS, held, "/1/5/")


def test_rights_go_down_never_sideways_or_up() -> None:
    held = [Membership(1, 5, "/1/5/", Role.COORDINATOR)]
    assert grantable(standing(held, "/1/5/17/"))
    assert not grantable(standing(held, "/1/"))
    assert not grantable(standing(held, "/1/51/"))
