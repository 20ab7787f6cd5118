"""Questions and proposals that are collected before a dialogue meeting, supported, and answered at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.meetings import Meeting, MeetingKind, has_begun, why_closed
from domain.meetings import State as MeetingState
from domain.messages import Body, Button, DeepLink, Keyboard, Link, Text, Words, button, lines, paragraphs, text
from domain.requests import Community
from domain.roles import Audience
from domain.writing import clean, units

WORDS_MOST = 300
ANSWER_MOST = 300
OPEN_MOST = 3  # of one person at one meeting
PAGE = 5


class Kind(StrEnum):
    QUESTION = "question"
    PROPOSAL = "proposal"


class State(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    HIDDEN = "hidden"
    MERGED = "merged"  # the same as another one


class Outcome(StrEnum):
    """What becomes of a proposal."""

    DONE = "done"
    PLANNED = "planned"
    NO = "no"


OUTCOMES: dict[Outcome, Text] = {
    # NOTE: button. What was proposed is done already.
    Outcome.DONE: text("Done"),
    # NOTE: button. What was proposed will be done.
    Outcome.PLANNED: text("Planned"),
    # NOTE: button. What was proposed will not be done; the reason is asked next.
    Outcome.NO: text("No, because …"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One of them, as one person sees it. `asked_by` None: she is forgotten."""

    id: int
    meeting: Meeting
    kind: Kind
    words: str
    state: State
    asked_by: int | None
    votes: int = 0
    mine: bool = False  # whether this person supports it
    outcome: Outcome | None = None
    answer: str | None = None

    @property
    def community(self) -> Community:
        return self.meeting.community

    @property
    def audience(self) -> Audience:
        return self.meeting.audience


def are_taken(meeting: Meeting) -> bool:
    """Whether a meeting of this kind collects questions."""
    return meeting.kind is MeetingKind.DIALOGUE


def read(typed: str) -> str | None:
    """A question in words; None: it is none, or too long."""
    words = clean(typed)
    return words if units(words) <= WORDS_MOST and any(letter.isalpha() for letter in words) else None


def read_answer(typed: str) -> str | None:
    words = clean(typed)
    return words if 1 <= units(words) <= ANSWER_MOST else None


def answered(question: Question) -> Body | None:
    """What was answered to it."""
    said = question.answer or ""
    match question.outcome:
        case None:
            return text("✓ Answer: %(answer)s", answer=said) if question.state is State.ANSWERED else None
        case Outcome.DONE:
            return text("✓ Done. %(answer)s", answer=said)
        case Outcome.PLANNED:
            return text("🗓 Planned. %(answer)s", answer=said)
        case Outcome.NO:
            return text("✗ No, because: %(answer)s", answer=said)


# --- the door ---------------------------------------------------------------------------------------------------------


def door(meeting: Meeting) -> Keyboard:
    """In a private chat, under the meeting's card."""
    # NOTE: button. Questions that people send before a meeting.
    return [[button(text("❓ Questions"), "qs", meeting.id, 0)]] if are_taken(meeting) else []


def group_door(meeting: Meeting) -> Keyboard:
    """In a group: questions are written and read in private."""
    # NOTE: button. Opens the private chat, to send a question before a meeting.
    return [[Link(text("❓ Ask a question"), DeepLink(f"qs-{meeting.id}"))]] if are_taken(meeting) else []


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(meeting: Meeting, shown: Sequence[tuple[int, Question]], below: Body | None = None) -> Body:
    """These with their numbers, without anybody's name."""
    return paragraphs(
        text("<b>Questions and proposals</b>: %(title)s", title=meeting.title),
        *(_one(question, number) for number, question in shown),
        # NOTE: read by pupils and by teachers: without a form of address
        None if shown else text("There is none yet."),
        below,
    )


def how_to_support(*, any_yet: bool) -> Body:
    """Under a list that can still grow."""
    return lines(
        # NOTE: child
        text("Tap 👍 with its number to support one.") if any_yet else None,
        # NOTE: child
        text("Nobody sees who asked, only the organiser."),
    )


# NOTE: child
_NO_MORE = text("No more questions are taken for this meeting. Thank you to everybody who asked!")


def why_not(meeting: Meeting, now: datetime) -> Text | None:
    """Why nothing is asked or supported any more; None while it can be: the organiser stops it, or it begins."""
    if meeting.state is MeetingState.CALLED and (has_begun(meeting, now) or not meeting.takes_questions):
        return _NO_MORE
    return why_closed(meeting, now)


def _one(question: Question, number: int) -> Body:
    numbered = text("%(number)s. %(words)s", number=number, words=question.words)
    idea = text("%(number)s. 💡 %(words)s", number=number, words=question.words)
    return lines(
        idea if question.kind is Kind.PROPOSAL else numbered,
        text("👍 %(count)s", count=question.votes),
        answered(question),
    )


def vote_button(question: Question, number: int, page: int) -> Button:
    """It carries what it changes to, so that a tap that comes twice counts once."""
    mark, to = ("✓", "off") if question.mine else ("👍", "on")
    return button(Words(f"{mark} {number}"), "q.up", question.id, to, page)
