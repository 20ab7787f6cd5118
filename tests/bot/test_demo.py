"""The demo, as somebody starts it who has never seen it: one command, one address, and three communities alive."""

import asyncio
import io
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console

from bot.demo import serve
from bot.demo.cast import Cast, read_cast

_SERVED_WITHIN, _LIVED_WITHIN = 30.0, 60.0  # seconds, on a machine with other work


@dataclass
class Shown:
    """What the page could show."""

    url: str
    ids: dict[str, int]  # by name and, where there is one, by handle
    notes: dict[str, str | None] = field(default_factory=dict)  # what the page says of them, by name

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/sandbox/{path}", timeout=10) as answer:  # noqa: S310 - our own page
            return json.load(answer)

    def chats(self, who: str) -> list[Any]:
        return list(self.ask(f"state?person={self.ids[who]}")["chats"])

    def messages(self, who: str, chat: int | None = None) -> list[Any]:
        """Of her private chat, or of a group she is in."""
        state = self.ask(f"state?person={self.ids[who]}&chat={chat or self.ids[who]}")
        return [message for message in state["chat"]["messages"] if not message["mine"]]

    def group(self, who: str) -> list[Any]:
        return self.messages(who, next(chat["id"] for chat in self.chats(who) if chat["id"] < 0))


def data_of(messages: list[Any]) -> list[str]:
    return [key["data"] for message in messages for row in message["keyboard"] for key in row if key["data"]]


def has(messages: list[Any], route: str) -> bool:
    return any(data == route or data.startswith(f"{route}:") for data in data_of(messages))


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bot", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.fixture(scope="module")
def shown(process: subprocess.Popen[str]) -> Shown:
    """The demo when its story is over."""
    assert process.stdout is not None
    began = time.monotonic()
    address = re.fullmatch(r"Birge's demo: ((http://127\.0\.0\.1:\d+)/\?\S+)\n", process.stdout.readline())
    assert address is not None
    with urllib.request.urlopen(address[1], timeout=10) as page:  # noqa: S310 - our own page
        assert "<title>" in page.read().decode()
    assert time.monotonic() - began < _SERVED_WITHIN
    assert process.stdout.readline().startswith("The communities are there.")
    assert time.monotonic() - began < _LIVED_WITHIN
    shown = Shown(address[2], {})
    for person in shown.ask("cast")["people"]:
        shown.notes[person["name"]] = person["note"]
        shown.ids |= {person["name"]: person["id"], person["username"]: person["id"]}
    return shown


def test_everybody_of_the_cast_is_there(shown: Shown) -> None:
    cast = read_cast()
    assert sum(len(place["families"]) for place in cast.places) == 30
    assert all(person["name"] in shown.ids for person in cast.people())


def test_the_messenger_refused_nothing_for_haste(shown: Shown) -> None:
    assert {call["status"] for call in shown.ask("calls?last=100000")["calls"]} <= {200, 400, 403}


def test_it_ends_at_the_real_time(shown: Shown) -> None:
    assert abs(shown.ask("clock")["now"] - time.time()) < 5


def test_a_parent_has_read_and_answered(shown: Shown) -> None:
    messages = shown.messages("parent_5a")
    answered = [message for message in messages if has([message], "mt.guests")]
    assert answered
    assert answered[0]["edited"]
    assert has(messages, "ch.did")
    assert not has(messages, "a.ok")


def test_the_head_of_class_has_somebody_at_the_door(shown: Shown) -> None:
    waiting = [message for message in shown.messages("head_5a") if has([message], "join.yes")]
    assert ["Aytən Cəfərova" in message["text"] for message in waiting] == [True]


def test_the_head_of_class_sees_counts(shown: Shown) -> None:
    messages = shown.messages("head_5a")
    assert all(has(messages, route) for route in ("a.chase", "mt.who", "ch.sum", "poll.close"))


@pytest.mark.parametrize(("who", "votes"), [("parent_5a", 7), ("parent_almaty", 9), ("parent_hub", 8)])
def test_each_group_has_its_announcement_meeting_challenge_and_poll(shown: Shown, who: str, votes: int) -> None:
    messages = shown.group(who)
    assert has(messages, "a.ok")
    assert [message["poll"]["total"] for message in messages if message["poll"]] == [votes]
    assert not any(data.startswith(("hl", "cs", "my")) for data in data_of(messages))


def test_the_hotline_has_a_case_that_waits_one_that_is_answered_and_one_that_is_closed(shown: Shown) -> None:
    assert has(shown.messages("hotline_worker_1"), "cs.take")
    assert has(shown.messages("Эмин Бабаев"), "my.say")
    assert has(shown.messages("Nuray Səfərova"), "my.unsafe")


@pytest.mark.parametrize(
    ("parent", "child"),
    [("parent_5a", "Aysel Məmmədova"), ("Rəşad Axundov", "Ася Ахундова"), ("parent_hub", "Софія Коваленко")],
)
def test_families_are_linked(shown: Shown, parent: str, child: str) -> None:
    assert any(child in message["text"] for message in shown.messages(parent))


def test_no_link_waits_for_those_who_lead(shown: Shown) -> None:
    assert not any(has(shown.messages(head), "fh.yes") for head in ("head_5a", "head_7c", "coordinator_hub"))


def test_the_page_tells_the_pin_of_all_who_have_chosen_it_and_of_nobody_else(shown: Shown) -> None:
    cast = read_cast()
    told = {name for name, note in shown.notes.items() if note}
    assert told == {one["name"] for one in cast.hotline()}
    assert {shown.notes[name] for name in told} == {"PIN 2580"}
    for who in ("hotline_worker_1", "hotline_worker_2", "hotline_supervisor", "hotline_auditor", "agency_worker"):
        messages = shown.messages(who)
        assert not has(messages, "pin")  # it was entered
        assert any("PIN" in message["text"] for message in messages)


def test_the_outsider_sees_nothing(shown: Shown) -> None:
    assert len(shown.chats("outsider")) == 1
    assert len(shown.messages("outsider")) == 1


def test_sigterm_ends_it_cleanly(process: subprocess.Popen[str], shown: Shown) -> None:
    assert shown.ids
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=15)
    assert (process.returncode, said) == (0, "")


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "bot", "demo", "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Port {port} is taken. Choose another: make demo ARGS=--port=8090\n"


async def test_what_goes_wrong_in_the_story_is_told_and_the_page_stays() -> None:
    facts = read_cast().facts
    baku = facts["places"][0]
    small = {**baku, "families": baku["families"][:1], "blocks": "", "announcements": [], "meetings": [], "polls": []}
    broken = Cast({**facts, "places": [small], "cases": [{"day": 0, "by": "somebody who is not there"}]})
    said = io.StringIO()
    demo = asyncio.create_task(serve(0, Console(file=said, width=500), broken))
    try:
        async with asyncio.timeout(_LIVED_WITHIN):
            while "are there" not in said.getvalue():
                await asyncio.wait([demo], timeout=0.1)
                assert not demo.done()
    finally:
        demo.cancel()
        await asyncio.gather(demo, return_exceptions=True)
    wrong = [line for line in said.getvalue().splitlines() if "went wrong" in line]
    assert wrong == ["The demo's story went wrong: a report to the hotline: KeyError: 'somebody who is not there'"]
