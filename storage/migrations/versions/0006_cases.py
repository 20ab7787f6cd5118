"""Cases. No column here names a person, an account or a chat: those are sealed under the case's own key, and a mark
(HMAC) with a purpose of its own stands where SQL must look something up. Ids are random, times whole minutes."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "cases",
        key(),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        sa.Column("pseudonym_mark", sa.LargeBinary, nullable=False, unique=True),  # so that none is used twice
        sa.Column("key_id", ID, nullable=False),  # in sealing_keys while the case can be read
        sa.Column("facts", sa.LargeBinary, nullable=False),  # sealed: the reporter, the answers
        sa.Column("reporter_mark", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # new | taken | closed
        sa.Column("risk", sa.Text, nullable=False),  # danger | critical | high | normal
        sa.Column("desk", sa.Text, nullable=False),  # workers | supervisors
        sa.Column("stage", sa.Integer, nullable=False),  # 0 paged | 1 reminded | 2 the supervisor was told
        sa.Column("opened_at", US, nullable=False),
        sa.Column("waiting_since", US, nullable=False),
        sa.Column("worker", sa.LargeBinary),  # sealed
        sa.Column("worker_mark", sa.LargeBinary),
        sa.Column("closing", sa.LargeBinary),  # sealed: a closing that a second person must agree to
        sa.Column("closed_at", US),
        sa.Column("reason", sa.Text),
        sa.Column("face", sa.Integer),  # 1 it helped | 2 a little | 3 it did not
    )
    op.create_index("cases_of_reporter", "cases", ["reporter_mark"])
    waiting = sa.text("state = 'new'")
    op.create_index("cases_waiting", "cases", ["waiting_since"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "case_parts",
        key(),
        ref("case_id", "cases"),
        sa.Column("place", sa.Integer, nullable=False),  # 1, 2, … within the case
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed
        sa.Column("state", sa.Text, nullable=False),  # open | sealed: never shown again
        sa.Column("source_mark", sa.LargeBinary),  # of the message it came as, so that its edit finds it
        sa.UniqueConstraint("case_id", "place"),
    )
    op.create_index("case_parts_by_source", "case_parts", ["source_mark"])
    op.create_table(
        "case_excluded",  # who must not notice that the case exists
        ref("case_id", "cases"),
        sa.Column("person_mark", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_mark"),
    )
    op.create_table(
        "case_copies",  # what stands in the chat of somebody who works on the case
        key(),
        ref("case_id", "cases"),
        sa.Column("part_id", ID),
        sa.Column("reader", sa.LargeBinary, nullable=False),  # sealed
        sa.Column("state", sa.Text, nullable=False),  # standing | removed | blanked
        sa.Column("shown_at", US, nullable=False),
        sa.Column("asked_at", US, nullable=False),  # when it was last asked to be removed; else as shown_at
    )
    standing = sa.text("state = 'standing'")
    op.create_index(
        "case_copies_standing", "case_copies", ["shown_at"], sqlite_where=standing, postgresql_where=standing
    )
    op.create_table(
        "case_log",  # rows are added, never changed
        key(),
        ref("case_id", "cases"),
        sa.Column("who", sa.LargeBinary),  # a mark; None: the clock
        sa.Column("role", sa.Text, nullable=False),  # reporter | worker | supervisor | clock
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("part_id", ID),
        sa.Column("at", US, nullable=False),
    )
    op.create_index("case_log_of_case", "case_log", ["case_id"])
