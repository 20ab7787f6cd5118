"""Newsletters: what really happened in a community in a month or a quarter, drafted for whoever leads it to edit.

Only what the whole community may know goes into one, with no child's name; a number of people below 5 is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.announcements import Content
from domain.lists import page_of, turning
from domain.messages import Body, Keyboard, Moment, Text, Words, button, lines, paragraphs, text
from domain.requests import Community
from domain.suppression import LEAST
from domain.writing import shorten
from domain.written import kept, kept_buttons

ITEMS_MOST, STORIES_MOST = 18, 6  # with so many it fits into one message, whatever the language
ON_A_PAGE = 5  # buttons of items
OPENING_MOST = 400
_WORDS_MOST = 100
_STORY_MOST = 200


class Period(StrEnum):
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class Section(StrEnum):
    """In the order of the newsletter."""

    STORIES = "stories"
    MEETINGS = "meetings"
    CHALLENGES = "challenges"
    POLLS = "polls"
    ANNOUNCEMENTS = "announcements"
    BELOW = "below"  # how much happened in the communities below, and no more of it: that is theirs to tell


_HEADINGS: Mapping[Section, Text] = {
    Section.STORIES: text("Stories"),
    Section.MEETINGS: text("Meetings"),
    Section.CHALLENGES: text("Challenges"),
    Section.POLLS: text("Polls"),
    Section.ANNOUNCEMENTS: text("Announcements"),
    Section.BELOW: text("In our classes and groups"),
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened: its words as somebody typed them, and what there is to count of it.

    `count`: how many came, took part, answered; None: not known. `more`: how many days they did it. `answer`: what most
    answered. Below: how many meetings, and `more` announcements.
    """

    section: Section
    at: datetime
    words: str
    count: int | None = None
    more: int = 0
    answer: str = ""
    announcement_id: int = 0  # of an announcement, or that a story became; 0: of anything else


@dataclass(frozen=True, slots=True)
class Newsletter:
    """A draft, or one that was sent. `first` and `last` are days in its community's zone; both belong to it."""

    id: int
    community: Community
    author_id: int
    first: date
    last: date
    opening: str  # the author's own first words; empty: ours
    items: tuple[Happened, ...]
    dropped: frozenset[int]  # places in items
    state: State

    @property
    def card(self) -> str:
        return f"newsletter:{self.id}"

    @property
    def left(self) -> list[tuple[int, Happened]]:
        """What stays in it, with its places."""
        return [(place, item) for place, item in enumerate(self.items) if place not in self.dropped]

    @property
    def content(self) -> Content:
        """What the announcement says that it becomes."""
        # NOTE: button. The newsletter as a file to print.
        printing = [[button(text("As a PDF"), "nl.paper", self.id)]]
        ours = {"body": kept(body(self)), "line": kept(paper_title(self)), "buttons": kept_buttons(printing)}
        return Content("", ours=ours)


def without(newsletter: Newsletter, announcement_id: int) -> Newsletter:
    """As if this announcement, or the story that it is, had never been: it was taken back."""
    kept_places = [place for place, item in enumerate(newsletter.items) if item.announcement_id != announcement_id]
    dropped = frozenset(new for new, old in enumerate(kept_places) if old in newsletter.dropped)
    return replace(newsletter, items=tuple(newsletter.items[place] for place in kept_places), dropped=dropped)


def reworded(newsletter: Newsletter, announcement_id: int, words: str) -> Newsletter:
    """It tells of this announcement in its corrected words."""
    items = tuple(
        replace(item, words=words) if item.announcement_id == announcement_id else item for item in newsletter.items
    )
    return replace(newsletter, items=items)


