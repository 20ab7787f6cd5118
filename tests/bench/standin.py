"""A stand-in Bot API in a process of its own: only as much of it as the bench needs, and as fast as Python allows.

It hands out updates that were serialised before the clock runs, takes the answers, and notes by its own clock when
each update was due, when it was handed out, and when its answer came in: so every bot is measured in the same place.
What it is to do comes over /bench/…, from tests.bench.api. Requests are read by hand: a request line, Content-Length,
and of a body (JSON, urlencoded or multipart) only the fields that count. `python -m tests.bench.standin` prints its
port.
"""

import asyncio
import gc
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
import uvloop

MOST_AT_ONCE = 100
_EACH = 1_000_000  # update numbers of one bot
BOT_ID = 4_200_000_000
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TARGET = re.compile(rb"/bot([^/]+)/(\w+)")


def _field(name: bytes, value: bytes) -> re.Pattern[bytes]:
    """A field of a body, whichever way it is written. Inside a JSON string the quotes would be escaped."""
    json, form = rb'"' + name + rb'" *: *"?' + value, rb"(?:^|&)" + name + rb"=" + value
    multipart = rb'name="' + name + rb'"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n' + value
    return re.compile(b"|".join((json, form, multipart)))


_CHAT = _field(b"chat_id", rb"(-?\d+)")
_QUERY = _field(b"callback_query_id", rb"(\d+)")
_OFFSET = _field(b"offset", rb"(-?\d+)")
_TIMEOUT = _field(b"timeout", rb"(\d+)")
_LIMIT = _field(b"limit", rb"(\d+)")


def _number(pattern: re.Pattern[bytes], body: bytes, default: int = 0) -> int:
    found = pattern.search(body)
    return default if found is None or found.lastindex is None else int(found[found.lastindex])


# What answers an update of each kind: all of these, each once.
_SAID, _TOLD = 1, 2
_NEEDS = {"words": _SAID, "tap": _SAID | _TOLD}


@dataclass(slots=True)
class Round:
    """Updates for one bot, from different chats, and what became of each."""

    updates: list[bytes]
    chats: dict[int, int]  # chat → its place among them
    first_id: int
    needs: int
    rate: float | None  # updates per second; None: all at once
    started: float = 0.0
    due: list[float] = field(default_factory=list)
    handed: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    got: list[int] = field(default_factory=list)
    left: int = 0
    again: int = 0  # calls that repeat one which was made for the same update
    last: float = 0.0

    def start(self, now: float) -> None:
        count = len(self.updates)
        step = 1 / self.rate if self.rate else 0.0
        self.started = now
        self.due = [now + number * step for number in range(count)]
        self.handed = [0.0] * count
        self.answered = [0.0] * count
        self.got = [0] * count
        self.left = count

    def due_now(self, now: float) -> int:
        """How many of them are due."""
        if not self.started:
            return 0
        if self.rate is None:
            return len(self.updates)
        return min(len(self.updates), int((now - self.started) * self.rate) + 1)


