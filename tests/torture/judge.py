"""What is there, held against what must be. Every difference is a figure, and a line that names it."""

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

from domain.messages import Lane
from tests.torture.people import kind_of
from tests.torture.witness import SENDS

if TYPE_CHECKING:
    from tests.torture.storm import Run

MUST_BE_ZERO = ("lost", "doubled_state", "unanswered", "unhandled", "hung", "shut_out")
_SHOWN = 30
_ANSWERS = {"yes": "accepted", "no": "declined", "maybe": "tentative"}
_ZONES = ("Asia/Baku", "Asia/Almaty", "Asia/Krasnoyarsk", "Europe/Moscow", "Europe/Kyiv")


def judge(run: "Run") -> dict[str, int | float]:
    figures = run.figures
    _state(run)
    _answers(run)
    _deliveries(run)
    _program(run)
    found = {
        "seed": run.order.seed,
        "kills": run.kills,
        "malformed": run.fed,
        "updates": run.sandbox.state.queue.confirmed,
        "deeds": len(run.storm.deeds.done),
        "lost": figures["lost"],
        "doubled_state": figures["doubled_state"],
        "doubled_messages": figures["doubled_messages"],
        "doubled_allowed": run.allowed + len(run.witness.closed),
        "unanswered": figures["unanswered"],
        "unhandled": figures["unhandled"],
        "hung": run.hung,
        "messages": len(run.witness.sent),
        "apologies": run.storm.apologies,
        "shut_out": len(run.storm.shut_out),
        "starts": run.victim.starts,
        "refused_starts": run.victim.refused_starts,
    }
    struck = {f"calls_{name.replace(' ', '_')}": count for name, count in run.weather.struck.items()}
    others = {name: count for name, count in figures.items() if name not in found}
    return {**found, **struck, **others}


def holds(found: dict[str, int | float]) -> bool:
    return not any(found[name] for name in MUST_BE_ZERO) and found["doubled_messages"] <= found["doubled_allowed"]


def _compare(run: "Run", what: str, wanted: Iterable[Hashable], found: Iterable[Hashable]) -> None:
    """Missing is lost, more is doubled."""
    want, have = Counter(wanted), Counter(found)
    lost, more = want - have, have - want
    run.figures["lost"] += lost.total()
    run.figures["doubled_state"] += more.total()
    for name, differs in (("lost", lost), ("more", more)):
        run.notes += [f"{name}: {what}: {one}" for one in list(differs)[:_SHOWN]]


# --- rows -------------------------------------------------------------------------------------------------------------


def _state(run: "Run") -> None:
    deeds, school = run.storm.deeds, run.storm.school
    own = {person.id for person in (*school.cast, *school.newcomers)}

    def rows(sql: str) -> list[tuple[Any, ...]]:
        found = [tuple(row) for row in run.ledger.rows(sql)]
        return [(int(address), *rest) for address, *rest in found if int(address) in own]

    who = "JOIN identities ON identities.person_id = own.person_id"
    joined = {(person, about) for person, about, _ in deeds.all("join")}
    taking = rows(f"SELECT identities.address, challenge_id FROM challenge_participants AS own {who}")  # noqa: S608
    _compare(run, "takes part", joined, taking)
    days = rows(f"SELECT identities.address, challenge_id, day FROM challenge_checkins AS own {who}")  # noqa: S608
    _compare(run, "check-in", deeds.all("check-in"), days)
    counted = rows(f"SELECT identities.address, challenge_id, days FROM challenge_participants AS own {who}")  # noqa: S608
    each_day = Counter((person, about) for person, about, _ in days)
    _compare(run, "days counted", [(*key, each_day[key]) for key in joined], counted)
    confirmed = rows(f"SELECT identities.address, announcement_id FROM announcement_confirmations AS own {who}")  # noqa: S608
    _compare(run, "confirmation", {(person, about) for person, about, _ in deeds.all("confirm")}, confirmed)
    votes = rows(f"SELECT identities.address, poll_id, choices FROM poll_ballots AS own {who}")  # noqa: S608
    wanted_votes = [(*key, 1 << option) for key, option in deeds.last("vote").items()]
    _compare(run, "vote", wanted_votes, votes)
    _meetings(run, rows(f"SELECT identities.address, meeting_id, answer FROM rsvps AS own {who}"))  # noqa: S608
    _settings(
        run,
        rows(
            "SELECT identities.address, language, zone, quiet_from FROM persons AS own "
            "JOIN identities ON identities.person_id = own.id"
        ),
    )
    _joining(run, rows(f"SELECT identities.address, role, state FROM memberships AS own {who}"))  # noqa: S608
    _hotline(run)
    _said_to_all(run)


