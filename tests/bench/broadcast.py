"""An announcement to 10,000 at a set pace, while people write: does it keep the pace, does it keep out of their way?"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import storage.announcements
import storage.communities
import storage.outgoings
from bot import outgoing
from bot.render import Renderer
from domain.announcement_cards import card, confirming
from domain.announcements import Content, Look
from domain.communities import CommunityKind
from domain.messages import Lane, Pace, Say, Subject, ToAudience
from domain.roles import Role
from storage.database import Connection
from tests.bench import contestants
from tests.bench.api import StandIn, Told
from tests.bench.country import DISTRICT, SCHOOL, Country, Size, chat_of, make, now_utc
from tests.bench.report import Report
from tests.bench.rounds import DANGER_BY_BUTTON, DANGER_IN_WORDS, DID, Failed, Talk

PACE = 300
_REPLIES = 20  # per second
_WINDOWS = 5  # the median of their p99s counts
_REFUSED_EVERY, _RETRY_AFTER = 997, 2
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Amounts:
    """To whom; for how many seconds people write, alone and beside it; how many are in danger."""

    kind: CommunityKind
    communities: int  # of that kind, one announcement to each
    readers: int  # of each
    seconds: float
    in_danger: int


FULL = Amounts(CommunityKind.DISTRICT, 1, DISTRICT, 30.0, 200)
QUICK = Amounts(CommunityKind.SCHOOL, 2, SCHOOL, 5.0, 40)
_BEHIND = 6  # announcements to a whole district that wait while somebody is in danger
_LEAST_BEHIND = 50_000  # deliveries
_ONE_BROADCAST_IN_TEN: dict[str, float] = {"every": 10, "last": 10**9, "retry_after": 1, "longest": 30}
# What the API refuses while somebody is in danger, by what the number is called that is measured then.
_WEATHER: dict[str, dict[str, float]] = {
    "": {},
    "_broadcasts_refused": _ONE_BROADCAST_IN_TEN,
    "_calls_refused": {**_ONE_BROADCAST_IN_TEN, "reply_every": 50},
}


def measure(standin: StandIn, report: Report, amounts: Amounts, seed: int) -> None:
    with tempfile.TemporaryDirectory(dir=contestants.BUILD) as made:
        country = asyncio.run(make(Path(made) / "country", Size(2 * DISTRICT), seed, now_utc()))
        for measured in (_idle, _during, _danger):
            with report.doing(measured.__name__.strip("_")), tempfile.TemporaryDirectory(dir=made) as folder:
                measured(standin, report, amounts, country.copy(Path(folder)))


def _settings(country: Country) -> dict[str, str]:
    return contestants.settings_of(country.url, country.keys, BIRGE_PACE=str(PACE))


def _talkers(country: Country) -> Iterator[int]:
    """Those to whom nothing is announced: the second district."""
    return iter([chat for chat in country.all_members() if chat >= chat_of(DISTRICT)])


def _idle(standin: StandIn, report: Report, amounts: Amounts, country: Country) -> None:
    with contestants.running(standin, "birge", contestants.birge(), country.folder, _settings(country)) as bot:
        talk = Talk(standin, bot, _talkers(country))
        talk.send(DID, 100)
        told = talk.send(DID, int(_REPLIES * amounts.seconds), _REPLIES)
        report.say("reply_p99_ms_idle", _p99_of_windows(told))


def _during(standin: StandIn, report: Report, amounts: Amounts, country: Country) -> None:
    asyncio.run(_announce(country, amounts.kind, list(range(amounts.communities))))
    readers = {chat_of(number) for number in range(amounts.communities * amounts.readers)}
    with contestants.running(standin, "birge", contestants.birge(), country.folder, _settings(country)) as bot:
        refused = {"every": _REFUSED_EVERY, "first": len(readers) // 10, "last": len(readers) // 2}
        standin.set_faults(bot.token, retry_after=_RETRY_AFTER, **refused)
        talk = Talk(standin, bot, _talkers(country))
        told = talk.send(DID, int(_REPLIES * amounts.seconds), _REPLIES)
        found = _until_all_are_sent(standin, bot.token, len(readers))
    report.say("reply_p99_ms_during_broadcast", _p99_of_windows(told))
    _judge_broadcast(report, found, readers)


def _until_all_are_sent(standin: StandIn, token: str, count: int) -> dict[str, Any]:
    ends = time.monotonic() + count / PACE + _PATIENCE
    while standin.report(token)["bulk"] < count and time.monotonic() < ends:
        time.sleep(0.2)
    time.sleep(0.5)  # so that one too many would be seen
    return standin.report(token, bulk=True)


def _judge_broadcast(report: Report, found: dict[str, Any], readers: set[int]) -> None:
    times = sorted(at for at, _ in found["bulk"])
    got = Counter(chat for _, chat in found["bulk"])
    report.say("broadcast_readers", len(readers))
    report.say("broadcast_lost", len(readers - set(got)))
    report.say("broadcast_doubled", sum(got.values()) - len(got))
    report.say("broadcast_refused", found["refused"])
    report.say("broadcast_early", found["early"])
    if len(times) > 1:
        rate = (len(times) - 1) / (times[-1] - times[0])
        report.say("broadcast_per_second", rate)
        report.say("broadcast_of_limit", rate / PACE)
        report.say("broadcast_most_in_a_second", most_within(times, 1.0))
        report.say("broadcast_longest_pause_ms", 1_000 * max(after - before for before, after in pairwise(times)))


def most_within(times: list[float], seconds: float) -> int:
    """The most sends in any window of so many seconds."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _danger(standin: StandIn, report: Report, amounts: Amounts, country: Country) -> None:
    """Words and the button, while far more waits than could be sent."""
    asyncio.run(_announce(country, CommunityKind.DISTRICT, [0] * _BEHIND, expanded=True))
    with contestants.running(standin, "birge", contestants.birge(), country.folder, _settings(country)) as bot:
        talk, sent = Talk(standin, bot, _talkers(country)), 0
        for named, faults in _WEATHER.items():
            standin.set_faults(bot.token, **faults)
            for name, saying in (("danger", DANGER_IN_WORDS), ("danger_button", DANGER_BY_BUTTON)):
                told = talk.send(saying, amounts.in_danger, _REPLIES, once=False)
                report.say(f"{name}{named}_p50_ms", told.quantile(0.5))
                report.say(f"{name}{named}_p99_ms", told.quantile(0.99))
            found = standin.report(bot.token)
            sent += found["bulk"]
            report.say(f"danger{named}_broadcast_calls_refused", found["refused"])
            report.say(f"danger{named}_own_calls_refused", found["replies_refused"])
    waiting = _BEHIND * DISTRICT - sent
    report.say("danger_rows_waiting", waiting)
    if sent == 0 or waiting < _LEAST_BEHIND:
        raise Failed(f"The danger path was not measured beside a broadcast: {sent} sent, {waiting} waiting.")


