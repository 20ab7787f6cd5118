"""What sendPoll takes, checked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sandbox.api.writing import words_of
from sandbox.errors import bad_request
from sandbox.markup import Words, utf16
from sandbox.polls import Choice, Poll
from sandbox.requests import Params
from sandbox.state import State

MOST_OPTIONS = 12
LONGEST_QUESTION = 300
LONGEST_OPTION = 100
LONGEST_EXPLANATION = 200
LONGEST_DESCRIPTION = 1024
SHORTEST_SECONDS = 5
LONGEST_SECONDS = 2_628_000


def poll_of(state: State, params: Params) -> Poll:
    question = _question(state, params)
    choices = _choices(state, params)
    quiz = _quiz(params)
    correct = _correct(params, quiz, len(choices))
    explanation = _piece(state, params, "explanation", LONGEST_EXPLANATION)
    description = _piece(state, params, "description", LONGEST_DESCRIPTION)
    open_period, closes_at = _closing(state, params)
    if params.flag("allow_adding_options") and (quiz or params.flag("is_anonymous", True)):
        raise bad_request("options can't be added to the poll")
    return Poll(
        state.new_number(),
        question.text,
        choices,
        question.entities,
        anonymous=params.flag("is_anonymous", True),
        quiz=quiz,
        multiple=params.flag("allows_multiple_answers"),
        revoting=params.flag("allows_revoting", not quiz),
        hidden_until_closed=params.flag("hide_results_until_closes"),
        correct=correct,
        explanation=explanation.text,
        explanation_entities=explanation.entities,
        description=description.text,
        description_entities=description.entities,
        open_period=open_period,
        closes_at=closes_at,
        closed=params.flag("is_closed"),
    )


def _question(state: State, params: Params) -> Words:
    parse_mode, entities = params.text("question_parse_mode"), params.array("question_entities")
    question = words_of(state, params.text("question"), parse_mode, entities)
    if not question.text:
        raise bad_request("poll question must be non-empty")
    if utf16(question.text) > LONGEST_QUESTION:
        raise bad_request(f"poll question length must not exceed {LONGEST_QUESTION}")
    return Words(question.text, _only_emoji(question), question.html)


def _only_emoji(words: Words) -> tuple[dict[str, Any], ...]:
    """Questions and options keep no other marks."""
    return tuple(entity for entity in words.entities if entity["type"] == "custom_emoji")


def _choices(state: State, params: Params) -> tuple[Choice, ...]:
    options = params.array("options")
    if not options:
        raise bad_request("poll must have at least 1 option")
    if len(options) > MOST_OPTIONS:
        raise bad_request(f"poll can't have more than {MOST_OPTIONS} options")
    return tuple(_choice(state, option) for option in options)


def _choice(state: State, option: Any) -> Choice:
    """An option is an object, or, as in older versions, just its text."""
    described = {"text": option} if isinstance(option, str) else option
    if not isinstance(described, dict) or not isinstance(described.get("text"), str):
        raise bad_request("can't parse options JSON array: option must be an Object with a text")
    parse_mode, entities = described.get("text_parse_mode") or "", described.get("text_entities") or []
    words = words_of(state, described["text"], parse_mode, entities)
    if not words.text:
        raise bad_request("poll options must be non-empty")
    if utf16(words.text) > LONGEST_OPTION:
        raise bad_request(f"poll options length must not exceed {LONGEST_OPTION}")
    return Choice(state.new_word(8), words.text, _only_emoji(words))


def _quiz(params: Params) -> bool:
    kind = params.text("type", "regular") or "regular"
    if kind not in ("regular", "quiz"):
        raise bad_request("unsupported poll type specified")
    return kind == "quiz"


def _correct(params: Params, quiz: bool, count: int) -> tuple[int, ...]:
    """The right answers of a quiz; older clients name the single one."""
    old = params.values.get("correct_option_id")
    named = params.array("correct_option_ids") or ([params.number("correct_option_id")] if old is not None else [])
    if not quiz:
        return ()
    if not named or not all(isinstance(index, int) and 0 <= index < count for index in named):
        raise bad_request("invalid correct option ID specified" if named else "correct option ID must be specified")
    return tuple(sorted(named))


def _piece(state: State, params: Params, name: str, longest: int) -> Words:
    entities = params.array(f"{name}_entities")
    words = words_of(state, params.text(name), params.text(f"{name}_parse_mode"), entities)
    if utf16(words.text) > longest or (name == "explanation" and words.text.count("\n") > 2):
        raise bad_request(f"poll {name} is too long")
    return words


def _closing(state: State, params: Params) -> tuple[int | None, datetime | None]:
    now = state.clock.now()
    period, closes_at = params.number("open_period"), params.moment("close_date")
    if period and closes_at:
        raise bad_request("open_period and close_date can't be used together")
    if period:
        _ensure_seconds(period)
        return period, now + timedelta(seconds=period)
    if closes_at:
        _ensure_seconds((closes_at - now).total_seconds())
        return None, closes_at
    return None, None


def _ensure_seconds(seconds: float) -> None:
    # A date in whole seconds may lie a fraction below the least.
    if not SHORTEST_SECONDS - 1 < seconds <= LONGEST_SECONDS:
        raise bad_request("poll can't be open for such time: 5-2628000 seconds are allowed")
