"""The digest of an evening: what was announced since the last one, grouped by where it comes from, newest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from domain.announcement_cards import in_words, line_of_ours
from domain.announcements import TEXT_MOST, Announcement, Look, State, length
from domain.communities import ROLE_NAMES
from domain.messages import Body, Button, Keyboard, Words, button, lines, paragraphs, text
from domain.writing import shorten

# Kept free in each message for what is ours, in the longest of five languages; and in each entry.
_OURS, _OURS_IN_ENTRY = 200, 120
_IN_A_ROW = 4
_MOST_ENTRIES = 20
_BEGINNING = 150  # of what a correction has made too long for the message it stands in


@dataclass(frozen=True, slots=True)
class Entry:
    """An announcement in a digest."""

    announcement: Announcement
    is_confirmed: bool = False
    is_cut: bool = False  # only its beginning is shown: all of it comes for a tap

    @property
    def is_open(self) -> bool:
        """Whether its reader is asked to confirm it."""
        return not self.is_confirmed and self.announcement.state is State.SENT

    @property
    def look(self) -> Look:
        """As much of it as is shown."""
        look = self.announcement.look
        if not self.is_cut:
            return look
        content = replace(look.content, words=shorten(look.content.words, _BEGINNING))
        versions = {language: shorten(words, _BEGINNING) for language, words in look.versions.items()}
        return replace(look, content=content, versions=versions)

    @property
    def length(self) -> int:
        look = self.look
        words = max(length(one) for one in (look.content.words, *look.versions.values()))
        words = 0 if self.announcement.state is State.RECALLED else words  # nothing of it is shown
        return words + length(look.heading) + length(look.called) + length(look.source or "") + _OURS_IN_ENTRY


def in_order(announcements: Iterable[Announcement]) -> list[Announcement]:
    """Grouped by where they come from; the group with the newest first, and in each the newest first."""
    newest_first = sorted(announcements, key=_sent, reverse=True)  # what was planned may be written long before it
    newest: dict[int, tuple[float, int]] = {}
    for one in newest_first:
        newest.setdefault(one.community.id, _sent(one))
    return sorted(newest_first, key=lambda one: newest[one.community.id], reverse=True)


def _sent(announcement: Announcement) -> tuple[float, int]:
    return announcement.sent_at.timestamp() if announcement.sent_at else 0.0, announcement.id


def messages(announcements: Iterable[Announcement]) -> list[list[Announcement]]:
    """One message; several when it would be longer than a messenger shows."""
    found: list[list[Announcement]] = []
    room = 0
    for one in in_order(announcements):
        needed = Entry(one).length
        if needed > room or len(found[-1]) >= _MOST_ENTRIES:
            found.append([])
            room = TEXT_MOST - _OURS
        found[-1].append(one)
        room -= needed
    return found


def _fitting(entries: Sequence[Entry]) -> list[Entry]:
    """So that they still fit into their message when some were corrected: the longest are cut."""
    found = list(entries)
    for place in sorted(range(len(found)), key=lambda place: -found[place].length):
        if len(found) > 1 and sum(entry.length for entry in found) > TEXT_MOST - _OURS:
            found[place] = replace(found[place], is_cut=True)
    return found


def card(entries: Sequence[Entry]) -> Body:
    numbered = list(enumerate(_fitting(entries), start=1))
    parts: list[Body] = []
    heading = None
    for number, entry in numbered:
        look = entry.announcement.look
        if look.heading != heading:
            heading = look.heading
            parts.append(text("📢 <b>%(community)s</b>", community=heading))
        parts.append(_entry(number, entry))
    is_open = any(entry.is_open for entry in entries)
    return paragraphs(
        text("🌆 <b>Your digest of the day</b>"),
        *parts,
        text("Please tap the number of what you have read.") if is_open else None,
    )


def _entry(number: int, entry: Entry) -> Body:
    look = entry.look
    who = text("%(role)s: %(name)s", role=ROLE_NAMES[look.role], name=look.called)
    is_recalled = entry.announcement.state is State.RECALLED
    # NOTE: an announcement in a list: its number, and who announces. ✓: the reader has confirmed it.
    first = text("✓ %(number)s. %(who)s", number=number, who=who) if entry.is_confirmed else None
    # NOTE: an announcement in a list: its number, and who announces.
    return lines(
        first or text("%(number)s. %(who)s", number=number, who=who),
        text("From: %(name)s", name=look.source) if look.source else None,
        text("✏️ This announcement was taken back. Please disregard it.") if is_recalled else None,
        text("✏️ <b>Corrected</b>") if look.is_corrected and not is_recalled else None,
        None if is_recalled else line_of_ours(look),
        in_words(look) if look.content.words and not is_recalled else None,
    )


def buttons(entries: Sequence[Entry]) -> Keyboard:
    """A ✓ for each that is not confirmed, one for all of them, and the way to what is more than text."""
    numbered = list(enumerate(_fitting(entries), start=1))
    left = [(number, entry.announcement.id) for number, entry in numbered if entry.is_open]
    ticks = [button(Words(f"✓ {number}"), "a.dig", one) for number, one in left]
    files = [
        button(Words(f"📎 {number}"), "a.dig.file", entry.announcement.id)
        for number, entry in numbered
        if (entry.is_cut or is_more(entry.announcement)) and entry.announcement.state is State.SENT
    ]
    rows: list[Sequence[Button]] = [*_rows(ticks), *_rows(files)]
    if len(left) > 1:
        # NOTE: button. A reader confirms all announcements of a list.
        rows.append([button(text("✓ All read"), "a.dig.all", left[0][1])])
    return rows


def is_more(announcement: Announcement) -> bool:
    """Whether it is more than the text that stands in the list."""
    content = announcement.look.content
    return content.kind is not None or content.ours is not None


def _rows(taps: Sequence[Button]) -> list[Sequence[Button]]:
    return [taps[at : at + _IN_A_ROW] for at in range(0, len(taps), _IN_A_ROW)]
