"""The outbox and its sender, whatever happens: kills, refusals, edits of what waits, is under way or is sent, cancels,
groups that move, pauses. Each delivery ends in exactly one state; a kill repeats at most one message in a chat."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import hypothesis
from hypothesis import strategies as st

import storage.chats
import storage.outbox
from bot.clock import Clock
from bot.sender import Sender
from domain.messages import Lane, Moved, Rejected, Result, Sent, Subject, TryLater, Unreachable
from domain.requests import Incoming
from storage.database import Database
from storage.outbox import Draft
from storage.vault import Vault
from tests.conftest import NoPacer
from tests.storage.conftest import RING

CHATS = ("1001", "1002", "-100")
GROUP = "telegram:-100"
LANES = (Lane.CASE, Lane.REPLY, Lane.BROADCAST)
FATES = {"sent": 60, "later": 6, "told": 5, "closed": 6, "rejected": 4, "unreachable": 2, "moved": 2, "hangs": 6}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that a chat shows; `row` names what was said, whatever became of its words meanwhile."""

    chat: str  # the first address of it
    lane: int
    row: int


@dataclass(eq=False)
class Chats:
    """What people see, over all lives of the program."""

    chance: Random
    calm: bool = False
    arrived: list[Arrived] = field(default_factory=list)
    shown: dict[int, str] = field(default_factory=dict)  # message → its words
    message_of: dict[int, list[int]] = field(default_factory=dict)  # row → its messages
    closed: Counter[str] = field(default_factory=Counter)  # chats: effects whose sender never heard of them
    refused: set[str | int] = field(default_factory=set)  # words, rows, and chats that can't be reached
    refusals: int = 0
    moved: dict[str, str] = field(default_factory=dict)  # new address → the first one
    number: int = 0

    async def take(
        self, kind: str, address: str, body: Mapping[str, Any], target: int | None, mouth: "Mouth"
    ) -> Result:
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        if not mouth.lives:
            await asyncio.Event().wait()
        first = self.moved.get(address, address)
        (fate,) = ("sent",) if self.calm else self.chance.choices(list(FATES), list(FATES.values()))
        match fate:
            case "later":
                return TryLater(0.0)
            case "told" if first != "-100":  # a pause stays with the old address: what it held back comes later
                return TryLater(self.chance.choice((0.0, 0.01)), told=True)
            case "rejected" | "unreachable":
                self.refused |= {body["html"], body.get("row", 0)} | ({first} if fate == "unreachable" else set())
                self.refusals += 1
                return Rejected("no") if fate == "rejected" else Unreachable("blocked")
            case "moved" if address == "-100":
                self.moved["-2000"] = address
                return Moved("-2000")
            case "hangs":
                await asyncio.Event().wait()
        sent = self._show(kind, first, body, target)
        if fate == "closed":
            self.closed[first] += kind == "say"
            return TryLater(0.0)
        return sent

    def _show(self, kind: str, first: str, body: Mapping[str, Any], target: int | None) -> Sent:
        if kind == "edit":
            if target is not None:
                self.shown[target] = body["html"]
            return Sent((target,) if target else ())
        self.number += 1
        self.arrived.append(Arrived(first, body["lane"], body["row"]))
        self.shown[self.number] = body["html"]
        self.message_of.setdefault(body["row"], []).append(self.number)
        return Sent((self.number,))


class Mouth:
    """The messenger of one life: a dead program says nothing any more."""

    name = "telegram"

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self.lives = True

    async def send(self, kind: str, address: str, body: Mapping[str, Any], target: int | None) -> Result:
        return await self._chats.take(kind, address, body, target, self)


@dataclass(eq=False)
class Life:
    """One start of the program."""

    database: Database
    clock: Clock
    sender: Sender
    mouth: Mouth
    before: frozenset[asyncio.Task[Any]]  # tasks that are none of its own

    async def end(self) -> None:
        """Nothing of it goes on; it marks nothing any more."""
        self.sender._stopping = True
        while own := asyncio.all_tasks() - self.before:  # asyncio.wait_for may swallow one cancellation
            for task in own:
                task.cancel()
            await asyncio.wait(own, timeout=0.05)
        await self.database.close()


