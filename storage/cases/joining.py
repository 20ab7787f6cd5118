"""Cases of one event: the staff know that they belong together, those who reported never do (rule 12)."""

from domain.cases import Case
from domain.roles import HOTLINE
from storage.cases.case import ORDER
from storage.cases.team import Known, known_to
from storage.database import Connection


def _open_to(known: Known) -> str:
    """Who doesn't supervise a case hears nothing of it while it is at the supervisors' desk."""
    return f"(cases.desk = 'workers' OR {known.supervised}) AND {known.sql}"


async def of_same_event(db: Connection, case: Case, person_id: int) -> list[tuple[int, str]]:
    """Ids and numbers of the cases joined to this one that this person may know of."""
    known = await known_to(db, person_id, HOTLINE)
    rows = await db.all(
        f"""SELECT cases.id, cases.number FROM case_links
            JOIN cases ON cases.id = case_links.other_id
            WHERE case_links.case_id = :id AND {_open_to(known)}
            ORDER BY cases.number""",  # noqa: S608 - our own text
        id=case.id,
        **known.values,
    )
    return [(row["id"], row["number"]) for row in rows]


async def joinable(db: Connection, case: Case, person_id: int, *, most: int, skip: int) -> list[tuple[int, str]]:
    """Ids and numbers of the open cases that could be of the same event, as far as this person may know of them."""
    known = await known_to(db, person_id, HOTLINE)
    rows = await db.all(
        f"""SELECT id, number FROM cases
            WHERE state IN ('new', 'taken') AND id <> :id AND {_open_to(known)}
              AND NOT EXISTS (SELECT 1 FROM case_links
                              WHERE case_links.case_id = :id AND case_links.other_id = cases.id)
            ORDER BY {ORDER}
            LIMIT :most OFFSET :skip""",  # noqa: S608 - our own text
        id=case.id,
        most=most,
        skip=skip,
        **known.values,
    )
    return [(row["id"], row["number"]) for row in rows]


async def join(db: Connection, one: int, other: int) -> None:
    """From both sides; a second time changes nothing."""
    await db.many(
        "INSERT INTO case_links (case_id, other_id) VALUES (:case_id, :other_id) ON CONFLICT DO NOTHING",
        [{"case_id": one, "other_id": other}, {"case_id": other, "other_id": one}],
    )


async def part_from(db: Connection, one: int, other: int) -> None:
    await db.many(
        "DELETE FROM case_links WHERE case_id = :case_id AND other_id = :other_id",
        [{"case_id": one, "other_id": other}, {"case_id": other, "other_id": one}],
    )
