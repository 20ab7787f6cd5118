"""Partners: guests of one community, who see what was opened to them and nobody's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import meeting_cards
from domain.announcements import Content
from domain.meetings import Meeting
from domain.messages import Body, Lines, Text, Words, lines, paragraphs, text
from domain.requests import Community
from domain.writing import shorten

MOST_SHOWN = 6  # announcements, and meetings, on one page


@dataclass(frozen=True, slots=True)
class OpenMeeting:
    """A meeting, and whether partners may see it."""

    meeting: Meeting
    is_open: bool

    @property
    def community(self) -> Community:
        return self.meeting.community


@dataclass(frozen=True, slots=True)
class OpenAnnouncement:
    """An announcement without its author, and whether partners may see it."""

    id: int
    community: Community
    content: Content
    at: datetime
    is_open: bool


def meeting_shown(meeting: Meeting) -> Body:
    """The facts; neither who called it nor who comes."""
    return meeting_cards.described(meeting)


def card_of(announcement_id: int) -> str:
    """A partner's copies of an announcement."""
    return f"partner:{announcement_id}"


def announcement_shown(one: OpenAnnouncement, *, is_corrected: bool = False) -> Body:
    """The words; not who wrote them."""
    return paragraphs(
        text("✏️ <b>Corrected</b>") if is_corrected else None,
        _heading(one.community),
        Words(one.content.words) if one.content.words else None,
    )


def announcement_gone(community: Community) -> Body:
    """In place of a copy that can't be deleted any more."""
    return paragraphs(_heading(community), text("✏️ This announcement was taken back. Please disregard it."))


def _heading(community: Community) -> Text:
    return text("📢 <b>%(community)s</b>", community=community.name)


def first_words(one: OpenAnnouncement, most: int) -> Words:
    """What stands on its button."""
    return Words(f"📢 {shorten(' '.join(one.content.words.split()), most)}")


def in_short(meetings: Sequence[OpenMeeting]) -> Lines | None:
    """What is ahead, one meeting under the other."""
    if not meetings:
        return None
    shown = (
        lines(text("<b>%(title)s</b>", title=one.meeting.title), meeting_cards.when_of(one.meeting)) for one in meetings
    )
    return paragraphs(text("<b>Meetings ahead</b>"), *shown)
