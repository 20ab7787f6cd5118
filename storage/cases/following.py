"""What follows when two persons turn out to be one. No case comes to another account by it: each stays with the one it
was written on. But who must not know of a case mustn't by another number either."""

from storage.cases.case import of_reporter
from storage.cases.reporter import move
from storage.cases.team import marks_kept
from storage.database import Connection


async def follow(db: Connection, older: int, younger: int) -> None:
    for before, after in zip(marks_kept(db, younger), marks_kept(db, older), strict=True):
        await db.run(
            """INSERT INTO case_excluded (case_id, person_mark)
               SELECT case_id, :after FROM case_excluded WHERE person_mark = :before
               ON CONFLICT DO NOTHING""",
            before=before,
            after=after,
        )
    rows = await db.all("SELECT id FROM identities WHERE person_id = :id ORDER BY id", id=younger)
    for row in rows:
        for case in await of_reporter(db, row["id"]):
            await move(db, case, older, row["id"])
