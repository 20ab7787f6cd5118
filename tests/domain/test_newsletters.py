"""What a newsletter tells: its days, how much fits, and which numbers of people it leaves out."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.render import Renderer
from domain import newsletters
from domain.announcement_cards import card
from domain.announcements import TEXT_MOST, Look, length
from domain.languages import LANGUAGES
from domain.newsletters import ITEMS_MOST, OPENING_MOST, STORIES_MOST, Happened, Newsletter, Period, Section, State
from domain.requests import Community
from domain.roles import Role

SCHOOL = Community(5, 1, "school", "12", "/1/5/", "az", "Asia/Baku", "az")
AT = datetime(2026, 11, 12, 9, tzinfo=UTC)


def a_newsletter(*items: Happened, opening: str = "", dropped: frozenset[int] = frozenset()) -> Newsletter:
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    return Newsletter(1, SCHOOL, 1, first, last, opening, items, dropped, State.DRAFT)


def rendered(newsletter: Newsletter, language: str = "en") -> str:
    renderer = Renderer(lambda _link: "https://t.me/bot")
    return renderer.plain(newsletters.body(newsletter), language, "Asia/Baku")


@pytest.mark.parametrize(
    ("period", "today", "first", "last"),
    [
        (Period.THIS_MONTH, date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 1)),
        (Period.LAST_MONTH, date(2026, 12, 31), date(2026, 11, 1), date(2026, 11, 30)),
        (Period.LAST_MONTH, date(2027, 1, 15), date(2026, 12, 1), date(2026, 12, 31)),
        (Period.LAST_MONTH, date(2028, 3, 31), date(2028, 2, 1), date(2028, 2, 29)),
        (Period.THIS_QUARTER, date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        (Period.LAST_QUARTER, date(2026, 12, 31), date(2026, 7, 1), date(2026, 9, 30)),
        (Period.LAST_QUARTER, date(2027, 2, 1), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_the_days_of_a_period(period: Period, today: date, first: date, last: date) -> None:
    assert newsletters.days_of(period, today) == (first, last)


def test_its_days_end_at_midnight_where_the_community_is_also_when_the_clocks_change() -> None:
    since, until = newsletters.bounds(date(2026, 10, 1), date(2026, 10, 31), "Europe/Kyiv")
    assert (since.astimezone(UTC).hour, until.astimezone(UTC).hour) == (21, 22)


def test_however_much_happened_a_screen_has_ten_buttons_at_most() -> None:
    full = a_newsletter(*(Happened(Section.ANNOUNCEMENTS, AT, "news") for _ in range(ITEMS_MOST)))
    screens = [[button for row in newsletters.editing(full, page) for button in row] for page in range(4)]
    assert max(map(len, screens)) == 10
    taps = [str(tap) for screen in screens for tap in screen if "nl.drop" in str(tap)]
    assert len(set(taps)) == ITEMS_MOST


def test_grouped_newest_first_and_of_too_much_the_oldest_of_the_longest_group_goes() -> None:
    days = [AT + timedelta(days=number) for number in range(30)]
    found = [Happened(Section.ANNOUNCEMENTS, at, f"news {at.day}") for at in days]
    found += [Happened(Section.STORIES, at, "a story") for at in days]
    found += [Happened(Section.MEETINGS, AT, "the only meeting")]
    kept = newsletters.chosen(found)
    assert len(kept) == ITEMS_MOST
    assert [item.section for item in kept[:STORIES_MOST]] == [Section.STORIES] * STORIES_MOST
    assert kept[STORIES_MOST].words == "the only meeting"
    assert kept[STORIES_MOST + 1].at == days[-1]
    assert [item.at for item in kept[STORIES_MOST + 1 :]] == sorted(days, reverse=True)[: ITEMS_MOST - STORIES_MOST - 1]


@pytest.mark.parametrize("people", [0, 1, 4])
@pytest.mark.parametrize("section", [Section.MEETINGS, Section.CHALLENGES, Section.POLLS])
def test_a_number_of_people_below_five_stays_out(section: Section, people: int) -> None:
    """Rule 22."""
    few = rendered(a_newsletter(Happened(section, AT, "Reading", people, 3, "Yes")))
    assert "Reading" in few
    assert f": {people}" not in few
    assert ": 5" in rendered(a_newsletter(Happened(section, AT, "Reading", 5, 3, "Yes")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_one_fits_into_one_message(language: str) -> None:
    long = "Щ" * 300
    found = [Happened(section, AT, long, 123_456, 123_456, long) for section in Section for _ in range(ITEMS_MOST)]
    newsletter = a_newsletter(*newsletters.chosen(found), opening="Щ" * OPENING_MOST)
    look = Look("Щ" * 130, "Щ" * 64, Role.COORDINATOR, newsletter.content)
    renderer = Renderer(lambda _link: "https://t.me/bot")
    assert length(renderer.plain(card(look), language, "Asia/Baku")) < TEXT_MOST
    draft = renderer.plain(newsletters.draft(newsletter), language, "Asia/Baku")
    assert length(draft) < TEXT_MOST


def test_what_is_dropped_is_not_in_it() -> None:
    items = (Happened(Section.MEETINGS, AT, "First"), Happened(Section.MEETINGS, AT, "Second"))
    said = rendered(a_newsletter(*items, dropped=frozenset({0})))
    assert "Second" in said
    assert "First" not in said