@dataclass(eq=False)
class Story:
    """Everything that was said, and what must have become of it."""

    folder: Path
    chance: Random
    chats: Chats
    clock: Clock = field(default_factory=Clock)
    kills: int = 0
    said: int = 0
    wanted: dict[str, str] = field(default_factory=dict)  # card → its newest words
    row_of: dict[str, int] = field(default_factory=dict)  # card → what said it
    ended: dict[int, str] = field(default_factory=dict)  # delivery → its last state
    offset: float = 0.0
    running: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        before = frozenset(asyncio.all_tasks())
        database = await Database.open(f"sqlite:///{self.folder / 'birge.sqlite3'}", Vault(RING))
        async with database.writing() as db:
            await database.vault.ready_for(db, self.clock.now())
            if not self.kills:
                await storage.chats.save(db, "telegram", "-100", "5A")
        mouth = Mouth(self.chats)
        sender = Sender(database, {"telegram": mouth}, self.clock, NoPacer(), _learn)  # type: ignore[dict-item]
        sender._nap = self._nap  # type: ignore[method-assign]
        self.life = Life(database, self.clock, sender, mouth, before)
        self.running = asyncio.create_task(sender.run())

    async def _nap(self, seconds: float) -> None:
        self.later(seconds)
        await asyncio.sleep(0)

    def later(self, seconds: float) -> None:
        self.offset += seconds
        self.clock.set_offset(self.offset)

    # --- what happens -------------------------------------------------------------------------------------------------

    async def put(self, *drafts: Draft) -> None:
        async with self.life.database.writing() as db:
            group = await storage.chats.readers(db, [1])
            placed = [replace(one, place=group[1].place) if one.place == GROUP else one for one in drafts]
            ready = await storage.outbox.enqueue(db, placed, self.clock.now())
        self.life.sender.hand_over(ready)
        if len(ready) < len(drafts):
            self.life.sender.wake()

    def draft(self, lane: Lane, chat: str, **more: Any) -> Draft:
        self.said += 1
        body = {"html": f"w{self.said}", "buttons": [], "row": self.said, "lane": int(lane)}
        return Draft("say", f"telegram:{chat}", body, lane, **more)

    async def say(self, chat: str) -> None:
        lanes = [self.chance.choice(LANES) for _ in range(self.chance.randrange(1, 6))]
        await self.put(*(self.draft(lane, chat) for lane in lanes))

    async def card(self, chat: str) -> None:
        """A card is said, or the one that stands there changes: waiting, under way or sent."""
        name = f"card:{chat}"
        if chat == "-100":  # cards of a group that moves stay behind in the old one
            return await self.say(chat)
        if name not in self.wanted:
            draft = self.draft(Lane.REPLY, chat, card=name)
            self.wanted[name], self.row_of[name] = draft.body["html"], self.said
            return await self.put(draft)
        self.said += 1
        self.wanted[name] = f"w{self.said}"
        live = self.chance.random() < 0.5
        body = {"html": self.wanted[name], "buttons": []} | ({"live": True} if live else {})
        return await self.put(Draft("edit", f"telegram:{chat}", body, card=name, live=live))

    async def cancel(self, chat: str) -> None:
        """What was said of a subject is taken back by its next revision, as far as it still waits."""
        about = Subject("meeting", 1, self.said)
        await self.put(self.draft(Lane.BROADCAST, chat, subject=about))
        for _ in range(self.chance.randrange(5)):
            await asyncio.sleep(0)
        async with self.life.database.writing() as db:
            await storage.outbox.drop_of_subject(db, Subject("meeting", 1, self.said + 1))

    async def twice(self, chat: str) -> None:
        """A job that looks again says the same."""
        key = f"key:{self.said}"
        first = self.draft(Lane.REPLY, chat, dedupe_key=key)
        await self.put(first)
        await self.put(Draft("say", first.place, first.body, first.lane, dedupe_key=key))

    async def time_passes(self, _chat: str) -> None:
        self.later(5.0)
        self.life.sender.wake()
        for _ in range(self.chance.randrange(40)):
            await asyncio.sleep(0)

    async def kill(self, _chat: str) -> None:
        """Between two transactions: one that was open is undone anyhow."""
        self.kills += 1
        async with self.life.database.writing():
            self.life.mouth.lives = False  # what is copied now is all that the next one knows
            survived = Path(tempfile.mkdtemp(dir=self.folder.parent))
            for file in self.folder.iterdir():
                if file.name.endswith((".sqlite3", "-wal")):
                    shutil.copy(file, survived)
        await self.life.end()
        self.folder = survived
        await self.begin()
        await self.check()

    # --- what must be true --------------------------------------------------------------------------------------------

    async def rows(self) -> list[Mapping[str, Any]]:
        async with self.life.database.reading() as db:
            return await db.all("SELECT id, lane, kind, place_mark, state, body FROM deliveries ORDER BY id")

    async def check(self) -> None:
        """What has ended stays ended; its words are gone, but for what was given up: that can be sent again."""
        now = {row["id"]: row for row in await self.rows()}
        for number, state in self.ended.items():
            assert now[number]["state"] == state
        self.ended = {number: row["state"] for number, row in now.items() if row["state"] != "waiting"}
        kept = [number for number, state in self.ended.items() if state != "failed" and now[number]["body"] is not None]
        assert kept == []

    async def end(self) -> None:
        """In calm weather everything comes to its end."""
        self.chats.calm = True
        await self.kill("")  # what hangs, hangs no longer
        async with asyncio.timeout(20):
            while any(row["state"] == "waiting" for row in await self.rows()):
                self.later(10.0)
                self.life.sender.wake()
                await self.life.sender.rested()
        await self.check()
        assert set(self.ended.values()) <= {"sent", "failed", "dropped"}
        assert list(self.ended.values()).count("failed") <= self.chats.refusals
        self._doubles()
        self._order()
        self._cards()

    def _doubles(self) -> None:
        """At most one for each chat at each kill, and one for each answer that was lost."""
        copies = Counter(one.chat for one in self.chats.arrived) - Counter(one.chat for one in set(self.chats.arrived))
        for chat, count in copies.items():
            assert count <= self.kills + self.chats.closed[chat]

    def _order(self) -> None:
        """Each lane of each chat arrives in the order it was said in, however often."""
        for chat in CHATS:
            for lane in LANES:
                heard = [one.row for one in self.chats.arrived if (one.chat, one.lane) == (chat, int(lane))]
                # A card whose words were refused while newer ones came goes again with these, behind the others.
                rows = [row for row in heard if row not in self.chats.refused]
                assert list(dict.fromkeys(rows)) == sorted(set(rows)), (chat, lane, rows)

    def _cards(self) -> None:
        """A card that arrived shows what was wanted last, unless just that was refused."""
        for card, words in self.wanted.items():
            row = self.row_of[card]
            messages = self.chats.message_of.get(row, [])
            # Of a card that was given up nobody knows that a copy of it may stand there.
            if messages and not {words, row, card.partition(":")[2]} & self.chats.refused:
                assert words in [self.chats.shown[message] for message in messages], card


async def _learn(_some: Sequence[Incoming]) -> None:
    """Nothing here has a receipt."""


_ACTS = {"say": 6, "card": 6, "cancel": 2, "twice": 2, "time_passes": 6, "kill": 2}


# A smaller number is no simpler storm: what fails is shown as it is.
@hypothesis.settings(
    max_examples=20,
    deadline=None,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(seed=st.integers(0, 2**32), length=st.integers(5, 50))
@hypothesis.example(seed=15, length=40)
@hypothesis.example(seed=18, length=40)
@hypothesis.example(seed=22, length=40)
@hypothesis.example(seed=3172, length=45)
def test_whatever_happens_each_delivery_ends_once(empty: Path, seed: int, length: int) -> None:
    asyncio.run(_live_through(empty, Random(seed), length))


async def _live_through(empty: Path, chance: Random, length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first"
        first.mkdir()
        shutil.copy(empty, first / "birge.sqlite3")
        story = Story(first, chance, Chats(chance))
        await story.begin()
        try:
            for act in chance.choices(list(_ACTS), list(_ACTS.values()), k=length):
                await getattr(story, act)(chance.choice(CHATS))
            await story.end()
        finally:
            await story.life.end()
