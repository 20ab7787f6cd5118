"""Of what kind a case is, notes, which cases are of one event, and what needs a second person.

A closing that waited for a second person is asked for again: the case stays open, and its clock runs.
"""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US, key, ref

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("cases", sa.Column("kind", sa.Text))  # see domain.concerns; NULL: not sorted yet
    # 1: nothing is relayed until a supervisor has looked at it
    op.add_column("cases", sa.Column("stopped", sa.Integer, nullable=False, server_default="0"))
    op.drop_column("cases", "closing")
    op.create_table(
        "case_notes",
        key(),
        ref("case_id", "cases"),
        sa.Column("place", sa.Integer, nullable=False),  # 1, 2, … within the case
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: who, when, the words, which note it changes
        sa.UniqueConstraint("case_id", "place"),
    )
    op.create_table(
        "case_links",  # cases of one event; each link has a row for either side
        ref("case_id", "cases"),
        ref("other_id", "cases"),
        sa.PrimaryKeyConstraint("case_id", "other_id"),
    )
    op.create_table(
        "case_asks",  # what a second person must agree to
        key(),
        ref("case_id", "cases"),
        sa.Column("matter", sa.Text, nullable=False),  # closing | lowering | unmasking | breaking
        sa.Column("state", sa.Text, nullable=False),  # asked | agreed | denied | expired | dropped
        sa.Column("office", sa.Text, nullable=False),  # who decides: supervisor | custodian
        sa.Column("asked", sa.LargeBinary, nullable=False),  # sealed: by whom, and what is wanted
        sa.Column("asker_mark", sa.LargeBinary, nullable=False),
        sa.Column("decider_mark", sa.LargeBinary),
        sa.Column("reminded", sa.Integer, nullable=False, server_default="0"),
        sa.Column("asked_at", US, nullable=False),
        sa.Column("due_at", US, nullable=False),
        sa.Column("decided_at", US),
    )
    op.create_index("case_asks_of_case", "case_asks", ["case_id"])
    waiting = sa.text("state = 'asked'")
    op.create_index("case_asks_waiting", "case_asks", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)
