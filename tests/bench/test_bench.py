"""The bench works: the stand-in answers and measures, a tiny turn of Birge is answered whole, ratios are right."""

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.bench import broadcast, contestants, cost, paper, speed
from tests.bench.api import StandIn, Told
from tests.bench.contestants import Bot
from tests.bench.country import Country, Size, make, now_utc
from tests.bench.report import AIMS, RATIOS, Aim, Report
from tests.bench.rounds import DID, GOING, Failed, Talk

TINY = speed.Amounts(turns=1, fast=20, rates=(100,), rate_seconds=0.2, slow=20, slow_one_by_one=5)


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as served:
        yield served


@pytest.fixture
def report() -> Report:
    return Report(Console(quiet=True))


class Client:
    """A bot by hand: the body of each call as it is given."""

    def __init__(self, standin: StandIn, token: str) -> None:
        self._port, self._token = standin.port, token

    def call(self, method: str, body: str, kind: str = "application/json") -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("POST", f"/bot{self._token}/{method}", body.encode(), {"Content-Type": kind})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer


_PART = '--b\r\nContent-Disposition: form-data; name="{}"\r\nContent-Type: text/plain\r\n\r\n{}\r\n'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"text": "\\"chat_id\\": 7", "chat_id": 502}', "application/json"),
        ("text=chat_id&chat_id=502", "application/x-www-form-urlencoded"),
        (_PART.format("text", "hello") + _PART.format("chat_id", "502") + "--b--", "multipart/form-data; boundary=b"),
    ],
)
def test_the_stand_in_reads_a_body_however_it_is_written(standin: StandIn, body: str, kind: str) -> None:
    token = f"1:{len(body)}"
    client = Client(standin, token)
    standin.plan(token, "words", [501, 502], "hello")
    standin.ask("go", token=token)
    assert client.call("sendMessage", body, kind)["result"]["chat"]["id"] == 502
    told = standin.told(token)
    assert (told.updates, told.unanswered, told.again) == (2, 1, 0)


def test_updates_come_again_until_they_are_confirmed(standin: StandIn) -> None:
    client = Client(standin, "1:again")
    standin.plan("1:again", "words", [501, 502, 503], "hello")
    standin.ask("go", token="1:again")
    first = [one["update_id"] for one in client.call("getUpdates", '{"limit": 2}')["result"]]
    assert [one["update_id"] for one in client.call("getUpdates", '{"limit": 2}')["result"]] == first
    after = client.call("getUpdates", json.dumps({"offset": first[-1] + 1}))["result"]
    assert [one["update_id"] for one in after] == [first[-1] + 1]


def test_a_tap_is_answered_when_it_is_told_and_its_card_is_edited(standin: StandIn) -> None:
    client = Client(standin, "1:tap")
    standin.plan("1:tap", "tap", [501], "x")
    standin.ask("go", token="1:tap")
    [tap] = client.call("getUpdates", "{}")["result"]
    client.call("answerCallbackQuery", json.dumps({"callback_query_id": tap["callback_query"]["id"]}))
    assert standin.told("1:tap").unanswered == 1
    client.call("editMessageText", '{"chat_id": 501, "message_id": 9, "text": "x"}')
    assert standin.told("1:tap").unanswered == 0
    client.call("editMessageText", '{"chat_id": 501, "message_id": 9, "text": "x"}')
    assert standin.told("1:tap").again == 1


def test_a_send_before_the_pause_is_over_is_noticed(standin: StandIn) -> None:
    client = Client(standin, "1:bulk")
    standin.set_faults("1:bulk", every=2, first=1, last=10, retry_after=60)
    calls = [client.call("sendMessage", '{"chat_id": %d}' % chat) for chat in (1, 2, 2)]  # noqa: UP031 - braces
    assert [one["ok"] for one in calls] == [True, False, True]
    assert calls[1]["parameters"] == {"retry_after": 60}
    found = standin.report("1:bulk", bulk=True)
    assert ([chat for _, chat in found["bulk"]], found["refused"], found["early"]) == ([1, 2], 1, 1)


