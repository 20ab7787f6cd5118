"""The path of updates: repeated, in batches, broken, refused, forged, overtaken, out of order."""

import asyncio
import contextlib
import sqlite3
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

import storage.inbox
import storage.operation
import storage.outbox
import storage.persons
from bot.app import opened
from bot.channels.telegram import translated
from bot.config import Settings
from bot.pacer import Rate
from bot.pipeline import SET_ASIDE, STARTED, STARTED_AGAIN
from domain.messages import Outgoing, Refused, Say, Words, WrongTry, text
from domain.requests import Incoming, Kind, Request
from handlers import routes
from handlers.route import Route, Where
from sandbox import Fault, Sandbox
from storage.database import Connection, DatabaseFails
from tests import scenes
from tests.bot.test_translate import broken_updates
from tests.cast import Talker, World
from tests.conftest import TOKEN, Fresh

CHILD = "Məni döyürlər"
_numbers = count(900_000)


def incoming(talker: Talker, kind: Kind = Kind.COMMAND, **more: Any) -> Incoming:
    """An event in her private chat, newer than everything in it."""
    number = next(_numbers)
    given: dict[str, Any] = {"chat": str(talker.person.id), "sender": str(talker.person.id), "message_id": number}
    return Incoming("telegram", str(number), kind, **(given | more))


async def take(world: World, *some: Incoming, cautious: bool = False) -> None:
    await world.birge.pipeline.take(some, cautious=cautious)
    await world.settle()


async def outcomes(world: World, *some: Incoming) -> list[str | None]:
    rows = await world.rows("SELECT event_id, outcome FROM inbox")
    found = {row["event_id"]: row["outcome"] for row in rows}
    return [found.get(one.event_id) for one in some]


async def works(_db: Connection, request: Request) -> list[Outgoing]:
    return [Say(Words(f"echo {request.words}"))]


async def breaks(_db: Connection, request: Request) -> list[Outgoing]:
    raise RuntimeError(request.words)


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands of the tests: one that works and one that breaks."""
    monkeypatch.setitem(routes.COMMANDS, "echo", Route(works))
    monkeypatch.setitem(routes.COMMANDS, "broken", Route(breaks, where=Where.ANYWHERE))


@pytest.fixture
async def aysel(world: World, commands: None) -> Talker:
    talker = world.person("Aysel")
    await talker.starts()
    return talker


def texts(talker: Talker) -> list[str]:
    return [message.text for message in talker.messages]


# --- once, in order, each for itself --------------------------------------------------------------------------------


async def test_the_same_update_is_answered_once(world: World, aysel: Talker) -> None:
    one = incoming(aysel, command="echo", words="1")
    await take(world, one, one)
    await take(world, one)
    await take(world, one, cautious=True)

    assert texts(aysel).count("echo 1") == 1
    assert await outcomes(world, one) == ["done"]


async def test_telegram_may_repeat_itself(world: World, aysel: Talker) -> None:
    world.sandbox.redeliver = True
    await aysel.says("/echo twice")
    world.sandbox.redeliver_last(3)
    await world.settle()

    assert texts(aysel).count("echo twice") == 1


async def test_a_handler_that_breaks_stops_nobody_else(
    world: World, aysel: Talker, log_lines: list[dict[str, Any]]
) -> None:
    world.expects_errors = True
    kamran = world.person("Kamran")
    await kamran.starts()
    some = [
        incoming(aysel, command="echo", words="before"),
        incoming(kamran, command="broken", words=CHILD),
        incoming(aysel, command="echo", words="after"),
    ]
    await take(world, *some)

    assert texts(aysel)[-2:] == ["echo before", "echo after"]
    assert "something went wrong on our side" in kamran.last.text
    assert await outcomes(world, *some) == ["done", "failed", "done"]
    (line,) = [line for line in log_lines if line["event"] == "a handler broke"]
    assert (line["update"], line["why"].split()[0]) == (some[1].event_id, "RuntimeError")
    assert CHILD not in str(log_lines)


async def test_what_broke_leaves_nothing_behind(world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    world.expects_errors = True

    async def half(db: Connection, request: Request) -> list[Outgoing]:
        await storage.persons.save_language(db, request.person.id, "kk")
        raise RuntimeError

    monkeypatch.setitem(routes.COMMANDS, "half", Route(half))
    await take(world, incoming(aysel, command="half"))

    assert await world.rows("SELECT 1 FROM persons WHERE language = 'kk'") == []


async def test_a_tap_that_breaks_in_a_group_is_answered_too(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True
    monkeypatch.setitem(routes.BUTTONS, "broken", Route(breaks, where=Where.ANYWHERE))
    group = world.group("5A", aysel)
    world.sandbox.adds_bot(aysel.person, group)
    await world.settle()
    message = next(one for one in group.visible if one.from_bot)
    query = world.sandbox.taps(aysel.person, message, data="broken:1")
    await asyncio.wait_for(query.answered.wait(), 10)

    assert query.answer in (None, "")


# --- when the database fails ----------------------------------------------------------------------------------------


def _fail_at_commit(world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> list[int]:
    """The next transactions that handle updates fail at their COMMIT."""
    real, left = storage.inbox.save_outcomes, [times]

    async def save(db: Connection, channel: str, given: dict[str, str], now: Any) -> None:
        await real(db, channel, given, now)
        if left[0] and set(given.values()) <= {"done", "failed", "refused"}:
            left[0] -= 1
            raise error

    monkeypatch.setattr(storage.inbox, "save_outcomes", save)
    return left


async def test_a_batch_whose_commit_fails_is_taken_one_by_one(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True
    left = _fail_at_commit(world, monkeypatch, DatabaseFails("disk I/O error"), 1)
    some = [incoming(aysel, command="echo", words=str(number)) for number in range(3)]
    await take(world, *some)

    assert left == [0]
    assert texts(aysel)[-3:] == ["echo 0", "echo 1", "echo 2"]
    assert await outcomes(world, *some) == ["done"] * 3


async def test_a_database_that_fails_loses_and_doubles_nothing(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True
    monkeypatch.setattr("bot.app._FIRST_PAUSE", 0.0)
    left = _fail_at_commit(world, monkeypatch, DatabaseFails("database or disk is full"), 5)
    await aysel.says("/echo kept")

    assert left == [0]
    assert texts(aysel).count("echo kept") == 1
    assert "could not read" not in "".join(texts(aysel))


async def test_a_disk_that_fills_within_a_handler_loses_nothing(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite then undoes the whole transaction by itself, savepoints and all."""
    world.expects_errors = True
    monkeypatch.setattr("bot.app._FIRST_PAUSE", 0.0)
    left = [3]

    async def fills(db: Connection, request: Request) -> list[Outgoing]:
        if left[0]:
            left[0] -= 1
            await db.run("ROLLBACK")
            raise DatabaseFails("database or disk is full")
        return await works(db, request)

    monkeypatch.setitem(routes.COMMANDS, "fills", Route(fills))
    await aysel.says("/fills kept")

    assert left == [0]
    assert texts(aysel)[-1] == "echo kept"
    assert "went wrong" not in "".join(texts(aysel))