@dataclass(slots=True)
class Faults:
    """What the API does besides answering: it takes its time, and tells some chats of a round of bulk to wait."""

    delay: float = 0.0  # seconds that a call takes
    every: int = 0  # each so-manieth bulk send of those from `first` to `last` is refused
    first: int = 0
    last: int = 0
    retry_after: int = 1
    longest: int = 0  # the pauses it names go from retry_after up to this
    reply_every: int = 0  # each so-manieth answer to somebody who wrote is refused, with a pause of 1 s

    def refuses(self, number: int) -> bool:
        return bool(self.every) and self.first <= number <= self.last and number % self.every == 0

    def pause(self, number: int) -> int:
        """Seconds; the pauses take turns."""
        return self.retry_after + (number // self.every * 7) % max(1, self.longest - self.retry_after + 1)


@dataclass(slots=True, eq=False)
class Account:
    """One bot: what waits for it, and what it did."""

    next_id: int
    round: Round | None = None
    poll: "Poll | None" = None
    first_poll: float = 0.0
    polling: list[Callable[[], None]] = field(default_factory=list)  # who wants to know when it polls
    waiting: list[Callable[[], None]] = field(default_factory=list)  # who wants to know when all is answered
    calls: Counter[str] = field(default_factory=Counter)
    faults: Faults = field(default_factory=Faults)
    bulk: deque[tuple[float, int]] = field(default_factory=deque)  # sends to chats that asked nothing: when, to whom
    bulk_tries: int = 0
    held: dict[int, float] = field(default_factory=dict)  # chat → until when it must be left alone
    refused: int = 0
    reply_tries: int = 0
    replies_refused: int = 0
    early: int = 0  # sends before a retry_after was over
    message_id: int = 1_000


@dataclass(slots=True, eq=False)
class Poll:
    connection: "Connection"
    offset: int
    limit: int
    timer: asyncio.TimerHandle


class StandIn:
    def __init__(self) -> None:
        self.accounts: dict[bytes, Account] = {}
        self.loop = asyncio.get_running_loop()
        self.date = int(time.time())

    def account(self, token: bytes) -> Account:
        found = self.accounts.get(token)
        if found is None:
            # No two bots get updates of the same numbers: one database may serve several, one after the other.
            found = self.accounts[token] = Account(next_id=1 + _EACH * len(self.accounts))
        return found

    # --- updates ----------------------------------------------------------------------------------------------------

    def get_updates(self, account: Account, body: bytes, connection: "Connection") -> None:
        now = time.perf_counter()
        account.first_poll = account.first_poll or now
        if account.poll is not None:  # a bot that polls anew has given up on its last poll
            account.poll.timer.cancel()
            account.poll = None
        offset = _number(_OFFSET, body)
        limit = min(_number(_LIMIT, body, MOST_AT_ONCE), MOST_AT_ONCE) or MOST_AT_ONCE
        timeout = _number(_TIMEOUT, body)
        if self._hand_out(account, connection, offset, limit, now):
            return
        if not timeout:
            connection.answer(b"[]")
            return
        timer = self.loop.call_later(timeout, self._nothing, account)
        account.poll = Poll(connection, offset, limit, timer)
        told, account.polling = account.polling, []
        for tell in told:
            tell()
        self._wake_when_due(account, offset)

    def _nothing(self, account: Account) -> None:
        poll, account.poll = account.poll, None
        if poll is not None:
            poll.connection.answer(b"[]")

    def _hand_out(self, account: Account, connection: "Connection", offset: int, limit: int, now: float) -> bool:
        current = account.round
        if current is None:
            return False
        begin = max(0, offset - current.first_id)
        end = min(current.due_now(now), begin + limit)
        if begin >= end:
            return False
        for place in range(begin, end):
            current.handed[place] = current.handed[place] or now
        connection.answer(b"[%b]" % b",".join(current.updates[begin:end]))
        return True

    def _wake_when_due(self, account: Account, offset: int) -> None:
        current = account.round
        if current is None or not current.started:
            return
        place = max(0, offset - current.first_id)
        if place < len(current.due):
            delay = max(0.0, current.due[place] - time.perf_counter())
            self.loop.call_later(delay, self.offer, account)

    def offer(self, account: Account) -> None:
        """Answers the poll that waits, if anything is due."""
        poll = account.poll
        if poll is None:
            return
        if self._hand_out(account, poll.connection, poll.offset, poll.limit, time.perf_counter()):
            poll.timer.cancel()
            account.poll = None
        elif account.round is not None and account.round.started:
            self._wake_when_due(account, poll.offset)

    # --- calls ------------------------------------------------------------------------------------------------------

    def call(self, account: Account, method: str, body: bytes, connection: "Connection") -> None:
        account.calls[method] += 1
        if method == "getupdates":
            self.get_updates(account, body, connection)
            return
        delay = account.faults.delay
        answer = _METHODS.get(method, _yes)(self, account, body)
        if delay:
            self.loop.call_later(delay, connection.finish, answer)
        else:
            connection.finish(answer)

    def note(self, account: Account, place: int, what: int) -> None:
        current = account.round
        if current is None or not current.started:
            return
        if current.got[place] & what:
            current.again += 1
            return
        current.got[place] |= what
        if current.got[place] != current.needs:
            return
        current.answered[place] = current.last = time.perf_counter()
        current.left -= 1
        if not current.left:
            told, account.waiting = account.waiting, []
            for tell in told:
                tell()

    def said(self, account: Account, chat: int, *, new: bool) -> bytes | None:
        """Notes a message to a chat, or its edit. Returns the refusal, if it is refused."""
        current = account.round
        place = None if current is None else current.chats.get(chat)
        if place is not None:
            return self._reply(account, chat, place)
        return self._bulk(account, chat) if new else None

    def _reply(self, account: Account, chat: int, place: int) -> bytes | None:
        account.reply_tries += 1
        every = account.faults.reply_every
        if every and account.reply_tries % every == 0 and chat not in account.held:
            account.replies_refused += 1
            account.held[chat] = time.perf_counter() + 1
            return _TOO_MANY % (1, 1)
        self.note(account, place, _SAID)
        return None

    def _bulk(self, account: Account, chat: int) -> bytes | None:
        now, faults = time.perf_counter(), account.faults
        if now < account.held.get(chat, 0.0):
            account.early += 1
        account.bulk_tries += 1
        if faults.refuses(account.bulk_tries) and chat not in account.held:
            account.refused += 1
            pause = faults.pause(account.bulk_tries)
            account.held[chat] = now + pause
            return _TOO_MANY % (pause, pause)
        account.bulk.append((now, chat))
        return None


_TOO_MANY = (
    b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after %d","parameters":{"retry_after":%d}}'
)
_OK = b'{"ok":true,"result":%b}'
_MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"from":{"id":%d,"is_bot":true,"first_name":"Bench","username":"bench_bot"},'
    b'"chat":{"id":%d,"first_name":"Person","type":"private"},"date":%d,"text":"Thank you."}}'
)
_ME = _OK % (
    b'{"id":%d,"is_bot":true,"first_name":"Bench","username":"bench_bot","can_join_groups":true,'
    b'"can_read_all_group_messages":false,"supports_inline_queries":false}' % BOT_ID
)


