"""Whether questions are still taken for a dialogue meeting: its organiser stops it and begins again."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("meetings", sa.Column("takes_questions", sa.Integer, nullable=False, server_default="1"))