def _meetings(run: "Run", found: list[tuple[Any, ...]]) -> None:
    wanted = {key: _ANSWERS[value] for key, value in run.storm.deeds.last("rsvp").items()}
    free = [(*key, value) for key, value in wanted.items() if key[1] == 1]
    _compare(run, "answer to a meeting", free, [row for row in found if row[1] == 1])
    # The other one has few places: who has asked for one has it, or waits for it.
    simplified = [(person, about, "accepted" if said == "waiting" else said) for person, about, said in found]
    _compare(
        run,
        "answer to a full meeting",
        [(*key, value) for key, value in wanted.items() if key[1] == 2],
        [row for row in simplified if row[1] == 2],
    )
    capacity = run.ledger.value("SELECT capacity FROM meetings WHERE id = 2")
    said = Counter(answer for _, about, answer in found if about == 2)
    run.figures["doubled_state"] += max(0, said["accepted"] - capacity)  # a place given away twice
    if said["waiting"]:
        run.figures["lost"] += max(0, capacity - said["accepted"])  # a place that nobody got


def _settings(run: "Run", found: list[tuple[Any, ...]]) -> None:
    now = {row[0]: row[1:] for row in found}
    deeds = run.storm.deeds
    for (person, _), value in deeds.last("lang").items():
        _compare(run, "language", [(person, value)], [(person, now[person][0])])
    for (person, _), value in deeds.last("zone").items():
        _compare(run, "zone", [(person, _ZONES[int(value)])], [(person, now[person][1])])
    for (person, _), value in deeds.last("quiet").items():
        _compare(run, "quiet hours", [(person, int(value) * 60 or None)], [(person, now[person][2])])


def _joining(run: "Run", found: list[tuple[Any, ...]]) -> None:
    asked = {person for person, _, _ in run.storm.deeds.all("ask to join")}
    newcomers = {person.id for person in run.storm.school.newcomers}
    there = [row[0] for row in found if row[0] in newcomers and row[2] in ("waiting", "active")]
    _compare(run, "newcomer", asked, there)
    left = run.ledger.value("SELECT uses_left FROM invites WHERE code = :code", code=run.storm.school.code)
    used = run.storm.school.code_uses - left
    _compare(run, "uses of the code", ["use"] * len(asked), ["use"] * used)


def _hotline(run: "Run") -> None:
    deeds = run.storm.deeds
    reports = deeds.count("report")
    _compare(run, "case", ["case"] * reports, ["case"] * run.ledger.value("SELECT COUNT(*) FROM cases"))
    sent = {about for _, about, _ in deeds.all("report")}
    written = sum(1 for _, about, _ in deeds.all("part") if about in sent) + deeds.count("answer")
    _compare(run, "part", ["part"] * written, ["part"] * run.ledger.value("SELECT COUNT(*) FROM case_parts"))
    delivered = run.ledger.value("SELECT COUNT(*) FROM case_log WHERE deed = 'delivered'")
    _compare(run, "delivered answer", ["answer"] * deeds.count("answer"), ["answer"] * delivered)
    heard = Counter(
        effect.text.split("@")[1]
        for message, effect in run.witness.sent.items()
        if message in run.ledger.known and "Sizə inanırıq @" in effect.text and not effect.press("cs.send")
    )
    _compare(run, "answer heard", [about for _, about, _ in deeds.all("answer")], heard.elements())


def _said_to_all(run: "Run") -> None:
    """Every announcement reached everybody of the class, once."""
    school = run.storm.school
    everybody = {person.id for person in (*school.parents, *school.reporters)}
    announced = [about for _, about, _ in run.storm.deeds.all("announce")]
    _compare(
        run,
        "announcement",
        announced,
        [row["words"] for row in run.ledger.rows("SELECT words FROM announcements WHERE words != 'Salam hamıya'")]
        + [
            row["words"]
            for row in run.ledger.rows("SELECT words FROM announcements WHERE words = 'Salam hamıya' LIMIT 1")
        ],
    )
    heard = [
        (effect.chat_id, words)
        for message, effect in run.witness.sent.items()
        if message in run.ledger.known and run.ledger.lanes[message] is Lane.BROADCAST and effect.chat_id in everybody
        for words in announced
        if words in effect.text
    ]
    _compare(run, "announcement heard", [(person, words) for words in announced for person in everybody], heard)


