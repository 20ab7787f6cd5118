"""The tables of announcements."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "announcements",  # the ledger is the deliveries of the outgoing whose dedupe_key is "announcement:ID"
        key(),
        ref("community_id", "communities"),
        sa.Column("heading", sa.Text, nullable=False),  # the community's name as it was shown
        ref("author_id", "persons"),
        sa.Column("called", sa.Text, nullable=False),  # the author's name as it was shown
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("media_kind", sa.Text),  # photo | video | document
        sa.Column("file_id", sa.Text),
        sa.Column("media_channel", sa.Text),  # the messenger that knows the file_id
        sa.Column("roles", sa.Text, nullable=False),  # separated by commas; empty: every role
        sa.Column("expected", sa.Integer, nullable=False),  # how many persons the audience had when it was sent
        sa.Column("created_at", US, nullable=False),
        sa.Column("stale", sa.Integer, nullable=False, server_default="1"),  # the cards may show older counts
        sa.Column("shown_all", sa.Integer, nullable=False),  # what the cards show
        sa.Column("shown_sent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("shown_lost", sa.Integer, nullable=False, server_default="0"),
        sa.Column("shown_confirmed", sa.Integer, nullable=False, server_default="0"),
    )
    stale = sa.text("stale = 1")
    op.create_index("announcements_to_show", "announcements", ["id"], sqlite_where=stale, postgresql_where=stale)
    op.create_table(
        "announcement_confirmations",
        ref("announcement_id", "announcements"),
        ref("person_id", "persons"),
        sa.Column("at", US, nullable=False),
        sa.PrimaryKeyConstraint("announcement_id", "person_id"),
    )
    op.create_table(
        "announcement_reminders",
        ref("announcement_id", "announcements"),
        sa.Column("number", sa.Integer, nullable=False),  # 1, 2
        ref("asked_by", "persons"),
        sa.Column("at", US, nullable=False),  # who got the announcement after this is not reminded
        sa.Column("reached_person", ID, nullable=False, server_default="0"),  # reminded up to this person
        sa.Column("state", sa.Text, nullable=False),  # expanding | done
        sa.PrimaryKeyConstraint("announcement_id", "number"),
    )
