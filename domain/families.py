"""Children and their parents: who is linked to whom, and when a parent is asked.

Never for the hotline: nothing there asks a parent, and nothing a parent sees comes from there (rule 11).
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from domain import countries
from domain.communities import CommunityKind
from domain.requests import Community

CODE_LASTS = timedelta(days=2)
CHILD_ALONE = 2  # so many adults a child confirms by herself; who leads the class checks each one more
_GRADE = re.compile(r"\d{1,2}")
_GRADES = range(1, 13)
_BEFORE_SCHOOL = 5  # a child of the first grade may be 6


@dataclass(frozen=True, slots=True)
class Link:
    """A parent and a child, as both of them and who leads the child's class see them; `community` is that class."""

    id: int
    child_id: int
    parent_id: int
    called: str  # the parent
    child_called: str
    state: str  # waiting | linked | refused | ended
    head_only: bool
    community: Community

    @property
    def is_linked(self) -> bool:
        return self.state == "linked"


def consent_age(community: Community) -> int:
    """From what age a pupil there decides for herself."""
    return countries.get(community.country).consent_age


def needs_parent(community: Community) -> bool:
    """Whether pupils of a community may be below the age of consent. Nobody's age is known here: the grade in a class's
    name tells the youngest; without one a parent is asked."""
    grade = _GRADE.match(community.name)
    known = community.kind == CommunityKind.CLASS and grade is not None and int(grade[0]) in _GRADES
    youngest = int(grade[0]) + _BEFORE_SCHOOL if known and grade else 0
    return youngest < consent_age(community)
