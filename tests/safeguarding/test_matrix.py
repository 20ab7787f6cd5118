"""Rule 13: role × scope × section. What isn't in this table is denied; whoever runs the bot has nothing in it."""

from dataclasses import dataclass, replace

import pytest

from domain.cases import Answers, Case, Desk, Reporter, Risk, Scope, Section, State, may, rights
from domain.requests import Community
from domain.roles import OFFICES, Membership, Role, standing
from tests.cast import START

# A row for each role and scope that has any right; the columns are facts, identity, relay, triage, notes, plan,
# referral, log.
COLUMNS = ("facts", "identity", "relay", "triage", "notes", "plan", "referral", "log")
TABLE = """
worker     own     yes yes yes yes yes yes yes -
worker     agency  -   -   -   -   -   -   yes -
supervisor own     yes yes yes yes yes yes yes yes
supervisor team    yes -   -   yes yes yes yes yes
supervisor school  yes -   -   yes yes yes yes yes
supervisor agency  -   -   -   -   -   -   yes -
custodian  team    -   yes -   -   -   -   -   -
custodian  school  -   yes -   -   -   -   -   -
psychologist own   yes -   -   -   yes yes yes -
auditor    team    -   -   -   -   -   -   -   yes
auditor    school  -   -   -   -   -   -   -   yes
"""

SCHOOL = Community(3, 2, "school", "School 12", "/1/2/3/", "az", "Asia/Baku", "az")
CASE = Case(
    9,
    "7F3K2M",
    State.TAKEN,
    Risk.HIGH,
    Desk.WORKERS,
    0,
    START,
    START,
    SCHOOL,
    Reporter(50, 60, "ABCDEF"),
    Answers(),
    1,
    worker_id=7,
)


def allowed() -> dict[tuple[Role, Scope], frozenset[Section]]:
    rows = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (Role(role), Scope(scope)): frozenset(
            Section(column) for column, cell in zip(COLUMNS, cells, strict=True) if cell == "yes"
        )
        for role, scope, *cells in rows
    }


def test_the_table_has_every_section() -> None:
    assert sorted(COLUMNS) == sorted(section.value for section in Section)


@pytest.mark.rule(13)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Scope)
def test_rights_are_denied_unless_they_are_listed(role: Role, scope: Scope) -> None:
    assert rights(role, scope) == allowed().get((role, scope), frozenset())


@dataclass(frozen=True)
class Asker:
    """Who asks: where her role is, and whether she works on the case."""

    path: str
    own: bool
    scope: Scope | None


ASKERS = (
    Asker("/1/2/3/", True, Scope.OWN),
    Asker("/1/", True, Scope.OWN),
    Asker("/1/2/3/", False, Scope.TEAM),
    Asker("/1/2/", False, Scope.SCHOOL),
    Asker("/1/", False, Scope.SCHOOL),
    Asker("/1/2/3/4/", True, None),  # below: a class of the school
    Asker("/1/2/4/", True, None),  # beside: another school
    Asker("/1/5/", True, None),
)


@pytest.mark.rule(13)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("asker", ASKERS, ids=lambda one: f"{one.path}-{one.own}")
def test_a_right_needs_the_role_in_the_cases_community_or_above(role: Role, asker: Asker) -> None:
    stands = standing([Membership(1, int(asker.path.strip("/").split("/")[-1]), asker.path, role)], SCHOOL.path)
    person_id = 7 if asker.own else 8
    found = {section for section in Section if may(section, CASE, person_id, stands)}
    assert found == (allowed().get((role, asker.scope), frozenset()) if asker.scope else set())


@pytest.mark.rule(13)
def test_whoever_runs_the_bot_has_no_right_to_any_case() -> None:
    for role in set(Role) - OFFICES - {Role.PSYCHOLOGIST}:
        assert all(rights(role, scope) == frozenset() for scope in Scope)
    assert {role for role, scope in allowed() if scope is not Scope.AGENCY} <= OFFICES | {Role.PSYCHOLOGIST}


@pytest.mark.rule(13)
def test_who_works_on_a_case_no_more_has_no_right_of_her_own_to_it() -> None:
    stands = standing([Membership(1, 3, SCHOOL.path, Role.WORKER)], SCHOOL.path)
    assert may(Section.FACTS, CASE, 7, stands)
    for worker_id in (None, 8):
        case = replace(CASE, worker_id=worker_id)
        assert not any(may(section, case, 7, stands) for section in Section)
