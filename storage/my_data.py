"""Everything that is kept about one person, for her to read. Nothing of a case: no row of one names a person.

What is about somebody stands in rows whose `person_id` is hers: a table nobody thought of here comes along by that.
"""

import json
from collections.abc import Mapping
from typing import Any

from domain.times import from_us
from storage.database import Connection, Row

Facts = dict[str, list[dict[str, Any]]]

# What each part is asked by; :me is the person. Times end in _at or _on, or are `since` and `until`.
_QUESTIONS: dict[str, str] = {
    "settings": "SELECT language, zone, quiet_from, quiet_until, digest FROM persons WHERE id = :me",
    "accounts": "SELECT channel, address FROM identities WHERE person_id = :me ORDER BY id",
    "memberships": """SELECT communities.name AS community, memberships.called, memberships.role, memberships.state,
                             memberships.since, memberships.until
                      FROM memberships
                      JOIN communities ON communities.id = memberships.community_id
                      WHERE memberships.person_id = :me
                      ORDER BY memberships.id""",
    "families": """SELECT families.called AS parent, families.state, families.asked_at,
                          CASE WHEN families.child_id = :me THEN 'child' ELSE 'parent' END AS you_are
                   FROM families
                   WHERE families.child_id = :me OR families.parent_id = :me
                   ORDER BY families.id""",
    "parents_answers": """SELECT communities.name AS community, parents_answers.agrees, parents_answers.at
                          FROM parents_answers
                          JOIN communities ON communities.id = parents_answers.community_id
                          WHERE parents_answers.child_id = :me OR parents_answers.parent_id = :me
                          ORDER BY parents_answers.at""",
    "class_lists": """SELECT communities.name AS community, expected_names.called, expected_names.role
                      FROM expected_names
                      JOIN memberships ON memberships.id = expected_names.membership_id
                      JOIN communities ON communities.id = expected_names.community_id
                      WHERE memberships.person_id = :me
                      ORDER BY expected_names.id""",
    "class_lists_sent": """SELECT communities.name AS community, rosters.made_at
                           FROM rosters
                           JOIN communities ON communities.id = rosters.community_id
                           WHERE rosters.person_id = :me
                           ORDER BY rosters.id""",
    "school_years_begun": """SELECT communities.name AS community, school_years.done_at, school_years.undone_at
                             FROM school_years
                             JOIN communities ON communities.id = school_years.community_id
                             WHERE school_years.person_id = :me
                             ORDER BY school_years.id""",
    "meetings": """SELECT meetings.title, meetings.starts_at, rsvps.answer, rsvps.guests, rsvps.answered_at
                   FROM rsvps
                   JOIN meetings ON meetings.id = rsvps.meeting_id
                   WHERE rsvps.person_id = :me
                   ORDER BY meetings.starts_at""",
    "votes": """SELECT polls.question, polls.options, poll_ballots.choices, poll_ballots.cast_at
                FROM poll_ballots
                JOIN polls ON polls.id = poll_ballots.poll_id
                WHERE poll_ballots.person_id = :me
                ORDER BY poll_ballots.cast_at""",
    "challenges": """SELECT challenges.title, taking.joined_at, taking.days, taking.last_day
                     FROM challenge_participants AS taking
                     JOIN challenges ON challenges.id = taking.challenge_id
                     WHERE taking.person_id = :me
                     ORDER BY taking.joined_at""",
    "check_ins": """SELECT challenges.title, challenge_checkins.day
                    FROM challenge_checkins
                    JOIN challenges ON challenges.id = challenge_checkins.challenge_id
                    WHERE challenge_checkins.person_id = :me
                    ORDER BY challenge_checkins.day""",
    "announcements_read": """SELECT announcements.heading AS community, announcement_confirmations.at AS read_at
                             FROM announcement_confirmations
                             JOIN announcements ON announcements.id = announcement_confirmations.announcement_id
                             WHERE announcement_confirmations.person_id = :me
                             ORDER BY announcement_confirmations.at""",
    "slots": """SELECT meetings.title, slots.starts_at
                FROM slots
                JOIN meetings ON meetings.id = slots.meeting_id
                WHERE slots.person_id = :me
                ORDER BY slots.starts_at""",
    "stories": "SELECT called, words FROM stories WHERE person_id = :me ORDER BY id",
    "announcements_sent": "SELECT words, created_at FROM announcements WHERE author_id = :me ORDER BY id",
    "meetings_visited": """SELECT meetings.title, attendance.came_at
                           FROM attendance
                           JOIN meetings ON meetings.id = attendance.meeting_id
                           WHERE attendance.person_id = :me
                           ORDER BY attendance.came_at""",
    "questions_asked": """SELECT meetings.title, questions.words, questions.answer, questions.asked_at
                          FROM questions
                          JOIN meetings ON meetings.id = questions.meeting_id
                          WHERE questions.asked_by = :me
                          ORDER BY questions.id""",
    "questions_supported": """SELECT questions.words FROM question_votes
                              JOIN questions ON questions.id = question_votes.question_id
                              WHERE question_votes.person_id = :me
                              ORDER BY questions.id""",
    "tasks": """SELECT decisions.words, decisions.note, decisions.due_at FROM decisions
                WHERE decisions.owner_id = :me
                ORDER BY decisions.id""",
    "minutes_written": "SELECT words, written_at FROM minutes WHERE written_by = :me ORDER BY meeting_id",
    "meetings_called": "SELECT title, called_at FROM meetings WHERE called_by = :me ORDER BY id",
    "polls_asked": "SELECT question, opened_at FROM polls WHERE author_id = :me ORDER BY id",
    "challenges_called": "SELECT title, rules FROM challenges WHERE author_id = :me ORDER BY id",
    "campaigns_planned": "SELECT name, created_at FROM campaigns WHERE author_id = :me ORDER BY id",
    "newsletters_written": "SELECT opening, created_at FROM newsletters WHERE author_id = :me ORDER BY id",
    "offers_made": "SELECT title, offered_at FROM offers WHERE offered_by = :me ORDER BY id",
    "stages_said": """SELECT communities.name AS community, stages.stage, stages.made_at FROM stages
                      JOIN communities ON communities.id = stages.community_id
                      WHERE stages.made_by = :me
                      ORDER BY stages.id""",
    "stories_agreed_to": """SELECT communities.name AS community, stories.decided_at FROM stories
                            JOIN communities ON communities.id = stories.community_id
                            WHERE stories.consented_by = :me
                            ORDER BY stories.id""",
    "invitations": """SELECT communities.name AS community, invites.role, invites.expires_at FROM invites
                      JOIN communities ON communities.id = invites.community_id
                      WHERE invites.made_by = :me
                      ORDER BY invites.id""",
    "muted": """SELECT communities.name AS community, mutes.until FROM mutes
                JOIN communities ON communities.id = mutes.community_id
                WHERE mutes.person_id = :me
                ORDER BY communities.name""",
    "calendar_address": "SELECT made_at FROM feeds WHERE person_id = :me",
}
_ASKED = {
    *("persons", "identities", "memberships", "families", "rsvps", "poll_ballots"),
    *("slots", "stories"),
    *("challenge_participants", "challenge_checkins", "announcement_confirmations"),
    *("attendance", "question_votes", "rosters", "school_years", "mutes", "feeds"),
}
# Who was sent what is read through for nobody; codes and early votes are gone within two days; the rest is of the
# hotline's staff. The whole list, by column: tests/storage/test_personal_data.py
_LEFT_OUT = {
    *("deliveries", "story_copies", "wrong_tries", "one_time_codes", "kept_votes"),
    *("role_proposals", "conduct_acceptances"),
}