def test_pauses_take_turns_and_answers_can_be_refused_once(standin: StandIn) -> None:
    client = Client(standin, "1:weather")
    standin.set_faults("1:weather", every=1, first=1, last=10, retry_after=1, longest=30, reply_every=2)
    calls = [client.call("sendMessage", '{"chat_id": %d}' % chat) for chat in (1, 2, 3)]  # noqa: UP031 - braces
    pauses = [one["parameters"]["retry_after"] for one in calls]
    assert len(set(pauses)) == 3
    assert all(1 <= pause <= 30 for pause in pauses)
    standin.plan("1:weather", "words", [7, 8], "/did")
    standin.ask("go", token="1:weather")
    answers = [client.call("sendMessage", '{"chat_id": %d}' % chat)["ok"] for chat in (7, 8, 8)]  # noqa: UP031 - braces
    assert answers == [True, False, True]
    assert standin.report("1:weather")["replies_refused"] == 1


def test_a_tiny_turn_is_answered_whole(
    standin: StandIn, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contestants, "BUILD", tmp_path)
    country = asyncio.run(make(tmp_path / "country", Size(1_000, 10), 1, now_utc()))
    taking_part = speed.contestants_(report, ["command", "rsvp"], None)
    speed.measure(standin, report, TINY, country, taking_part)
    cost.measure(standin, report, country)
    found = report.numbers()
    for name in ("command", "rsvp"):
        assert found[f"{name}_rows_inbox_per_update"] == 1
        assert float(found[name]) > 0
        assert float(found[f"{name}_p99_ms_at_100"]) >= float(found[f"{name}_p50_ms_at_100"]) > 0
        assert float(found[f"{name}_statements"]) > float(found[f"{name}_statements_of_100"]) > 0
    assert found["command_calls_sendmessage_per_update"] == 1
    assert (found["pragma_journal_mode"], found["pragma_synchronous"]) == ("wal", 2)


def test_an_update_without_an_answer_fails_the_turn(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.rounds._PATIENCE", 0.2)
    monkeypatch.setattr(standin, "waits_for_poll", lambda _token: True)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        bot = Bot("deaf", "1:deaf", process, 0.0)
        with pytest.raises(Failed, match="of 3 updates, 3 got no answer"):
            Talk(standin, bot, iter([1, 2, 3])).send(DID, 3)


def test_the_seed_makes_the_same_country(tmp_path: Path) -> None:
    async def quiet(country: Country) -> list[Any]:
        async with country.opened() as database, database.reading() as db:
            return [row["quiet_from"] for row in await db.all("SELECT quiet_from FROM persons ORDER BY id")]

    made = [asyncio.run(make(tmp_path / name, Size(200), seed, now_utc())) for name, seed in (("a", 3), ("b", 3))]
    assert asyncio.run(quiet(made[0])) == asyncio.run(quiet(made[1]))
    assert GOING.says(made[0].members(1)[0]) == "mt.rsvp:2:yes"


def test_medians_ratios_and_aims(report: Report, tmp_path: Path) -> None:
    for one, other in ((10, 4), (30, 5), (20, 100)):
        report.add("command", one)
        report.add("ptb_echo", other)
    report.write(tmp_path / "bench.json")
    found = json.loads((tmp_path / "bench.json").read_text())
    assert (found["command"], found["command_least"], found["command_most"]) == (20, 10, 30)
    assert found["command_vs_ptb_echo"] == 4
    assert report.show() == []
    report.say("broadcast_lost", 1)
    assert report.show() == ["broadcast_lost"]
    assert {name for pair in RATIOS.values() for name in pair}.isdisjoint(AIMS)
    assert Aim(least=2).is_reached(2)
    assert not Aim(most=1).is_reached(1.1)


def test_quantiles_and_windows() -> None:
    told = Told(100, 0, 0, 10.0, tuple(number / 1_000 for number in range(100)), {})
    assert (told.rate, told.quantile(0.5), told.quantile(0.99)) == (10, 50, 99)
    assert broadcast.most_within([0.0, 0.5, 0.9, 1.0, 3.0], 1.0) == 3


def test_the_page_has_a_place_for_what_was_measured() -> None:
    names = ("command", "rsvp", "command_cpu_ms", "rsvp_cpu_ms", "command_bytes_written", "rsvp_bytes_written")
    found = dict.fromkeys((*names, "command_database_bytes", "rsvp_database_bytes", "command_statements_of_100"), 2_000)
    page = paper.fill(paper.PAGE.read_text(), found)
    assert "| `command` | 2,000 |" in page
    assert "1,852 updates/s" in page
    assert paper.fill(page, found) == page
