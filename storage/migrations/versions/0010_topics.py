"""The topic of a forum that a group's announcements and cards go to."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("chats", sa.Column("thread", ID))  # the messenger's number of the topic; NULL: the general one
