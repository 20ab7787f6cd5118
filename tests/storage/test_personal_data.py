"""What /mydata and /forget do with each column that names a person: none can be forgotten when a table is added."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import pytest

import storage.forgetting
import storage.my_data
from storage.database import Column, Connection, Database
from tests.conftest import on_sqlite
from tests.storage.conftest import NOW

SHE, NAME = 77, "Şəbnəm Vəlixanlı"


class Forget(StrEnum):
    GOES = "the row goes"
    LOOSE = "the row stays, and names nobody"
    NAMELESS = "the row stays with a number that is nobody's any more, and without the name"


class Fate(NamedTuple):
    """`shown`: the part of /mydata; or why it is in none."""

    shown: str
    forget: Forget = Forget.NAMELESS


_OFFICE = "-: done in an office, about others"
_SHIFTS = "-: shifts of the hotline, which its staff see"
_BRIEF = "-: gone by itself within two days"
_SENT = "-: who was sent what is read through for nobody"

FATES: Mapping[str, Fate] = {
    "announcement_changes.made_by": Fate(_OFFICE),
    "announcement_confirmations.person_id": Fate("announcements_read"),
    "announcement_reminders.asked_by": Fate(_OFFICE),
    "announcements.author_id": Fate("announcements_sent"),
    "attendance.person_id": Fate("meetings_visited"),
    "attendance_codes.shown_to": Fate(_OFFICE),
    "campaigns.author_id": Fate("campaigns_planned"),
    "challenge_checkins.person_id": Fate("check_ins"),
    "challenge_participants.person_id": Fate("challenges"),
    "challenges.author_id": Fate("challenges_called"),
    "conduct_acceptances.person_id": Fate(_SHIFTS),
    "contact_codes.made_by": Fate(_OFFICE),
    "decisions.made_by": Fate(_OFFICE),
    "decisions.owner_id": Fate("tasks", Forget.LOOSE),
    "deliveries.person_id": Fate(_SENT),
    "duty_rosters.published_by": Fate(_SHIFTS),
    "duty_swaps.giver_id": Fate(_SHIFTS),
    "duty_swaps.taker_id": Fate(_SHIFTS),
    "families.child_id": Fate("families", Forget.GOES),
    "families.decided_by": Fate(_OFFICE),
    "families.parent_id": Fate("families", Forget.GOES),
    "feeds.person_id": Fate("calendar_address", Forget.GOES),
    "identities.person_id": Fate("accounts", Forget.GOES),
    "invites.made_by": Fate("invitations"),
    "kept_votes.person_id": Fate(_BRIEF),
    "meetings.called_by": Fate("meetings_called"),
    "memberships.decided_by": Fate(_OFFICE),
    "memberships.person_id": Fate("memberships", Forget.GOES),
    "minutes.written_by": Fate("minutes_written"),
    "mutes.person_id": Fate("muted", Forget.GOES),
    "newsletters.author_id": Fate("newsletters_written"),
    "offers.answered_by": Fate(_OFFICE),
    "offers.offered_by": Fate("offers_made"),
    "one_time_codes.made_by": Fate(_BRIEF),
    "one_time_codes.person_id": Fate(_BRIEF, Forget.GOES),
    "parents_answers.child_id": Fate("parents_answers", Forget.GOES),
    "parents_answers.parent_id": Fate("parents_answers"),  # a no, which protects her child; a yes goes
    "poll_ballots.person_id": Fate("votes"),
    "polls.author_id": Fate("polls_asked"),
    "question_votes.person_id": Fate("questions_supported"),
    "questions.asked_by": Fate("questions_asked", Forget.LOOSE),
    "role_proposals.decided_by": Fate(_OFFICE),
    "role_proposals.person_id": Fate(_SHIFTS),
    "role_proposals.proposed_by": Fate(_OFFICE),
    "rosters.person_id": Fate("class_lists_sent"),
    "rsvps.person_id": Fate("meetings"),
    "school_years.person_id": Fate("school_years_begun"),
    "slots.person_id": Fate("slots"),  # one that lies ahead is free again
    "stages.made_by": Fate("stages_said"),
    "stories.consented_by": Fate("stories_agreed_to"),
    "stories.decided_by": Fate(_OFFICE),
    "stories.person_id": Fate("stories"),
    "story_copies.person_id": Fate(_SENT),
    "wrong_tries.person_id": Fate(_BRIEF, Forget.GOES),
}


async def fill(db: Connection) -> list[str]:
    """Each column that names a person names her once, in a row whose words are her name; and each
    table that such a row needs has one. Which columns those are."""
    await db.run("PRAGMA defer_foreign_keys = ON")
    references = await db.references()
    hers = sorted({f"{one.child}.{one.column}" for one in references if one.parent == "persons"})
    tables = {one.child for one in references} | {one.parent for one in references}
    await db.run("INSERT INTO persons (id, language, zone) VALUES (:she, 'az', 'Asia/Baku')", she=SHE)
    for table in sorted(tables):
        names = [one.partition(".")[2] for one in hers if one.startswith(f"{table}.")]
        linked = {one.column for one in references if one.child == table}
        for number, name in enumerate(names or [""], start=1):
            columns = [one for one in await db.columns(table) if one.must_be or one.name in ("id", name, *linked)]
            values = {one.name: _value(one, name, linked, number) for one in columns}
            await db.run(
                f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(f':{one}' for one in values)})",  # noqa: S608
                **values,
            )
    return hers


def _value(column: Column, names_her: str, linked: set[str], number: int) -> object:
    if column.name == names_her:
        return SHE
    if column.name == "id":
        return number
    if column.name in linked:
        return 1
    return (
        _WORDS.get(column.name, NAME)
        if column.type == "text"
        else (bytes([number]) if column.type == "blob" else number)
    )


_WORDS = {"options": '["a"]', "day": "2026-12-01", "state": "active", "photos": "[]", "path": "/1/"}


@on_sqlite
async def test_mydata_and_forget_know_each_column_that_names_a_person(database: Database) -> None:
    with pytest.raises(LookupError, match="is kept"):
        await _judged(database)


async def _judged(database: Database) -> None:
    async with database.writing() as db:
        await _known(db)
        raise LookupError("Nothing of this is kept: what these rows name is not there.")


async def _known(db: Connection) -> None:
    assert await fill(db) == sorted(FATES), "say in FATES what becomes of a new one"
    facts = await storage.my_data.of_person(db, SHE)
    shown = {fate.shown for fate in FATES.values() if not fate.shown.startswith("-")}
    assert {part for part, rows in facts.items() if rows} >= shown
    assert set(facts) - shown <= {"settings", "class_lists"}  # nothing stands there in the words of the database

    await storage.forgetting.forget(db, SHE, [NAME], NOW)
    for column, fate in FATES.items():
        table, _, name = column.partition(".")
        rows = await db.all(f"SELECT * FROM {table} WHERE {name} = :she", she=SHE)  # noqa: S608 - our tables
        assert bool(rows) == (fate.forget is Forget.NAMELESS), column
        assert table in _OUR_WORDS or NAME not in [value for row in rows for value in tuple(row)], column
        left = await db.value(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - our tables
        assert left or fate.forget is Forget.GOES, column


_OUR_WORDS = {"deliveries", "invites", "one_time_codes"}  # states, codes, purposes
