"""Who is on duty when, and test reports."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US, key, ref

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "duty_rosters",
        key(),
        ref("community_id", "communities"),
        sa.Column("state", sa.Text, nullable=False),  # draft | published | over
        sa.Column("hours", sa.Text, nullable=False),  # domain.duty.HOURS
        sa.Column("pairs", sa.Text, nullable=False),  # JSON: [day, shift, worker, backup] of each shift
        sa.Column("told", sa.Text, nullable=False, server_default="[]"),  # JSON: whose absence was told
        ref("published_by", "persons", nullable=True),
        sa.Column("published_at", US),
    )
    op.create_index(
        "one_roster_of_a_kind",
        "duty_rosters",
        ["community_id", "state"],
        unique=True,
        sqlite_where=sa.text("state <> 'over'"),
        postgresql_where=sa.text("state <> 'over'"),
    )
    op.create_table(
        "duty_swaps",
        key(),
        ref("roster_id", "duty_rosters"),
        sa.Column("day", sa.Text, nullable=False),  # ISO, in the hotline's zone
        sa.Column("shift", sa.Integer, nullable=False),
        sa.Column("post", sa.Text, nullable=False),  # worker | backup
        ref("giver_id", "persons"),
        ref("taker_id", "persons", nullable=True),
        sa.Column("state", sa.Text, nullable=False),  # offered | taken | withdrawn
    )
    op.create_index(
        "one_swap_of_a_shift",
        "duty_swaps",
        ["roster_id", "day", "shift", "post", "giver_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_index("swaps_by_day", "duty_swaps", ["roster_id", "day"])
    # Nobody reported it: it counts in no figure.
    op.add_column("cases", sa.Column("is_test", sa.Integer, nullable=False, server_default="0"))
