"""Telegram's JSON becomes events; whatever else it may be is left out with a line in the log."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.channels.telegram import translated
from bot.channels.translate import translate
from domain.requests import Incoming, Kind, Part

Json = dict[str, Any]

AYSEL: Json = {"id": 1001, "is_bot": False, "first_name": "Aysel", "language_code": "az"}
BOT: Json = {"id": 100, "is_bot": True, "first_name": "Birge", "username": "birge_bot"}
PRIVATE: Json = {"id": 1001, "type": "private", "first_name": "Aysel"}
GROUP: Json = {"id": -100200, "type": "supergroup", "title": "5A"}
AT = datetime(2026, 12, 1, 5, 0, tzinfo=UTC)


def message(chat: Json = PRIVATE, **more: Any) -> Json:
    return {"message_id": 7, "date": int(AT.timestamp()), "chat": chat, "from": AYSEL, **more}


def update(kind: str, content: Json) -> Json:
    return {"update_id": 5, kind: content}


def read(kind: str, content: Json) -> Incoming | None:
    return translate(update(kind, content), "birge_bot")


def event(kind: str, content: Json) -> Incoming:
    found = read(kind, content)
    assert found is not None
    return found


# --- messages -------------------------------------------------------------------------------------------------------


def test_words_in_a_private_chat() -> None:
    assert event("message", message(text="Salam")) == Incoming(
        "telegram",
        "5",
        Kind.WORDS,
        chat="1001",
        chat_kind="private",
        sender="1001",
        sender_name="Aysel",
        sender_language="az",
        words="Salam",
        message_id=7,
        sent_at=AT,
    )


@pytest.mark.parametrize(
    ("typed", "command", "words"),
    [
        ("/start", "start", ""),
        ("/start ABC", "start", "ABC"),
        ("/START@Birge_Bot  ABC ", "start", "ABC"),
        ("/meeting 2026-12-07\nFirst joint\nmeeting", "meeting", "2026-12-07\nFirst joint\nmeeting"),
        ("/announce\nHello\nall", "announce", "Hello\nall"),
        ("/join@birge_bot\n4KTR", "join", "4KTR"),
    ],
)
def test_commands(typed: str, command: str, words: str) -> None:
    found = event("message", message(text=typed))

    assert (found.kind, found.command, found.words) == (Kind.COMMAND, command, words)


@pytest.mark.parametrize("typed", ["/start@another_bot ABC", "/", "/ start", "/@birge_bot", "2/3", " /start"])
def test_words_that_are_no_command_of_ours(typed: str) -> None:
    found = event("message", message(text=typed))

    assert (found.kind, found.words) == (Kind.WORDS, typed)


def test_a_caption_is_words_and_never_a_command() -> None:
    photo = [{"file_id": "small", "file_size": 1}, {"file_id": "large", "file_size": 9}]
    found = event("message", message(caption="/start", photo=photo))

    assert (found.kind, found.words, found.parts) == (Kind.WORDS, "/start", (Part("photo", "large", 9),))


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("document", "document"),
        ("voice", "voice"),
        ("video", "video"),
        ("audio", "audio"),
        ("sticker", "sticker"),
        ("animation", "video"),
        ("video_note", "video"),
    ],
)
def test_files(kind: str, part: str) -> None:
    file = {"file_id": "x", "file_size": 5, "file_name": "a.pdf", "mime_type": "application/pdf"}
    found = event("message", message(media_group_id="album", **{kind: file}))

    assert found.parts == (Part(part, "x", 5, "a.pdf", "application/pdf"),)
    assert found.album == "album"


def test_a_reply_and_a_topic() -> None:
    reply = {"message_id": 3}
    found = event(
        "message", message(GROUP, text="x", message_thread_id=9, is_topic_message=True, reply_to_message=reply)
    )
    assert (found.thread, found.reply_to, found.chat_kind, found.chat_title) == (9, 3, "group", "5A")

    assert event("message", message(GROUP, text="x", message_thread_id=9)).thread is None


def test_an_edit_is_marked_and_no_command() -> None:
    found = event("edited_message", message(text="/start", edit_date=1))

    assert (found.kind, found.edited, found.words) == (Kind.WORDS, True, "/start")


@pytest.mark.parametrize("kind", ["contact", "location", "venue", "poll", "dice"])
def test_content_without_words_is_something_said(kind: str) -> None:
    found = event("message", message(**{kind: {}}))

    assert (found.kind, found.words, found.parts) == (Kind.WORDS, "", ())


@pytest.mark.parametrize(
    "nothing",
    [
        message(GROUP, new_chat_members=[AYSEL]),
        message(GROUP, delete_chat_photo=True),
        message({**GROUP, "type": "channel"}, text="x"),
        {**message(GROUP, text="x"), "from": BOT},
        {**message(text="x"), "from": BOT},
        message(GROUP, text="/start", sender_chat={"id": -999, "type": "channel"}, is_automatic_forward=True),
        {**message(GROUP, text="x"), "from": None},
    ],
)
def test_what_nobody_said_to_us(nothing: Json) -> None:
    assert read("message", nothing) is None


def test_an_administrator_who_hides_behind_the_group() -> None:
    hidden = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    found = event("message", {**message(GROUP, text="/start", sender_chat=GROUP), "from": hidden})

    assert (found.anonymous, found.sender, found.command) == (True, None, "start")


def test_somebody_who_speaks_as_a_channel_of_her_own_is_nobody_we_know() -> None:
    found = event("message", message(GROUP, text="/help", sender_chat={"id": -999, "type": "channel", "title": "Mine"}))

    assert (found.anonymous, found.sender, found.sender_name, found.command) == (True, None, "", "help")


def test_what_another_bot_put_together_is_words_and_never_a_command() -> None:
    found = event("message", message(text="/start CODE", via_bot={"id": 5, "is_bot": True, "first_name": "gif"}))

    assert (found.kind, found.words, found.sender) == (Kind.WORDS, "/start CODE", "1001")


def test_what_no_database_takes_is_left_out_of_words_and_names() -> None:
    found = event(
        "message", message(text="Q\0orxu\ud800ram\udfff 👩‍👧", **{"from": {**AYSEL, "first_name": "A\0y\ud83d"}})
    )

    assert (found.words, found.sender_name) == ("Qorxu?ram? 👩‍👧", "Ay?")


def test_what_is_longer_than_anything_of_telegram_is_cut() -> None:
    found = event("message", message(text="x" * 64_000, **{"from": {**AYSEL, "first_name": "y" * 64_000}}))

    assert (len(found.words), len(found.sender_name)) == (16_384, 512)


@pytest.mark.parametrize("number", [2**52, 2**53 + 1, 2**63 - 1])
def test_ids_are_as_long_as_a_database_takes(number: int) -> None:
    found = event("message", message({**PRIVATE, "id": number}, text="x", **{"from": {**AYSEL, "id": number}}))

    assert (found.chat, found.sender) == (str(number), str(number))


@pytest.mark.parametrize("number", [2**63, -(2**70), 1.5, "7", True, None, []])
def test_what_is_no_id_is_no_message(number: Any) -> None:
    assert translated([update("message", {**message(text="x"), "message_id": number})], "birge_bot") == []


def test_a_wrong_detail_takes_nothing_from_the_words() -> None:
    odd: Json = {"message_thread_id": "x", "is_topic_message": True, "reply_to_message": 5, "media_group_id": {"a": 1}}
    found = event("message", message(text="Salam", **odd, **{"from": {**AYSEL, "first_name": 5, "language_code": []}}))

    assert (found.words, found.thread, found.reply_to, found.album) == ("Salam", None, None, None)
    assert (found.sender_name, found.sender_language) == ("", None)


def test_a_group_that_became_a_supergroup() -> None:
    found = event("message", message({**GROUP, "id": -5, "type": "group"}, migrate_to_chat_id=-100500))

    assert (found.kind, found.chat, found.change) == (Kind.MOVED, "-5", "-100500")
    found = event("message", message({**GROUP, "id": -100500}, migrate_from_chat_id=-5))
    assert (found.kind, found.chat, found.change) == (Kind.MOVED, "-5", "-100500")


def test_a_group_has_another_title_whoever_gave_it() -> None:
    found = event("message", message({**GROUP, "title": "5B"}, new_chat_title="5B"))
    assert (found.kind, found.chat_title, found.sender) == (Kind.TITLED, "5B", None)


# --- everything else ------------------------------------------------------------------------------------------------


def test_a_tap() -> None:
    query = {"id": "q1", "from": AYSEL, "message": {**message(GROUP), "from": BOT}, "data": "rsvp:17:accepted"}
    found = event("callback_query", query)

    assert (found.kind, found.sender, found.chat, found.chat_kind) == (Kind.BUTTON, "1001", "-100200", "group")
    assert (found.press, found.query_id, found.message_id, found.sent_at) == ("rsvp:17:accepted", "q1", 7, None)


def test_a_tap_on_a_message_too_old_to_be_shown() -> None:
    query = {"id": "q1", "from": AYSEL, "message": {"chat": PRIVATE, "message_id": 7, "date": 0}, "data": "home"}
    assert event("callback_query", query).message_id == 7

    assert read("callback_query", {"id": "q1", "from": AYSEL, "inline_message_id": "x", "data": "home"}) is None


def test_a_tap_that_carries_nothing() -> None:
    assert (
        event("callback_query", {"id": "q1", "from": AYSEL, "message": message(), "game_short_name": "x"}).press == ""
    )


def test_a_vote_and_a_vote_taken_back() -> None:
    found = event("poll_answer", {"poll_id": "p1", "user": AYSEL, "option_ids": [0, 2]})
    assert (found.kind, found.poll_id, found.options, found.sender) == (Kind.VOTE, "p1", (0, 2), "1001")

    assert event("poll_answer", {"poll_id": "p1", "user": AYSEL, "option_ids": []}).options == ()
    assert read("poll_answer", {"poll_id": "p1", "voter_chat": GROUP, "option_ids": [0]}) is None


@pytest.mark.parametrize(
    ("chat", "old", "new", "change"),
    [
        (PRIVATE, "member", "kicked", "blocked"),
        (PRIVATE, "kicked", "member", "unblocked"),
        (GROUP, "left", "member", "added"),
        (GROUP, "kicked", "administrator", "added"),
        (GROUP, "member", "left", "removed"),
        (GROUP, "administrator", "kicked", "removed"),
        (GROUP, "member", "administrator", "promoted"),
        (GROUP, "administrator", "member", "demoted"),
    ],
)
def test_what_happened_to_the_bot_in_a_chat(chat: Json, old: str, new: str, change: str) -> None:
    content = {
        "chat": chat,
        "from": AYSEL,
        "date": int(AT.timestamp()),
        "old_chat_member": {"user": BOT, "status": old},
        "new_chat_member": {"user": BOT, "status": new},
    }
    found = event("my_chat_member", content)

    assert (found.kind, found.change, found.sender) == (Kind.MEMBERSHIP, change, "1001")
    assert read("my_chat_member", {**content, "chat": {**chat, "type": "channel"}}) is None


def test_somebody_asks_to_join() -> None:
    found = event("chat_join_request", {"chat": GROUP, "from": AYSEL, "user_chat_id": 1001, "date": 1})

    assert (found.kind, found.chat, found.sender) == (Kind.JOIN_REQUEST, "-100200", "1001")


@pytest.mark.parametrize(
    "kind", ["message_reaction", "inline_query", "channel_post", "business_message", "guest_message", "of_next_year"]
)
def test_kinds_we_did_not_ask_for_are_left_out(kind: str, log_lines: list[dict[str, Any]]) -> None:
    assert translated([update(kind, message(text="x")), {"update_id": 6}], "birge_bot") == []
    assert log_lines == []


# --- hostile shapes -------------------------------------------------------------------------------------------------

_SAMPLES: list[Json] = [
    update("message", message(text="/start@birge_bot x", reply_to_message={"message_id": 1}, message_thread_id=3)),
    update("message", message(GROUP, caption="x", photo=[{"file_id": "a"}], sender_chat=GROUP)),
    update("message", message(document={"file_id": "a", "file_size": 1})),
    update("message", message(migrate_to_chat_id=-5)),
    update("edited_message", message(text="x")),
    update("callback_query", {"id": "q", "from": AYSEL, "message": message(GROUP), "data": "home"}),
    update("poll_answer", {"poll_id": "p", "user": AYSEL, "option_ids": [0]}),
    update(
        "my_chat_member",
        {
            "chat": GROUP,
            "from": AYSEL,
            "date": 1,
            "old_chat_member": {"status": "left"},
            "new_chat_member": {"status": "member"},
        },
    ),
    update("chat_join_request", {"chat": GROUP, "from": AYSEL, "date": 1}),
]
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(2**70) | st.just(-(10**17)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _spots(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [way] if way else []
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        found += _spots(value[key], (*way, key))
    return found


@st.composite
def broken_updates(draw: st.DrawFn) -> Json:
    """An update with some of its parts missing or replaced by anything."""
    broken = copy.deepcopy(draw(st.sampled_from(_SAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        spots = [spot for spot in _spots(broken) if spot != ("update_id",)]
        if not spots:
            break
        *way, last = draw(st.sampled_from(spots))
        holder = broken
        for key in way:
            holder = holder[key]
        if draw(st.booleans()) and isinstance(holder, dict):
            del holder[last]
        else:
            holder[last] = draw(_ANYTHING)
    return broken


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(broken=broken_updates())
@example(broken=update("message", message(text="x", date=10**17)))
@example(broken=update("message", message(text="x", date=-(10**13))))
@example(broken=update("message", message(text="x", date=float("inf"))))
def test_an_update_of_any_shape_is_read_or_left_out(broken: Json) -> None:
    healthy = update("message", message(text="after it"))

    assert translated([broken, healthy], "birge_bot")[-1].words == "after it"


def test_what_is_left_out_is_told_without_its_content(log_lines: list[dict[str, Any]]) -> None:
    broken = update("message", {"text": "Ağrıyır"})

    assert translated([broken], "birge_bot") == []
    (line,) = log_lines
    assert (line["event"], line["update"], line["why"]) == ("an update of unknown shape", 5, "KeyError")
    assert "Ağrıyır" not in str(line)
