"""Announcements: what one may be, whom it is for, who has it and who confirmed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.communities import CommunityKind
from domain.messages import Document, Media, Photo, Text, Video, text
from domain.mutes import MUTED
from domain.names import in_order
from domain.requests import Community, Incoming, Part
from domain.roles import LEADING, Audience, Membership, Role, is_in
from domain.writing import clean

# What a messenger shows in one message, and under a picture (Bot API: after entity parsing, in UTF-16 code units).
TEXT_MOST, CAPTION_MOST = 4_096, 1_024
# Kept free for what is ours, in the longest of five languages: the heading, the role, "you have confirmed".
OURS = 280
REMINDERS_MOST = 2
LATE = timedelta(hours=12)  # what could not go so long after its hour (the bot was down) no longer goes by itself
DELETED_WITHIN = timedelta(hours=46)
URGENT_MOST = 2  # in a community and month, besides the chair's own
SHOWN_FOR = timedelta(days=14)  # so long the counts on the cards go on
LOST_ON_A_PAGE = 15
PLANNED_ON_A_PAGE = 6
LEFT = "left"  # why something was not delivered: its reader is no longer in the audience


@dataclass(frozen=True, slots=True)
class Content:
    """What the author wrote, and the photo, video or file it came with.

    `ours`: what Birge itself says in it, in each reader's language (a newsletter, whose story it is), as domain.written
    keeps it: {"body", "line" (one of it, for lists), "buttons"}.
    """

    words: str
    kind: str | None = None  # photo | video | document
    file_id: str | None = None
    channel: str | None = None  # the messenger that knows the file_id
    ours: Mapping[str, Any] | None = None

    @property
    def media(self) -> Media | None:
        if self.kind is None or self.file_id is None:
            return None
        return _MEDIA[self.kind](self.file_id)

    @property
    def room(self) -> int:
        """How much fits into the message, with what is ours."""
        return TEXT_MOST if self.kind is None else CAPTION_MOST


_MEDIA: Mapping[str, type[Photo] | type[Video] | type[Document]] = {
    "photo": Photo,
    "video": Video,
    "document": Document,
}


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an announcement can be for; no roles: everybody."""

    label: Text
    roles: tuple[str, ...] = ()


