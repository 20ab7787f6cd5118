"""Sealed files, and when a case ends."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, ref

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "case_files",  # the bytes of a part: one row for each part with a file
        sa.Column("part_id", ID, sa.ForeignKey("case_parts.id"), primary_key=True, autoincrement=False),
        ref("case_id", "cases"),
        sa.Column("state", sa.Text, nullable=False),  # wanted | kept | lost
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("ask_at", US, nullable=False),  # when the messenger is asked for it again
    )
    wanted = sa.text("state = 'wanted'")
    op.create_index("case_files_wanted", "case_files", ["ask_at"], sqlite_where=wanted, postgresql_where=wanted)
    op.create_index("case_files_of_case", "case_files", ["case_id"])
    op.create_table(
        "case_file_chunks",  # 256 KiB each
        sa.Column("part_id", ID, sa.ForeignKey("case_files.part_id"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),  # 1, 2, … within the file
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed
        sa.PrimaryKeyConstraint("part_id", "place"),
    )
    # The first moment of the day when a closed case is destroyed; NULL: it is open, or destroyed.
    op.add_column("cases", sa.Column("ends_on", US))
    op.add_column("cases", sa.Column("destroyed_on", US))
    op.add_column("cases", sa.Column("answered_after", sa.Integer))  # minutes; of a destroyed case alone
    closed = sa.text("state = 'closed' AND destroyed_on IS NULL")
    op.create_index("cases_closed", "cases", ["ends_on"], sqlite_where=closed, postgresql_where=closed)
    op.create_index("case_copies_of_case", "case_copies", ["case_id"])
    # The numbers of an announcement whose ledger is over a year old, and gone, stand in its shown_… columns.
    op.add_column("announcements", sa.Column("folded", sa.Integer, nullable=False, server_default="0"))
