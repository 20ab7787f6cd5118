"""A bench for single inputs: the pipeline over one open transaction of a school, with no messenger and no commit.

What is sent in may be tried and undone at once, a few milliseconds each: many inputs against one scene. Every input
meets a pipeline of its own, as after a restart.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest

import storage.chats
import storage.communities
import storage.conversations
import storage.invites
import storage.outbox
import storage.persons
import storage.pins
from bot import outgoing
from bot.metrics import Metrics
from bot.pipeline import Defaults, Pipeline, Tap
from bot.render import Renderer
from domain.communities import CommunityKind
from domain.hotline_checklist import Setup
from domain.languages import LANGUAGES
from domain.messages import ASKER, Button, Edit, OpenPoll, Outgoing, Say, ToIdentity, ToPerson
from domain.requests import Community, Conversation, Incoming, Kind, Part, Request
from domain.roles import Role
from jobs.schedule import TICKS
from storage.database import Connection, Database, savepoint
from storage.outbox import Draft
from storage.vault import Vault, read_key_ring
from tests import rota
from tests.cast import PIN, START
from tests.conftest import Fresh

T = TypeVar("T")
Said = tuple[Request | None, Sequence[Outgoing]]  # what was said, and in answer to what
BOT = "100"


class _Undone(Exception):  # noqa: N818 - it is what is done
    """What leaves a savepoint so that it is rolled back."""


@dataclass
class _Held:
    """A database whose transactions are savepoints of one that stays open."""

    db: Connection

    @property
    def vault(self) -> Vault:
        return self.db.vault

    async def transact(
        self, work: Callable[[Connection], Awaitable[T]], *, first: bool = False, long: bool = False
    ) -> T:
        del first, long
        async with savepoint(self.db, "held_"):
            return await work(self.db)


@dataclass(frozen=True)
class Someone:
    address: str
    name: str
    person_id: int
    identity_id: int


@dataclass(frozen=True)
class Heard:
    """What one person was answered, in her private chat."""

    messages: list[Say]
    edits: list[Edit]
    toasts: list[str]
    shown: list[str]  # all of it as it went into the outbox, and the toasts
    foreign: list[str]  # what of it is not in her language

    def __str__(self) -> str:
        return "\n---\n".join(self.shown)


@dataclass
class Bench:
    db: Connection
    renderer: Renderer
    language: str
    said: list[Said]
    drafts: list[Draft]  # the same, as it went into the outbox
    people: dict[str, Someone] = field(default_factory=dict)
    places: dict[str, Community] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    presses: dict[str, list[str]] = field(default_factory=dict)  # every button each person was shown, newest last
    now: datetime = START
    numbers: int = 1_000
    tables: tuple[str, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)

    # --- who is there -------------------------------------------------------------------------------------------------

    async def adds(self, key: str, place: str = "", role: Role | None = None, language: str = "") -> Someone:
        number = str(5_000 + len(self.people))
        known = await storage.persons.meet(self.db, "telegram", number, language or self.language, "Asia/Baku")
        await storage.persons.save_language(self.db, known.person.id, language or self.language)
        someone = Someone(number, key.capitalize(), known.person.id, known.identity.id)
        self.people[key] = someone
        if role is not None:
            await self.belongs(key, place, role)
        return someone

    async def belongs(self, key: str, place: str, role: Role) -> int:
        one = self.people[key]
        found = await storage.communities.add_member(
            self.db, one.person_id, self.places[place].id, role, one.name, self.now
        )
        assert found is not None
        return found

    # --- what comes in ------------------------------------------------------------------------------------------------

    def incoming(self, key: str, kind: Kind, **more: Any) -> Incoming:
        self.numbers += 1
        one = self.people[key]
        base = Incoming(
            "telegram",
            str(self.numbers),
            kind,
            chat=one.address,
            sender=one.address,
            sender_name=one.name,
            sender_language=self.language,
            message_id=self.numbers,
            sent_at=None if kind is Kind.BUTTON else self.now,
            query_id=str(self.numbers) if kind is Kind.BUTTON else None,
        )
        return replace(base, **more)

    def command(self, key: str, typed: str) -> Incoming:
        name, _, rest = typed.removeprefix("/").partition(" ")
        return self.incoming(key, Kind.COMMAND, command=name, words=rest.strip())

    def words(self, key: str, words: str = "", *parts: str, **more: Any) -> Incoming:
        files = tuple(Part(kind, f"file-{kind}", 10, f"a.{kind}", None) for kind in parts)
        return self.incoming(key, Kind.WORDS, words=words, parts=files, **more)

    def tap(self, key: str, press: str) -> Incoming:
        return self.incoming(key, Kind.BUTTON, press=press)

    def again(self, incoming: Incoming, *, edited: bool = False) -> Incoming:
        """The same, once more: as a message of its own, or as an edit of the first."""
        self.numbers += 1
        number = incoming.message_id if edited else self.numbers
        return replace(incoming, event_id=str(self.numbers), message_id=number, sent_at=self.now, edited=edited)

    async def hears(self, incoming: Incoming) -> Heard:
        """What a pipeline that has just started answers to it."""
        self.now += timedelta(seconds=5)
        mark, drafted, taps = len(self.said), len(self.drafts), list[Tap]()
        defaults = Defaults("en", "Asia/Baku", Setup(second_route=True, can_mail=True), BOT, "https://example.org")
        database: Any = _Held(self.db)
        pipeline = Pipeline(
            database, self.renderer, lambda: self.now, lambda _waiting: None, taps.extend, defaults,
            self.metrics,
        )  # fmt: skip
        await pipeline.take([incoming])
        one = next(person for person in self.people.values() if person.address == incoming.sender)
        await self._delivers(drafted)
        heard = self._heard(one, self.said[mark:], self.drafts[drafted:], taps)
        self._notes(mark)
        return heard

    async def _delivers(self, drafted: int) -> None:
        """What the sender would note: as which message each question was sent."""
        for draft in self.drafts[drafted:]:
            self.numbers += 1
            if draft.question is not None and draft.place is not None:
                channel, _, address = draft.place.partition(":")
                await storage.conversations.note_question(self.db, channel, address, draft.question, self.numbers)

    async def works(self, name: str) -> None:
        """A job looks once, by its name in jobs.schedule."""
        job = next(tick.job for tick in TICKS if f"{tick.job.__module__}.{tick.job.__name__}" == f"jobs.{name}")
        mark = len(self.said)
        said = await job(self.db, self.now)
        await outgoing.store(self.db, self.renderer, said, None, self.now)
        self._notes(mark)

    def _heard(self, one: Someone, said: Sequence[Said], drafts: Sequence[Draft], taps: Sequence[Tap]) -> Heard:
        own = [message for _, messages in said for message in messages if _is_for(message, one)]
        messages = [message for message in own if isinstance(message, Say)]
        edits = [message for message in own if isinstance(message, Edit)]
        bodies = [message.body for message in own if isinstance(message, Say | Edit)]
        polls = {message.question for message in own if isinstance(message, OpenPoll)}
        place = f"telegram:{one.address}"
        sent = [
            _shown(draft) for draft in drafts if draft.place == place and draft.kind in ("say", "edit", "open_poll")
        ]
        hers = {self.renderer.html(body, self.language, "Asia/Baku") for body in bodies}
        foreign = [shown for shown in sent if shown not in hers | polls]
        toasts = [str(tap.body["text"]) for tap in taps if tap.body["text"]]
        return Heard(messages, edits, toasts, [*sent, *toasts], foreign)

    def _notes(self, mark: int) -> None:
        """The buttons that everybody was shown by this."""
        for request, messages in self.said[mark:]:
            for message in messages:
                if not isinstance(message, Say | Edit):
                    continue
                found = [one.press for row in message.buttons for one in row if isinstance(one, Button)]
                for key, someone in self.people.items():
                    asked = request is not None and request.incoming.sender == someone.address
                    if _is_for(message, someone) and (asked or message.to != ASKER):
                        self.presses.setdefault(key, []).extend(found)

    async def newest(self, table: str) -> int:
        return int(await self.db.value(f"SELECT MAX(id) FROM {table}") or 0)  # noqa: S608 - a table of ours

    # --- what stands --------------------------------------------------------------------------------------------------

    async def conversation(self, key: str) -> Conversation:
        one = self.people[key]
        known = await storage.persons.identify(self.db, "telegram", [one.address], self.now)
        return known[one.address].conversation

    async def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        counted = ", ".join(f"(SELECT COUNT(*) FROM {table}) AS {table}" for table in self.tables)  # noqa: S608 - ours
        row = await self.db.one(f"SELECT {counted}")
        assert row is not None
        return {table: row[table] for table in self.tables}

    @contextlib.asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """What is done inside leaves no trace."""
        presses = {key: list(found) for key, found in self.presses.items()}
        now = self.now
        try:
            async with savepoint(self.db, "probe_"):
                yield
                raise _Undone
        except _Undone:
            self.presses, self.now = presses, now


def _shown(draft: Draft) -> str:
    return str(draft.body["question"] if draft.kind == "open_poll" else draft.body["html"])


def _is_for(message: Outgoing, one: Someone) -> bool:
    to = getattr(message, "to", None)
    return to == ASKER or to == ToPerson(one.person_id) or to == ToIdentity(one.identity_id)


_NOT_COUNTED = {"sqlite_sequence", "alembic_version"}


@contextlib.contextmanager
def _recorded(patch: pytest.MonkeyPatch) -> Iterator[tuple[list[Said], list[Draft]]]:
    said, drafts = list[Said](), list[Draft]()
    store, enqueue = outgoing.store, storage.outbox.enqueue

    async def note_said(
        db: Connection, renderer: Renderer, messages: Sequence[Outgoing], request: Request | None, now: datetime
    ) -> Any:
        said.append((request, messages))
        return await store(db, renderer, messages, request, now)

    async def note_drafts(db: Connection, made: Sequence[Draft], now: datetime) -> Any:
        drafts.extend(made)
        return await enqueue(db, made, now)

    with patch.context() as patched:
        patched.setattr(outgoing, "store", note_said)
        patched.setattr(storage.outbox, "enqueue", note_drafts)
        yield said, drafts


@contextlib.asynccontextmanager
async def opened(fresh: Fresh, folder: Any, patch: pytest.MonkeyPatch, language: str) -> AsyncIterator[Bench]:
    """A school with a class and its people, on SQLite; nothing of it is ever committed."""
    url, keys = fresh.copy(folder)
    database = await Database.open(url, Vault(read_key_ring(keys), keys))
    try:
        async with database.writing() as db:
            await db.vault.ready_for(db, START)
        with _recorded(patch) as (said, drafts), contextlib.suppress(_Undone):
            async with database.writing() as db:
                bench = Bench(db, Renderer(lambda link: f"https://t.me/b?start={link.payload}"), language, said, drafts)
                await _populate(bench)
                yield bench
                raise _Undone
    finally:
        await database.close()


async def open_hotline(bench: Bench) -> None:
    """Its staff, who have entered their PINs, and an agency."""
    db = bench.db
    bench.places["agency"] = await storage.communities.add(
        db, bench.places["network"], CommunityKind.AGENCY, "Shelter", bench.language, "Asia/Baku", "az"
    )
    for key, place, role in (
        ("worker", "network", Role.WORKER),
        ("other_worker", "network", Role.WORKER),
        ("supervisor", "network", Role.SUPERVISOR),
        ("agent", "agency", Role.WORKER),
        ("psychologist", "school", Role.PSYCHOLOGIST),
    ):
        one = await bench.adds(key, place, role)
        await storage.pins.save(db, one.person_id, PIN)
        await storage.pins.unlock(db, one.person_id, one.identity_id, bench.now)
    officers = [bench.people[key].person_id for key in ("worker", "other_worker", "supervisor")]
    await rota.open_hotline(db, bench.places["network"], officers, bench.now)


async def _populate(bench: Bench) -> None:
    db = bench.db
    rows = await db.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    bench.tables = tuple(row["name"] for row in rows if row["name"] not in _NOT_COUNTED)
    network = await storage.communities.root(db)
    assert network is not None
    await storage.communities.save_language(db, network.id, bench.language)
    bench.places["network"] = replace(network, language=bench.language)
    for key, parent, kind, name in (
        ("school", "network", CommunityKind.SCHOOL, "12"),
        ("class", "school", CommunityKind.CLASS, "5A"),
        ("twin", "school", CommunityKind.CLASS, "5B"),
        ("other", "network", CommunityKind.SCHOOL, "7"),
    ):
        over = bench.places[parent]
        bench.places[key] = await storage.communities.add(
            db, over, kind, name, bench.language, "Asia/Baku", network.country
        )
    for key, place, role in (
        ("owner", "network", Role.COORDINATOR),
        ("coordinator", "school", Role.COORDINATOR),
        ("head", "class", Role.HEAD_OF_CLASS),
        ("parent", "class", Role.PARENT),
        ("pupil", "class", Role.PUPIL),
        ("neighbour", "other", Role.COORDINATOR),
    ):
        await bench.adds(key, place, role)
    await bench.adds("newcomer")
    for language in LANGUAGES:  # an announcement is offered in what its readers read
        await bench.adds(f"reader_{language}", "class", Role.PARENT, language)
    head, until = bench.people["head"].person_id, START + timedelta(days=30)
    opening = await storage.invites.make(
        db, bench.places["school"], Role.HEAD_OF_CLASS, bench.people["coordinator"].person_id, 1, until
    )
    other = await storage.invites.make(db, bench.places["other"], None, bench.people["neighbour"].person_id, 30, until)
    invite = await storage.invites.make(db, bench.places["class"], None, head, 30, until)
    chat = await storage.chats.save(db, "telegram", "-500", "5A")
    await storage.chats.bind(db, chat.id, bench.places["class"].id)
    bench.codes = {"code": invite.code, "class_code": opening.code, "other_code": other.code}
