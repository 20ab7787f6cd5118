"""Rule 9: whoever works for the hotline is paged by two routes, by the messenger and by e-mail, without content."""

import asyncio
import contextlib
import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

import storage.pages
from bot.causes import Cause
from bot.pager import Pager
from domain.paging import PAUSES
from tests.bot.test_email import FROM, Office, mailer, open_office
from tests.cast import Talker, World, is_keypad
from tests.scenes import Hotline, hotline, person_id_of, report, taken

ADDRESS = "leyla@example.org"
WORDS = "Marker-7Q"

pytestmark = pytest.mark.rule(9)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office(Office()) as opened:
        yield opened


@pytest.fixture
async def scene(worlds: Callable[..., Any], office: Office) -> AsyncIterator[Hotline]:
    """With a mail server."""
    async with worlds("mailing", smtp=f"smtp://127.0.0.1:{office.port}", smtp_from=FROM) as world:
        yield await hotline(world)


def mails(office: Office) -> list[tuple[str, str]]:
    """To whom, and what."""
    found = []
    for envelope, _ in office.mails:
        assert isinstance(envelope.content, bytes)
        got = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert got["Subject"] == "Birge"
        found.append((envelope.rcpt_tos[0], got.get_content().strip()))
    return found


async def mailed(scene: Hotline) -> None:
    """All that is due is sent."""
    while await scene.world.birge.pager.look():
        continue


async def code_of(scene: Hotline, office: Office) -> str:
    await mailed(scene)
    return re.fullmatch(r"Your code: \D*(\d{6})\D*", mails(office)[-1][1])[1]  # type: ignore[index]


async def gives(scene: Hotline, office: Office, talker: Talker, address: str = ADDRESS) -> None:
    """She gives her address and confirms it."""
    await asks_for(talker, address)
    await talker.enters(await code_of(scene, office), keypad(talker))
    office.mails.clear()


async def asks_for(talker: Talker, address: str = ADDRESS) -> str:
    await talker.says("/queue")
    await talker.taps("E-mail too")
    await talker.taps("Give an address" if "Give an address" in talker.labels else "Another address")
    return await talker.says(address)


def keypad(talker: Talker) -> Any:
    return next(one for one in reversed(talker.messages) if "⌫" in one.labels)


# --- an address -------------------------------------------------------------------------------------------------------


async def test_an_address_counts_once_its_code_was_entered(scene: Hotline, office: Office) -> None:
    asked = await asks_for(scene.worker)
    assert asked.startswith("Please enter the 6 digits of the e-mail.")
    code = await code_of(scene, office)
    await report(scene.pupil, WORDS, safe="No")
    await mailed(scene)
    assert len(office.mails) == 1  # it doesn't count yet

    await scene.worker.enters(code, keypad(scene.worker))

    assert "From now on I call you by e-mail" in "".join(one.text for one in scene.worker.messages)
    await scene.worker.says("/queue")
    assert f"✓ Your address: \u2068{ADDRESS}\u2069" in await scene.worker.taps("E-mail too")


async def test_a_wrong_code_confirms_nothing_and_five_end_it(scene: Hotline, office: Office) -> None:
    await asks_for(scene.worker)
    code = await code_of(scene, office)
    wrong = "000000" if code != "000000" else "111111"
    card = keypad(scene.worker)

    for _ in range(4):
        await scene.worker.enters(wrong, card)
        assert card.text.startswith("That was not the code.")
    await scene.worker.enters(wrong, card)

    assert card.text.startswith("This code no longer works.")
    assert await scene.world.rows("SELECT * FROM page_addresses") == []


async def test_a_code_is_over_after_an_hour(scene: Hotline, office: Office) -> None:
    await asks_for(scene.worker)
    code = await code_of(scene, office)
    await scene.world.later(minutes=61)

    await scene.worker.enters(code, keypad(scene.worker))

    assert "This code no longer works." in scene.worker.last.text


@pytest.mark.parametrize("typed", ["leyla", "leyla@", "a@b, c@d", "лейла@почта"])
async def test_what_is_no_address_is_asked_again(scene: Hotline, office: Office, typed: str) -> None:
    assert "This does not look like an e-mail address." in await asks_for(scene.worker, typed)
    assert "Please enter the 6 digits" in await scene.worker.says(ADDRESS)


async def test_codes_are_not_mailed_one_after_the_other(scene: Hotline, office: Office) -> None:
    await asks_for(scene.worker)

    assert "I sent a code a moment ago." in await asks_for(scene.worker, "somebody@else.example")

    await mailed(scene)
    assert [to for to, _ in mails(office)] == [ADDRESS]


