"""The control over HTTP, the clock, and what a person sees."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from sandbox import Clock, Impossible, Person, Sandbox
from tests.sandbox.client import Api, picture
from tests.sandbox.conftest import School


async def test_a_story_told_over_http(sandbox: Sandbox, api: Api) -> None:
    aysel = (await api.control("add_person", first_name="Aysel", language_code="az"))["id"]
    rashad = (await api.control("add_person", first_name="Rəşad"))["id"]
    group = (await api.control("add_group", title="5A", creator=aysel, members=[rashad]))["id"]
    await api.control("add_bot", person=aysel, group=group, admin=True)
    await api.control("start", person=aysel, payload="ABC")
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    sent = await api("sendMessage", chat_id=group, text="?", reply_markup=keyboard)
    tap = await api.control("tap", person=rashad, chat=group, message=sent["message_id"], label="Go")
    wait = asyncio.create_task(api.get(f"query/{tap['query']['id']}", wait=5))
    await api("answerCallbackQuery", callback_query_id=tap["query"]["id"], text="Gone")

    screen = await api.get("state", person=rashad, chat=group)

    assert (await wait)["text"] == "Gone"
    assert [chat["title"] for chat in screen["chats"]] == ["5A", "Birge"]
    assert [message["text"] for message in screen["chat"]["messages"]][-1] == "?"
    assert screen["chat"]["unread"] == 3
    await api.control("read", person=rashad, chat=group)
    assert (await api.get("state", person=rashad))["chats"][0]["unread"] == 0
    assert {person["name"] for person in (await api.get("cast"))["people"]} == {"Aysel", "Rəşad"}
    assert (await api.get("calls", method="sendMessage"))["calls"][0]["params"]["text"] == "?"


async def test_files_over_http(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    form = aiohttp.FormData({"person": str(aysel.id), "text": "two"})
    for name in ("a.png", "b.png"):
        form.add_field("photo", picture(), filename=name, content_type="image/png")
    async with api.session.post(f"{sandbox.url}/sandbox/send", data=form) as response:
        assert response.status == 200
    document = {"name": "a.html", "mime": "text/html", "base64": "PGI+"}
    await api.control("send", person=aysel.id, document=document)

    *_, first, second, third = (await api.get("state", person=aysel.id, chat=aysel.id))["chat"]["messages"]

    assert first["album"] == second["album"] is not None
    async with api.session.get(f"{sandbox.url}{first['media']['url']}") as response:
        assert (response.content_type, await response.read()) == ("image/png", picture())
    async with api.session.get(f"{sandbox.url}{third['media']['url']}") as response:
        assert response.headers["Content-Disposition"].startswith("attachment")


async def test_each_act_over_http(sandbox: Sandbox, api: Api, school: School) -> None:
    me, group = school.aysel.id, school.group.id
    sent = await api.control("send", person=me, text="helo")
    poll = sandbox.sends_poll(school.aysel, school.group, "?", ["a"])
    forum = sandbox.add_group("F", school.aysel, forum=True)
    acts = [
        ("edit", {"message": sent["id"], "text": "hello"}),
        ("react", {"message": sent["id"], "emoji": "👍"}),
        ("pin", {"message": sent["id"]}),
        ("delete", {"message": sent["id"]}),
        ("vote", {"chat": group, "message": poll.id, "options": [0]}),
        ("add_bot", {"group": group, "payload": "X"}),
        ("promote_bot", {"group": group}),
        ("demote_bot", {"group": group}),
        ("remove_bot", {"group": group}),
        ("follow", {"url": "t.me/birge_bot?start=A"}),
        ("create_link", {"group": group}),
        ("request_to_join", {"group": group, "person": school.kamran.id}),
        ("join", {"group": group, "person": school.kamran.id}),
        ("promote", {"group": group, "person": school.kamran.id}),
        ("demote", {"group": group, "person": school.kamran.id}),
        ("leave", {"group": group, "person": school.kamran.id}),
        ("remove", {"group": group, "person": school.olena.id, "by": me}),
        ("open_topic", {"group": forum.id, "name": "Care"}),
        ("close_topic", {"group": forum.id, "thread": sandbox.opens_topic(school.aysel, forum, "Closed")}),
        ("delete_topic", {"group": forum.id, "thread": sandbox.opens_topic(school.aysel, forum, "Gone")}),
        ("mute", {"group": group, "on": True}),
        ("mute", {"group": group, "on": False}),
        ("post_from_channel", {"group": group, "title": "School 12", "text": "news"}),
        ("upgrade", {"group": group}),
        ("block", {}),
        ("unblock", {}),
        ("raw_update", {"strange": True}),
        ("redeliver", {"last": 1}),
        ("redeliver", {"on": True}),
        ("fault", {"status": 500}),
        ("fault", {"clear": True}),
        ("limits", {"chat_burst": 2}),
        ("limits", {"off": True}),
        ("privacy", {"on": False}),
        ("deactivate", {}),
    ]
    for verb, body in acts:
        extra = {} if verb in ("raw_update", "fault", "limits") else {"person": me}
        answer = await api.control(verb, **(extra | body))
        assert (verb, answer["status"]) == (verb, 200), answer


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("dance", {}, 404),
        ("send", {}, 400),
        ("send", {"person": 1}, 409),
        ("start", {"person": "x"}, 400),
        ("clock", {"set": "2026-01-01T00:00:00"}, 400),
    ],
)
async def test_what_is_refused_over_http(api: Api, verb: str, body: dict[str, object], status: int) -> None:
    answer = await api.control(verb, **body)

    assert (answer["status"], answer["ok"]) == (status, False)


async def test_nobody_acts_in_another_persons_chat(api: Api, school: School) -> None:
    answer = await api.control("send", person=school.rashad.id, chat=school.aysel.id, text="x")

    assert answer["status"] == 409
    assert (await api.get("state", person=school.rashad.id, chat=school.aysel.id))["chat"] is None


async def test_the_clock_moves_and_wakes_who_waits(sandbox: Sandbox, api: Api) -> None:
    start = await api.get("clock")
    waiting = asyncio.create_task(api.get("clock", after=start["offset"], wait=10))
    await api.get("cast")

    moved = await api.control("clock", advance=3600)

    assert (start["offset"], moved["offset"]) == (0, 3600)
    assert (await asyncio.wait_for(waiting, 2))["offset"] == 3600
    assert (await api.get("clock", after=0, wait=10))["offset"] == 3600
    assert (await api.get("clock", after=3600, wait=0.01))["offset"] == 3600
    await api.control("clock", set="2027-01-01T10:00:00+04:00")
    assert abs(sandbox.clock.now() - datetime(2027, 1, 1, 6, tzinfo=UTC)) < timedelta(seconds=5)


def test_a_frozen_clock_moves_only_by_hand() -> None:
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    clock = Clock(frozen=noon)
    offset = clock.offset

    assert clock.now() == noon
    assert clock.offset == offset
    clock.advance(timedelta(days=1))
    assert clock.now() == noon + timedelta(days=1)
    clock.set(noon)
    assert clock.now() == noon
    with pytest.raises(ValueError, match="zone"):
        clock.set(noon.replace(tzinfo=None))
    with pytest.raises(ValueError, match="no such time"):
        clock.advance(timedelta(days=9999))


def test_time_that_limits_count_by_never_runs_back() -> None:
    clock = Clock()
    before = clock.elapsed()
    clock.advance(timedelta(hours=1))
    clock.advance(timedelta(hours=-3))

    assert clock.elapsed() - before >= 3600


async def test_events_tell_of_changes(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    async with api.session.get(f"{sandbox.url}/sandbox/events") as response:
        first = json.loads((await response.content.readuntil(b"\n\n")).removeprefix(b"data: "))
        sandbox.sends(aysel, text="x")
        second = json.loads((await response.content.readuntil(b"\n\n")).removeprefix(b"data: "))

    assert second["version"] > first["version"]


async def test_what_a_person_cannot_do(sandbox: Sandbox, school: School) -> None:
    with pytest.raises(Impossible, match="64 of"):
        sandbox.presses_start(school.aysel, payload="not allowed!")
    with pytest.raises(Impossible, match="no more than 4096"):
        sandbox.sends(school.aysel, text="x" * 4097)
    with pytest.raises(Impossible, match="nothing to send"):
        sandbox.sends(school.aysel)
    with pytest.raises(Impossible, match="can't write in 5A"):
        sandbox.sends(school.kamran, school.group, "x")
    with pytest.raises(Impossible, match="can't edit"):
        sandbox.edits(school.rashad, sandbox.chat_of(school.aysel).messages[0], "x")
    with pytest.raises(Impossible, match="no administrator"):
        sandbox.removes_bot(school.rashad, school.group)
    with pytest.raises(Impossible, match="is taken"):
        sandbox.add_person("Twin", id=school.aysel.id)


def test_the_same_seed_makes_the_same_identifiers() -> None:
    assert Sandbox(seed=7).add_person("A").id == Sandbox(seed=7).add_person("A").id
    assert Sandbox(seed=7).add_person("A").id != Sandbox(seed=8).add_person("A").id
