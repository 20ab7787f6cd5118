"""Support plans, referrals, conferences. As in 0006 nothing here names a person, an agency or an account in clear."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "support_plans",
        key(),
        ref("case_id", "cases"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # draft | waiting | approved | replaced
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: goals, the parents' part, who wrote it
        sa.Column("made_at", US, nullable=False),
        sa.UniqueConstraint("case_id", "version"),
    )
    op.create_table(
        "plan_steps",
        key(),
        ref("plan_id", "support_plans"),
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: what, and whose it is
        sa.Column("owner_mark", sa.LargeBinary),  # of a person; NULL: the parents, or an agency
        sa.Column("ends_at", US, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # open | done
        sa.Column("told_at", US),  # when somebody last heard that it is overdue
    )
    op.create_index("plan_steps_of_plan", "plan_steps", ["plan_id"])
    _partial("plan_steps_open", "plan_steps", "ends_at", "state = 'open'")
    _partial("plan_steps_of_owner", "plan_steps", "owner_mark", "state = 'open'")
    op.create_table(
        "referrals",
        key(),
        sa.Column("number", sa.Text, nullable=False, unique=True),
        ref("case_id", "cases"),
        sa.Column("agency_mark", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: the form, the agency, who asked
        sa.Column("told", sa.LargeBinary, nullable=False),  # sealed: what was said to and fro
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("heard_at", US, nullable=False),  # of the agency; when it was sent, before that
        sa.Column("alarmed_at", US),
    )
    op.create_index("referrals_of_case", "referrals", ["case_id"])
    _partial("referrals_of_agency", "referrals", "agency_mark", "state IN ('sent', 'accepted')")
    _partial("referrals_open", "referrals", "heard_at", "state IN ('sent', 'accepted')")
    op.create_table(
        "conferences",
        key(),
        ref("case_id", "cases"),
        sa.Column("state", sa.Text, nullable=False),  # draft | called
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: who, when, where
    )
    op.create_index("conferences_of_case", "conferences", ["case_id"])
    op.create_table(
        "plan_invitations",  # of a parent, to one version of a plan
        key(),
        ref("case_id", "cases"),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # asked | agreed | opened | ended
        sa.Column("content", sa.LargeBinary, nullable=False),  # sealed: who recorded it; the parent's account
        sa.Column("code_mark", sa.LargeBinary, unique=True),
        sa.Column("expires_at", US),
        sa.Column("opened_at", US),
    )
    op.create_index("plan_invitations_of_case", "plan_invitations", ["case_id"])

    psychologists = sa.text("role = 'psychologist'")  # few, and asked for whenever PINs are tidied up
    op.create_index(
        "memberships_of_psychologists",
        "memberships",
        ["person_id"],
        sqlite_where=psychologists,
        postgresql_where=psychologists,
    )


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