async def test_an_address_can_be_taken_back_with_all_that_waits_for_it(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    await report(scene.pupil, WORDS, safe="No")
    await scene.worker.says("/queue")
    await scene.worker.taps("E-mail too")

    assert "Your address is deleted." in await scene.worker.taps("Delete it")

    await mailed(scene)
    assert office.mails == []
    assert await scene.world.rows("SELECT * FROM sealing_keys WHERE purpose = 'staff'") == []
    assert {row["state"] for row in await scene.world.rows("SELECT state FROM pages")} <= {"sent", "failed"}


@pytest.mark.rule(14)
async def test_whoever_holds_no_office_any_more_is_paged_no_more(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE memberships SET state = 'left' WHERE role = 'worker'")
    await scene.world.later(minutes=11)

    assert await scene.world.rows("SELECT * FROM page_addresses") == []


async def test_where_no_mail_can_be_sent_nobody_is_asked_for_an_address(world: World) -> None:
    scene = await hotline(world)

    await scene.worker.says("/queue")

    assert not any("E-mail" in one for one in scene.worker.labels)
    assert "I can't send e-mail here." in await scene.worker.forges("pg.ask")


# --- pages ------------------------------------------------------------------------------------------------------------


async def test_what_is_critical_goes_by_both_routes_and_says_no_more_by_mail(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)

    number = await report(scene.pupil, WORDS, safe="No")
    await mailed(scene)

    assert scene.worker.last.text == f"case {number}, critical, 15 minutes left"
    assert mails(office) == [(ADDRESS, f"case {number}, critical, 15 minutes left")]


async def test_danger_goes_by_both_routes(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)

    await scene.pupil.forges("hl.alert")
    await mailed(scene)

    ((to, line),) = mails(office)
    assert to == ADDRESS
    assert re.fullmatch(r"case [0-9A-Z]{6}, danger, now", line)


async def test_what_is_normal_goes_by_mail_only_when_it_climbs_to_the_supervisor(
    scene: Hotline, office: Office
) -> None:
    await gives(scene, office, scene.worker)
    await gives(scene, office, scene.supervisor, "rauf@example.org")

    number = await report(scene.pupil, WORDS)
    await scene.world.later(hours=2)
    await mailed(scene)
    assert office.mails == []

    await scene.world.later(hours=2)
    await mailed(scene)

    assert mails(office) == [("rauf@example.org", f"case {number}, normal, overdue")]


@pytest.mark.rule(4)
async def test_no_mail_holds_a_word_of_the_report_or_a_name(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    await gives(scene, office, scene.supervisor, "rauf@example.org")

    await report(scene.pupil, WORDS, safe="No")
    await scene.world.later(hours=6)
    await mailed(scene)

    assert len(office.mails) > 1
    for _, line in mails(office):
        assert re.fullmatch(r"case [0-9A-Z]{6}, critical, (\d+ minutes? left|overdue)", line)


async def test_each_reads_it_in_her_language(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    async with scene.world.birge.database.writing() as db:
        await db.run("UPDATE persons SET language = 'ru'")

    number = await report_in(scene)
    await mailed(scene)

    ((_, line),) = mails(office)
    assert number in line
    assert "danger" not in line


async def report_in(scene: Hotline) -> str:
    await scene.pupil.forges("hl.alert")
    return str((await scene.world.rows("SELECT number FROM cases"))[0]["number"])


async def test_the_running_bot_sends_it_by_itself(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    office.came.clear()

    await scene.pupil.forges("hl.alert")
    await asyncio.wait_for(office.came.wait(), 10)

    assert mails(office)[0][0] == ADDRESS


# --- what goes wrong --------------------------------------------------------------------------------------------------


def pager(scene: Hotline, office: Office) -> Pager:
    """Another one than the running bot's, so that nothing is sent meanwhile."""
    return Pager(scene.world.birge.database, mailer(office), lambda: scene.world.now)


@pytest.fixture
async def quiet(scene: Hotline, office: Office, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    """A scene with an address, in which the running bot sends nothing by itself."""
    await gives(scene, office, scene.worker)

    async def nothing(_self: Pager) -> int:
        return 0

    monkeypatch.setattr(scene.world.birge.pager, "look", nothing.__get__(scene.world.birge.pager))
    return scene


async def test_a_server_that_is_away_gets_it_later(quiet: Hotline, office: Office) -> None:
    await quiet.pupil.forges("hl.alert")
    away = Office(port=1)

    assert await pager(quiet, away).look() == 1
    assert await pager(quiet, office).look() == 0  # after a pause
    await quiet.world.later(seconds=6)
    assert await pager(quiet, office).look() == 1

    assert len(office.mails) == 1
    rows = await quiet.world.rows("SELECT state, tries FROM pages ORDER BY tries")
    assert [(row["state"], row["tries"]) for row in rows] == [("sent", 1), ("sent", 2)]  # the code's, and this


async def test_an_address_that_is_refused_is_told_to_the_operator(
    quiet: Hotline, office: Office, log_lines: list[dict[str, Any]]
) -> None:
    quiet.world.expects_errors = True
    office.refuses = "550 no such user <leyla@example.org>"
    await quiet.pupil.forges("hl.alert")

    await pager(quiet, office).look()

    (line,) = [one for one in log_lines if one.get("cause") is Cause.PAGE]
    assert line["why"] == "Unreachable"
    assert "leyla" not in repr(log_lines)
    assert await pager(quiet, office).look() == 0


async def test_after_ten_tries_it_is_given_up_and_the_operator_hears_twice(
    quiet: Hotline, log_lines: list[dict[str, Any]]
) -> None:
    quiet.world.expects_errors = True
    await quiet.pupil.forges("hl.alert")
    away = pager(quiet, Office(port=1))

    for pause in (*PAUSES, timedelta(0)):
        await away.look()
        quiet.world.sandbox.clock.advance(pause)
    quiet.world.sandbox.clock.advance(timedelta(hours=5))

    assert await away.look() == 0
    told = [one["event"] for one in log_lines if one.get("cause") is Cause.PAGE]
    assert told == ["a page by e-mail is late", "a page by e-mail was given up"]


async def test_what_crashes_between_commit_and_sending_is_sent_at_the_next_start(
    quiet: Hotline, office: Office
) -> None:
    """The page is in the same transaction as its case: it is there before anybody tries to send it."""
    await quiet.pupil.forges("hl.alert")
    assert office.mails == []

    class Crash(BaseException):
        pass

    class Dying:
        async def send(self, *_: object) -> Any:
            raise Crash

    dying = Pager(quiet.world.birge.database, Dying(), lambda: quiet.world.now)
    with contextlib.suppress(Crash):
        await dying.look()

    assert await pager(quiet, office).look() == 1
    assert len(office.mails) == 1


async def test_what_is_undone_pages_nobody(quiet: Hotline, office: Office) -> None:
    person_id = await person_id_of(quiet.world, quiet.worker)
    with contextlib.suppress(ZeroDivisionError):
        async with quiet.world.birge.database.writing() as db:
            address = (await storage.pages.addresses(db, [person_id]))[person_id]
            await storage.pages.add(db, address, {"html": "case 7F3K2M, danger, now"}, quiet.world.now)
            raise ZeroDivisionError

    assert await pager(quiet, office).look() == 0


async def test_the_same_line_waits_once(quiet: Hotline, office: Office) -> None:
    person_id = await person_id_of(quiet.world, quiet.worker)
    async with quiet.world.birge.database.writing() as db:
        address = (await storage.pages.addresses(db, [person_id]))[person_id]
        for _ in range(2):
            await storage.pages.add(db, address, {"html": "case 7F3K2M, danger, now"}, quiet.world.now)

    assert await pager(quiet, office).look() == 1
    async with quiet.world.birge.database.writing() as db:  # later it is news again
        await storage.pages.add(db, address, {"html": "case 7F3K2M, danger, now"}, quiet.world.now)
    assert await pager(quiet, office).look() == 1


# --- what is kept of it -----------------------------------------------------------------------------------------------


@pytest.mark.rule(20)
async def test_neither_address_nor_line_lies_open_in_the_database(quiet: Hotline, office: Office) -> None:
    await quiet.pupil.forges("hl.alert")
    person_id = await person_id_of(quiet.world, quiet.worker)

    for table in ("page_addresses", "pages"):
        rows = [dict(row) for row in await quiet.world.rows(f"SELECT * FROM {table}")]  # noqa: S608 - our own names
        assert rows
        for row in rows:
            told = b"".join(one for one in row.values() if isinstance(one, bytes))
            assert b"leyla" not in told
            assert b"danger" not in told
            assert person_id not in row.values()


async def test_a_page_that_was_sent_leaves_no_line(quiet: Hotline, office: Office) -> None:
    await quiet.pupil.forges("hl.alert")
    await pager(quiet, office).look()

    assert {row["body"] for row in await quiet.world.rows("SELECT body FROM pages")} == {None}
    await quiet.world.later(days=8)
    assert await quiet.world.rows("SELECT * FROM pages WHERE state <> 'waiting'") == []


async def test_an_address_outlives_the_days_key(quiet: Hotline, office: Office) -> None:
    """It is sealed under a key of its own."""
    async with quiet.world.birge.database.writing() as db:
        await db.run("DELETE FROM sealing_keys WHERE purpose = 'day'")
        db.vault._opened.clear()
        person_id = await person_id_of(quiet.world, quiet.worker)
        found = await storage.pages.addresses(db, [person_id])

    assert found[person_id].address == ADDRESS
    assert not is_keypad(quiet.worker.last)


async def test_danger_in_a_report_that_somebody_has_taken_goes_by_mail_too(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.worker)
    await gives(scene, office, scene.supervisor, "rauf@example.org")
    number = await taken(scene)
    office.mails.clear()
    await scene.pupil.taps("Danger now")
    await scene.pupil.taps("Yes, fetch a helper")
    await mailed(scene)
    line = f"case {number}, danger, now"
    assert sorted(mails(office)) == [(ADDRESS, line), ("rauf@example.org", line)]


async def test_so_does_danger_that_a_worker_finds_in_hers(scene: Hotline, office: Office) -> None:
    await gives(scene, office, scene.supervisor, "rauf@example.org")
    number = await report(scene.pupil, "They take my money.")
    await scene.worker.taps("Take")
    await scene.worker.taps("Bullying")
    office.mails.clear()
    await scene.worker.taps("danger")
    await mailed(scene)
    assert mails(office) == [("rauf@example.org", f"case {number}, danger, now")]