def days_of(period: Period, today: date) -> tuple[date, date]:
    """Its first and last day; of one that is not over yet, the last is today."""
    months = 1 if period in (Period.THIS_MONTH, Period.LAST_MONTH) else 3
    first = today.replace(month=(today.month - 1) // months * months + 1, day=1)
    if period in (Period.THIS_MONTH, Period.THIS_QUARTER):
        return first, today
    last = first - timedelta(days=1)
    return last.replace(month=(last.month - 1) // months * months + 1, day=1), last


def bounds(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """From the first midnight to the one after the last day."""
    own = ZoneInfo(zone)
    return datetime.combine(first, time(0), own), datetime.combine(last + timedelta(days=1), time(0), own)


def chosen(found: Sequence[Happened]) -> tuple[Happened, ...]:
    """Grouped, the newest first; of too much, the oldest of the longest group goes."""
    groups = {section: sorted(_of(section, found), key=lambda one: one.at, reverse=True) for section in Section}
    groups[Section.STORIES] = groups[Section.STORIES][:STORIES_MOST]
    while sum(map(len, groups.values())) > ITEMS_MOST:
        max(groups.values(), key=len).pop()
    return tuple(item for group in groups.values() for item in group)


def _of(section: Section, found: Sequence[Happened]) -> list[Happened]:
    return [item for item in found if _is(item, section)]


def _is(item: Happened, section: Section) -> bool:
    return item.section is section


# --- how it looks -----------------------------------------------------------------------------------------------------


def body(newsletter: Newsletter) -> Body:
    """For its readers, each in her own language."""
    return paragraphs(
        text("<b>Newsletter</b>: %(first)s – %(last)s", **_days(newsletter)),
        opening(newsletter),
        *(
            lines(_titled(heading), *(text("• %(item)s", item=item) for item in items))
            for heading, items in sections(newsletter)
        ),
    )


def sections(newsletter: Newsletter) -> list[tuple[Text, list[Body]]]:
    """What stays in it: each heading with its items."""
    left = [item for _, item in newsletter.left]
    return [(_HEADINGS[section], [*map(in_words, found)]) for section in Section if (found := _of(section, left))]


def _titled(heading: Text) -> Text:
    return text("<b>%(heading)s</b>", heading=heading)


def paper_title(newsletter: Newsletter) -> Text:
    return text("Newsletter: %(first)s – %(last)s", **_days(newsletter))


def _days(newsletter: Newsletter) -> dict[str, Moment]:
    zone = newsletter.community.zone
    return {"first": _day(newsletter.first, zone), "last": _day(newsletter.last, zone)}


def _day(day: date, zone: str) -> Moment:
    return Moment(datetime.combine(day, time(12), ZoneInfo(zone)), zone, show="day")


def opening(newsletter: Newsletter) -> Body:
    return Words(newsletter.opening) if newsletter.opening else text("This is what we did together.")


def in_words(item: Happened) -> Body:
    words = " ".join(item.words.split())
    most = _STORY_MOST if item.section is Section.STORIES else _WORDS_MOST
    day = Moment(item.at, show="day")
    match item.section:
        case Section.STORIES:
            return text("“%(words)s”", words=shorten(words, most))
        case Section.BELOW:
            return _below(item.count or 0, item.more)
        case Section.MEETINGS if _is_told(item):
            return text("%(day)s: %(words)s – came: %(count)s", day=day, words=shorten(words, most), count=_count(item))
        case Section.CHALLENGES if _is_told(item):
            return text(
                "%(words)s – took part: %(count)s, days done: %(days)s",
                words=shorten(words, most),
                count=_count(item),
                days=item.more,
            )
        case Section.POLLS if _is_told(item):
            return text(
                "%(words)s – answers: %(count)s, most for: %(answer)s",
                words=shorten(words, most),
                count=_count(item),
                answer=shorten(item.answer, most),
            )
        case _:
            return text("%(day)s: %(words)s", day=day, words=shorten(words, most))


def _below(meetings: int, announcements: int) -> Text:
    """Only what there was: a nought tells a reader nothing."""
    if not announcements:
        return text("Meetings: %(meetings)s", meetings=meetings)
    if not meetings:
        return text("Announcements: %(announcements)s", announcements=announcements)
    return text(
        "Meetings: %(meetings)s, announcements: %(announcements)s", meetings=meetings, announcements=announcements
    )


def _is_told(item: Happened) -> bool:
    """Whether its number of people may be told."""
    return item.count is not None and item.count >= LEAST and (item.section is not Section.POLLS or bool(item.answer))


def _count(item: Happened) -> int:
    return item.count or 0


# --- the draft --------------------------------------------------------------------------------------------------------


def draft(newsletter: Newsletter) -> Body:
    """For whoever edits it: every item with its number, those that were dropped too."""
    numbered = list(enumerate(newsletter.items))
    return paragraphs(
        text("<b>Newsletter</b>: %(first)s – %(last)s", **_days(newsletter)),
        opening(newsletter),
        *(
            lines(
                _titled(_HEADINGS[section]),
                *(_line(newsletter, place, item) for place, item in numbered if _is(item, section)),
            )
            for section in Section
            if _of(section, newsletter.items)
        ),
        text("Tap a number to drop an item, or to take it in again. Nobody has got this yet."),
    )


def _line(newsletter: Newsletter, place: int, item: Happened) -> Text:
    if place in newsletter.dropped:
        return text("%(number)s. (left out)", number=place + 1)
    return text("%(number)s. %(item)s", number=place + 1, item=in_words(item))


def editing(newsletter: Newsletter, given: int = 0) -> Keyboard:
    """Under the draft, which shows all of it: a page of the numbers."""
    page = page_of(range(len(newsletter.items)), given, ON_A_PAGE)
    numbers = [
        button(Words(str(place + 1)), "nl.drop", newsletter.id, place, int(place not in newsletter.dropped))
        for place in page.shown
    ]
    return [
        numbers,
        turning("nl.back", newsletter.id, page=page.number, more=page.more),
        # NOTE: button. Other first words of a newsletter.
        [button(text("Opening words"), "nl.open", newsletter.id)],
        # NOTE: button. The newsletter as a file to print.
        [button(text("As a PDF"), "nl.paper", newsletter.id)],
        # NOTE: button. Sends a newsletter to everybody.
        [button(text("Send to everybody"), "nl.send", newsletter.id)],
    ]
