"""The tables of meetings."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "meetings",
        key(),
        ref("community_id", "communities"),
        sa.Column("kind", sa.Text, nullable=False),  # joint | training | webinar | dialogue | visit
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("place", sa.Text),  # a room, an address or a link
        sa.Column("agenda", sa.Text),
        sa.Column("starts_at", US, nullable=False),
        sa.Column("ends_at", US),
        sa.Column("zone", sa.Text, nullable=False),  # whose wall time was meant
        sa.Column("roles", sa.Text, nullable=False),  # for whom, separated by commas; empty: every role
        sa.Column("capacity", sa.Integer),  # persons with their guests; NULL: no limit
        sa.Column("in_group", sa.Integer, nullable=False),  # whether the group chats show its card
        sa.Column("reminds", sa.Text, nullable=False),  # the organiser's choice: week, day, hour, separated by commas
        sa.Column("state", sa.Text, nullable=False),  # called | cancelled
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),  # counts moves and the cancellation
        sa.Column("uid", sa.Text),  # its name in people's calendars
        ref("called_by", "persons"),
        sa.Column("called_at", US, nullable=False),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="meeting_ends_after_it_begins"),
    )
    op.create_index("meetings_of_community", "meetings", ["community_id", "starts_at"])
    op.create_index("meetings_of_organiser", "meetings", ["called_by", "starts_at"])
    op.create_table(
        "rsvps",
        sa.Column("meeting_id", ID, sa.ForeignKey("meetings.id"), primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("answer", sa.Text, nullable=False),  # accepted | declined | tentative | waiting
        sa.Column("guests", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer),  # on the waiting list: who came first has the smaller one
        sa.Column("answered_at", US, nullable=False),
    )
    op.create_index("rsvps_by_answer", "rsvps", ["meeting_id", "answer", "turn", "guests"])
    op.create_index("rsvps_of_person", "rsvps", ["person_id", "answer"])
    _told_later()


def _told_later() -> None:
    """What jobs work through, by thousands. `reached_person`: everybody up to this one has been looked at."""
    op.create_table(
        "meeting_reminders",  # one row for everybody; others for those whose quiet hours make it earlier or later
        key(),
        ref("meeting_id", "meetings"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("before", sa.Text, nullable=False),  # week | day | hour
        sa.Column("due_at", US, nullable=False),
        # These three: only for whoever lives so. "" and -1: for everybody.
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("quiet_from", sa.Integer, nullable=False),
        sa.Column("quiet_until", sa.Integer, nullable=False),
        sa.Column("foreseen", sa.Integer, nullable=False, server_default="0"),  # quiet hours were looked at beforehand
        sa.Column("reached_person", ID, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False),  # waiting | done | dropped
        sa.Column("reason", sa.Text),  # why it was dropped: late | changed | unwanted
        sa.Column("told", sa.Integer, nullable=False, server_default="0"),
        sa.Column("missed", sa.Integer, nullable=False, server_default="0"),  # quiet hours left no time for these
        sa.UniqueConstraint("meeting_id", "revision", "before", "zone", "quiet_from", "quiet_until"),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "meeting_reminders_due", "meeting_reminders", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "meeting_notices",  # moved, cancelled
        key(),
        ref("meeting_id", "meetings"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("reached_person", ID, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False),  # waiting | done | dropped
        sa.UniqueConstraint("meeting_id", "revision"),
    )
    op.create_index(
        "meeting_notices_waiting", "meeting_notices", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )
