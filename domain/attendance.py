"""Who came to a meeting: the code at its door, when it counts, and the numbers by party."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.meetings import Meeting, State
from domain.messages import Body, Button, Keyboard, Lines, Moment, Text, Words, button, lines, paragraphs, text
from domain.roles import Membership, Role, standing

# Consonants alone, each once: no word that anybody types is a code, and none of them looks like another.
ALPHABET = "BCDFGHJKMNPQRSTVWXZ"
LETTERS = 6
HEADS_MOST = 9_999

_EARLY, _LATE = timedelta(minutes=30), timedelta(hours=1)
LASTS = timedelta(hours=2)  # a meeting whose end nobody named
_SAME = str.maketrans("ВСНКМРТХ", "BCHKMPTX")  # Cyrillic letters that look the same
_BETWEEN = " -–—.·\u00a0"


class Party(StrEnum):
    PUPILS = "pupils"
    PARENTS = "parents"
    TEACHERS = "teachers"
    GUESTS = "guests"


PARTIES: dict[Party, Text] = {
    # NOTE: button. Several people.
    Party.PUPILS: text("Pupils"),
    # NOTE: button. Several people.
    Party.PARENTS: text("Parents"),
    # NOTE: button. Several people.
    Party.TEACHERS: text("Teachers"),
    # NOTE: button. Several people who came to a meeting and don't belong to the class or school.
    Party.GUESTS: text("Guests"),
}
_ORDER: tuple[tuple[Party, frozenset[Role]], ...] = (
    (Party.PUPILS, frozenset({Role.PUPIL})),
    (Party.PARENTS, frozenset({Role.PARENT})),
    (
        Party.TEACHERS,
        frozenset({Role.TEACHER, Role.HEAD_OF_CLASS, Role.PSYCHOLOGIST, Role.CHAIR, Role.COORDINATOR}),
    ),
)


@dataclass(frozen=True, slots=True)
class Came:
    """How many came: those who gave the code, and those whom the organiser counted on top of them."""

    by_code: Mapping[Party, int] = field(default_factory=dict)
    heads: Mapping[Party, int] = field(default_factory=dict)

    def of(self, party: Party) -> int:
        return self.by_code.get(party, 0) + self.heads.get(party, 0)

    @property
    def all(self) -> int:
        return sum(self.of(party) for party in Party)


def read(typed: str) -> str | None:
    """The code in what somebody typed, in any case and with Cyrillic letters that look the same; None: it is none."""
    letters = "".join(letter for letter in typed if letter not in _BETWEEN).upper().translate(_SAME)
    fits = len(letters) == LETTERS and len(set(letters)) == LETTERS
    return letters if fits and set(letters) <= set(ALPHABET) else None


def ends_at(meeting: Meeting) -> datetime:
    return meeting.ends_at or meeting.starts_at + LASTS


def counts_from(meeting: Meeting) -> datetime:
    return meeting.starts_at - _EARLY


def counts_until(meeting: Meeting) -> datetime:
    return ends_at(meeting) + _LATE


def why_not(meeting: Meeting, now: datetime) -> Text | None:
    """Why nobody is counted now; None: whoever gives the code is."""
    if meeting.state is State.CANCELLED:
        return text("This meeting was cancelled: %(title)s", title=meeting.title)
    if now < counts_from(meeting):
        return text(
            "It is too early for “%(title)s”. The code works from %(time)s on.",
            title=meeting.title,
            time=Moment(counts_from(meeting)),
        )
    if now >= counts_until(meeting):
        return text("It is too late: the code of “%(title)s” no longer works.", title=meeting.title)
    return None


def party_of(memberships: Iterable[Membership], path: str) -> Party:
    """As what somebody comes to a meeting of the community at `path`."""
    stands = standing(memberships, path)
    held = stands.belongs | stands.above
    return next((party for party, roles in _ORDER if roles & held), Party.GUESTS)


def heads_of(typed: str) -> dict[Party, int] | None:
    """Four whole numbers, in the order of the parties; None: they are not that."""
    figures = typed.replace(",", " ").replace(";", " ").split()
    fit = len(figures) == len(Party) and all(one.isascii() and one.isdigit() for one in figures)
    if not fit or any(len(one) > len(str(HEADS_MOST)) for one in figures):
        return None
    return {party: int(one) for party, one in zip(Party, figures, strict=True)}


# --- what the organiser sees ------------------------------------------------------------------------------------------


def card_of(meeting_id: int) -> str:
    return f"attendance:{meeting_id}"


def card(meeting: Meeting, came: Came) -> Body:
    heads = sum(came.heads.values())
    return paragraphs(
        text("<b>Who came</b>: %(title)s", title=meeting.title),
        lines(
            text("Together: %(count)s", count=came.all),
            counted(came),
            text("Of them counted without a phone: %(count)s", count=heads) if heads else None,
        ),
        text("Add those who have no phone with them by the buttons."),
    )


def counted(came: Came) -> Lines:
    return lines(*(text("%(people)s: %(count)s", people=name, count=came.of(party)) for party, name in PARTIES.items()))


def buttons(meeting: Meeting, came: Came) -> Keyboard:
    """Each carries the number it sets, so that a tap that comes twice counts once."""
    return [
        *(_row(meeting.id, party, came.heads.get(party, 0)) for party in Party),
        # NOTE: button. The organiser writes four numbers: how many came without a phone.
        [button(text("Write the numbers"), "mt.heads.all", meeting.id)],
        # NOTE: button. The names of those who came to a meeting.
        [button(text("Their names"), "mt.came", meeting.id, 0)] if came.by_code else [],
        # NOTE: button. What was talked about and decided at a meeting.
        [button(text("Minutes"), "mn.write", meeting.id)],
    ]


def _row(meeting_id: int, party: Party, heads: int) -> list[Button]:
    """Always three, and each in its place: whoever counts taps the same spot again and again."""
    one_more: Body = text("+1 %(people)s", people=PARTIES[party])
    steps: tuple[tuple[Body, int], ...] = ((one_more, 1), (Words("+5"), 5), (Words("−1"), -1))
    return [
        button(label, "mt.heads", meeting_id, party, min(max(heads + step, 0), HEADS_MOST)) for label, step in steps
    ]
