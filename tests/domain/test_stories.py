"""Stories: what a writer is, and whose yes it takes."""

import pytest

from domain import stories
from domain.roles import Membership, Role
from domain.stories import Consent


def held(number: int, path: str, role: Role) -> Membership:
    return Membership(number, number, path, role)


@pytest.mark.parametrize(
    ("memberships", "path", "role"),
    [
        ([held(1, "/1/5/7/", Role.PARENT)], "/1/5/7/", Role.PARENT),
        ([held(1, "/1/5/7/", Role.PARENT)], "/1/5/", Role.PARENT),
        ([held(1, "/1/5/", Role.COORDINATOR)], "/1/5/7/", Role.COORDINATOR),
        # A pupil who leads a parliament is a pupil.
        ([held(1, "/1/5/9/", Role.CHAIR), held(2, "/1/5/7/", Role.PUPIL)], "/1/5/", Role.PUPIL),
        ([held(1, "/1/5/7/", Role.WORKER), held(2, "/1/5/7/", Role.TEACHER)], "/1/5/7/", Role.TEACHER),
        ([held(1, "/1/6/", Role.TEACHER), held(2, "/1/5/7/", Role.PARENT)], "/1/5/7/", Role.PARENT),
    ],
)
def test_what_a_writer_is(memberships: list[Membership], path: str, role: Role) -> None:
    assert stories.role_of(memberships, path) is role


@pytest.mark.parametrize(
    ("role", "shows_child", "has_parents", "consent"),
    [
        (Role.PUPIL, False, True, Consent.NOT_NEEDED),
        (Role.PUPIL, True, True, Consent.ASKED),
        (Role.PUPIL, True, False, Consent.NEEDED),
        (Role.PARENT, True, False, Consent.GIVEN),
        (Role.TEACHER, False, False, Consent.NOT_NEEDED),
    ],
)
def test_whose_yes_it_takes(role: Role, shows_child: bool, has_parents: bool, consent: Consent) -> None:
    assert stories.consent_of(role, shows_child=shows_child, has_parents=has_parents) is consent


def test_no_signature_has_a_name() -> None:
    assert all(not stories.signature(role).params for role in Role)
