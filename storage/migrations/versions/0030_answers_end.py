"""When a meeting begins its card in groups asks nobody any more: those that still do are found by their hour."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("meetings", sa.Column("asks", sa.Integer, nullable=False, server_default="1"))
    still = sa.text("asks = 1")
    op.create_index("meetings_that_ask", "meetings", ["starts_at"], sqlite_where=still, postgresql_where=still)
