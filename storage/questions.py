"""Questions before a meeting: who supports them, and what was answered."""

from datetime import datetime

from domain.meetings import Meeting
from domain.questions import OPEN_MOST, Kind, Outcome, Question, State
from domain.times import to_us
from storage import meetings
from storage.database import Connection, Row

_SELECT = """SELECT questions.id, questions.meeting_id, questions.kind, questions.words, questions.state,
                    questions.asked_by, questions.outcome, questions.answer,
                    (SELECT COUNT(*) FROM question_votes WHERE question_votes.question_id = questions.id) AS votes,
                    EXISTS (SELECT 1 FROM question_votes
                            WHERE question_votes.question_id = questions.id
                              AND question_votes.person_id = :person_id) AS mine
             FROM questions"""


async def add(db: Connection, meeting_id: int, asked_by: int, kind: Kind, words: str, now: datetime) -> int | None:
    """A new one, which whoever asks supports; None: she has as many open ones at this meeting as anybody may."""
    new_id = await db.value(
        """INSERT INTO questions (meeting_id, asked_by, kind, words, state, asked_at)
           SELECT :meeting_id, :asked_by, :kind, :words, 'open', :now
           WHERE (SELECT COUNT(*) FROM questions
                  WHERE asked_by = :asked_by AND meeting_id = :meeting_id AND state = 'open') < :most
           RETURNING id""",
        meeting_id=meeting_id,
        asked_by=asked_by,
        kind=kind.value,
        words=words,
        now=to_us(now),
        most=OPEN_MOST,
    )
    if new_id is None:
        return None
    await vote(db, new_id, asked_by)
    return int(new_id)


async def count_open_of(db: Connection, meeting_id: int, person_id: int) -> int:
    return int(
        await db.value(
            """SELECT COUNT(*) FROM questions
               WHERE asked_by = :person_id AND meeting_id = :meeting_id AND state = 'open'""",
            person_id=person_id,
            meeting_id=meeting_id,
        )
    )


async def seen_by(db: Connection, question_id: int, person_id: int) -> Question | None:
    row = await db.one(f"{_SELECT} WHERE questions.id = :id", id=question_id, person_id=person_id)
    return await _question(db, row) if row else None


async def of_meeting(
    db: Connection, meeting_id: int, person_id: int, *, hidden: bool = False, skip: int = 0, most: int = 200
) -> list[Question]:
    """What most support comes first, what is answered last; `hidden`: also what the organiser took off the list."""
    also = ", 'hidden'" if hidden else ""
    which = f"questions.state IN ('open', 'answered'{also})"
    return await _ranked(db, meeting_id, person_id, which, skip, most)


async def others(
    db: Connection, meeting_id: int, person_id: int, question_id: int, *, skip: int, most: int
) -> list[Question]:
    """The open ones besides one of them, in the same order."""
    which = "questions.state = 'open' AND questions.id <> :except_id"
    return await _ranked(db, meeting_id, person_id, which, skip, most, except_id=question_id)


async def _ranked(
    db: Connection, meeting_id: int, person_id: int, which: str, skip: int, most: int, **more: int
) -> list[Question]:
    rows = await db.all(
        f"""{_SELECT}
            WHERE questions.meeting_id = :meeting_id AND {which}
            ORDER BY CASE questions.state WHEN 'open' THEN 0 WHEN 'answered' THEN 1 ELSE 2 END, votes DESC, questions.id
            LIMIT :most OFFSET :skip""",
        meeting_id=meeting_id,
        person_id=person_id,
        most=most,
        skip=skip,
        **more,
    )
    if not rows:
        return []
    meeting = await meetings.get(db, meeting_id)
    return [_made(row, meeting) for row in rows]


async def save_taking(db: Connection, meeting_id: int, *, taking: bool) -> None:
    """Whether the meeting takes questions."""
    await db.run("UPDATE meetings SET takes_questions = :taking WHERE id = :id", taking=int(taking), id=meeting_id)


async def vote(db: Connection, question_id: int, person_id: int) -> None:
    await db.run(
        """INSERT INTO question_votes (question_id, person_id)
           VALUES (:question_id, :person_id)
           ON CONFLICT DO NOTHING""",
        question_id=question_id,
        person_id=person_id,
    )


async def take_back_vote(db: Connection, question_id: int, person_id: int) -> None:
    await db.run(
        "DELETE FROM question_votes WHERE question_id = :question_id AND person_id = :person_id",
        question_id=question_id,
        person_id=person_id,
    )


async def answer(db: Connection, question_id: int, outcome: Outcome | None, words: str) -> None:
    await db.run(
        "UPDATE questions SET state = 'answered', outcome = :outcome, answer = :words WHERE id = :id",
        outcome=outcome.value if outcome else None,
        words=words,
        id=question_id,
    )


async def save_state(db: Connection, question_id: int, before: State, after: State) -> bool:
    """Off the list or back on it; False: it is in another state by now."""
    found = await db.value(
        "UPDATE questions SET state = :after WHERE id = :id AND state = :before RETURNING id",
        id=question_id,
        before=before.value,
        after=after.value,
    )
    return found is not None


async def merge(db: Connection, question_id: int, into: int) -> None:
    """One becomes a part of another, with all that was merged into it; whoever supported both counts once."""
    await db.run(
        """INSERT INTO question_votes (question_id, person_id)
           SELECT :into, person_id FROM question_votes WHERE question_id = :id
           ON CONFLICT DO NOTHING""",
        id=question_id,
        into=into,
    )
    await db.run("UPDATE questions SET merged_into = :into WHERE merged_into = :id", id=question_id, into=into)
    await db.run("UPDATE questions SET state = 'merged', merged_into = :into WHERE id = :id", id=question_id, into=into)


async def askers(db: Connection, question_id: int) -> list[int]:
    """Whoever asked it, or one that was merged into it."""
    rows = await db.all(
        """SELECT asked_by FROM questions WHERE id = :id AND asked_by IS NOT NULL
           UNION
           SELECT asked_by FROM questions WHERE merged_into = :id AND asked_by IS NOT NULL""",
        id=question_id,
    )
    return [row["asked_by"] for row in rows]


async def _question(db: Connection, row: Row) -> Question:
    return _made(row, await meetings.get(db, row["meeting_id"]))


def _made(row: Row, meeting: Meeting) -> Question:
    return Question(
        row["id"],
        meeting,
        Kind(row["kind"]),
        row["words"],
        State(row["state"]),
        row["asked_by"],
        row["votes"],
        bool(row["mine"]),
        Outcome(row["outcome"]) if row["outcome"] else None,
        row["answer"],
    )
