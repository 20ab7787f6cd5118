"""What one community offers to another: a meeting, a challenge or an announcement, which the other takes or leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.announcement_cards import first_words
from domain.announcements import Announcement
from domain.communities import kind_and_name
from domain.messages import Body, Keyboard, Moment, Text, Words, button, lines, paragraphs, text
from domain.requests import Community
from domain.writing import shorten

CODE_LENGTH = 12  # figures: a link carries nothing else
TITLE_MOST = 60
_WORDS_MOST = 1_000  # of corrected ones, before they are taken over
ANNOUNCEMENT_LASTS = timedelta(days=7)


class Thing(StrEnum):
    """What can be offered."""

    MEETING = "meeting"
    CHALLENGE = "challenge"
    ANNOUNCEMENT = "announcement"


class State(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


THING_NAMES: Mapping[Thing, Text] = {
    Thing.MEETING: text("Meeting"),
    Thing.CHALLENGE: text("Challenge"),
    Thing.ANNOUNCEMENT: text("Announcement"),
}
STATE_NAMES: Mapping[State, Text] = {
    # NOTE: how an offer stands
    State.OFFERED: text("waiting"),
    # NOTE: how an offer stands
    State.ACCEPTED: text("accepted"),
    # NOTE: how an offer stands
    State.DECLINED: text("declined"),
    # NOTE: how an offer stands: nobody answered in time
    State.LAPSED: text("lapsed"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """Something of a community that it could offer. `until`: so long another one can take it."""

    thing: Thing
    id: int
    title: str
    until: datetime
    is_limited: bool = False  # a meeting that has only so many places


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as the subject of a tap of whoever runs the community that it was made to."""

    id: int
    thing: Thing
    subject_id: int
    title: str
    source: Community
    target: Community
    offered_by: int
    lapses_at: datetime
    state: State
    places: int | None = None
    copy_id: int | None = None

    @property
    def community(self) -> Community:
        return self.target

    @property
    def card(self) -> str:
        return f"offer:{self.id}"


def code_of(words: str) -> str | None:
    """The code by which another community is found, from what a person typed; None when it can't be one."""
    figures = "".join(letter for letter in words if letter not in " -\u00a0")
    return figures if figures.isascii() and figures.isdigit() and len(figures) == CODE_LENGTH else None


def shown(code: str) -> str:
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def places_of(words: str, most: int) -> int | None:
    figures = words.strip()
    if not figures.isascii() or not figures.isdigit() or len(figures) > len(str(most)):
        return None
    return int(figures) if 1 <= int(figures) <= most else None


def described(offer: Offer, where: Text | None, what: Body | None) -> Body:
    """What is offered, to whoever may take it. `what`: all of a meeting or challenge, with its days; None: an
    announcement, which stands above it as its readers see it."""
    return paragraphs(
        text("<b>An offer for your community</b>"),
        lines(
            THING_NAMES[offer.thing] if what else named(offer.thing, offer.title),
            text("From: %(name)s", name=offer.source.name),
            where,
            None if offer.thing is Thing.MEETING else text("For: %(whom)s", whom=kind_and_name(offer.target)),
            None if what else text("Until: %(day)s", day=Moment(offer.lapses_at, offer.target.zone)),
        ),
        what,
        text("If you accept, your members get it as if it were your own, with the name of the other community."),
    )


def named(thing: Thing, title: str | Words) -> Text:
    return text("%(thing)s: %(title)s", thing=THING_NAMES[thing], title=title)


def answers_to(offer: Offer) -> Keyboard:
    return [
        [
            # NOTE: button
            button(text("Accept"), "of.take", offer.id),
            # NOTE: button
            button(text("Decline"), "of.no", offer.id),
        ]
    ]


def outcome(offer: Offer) -> Body:
    """The same card, once it is answered or over."""
    said = {
        State.OFFERED: text("It waits for an answer."),
        State.ACCEPTED: text("✓ Accepted. Your members are being told."),
        State.DECLINED: text("✗ Declined."),
        State.LAPSED: text("Nobody answered in time, so this offer is over."),
    }[offer.state]
    return paragraphs(
        lines(named(offer.thing, offer.title), text("From: %(name)s", name=offer.source.name)),
        said,
    )


def told_to_source(offer: Offer) -> Body:
    """What whoever offered it hears."""
    said = {
        State.OFFERED: text("Your offer waits for an answer."),
        State.ACCEPTED: text("✓ Your offer was accepted."),
        State.DECLINED: text("Your offer was not accepted this time."),
        State.LAPSED: text("Nobody answered your offer in time, so it is over."),
    }[offer.state]
    return lines(said, named(offer.thing, offer.title), kind_and_name(offer.target))


def corrected_at_source(copy: Announcement, words: str) -> tuple[Body, Keyboard]:
    """To whoever runs a community that accepted it: those who offered it have given it other words."""
    told = paragraphs(
        text(
            "An announcement that you accepted was corrected where it came from. Your members still have it as it was."
        ),
        lines(text("From: %(name)s", name=copy.look.source or ""), Words(shorten(words, _WORDS_MOST))),
    )
    # NOTE: button. A community's own copy of an announcement gets the same new words.
    return told, [[button(text("Correct ours too"), "a.same", copy.id)]]


def taken_back_at_source(copy: Announcement) -> tuple[Body, Keyboard]:
    """To whoever runs a community that accepted it: those who offered it have taken it back."""
    told = paragraphs(
        text("An announcement that you accepted was taken back where it came from. Your members still have it."),
        lines(
            text("From: %(name)s", name=copy.look.source or ""),
            Words(first_words(copy)) if copy.look.content.words else None,
        ),
    )
    # NOTE: button. A community's own copy of an announcement is deleted from everybody's chat, too.
    return told, [[button(text("Delete ours too"), "a.back.yes", copy.id)]]


def in_list(offer: Offer, *, received: bool) -> Body:
    other = offer.source if received else offer.target
    return text(
        "%(title)s – %(name)s: %(state)s", title=Words(offer.title), name=other.name, state=STATE_NAMES[offer.state]
    )