def _p99_of_windows(told: Told) -> float:
    """The median of the p99s of equal windows: one hiccup of the machine is not the bot's."""
    size = len(told.latencies) // _WINDOWS
    windows = [told.latencies[size * number : size * (number + 1)] for number in range(_WINDOWS)]
    found = sorted(Told(size, 0, 0, 0.0, window, {}).quantile(0.99) for window in windows)
    return found[_WINDOWS // 2]


# --- the announcement -------------------------------------------------------------------------------------------------


async def _announce(country: Country, kind: CommunityKind, to: Sequence[int], *, expanded: bool = False) -> None:
    """What `/announce` leaves behind once it is confirmed, to the communities of this kind with these numbers, from 0;
    `expanded`: with all its deliveries."""
    renderer = Renderer(lambda _link: "https://t.me/bench_bot")
    async with country.opened() as database, database.writing() as db:
        now = now_utc()
        await db.vault.ready_for(db, now)
        rows = await db.all("SELECT id FROM communities WHERE kind = :kind ORDER BY id", kind=kind.value)
        for number in to:
            await _announce_once(db, renderer, rows[number]["id"], now)
        if expanded:
            for row in await storage.outgoings.expanding(db):
                await storage.outgoings.expand(db, row, now, DISTRICT + 1)


async def _announce_once(db: Connection, renderer: Renderer, community_id: int, now: datetime) -> None:
    community = await storage.communities.get(db, community_id)
    assert community is not None
    to = ToAudience(community.id)
    reach = await storage.outgoings.reach(db, to, now)
    look = Look("Bench", "Person 1", Role.COORDINATOR, Content("School begins at nine tomorrow."))
    announcement = await storage.announcements.save(db, community, 1, look, (), reach.persons, now)
    say = Say(
        card(look),
        confirming(announcement),
        to=to,
        card=announcement.card,
        lane=Lane.BROADCAST,
        subject=Subject("announcement", announcement.id),
        dedupe_key=storage.announcements.key_of(announcement.id),
        pace=Pace.URGENT,  # many have quiet hours: else it would depend on the hour what is measured
    )
    await outgoing.store(db, renderer, [say], None, now)
