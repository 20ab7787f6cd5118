"""Messages to many: one row with its rule, a body per language and zone, and one delivery per person."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.languages import LANGUAGES
from domain.messages import Lane, Pace, Say, Subject, ToAudience
from domain.mutes import MUTED
from domain.reminders import is_quiet, next_digest, quiet_hours
from domain.times import from_us, maybe_us, to_us
from storage.audiences import READS
from storage.database import Connection, Row
from storage.outbox import place_mark

RenderBody = Callable[[str, str], Mapping[str, Any]]  # language, zone → the body

# CROSS JOIN: SQLite keeps this order, from the community down. Else it may read all memberships there are by person.
_AUDIENCE = f"""
    FROM communities AS top
    CROSS JOIN communities AS below
    CROSS JOIN memberships
    WHERE top.id = :community_id
      AND below.path >= top.path AND below.path < top.path || ':' AND (:subtree = 1 OR below.id = top.id)
      AND memberships.community_id = below.id AND {READS}
      AND (:roles = '' OR :roles LIKE '%,' || memberships.role || ',%')
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many different persons an audience has, and how many of them nothing can reach now."""

    persons: int
    blocked: int  # the bot was blocked, or the account is gone
    never_started: int
    digest: int = 0  # of those who can be reached: who chose one message in the evening
    languages: Mapping[str, int] = field(default_factory=dict, compare=False)  # how many read which, of all
    muted: int = 0  # of those who can be reached: who wants to hear only what is urgent

    @property
    def now(self) -> int:
        return self.persons - self.blocked - self.never_started - self.muted


def _rule(to: ToAudience) -> dict[str, Any]:
    roles = f",{','.join(sorted(to.roles))}," if to.roles else ""
    return {"community_id": to.community_id, "roles": roles, "subtree": int(to.subtree)}


async def reach(db: Connection, to: ToAudience, now: datetime) -> Reach:
    """The audience counted in one statement: a person counts once, by her best identity."""
    row = await db.one(
        f"""SELECT COUNT(*) AS persons,
                   COALESCE(SUM(CASE WHEN why NOT IN ('', 'never_started') THEN 1 ELSE 0 END), 0) AS blocked,
                   COALESCE(SUM(CASE WHEN why = 'never_started' THEN 1 ELSE 0 END), 0) AS never_started,
                   COALESCE(SUM(CASE WHEN why = '' AND mutes.person_id IS NULL THEN persons.digest ELSE 0 END), 0)
                       AS digest,
                   COALESCE(SUM(CASE WHEN why = '' AND mutes.person_id IS NOT NULL THEN 1 ELSE 0 END), 0) AS muted,
                   {_BY_LANGUAGE}
            FROM (
                SELECT audience.person_id, MIN(COALESCE(identities.unreachable, '')) AS why
                FROM (SELECT DISTINCT memberships.person_id {_AUDIENCE}) AS audience
                JOIN identities ON identities.person_id = audience.person_id
                GROUP BY audience.person_id
            ) AS reached
            JOIN persons ON persons.id = reached.person_id
            LEFT JOIN mutes
                   ON mutes.person_id = reached.person_id AND mutes.community_id = :community_id
                  AND (mutes.until IS NULL OR mutes.until > :now)""",  # noqa: S608 - our own text
        now=to_us(now),
        **_rule(to),
    )
    if row is None:
        return Reach(0, 0, 0)
    languages = {language: row[f"in_{language}"] for language in LANGUAGES if row[f"in_{language}"]}
    return Reach(row["persons"], row["blocked"], row["never_started"], row["digest"], languages, row["muted"])


_BY_LANGUAGE = ", ".join(
    f"COALESCE(SUM(CASE WHEN persons.language = '{language}' THEN 1 ELSE 0 END), 0) AS in_{language}"
    for language in LANGUAGES
)


async def audience_ids(
    db: Connection, to: ToAudience, now: datetime, *, after: int = 0, most: int = 100_000
) -> list[int]:
    """The persons of an audience with numbers above `after`, by number, `most` at a time; nobody who muted it."""
    rows = await db.all(
        f"""SELECT DISTINCT memberships.person_id {_AUDIENCE} AND memberships.person_id > :after
              AND NOT EXISTS (SELECT 1 FROM mutes
                              WHERE mutes.person_id = memberships.person_id AND mutes.community_id = :community_id
                                AND (mutes.until IS NULL OR mutes.until > :now))
            ORDER BY memberships.person_id
            LIMIT :most""",  # noqa: S608 - our own text
        now=to_us(now),
        after=after,
        most=most,
        **_rule(to),
    )
    return [row["person_id"] for row in rows]


async def save(db: Connection, say: Say, render: RenderBody, now: datetime) -> None:
    """Stores the message with its rule, rendered once for every language and zone of its audience."""
    if not isinstance(say.to, ToAudience):
        raise TypeError("a message to many needs an audience")
    outgoing_id = await db.value(
        """INSERT INTO outgoings (community_id, roles, subtree, lane, card, subject_kind, subject_id, subject_revision,
                                  not_before, not_after, dedupe_key, pace, state, created_at)
           VALUES (:community_id, :roles, :subtree, :lane, :card, :subject_kind, :subject_id, :subject_revision,
                   :not_before, :not_after, :dedupe_key, :pace, 'expanding', :now)
           ON CONFLICT DO NOTHING
           RETURNING id""",
        lane=int(say.lane),
        card=say.card,
        subject_kind=say.subject.kind if say.subject else None,
        subject_id=say.subject.id if say.subject else None,
        subject_revision=say.subject.revision if say.subject else None,
        not_before=to_us(say.not_before) if say.not_before else 0,
        not_after=maybe_us(say.not_after),
        dedupe_key=say.dedupe_key,
        pace=say.pace.value,
        now=to_us(now),
        **_rule(say.to),
    )
    if outgoing_id is None:  # said before
        return
    await _save_bodies(db, outgoing_id, say.to, render, now)


async def _save_bodies(db: Connection, outgoing_id: int, to: ToAudience, render: RenderBody, now: datetime) -> None:
    readers = await db.all(
        f"""SELECT DISTINCT persons.language, persons.zone FROM persons
            WHERE persons.id IN (SELECT memberships.person_id {_AUDIENCE})""",  # noqa: S608 - our own text
        now=to_us(now),
        **_rule(to),
    )
    for reader in readers:
        await _save_body(db, outgoing_id, reader["language"], reader["zone"], render)


async def _save_body(db: Connection, outgoing_id: int, language: str, zone: str, render: RenderBody) -> None:
    row = await db.one(
        """INSERT INTO outgoing_bodies (outgoing_id, language, zone)
           VALUES (:outgoing_id, :language, :zone)
           RETURNING id""",
        outgoing_id=outgoing_id,
        language=language,
        zone=zone,
    )
    if row is None:
        raise LookupError("an insert without a row")
    await _seal_body(db, row["id"], render(language, zone))


async def _seal_body(db: Connection, body_id: int, body: Mapping[str, Any]) -> None:
    plain = json.dumps(body, ensure_ascii=False).encode()
    sealed = db.vault.seal(plain, table="outgoing_bodies", column="body", row=body_id)
    await db.run("UPDATE outgoing_bodies SET body = :body WHERE id = :id", body=sealed, id=body_id)


async def revise(db: Connection, community_id: int, card: str, render: RenderBody) -> None:
    """New words and buttons for what of a message to many is still to be sent, or to be expanded."""
    rows = await db.all(
        """SELECT outgoing_bodies.id, outgoing_bodies.language, outgoing_bodies.zone, outgoing_bodies.body
           FROM outgoings
           JOIN outgoing_bodies ON outgoing_bodies.outgoing_id = outgoings.id
           WHERE outgoings.dedupe_key = :card AND outgoings.community_id = :community_id
             AND outgoing_bodies.body IS NOT NULL""",
        card=card,
        community_id=community_id,
    )
    for row in rows:
        plain = await db.vault.open(db, row["body"], table="outgoing_bodies", column="body", row=row["id"])
        body = {**json.loads(plain), **render(row["language"], row["zone"])}
        await _seal_body(db, row["id"], body)


async def expanding(db: Connection) -> list[Row]:
    """Messages to many whose deliveries are not all written yet, the urgent ones first, then the oldest."""
    return await db.all("SELECT * FROM outgoings WHERE state = 'expanding' ORDER BY lane, id")


async def expand(db: Connection, outgoing: Row, now: datetime, most: int) -> int:
    """Writes the next `most` deliveries of a message, by person; returns how many. The last time it is marked done."""
    people = await _next_people(db, outgoing, now, most)
    # Somebody without any identity (she left for good) counts in the chunk, else the rest would never be reached.
    await db.many(_INSERT, [_delivery(db, outgoing, person, now) for person in people if person["channel"] is not None])
    reached = people[-1]["person_id"] if people else outgoing["reached_person"]
    await db.run(
        "UPDATE outgoings SET reached_person = :reached, state = :state WHERE id = :id",
        reached=reached,
        state="expanding" if len(people) == most else "done",
        id=outgoing["id"],
    )
    return len(people)


async def _next_people(db: Connection, outgoing: Row, now: datetime, most: int) -> list[Row]:
    return await db.all(
        f"""SELECT audience.person_id, identities.channel, identities.address, identities.unreachable,
                   persons.zone, persons.quiet_from, persons.quiet_until, persons.digest,
                   EXISTS (SELECT 1 FROM mutes
                           WHERE mutes.person_id = audience.person_id AND mutes.community_id = :community_id
                             AND (mutes.until IS NULL OR mutes.until > :now)) AS muted,
                   COALESCE(own.id, any_body.id) AS body_id
            FROM (
                SELECT DISTINCT memberships.person_id {_AUDIENCE} AND memberships.person_id > :reached
                ORDER BY memberships.person_id
                LIMIT :most
            ) AS audience
            JOIN persons ON persons.id = audience.person_id
            LEFT JOIN identities ON identities.id = (
                SELECT best.id FROM identities AS best
                WHERE best.person_id = audience.person_id
                ORDER BY best.unreachable IS NOT NULL, best.chosen_at DESC, best.id
                LIMIT 1
            )
            LEFT JOIN outgoing_bodies AS own
                   ON own.outgoing_id = :outgoing_id AND own.language = persons.language AND own.zone = persons.zone
            LEFT JOIN outgoing_bodies AS any_body
                   ON any_body.id = COALESCE(
                       (SELECT MIN(same.id) FROM outgoing_bodies AS same
                        WHERE same.outgoing_id = :outgoing_id AND same.language = persons.language),
                       (SELECT MIN(id) FROM outgoing_bodies WHERE outgoing_id = :outgoing_id)
                   )
            ORDER BY audience.person_id""",  # noqa: S608 - our own text
        community_id=outgoing["community_id"],
        roles=outgoing["roles"],
        subtree=outgoing["subtree"],
        now=to_us(now),
        reached=outgoing["reached_person"],
        most=most,
        outgoing_id=outgoing["id"],
    )


def _delivery(db: Connection, outgoing: Row, person: Row, now: datetime) -> dict[str, Any]:
    place = f"{person['channel']}:{person['address']}"
    # Whoever is the first to join an audience that nobody was in when it was addressed finds no body.
    failed = person["unreachable"] or (None if person["body_id"] else "no_words")
    if not failed and person["muted"] and Pace(outgoing["pace"]) is not Pace.URGENT:
        failed = MUTED
    state, not_before = ("failed", None) if failed else _pace(outgoing, person, now)
    lane = Lane(outgoing["lane"])
    card = db.vault.mark("card", f"{place}\0{outgoing['card']}") if outgoing["card"] else None
    # What comes with a digest never stands in the chat as a card of its own.
    card = None if state == "digest" else card
    return {
        "id": db.new_id("deliveries"),
        "lane": int(lane),
        "place": place,
        "place_mark": place_mark(db, lane, place),
        "card_mark": card,
        "body_id": None if failed or state == "digest" else person["body_id"],
        "outgoing_id": outgoing["id"],
        "person_id": person["person_id"],
        "state": state,
        "reason": failed,
        "subject_kind": outgoing["subject_kind"],
        "subject_id": outgoing["subject_id"],
        "subject_revision": outgoing["subject_revision"],
        "not_before": max(outgoing["not_before"], to_us(not_before) if not_before else 0),
        "not_after": outgoing["not_after"],
    }


def _pace(outgoing: Row, person: Row, now: datetime) -> tuple[str, datetime | None]:
    """The state a delivery begins in, and until when it is kept back: until the quiet hours end, or the evening."""
    if not person["digest"] and person["quiet_from"] is None:  # most people
        return "waiting", None
    pace, at = Pace(outgoing["pace"]), max(now, from_us(outgoing["not_before"]))
    if pace is Pace.GATHERED and person["digest"]:
        return "digest", next_digest(at, person["zone"])
    hours = quiet_hours(person["zone"], person["quiet_from"], person["quiet_until"])
    if pace is Pace.URGENT or not is_quiet(hours, at) or hours is None:
        return "waiting", None
    ends = hours.ends(at)
    # What is over by then comes in the night rather than never.
    is_over = outgoing["not_after"] is not None and to_us(ends) >= outgoing["not_after"]
    return ("waiting", None) if is_over else ("held", ends)


_INSERT = """
    INSERT INTO deliveries (id, lane, kind, place, place_mark, card_mark, body_id, outgoing_id, person_id, state,
                            reason, subject_kind, subject_id, subject_revision, not_before, not_after)
    VALUES (:id, :lane, 'say', :place, :place_mark, :card_mark, :body_id, :outgoing_id, :person_id, :state, :reason,
            :subject_kind, :subject_id, :subject_revision, :not_before, :not_after)
    ON CONFLICT DO NOTHING
"""


async def save_not_after(db: Connection, subject: Subject, not_after: datetime) -> None:
    """What waits about a subject is good until then: a meeting was moved."""
    for table, state in (("outgoings", "expanding"), ("deliveries", "waiting"), ("deliveries", "held")):
        await db.run(
            f"""UPDATE {table} SET not_after = :not_after
                WHERE state = '{state}' AND subject_kind = :kind AND subject_id = :id""",  # noqa: S608 - our names
            not_after=to_us(not_after),
            kind=subject.kind,
            id=subject.id,
        )


async def drop_spent_bodies(db: Connection) -> None:
    """What was said to many is gone from here once nobody waits for it any more, or may be sent it again."""
    await db.run(
        """UPDATE outgoing_bodies SET body = NULL
           WHERE body IS NOT NULL
             AND outgoing_id IN (SELECT id FROM outgoings WHERE state = 'done')
             AND NOT EXISTS (
                 SELECT 1 FROM deliveries
                 WHERE deliveries.outgoing_id = outgoing_bodies.outgoing_id
                   AND (deliveries.state IN ('waiting', 'held') OR deliveries.given_up_at IS NOT NULL)
             )"""
    )