# --- answers ----------------------------------------------------------------------------------------------------------


def _answers(run: "Run") -> None:
    """Everybody is answered, and by as many messages as she asked for."""
    run.figures["unanswered"] += len(run.storm.waiting)
    run.notes += [f"unanswered: {deed}" for deed, _ in list(run.storm.waiting.values())[:_SHOWN]]
    wanted = run.storm.deeds.answers()
    chats = {person.id for person in run.storm.school.cast} | {run.storm.school.group.id}
    heard = Counter(
        (effect.chat_id, kind)
        for message, effect in run.witness.sent.items()
        if message in run.ledger.known and effect.chat_id in chats and (kind := kind_of(effect))
    )
    fewer, more = wanted - heard, heard - wanted
    run.figures["unanswered"] += fewer.total()
    run.figures["doubled_messages"] += more.total()
    run.notes += [f"answered too rarely: {key} {count}" for key, count in list(fewer.items())[:_SHOWN]]
    run.notes += [f"answered too often: {key} {count}" for key, count in list(more.items())[:_SHOWN]]


def _deliveries(run: "Run") -> None:
    """Copies that no delivery knows; deliveries that say they were sent and were not; what nobody can send."""
    copies = {message for message in run.witness.sent.keys() - run.ledger.known if message[0] not in run.ghosts}
    run.figures["doubled_messages"] += len(copies)
    by_accident = copies - run.unmarked - run.witness.closed
    run.figures["copies_without_cause"] += len(by_accident)
    run.figures["doubled_messages"] += run.allowed * bool(by_accident)  # nothing allows these
    run.notes += [f"copy without a cause: {run.witness.sent[message]}" for message in list(by_accident)[:_SHOWN]]
    never = run.ledger.known - run.witness.sent.keys()
    run.figures["lost"] += len(never)
    run.notes += [f"marked as sent and never seen: {message}" for message in list(never)[:_SHOWN]]
    left = run.ledger.rows(
        """SELECT id, kind, lane FROM deliveries WHERE state = 'waiting' AND not_before <= :now""", now=run.now_us
    )
    run.figures["lost"] += len(left)
    run.notes += [f"still waits: {tuple(row)}" for row in left[:_SHOWN]]
    own = {str(person.id) for person in run.storm.school.cast}
    failed = run.ledger.rows("SELECT id, kind, place, reason FROM deliveries WHERE state = 'failed'")
    given_up = [tuple(row) for row in failed if row["place"] and row["place"].partition(":")[2] in own]
    run.figures["lost"] += len(given_up)
    run.notes += [f"given up: {row}" for row in given_up[:_SHOWN]]


def _program(run: "Run") -> None:
    """How the bot ended, and whether its file is whole."""
    run.figures["unhandled"] += len(run.victim.ended_badly)
    run.notes += [f"ended with {code}" for code in run.victim.ended_badly]
    run.figures["unhandled"] += run.crowded
    whole = run.ledger.value("PRAGMA integrity_check")
    if whole != "ok" or run.ledger.rows("PRAGMA foreign_key_check"):
        run.figures["lost"] += 1
        run.notes.append(f"the database is damaged: {whole}")
    waiting = {deed.update_id for deed, _ in run.storm.waiting.values()}
    outcomes = {
        int(row["event_id"]): row["outcome"]
        for row in run.ledger.rows("SELECT event_id, outcome FROM inbox WHERE event_id NOT LIKE 'answer:%'")
    }
    for number, deed in run.storm.deeds.ids().items():
        if number not in waiting and outcomes.get(number) not in ("done", "refused"):
            run.figures["lost"] += 1
            run.notes.append(f"never handled: {deed}: {outcomes.get(number)}")


def shown(found: dict[str, int | float]) -> str:
    return json.dumps(found, indent=2)


__all__ = ["SENDS", "holds", "judge", "shown"]