async def of_person(db: Connection, person_id: int) -> Facts:
    """By part: rows as they can be written as JSON."""
    found = {name: [_plain(row) for row in await db.all(sql, me=person_id)] for name, sql in _QUESTIONS.items()}
    for vote in found["votes"]:
        options, chosen = json.loads(vote.pop("options")), vote.pop("choices")
        vote["chosen"] = [option for place, option in enumerate(options) if chosen >> place & 1]
    return found | await _of_other_tables(db, person_id)


async def _of_other_tables(db: Connection, person_id: int) -> Facts:
    found: Facts = {}
    for reference in await db.references():
        table = reference.child
        if reference.parent == "persons" and reference.column == "person_id" and table not in _ASKED | _LEFT_OUT:
            rows = await db.all(
                f"SELECT * FROM {table} WHERE person_id = :me",  # noqa: S608 - our names
                me=person_id,
            )
            found[table] = [_plain(row) for row in rows]
    return {table: rows for table, rows in found.items() if rows}


def _plain(row: Row) -> dict[str, Any]:
    names = row.keys()  # a row of either database iterates over its values
    return {name: _as_json(name, row[name]) for name in names if name != "person_id" and type(row[name]) is not bytes}


def _as_json(name: str, value: Any) -> Any:
    is_time = name.endswith("_at") or name in ("at", "since", "until")
    return from_us(value).isoformat() if is_time and isinstance(value, int) else value


def as_file(facts: Facts, told: Mapping[str, str]) -> bytes:
    """The same as JSON; `told` are sentences that stand before it."""
    return json.dumps({**told, **facts}, ensure_ascii=False, indent=2).encode()
