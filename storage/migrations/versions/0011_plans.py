"""Indexes for questions that are asked all the time and read a whole table without them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("memberships_of_person", "memberships", ["person_id", "state"])
    op.create_index("wrong_tries_by_time", "wrong_tries", ["at"])
    _partial("memberships_ending", "memberships", "until", "state = 'active' AND until IS NOT NULL")
    _partial("conversations_with_draft", "conversations", "touched_on", "state IS NOT NULL")
    _partial("outgoings_expanding", "outgoings", "id", "state = 'expanding'")
    _partial("announcement_reminders_expanding", "announcement_reminders", "at", "state = 'expanding'")
    _partial("cases_open", "cases", "waiting_since", "state IN ('new', 'taken')")
    _partial("cases_taken", "cases", "waiting_since", "state = 'taken'")


def _partial(name: str, table: str, column: str, where: str) -> None:
    """Of the few rows that still wait for something."""
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
