"""The tables of polls."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "polls",
        key(),
        ref("community_id", "communities"),
        ref("author_id", "persons"),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),  # a JSON list
        sa.Column("multiple", sa.Integer, nullable=False),
        sa.Column("whom", sa.Text, nullable=False),  # groups | persons | both
        sa.Column("state", sa.Text, nullable=False),  # open | closed | replaced
        sa.Column("opened_at", US, nullable=False),
        sa.Column("closes_at", US),
        sa.Column("closed_at", US),
        sa.Column("opening", sa.Integer, nullable=False, server_default="1"),  # copies are still to be sent
        sa.Column("opened_chat", ID, nullable=False, server_default="0"),  # copies sent up to this chat
        sa.Column("opened_person", ID, nullable=False, server_default="0"),
        sa.Column("stopping", sa.Integer, nullable=False, server_default="0"),  # copies are still to be stopped
        sa.Column("reminder", sa.Text, nullable=False),  # none | sending | sent
        sa.Column("remind_at", US),
        sa.Column("reminded_person", ID, nullable=False, server_default="0"),
        sa.Column("card_due", sa.Integer, nullable=False, server_default="0"),  # the author's card is out of date
    )
    op.create_index("polls_of_community", "polls", ["community_id", "state"])
    op.create_index("polls_of_author", "polls", ["author_id", "state"])
    op.create_index("polls_by_state", "polls", ["state"])
    for name in ("stopping", "card_due"):
        due = sa.text(f"{name} = 1")
        op.create_index(f"polls_{name}", "polls", ["id"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "poll_ballots",  # one per person, over all chats; the last one counts
        ref("poll_id", "polls"),
        ref("person_id", "persons"),
        sa.Column("choices", sa.Integer, nullable=False),  # a bit for each option; 0: taken back
        sa.Column("cast_at", US, nullable=False),
        sa.PrimaryKeyConstraint("poll_id", "person_id"),
    )
    op.create_table(
        "poll_stops",  # the copies that were told to stop
        sa.Column("delivery_id", ID, sa.ForeignKey("deliveries.id"), primary_key=True),
    )
    op.create_table(
        # Copies that a crash between the messenger's OK and our mark left without a delivery: votes in them count, too.
        "poll_copies",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("native_id", sa.Text, primary_key=True),
        ref("poll_id", "polls"),
    )
    op.create_table(
        "kept_votes",  # in native polls that we don't know yet to be ours
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("native_id", sa.Text, nullable=False),
        ref("person_id", "persons"),
        sa.Column("options", sa.Text, nullable=False),  # a JSON list
        sa.Column("at", US, nullable=False),
        sa.PrimaryKeyConstraint("channel", "native_id", "person_id"),
    )
    copies = sa.text("kind = 'open_poll'")
    op.create_index(
        "deliveries_of_poll_subject", "deliveries", ["subject_id"], sqlite_where=copies, postgresql_where=copies
    )
