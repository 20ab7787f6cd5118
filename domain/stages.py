"""How far a school community has come: its coordinator answers a handful of statements about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.communities import CommunityKind
from domain.messages import Body, Moment, Text, lines, paragraphs, text
from domain.requests import Community


class Stage(StrEnum):
    BEGINNER = "beginner"
    ADVANCED = "advanced"
    MODEL = "model"


class Said(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"


STAGE_NAMES: Mapping[Stage, Text] = {
    Stage.BEGINNER: text("beginner"),
    Stage.ADVANCED: text("advanced"),
    Stage.MODEL: text("model school"),
}
SAID_NAMES: Mapping[Said, Text] = {
    # NOTE: button
    Said.YES: text("Yes"),
    # NOTE: button. Something is true in part.
    Said.PARTLY: text("Partly"),
    # NOTE: button
    Said.NO: text("No"),
}
STATEMENTS: tuple[Text, ...] = (
    text("Every class has a head who is active in the community."),
    text("Pupils, parents and teachers all take part."),
    text("We have met as a community at least twice this school year."),
    text("Pupils decide together with us, in votes or in their own parliament."),
    text("Parents or pupils have started something themselves this school year."),
    text("We share what we have learned with other schools."),
)
_POINTS = {Said.YES: 2, Said.PARTLY: 1, Said.NO: 0}
MODEL_FROM, ADVANCED_FROM = 10, 6  # of 12 points


@dataclass(frozen=True, slots=True)
class Assessment:
    stage: Stage
    said: tuple[Said, ...]
    at: datetime


def points(said: Sequence[Said]) -> int:
    return sum(_POINTS[one] for one in said)


def has_stage(community: Community) -> bool:
    return community.kind == CommunityKind.SCHOOL


def stage_of(said: Sequence[Said]) -> Stage:
    """A model school has nothing that is not there at all, however many points the rest brings."""
    reached = points(said)
    if reached >= MODEL_FROM and Said.NO not in said:
        return Stage.MODEL
    return Stage.ADVANCED if reached >= ADVANCED_FROM else Stage.BEGINNER


def explained(found: Assessment, zone: str) -> Body:
    """The result, how it came about, and what is missing to go on."""
    missing = [statement for statement, said in zip(STATEMENTS, found.said, strict=False) if said is not Said.YES]
    return paragraphs(
        lines(
            text("Stage: %(stage)s", stage=STAGE_NAMES[found.stage]),
            text("As of: %(day)s", day=Moment(found.at, zone, show="date")),
        ),
        text(
            "%(points)s of %(most)s points: yes counts 2, partly 1. From %(advanced)s: advanced."
            " From %(model)s, with no “No”: model school.",
            points=points(found.said),
            most=2 * len(STATEMENTS),
            advanced=ADVANCED_FROM,
            model=MODEL_FROM,
        ),
        lines(text("What would take you further:"), *(text("• %(what)s", what=one) for one in missing))
        if missing
        else None,
    )
