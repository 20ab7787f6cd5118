"""Native polls: who chose what, and what of it the bot is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.errors import Impossible
from sandbox.people import Json


@dataclass(frozen=True, slots=True)
class Choice:
    """One option. Its `persistent_id` outlives changes of the order."""

    persistent_id: str
    text: str
    entities: tuple[Json, ...] = ()


@dataclass(eq=False, slots=True)
class Poll:
    """`votes` maps a person's id to the indexes she chose."""

    id: str
    question: str
    choices: tuple[Choice, ...]
    question_entities: tuple[Json, ...] = ()
    anonymous: bool = True
    quiz: bool = False
    multiple: bool = False
    revoting: bool = True
    hidden_until_closed: bool = False
    correct: tuple[int, ...] = ()
    explanation: str = ""
    explanation_entities: tuple[Json, ...] = ()
    description: str = ""
    description_entities: tuple[Json, ...] = ()
    open_period: int | None = None
    closes_at: datetime | None = None
    closed: bool = False
    votes: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        return [choice.text for choice in self.choices]

    def count(self, index: int) -> int:
        return sum(index in chosen for chosen in self.votes.values())

    def counts(self) -> list[int]:
        return [self.count(index) for index in range(len(self.choices))]

    def vote(self, person_id: int, chosen: list[int]) -> None:
        """Takes a vote, or takes it back when nothing is chosen."""
        if self.closed:
            raise Impossible("The poll is closed.")
        if len(set(chosen)) != len(chosen) or not all(0 <= index < len(self.choices) for index in chosen):
            raise Impossible(f"There are no such options: {chosen}")
        if len(chosen) > 1 and not self.multiple:
            raise Impossible("The poll takes one answer.")
        if person_id in self.votes and not self.revoting:
            raise Impossible("The poll takes no second vote.")
        if chosen:
            self.votes[person_id] = tuple(sorted(chosen))
        else:
            self.votes.pop(person_id, None)

    def json(self) -> Json:
        """The Bot API's Poll, as its sender sees it."""
        poll: Json = {
            "id": self.id,
            "question": self.question,
            "options": [self._option(index) for index in range(len(self.choices))],
            "total_voter_count": len(self.votes),
            "is_closed": self.closed,
            "is_anonymous": self.anonymous,
            "type": "quiz" if self.quiz else "regular",
            "allows_multiple_answers": self.multiple,
            "allows_revoting": self.revoting,
            "members_only": False,
        }
        optional = {
            "question_entities": list(self.question_entities),
            "correct_option_ids": list(self.correct),
            "explanation": self.explanation,
            "explanation_entities": list(self.explanation_entities),
            "description": self.description,
            "description_entities": list(self.description_entities),
            "open_period": self.open_period,
            "close_date": int(self.closes_at.timestamp()) if self.closes_at else None,
        }
        return poll | {key: value for key, value in optional.items() if value}

    def _option(self, index: int) -> Json:
        choice = self.choices[index]
        option: Json = {"persistent_id": choice.persistent_id, "text": choice.text, "voter_count": self.count(index)}
        return option | ({"text_entities": list(choice.entities)} if choice.entities else {})
