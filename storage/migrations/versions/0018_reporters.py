"""Codes to come back with, and how a reporter may be written to. As for all of cases: no column names a person, an
account or a chat, ids are random, and times are whole minutes (of what stands in a chat, whole hours)."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US, key, ref

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("cases", sa.Column("withdrawn_at", US))
    op.add_column("cases", sa.Column("alarmed_at", US))  # when she last tapped an alarm
    op.add_column("cases", sa.Column("acted_at", US))  # when it was first answered or closed
    op.add_column("cases", sa.Column("asked_after", sa.Integer, nullable=False, server_default="0"))  # how often
    to_ask = sa.text("acted_at IS NOT NULL AND asked_after < 2")
    op.create_index("cases_to_ask_after", "cases", ["acted_at"], sqlite_where=to_ask, postgresql_where=to_ask)
    op.create_table(
        "case_codes",
        key(),
        ref("case_id", "cases"),
        sa.Column("mark", sa.LargeBinary, nullable=False, unique=True),
    )
    op.create_index("case_codes_of_case", "case_codes", ["case_id"])
    op.create_table(
        "case_code_tries",  # wrong ones
        key(),
        sa.Column("who_mark", sa.LargeBinary, nullable=False),
        sa.Column("at", US, nullable=False),
    )
    op.create_index("case_code_tries_of", "case_code_tries", ["who_mark", "at"])
    op.create_index("case_code_tries_at", "case_code_tries", ["at"])
    op.create_table(
        "case_letters",  # what waits to be said to a reporter, or stands behind a harmless line
        key(),
        ref("case_id", "cases"),
        sa.Column("place", sa.Integer, nullable=False),  # 1, 2, … within the case
        sa.Column("state", sa.Text, nullable=False),  # held | stuck | covered | behind one that is; else gone
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed
        sa.UniqueConstraint("case_id", "place"),
    )
    held = sa.text("state = 'held'")
    op.create_index("case_letters_held", "case_letters", ["case_id"], sqlite_where=held, postgresql_where=held)
    op.create_table(
        "case_traces",  # what somebody wrote to the hotline lately, so that it can be deleted from the chat
        key(),
        sa.Column("place_mark", sa.LargeBinary, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),  # sealed
        sa.Column("at", US, nullable=False),
    )
    op.create_index("case_traces_of", "case_traces", ["place_mark"])
    op.create_index("case_traces_at", "case_traces", ["at"])
    known = sa.text("trace IS NOT NULL")  # of the case lane alone
    op.create_index("deliveries_traced", "deliveries", ["place_mark"], sqlite_where=known, postgresql_where=known)
