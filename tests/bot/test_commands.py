"""The command line as an operator types it: what she can mend is one sentence on standard error and exit code 2."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import Fault, Sandbox
from tests.bot.test_web import Caller, free_port
from tests.conftest import TOKEN, Fresh, on_sqlite

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Ended:
    code: int
    said: str
    told: str


@dataclass(frozen=True)
class Shell:
    """A shell in a folder with a database and a key ring as `birge init` leaves them."""

    folder: Path
    api: str

    @property
    def database(self) -> Path:
        return self.folder / "birge.sqlite3"

    @property
    def keys(self) -> Path:
        return self.folder / "birge.keys"

    def environment(self, **more: str | None) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BIRGE_", "COV_"))}
        given = clean | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "BIRGE_TELEGRAM_API": self.api}
        given |= {"BIRGE_TELEGRAM_TOKEN": TOKEN, "BIRGE_LOG": "ERROR", "BIRGE_ADMIN_LISTEN": ""}
        for name, value in more.items():
            given.pop(name, None)
            if value is not None:
                given[name] = value
        return given

    async def start(self, *arguments: str, **more: str | None) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env=self.environment(**more),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def runs(self, *arguments: str, **more: str | None) -> Ended:
        process = await self.start(*arguments, **more)
        said, told = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode is not None
        return Ended(process.returncode, said.decode(), told.decode())

    async def refuses(self, *arguments: str, **more: str | None) -> str:
        """The one sentence it ends with."""
        ended = await self.runs(*arguments, **more)
        assert (ended.code, ended.said) == (2, ""), ended
        assert "Traceback" not in ended.told
        assert TOKEN not in ended.told
        (sentence,) = ended.told.splitlines()
        return sentence


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=None) as made:
        yield made


@pytest.fixture
def shell(fresh: Fresh, tmp_path: Path, sandbox: Sandbox) -> Shell:
    fresh.copy(tmp_path / "here")
    return Shell(tmp_path / "here", sandbox.url)


# --- birge run ------------------------------------------------------------------------------------------------------


@on_sqlite
async def test_settings_that_keep_birge_from_running(shell: Shell) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        said = [
            await shell.refuses("run", BIRGE_TELEGRAM_TOKEN=None),
            await shell.refuses("run", BIRGE_TELEGRAM_TOKEN="100:wrong"),
            await shell.refuses("run", BIRGE_TELEGRAM_API=nobody),
        ]
    assert said == [
        "BIRGE_TELEGRAM_TOKEN is missing. Get a token from @BotFather and set it.",
        "Telegram does not know the token in BIRGE_TELEGRAM_TOKEN. Check it.",
        "Telegram can't be reached. Check the network and BIRGE_TELEGRAM_API, then start again.",
    ]


@on_sqlite
async def test_files_that_keep_birge_from_running(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other.keys"
    other.write_text(json.dumps({"format": 1, "masters": {"2026-12": "eHh4" * 10 + "eHg="}, "marks": "eHh4" * 14}))
    missing, no_keys, wrong_log = await asyncio.gather(
        shell.refuses("run", BIRGE_DATABASE="sqlite:///none.sqlite3"),
        shell.refuses("run", BIRGE_KEYS="none.keys"),
        shell.refuses("run", BIRGE_LOG="LOUD"),
    )

    assert missing == "There is no database at none.sqlite3. Make one with: birge init"
    assert no_keys == "There is no key ring at none.keys. Put it back, or make a new Birge with: birge init"
    assert wrong_log.startswith("The setting BIRGE_LOG is wrong: ")
    assert await shell.refuses("run", BIRGE_KEYS=str(other)) == f"The key ring {other} is damaged."


@on_sqlite
async def test_a_key_ring_of_another_database(shell: Shell, tmp_path: Path) -> None:
    from storage.vault import make_key_ring
    from tests.cast import START

    make_key_ring(tmp_path / "other.keys", START)

    said = await shell.refuses("run", BIRGE_KEYS=str(tmp_path / "other.keys"))
    assert said == "This key ring belongs to another database."


@on_sqlite
async def test_a_database_that_somebody_else_has_locked(shell: Shell) -> None:
    with contextlib.closing(sqlite3.connect(shell.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = await shell.refuses("run")

    assert said == "The database birge.sqlite3 can't be written: database is locked."


@on_sqlite
async def test_birge_runs_answers_beats_and_stops_cleanly(shell: Shell, sandbox: Sandbox) -> None:
    aysel, port = sandbox.add_person("Aysel", language_code="en"), free_port()
    running = await shell.start("run", BIRGE_PUBLIC_URL="https://birge.example.org", BIRGE_LISTEN=f"127.0.0.1:{port}")
    try:
        sandbox.presses_start(aysel)
        await sandbox.until(lambda: [one for one in sandbox.chat_of(aysel).visible if one.from_bot], timeout=20)
        guess = await Caller(port).asks("/feeds/guess.ics")
        second, health, doctor = await asyncio.gather(shell.runs("run"), shell.runs("health"), shell.runs("doctor"))
    finally:
        running.send_signal(signal.SIGTERM)
        said, told = await asyncio.wait_for(running.communicate(), 20)

    assert (second.code, second.told) == (
        2,
        "Another Birge is using the database birge.sqlite3. Stop it first.\n",
    )
    assert health.code == 0
    assert (guess.status, guess.body) == (404, "Not Found")
    assert "ok  The database is in use by a Birge that runs." in doctor.said
    assert (running.returncode, said, told) == (0, b"", b"")
    after = await shell.runs("health")
    assert (after.code, after.told) == (1, "The bot does not run, or has not worked for a minute.\n")
    with contextlib.closing(sqlite3.connect(shell.database)) as raw:
        notes = raw.execute("SELECT value FROM notes_of_operation WHERE name = 'stopped cleanly'").fetchall()
    assert notes == [("yes",)]


# --- birge letters --------------------------------------------------------------------------------------------------


@on_sqlite
async def test_letters_that_were_given_up(shell: Shell, sandbox: Sandbox) -> None:
    none, nonsense = await asyncio.gather(shell.runs("letters"), shell.refuses("letters", "retry", "seventeen"))
    assert (none.code, none.said, none.told) == (0, "No message was given up.\n", "")
    assert nonsense == "Say which letter to send again, by its number or all: birge letters retry 17"

    aysel = sandbox.add_person("Aysel", language_code="en")
    sandbox.faults.append(Fault("sendMessage", status=400, description="Bad Request: odd"))
    running = await shell.start("run")
    try:
        sandbox.presses_start(aysel)
        await sandbox.until(lambda: not sandbox.faults, timeout=20)
        listed = ""
        while "rejected: Odd" not in listed:  # until the outcome is marked
            listed = (await shell.runs("letters")).said
        asked = await shell.runs("letters", "retry", listed.split()[0])
    finally:
        running.send_signal(signal.SIGTERM)
        await asyncio.wait_for(running.communicate(), 20)
    assert asked.said.startswith("The bot was asked to send again")


# --- birge init, birge doctor ---------------------------------------------------------------------------------------


@on_sqlite
async def test_init_makes_everything_once(shell: Shell, tmp_path: Path) -> None:
    there = Shell(tmp_path / "new", shell.api)
    there.folder.mkdir()
    made = await there.runs("init", "--name", "Bakı məktəbləri", "--country", "az", BIRGE_TELEGRAM_TOKEN=None)

    codes = dict(line.split(": ") for line in made.said.splitlines()[:2])
    assert sorted(codes) == ["owner code", "supervisor code"]
    assert {len(code) for code in codes.values()} == {16}
    assert (made.code, made.told) == (0, "")
    for file in (there.database, there.keys):
        assert file.stat().st_mode & 0o777 == 0o600
    keys = there.keys.read_bytes()
    again = await there.refuses("init", "--name", "Again")
    assert again == "This database has its network already. For a new one use another BIRGE_DATABASE."
    assert there.keys.read_bytes() == keys


@on_sqlite
@pytest.mark.parametrize("name", ["", "   ", "\u200b", "…", "x" * 65])
async def test_init_refuses_a_name_that_says_nothing(shell: Shell, tmp_path: Path, name: str) -> None:
    from bot.config import WrongSetting
    from bot.setup import init
    from tests.cast import START

    folder = tmp_path / "new"
    with pytest.raises(WrongSetting, match="must have 1 to 64 characters"):
        await init(f"sqlite:///{folder / 'birge.sqlite3'}", folder / "birge.keys", name, "az", START)
    assert not folder.exists()


@on_sqlite
async def test_doctor_says_what_to_mend(shell: Shell) -> None:
    well, ill = await asyncio.gather(
        shell.runs("doctor"),
        shell.runs("doctor", BIRGE_TELEGRAM_TOKEN=None, BIRGE_KEYS="none.keys"),
    )

    assert well.told == ""
    for good in (
        "Telegram answers: the bot is @birge_bot.",
        "The key ring birge.keys is in order.",
        "The database can be read and written.",
    ):
        assert f"ok  {good}" in well.said
    assert (ill.code, ill.told) == (1, "")
    assert "!!  BIRGE_TELEGRAM_TOKEN is missing." in ill.said
    assert "!!  There is no key ring at none.keys." in ill.said
    shell.keys.chmod(0o644)
    open_ring = await shell.runs("doctor")
    assert "!!  The key ring birge.keys can be read by others: chmod 600 birge.keys" in open_ring.said


# --- birge backup, birge restore, birge keys ------------------------------------------------------------------------


@on_sqlite
async def test_backup_rotate_and_restore_beside_a_bot_that_runs(shell: Shell, sandbox: Sandbox, tmp_path: Path) -> None:
    shell = Shell(tmp_path / "new", shell.api)  # of today, by the clock that the commands go by
    shell.folder.mkdir()
    assert (await shell.runs("init", "--name", "Bakı")).code == 0
    aysel = sandbox.add_person("Aysel", language_code="en")
    running = await shell.start("run")
    try:
        sandbox.presses_start(aysel)
        await sandbox.until(lambda: [one for one in sandbox.chat_of(aysel).visible if one.from_bot], timeout=20)
        rotated = await shell.runs("keys", "rotate", "--again")
        listed = await shell.runs("keys", "list")
        made = await shell.runs("backup", "night.backup")
        again = await shell.refuses("backup", "night.backup")
    finally:
        running.send_signal(signal.SIGTERM)
        _, told = await asyncio.wait_for(running.communicate(), 20)

    assert (running.returncode, told) == (0, b"")
    assert (rotated.code, rotated.told) == (0, "")
    assert rotated.said.startswith("Added the master key of 20")
    assert listed.said.splitlines()[-1].endswith("what is new")
    assert (made.code, made.told) == (0, "")
    assert re.fullmatch(r"night\.backup is whole: \d+ rows of \d+ tables\.\n", made.said)
    assert again == "There is a file at night.backup already. Give the backup another name."
    over = await shell.refuses("restore", "night.backup")
    assert over == ("The database is not empty. Restore into a new one, or move this one away first.")
    restored = await shell.runs("restore", "night.backup", BIRGE_DATABASE="sqlite:///empty/birge.sqlite3")
    assert (restored.code, restored.told) == (0, "")
    assert restored.said.startswith("Restored ")
    with contextlib.closing(sqlite3.connect(shell.folder / "empty" / "birge.sqlite3")) as raw:
        assert raw.execute("SELECT address FROM identities").fetchall() == [(str(aysel.id),)]


@on_sqlite
async def test_what_cannot_be_restored_or_destroyed_is_one_sentence(shell: Shell) -> None:
    (shell.folder / "no.backup").write_text("no backup")
    said = await asyncio.gather(
        shell.refuses("restore", "none.backup", BIRGE_DATABASE="sqlite:///new.sqlite3"),
        shell.refuses("restore", "no.backup", BIRGE_DATABASE="sqlite:///new.sqlite3"),
        shell.refuses("restore", "no.backup", BIRGE_KEYS="none.keys"),
        shell.refuses("keys", "destroy", "1999-12"),
        shell.refuses("backup", "x", BIRGE_BACKUPS_KEPT_DAYS="0"),
    )

    assert list(said[:4]) == [
        "There is no backup at none.backup.",
        "The file no.backup is no backup of Birge, or it was damaged or cut off. Take another one.",
        "There is no key ring at none.keys. Put it back, or make a new Birge with: birge init",
        "The key ring birge.keys has no master key of 1999-12: birge keys list",
    ]
    assert said[4].startswith("The setting BIRGE_BACKUPS_KEPT_DAYS is wrong: ")
    assert not (shell.folder / "new.sqlite3").exists()
