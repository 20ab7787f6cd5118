"""What a meeting is: words that fit, its file for calendars."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.render import Renderer
from domain import calendars
from domain.announcements import TEXT_MOST
from domain.languages import LANGUAGES
from domain.meeting_cards import card, organisers_card, reminder, span
from domain.meetings import (
    AGENDA_MOST,
    AUDIENCE_NAMES,
    AUDIENCES,
    CAPACITY_MOST,
    PARTS_MOST,
    PLACE_MOST,
    TITLE_MOST,
    Answer,
    Counts,
    Meeting,
    MeetingKind,
    Rsvp,
    SeenMeeting,
    Session,
    State,
    agenda_of,
    capacity_of,
    place_of,
    sessions_of,
    title_of,
)
from domain.messages import Moment, Text
from domain.requests import Community
from domain.series import Every
from domain.writing import units

CLASS = Community(5, 1, "class", "5A; ə", "/1/5/", "az", "Asia/Baku", "az")
NOW = datetime(2026, 10, 1, tzinfo=UTC)


def meeting(starts_at: datetime, zone: str = "Asia/Baku", **more: object) -> Meeting:
    return Meeting(7, CLASS, MeetingKind.JOINT, "Görüş, a;b", starts_at, zone, 3, uid="abc@birge", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "title"),
    [("  Birinci\ngörüş ", "Birinci görüş"), ("x" * 100, "x" * 100), ("x" * 101, None), ("…!", None), ("", None)],
)
def test_titles(words: str, title: str | None) -> None:
    assert title_of(words) == title


def test_places_and_agendas() -> None:
    assert place_of(" Room\n5 ") == "Room 5"
    assert place_of("") is None
    assert place_of("x" * 201) is None
    assert agenda_of("a\nb ") == "a\nb"
    assert agenda_of("\u200b") is None
    assert agenda_of("x" * 1501) is None


@pytest.mark.parametrize(
    ("words", "capacity"),
    [("30", 30), (" 1 ", 1), ("100000", 100_000), ("100001", None), ("0", None), ("٣", None), ("9" * 5000, None)],
)
def test_capacities(words: str, capacity: int | None) -> None:
    assert capacity_of(words) == capacity


def test_every_audience_has_a_name() -> None:
    assert AUDIENCES.keys() == AUDIENCE_NAMES.keys()


def test_free_places_are_never_fewer_than_none() -> None:
    assert Counts({Rsvp.ACCEPTED: 2}, 3).free(4) == 0
    assert Counts({Rsvp.ACCEPTED: 2}, 3).free(7) == 2


@pytest.mark.row("C4")
def test_the_file_has_the_wall_time_of_its_zone_after_the_clocks_went_back() -> None:
    sunday = meeting(datetime(2026, 10, 25, 16, 0, tzinfo=UTC), "Europe/Kyiv", place="Room 5")
    content = calendars.file(SeenMeeting(sunday))
    assert b"DTSTART;TZID=Europe/Kyiv:20261025T180000" in content
    assert b"BEGIN:VTIMEZONE" in content
    assert b"METHOD:PUBLISH" in content
    event = Calendar.from_ical(content).events[0]
    assert event.start == sunday.starts_at
    assert "DTEND" not in event
    assert str(event["summary"]) == "Görüş, a;b · 5A; ə"
    assert str(event["location"]) == "Room 5"
    assert event["organizer"].params["CN"] == "5A; ə"
    assert len(content) < 10_000


def test_a_meeting_over_midnight_shows_both_days() -> None:
    start = datetime(2026, 12, 7, 5, 0, tzinfo=UTC)
    camp = span(meeting(start, ends_at=datetime(2026, 12, 8, 5, 0, tzinfo=UTC)))
    assert isinstance(camp, Text)
    assert camp.params["end"] == Moment(datetime(2026, 12, 8, 5, 0, tzinfo=UTC), None, "full")
    assert "\n" not in str(card(meeting(start)))


@pytest.mark.parametrize(
    ("line", "lasts", "after"),
    [
        ("18:00 Opening", 120, 0),
        ("19:59 End", 120, 119),
        ("20:00 Too late", 120, None),
        ("17:59 Too early", 120, None),
        ("23:30 Whenever", None, 330),
        ("0:30 On another day", None, None),
    ],
)
def test_parts_lie_within_the_meeting(line: str, lasts: int | None, after: int | None) -> None:
    start = datetime(2026, 12, 7, 14, 0, tzinfo=UTC)  # 18:00 in Baku
    found = sessions_of(line, start, start + timedelta(minutes=lasts) if lasts else None, "Asia/Baku")
    assert (found[0].after if found else None) == after


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_card_is_longer_than_a_messenger_shows(language: str) -> None:
    one = Session(30, "t" * 30, "r" * 11, "s" * 10)
    most = (one,) * (PARTS_MOST // one.length)
    start = datetime(2026, 12, 7, 14, tzinfo=UTC)
    full = replace(
        meeting(start, ends_at=start + timedelta(days=1), place="p" * PLACE_MOST, agenda="a" * AGENDA_MOST),
        title="t" * TITLE_MOST,
        host="h" * PLACE_MOST,
        speakers="s" * PLACE_MOST,
        sessions=most,
        every=Every.FORTNIGHT,
        capacity=CAPACITY_MOST,
        source="İ" * 64,
        roles=AUDIENCES["adults"],
    )
    counts = Counts(dict.fromkeys(Rsvp, 99_999), 99_999)
    renderer = Renderer(lambda _link: "https://t.me/bot")
    for body in (
        organisers_card(full, counts, start - timedelta(days=30)),
        reminder(full, Answer(Rsvp.WAITING, 0, 99)),
    ):
        assert units(renderer.plain(body, language, "Asia/Baku")) <= TEXT_MOST


def test_the_organiser_is_not_told_to_change_what_was_cancelled_or_has_begun() -> None:
    ahead = meeting(NOW + timedelta(days=2))
    for one in (meeting(NOW), replace(ahead, state=State.CANCELLED)):
        shown = str(organisers_card(one, Counts(), NOW))
        assert "You can change this meeting" not in shown
        assert "reminder" not in shown.lower()
    assert "You can change this meeting" in str(organisers_card(ahead, Counts(), NOW))


def test_a_reminder_says_what_its_buttons_for_guests_are() -> None:
    ahead = meeting(NOW + timedelta(days=2))
    assert "With guests?" in str(reminder(ahead, Answer(Rsvp.ACCEPTED)))
    for mine in (Answer(Rsvp.ACCEPTED, guests=2), Answer(Rsvp.TENTATIVE), None):
        assert "With guests?" not in str(reminder(ahead, mine))
