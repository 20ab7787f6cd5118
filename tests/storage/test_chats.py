import storage.chats
import storage.operation
from domain.requests import Chat
from storage.chats import Reader
from storage.database import Database
from tests.storage.people import school


async def test_a_group_is_known_bound_and_found_again(database: Database) -> None:
    async with database.writing() as db:
        _, first, second = await school(db)
        assert await storage.chats.find(db, "telegram", "-1") is None
        assert await storage.chats.get(db, 1) is None
        chat = await storage.chats.save(db, "telegram", "-1", "5A valideynləri")
        assert chat == Chat(1, "telegram", "-1", "5A valideynləri", None)
        await storage.chats.bind(db, chat.id, first.id)
        again = await storage.chats.save(db, "telegram", "-1", "5A")

        assert again == Chat(1, "telegram", "-1", "5A", first.id)
        assert await storage.chats.get(db, 1) == await storage.chats.find(db, "telegram", "-1") == again
        assert await storage.chats.of_community(db, first.id) == [again]
        assert await storage.chats.of_community(db, second.id) == []


async def test_how_groups_read(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        bound = await storage.chats.save(db, "telegram", "-1", "5A")
        await storage.chats.bind(db, bound.id, first.id)
        await storage.chats.save(db, "telegram", "-2", "?")
        await storage.chats.mark_unreachable(db, "telegram", "-2", "removed")

        assert await storage.chats.readers(db, [1, 2, 3, 1]) == {
            1: Reader("telegram:-1", "az", "Asia/Baku", None),
            2: Reader("telegram:-2", "az", "Asia/Baku", "removed"),
        }
        assert await storage.chats.readers(db, []) == {}
        await storage.chats.save(db, "telegram", "-2", "?")
        assert (await storage.chats.readers(db, [2]))[2].unreachable is None


async def test_the_groups_below_come_a_few_at_a_time(database: Database) -> None:
    async with database.writing() as db:
        twelve, first, second = await school(db)
        for address, where in (("-1", first), ("-2", second), ("-3", twelve), ("-4", first)):
            chat = await storage.chats.save(db, "telegram", address, address)
            await storage.chats.bind(db, chat.id, where.id)
        await storage.chats.mark_unreachable(db, "telegram", "-4", "removed")

        assert [chat.id for chat in await storage.chats.below(db, twelve.path, most=2)] == [1, 2]
        assert [chat.id for chat in await storage.chats.below(db, twelve.path, after=2)] == [3]
        assert [chat.id for chat in await storage.chats.below(db, first.path)] == [1]


async def test_a_group_keeps_its_community_at_its_new_address(database: Database) -> None:
    async with database.writing() as db:
        _, first, _ = await school(db)
        chat = await storage.chats.save(db, "telegram", "-1", "5A")
        await storage.chats.bind(db, chat.id, first.id)
        for _ in range(2):
            await storage.chats.move(db, "telegram", "-1", "-1001")

        (moved,) = await storage.chats.of_community(db, first.id)
        assert (moved.id, moved.address) == (chat.id, "-1001")


async def test_a_new_address_that_was_heard_of_first_takes_the_community_over(database: Database) -> None:
    """Telegram keeps no order between the two chats' updates."""
    async with database.writing() as db:
        _, first, second = await school(db)
        old = await storage.chats.save(db, "telegram", "-1", "5A")
        await storage.chats.bind(db, old.id, first.id)
        new = await storage.chats.save(db, "telegram", "-1001", "5A")
        for _ in range(2):
            await storage.chats.move(db, "telegram", "-1", "-1001")

        assert await storage.chats.of_community(db, first.id) == [Chat(new.id, "telegram", "-1001", "5A", first.id)]
        assert (await storage.chats.readers(db, [old.id]))[old.id].unreachable == "moved"
        await storage.chats.bind(db, new.id, second.id)
        await storage.chats.move(db, "telegram", "-1", "-1001")
        assert [chat.id for chat in await storage.chats.of_community(db, second.id)] == [new.id]


async def test_notes_of_operation(database: Database) -> None:
    async with database.writing() as db:
        assert await storage.operation.read(db, "stopped cleanly") is None
        for value in ("no", "yes"):
            await storage.operation.write(db, "stopped cleanly", value)
        assert await storage.operation.read(db, "stopped cleanly") == "yes"
