"""Whose case it is: teams of schools, districts and the network. A case without one is older: it is the network's."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ref

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "case_teams",  # who may know of the case: the team of its community, and of each one above it
        ref("case_id", "cases"),
        sa.Column("team_mark", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "team_mark"),
    )
    op.add_column("cases", sa.Column("district_mark", sa.LargeBinary))  # for figures
    op.add_column("cases", sa.Column("offered", sa.LargeBinary))  # sealed: who is asked to take it over
    # Offices of the hotline are few among the memberships of everybody, and asked for every few seconds.
    offices = sa.text("role IN ('auditor', 'custodian', 'supervisor', 'worker')")
    op.create_index(
        "memberships_with_office", "memberships", ["person_id"], sqlite_where=offices, postgresql_where=offices
    )
