"""How somebody who reported may be written to: at her hours, and behind a line that tells nobody anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.cases import Case, may_write_at
from domain.messages import Body, Button, Edit, Keyboard, Lane, Say, Text, ToIdentity, button, text

# After an alarm that she raised herself she waits for what we say.
_IS_THERE = timedelta(hours=1)

LINES: Mapping[str, Text] = {
    # NOTE: A harmless line that stands for every message of the hotline to a child: nothing in it may tell of it.
    "book": text("Your library book is waiting."),
    # NOTE: A harmless line that stands for every message of the hotline to a child: nothing in it may tell of it.
    "weather": text("The weather for tomorrow is here."),
    # NOTE: A harmless line that stands for every message of the hotline to a child: nothing in it may tell of it.
    "quiz": text("A new quiz question is ready."),
    # NOTE: A harmless line that stands for every message of the hotline to a child: nothing in it may tell of it.
    "timetable": text("There is something new in the timetable."),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that is to be said to a reporter of our own accord. `id` is 0 while it is in no table. What is
    `passing` says how things stand at this moment: while it waits, the next word takes its place."""

    body: Body
    buttons: Keyboard = ()
    receipt: tuple[str, ...] = ()
    protected: bool = False
    id: int = 0
    passing: bool = False


def turn(case: Case, zone: str, now: datetime) -> datetime | None:
    """From when on her next message may be said: now, later, or (None) only when she writes or taps."""
    is_there = case.alarmed_at is not None and now - case.alarmed_at <= _IS_THERE
    if is_there or case.answers.when in (None, "any"):  # she waits for an answer, by night, too
        return now
    return may_write_at(case.answers, zone, now)


def line_of(case: Case) -> Text | None:
    return LINES.get(case.answers.line or "")


def plain(case: Case, letter: Letter) -> Say:
    """The words themselves, to the account that the case answers to and to no other."""
    return Say(
        letter.body,
        letter.buttons,
        to=ToIdentity(case.reporter.identity_id),
        lane=Lane.CASE,
        protected=letter.protected,
        receipt=letter.receipt,
    )


def covered(case: Case, line: Text, letter: Letter) -> Say:
    """The harmless line in their place. Nothing but the line is on the lock screen, or in the list of chats."""
    return Say(
        line,
        [[_read(letter.id)]],
        to=ToIdentity(case.reporter.identity_id),
        lane=Lane.CASE,
        protected=True,
        receipt=letter.receipt,
    )


def uncovered(letter: Letter) -> Edit:
    """The words, until she hides them again."""
    return Edit(letter.body, [*letter.buttons, [_hide(letter)]])


def uncovered_with_it(case: Case, letter: Letter) -> Say:
    """What came behind the same line, as a message of its own that can be hidden, too."""
    return replace(plain(case, letter), buttons=[*letter.buttons, [_hide(letter)]], protected=True)


def _hide(letter: Letter) -> Button:
    # NOTE: button. The words of a message are hidden behind a harmless line again.
    return button(text("Hide"), "my.hide", letter.id)


def hidden(line: Text, letter: Letter) -> Edit:
    return Edit(line, [[_read(letter.id)]])


def _read(letter_id: int) -> Button:
    # NOTE: button. Stands under a harmless line; shows the message behind it. As plain as the line.
    return button(text("Read"), "my.show", letter_id)
