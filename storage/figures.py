"""The figures of the hotline: counted once from the dull rows, and kept as they were shown.

What is hidden isn't kept. The same figures are shown ever after: of two tables of one period that differ by one report
everybody could work it out. Whoever may not know of some of the reports has figures of her own without them.
"""

import json
from datetime import datetime, timedelta

from domain.communities import CommunityKind
from domain.figures import ELSEWHERE, Figures, Period, Report, as_json, count, from_json
from domain.requests import Community
from domain.roles import Role
from domain.times import from_us, maybe_time, to_us
from storage.cases.sealing import minute
from storage.cases.team import known_to, mark_of_district
from storage.database import Connection, Row

_MAY = frozenset({Role.SUPERVISOR, Role.COORDINATOR})
_COUNTED = "cases.opened_at >= :begins AND cases.opened_at < :ends AND cases.is_test = 0"


async def of_period(db: Connection, network: Community, period: Period, person_id: int, now: datetime) -> Figures:
    """The figures of a period that is over, as this person may know them."""
    begins, ends = period.bounds(network.zone)
    values = {"begins": to_us(begins), "ends": to_us(ends)}
    known = await known_to(db, person_id, _MAY)
    every = await db.all(f"SELECT id FROM cases WHERE {_COUNTED} ORDER BY id", **values)  # noqa: S608 - our own text
    rows = await db.all(
        f"""SELECT cases.id, cases.kind, cases.risk, cases.opened_at, cases.district_mark, cases.answered_after,
                   (SELECT MIN(case_log.at) FROM case_log
                    WHERE case_log.case_id = cases.id AND case_log.deed = 'answered') AS answered_at
            FROM cases
            WHERE {_COUNTED} AND {known.sql}
            ORDER BY cases.id""",  # noqa: S608 - our own text
        **values,
        **known.values,
    )
    seen = {row["id"] for row in rows}
    mark = _mark(db, [row["id"] for row in every if row["id"] not in seen])
    districts = await _districts(db)
    figures = count(period, [_report(row, districts) for row in rows], sorted(set(districts.values())))
    return await _kept(db, period, mark, figures, now)


def _mark(db: Connection, left_out: list[int]) -> bytes:
    """Of which reports figures know nothing: for whoever may know of all it is the same."""
    return db.vault.mark("figures without", ",".join(str(one) for one in left_out))


async def _kept(db: Connection, period: Period, mark: bytes, figures: Figures, now: datetime) -> Figures:
    """These, or those that were shown before."""
    await db.run(
        """INSERT INTO hotline_figures (period, year, without_mark, content, made_at)
           VALUES (:period, :year, :mark, :content, :now)
           ON CONFLICT (period, without_mark) DO NOTHING""",
        period=period.name,
        year=period.year,
        mark=mark,
        content=json.dumps(as_json(figures), ensure_ascii=False),
        now=minute(now),
    )
    content = await db.value(
        "SELECT content FROM hotline_figures WHERE period = :period AND without_mark = :mark",
        period=period.name,
        mark=mark,
    )
    return from_json(json.loads(content))


def _report(row: Row, districts: dict[bytes, str]) -> Report:
    opened_at, answered_at = from_us(row["opened_at"]), maybe_time(row["answered_at"])
    if row["answered_after"] is not None:  # of a destroyed case, whose times are rounded
        answered_at = opened_at + timedelta(minutes=row["answered_after"])
    district = districts.get(row["district_mark"], ELSEWHERE)
    return Report(row["kind"], row["risk"], opened_at, answered_at, district)


async def _districts(db: Connection) -> dict[bytes, str]:
    """The names of the districts that have at least two schools: figures of another one would be those of a school."""
    rows = await db.all(
        """SELECT district.id, district.name FROM communities AS district
           WHERE district.kind = :district
             AND (SELECT COUNT(*) FROM communities AS school
                  WHERE school.kind = :school AND school.parent_id = district.id) > 1""",
        district=CommunityKind.DISTRICT.value,
        school=CommunityKind.SCHOOL.value,
    )
    return {mark_of_district(db, row["id"]): row["name"] for row in rows}


async def clashes(db: Connection, period: Period) -> bool:
    """Whether figures were given of a period that overlaps with this one: the difference of the two would tell what
    each of them hides."""
    other = "period = :year_alone" if period.quarter is not None else "period <> :year_alone"
    found = await db.value(
        f"SELECT 1 FROM hotline_figures WHERE year = :year AND {other} LIMIT 1",  # noqa: S608 - our own text
        year=period.year,
        year_alone=str(period.year),
    )
    return found is not None


async def publish(db: Connection, period: Period, now: datetime) -> None:
    """From now on the coordinators of the network may see the figures of this period."""
    await db.run(
        "INSERT INTO published_figures (period, published_at) VALUES (:period, :now) ON CONFLICT DO NOTHING",
        period=period.name,
        now=minute(now),
    )


async def published(db: Connection) -> list[str]:
    """The newest first."""
    rows = await db.all("SELECT period FROM published_figures ORDER BY period DESC LIMIT 12")
    return [row["period"] for row in rows]
