"""Hotline roles are given by two people and begin with the code of conduct (rule 14 of docs/safeguarding.md)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.communities import CommunityKind
from domain.messages import Body, lines, text
from domain.requests import Community
from domain.roles import NETWORK_OFFICES, OFFICES, Role, Standing
from domain.teams import HAVE_A_TEAM

LASTS = timedelta(days=365)
CONDUCT_VERSION = "2026-1"  # change it with the words below: everybody is asked again


class State(StrEnum):
    PROPOSED = "proposed"
    REFUSED = "refused"  # by the second person
    CONFIRMED = "confirmed"  # the person is asked to accept the code of conduct
    ACTIVE = "active"
    DECLINED = "declined"  # by the person herself


@dataclass(frozen=True, slots=True)
class Proposal:
    """A hotline role on its way to a person; `confirms` is the role of the second person who must agree."""

    id: int
    community: Community
    person_id: int
    called: str
    role: Role
    state: State
    proposed_by: int
    confirms: Role
    decided_by: int | None = None


def offices_at(community: Community) -> frozenset[Role]:
    """The roles of the hotline that can be held in this community; at an agency, to whose people cases are referred,
    only the one of whoever answers."""
    if community.kind == CommunityKind.AGENCY:
        return frozenset({Role.WORKER})
    if community.parent_id is None:
        return OFFICES
    return OFFICES - NETWORK_OFFICES if community.kind in HAVE_A_TEAM else frozenset()


def may_decide(proposal: Proposal, person_id: int, stands: Standing) -> bool:
    """Whether this person is the second one: of the other office, and neither who proposed it nor who gets it."""
    return proposal.confirms in stands.leads and person_id not in (proposal.proposed_by, proposal.person_id)


def code_of_conduct() -> Body:
    """Six lines that whoever works for the hotline accepts, every year."""
    return lines(
        text("<b>Code of conduct of the hotline</b>"),
        text("1. I read only what my work needs, and I speak about a report only with the team that handles it."),
        text("2. I never promise secrecy. I say honestly who else may have to know, and why."),
        text("3. I ask little and put no words in anybody's mouth. What a child wrote stays as it was written."),
        text("4. I write to a child about a report only through this bot, never from an account of my own."),
        text("5. If a report is about me or somebody close to me, I step aside at once."),
        text("6. In danger I act within minutes, and I close nothing that is not finished."),
    )
