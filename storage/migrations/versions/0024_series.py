"""What a meeting of its kind needs: a host, speakers, parts, slots; meetings that recur; personal calendar feeds."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table("series", key(), sa.Column("every", sa.Text, nullable=False))  # week | fortnight | month
    op.add_column("meetings", sa.Column("series_id", ID))  # of `series`; SQLite adds no references
    op.add_column("meetings", sa.Column("host", sa.Text))  # whom a study visit goes to
    op.add_column("meetings", sa.Column("speakers", sa.Text))
    op.add_column("meetings", sa.Column("slot_minutes", sa.Integer))  # of a consultation
    op.add_column("meetings", sa.Column("parts", sa.Integer, nullable=False, server_default="0"))  # rows of `sessions`
    # Nobody hears of it before; NULL: its card went out when it was called.
    op.add_column("meetings", sa.Column("announce_at", US))
    op.add_column("meetings", sa.Column("changed_at", US, nullable=False, server_default="0"))
    op.execute("UPDATE meetings SET changed_at = called_at")
    op.create_index("meetings_of_series", "meetings", ["series_id", "starts_at"])
    ahead = sa.text("announce_at IS NOT NULL")
    op.create_index("meetings_to_announce", "meetings", ["announce_at"], sqlite_where=ahead, postgresql_where=ahead)
    few = sa.text("capacity IS NOT NULL OR slot_minutes IS NOT NULL")
    op.create_index("meetings_of_few_places", "meetings", ["starts_at"], sqlite_where=few, postgresql_where=few)
    op.create_table(
        "sessions",  # the parts of a meeting
        ref("meeting_id", "meetings"),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("after", sa.Integer, nullable=False),  # minutes after the meeting begins
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("room", sa.Text),
        sa.Column("speaker", sa.Text),
        sa.PrimaryKeyConstraint("meeting_id", "turn"),
    )
    _slots()
    op.create_table(
        "feeds",  # a calendar by an address of its own
        ref("person_id", "persons"),
        sa.Column("mark", sa.LargeBinary, nullable=False),  # HMAC of the secret in the address
        sa.Column("made_at", US, nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("mark"),
    )


def _slots() -> None:
    op.create_table(
        "slots",  # of a consultation, one family each
        key(),
        ref("meeting_id", "meetings"),
        sa.Column("starts_at", US, nullable=False),
        sa.Column("ends_at", US, nullable=False),
        ref("person_id", "persons", nullable=True),  # NULL: free
    )
    op.create_index("slots_of_meeting", "slots", ["meeting_id", "starts_at"])
    taken = sa.text("person_id IS NOT NULL")
    op.create_index(
        "slots_of_person", "slots", ["person_id", "meeting_id"], unique=True, sqlite_where=taken, postgresql_where=taken
    )
