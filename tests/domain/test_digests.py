"""The digest of an evening: its order, its messages, and when it goes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.render import Renderer
from domain import digests
from domain.announcements import TEXT_MOST, Announcement, Content, Counts, Look, State, length, room_for
from domain.digests import Entry
from domain.languages import LANGUAGES
from domain.reminders import next_digest
from domain.requests import Community
from domain.roles import Role


def announced(number: int, community: int = 1, words: str = "Salam", name: str = "Məktəb 12 › 5A") -> Announcement:
    place = Community(community, None, "class", name, f"/{community}/", "az", "Asia/Baku", "az")
    look = Look(name, "Sevinc", Role.HEAD_OF_CLASS, Content(words), "az")
    return Announcement(number, place, 1, look, (), 1, 0, Counts(1))


def test_grouped_by_where_they_come_from_the_newest_first() -> None:
    found = [announced(1, 1), announced(2, 2), announced(3, 1), announced(4, 3), announced(5, 2)]
    assert [one.id for one in digests.in_order(found)] == [5, 2, 4, 3, 1]


def test_what_was_planned_long_ago_is_as_new_as_its_sending() -> None:
    morning = datetime(2026, 12, 1, 5, tzinfo=UTC)
    found = [replace(announced(number, 1), sent_at=morning.replace(hour=hour)) for number, hour in ((1, 12), (2, 6))]
    assert [one.id for one in digests.in_order(found)] == [1, 2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_corrections_have_made_too_long_is_shown_by_its_beginning_and_opened_by_a_tap(language: str) -> None:
    renderer = Renderer(lambda _link: "https://t.me/bot")
    [short] = digests.messages([announced(number, 1, "ş" * 600) for number in range(1, 6)])
    entries = [Entry(one) for one in short]
    assert not any(
        "📎" in renderer.plain(one.label, language, "UTC") for row in digests.buttons(entries) for one in row
    )
    longer = replace(entries[1].announcement, look=replace(short[1].look, content=Content("ş" * 3_000)))
    entries[1] = Entry(longer)
    assert length(renderer.plain(digests.card(entries), language, "Asia/Baku")) <= TEXT_MOST
    files = [
        one for row in digests.buttons(entries) for one in row if "📎" in renderer.plain(one.label, language, "UTC")
    ]
    assert [one.press for one in files] == [f"a.dig.file:{longer.id}"]  # type: ignore[union-attr]


def test_nothing_makes_no_message() -> None:
    assert digests.messages([]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_longer_than_a_messenger_shows(language: str) -> None:
    renderer = Renderer(lambda _link: "https://t.me/bot")
    most = room_for(Content("x"), "Məktəb 12 › 5A", "Sevinc")
    found = [
        announced(number, number % 3, "ş" * size) for number, size in enumerate([most, most, 10, 1_500, 2_000, 400])
    ]
    found += [announced(100 + number, 7, "a") for number in range(60)]
    found = [replace(one, look=replace(one.look, is_corrected=True)) for one in found]
    parts = digests.messages(found)
    assert sorted(one.id for part in parts for one in part) == sorted(one.id for one in found)
    for part in parts:
        for confirmed in (False, True):
            shown = renderer.plain(digests.card([Entry(one, confirmed) for one in part]), language, "Asia/Baku")
            assert length(shown) <= TEXT_MOST


def test_what_was_taken_back_or_confirmed_asks_for_no_tap() -> None:
    entries = [Entry(announced(1), True), Entry(replace(announced(2), state=State.RECALLED)), Entry(announced(3))]
    presses = [button.press for row in digests.buttons(entries) for button in row]  # type: ignore[union-attr]
    assert presses == ["a.dig:3"]


@pytest.mark.parametrize(
    ("at", "zone", "goes"),
    [
        ("2026-12-01 13:59", "Asia/Baku", "2026-12-01 14:00"),
        ("2026-12-01 14:00", "Asia/Baku", "2026-12-02 14:00"),
        ("2026-12-01 14:00", "Europe/Kyiv", "2026-12-01 16:00"),
        ("2026-10-24 16:00", "Europe/Kyiv", "2026-10-25 16:00"),  # the clocks go back in between
        ("2026-03-28 17:00", "Europe/Kyiv", "2026-03-29 15:00"),
        ("2026-12-31 20:30", "Asia/Almaty", "2027-01-01 13:00"),
    ],
)
def test_18_is_wall_time_where_the_reader_lives(at: str, zone: str, goes: str) -> None:
    def moment(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=UTC)

    assert next_digest(moment(at), zone) == moment(goes)
