"""Things that go wrong on purpose."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox import Fault, Person, Sandbox
from tests.sandbox.client import Api, RefusedError


def texts(sandbox: Sandbox, person: Person) -> list[str]:
    return [message.text for message in sandbox.chat_of(person).messages if message.from_bot]


@pytest.mark.parametrize(
    ("fault", "code", "description", "retry_after"),
    [
        (Fault("sendMessage", status=429, retry_after=7), 429, "Too Many Requests: retry after 7", 7),
        (Fault(status=500), 500, "Internal Server Error", None),
        (Fault("sendMessage", status=400, description="Bad Request: NOPE"), 400, "Bad Request: NOPE", None),
    ],
)
async def test_an_error_instead_of_the_effect(
    sandbox: Sandbox, api: Api, aysel: Person, fault: Fault, code: int, description: str, retry_after: int | None
) -> None:
    sandbox.faults.append(fault)

    with pytest.raises(RefusedError) as refused:
        await api("sendMessage", chat_id=aysel.id, text="x")
    assert texts(sandbox, aysel) == []
    await api("sendMessage", chat_id=aysel.id, text="x")

    assert (refused.value.code, refused.value.description) == (code, description)
    assert refused.value.parameters.get("retry_after") == retry_after
    assert sandbox.faults == []


async def test_a_bad_gateway_is_no_json(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.append(Fault(status=502))

    async with api.session.get(api.address("getMe")) as response:
        assert (response.status, response.content_type) == (502, "text/html")


@pytest.mark.parametrize(("moment", "sent"), [("before", []), ("after", ["x"])])
async def test_a_connection_dropped(sandbox: Sandbox, api: Api, aysel: Person, moment: Any, sent: list[str]) -> None:
    sandbox.faults.append(Fault("sendMessage", drop=moment))

    with pytest.raises(aiohttp.ClientError):
        await api("sendMessage", chat_id=aysel.id, text="x")

    assert texts(sandbox, aysel) == sent
    assert sandbox.calls[-1].status == 0


async def test_faults_choose_their_calls(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    other = sandbox.add_person("Rəşad")
    sandbox.presses_start(other)
    sandbox.faults.append(Fault("sendMessage", chat_id=aysel.id, status=500, skip=1, times=None))

    await api("getMe")
    await api("sendMessage", chat_id=aysel.id, text="first")
    for _ in range(2):
        await api.error("sendMessage", chat_id=aysel.id, text="x")
    await api("sendMessage", chat_id=other.id, text="x")

    assert texts(sandbox, aysel) == ["first"]


async def test_a_delay_holds_the_effect(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.faults.append(Fault("sendMessage", delay=0.05))
    call = asyncio.create_task(api("sendMessage", chat_id=aysel.id, text="slow"))

    await api("sendMessage", chat_id=aysel.id, text="quick")
    await call

    assert sorted(texts(sandbox, aysel)) == ["quick", "slow"]


async def test_hooks_stand_around_the_effect(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    seen: list[tuple[str, str, list[str]]] = []

    @sandbox.on_call
    async def hook(moment: str, method: str, params: dict[str, Any]) -> None:
        seen.append((moment, params["text"], list(texts(sandbox, aysel))))

    await api("sendMessage", chat_id=aysel.id, text="x")

    assert seen == [("before", "x", []), ("after", "x", ["x"])]


async def test_a_hook_may_drop_the_connection(sandbox: Sandbox, api: Api, aysel: Person) -> None:
    sandbox.hooks.append(lambda moment, method, params: "drop" if moment == params["text"] else None)

    for moment in ("before", "after"):
        with pytest.raises(aiohttp.ClientError):
            await api("sendMessage", chat_id=aysel.id, text=moment)

    assert texts(sandbox, aysel) == ["after"]


async def test_calls_are_logged(sandbox: Sandbox, api: Api, aysel: Person, tmp_path: Path) -> None:
    await api("getMe")
    sandbox.log_calls(tmp_path / "calls.jsonl")
    await api("sendMessage", chat_id=aysel.id, text="Salam")
    await api.error("sendMessage", chat_id=aysel.id, text="")

    lines = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]

    assert lines[0] == {"method": "sendMessage", "params": {"chat_id": aysel.id, "text": "Salam"}}
    assert len(lines) == 2
    assert [(call.method, call.status) for call in sandbox.calls] == [
        ("getMe", 200),
        ("sendMessage", 200),
        ("sendMessage", 400),
    ]
    assert sandbox.calls[-1].error == "Bad Request: message text is empty"


async def test_waiting_in_vain_shows_what_happened(sandbox: Sandbox, aysel: Person) -> None:
    with pytest.raises(TimeoutError, match="/start"):
        await sandbox.until(lambda: False, timeout=0.01)