async def test_trying_again_after_a_full_disk_is_no_new_start(world: World, aysel: Talker) -> None:
    """Else the caution after an unclean stop would set aside whatever waits for the disk."""
    left = [3]

    async def fills(db: Connection, request: Request) -> list[Outgoing]:
        if left[0]:
            left[0] -= 1
            raise DatabaseFails("database or disk is full")
        return await works(db, request)

    world.expects_errors = True
    one = incoming(aysel, command="fills", words="kept")
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(routes.COMMANDS, "fills", Route(fills))
        for _ in range(3):
            with pytest.raises(DatabaseFails):
                await world.birge.pipeline.take([one], cautious=True)
            assert await outcomes(world, one) == [STARTED]
        await take(world, one, cautious=True)

    assert texts(aysel)[-1] == "echo kept"
    assert await outcomes(world, one) == ["done"]


async def test_an_update_that_cannot_be_handled_even_alone_is_set_aside(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True
    _fail_at_commit(world, monkeypatch, sqlite3.IntegrityError("FOREIGN KEY constraint failed"), 2)
    poison = incoming(aysel, command="echo", words="poison")
    await take(world, poison, incoming(aysel, command="echo", words="healthy"))

    assert "I could not read your last message" in "".join(texts(aysel))
    assert "echo healthy" in texts(aysel)
    assert await outcomes(world, poison) == ["failed"]


async def test_not_even_an_apology(world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's rows are broken so that she can't even be identified: the others go on."""
    world.expects_errors = True
    kamran = world.person("Kamran")
    await kamran.starts()
    real = storage.persons.identify

    async def identify(db: Connection, channel: str, addresses: Any, now: Any) -> Any:
        if str(kamran.person.id) in addresses:
            raise ValueError(CHILD)
        return await real(db, channel, addresses, now)

    monkeypatch.setattr(storage.persons, "identify", identify)
    some = [incoming(kamran, command="echo"), incoming(aysel, command="echo", words="on")]
    await take(world, *some)

    assert "echo on" in texts(aysel)
    assert await outcomes(world, *some) == ["failed", "done"]


async def test_a_refusal_that_breaks_is_an_apology(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True

    async def refuse(_db: Connection, _request: Request) -> list[Outgoing]:
        raise Refused(text("No."), keep=[object()])

    monkeypatch.setitem(routes.COMMANDS, "refuse", Route(refuse))
    some = [incoming(aysel, command="refuse"), incoming(aysel, command="echo", words="on")]
    await take(world, *some)

    assert "something went wrong on our side" in texts(aysel)[-2]
    assert texts(aysel)[-1] == "echo on"
    assert await outcomes(world, *some) == ["failed", "done"]


# --- after an unclean stop ------------------------------------------------------------------------------------------


async def test_an_update_that_kills_the_program_is_set_aside_at_its_third_coming(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.expects_errors = True

    class Killed(BaseException):
        pass

    async def kill(_db: Connection, _request: Request) -> list[Outgoing]:
        raise Killed

    monkeypatch.setitem(routes.COMMANDS, "kill", Route(kill))
    poison, healthy = incoming(aysel, command="kill"), incoming(aysel, command="echo", words="alive")
    for mark in (STARTED, STARTED_AGAIN):
        with pytest.raises(Killed):
            await world.birge.pipeline.take([poison], cautious=True)
        assert await outcomes(world, poison) == [mark]
    await take(world, poison, healthy, cautious=True)

    assert "I could not read your last message" in "".join(texts(aysel))
    assert texts(aysel)[-1] == "echo alive"
    assert await outcomes(world, poison, healthy) == ["failed", "done"]


async def test_an_apology_that_was_cut_off_is_said(world: World, aysel: Talker) -> None:
    world.expects_errors = True
    poison = incoming(aysel, command="echo", words="never")
    async with world.birge.database.writing() as db:
        await storage.inbox.save_outcomes(db, "telegram", {poison.event_id: SET_ASIDE}, world.now)
    await take(world, poison)

    assert "echo never" not in texts(aysel)
    assert "I could not read your last message" in aysel.last.text


async def test_the_program_is_cautious_after_an_unclean_stop_only(
    world: World, aysel: Talker, log_lines: list[dict[str, Any]]
) -> None:
    assert await world.rows("SELECT value FROM notes_of_operation WHERE name = 'stopped cleanly'")
    assert [line for line in log_lines if "unclean" in line["event"] or "not a clean" in line["event"]] == []
    await world.birge._note_start()
    assert world.birge._cautious_left == 100
    await aysel.says("/echo carefully")
    assert texts(aysel)[-1] == "echo carefully"
    assert world.birge._cautious_left == 99


# --- who and where --------------------------------------------------------------------------------------------------


async def test_chatter_of_strangers_in_a_group_makes_nobody_known(world: World, aysel: Talker) -> None:
    world.sandbox.privacy = False
    kamran, group = world.person("Kamran"), world.group("5A", aysel)
    world.sandbox.adds_bot(aysel.person, group)
    await world.settle()
    world.sandbox.joins(kamran.person, group)
    before = len(await world.rows("SELECT 1 FROM persons"))
    assert await kamran.says("Salam hamıya", group) == ""

    assert len(await world.rows("SELECT 1 FROM persons")) == before


async def test_whoever_turns_to_the_bot_in_a_group_cannot_be_written_to_yet(world: World, aysel: Talker) -> None:
    kamran = world.person("Kamran")
    group = world.group("5A", aysel, [kamran])
    world.sandbox.adds_bot(aysel.person, group)
    await kamran.says("/help@birge_bot", group)
    found = await world.rows(
        "SELECT unreachable FROM identities WHERE address = :address", address=str(kamran.person.id)
    )
    assert [row["unreachable"] for row in found] == ["never_started"]
    await kamran.starts()
    found = await world.rows(
        "SELECT unreachable FROM identities WHERE address = :address", address=str(kamran.person.id)
    )
    assert [row["unreachable"] for row in found] == [None]


async def test_a_refusal_keeps_what_it_must(world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def guess(db: Connection, request: Request) -> list[Outgoing]:
        await storage.persons.save_language(db, request.person.id, "kk")
        raise Refused(text("Wrong code."), keep=[WrongTry("code")])

    monkeypatch.setitem(routes.COMMANDS, "guess", Route(guess))
    await take(world, incoming(aysel, command="guess"))

    assert aysel.last.text == "Wrong code."
    assert await world.rows("SELECT 1 FROM persons WHERE language = 'kk'") == []
    assert [row["kind"] for row in await world.rows("SELECT kind FROM wrong_tries")] == ["code"]


# --- whatever people type -------------------------------------------------------------------------------------------


async def test_an_unknown_command_is_answered(aysel: Talker) -> None:
    assert "don't know this command" in await aysel.says("/nonsense")
    assert "Show what you can do" in aysel.labels


@pytest.mark.parametrize(
    "words",
    [
        "Salam",
        "x" * 4096,
        "👨‍👩‍👧‍👦" * 20,
        "\u202eabc\u2066\u200b\u200d",
        "<b>&amp;%(name)s %s {0}",
        "/",
        "//start",
        "\u0000\u0007x",
        "مرحبا",
    ],
)
async def test_plain_words_when_nothing_is_awaited_are_answered(aysel: Talker, words: str) -> None:
    assert await aysel.says(words) != ""


@pytest.mark.row("ANY_bad_sticker")
async def test_a_sticker_is_answered(aysel: Talker) -> None:
    assert await aysel.says(sticker=True) != ""
    assert await aysel.says(location=(40.4, 49.8)) != ""


@pytest.mark.row("ANY_bad_out_of_order")
async def test_words_written_before_the_question_was_there_do_not_answer_it(world: World, aysel: Talker) -> None:
    await aysel.says("/join")
    question = aysel.last
    early = incoming(aysel, Kind.WORDS, words="4KTR8PXM", message_id=question.id - 1)
    await take(world, early)
    assert "I asked something new while you were writing" in aysel.last.text

    await take(world, incoming(aysel, Kind.WORDS, words="4KTR8PXM", message_id=question.id + 1))
    assert "I asked something new" not in aysel.last.text
    assert [row["kind"] for row in await world.rows("SELECT kind FROM wrong_tries")] != []


async def test_words_overtaken_by_a_question_that_is_not_sent_yet(world: World, aysel: Talker) -> None:
    """Its message has no number yet: the times decide, to the second."""
    world.sandbox.faults.append(Fault("sendMessage", status=429, retry_after=30, times=None))
    world.sandbox.presses_start(aysel.person, "")
    async with asyncio.timeout(10):
        await world.sandbox.until(lambda: world.sandbox.pending_updates == 0)
    await world.birge.pipeline.take([incoming(aysel, command="join")])
    written = world.now.replace(year=world.now.year - 1)
    await world.birge.pipeline.take([incoming(aysel, Kind.WORDS, words="4KTR8PXM", sent_at=written)])

    assert await world.rows("SELECT kind FROM wrong_tries") == []


async def test_two_taps_at_once_are_two_answers(world: World, aysel: Talker) -> None:
    await aysel.says("/language")
    message = aysel.last
    queries = [world.sandbox.taps(aysel.person, message, label) for label in message.labels[:2]]
    await world.settle()

    for query in queries:
        await asyncio.wait_for(query.answered.wait(), 10)


async def test_a_button_of_last_year_is_answered(world: World, aysel: Talker) -> None:
    await aysel.says("/join")
    question = aysel.last
    await world.later(days=400)

    said = await aysel.taps(question.labels[0], message=question)
    assert said != ""


# --- forged buttons -------------------------------------------------------------------------------------------------


def _pressed() -> st.SearchStrategy[str]:
    """What a button may carry: anything up to 64 bytes, and what looks like ours."""
    names = st.sampled_from([*routes.BUTTONS, "f", "at", "into", "own", "nobody"])
    argument = st.one_of(
        st.integers().map(str),
        st.sampled_from(["", "0", "-1", "1e3", "²", "١", "999999999999999999", "9" * 30, "is", "back", "done", "next"]),
        st.text(max_size=8),
    )
    ours = st.builds(lambda name, some: ":".join([name, *some]), names, st.lists(argument, max_size=4))
    return st.one_of(st.text(max_size=64), ours).filter(lambda data: 0 < len(data.encode("utf-8", "ignore")) <= 64)


async def test_a_forged_button_is_answered_whatever_it_carries(
    world: World, aysel: Talker, log_lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stranger, a parent and a coordinator; when nothing is asked and in the middle of a form."""
    for measure in ("TAPS", "HOTLINE"):
        monkeypatch.setattr(f"bot.limits.{measure}", Rate(0.0))
    place = await scenes.school(world)
    talkers = [aysel, place.parents[0], place.coordinator]
    await place.parents[0].says("/join")
    pressed: list[str] = []

    @tried(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(data=_pressed())
    @example(data="at:1:²")
    @example(data="c:²")
    @example(data="f:1:is:")
    def collect(data: str) -> None:
        pressed.append(data)

    await asyncio.to_thread(collect)
    for at in range(0, len(pressed), 50):
        some = [
            incoming(talkers[number % 3], Kind.BUTTON, press=data, query_id=f"forged{at}{number}")
            for number, data in enumerate(pressed[at : at + 50])
        ]
        await world.birge.pipeline.take(some)
        assert set(await outcomes(world, *some)) <= {"done", "refused"}
    assert [line for line in log_lines if line["level"] == "error"] == []


@pytest.mark.parametrize(
    "data", ["at:{0}:²", "at:{0}:", "at:{0}", "at:{0}:-1", "into:{0}:{1}:²", "into:{0}:²:0", "into:{0}:{1}"]
)
async def test_a_forged_choice_of_a_community_is_refused(world: World, data: str) -> None:
    place = await scenes.school(world)
    assert "Which one is it for?" in await place.coordinator.says("/members")
    (row,) = await world.rows("SELECT MAX(token) AS token FROM conversations WHERE state IS NOT NULL")

    said = await place.coordinator.forges(data.format(row["token"], place.school.id))
    assert "went wrong" not in said
    assert said != ""


# --- the lines between the loops ------------------------------------------------------------------------------------


async def test_a_run_that_breaks_is_no_clean_stop(
    fresh: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the update that broke it would come again, and again, without being set aside."""
    database, keys = fresh.copy(tmp_path)
    async with Sandbox(token=TOKEN, limits=None) as sandbox:
        given = Settings(telegram_token=TOKEN, telegram_api=sandbox.url, database=database, keys=keys)
        async with opened(given) as birge:
            monkeypatch.setattr(birge.pipeline, "take", breaks)
            sandbox.presses_start(sandbox.add_person("Aysel"))
            with pytest.raises(TypeError):
                await asyncio.wait_for(birge.run(), 10)
            async with birge.database.reading() as db:
                assert await storage.operation.read(db, "stopped cleanly") == "no"


async def test_nothing_is_confirmed_before_it_is_committed(
    world: World, aysel: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_db: Connection, _request: Request) -> list[Outgoing]:
        entered.set()
        await go_on.wait()
        return [Say(Words("done"))]

    monkeypatch.setitem(routes.COMMANDS, "slow", Route(slow))
    world.sandbox.sends(aysel.person, text="/slow")
    await asyncio.wait_for(entered.wait(), 10)
    assert world.sandbox.pending_updates == 1
    go_on.set()
    await world.settle()
    assert aysel.last.text == "done"


async def test_an_answer_is_not_read_by_somebody_who_left_the_messenger(world: World, aysel: Talker) -> None:
    world.sandbox.blocks(aysel.person)
    await world.settle()
    await take(world, incoming(aysel, command="echo", words="unheard"))
    rows = await world.rows("SELECT state, reason FROM deliveries ORDER BY id DESC LIMIT 1")

    assert [(row["state"], row["reason"]) for row in rows] == [("failed", "blocked")]


async def test_the_known_are_read_again_within_a_batch(world: World, commands: None) -> None:
    """Her first update makes her known; her second must find her."""
    world.sandbox.privacy = True
    lale = world.person("Lalə")
    world.sandbox.presses_start(lale.person)
    some = [replace(incoming(lale, command="echo", words=str(number)), sender_language="az") for number in range(3)]
    with contextlib.suppress(TimeoutError):
        await take(world, *some)

    assert len(await world.rows("SELECT 1 FROM identities WHERE address = :a", a=str(lale.person.id))) == 1


async def test_no_update_of_any_shape_breaks_a_handler(
    world: World, aysel: Talker, log_lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can still be read of a broken update is handled, answered or left alone, and nothing is doubled by it."""
    for measure in ("TAPS", "HOTLINE", "MESSAGES", "GROUP_COMMANDS"):
        monkeypatch.setattr(f"bot.limits.{measure}", Rate(0.0))
    made: list[dict[str, Any]] = []

    @tried(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(broken=broken_updates())
    def collect(broken: dict[str, Any]) -> None:
        made.append({**broken, "update_id": next(_numbers)})

    await asyncio.to_thread(collect)
    some = translated(made, "birge_bot")
    assert len(some) > 50
    for at in range(0, len(some), 100):
        await world.birge.pipeline.take(some[at : at + 100])
    assert set(await outcomes(world, *some)) <= {"done", "refused", "ignored"}
    assert [line for line in log_lines if line["level"] == "error"] == []
    world.sandbox.faults.append(Fault("sendMessage", status=400, description="Bad Request: chat not found", times=None))
    await world.settle()
    world.sandbox.faults.clear()
    world.expects_errors = True  # chats that are none take no messages
    assert await aysel.says("/echo alive") == "echo alive"
