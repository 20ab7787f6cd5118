"""Rule 18: staff prove themselves per shift by a PIN on a button keypad, nothing typed; idle for 20 minutes locks."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest

import storage.pins
from domain.requests import Conversation, Identity, Incoming, Kind, Person, Request
from domain.roles import PROVEN, Membership, Role
from handlers import pins
from sandbox import Message
from storage.cases import chain
from tests.cast import ASKS_FOR_PIN, PIN, Talker, World, is_keypad
from tests.scenes import Hotline, add_member, hotline, identity_id_of, person_id_of, report, taken
from tests.test_rights import ROUTES

COST = storage.pins._COST  # as the program has it: tests make it cheap

WORDS = "They take my money."

pytestmark = pytest.mark.rule(18)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await hotline(world)


async def lock(scene: Hotline) -> None:
    """A night passes."""
    await scene.world.later(hours=13)


def by_hand(talker: Talker) -> Talker:
    """She enters nothing by herself from now on."""
    talker.pin = None
    return talker


def keypad(talker: Talker) -> Message:
    return next(one for one in reversed(talker.messages) if "⌫" in one.labels)


# --- no way around it -------------------------------------------------------------------------------------------------


OF_AN_OFFICE = {
    name: route
    for name, route in ROUTES.items()
    if route.may.roles & PROVEN and route.confidential and not route.may.anyone
}


async def test_no_route_of_an_office_is_open_before_the_pin(scene: Hotline) -> None:
    world, network = scene.world, scene.school.network
    person_id = await person_id_of(world, scene.other_worker)
    identity_id = await identity_id_of(world, scene.other_worker)
    looked: list[object] = []

    async def look(*asked: object) -> None:
        looked.append(asked)

    assert len(OF_AN_OFFICE) > 80
    for name, route in OF_AN_OFFICE.items():
        request = Request(
            Incoming("telegram", "1", Kind.BUTTON, chat="1", sender="1"),
            Person(person_id, "en", "Asia/Baku"),
            Identity(identity_id, "telegram", "1"),
            (Membership(1, network.id, network.path, min(route.may.roles & PROVEN)),),
            Conversation(),
            world.now + timedelta(hours=13),
            community_id=network.id,
            args=("1",),
        )
        async with world.birge.database.writing() as db:
            handler, _ = await world.birge.pipeline.admit(db, replace(route, subject=look), request)

        assert handler is pins.ask, name
    assert looked == []  # no case was looked for


async def test_whoever_has_no_office_is_asked_for_no_pin(scene: Hotline) -> None:
    number = await taken(scene, WORDS)

    assert await scene.pupil.says("/queue") == "You can't do this here. /home shows what you can do."
    assert await scene.pupil.says(f"/case {number}") == "You can't do this here. /home shows what you can do."


async def test_a_worker_who_reports_something_herself_is_asked_for_no_pin(scene: Hotline) -> None:
    await lock(scene)

    assert ASKS_FOR_PIN not in await by_hand(scene.worker).says("/hotline")


# --- the usual day ----------------------------------------------------------------------------------------------------


async def test_the_right_pin_goes_on_with_what_was_asked_for(scene: Hotline) -> None:
    await lock(scene)
    number = await report(scene.pupil, WORDS)

    asked = await by_hand(scene.worker).taps("Take")
    assert asked.startswith(ASKS_FOR_PIN)
    assert WORDS not in scene.worker.last.text
    await scene.worker.enters(PIN)

    assert any(WORDS in one.text for one in scene.worker.messages)
    assert not any(is_keypad(one) for one in scene.worker.messages)
    assert await scene.worker.says(f"/case {number}") != ""
    assert ASKS_FOR_PIN not in scene.worker.last.text


async def test_the_card_shows_how_many_digits_there_are_and_never_which(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    card = keypad(scene.worker)

    shown = []
    for key in ("2", "5", "⌫", "5", "8"):
        scene.world.sandbox.taps(scene.worker.person, card, key)
        await scene.world.settle()
        shown.append(card.text.rpartition("\n")[2])

    assert shown == ["●", "●●", "●", "●●", "●●●"]
    assert len(scene.worker.messages) == len({one.id for one in scene.worker.messages})
    data = [button.data or "" for button in card.buttons]
    assert all(len(one.split(":")[2]) == 1 or one.split(":")[2] in ("ok", "del") for one in data)


async def test_idle_for_20_minutes_locks(scene: Hotline) -> None:
    by_hand(scene.worker)
    assert await scene.worker.says("/queue") == "Nothing waits."

    await scene.world.later(minutes=18)
    assert await scene.worker.says("/queue") == "Nothing waits."
    await scene.world.later(minutes=18)
    assert await scene.worker.says("/queue") == "Nothing waits."
    await scene.world.later(minutes=20)
    assert (await scene.worker.says("/queue")).startswith(ASKS_FOR_PIN)


async def test_a_shift_lasts_12_hours_however_busy_she_is(scene: Hotline) -> None:
    by_hand(scene.worker)
    for _ in range(47):
        await scene.world.later(minutes=15)
        assert await scene.worker.says("/queue") == "Nothing waits."

    await scene.world.later(minutes=15)

    assert (await scene.worker.says("/queue")).startswith(ASKS_FOR_PIN)


async def test_words_typed_while_it_is_locked_are_kept_and_shown_before_they_are_sent(scene: Hotline) -> None:
    await taken(scene, WORDS)
    await by_hand(scene.worker).taps("Answer")
    await scene.world.later(minutes=25)

    assert ASKS_FOR_PIN in await scene.worker.says("You did right to write.")
    assert ASKS_FOR_PIN in await scene.worker.says("When can we talk?")
    assert len([one for one in scene.worker.messages if is_keypad(one)]) == 1
    await scene.worker.enters(PIN)

    assert "You did right to write.\nWhen can we talk?" in scene.worker.last.text
    assert scene.worker.labels == ["Send", "No"]
    assert "helper" not in scene.pupil.last.text.lower() or "You did right" not in scene.pupil.last.text
    await scene.worker.taps("Send")
    assert "You did right to write." in scene.pupil.last.text


async def test_nothing_typed_while_it_is_locked_lies_open_in_the_database(scene: Hotline) -> None:
    await taken(scene, WORDS)
    await by_hand(scene.worker).taps("Answer")
    await scene.world.later(minutes=25)
    await scene.worker.says("Marker-7Q")

    rows = await scene.world.rows("SELECT * FROM keypads")

    assert len(rows) == 1
    assert b"Marker-7Q" not in b"".join(one for one in dict(rows[0]).values() if isinstance(one, bytes))


async def test_notices_come_while_it_is_locked(scene: Hotline) -> None:
    await lock(scene)
    number = await report(scene.pupil, WORDS)

    assert scene.worker.last.text.startswith(f"case {number}, normal")


async def test_what_is_kept_obeys_the_same_rights(scene: Hotline) -> None:
    """Whoever was excluded, or lost her office, while the keypad stood there gets nothing by her PIN."""
    await lock(scene)
    await report(scene.pupil, WORDS)
    await by_hand(scene.worker).taps("Take")
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'worker'")

    await scene.worker.enters(PIN)

    assert scene.worker.last.text == "You can't do this here. /home shows what you can do."
    assert [row["state"] for row in await scene.world.rows("SELECT state FROM cases")] == ["new"]


@pytest.mark.rule(15)
async def test_a_locked_account_hears_the_same_whether_the_case_exists_or_not(scene: Hotline) -> None:
    number = await taken(scene, WORDS)
    case_id = (await scene.world.rows("SELECT id FROM cases"))[0]["id"]
    await lock(scene)
    other = by_hand(scene.other_worker)

    heard = [await other.says(f"/case {one}") for one in (number, "ZZZZZZ")]
    tapped = [await other.forges(f"cs:{one}") for one in (case_id, 17)]

    assert len({*heard, *tapped}) == 1
    assert heard[0].startswith(ASKS_FOR_PIN)


# --- wrong ------------------------------------------------------------------------------------------------------------


async def wrong_five_times(talker: Talker) -> str:
    await talker.says("/queue")
    card = keypad(talker)
    for _ in range(5):
        await talker.enters("9999", card)
    return card.text


async def test_five_wrong_tries_shut_it_and_the_supervisor_is_told(scene: Hotline) -> None:
    await lock(scene)
    by_hand(scene.worker)

    told = await wrong_five_times(scene.worker)

    assert told.startswith("Too many wrong tries. Please try again after 22:15.")
    assert "Somebody entered a wrong PIN five times on the account of:" in scene.supervisor.last.text
    assert "Leyla" in scene.supervisor.last.text
    await scene.worker.enters(PIN, keypad(scene.worker))
    assert "Too many wrong tries" in keypad(scene.worker).text  # not even the right one opens it now
    assert "Too many wrong tries" in await scene.worker.says("/queue")
    await scene.world.later(minutes=16)
    await scene.worker.enters(PIN, keypad(scene.worker))
    assert scene.worker.last.text == "Nothing waits."


async def test_each_wrong_try_says_how_many_are_left(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    card = keypad(scene.worker)

    await scene.worker.enters("9999", card)

    assert card.text.startswith("That was not your PIN. 4 tries are left.")


async def test_the_second_time_it_is_shut_for_longer(scene: Hotline) -> None:
    await lock(scene)
    by_hand(scene.worker)
    await wrong_five_times(scene.worker)
    await scene.world.later(minutes=16)

    told = await wrong_five_times(scene.worker)

    assert "after 22:46" in told


@pytest.mark.rule(16)
async def test_five_wrong_tries_are_logged_without_a_name(scene: Hotline) -> None:
    await lock(scene)
    await wrong_five_times(by_hand(scene.worker))

    rows = await scene.world.rows("SELECT * FROM case_log WHERE deed = 'locked_out'")

    assert [(row["role"], row["case_id"]) for row in rows] == [("worker", None)]
    assert rows[0]["who"] is not None
    async with scene.world.birge.database.reading() as db:
        assert (await chain.verify(db)).is_whole


async def test_a_keypad_of_before_opens_nothing(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    token = (keypad(scene.worker).buttons[0].data or "").split(":")[1]
    await scene.worker.enters(PIN)

    assert "These keys no longer work." in await scene.worker.forges(f"pin:{token}:ok")
    assert "These keys no longer work." in await scene.other_worker.forges(f"pin:{token}:ok")


async def test_keys_that_are_over_say_so_on_their_own_card_however_often_they_are_tapped(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    card = keypad(scene.worker)
    key = card.buttons[0].data or ""
    async with scene.world.birge.database.writing() as db:
        await storage.pins.forget_before(db, scene.world.now, scene.world.now + timedelta(days=1))
    before = len(scene.worker.messages)

    for _ in range(10):
        await scene.worker.forges(key, message=card)

    assert card.text.startswith("These keys no longer work.")
    assert card.buttons == []
    assert len(scene.worker.messages) == before


async def test_what_is_tapped_while_the_keypad_stands_leaves_its_keys_alive(newcomer: Talker) -> None:
    """She taps faster than the keypad moves down to what she tapped last."""
    await newcomer.says("/queue")
    first = keypad(newcomer)
    tapped = [one.data or "" for one in first.buttons]

    await newcomer.says("/duty")
    await newcomer.says("/queue")
    second = keypad(newcomer)

    assert [one.data for one in second.buttons] == tapped
    assert [one for one in newcomer.messages if "⌫" in one.labels] == [second]
    await newcomer.enters("2468", second)
    await newcomer.enters("2468", second)
    assert second.text.startswith("✓ Your PIN is set.")
    assert newcomer.last.text == "Nothing waits."


async def test_digits_are_forgotten_when_something_else_is_asked_for(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    for key in "25":
        scene.world.sandbox.taps(scene.worker.person, keypad(scene.worker), key)
    await scene.world.settle()

    await scene.worker.says("/queue")

    assert keypad(scene.worker).text.endswith("–")
    await scene.worker.enters(PIN, keypad(scene.worker))
    assert scene.worker.last.text == "Nothing waits."


async def test_the_last_key_tapped_twice_takes_nothing_back(newcomer: Talker) -> None:
    await newcomer.says("/queue")
    card = keypad(newcomer)
    ok = next(one.data or "" for one in card.buttons if one.label == "✓")
    await newcomer.enters("2468", card)
    await newcomer.enters("2468", card)
    before = newcomer.seen()

    await newcomer.forges(ok, message=card)

    assert newcomer.seen() == before
    assert card.text.startswith("✓ Your PIN is set.")


async def test_forged_keys_type_nothing(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    token = (keypad(scene.worker).buttons[0].data or "").split(":")[1]

    assert "You can't do this here." in await scene.worker.forges(f"pin:{token}:2580")
    assert "You can't do this here." in await scene.worker.forges(f"pin:{token}:٣")


async def test_one_account_of_hers_opens_no_other(scene: Hotline) -> None:
    person_id, identity_id = (
        await person_id_of(scene.world, scene.worker),
        await identity_id_of(scene.world, scene.worker),
    )

    async with scene.world.birge.database.writing() as db:
        assert await storage.pins.is_unlocked(db, person_id, identity_id, scene.world.now)
        assert not await storage.pins.is_unlocked(db, person_id, identity_id + 1, scene.world.now)
        assert not await storage.pins.is_unlocked(db, person_id + 1, identity_id, scene.world.now)


# --- the first time ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def newcomer(scene: Hotline) -> Talker:
    """A worker who has no PIN yet."""
    talker = await add_member(scene.world, scene.school.network, Role.WORKER, "Nigar")
    async with scene.world.birge.database.writing() as db:
        await storage.pins.remove(db, await person_id_of(scene.world, talker))
    return by_hand(talker)


async def test_the_first_time_she_chooses_one_and_repeats_it(newcomer: Talker) -> None:
    asked = await newcomer.says("/queue")
    card = keypad(newcomer)
    await newcomer.enters("1234", card)
    too_easy = card.text
    await newcomer.enters("2468", card)
    once_more = card.text
    await newcomer.enters("2468", card)

    assert asked.startswith("Please choose a PIN of 4 to 6 digits.")
    assert too_easy.startswith("Others would guess this one quickly.")
    assert once_more.startswith("Please enter it once more.")
    assert card.text.startswith("✓ Your PIN is set.")
    assert newcomer.last.text == "Nothing waits."


async def test_two_that_differ_begin_again(newcomer: Talker) -> None:
    await newcomer.says("/queue")
    card = keypad(newcomer)
    await newcomer.enters("2468", card)

    await newcomer.enters("2469", card)

    assert card.text.startswith("The two were not the same.")
    assert "⌫" in card.labels


async def test_a_short_one_is_not_taken(newcomer: Talker) -> None:
    await newcomer.says("/queue")

    done = await newcomer.enters("246", keypad(newcomer))

    assert done.answer == "It has at least 4 digits."


# --- what is kept of it -----------------------------------------------------------------------------------------------


@pytest.mark.rule(20)
async def test_the_database_alone_tells_neither_the_pin_nor_whose_it_is(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    await scene.worker.enters("258", keypad(scene.worker))
    known = {await person_id_of(scene.world, scene.worker), await identity_id_of(scene.world, scene.worker)}

    for table in ("pins", "unlocks", "keypads"):
        for row in await scene.world.rows(f"SELECT * FROM {table}"):  # noqa: S608 - our own names
            told = json.dumps({name: repr(value) for name, value in dict(row).items()})
            assert f'"{PIN}' not in told
            assert not known & {value for name, value in dict(row).items() if name not in ("id", "wrong")}


async def test_another_key_ring_finds_no_pin(scene: Hotline) -> None:
    """All ten thousand can be tried only by whoever has the key of the marks, too."""
    person_id = await person_id_of(scene.world, scene.worker)
    async with scene.world.birge.database.reading() as db:
        assert await storage.pins.is_right(db, person_id, PIN)
        assert not await storage.pins.is_right(db, person_id, "2581")
        right, db.vault._marks = db.vault._marks, b"x" * 32
        try:
            row = await db.one("SELECT secret FROM pins")
            assert row is not None
            assert row["secret"][16:] != storage.pins._hash(db, person_id, PIN, row["secret"][:16])
        finally:
            db.vault._marks = right


async def test_a_try_costs_enough_and_stops_nobody(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.pins, "_COST", COST)
    took = []
    async with scene.world.birge.database.reading() as db:
        for _ in range(5):
            began = time.perf_counter()
            storage.pins._hash(db, 1, PIN, b"salt" * 4)
            took.append(time.perf_counter() - began)

    assert 0.001 < min(took) < 0.1


async def test_a_night_leaves_no_shift_and_a_day_no_keypad(scene: Hotline) -> None:
    await lock(scene)
    await by_hand(scene.worker).says("/queue")
    await scene.world.later(hours=26)

    assert await scene.world.rows("SELECT * FROM keypads") == []
    assert await scene.world.rows("SELECT * FROM unlocks") == []


# --- a PIN that was typed ---------------------------------------------------------------------------------------------

TAP_IT = "Please tap the PIN on the keypad. I delete what you typed."


def stands_in_chat(talker: Talker) -> bool:
    return any(one.text.strip() == PIN for one in talker.chat.visible)


async def test_a_typed_pin_is_deleted_and_what_was_asked_for_goes_on_after_the_keypad(scene: Hotline) -> None:
    worker = by_hand(scene.worker)
    await lock(scene)
    await worker.says("/queue")
    assert TAP_IT in await worker.says(PIN)
    assert not stands_in_chat(worker)
    await worker.enters(PIN)
    assert worker.last.text == "Nothing waits."


async def test_a_typed_pin_is_never_taken_for_an_answer(scene: Hotline) -> None:
    await taken(scene, WORDS)
    worker = by_hand(scene.worker)
    await worker.taps("Answer")
    await lock(scene)
    assert TAP_IT in await worker.says(PIN)
    assert not stands_in_chat(worker)
    await worker.enters(PIN)
    assert not stands_in_chat(worker)
    assert PIN not in "".join(one.text for one in worker.messages)


async def test_a_pin_that_is_typed_out_of_the_blue_opens_the_keypad(scene: Hotline) -> None:
    worker = by_hand(scene.worker)
    await lock(scene)
    assert TAP_IT in await worker.says(PIN)
    assert not stands_in_chat(worker)
    await worker.enters(PIN)
    assert "What would you like to do?" in worker.last.text


async def test_of_nobody_else_digits_are_deleted(scene: Hotline) -> None:
    assert TAP_IT not in await scene.pupil.says(PIN)
    assert stands_in_chat(scene.pupil)
    assert TAP_IT not in await scene.worker.says(PIN)  # it is open
    assert stands_in_chat(scene.worker)
    worker = by_hand(scene.worker)
    await lock(scene)
    assert TAP_IT not in await worker.says("123")
    assert TAP_IT not in await worker.says("1234567")
