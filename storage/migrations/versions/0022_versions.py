"""Announcements in several languages, planned ones, corrections; who is written to at once, after her quiet hours, or
in the evening."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, ref

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    _announcements()
    _changes()
    _pace()


def _announcements() -> None:
    for column in (
        sa.Column("written_in", sa.Text, nullable=False, server_default=""),  # the language; empty: nobody knows
        sa.Column("versions", sa.Text, nullable=False, server_default="{}"),  # JSON: language → words
        sa.Column("urgent", sa.Integer, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False, server_default="sent"),  # asked | planned | sent | recalled | off
        sa.Column("revision", sa.Integer, nullable=False, server_default="0"),  # how often it was changed once sent
        sa.Column("due_at", US),  # of a planned one
        sa.Column("sent_at", US),
    ):
        op.add_column("announcements", column)
    op.execute("UPDATE announcements SET sent_at = created_at")
    planned, urgent = sa.text("state = 'planned'"), sa.text("urgent = 1")
    op.create_index(
        "announcements_planned", "announcements", ["due_at"], sqlite_where=planned, postgresql_where=planned
    )
    op.create_index(
        "announcements_urgent",
        "announcements",
        ["community_id", "created_at"],
        sqlite_where=urgent,
        postgresql_where=urgent,
    )


def _changes() -> None:
    op.create_table(
        "announcement_changes",  # corrections and recalls, each told to everybody who has a copy
        ref("announcement_id", "announcements"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),  # corrected | recalled
        ref("made_by", "persons"),
        sa.Column("at", US, nullable=False),
        sa.Column("look_again_at", US, nullable=False),  # then those are told to whom it was on its way
        sa.Column("reached_person", ID, nullable=False, server_default="0"),
        sa.Column("state", sa.Text, nullable=False),  # telling | looking_again | done
        sa.PrimaryKeyConstraint("announcement_id", "revision"),
    )
    open_ = sa.text("state <> 'done'")
    op.create_index(
        "announcement_changes_open", "announcement_changes", ["at"], sqlite_where=open_, postgresql_where=open_
    )


def _pace() -> None:
    op.add_column("persons", sa.Column("digest", sa.Integer, nullable=False, server_default="0"))
    op.add_column("outgoings", sa.Column("pace", sa.Text, nullable=False, server_default="awake"))
    # More states of a delivery: held (until the quiet hours end), digest (until the evening) and in_digest (with others
    # on its way). The sender looks at what waits alone, however many are held.
    op.add_column("deliveries", sa.Column("digest", sa.Text))  # the card it is shown in, with others
    quiet = sa.text("quiet_from IS NOT NULL")
    op.create_index(
        "persons_quiet", "persons", ["zone", "quiet_from", "quiet_until"], sqlite_where=quiet, postgresql_where=quiet
    )
    held, gathered, shown = sa.text("state = 'held'"), sa.text("state = 'digest'"), sa.text("digest IS NOT NULL")
    op.create_index("deliveries_held", "deliveries", ["not_before"], sqlite_where=held, postgresql_where=held)
    op.create_index(
        "deliveries_gathered",
        "deliveries",
        ["not_before", "person_id"],
        sqlite_where=gathered,
        postgresql_where=gathered,
    )
    on_its_way = sa.text("state = 'in_digest'")
    op.create_index(
        "deliveries_in_digest", "deliveries", ["person_id"], sqlite_where=on_its_way, postgresql_where=on_its_way
    )
    op.create_index(
        "deliveries_of_digest", "deliveries", ["person_id", "digest"], sqlite_where=shown, postgresql_where=shown
    )
