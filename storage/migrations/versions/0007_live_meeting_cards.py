"""Meetings remember that the counts on their cards are old: an answer counts nothing itself."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("meetings", sa.Column("card_due", sa.Integer, nullable=False, server_default="0"))
    op.add_column("meetings", sa.Column("refresh_at", US, nullable=False, server_default="0"))  # not before this
    due = sa.text("card_due = 1")
    op.create_index("meetings_card_due", "meetings", ["refresh_at"], sqlite_where=due, postgresql_where=due)
