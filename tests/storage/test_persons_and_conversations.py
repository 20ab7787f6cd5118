from datetime import timedelta

import storage.communities
import storage.conversations
import storage.persons
from domain.requests import Conversation
from domain.roles import Role
from storage.database import Connection, Database
from storage.persons import Known, Reader
from tests.storage.conftest import NOW
from tests.storage.people import person, school


async def known(db: Connection, address: str = "1") -> Known:
    return (await storage.persons.identify(db, "telegram", [address], NOW))[address]


async def test_strangers_are_nobody(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        assert await storage.persons.identify(db, "telegram", ["2", "2"], NOW) == {}
        assert await storage.persons.identify(db, "whatsapp", ["1"], NOW) == {}
        assert await storage.persons.memberships_of(db, [], NOW) == {}


async def test_everybody_in_a_batch_is_identified_in_two_statements(database: Database) -> None:
    async with database.writing() as db:
        twelve, first, second = await school(db)
        await person(db, "1", (first, Role.PARENT), (second, Role.PARENT))
        await person(db, "2", (twelve, Role.CHAIR), language="ru", zone="Europe/Kyiv")
        await person(db, "3")
        before = db.statements
        found = await storage.persons.identify(db, "telegram", ["3", "2", "1", "9"], NOW)
        assert db.statements == before + 2

    assert sorted(found) == ["1", "2", "3"]
    assert [(one.path, one.role) for one in found["1"].memberships] == [
        (first.path, Role.PARENT),
        (second.path, Role.PARENT),
    ]
    assert (found["2"].person.language, found["2"].person.zone) == ("ru", "Europe/Kyiv")
    assert found["3"].memberships == ()
    assert found["3"].identity.place == "telegram:3"


async def test_what_is_over_is_no_membership(database: Database) -> None:
    async with database.writing() as db:
        _, first, second = await school(db)
        await person(db, "1", (first, Role.PARENT), (second, Role.PARENT))
        (ends,) = await storage.communities.members(db, first.id)
        (left,) = await storage.communities.members(db, second.id)
        await storage.communities.save_until(db, ends.membership_id, NOW + timedelta(hours=1))
        await storage.communities.end(db, left.membership_id)

        (membership,) = (await known(db)).memberships
        assert membership.until == NOW + timedelta(hours=1)
        assert await storage.persons.memberships_of(db, [1], NOW + timedelta(hours=1)) == {}


async def test_settings_are_kept(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        await storage.persons.adopt_zone(db, 1, "Asia/Almaty")
        assert (await known(db)).person.zone == "Asia/Almaty"
        await storage.persons.save_language(db, 1, "uk")
        await storage.persons.save_zone(db, 1, "Europe/Kyiv")
        await storage.persons.adopt_zone(db, 1, "Asia/Baku")
        await storage.persons.save_quiet_hours(db, 1, 22 * 60, 7 * 60)
        one = (await known(db)).person

    assert (one.language, one.chose_language, one.zone) == ("uk", True, "Europe/Kyiv")
    assert (one.quiet_from, one.quiet_until) == (1320, 420)
    assert str(one.zone_info) == "Europe/Kyiv"


async def test_who_can_be_reached_and_where(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "old")
        await person(db, "blocked")
        await db.run("INSERT INTO identities (person_id, channel, address) VALUES (1, 'telegram', 'new')")
        await storage.persons.mark_unreachable(db, "telegram", "old", "deactivated")
        await storage.persons.mark_unreachable(db, "telegram", "blocked", "blocked")
        found = await storage.persons.readers(db, [2, 1, 1, 99])

        assert found == {
            1: Reader(1, "telegram:new", None, "az", "Asia/Baku"),
            2: Reader(2, None, "blocked", "az", "Asia/Baku"),
        }
        assert await storage.persons.readers(db, []) == {}
        await storage.persons.mark_reachable(db, (await known(db, "blocked")).identity.id)
        assert (await storage.persons.readers(db, [2]))[2].place == "telegram:blocked"


# --- what the bot waits to hear -------------------------------------------------------------------------------------


async def expect(db: Connection, step: str = "join.code", **draft: object) -> Conversation:
    one = await known(db)
    await storage.conversations.expect(db, one.identity.id, one.conversation, step, draft, NOW)
    return (await known(db)).conversation


async def test_a_question_and_its_draft_are_kept_sealed(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        assert (await known(db)).conversation == Conversation()
        conversation = await expect(db, "form:case:words", words="Ağrıyır")
        row = await db.one("SELECT * FROM conversations")

    assert conversation == Conversation("form:case:words", {"words": "Ağrıyır"}, 1, NOW, None)
    assert row is not None
    assert "Ağrıyır".encode() not in row["state"]
    assert b"form:case" not in row["state"]
    assert row["touched_on"] == int(NOW.timestamp()) // 3600 * 3600 * 1_000_000


async def test_each_question_has_a_token_of_its_own(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        first, second = await expect(db), await expect(db)
        await storage.conversations.forget(db, 1, second, NOW)
        nothing = (await known(db)).conversation
        third = await expect(db)

    assert (nothing.step, nothing.draft) == ("", {})
    assert [one.token for one in (first, second, nothing, third)] == [1, 2, 3, 4]


async def test_tokens_begin_again_before_they_grow_too_long_for_a_button(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        await storage.conversations.expect(db, 1, Conversation(token=999_999), "a", {}, NOW)
        assert (await known(db)).conversation.token == 1


async def test_a_question_learns_which_message_it_is(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        conversation = await expect(db)
        await storage.conversations.note_question(db, "telegram", "1", conversation.token + 1, 50)
        assert (await known(db)).conversation.message_id is None
        await storage.conversations.note_question(db, "telegram", "1", conversation.token, 51)
        assert (await known(db)).conversation.message_id == 51
        assert (await expect(db)).message_id is None


async def test_more_in_a_draft_keeps_its_question(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        before = await expect(db, words="one")
        await storage.conversations.note_question(db, "telegram", "1", before.token, 51)
        await storage.conversations.keep(db, 1, before, {"words": "one, two"}, NOW + timedelta(hours=1))
        after = (await known(db)).conversation
        await storage.conversations.note_question(db, "telegram", "9", before.token, 52)

    assert (after.step, after.draft) == (before.step, {"words": "one, two"})
    assert (after.token, after.asked_at, after.message_id) == (before.token, NOW, 51)


async def test_drafts_that_nobody_touches_are_gone(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        before = await expect(db)
        await storage.conversations.drop_drafts_before(db, NOW - timedelta(hours=1))
        assert (await known(db)).conversation.step == "join.code"
        await storage.conversations.drop_drafts_before(db, NOW + timedelta(days=1))
        after = (await known(db)).conversation

    assert (after.step, after.token) == ("", before.token)


async def test_a_draft_whose_key_is_destroyed_stops_nobody(database: Database) -> None:
    async with database.writing() as db:
        await person(db, "1")
        await person(db, "2")
        await expect(db, words="Ağrıyır")
        for row in await db.all("SELECT id FROM sealing_keys"):
            await database.vault.destroy_key(db, row["id"])
        found = await storage.persons.identify(db, "telegram", ["1", "2"], NOW)

    assert found["1"].conversation == Conversation(token=1)
