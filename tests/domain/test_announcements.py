"""What an announcement may be, and who announces."""

from dataclasses import replace

import pytest

from bot.render import Renderer
from domain.announcement_cards import confirmed_card, group_card, reminder_card
from domain.announcements import (
    Content,
    Counts,
    Look,
    Lost,
    content_of,
    heading,
    in_readers_order,
    length,
    room_for,
    speaks_as,
)
from domain.communities import CommunityKind
from domain.languages import LANGUAGES
from domain.requests import Community, Incoming, Kind, Part
from domain.roles import Membership, Role

SCHOOL = Community(2, 1, CommunityKind.SCHOOL, "Məktəb 12", "/1/2/", "az", "Asia/Baku", "az")
CLASS = Community(3, 2, CommunityKind.CLASS, "5A", "/1/2/3/", "az", "Asia/Baku", "az")


def words(*parts: Part) -> Incoming:
    return Incoming("telegram", "1", Kind.WORDS, parts=parts)


def test_a_class_is_named_with_its_school_and_a_school_alone() -> None:
    network = Community(1, None, CommunityKind.NETWORK, "Bakı", "/1/", "az", "Asia/Baku", "az")
    assert heading(CLASS, SCHOOL) == "Məktəb 12 › 5A"
    assert heading(SCHOOL, network) == "Məktəb 12"
    assert heading(network, None) == "Bakı"


def test_the_text_and_its_frame_fit_into_one_message() -> None:
    assert room_for(Content("Salam"), "5A", "Rəna") == 4_096 - 280 - 2 - 4
    assert room_for(Content("Salam", "photo", "f", "telegram"), "5A", "Rəna") == 1_024 - 280 - 2 - 4
    assert length("ə😀") == 3


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("content", [Content("ş"), Content("ş", "photo", "f", "telegram")])
def test_the_longest_text_fits_into_every_card_of_it(language: str, content: Content) -> None:
    renderer = Renderer(lambda _link: "")
    words = "ş" * room_for(content, "Məktəb 12 › 5A", "Sevinc")
    look = Look(
        "Məktəb 12 › 5A", "Sevinc", Role.HEAD_OF_CLASS, replace(content, words=words), "kk", {}, is_corrected=True
    )
    shown = [confirmed_card(look), reminder_card(look), group_card(look, Counts(100_000, confirmed=99_999))]
    for body in shown:
        assert length(renderer.plain(body, language, "UTC")) <= content.room


@pytest.mark.parametrize("typed", ["", "  \n ", "\u200b", "\u200d\ufe0f", "\u2800"])
def test_what_nobody_can_read_is_no_announcement(typed: str) -> None:
    assert content_of(words(), typed) is None


def test_a_picture_goes_without_words_and_an_emoji_is_enough() -> None:
    picture = content_of(words(Part("photo", "f")), "")
    assert picture == Content("", "photo", "f", "telegram")
    assert content_of(words(), "👍") == Content("👍")


@pytest.mark.parametrize("part", [Part("voice", "f"), Part("sticker", "f"), Part("video", "f"), Part("audio", "f")])
def test_what_takes_no_caption_is_no_announcement(part: Part) -> None:
    assert content_of(words(part), "Salam") is None


def test_the_nearest_leading_role_speaks() -> None:
    held = [
        Membership(1, 1, "/1/", Role.COORDINATOR),
        Membership(2, 3, "/1/2/3/", Role.PARENT),
        Membership(3, 2, "/1/2/", Role.CHAIR),
        Membership(4, 9, "/1/9/", Role.HEAD_OF_CLASS),
    ]
    assert speaks_as(held, CLASS.path) == Role.CHAIR
    assert speaks_as(held, "/1/9/") == Role.HEAD_OF_CLASS


def test_who_was_not_reached_stands_by_class_and_name_as_the_reader_sorts() -> None:
    found = [
        Lost(None, None, "odd"),
        Lost("Zaur", "10A", "blocked"),
        Lost("Şəbnəm", "5A", "blocked"),
        Lost("Çinarə", "5A", "blocked"),
        Lost("Samir", "5A", "blocked"),
        Lost("Cavid", "5A", "blocked"),
    ]
    listed = [one.called for one in in_readers_order(found, "az")]
    assert listed == ["Cavid", "Çinarə", "Samir", "Şəbnəm", "Zaur", None]
