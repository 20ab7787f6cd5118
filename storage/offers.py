"""Offers from one community to another, and the codes by which they find each other."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from domain.communities import CommunityKind
from domain.offers import ANNOUNCEMENT_LASTS, CODE_LENGTH, TITLE_MOST, Offer, Offered, State, Thing
from domain.requests import Community
from domain.roles import COORDINATORS
from domain.times import from_us, to_us
from domain.writing import shorten
from storage import communities, persons
from storage.database import Connection, Row

_OFFER = """SELECT offers.id, offers.kind, offers.subject_id, offers.title, offers.from_id, offers.to_id,
                   offers.offered_by, offers.lapses_at, offers.state, offers.places, offers.copy_id
            FROM offers"""
_BY_NAME = 100  # neighbours that are shown by name, at most


# --- who there is -----------------------------------------------------------------------------------------------------


async def neighbours(db: Connection, community: Community) -> list[Community]:
    """Those beside a community, and those right under its district: whom its coordinator sees by name. Nobody sees a
    country's schools so, nor an agency: whom cases are referred to is nobody's neighbour."""
    over = await communities.ancestors(db, community.path)
    near = [one for one in over if _is_near(one, community)]
    found = [child for one in reversed(near) for child in await communities.children(db, one.id)]
    own = {one.id for one in over}
    shown = {one.id: one for one in found if one.id not in own and one.kind != CommunityKind.AGENCY}
    return list(shown.values())[:_BY_NAME]


def _is_near(over: Community, community: Community) -> bool:
    far = over.kind in (CommunityKind.NETWORK, CommunityKind.REGION)
    return not far and (over.kind == CommunityKind.DISTRICT or over.id == community.parent_id)


async def code_of(db: Connection, community_id: int, made_by: int, now: datetime, *, new: bool = False) -> str:
    """The code of a community, made when it is first asked for; `new`: another one, and the old one finds nothing."""
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))
    keep = "contact_codes.code" if not new else "excluded.code"
    return str(
        await db.value(
            f"""INSERT INTO contact_codes (community_id, code, made_by, made_at)
                VALUES (:community_id, :code, :made_by, :now)
                ON CONFLICT (community_id) DO UPDATE SET code = {keep}
                RETURNING code""",  # noqa: S608 - our names
            community_id=community_id,
            code=code,
            made_by=made_by,
            now=to_us(now),
        )
    )


async def by_code(db: Connection, code: str) -> Community | None:
    """None: there is none, or it has left school."""
    number = await db.value("SELECT community_id FROM contact_codes WHERE code = :code", code=code)
    found = None if number is None else await communities.get(db, int(number))
    return None if found is None or found.archived else found


# --- what can be offered ----------------------------------------------------------------------------------------------


async def offerable(db: Connection, community_id: int, now: datetime, *, most: int = 8) -> list[Offered]:
    """What this very community has of its own: meetings and challenges that go on, the newest announcements. No story
    and no newsletter: what a child agreed to is for this community."""
    return [
        *await _meetings(db, community_id, now, most),
        *await _challenges(db, community_id, now, most),
        *await _announcements(db, community_id, now, most),
    ]


async def _meetings(db: Connection, community_id: int, now: datetime, most: int) -> list[Offered]:
    rows = await db.all(
        """SELECT id, title, starts_at AS until, capacity FROM meetings
           WHERE community_id = :id AND state = 'called' AND starts_at > :now AND source IS NULL
             AND slot_minutes IS NULL AND announce_at IS NULL
           ORDER BY starts_at
           LIMIT :most""",
        id=community_id,
        now=to_us(now),
        most=most,
    )
    return [_offered(Thing.MEETING, row, from_us(row["until"])) for row in rows]


async def _challenges(db: Connection, community_id: int, now: datetime, most: int) -> list[Offered]:
    rows = await db.all(
        """SELECT id, title, ends_at AS until, NULL AS capacity FROM challenges
           WHERE community_id = :id AND state = 'running' AND ends_at > :now AND source IS NULL
           ORDER BY ends_at
           LIMIT :most""",
        id=community_id,
        now=to_us(now),
        most=most,
    )
    return [_offered(Thing.CHALLENGE, row, from_us(row["until"])) for row in rows]


async def _announcements(db: Connection, community_id: int, now: datetime, most: int) -> list[Offered]:
    rows = await db.all(
        """SELECT id, words AS title, NULL AS capacity FROM announcements
           WHERE community_id = :id AND COALESCE(sent_at, created_at) > :since AND source IS NULL AND state = 'sent'
             AND ours IS NULL
           ORDER BY id DESC
           LIMIT :most""",
        id=community_id,
        since=to_us(now - ANNOUNCEMENT_LASTS),
        most=most,
    )
    return [_offered(Thing.ANNOUNCEMENT, row, now + ANNOUNCEMENT_LASTS) for row in rows]


def _offered(thing: Thing, row: Row, until: datetime) -> Offered:
    title = shorten(" ".join(row["title"].split()), TITLE_MOST) or "…"
    return Offered(thing, row["id"], title, until, row["capacity"] is not None)


# --- offers -----------------------------------------------------------------------------------------------------------


async def save(
    db: Connection, what: Offered, source: Community, target: Community, places: int | None, by: int, now: datetime
) -> Offer | None:
    """None when the same was offered there before and was not declined."""
    new_id = await db.value(
        """INSERT INTO offers (kind, subject_id, title, places, from_id, to_id, offered_by, offered_at, lapses_at,
                               state)
           VALUES (:kind, :subject_id, :title, :places, :from_id, :to_id, :by, :now, :lapses_at, 'offered')
           ON CONFLICT DO NOTHING
           RETURNING id""",
        kind=what.thing.value,
        subject_id=what.id,
        title=what.title,
        places=places,
        from_id=source.id,
        to_id=target.id,
        by=by,
        now=to_us(now),
        lapses_at=to_us(what.until),
    )
    return None if new_id is None else await get(db, int(new_id))


async def get(db: Connection, offer_id: int, _person_id: int = 0) -> Offer | None:
    row = await db.one(f"{_OFFER} WHERE offers.id = :id", id=offer_id)
    found = await _offers(db, [row] if row else [])
    return found[0] if found else None


async def of_community(db: Connection, community_id: int, *, most: int) -> list[Offer]:
    """What it was offered and what it offers itself, the newest first."""
    rows = await db.all(
        f"""SELECT * FROM ({_OFFER} WHERE offers.to_id = :id ORDER BY offers.id DESC LIMIT :most) AS received
            UNION
            SELECT * FROM ({_OFFER} WHERE offers.from_id = :id ORDER BY offers.id DESC LIMIT :most) AS made
            ORDER BY 1 DESC
            LIMIT :most""",  # noqa: S608 - our own text
        id=community_id,
        most=most,
    )
    return await _offers(db, rows)


async def who_hears(db: Connection, offer: Offer, now: datetime) -> list[int]:
    """Who is told what became of it: whoever offered it, as long as she runs that community, else who runs it now."""
    if await persons.may(db, COORDINATORS, offer.offered_by, offer.source.path, now):
        return [offer.offered_by]
    return await communities.leaders(db, offer.source.path, now, COORDINATORS.leading)


async def answer(db: Connection, offer_id: int, state: State, by: int, now: datetime) -> bool:
    """False when it was answered before, or its time is over."""
    found = await db.value(
        """UPDATE offers SET state = :state, answered_by = :by, answered_at = :now
           WHERE id = :id AND state = 'offered' AND lapses_at > :now
           RETURNING id""",
        state=state.value,
        by=by,
        now=to_us(now),
        id=offer_id,
    )
    return found is not None


async def save_copy(db: Connection, offer_id: int, copy_id: int) -> None:
    await db.run("UPDATE offers SET copy_id = :copy_id WHERE id = :id", copy_id=copy_id, id=offer_id)


async def meeting_moved(db: Connection, meeting_id: int, starts_at: datetime) -> None:
    """What waits for an answer can be accepted until it begins."""
    await db.run(
        """UPDATE offers SET lapses_at = :starts_at
           WHERE kind = 'meeting' AND subject_id = :id AND state = 'offered'""",
        starts_at=to_us(starts_at),
        id=meeting_id,
    )


async def copies_of(db: Connection, thing: Thing, subject_id: int) -> list[int]:
    """What other communities have of it."""
    rows = await db.all(
        """SELECT copy_id FROM offers
           WHERE kind = :kind AND subject_id = :subject_id AND state = 'accepted' AND copy_id IS NOT NULL
           ORDER BY id""",
        kind=thing.value,
        subject_id=subject_id,
    )
    return [row["copy_id"] for row in rows]


async def original_of(db: Connection, thing: Thing, copy_id: int, community_id: int) -> int | None:
    """What a community accepted, when this is its copy."""
    found = await db.value(
        """SELECT subject_id FROM offers
           WHERE to_id = :community_id AND state = 'accepted' AND kind = :kind AND copy_id = :copy_id""",
        community_id=community_id,
        kind=thing.value,
        copy_id=copy_id,
    )
    return None if found is None else int(found)


async def let_lapse(db: Connection, now: datetime, most: int) -> list[Offer]:
    """Ends the offers whose time is over, and those of what was called off; returns them."""
    rows = await db.all(
        """UPDATE offers SET state = 'lapsed'
           WHERE id IN (SELECT offers.id FROM offers
                        LEFT JOIN meetings ON meetings.id = offers.subject_id AND offers.kind = 'meeting'
                        LEFT JOIN announcements ON announcements.id = offers.subject_id
                                               AND offers.kind = 'announcement'
                        WHERE offers.state = 'offered'
                          AND (offers.lapses_at <= :now OR meetings.state = 'cancelled'
                               OR announcements.state = 'recalled')
                        ORDER BY offers.lapses_at, offers.id
                        LIMIT :most)
           RETURNING id, kind, subject_id, title, from_id, to_id, offered_by, lapses_at, state, places, copy_id""",
        now=to_us(now),
        most=most,
    )
    return await _offers(db, rows)


async def drop_before(db: Connection, before: datetime, most: int) -> None:
    """Those that were answered or lapsed, and were over before then."""
    await db.run(
        """DELETE FROM offers
           WHERE id IN (
               SELECT id FROM offers
               WHERE state <> 'offered' AND lapses_at < :before
               ORDER BY id
               LIMIT :most
           )""",
        before=to_us(before),
        most=most,
    )


async def _offers(db: Connection, rows: Iterable[Row]) -> list[Offer]:
    found = list(rows)
    ids = sorted({row[name] for row in found for name in ("from_id", "to_id")})
    known = {one.id: one for one in await communities.several(db, ids)}
    return [
        Offer(
            row["id"],
            Thing(row["kind"]),
            row["subject_id"],
            row["title"],
            known[row["from_id"]],
            known[row["to_id"]],
            row["offered_by"],
            from_us(row["lapses_at"]),
            State(row["state"]),
            row["places"],
            row["copy_id"],
        )
        for row in found
    ]
