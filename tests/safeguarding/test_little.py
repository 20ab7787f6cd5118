"""Rules 19 and 24: little is collected, and nothing of it leaves for any service but the messenger's own."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from tests import scenes
from tests.cast import World
from tests.pictures import jpeg
from tests.safeguarding.search import leaks
from tests.scenes import Hotline, report

ROOT = Path(__file__).parents[2]
PHONE, PLACE = "+994501234567", 40.409264
# What a column that kept it would be called by.
TELLING = re.compile(
    r"phone_?number|telephone|birth|born|passport|document_?number|latitude|longitude|location|gender|sex$"
)


@pytest.fixture
async def scene(world: World) -> Hotline:
    return await scenes.hotline(world)


@pytest.mark.rule(19)
async def test_no_column_is_there_for_what_is_not_needed(world: World) -> None:
    columns = set()
    for table in await world.tables():
        rows = await world.rows(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608 - names of tables
        columns |= {f"{table}.{name}" for row in rows for name in dict(row)}
    made = " ".join(path.read_text() for path in (ROOT / "storage/migrations/versions").glob("*.py"))
    columns |= set(re.findall(r'sa\.Column\("(\w+)"', made))
    assert len(columns) > 100
    assert [name for name in columns if TELLING.search(name)] == []


@pytest.mark.rule(19)
async def test_a_phone_number_or_a_place_that_is_sent_is_kept_nowhere(scene: Hotline, tmp_path: Path) -> None:
    pupil, world = scene.pupil, scene.world
    contact = {"phone_number": PHONE, "first_name": "Nuray", "user_id": pupil.person.id}
    for kept in ({"contact": contact}, {"location": {"latitude": PLACE, "longitude": 49.867092}}):
        for step in ("", "/hotline"):
            if step:
                await pupil.says(step)
            world.sandbox.send_raw_update(_message(world, pupil.person.id, kept))
            await world.settle()
            assert "can't pass on this kind of file or message" in pupil.last.text or "not waiting" in pupil.last.text
    assert leaks((PHONE, str(PLACE)), tmp_path, "") == []


def _message(world: World, person_id: int, content: dict[str, Any]) -> dict[str, Any]:
    sender = {"id": person_id, "is_bot": False, "first_name": "Nuray", "language_code": "en"}
    return {
        "message": {
            "message_id": 90_000 + len(world.sandbox.calls),
            "date": int(world.now.timestamp()),
            "chat": {"id": person_id, "type": "private", "first_name": "Nuray"},
            "from": sender,
            **content,
        }
    }


@pytest.mark.rule(24)
async def test_a_report_goes_nowhere_but_to_the_messenger(scene: Hotline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection that is made while a child reports and is answered goes to the messenger or the database."""
    reached: set[Any] = set()
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        reached.add(address)
        connect(self, address)

    real = asyncio.get_running_loop().sock_connect

    async def noted_by_loop(sock: socket.socket, address: Any) -> None:
        reached.add(address)
        await real(sock, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", noted_by_loop)
    await report(scene.pupil, "They wait for me.")
    await scene.pupil.taps("Write more")
    await scene.pupil.says("Look", photo=("one.jpg", jpeg(), "image/jpeg"))
    await scenes.take(scene.worker)
    await scene.worker.taps("Answer")
    await scene.worker.says("I believe you.")
    await scene.worker.taps("Send")
    await scene.world.later(hours=26)
    outside = {address for address in reached if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1")}
    assert outside == set()


@pytest.mark.rule(24)
def test_no_part_of_the_program_speaks_to_a_service_that_learns_from_words() -> None:
    locked = (ROOT / "requirements/run.txt").read_text().lower()
    for name in (
        "openai",
        "anthropic",
        "transformers",
        "torch",
        "langchain",
        "google-generativeai",
        "sentry",
        "segment",
    ):
        assert not re.search(rf"^{name}[=-]", locked, re.MULTILINE), name


@pytest.mark.parametrize("number", range(1, 25))
def test_every_rule_has_a_test_that_names_it(number: int) -> None:
    sources = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    assert any(f"mark.rule({number})" in source for source in sources)