EVERYBODY = "all"
# A head of class is one of the teachers.
_PUPILS, _PARENTS, _TEACHERS = (Role.PUPIL.value,), (Role.PARENT.value,), (Role.TEACHER.value, Role.HEAD_OF_CLASS.value)
AUDIENCES: Mapping[str, Whom] = {
    # NOTE: button. An announcement for all members of a community.
    EVERYBODY: Whom(text("Everybody")),
    # NOTE: button
    "pupils": Whom(text("Pupils"), _PUPILS),
    # NOTE: button
    "parents": Whom(text("Parents"), _PARENTS),
    # NOTE: button
    "teachers": Whom(text("Teachers"), _TEACHERS),
    # NOTE: button
    "pupils+parents": Whom(text("Pupils and parents"), _PUPILS + _PARENTS),
    # NOTE: button
    "parents+teachers": Whom(text("Parents and teachers"), _PARENTS + _TEACHERS),
    # NOTE: button
    "pupils+teachers": Whom(text("Pupils and teachers"), _PUPILS + _TEACHERS),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What an announcement shows: where it comes from, who announces, and what.

    `versions` are the author's own words in other languages than the one it was written in.
    """

    heading: str
    called: str
    role: Role
    content: Content
    written_in: str = ""  # empty: nobody knows
    versions: Mapping[str, str] = field(default_factory=dict)
    is_corrected: bool = False
    source: str | None = None  # the community that offered it, by name; None: it is this community's own


@dataclass(frozen=True, slots=True)
class Counts:
    """The ledger in numbers of persons."""

    all: int  # in the audience when it was sent
    sent: int = 0
    lost: int = 0  # couldn't be reached, and haven't confirmed in the group either
    confirmed: int = 0
    awaited: int = 0  # got it, and haven't confirmed; the author is not waited for
    settled: bool = False  # nothing is on its way any more

    @property
    def shown(self) -> tuple[int, int, int, int]:
        """What the cards say of them."""
        return self.all, self.sent, self.lost, self.confirmed


class State(StrEnum):
    """What became of an announcement."""

    ASKED = "asked"  # urgent, and waits for the chair's yes
    PLANNED = "planned"
    SENT = "sent"
    RECALLED = "recalled"
    OFF = "off"  # called off before it was sent


class ChangeKind(StrEnum):
    """What was done to an announcement after it was sent."""

    CORRECTED = "corrected"
    RECALLED = "recalled"


def can_be_deleted(sent_at: datetime, now: datetime) -> bool:
    """Whether the messenger still deletes it (48 h), even if there are thousands to delete before it."""
    return now - sent_at < DELETED_WITHIN


@dataclass(frozen=True, slots=True)
class Dispatch:
    """How it goes out: at once, unless something else is said."""

    state: State = State.SENT
    urgent: bool = False
    due_at: datetime | None = None


AT_ONCE = Dispatch()


@dataclass(frozen=True, slots=True)
class Announcement:
    """One that was sent, or will be."""

    id: int
    community: Community
    author_id: int
    look: Look
    roles: tuple[str, ...]
    expected: int  # how many persons the audience had when it was sent
    reminders: int  # how often the rest were reminded
    shown: Counts  # what the cards show
    state: State = State.SENT
    urgent: bool = False
    revision: int = 0  # how often it was changed after it was sent
    due_at: datetime | None = None
    sent_at: datetime | None = None

    @property
    def card(self) -> str:
        return f"announcement:{self.id}"

    @property
    def author_card(self) -> str:
        return f"{self.card}:author"

    @property
    def cards(self) -> tuple[str, ...]:
        """The card and those of the reminders: each has a ✓ of its own."""
        return self.card, *(self.reminder_card(number) for number in range(1, self.reminders + 1))

    def reminder_card(self, number: int) -> str:
        return f"{self.card}:reminder:{number}"

    @property
    def goes_to_groups(self) -> bool:
        """A group holds everybody: what is for some only stays out of it."""
        return not self.roles

    @property
    def audience(self) -> Audience:
        return Audience(self.community.id, self.community.path, frozenset(Role(role) for role in self.roles))


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to go out in a community: an announcement or, with the name of its campaign, a campaign's post."""

    id: int
    due_at: datetime
    content: Content
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An announcement as one reader has it."""

    announcement: Announcement
    in_ledger: bool
    still_written: bool  # the ledger has not everybody yet
    digest: str | None = None  # the card it came in with others

    @property
    def community(self) -> Community:
        return self.announcement.community


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody who could not be reached, as her class knows her."""

    called: str | None  # None: no longer a member
    community: str | None
    reason: str


def in_readers_order(found: Iterable[Lost], language: str) -> list[Lost]:
    """By class, then by name, for a list to print; whoever is no longer a member at its end."""
    order = in_order(language)
    return sorted(found, key=lambda one: (one.called is None, order(one.community or ""), order(one.called or "")))


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder on its way to those who got an announcement and have not confirmed it."""

    announcement: Announcement
    number: int
    at: datetime
    reached_person: int


# NOTE: why somebody was not reached, behind a name in a list.
_GONE = text("the account is gone")
_REASONS: Mapping[str, Text] = {
    # NOTE: why somebody was not reached, behind a name in a list.
    "blocked": text("the bot is blocked"),
    # NOTE: why somebody was not reached, behind a name in a list.
    "never_started": text("the bot was never started"),
    "deactivated": _GONE,
    # NOTE: why somebody was not reached, behind a name in a list: she left the class, or has another role there now.
    LEFT: text("no longer among its readers"),
    # NOTE: why somebody was not reached, behind a name in a list.
    MUTED: text("has muted this community"),
    "removed": _GONE,
}
# NOTE: why somebody was not reached, behind a name in a list.
_OTHER_REASON = text("the messenger refused the message")


def why(reason: str) -> Text:
    """Why somebody could not be reached, as part of a list."""
    return _REASONS.get(reason, _OTHER_REASON)


def month_of(at: datetime, zone: ZoneInfo) -> datetime:
    """When the month began in which urgent announcements are counted."""
    return at.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def heading(community: Community, over: Community | None) -> str:
    """Where an announcement comes from, for somebody with children in two schools: a class is named with its school."""
    return community.name if over is None or community.kind in _KNOWN_ALONE else f"{over.name} › {community.name}"


_KNOWN_ALONE = frozenset(
    {CommunityKind.NETWORK, CommunityKind.REGION, CommunityKind.DISTRICT, CommunityKind.SCHOOL, CommunityKind.HUB}
)


def content_of(incoming: Incoming, words: str) -> Content | None:
    """What can be announced of a message; None for a sticker, a voice message, a place, or nothing that can be read."""
    written = clean(words)
    if not incoming.parts:
        return Content(written) if _can_be_read(written) else None
    part = incoming.parts[0]
    return Content(written, part.kind, part.file_id, incoming.channel) if _can_carry_words(part) else None


def _can_be_read(words: str) -> bool:
    # Joiners are no blanks to Python, and invisible alone.
    return any(not letter.isspace() and letter not in "\u200c\u200d\ufe0e\ufe0f\u034f" for letter in words)


def _can_carry_words(part: Part) -> bool:
    # A round video message takes no caption; it is the one that comes without a type.
    return part.kind in ("photo", "document") or (part.kind == "video" and part.mime is not None)


def room_for(content: Content, heading: str, called: str) -> int:
    """How many characters the author's words may have, beside the heading and her name."""
    return content.room - OURS - length(heading) - length(called)


def length(words: str) -> int:
    """As messengers count: most emoji are two characters."""
    return len(words.encode("utf-16-le")) // 2


def speaks_as(memberships: Iterable[Membership], path: str) -> Role:
    """The role of somebody who leads the community: the one she holds nearest to it, in it or above."""
    leading = [one for one in memberships if one.role in LEADING and path.startswith(one.path)]
    return max(leading, key=lambda one: len(one.path)).role


def may_confirm(received: Received, memberships: Iterable[Membership]) -> bool:
    """Whether it was sent to this person. While the ledger is being written, being in the audience is enough."""
    return received.in_ledger or (received.still_written and is_in(received.announcement.audience, memberships))
