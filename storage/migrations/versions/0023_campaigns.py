"""The tables of campaigns, newsletters and stories."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US, key, ref

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # What Birge itself says in an announcement, in each reader's language: JSON of its body and its buttons.
    op.add_column("announcements", sa.Column("ours", sa.Text))
    op.create_index("announcements_of_community", "announcements", ["community_id", "created_at"])
    op.create_index("challenges_ended_in", "challenges", ["community_id", "ends_at"])
    _campaigns()
    _stories()
    op.create_table(
        "newsletters",
        key(),
        ref("community_id", "communities"),
        ref("author_id", "persons"),
        sa.Column("first_day", sa.Text, nullable=False),  # ISO days in the community's zone
        sa.Column("last_day", sa.Text, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),  # the author's own first words; empty: ours
        sa.Column("items", sa.Text, nullable=False),  # a JSON list: what happened, as it was found
        sa.Column("dropped", sa.Text, nullable=False),  # places in that list, separated by commas
        sa.Column("state", sa.Text, nullable=False),  # draft | sent
        ref("announcement_id", "announcements", nullable=True),
        sa.Column("created_at", US, nullable=False),
    )
    draft = sa.text("state = 'draft'")
    op.create_index("newsletter_drafts", "newsletters", ["created_at"], sqlite_where=draft, postgresql_where=draft)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        key(),
        ref("community_id", "communities"),
        ref("author_id", "persons"),  # whoever planned it, or took it up again
        sa.Column("heading", sa.Text, nullable=False),  # what its posts show: community and name of the campaign
        sa.Column("called", sa.Text, nullable=False),  # the author's name as it is shown
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("starts_on", sa.Text, nullable=False),  # ISO days in the zone
        sa.Column("ends_on", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),  # separated by commas; empty: every role
        sa.Column("state", sa.Text, nullable=False),  # running | paused | cancelled
        sa.Column("created_at", US, nullable=False),
    )
    op.create_index("campaigns_of_community", "campaigns", ["community_id", "id"])
    op.create_table(
        "campaign_posts",
        key(),
        ref("campaign_id", "campaigns"),
        sa.Column("kind", sa.Text, nullable=False),  # post | advice
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("media_kind", sa.Text),  # photo | video | document
        sa.Column("file_id", sa.Text),
        sa.Column("media_channel", sa.Text),
        sa.Column("planned_for", US, nullable=False),
        sa.Column("state", sa.Text, nullable=False),  # planned | sent | missed
        ref("announcement_id", "announcements", nullable=True),  # what it became
    )
    planned = sa.text("state = 'planned'")
    op.create_index("posts_of_campaign", "campaign_posts", ["campaign_id", "planned_for"])
    op.create_index("posts_due", "campaign_posts", ["planned_for"], sqlite_where=planned, postgresql_where=planned)


def _stories() -> None:
    op.create_table(
        "stories",
        key(),
        ref("community_id", "communities"),
        ref("person_id", "persons"),
        sa.Column("called", sa.Text, nullable=False),  # the writer's name as it is shown
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),  # emptied when it is declined or withdrawn
        sa.Column("photos", sa.Text, nullable=False),  # a JSON list of file ids
        sa.Column("channel", sa.Text, nullable=False),  # the messenger that knows them
        sa.Column("consent", sa.Text, nullable=False),  # not_needed | needed | given
        ref("consented_by", "persons", nullable=True),
        sa.Column("state", sa.Text, nullable=False),  # waiting | published | declined | withdrawn
        sa.Column("told_at", US, nullable=False),
        ref("decided_by", "persons", nullable=True),
        sa.Column("decided_at", US),
        ref("announcement_id", "announcements", nullable=True),
        sa.Column("taking_back", sa.Integer, nullable=False, server_default="0"),  # some still have its photos
    )
    op.create_table(
        "story_copies",  # who asked for all photos of a story, so that they can be taken back
        ref("story_id", "stories"),
        ref("person_id", "persons"),
        sa.PrimaryKeyConstraint("story_id", "person_id"),
    )
    op.create_index("stories_of_community", "stories", ["community_id", "state", "decided_at"])
    op.create_index("stories_of_person", "stories", ["person_id", "id"])
    waiting, taking_back = sa.text("state = 'waiting'"), sa.text("taking_back = 1")
    op.create_index("stories_taking_back", "stories", ["id"], sqlite_where=taking_back, postgresql_where=taking_back)
    op.create_index("stories_waiting", "stories", ["told_at"], sqlite_where=waiting, postgresql_where=waiting)
