"""The log of the cases as a chain of marks: what is written from now on carries one, what stood there before is sealed
by the first of them. An entry need not be about a case any more: a look at the queue, a no."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("case_log") as table:
        table.alter_column("case_id", existing_type=ID, nullable=True)
        table.add_column(sa.Column("digest", sa.LargeBinary))  # of what is not there, see storage.cases.chain
        table.add_column(sa.Column("mac", sa.LargeBinary))  # None: of before the chain
    op.create_index("case_log_by_time", "case_log", ["at"])
    _few("case_log_pruned", "part_id", "deed = 'pruned'")
    _few("case_log_restored", "id", "deed = 'restored'")
    op.create_table(
        "case_log_head",  # one row: the last entry
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("at", US, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),  # nobody can put the head back without the key
    )
    op.create_index("cases_by_opening", "cases", ["opened_at"])
    op.create_table(
        "hotline_figures",  # as they were shown: what was hidden is not in them
        sa.Column("period", sa.Text, nullable=False),  # 2026 | 2026-Q4
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("without_mark", sa.LargeBinary, nullable=False),  # of the reports left out for whoever asked
        sa.Column("content", sa.Text, nullable=False),  # JSON
        sa.Column("made_at", US, nullable=False),
        sa.PrimaryKeyConstraint("period", "without_mark"),
    )
    op.create_index("hotline_figures_by_year", "hotline_figures", ["year"])
    op.create_table(
        "published_figures",
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("published_at", US, nullable=False),
    )


def _few(name: str, column: str, where: str) -> None:
    """Of the few entries that say that others are gone."""
    op.create_index(name, "case_log", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