def _send(standin: StandIn, account: Account, body: bytes) -> bytes:
    chat = _number(_CHAT, body)
    refusal = standin.said(account, chat, new=True)
    if refusal is not None:
        return refusal
    account.message_id += 1
    return _MESSAGE % (account.message_id, BOT_ID, chat, standin.date)


def _edit(standin: StandIn, account: Account, body: bytes) -> bytes:
    chat = _number(_CHAT, body)
    refusal = standin.said(account, chat, new=False)
    return refusal or _MESSAGE % (7, BOT_ID, chat, standin.date)


def _toast(standin: StandIn, account: Account, body: bytes) -> bytes:
    """The id of a tap is the id of its update."""
    current, place = account.round, _number(_QUERY, body)
    if current is not None and 0 <= place - current.first_id < len(current.updates):
        standin.note(account, place - current.first_id, _TOLD)
    return _OK % b"true"


def _yes(_standin: StandIn, _account: Account, _body: bytes) -> bytes:
    return _OK % b"true"


def _me(_standin: StandIn, _account: Account, _body: bytes) -> bytes:
    return _ME


def _no_webhook(_standin: StandIn, _account: Account, _body: bytes) -> bytes:
    return _OK % b'{"url":"","has_custom_certificate":false,"pending_update_count":0}'


_METHODS: Mapping[str, Callable[[StandIn, Account, bytes], bytes]] = {
    "sendmessage": _send,
    "editmessagetext": _edit,
    "answercallbackquery": _toast,
    "getme": _me,
    "getwebhookinfo": _no_webhook,
}


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, one request after the other."""

    def __init__(self, standin: StandIn) -> None:
        self._standin = standin
        self._transport: asyncio.Transport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        while (head_ends := data.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(data, 0, head_ends)
            body_starts = head_ends + 4
            body_ends = body_starts + (int(found[1]) if found else 0)
            if len(data) < body_ends:
                break
            target = data[: data.find(b"\r\n")].split(b" ")[1]
            body = data[body_starts:body_ends]
            data = data[body_ends:]
            self._take(target, body)
        self._rest = data

    def _take(self, target: bytes, body: bytes) -> None:
        found = _TARGET.match(target)
        if found is not None:
            _, _, asked = target.partition(b"?")
            account = self._standin.account(found[1])
            self._standin.call(account, found[2].decode().lower(), body or asked, self)
        elif target in _CONTROLS:
            _CONTROLS[target](self._standin, orjson.loads(body or b"{}"), self)
        else:
            self.finish(b'{"ok":false,"error_code":404,"description":"Not Found"}')

    def answer(self, result: bytes) -> None:
        self.finish(_OK % result)

    def finish(self, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (_status(payload), len(payload), payload)
            )


def _status(payload: bytes) -> bytes:
    if payload.startswith(b'{"ok":true'):
        return b"200 OK"
    return b"429 Too Many Requests" if b'"error_code":429' in payload else b"404 Not Found"


# --- /bench/…: what tests.bench.api asks for --------------------------------------------------------------------------


def _plan(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """chats: where they come from, one each; kind: words | tap; says: the words or the button's data, one for all or
    one each; rate: updates per second or null. They wait until /bench/go."""
    account = standin.account(asked["token"].encode())
    chats: list[int] = asked["chats"]
    says = asked["says"] if isinstance(asked["says"], list) else [asked["says"]] * len(chats)
    make = words_of if asked["kind"] == "words" else tap_of
    first = account.next_id
    updates = [
        orjson.dumps(make(first + place, chat, said, standin.date))
        for place, (chat, said) in enumerate(zip(chats, says, strict=True))
    ]
    account.next_id += len(updates)
    places = {chat: place for place, chat in enumerate(chats)}
    account.round = Round(updates, places, first, _NEEDS[asked["kind"]], asked.get("rate"))
    connection.answer(b"true")


def _person(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": f"Person {chat}", "language_code": "en"}


def words_of(update_id: int, chat: int, said: str, date: int) -> dict[str, Any]:
    """Somebody's message, as Telegram tells it."""
    message: dict[str, Any] = {
        "message_id": 10,
        "from": _person(chat),
        "chat": {"id": chat, "first_name": f"Person {chat}", "type": "private"},
        "date": date,
        "text": said,
    }
    if said.startswith("/"):
        message["entities"] = [{"offset": 0, "length": len(said.split(" ", maxsplit=1)[0]), "type": "bot_command"}]
    return {"update_id": update_id, "message": message}


