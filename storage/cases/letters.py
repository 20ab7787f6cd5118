"""What is said to a reporter of our own accord: it waits, sealed under the case's key, until she may be written to.

Handlers and jobs both say it this way, so that none of them can forget how she may be reached.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.cases import Case
from domain.messages import Body, Keyboard, Say
from domain.safe_contact import Letter, covered, line_of, plain, turn, uncovered_with_it
from domain.written import kept, kept_buttons, unkept, unkept_buttons
from storage import persons
from storage.cases.case import get, of_reporter
from storage.cases.sealing import new_id, seal, unseal
from storage.database import Connection, Row

_TABLE = "case_letters"


async def say_to_reporter(
    db: Connection,
    case: Case,
    body: Body,
    buttons: Keyboard,
    now: datetime,
    *,
    receipt: tuple[str, ...] = (),
    protected: bool = False,
    passing: bool = False,
) -> list[Say]:
    """What goes out at once; the rest waits behind what waits already. Who has withdrawn hears nothing more."""
    if case.withdrawn_at is not None or not case.has_reporter:
        return []
    await _drop_passing(db, case)
    await _hold(db, case, Letter(body, buttons, receipt, protected, passing=passing))
    return await say_held(db, case, now)


async def turn_of(db: Connection, case: Case, now: datetime) -> datetime | None:
    """From when on she may be written to, in her own time zone; None: only when she writes or taps."""
    account = await _account(db, case)
    return turn(case, account.zone if account else case.community.zone, now)


async def _account(db: Connection, case: Case) -> persons.Reader | None:
    return (await persons.accounts(db, [case.reporter.identity_id])).get(case.reporter.identity_id)


async def is_reached(db: Connection, case: Case) -> bool:
    """Whether anything can be sent to the account that the case answers to."""
    account = await _account(db, case)
    return account is not None and account.place is not None


async def say_held(db: Connection, case: Case, now: datetime, *, is_there: bool = False) -> list[Say]:
    """What waits for her, in its order, if its time has come, or if she is there just now."""
    is_turn = is_there or await turn_of(db, case, now) == now
    if not is_turn or not await is_reached(db, case):  # what can't be sent waits on, until she is back
        return []
    return await _said(db, case, await held(db, case))


async def say_held_to(db: Connection, identity_id: int, now: datetime) -> list[Say]:
    """She wrote or tapped: all that waits for this account."""
    said: list[Say] = []
    for case in await of_reporter(db, identity_id):
        said += await say_held(db, case, now, is_there=True)
    return said


async def _said(db: Connection, case: Case, letters: Sequence[Letter]) -> list[Say]:
    """Behind a harmless line there is only one of it, for all that comes at once."""
    line = line_of(case)
    if line is None:
        await drop_held(db, case)
        return [plain(case, letter) for letter in letters]
    for letter in letters:
        state = "covered" if letter is letters[0] else "behind"
        await db.run("UPDATE case_letters SET state = :state WHERE id = :id", state=state, id=letter.id)
    return [covered(case, line, letter) for letter in letters[:1]]


async def say_behind(db: Connection, case: Case, letter: Letter) -> list[Say]:
    """She reads what stands behind a line: the rest that came behind the same one, once, in its order."""
    rows = await db.all(
        """SELECT id, content FROM case_letters
           WHERE case_id = :case_id AND state = 'behind'
             AND place > (SELECT place FROM case_letters AS line WHERE line.id = :id)
             AND NOT EXISTS (SELECT 1 FROM case_letters AS later
                             WHERE later.case_id = :case_id AND later.state = 'covered'
                               AND later.place < case_letters.place
                               AND later.place > (SELECT place FROM case_letters AS line WHERE line.id = :id))
           ORDER BY place""",
        case_id=case.id,
        id=letter.id,
    )
    for row in rows:
        await db.run("UPDATE case_letters SET state = 'covered' WHERE id = :id", id=row["id"])
    return [uncovered_with_it(case, await _letter(db, row)) for row in rows]


async def _hold(db: Connection, case: Case, letter: Letter) -> None:
    letter_id = new_id()
    content = {
        "body": kept(letter.body),
        "buttons": kept_buttons(letter.buttons),
        "receipt": list(letter.receipt),
        "protected": letter.protected,
        "passing": letter.passing,
    }
    await db.run(
        """INSERT INTO case_letters (id, case_id, place, state, content)
           VALUES (:id, :case_id,
                   (SELECT COALESCE(MAX(place), 0) + 1 FROM case_letters WHERE case_id = :case_id),
                   'held', :content)""",
        id=letter_id,
        case_id=case.id,
        content=seal(db, case.key_id, _TABLE, "content", letter_id, content),
    )


async def held(db: Connection, case: Case) -> list[Letter]:
    """What waits to be said, in its order."""
    rows = await db.all(
        "SELECT id, content FROM case_letters WHERE case_id = :id AND state IN ('held', 'stuck') ORDER BY place",
        id=case.id,
    )
    return [await _letter(db, row) for row in rows]


async def note_stuck(db: Connection, case: Case) -> None:
    """Its time came and she can't be reached: no job looks at it again, it is said when she is back."""
    await db.run("UPDATE case_letters SET state = 'stuck' WHERE case_id = :id AND state = 'held'", id=case.id)


async def with_held(db: Connection) -> list[Case]:
    """The cases for whose reporters something waits."""
    rows = await db.all("SELECT DISTINCT case_id FROM case_letters WHERE state = 'held' ORDER BY case_id")
    found = [await get(db, row["case_id"]) for row in rows]
    return [case for case in found if case is not None]


async def letter(db: Connection, letter_id: int) -> tuple[Case, Letter] | None:
    """What stands behind a harmless line, with its case."""
    row = await db.one(
        "SELECT id, case_id, content FROM case_letters WHERE id = :id AND state = 'covered'", id=letter_id
    )
    case = await get(db, row["case_id"]) if row else None
    return (case, await _letter(db, row)) if row is not None and case is not None else None


async def drop_held(db: Connection, case: Case) -> None:
    """It is never said."""
    await db.run("DELETE FROM case_letters WHERE case_id = :id AND state IN ('held', 'stuck')", id=case.id)


async def _drop_passing(db: Connection, case: Case) -> None:
    """What waits and only says how things stood: what comes now takes its place."""
    for letter in await held(db, case):
        if letter.passing:
            await db.run("DELETE FROM case_letters WHERE id = :id", id=letter.id)


async def _letter(db: Connection, row: Row) -> Letter:
    content = await unseal(db, row["content"], _TABLE, "content", row["id"])
    return Letter(
        unkept(content["body"]),
        unkept_buttons(content["buttons"]),
        tuple(content["receipt"]),
        content["protected"],
        row["id"],
        content.get("passing", False),
    )
