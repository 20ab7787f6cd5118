"""The tables of challenges."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "challenges",
        key(),
        ref("community_id", "communities"),
        ref("author_id", "persons"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),  # separated by commas; empty: every role
        sa.Column("starts_on", sa.Text, nullable=False),  # ISO days in the zone
        sa.Column("ends_on", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("ends_at", US, nullable=False),  # the midnight after the last day
        sa.Column("state", sa.Text, nullable=False),  # running | thanking | over
        sa.Column("posting", sa.Integer, nullable=False, server_default="1"),  # group cards are still to be sent
        sa.Column("posted_chat", ID, nullable=False, server_default="0"),  # group cards sent up to this chat
        sa.Column("thanked_chat", ID, nullable=False, server_default="0"),
        sa.Column("thanked_person", ID, nullable=False, server_default="0"),
        sa.Column("card_due", sa.Integer, nullable=False, server_default="0"),  # the counts on the cards are old
        sa.Column("refresh_at", US, nullable=False, server_default="0"),  # not before this
    )
    op.create_index("challenges_of_community", "challenges", ["community_id", "state"])
    op.create_index("challenges_of_author", "challenges", ["author_id", "state"])
    op.create_index("challenges_by_end", "challenges", ["state", "ends_at"])
    op.create_table(
        "challenge_participants",
        ref("challenge_id", "challenges"),
        ref("person_id", "persons"),
        ref("community_id", "communities"),  # for which she counts
        sa.Column("joined_at", US, nullable=False),
        sa.Column("days", sa.Integer, nullable=False, server_default="0"),  # how many days she did it
        sa.Column("streak", sa.Integer, nullable=False, server_default="0"),  # in a row, up to the last one
        sa.Column("last_day", sa.Text),  # ISO
        sa.PrimaryKeyConstraint("challenge_id", "person_id"),
    )
    op.create_index("participants_of_community", "challenge_participants", ["challenge_id", "community_id"])
    op.create_table(
        "challenge_checkins",
        ref("challenge_id", "challenges"),
        ref("person_id", "persons"),
        sa.Column("day", sa.Text, nullable=False),  # ISO, in the challenge's zone
        sa.PrimaryKeyConstraint("challenge_id", "person_id", "day"),
    )