def tap_of(update_id: int, chat: int, data: str, date: int) -> dict[str, Any]:
    """A tap on a button under the bot's message."""
    message = {
        "message_id": 9,
        "from": {"id": BOT_ID, "is_bot": True, "first_name": "Bench", "username": "bench_bot"},
        "chat": {"id": chat, "first_name": f"Person {chat}", "type": "private"},
        "date": date,
        "text": "A meeting",
    }
    query = {"id": str(update_id), "from": _person(chat), "message": message, "chat_instance": "1", "data": data}
    return {"update_id": update_id, "callback_query": query}


def _go(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """The updates of the plan begin to come."""
    account = standin.account(asked["token"].encode())
    if account.round is not None:
        account.round.start(time.perf_counter())
        standin.offer(account)
    connection.answer(b"true")


def _polls(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """Answers when the bot waits for updates, or after so many seconds."""
    account = standin.account(asked["token"].encode())
    _when(standin, connection, account.polling, asked["seconds"], ready=account.poll is not None)


def _done(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """Answers when every update of the plan is answered, or after so many seconds."""
    account = standin.account(asked["token"].encode())
    current = account.round
    ready = current is None or (bool(current.started) and not current.left)
    _when(standin, connection, account.waiting, asked["seconds"], ready=ready)


def _when(
    standin: StandIn, connection: Connection, line: list[Callable[[], None]], seconds: float, *, ready: bool
) -> None:
    if ready:
        connection.answer(b"true")
        return

    def tell() -> None:
        timer.cancel()
        connection.answer(b"true")

    def give_up() -> None:
        if tell in line:
            line.remove(tell)
        connection.answer(b"false")

    timer = standin.loop.call_later(seconds, give_up)
    line.append(tell)


def _report(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """What became of the plan. Times are seconds of time.perf_counter, which all processes of a machine share."""
    account = standin.account(asked["token"].encode())
    current = account.round
    found: dict[str, Any] = {
        "calls": dict(account.calls),
        "first_poll": account.first_poll,
        "bulk": list(account.bulk) if asked.get("bulk") else len(account.bulk),
        "refused": account.refused,
        "replies_refused": account.replies_refused,
        "early": account.early,
    }
    if current is not None:
        handed = [at for at in current.handed if at]
        pairs = zip(current.due, current.answered, strict=True)
        found |= {
            "updates": len(current.updates),
            "left": current.left,
            "again": current.again,
            "first": min(handed, default=0.0),
            "last": current.last,
            "latencies": [answered - due for due, answered in pairs if answered],
        }
    connection.answer(orjson.dumps(found))


def _set(standin: StandIn, asked: Mapping[str, Any], connection: Connection) -> None:
    """The faults from now on; counts begin anew."""
    account = standin.account(asked["token"].encode())
    account.faults = Faults(**asked["faults"])
    account.calls.clear()
    account.bulk.clear()
    account.held.clear()
    account.bulk_tries = account.refused = account.early = account.reply_tries = account.replies_refused = 0
    connection.answer(b"true")


_CONTROLS: Mapping[bytes, Callable[[StandIn, Mapping[str, Any], Connection], None]] = {
    b"/bench/plan": _plan,
    b"/bench/go": _go,
    b"/bench/polls": _polls,
    b"/bench/done": _done,
    b"/bench/report": _report,
    b"/bench/set": _set,
}


async def main() -> None:
    """Serves until its standard input ends: it doesn't outlive whoever started it."""
    loop = asyncio.get_running_loop()
    standin = StandIn()
    server = await loop.create_server(lambda: Connection(standin), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - this is how its starter learns it
    gc.disable()  # it lives for minutes; a pause of the collector would be measured as the bot's
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(main())
