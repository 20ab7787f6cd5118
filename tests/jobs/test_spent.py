"""B5, B7, A12, A13: what is over, or was never sent, is forgotten, and nothing else is."""

from datetime import timedelta
from typing import Any

import pytest

import jobs.spent
import storage.announcements
import storage.campaigns
import storage.mutes
import storage.offers
from domain.announcements import Content, Dispatch, Look, State
from domain.campaigns import Campaign, PostKind
from domain.campaigns import State as CampaignState
from domain.offers import Offered, Thing
from domain.offers import State as OfferState
from domain.roles import Role
from jobs.spent import DRAFTS_LAST, OFFERS_LAST
from storage.announcements import changes
from storage.database import Connection, Database
from tests.storage.conftest import NOW, database
from tests.storage.people import person, school

__all__ = ["database"]
HOUR = timedelta(hours=1)


async def column(db: Connection, sql: str) -> list[Any]:
    return [row[0] for row in await db.all(sql)]  # type: ignore[index]


@pytest.mark.row("B5")
async def test_what_was_called_off_or_taken_back_is_forgotten_after_sixty_days(database: Database) -> None:
    async with database.writing() as db:
        twelve, _, _ = await school(db)
        author = await person(db, "1", (twelve, Role.COORDINATOR))
        look = Look(
            "12", "Kamran", Role.COORDINATOR, Content("Salam", "photo", "x", "telegram"), "az", {"ru": "Привет"}
        )
        made = {
            state: await storage.announcements.save(db, twelve, author, look, (), 1, NOW, Dispatch(state, due_at=NOW))
            for state in (State.OFF, State.ASKED, State.PLANNED)
        }
        sent = [await storage.announcements.save(db, twelve, author, look, (), 1, NOW) for _ in range(2)]
        assert await changes.recall(db, sent[0], author, NOW)
        await jobs.spent.forget(db, NOW + DRAFTS_LAST)
        assert await column(db, "SELECT COUNT(*) FROM announcements WHERE words = 'Salam'") == [5]
        await jobs.spent.forget(db, NOW + DRAFTS_LAST + HOUR)
        rows = await db.all("SELECT id, words, versions, file_id FROM announcements ORDER BY id")
        assert [row["id"] for row in rows] == [made[State.PLANNED].id, sent[0].id, sent[1].id]
        assert [(row["words"], row["file_id"]) for row in rows] == [("Salam", "x"), ("", None), ("Salam", "x")]
        assert rows[1]["versions"] == "{}"


@pytest.mark.row("B7")
async def test_posts_that_never_went_are_forgotten_once_their_campaign_is_over(database: Database) -> None:
    async with database.writing() as db:
        twelve, _, _ = await school(db)
        author = await person(db, "1", (twelve, Role.COORDINATOR))
        days = {"over": 1, "running": 300, "cancelled": 300}
        for name, lasts in days.items():
            first = NOW.date()
            drafted = Campaign(
                0, twelve, author, name, "Kamran", Role.COORDINATOR, name, first, first + timedelta(lasts), "Asia/Baku"
            )
            campaign = await storage.campaigns.add(db, drafted, NOW)
            for words in ("missed", "sent"):
                post = await storage.campaigns.add_post(db, campaign, PostKind.POST, Content(words), NOW)
                if words == "sent":
                    look = Look("12", "Kamran", Role.COORDINATOR, Content(words))
                    said = await storage.announcements.save(db, twelve, author, look, (), 1, NOW)
                    await storage.campaigns.save_sent(db, post, said.id)
            if name == "cancelled":
                await storage.campaigns.change_state(db, campaign, [CampaignState.RUNNING], CampaignState.CANCELLED)
        await jobs.spent.forget(db, NOW + DRAFTS_LAST)
        assert len(await column(db, "SELECT id FROM campaign_posts")) == 6
        await jobs.spent.forget(db, NOW + DRAFTS_LAST + timedelta(days=2))
        left = await db.all(
            """SELECT campaigns.name, campaign_posts.words FROM campaign_posts
               JOIN campaigns ON campaigns.id = campaign_posts.campaign_id
               ORDER BY campaign_posts.id"""
        )
        assert [(row["name"], row["words"]) for row in left] == [
            ("over", "sent"),
            ("running", "missed"),
            ("running", "sent"),
            ("cancelled", "sent"),
        ]


@pytest.mark.row("A12")
@pytest.mark.row("A13")
async def test_ended_mutes_go_at_once_and_offers_a_year_after_they_are_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.spent, "AT_ONCE", 1)
    async with database.writing() as db:
        twelve, first, second = await school(db)
        author = await person(db, "1", (twelve, Role.COORDINATOR))
        for community, until in ((twelve, None), (first, NOW), (second, NOW + HOUR)):
            await storage.mutes.save(db, author, community.id, until)
        for number, state in enumerate((OfferState.LAPSED, OfferState.DECLINED, None)):
            what = Offered(Thing.ANNOUNCEMENT, number, "Salam", NOW + HOUR)
            offer = await storage.offers.save(db, what, first, second, None, author, NOW)
            assert offer is not None
            if state is not None:
                assert await storage.offers.answer(db, offer.id, state, author, NOW)
        await jobs.spent.forget(db, NOW)
        assert await column(db, "SELECT community_id FROM mutes ORDER BY community_id") == [twelve.id, second.id]
        assert len(await column(db, "SELECT id FROM offers")) == 3
        for left in (2, 1, 1):  # some at each look
            await jobs.spent.forget(db, NOW + OFFERS_LAST + 2 * HOUR)
            assert len(await column(db, "SELECT id FROM offers")) == left
        assert await column(db, "SELECT state FROM offers") == ["offered"]
        assert await column(db, "SELECT community_id FROM mutes") == [twelve.id]
