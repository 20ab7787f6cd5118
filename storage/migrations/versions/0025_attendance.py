"""Before and after a meeting: questions and votes, who came, minutes with decisions, and how it was."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    _questions()
    _attendance()
    _decisions()
    _feedback()


def _questions() -> None:
    op.create_table(
        "questions",
        key(),
        ref("meeting_id", "meetings"),
        ref("asked_by", "persons", nullable=True),  # NULL: whoever asked is forgotten
        sa.Column("kind", sa.Text, nullable=False),  # question | proposal
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # open | answered | hidden | merged
        sa.Column("outcome", sa.Text),  # of a proposal: done | planned | no
        sa.Column("answer", sa.Text),
        ref("merged_into", "questions", nullable=True),
        sa.Column("asked_at", US, nullable=False),
    )
    op.create_index("questions_of_meeting", "questions", ["meeting_id", "state"])
    op.create_index("questions_of_person", "questions", ["asked_by", "meeting_id"])
    op.create_index("questions_merged", "questions", ["merged_into"])
    op.create_table(
        "question_votes",
        sa.Column("question_id", ID, sa.ForeignKey("questions.id"), primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("persons.id"), primary_key=True),
    )
    op.create_index("question_votes_of_person", "question_votes", ["person_id"])


def _attendance() -> None:
    op.create_table(
        "attendance_codes",
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        ref("shown_to", "persons"),  # who has the live card
        sa.Column("card_due", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refresh_at", US, nullable=False, server_default="0"),
    )
    op.create_index("attendance_codes_of_person", "attendance_codes", ["shown_to"])
    due = sa.text("card_due = 1")
    op.create_index("attendance_codes_due", "attendance_codes", ["refresh_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "attendance",
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("party", sa.Text, nullable=False),  # pupils | parents | teachers | guests
        sa.Column("came_at", US, nullable=False),
    )
    op.create_index("attendance_of_person", "attendance", ["person_id"])
    op.create_table(
        "head_counts",  # of those without a phone; they come on top of attendance
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("party", sa.Text, primary_key=True),
        sa.Column("heads", sa.Integer, nullable=False),
    )


def _decisions() -> None:
    op.create_table(
        "minutes",
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("media_kind", sa.Text),  # photo | document; NULL: words alone
        sa.Column("file_id", sa.Text),
        sa.Column("channel", sa.Text),  # the messenger that knows the file_id
        ref("written_by", "persons"),
        sa.Column("written_at", US, nullable=False),
    )
    op.create_index("minutes_of_person", "minutes", ["written_by"])
    op.create_table(
        "decisions",
        key(),
        ref("meeting_id", "meetings"),
        sa.Column("words", sa.Text, nullable=False),
        ref("owner_id", "persons", nullable=True),  # NULL: nobody any more
        ref("made_by", "persons"),
        sa.Column("due_at", US, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # open | done
        sa.Column("note", sa.Text),  # the owner's last word about it
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),  # counts owners, days and the end
        sa.Column("reminded", sa.Integer, nullable=False, server_default="0"),  # how many of this revision's reminders
        sa.Column("next_at", US),  # of the next one; NULL: no more
    )
    op.create_index("decisions_of_meeting", "decisions", ["meeting_id"])
    op.create_index("decisions_of_owner", "decisions", ["owner_id", "state"])
    op.create_index("decisions_of_maker", "decisions", ["made_by"])
    op.create_table(
        "decision_cards",  # what the groups see of a meeting's decisions
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("card_due", sa.Integer, nullable=False),
    )
    due = sa.text("card_due = 1")
    op.create_index("decision_cards_due", "decision_cards", ["meeting_id"], sqlite_where=due, postgresql_where=due)
    open_ = sa.text("state = 'open'")
    op.create_index("decisions_due", "decisions", ["next_at"], sqlite_where=open_, postgresql_where=open_)


def _feedback() -> None:
    # Meetings whose people were not asked yet how it was; those over for long never are.
    op.add_column("meetings", sa.Column("asked_after", sa.Integer, nullable=False, server_default="0"))
    waiting = sa.text("asked_after = 0")
    op.create_index("meetings_to_ask_after", "meetings", ["starts_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "feedback_rounds",
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("asks_at", US, nullable=False),
        sa.Column("closes_at", US, nullable=False),
        sa.Column("reached_person", ID, nullable=False, server_default="0"),
        sa.Column("told", sa.Integer, nullable=False, server_default="0"),  # answers in the summary that was shown
        sa.Column("state", sa.Text, nullable=False),  # asking | open | closed
        sa.Column("next_at", US, nullable=False),  # when it is looked at again
    )
    unclosed = sa.text("state <> 'closed'")
    op.create_index(
        "feedback_rounds_due", "feedback_rounds", ["next_at"], sqlite_where=unclosed, postgresql_where=unclosed
    )
    op.create_table(
        "feedback",  # no column names who answered: a mark made of meeting and person counts her once
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("mark", sa.LargeBinary, primary_key=True),
        sa.Column("face", sa.Integer, nullable=False),  # 1 to 3, the best is 3
        sa.Column("words", sa.Text),
    )
