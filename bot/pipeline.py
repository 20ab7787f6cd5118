"""The path of every update: open, identify, route, handle, commit (steps 3 to 7 of the design's table).

Waiting updates share one transaction with a savepoint each. Nothing here knows a messenger; nothing here decides.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

import storage.cases
import storage.chats
import storage.communities
import storage.conversations
import storage.inbox
import storage.persons
import storage.pins
from bot import outgoing
from bot.causes import Cause
from bot.limits import Limits
from bot.logs import where_it_broke
from bot.metrics import Metrics
from bot.render import Renderer
from domain.hotline_checklist import NOT_SET_UP, Setup
from domain.languages import language_of
from domain.messages import ASKER, Outgoing, Refused, Say, Text, Toast, ToPerson, text
from domain.requests import Chat, Conversation, Identity, Incoming, Kind, Person, Request
from domain.roles import PROVEN, is_allowed, may
from handlers import pins, routes
from handlers.communities import which
from handlers.route import NOT_HERE, TO_PRIVATE, Handler, Route, Watched, Where, not_here
from storage.database import Connection, Database, DatabaseFails, savepoint
from storage.outbox import Waiting
from storage.persons import Known

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 100
STARTED, STARTED_AGAIN, SET_ASIDE = "started", "started_again", "set_aside"
_UNFINISHED = {STARTED, STARTED_AGAIN, SET_ASIDE}
_NEVER_STARTED = "never_started"
_LONGEST_ID = 18  # digits

BROKEN = text("Sorry, something went wrong on our side. Nothing you did before is lost. Please try once more.")
UNREADABLE = text("Sorry, I could not read your last message. Please send it again in other words.")
TOO_MANY = text(
    "I got many messages from you at once and could not read them all. Please wait a minute, then send me the last one"
    " again."
)


@dataclass(frozen=True, slots=True)
class Tap:
    """The short answer to a tap, told at once after the commit: it lives 15 s and is never stored."""

    channel: str
    body: Mapping[str, Any]


@dataclass(slots=True)
class Batch:
    """One transaction's worth of updates."""

    now: datetime
    known: dict[str, Known]
    outcomes: dict[str, str]
    touched: set[str]  # senders whose account an update of this batch may have changed
    taps: list[Tap]
    to_send: list[Waiting]
    hidden: set[str]  # events that no figure may count: answered in confidence, or handled before


@contextlib.asynccontextmanager
async def _undone_with(db: Connection, batch: Batch) -> AsyncIterator[None]:
    """A savepoint: what an exception undoes in the database is not sent or told either."""
    to_send, taps = len(batch.to_send), len(batch.taps)
    try:
        async with savepoint(db):
            yield
    except BaseException:
        del batch.to_send[to_send:], batch.taps[taps:]
        raise


class Pipeline:
    """`after_commit` gets what may be sent at once, and knows then that there may be more; `tell_taps` answers taps."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        now: Callable[[], datetime],
        after_commit: Callable[[Sequence[Waiting]], None],
        tell_taps: Callable[[Sequence[Tap]], Awaitable[None] | None],
        defaults: "Defaults",
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._renderer = renderer
        self._now = now
        self._after_commit = after_commit
        self._tell_taps = tell_taps
        self._defaults = defaults
        self._metrics = metrics or Metrics()
        self._limits = Limits()
        self._waiting_for_disk: set[str] = set()  # events that are tried again: that is no new start of theirs

    async def take(self, incoming: Sequence[Incoming], *, cautious: bool = False) -> None:
        """Handles updates of one channel; when it returns they are committed and may be confirmed.

        `cautious` (after an unclean stop) takes them one by one with a start mark, so that an update that kills the
        program is set aside at its third coming.
        """
        for at in range(0, len(incoming), MOST_AT_ONCE):
            batch = incoming[at : at + MOST_AT_ONCE]
            if cautious:
                for one in batch:
                    await self._take_marked(one)
            else:
                await self._take_together(batch)

    async def _take_together(self, incoming: Sequence[Incoming]) -> None:
        try:
            await self._transaction(incoming)
        except Exception as error:
            # Something beyond one update's savepoint: COMMIT itself, or the disk. One by one shows whose it is.
            logger.error("a batch failed", updates=len(incoming), why=where_it_broke(error))
            if len(incoming) == 1:
                if isinstance(error, DatabaseFails):  # it is not this update's fault
                    raise
                await self._set_aside(incoming[0])
                return
            for one in incoming:
                await self._take_together([one])

    async def _set_aside(self, one: Incoming) -> None:
        """An update that can't be handled even alone; its writer hears so. Raises when the database itself fails:
        then nothing is confirmed and it comes again."""
        logger.error(
            "an update was set aside: it can't be handled even alone", update=one.event_id, cause=Cause.SET_ASIDE
        )
        await self._mark(one, SET_ASIDE)
        try:
            await self._transaction([one])
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - it is told; one update must not stop everybody's
            logger.error(
                "not even an apology could be said", update=one.event_id, why=where_it_broke(error), cause=Cause.BUG
            )
            await self._mark(one, "failed")

    async def _mark(self, one: Incoming, outcome: str) -> None:
        outcomes = {one.event_id: outcome}
        await self._database.transact(
            lambda db: storage.inbox.save_outcomes(db, one.channel, outcomes, self._now()), first=True
        )

    async def _take_marked(self, one: Incoming) -> None:
        if one.event_id not in self._waiting_for_disk:
            async with self._database.reading() as db:
                seen = (await storage.inbox.seen(db, one.channel, [one.event_id])).get(one.event_id)
            if seen is not None and seen not in _UNFINISHED:
                return
            mark = {None: STARTED, STARTED: STARTED_AGAIN}.get(seen, SET_ASIDE)
            await self._mark(one, mark)
            if mark == SET_ASIDE:
                logger.error(
                    "an update was set aside: it was started twice without an end",
                    update=one.event_id,
                    cause=Cause.SET_ASIDE,
                )
        self._waiting_for_disk.discard(one.event_id)
        try:
            await self._take_together([one])
        except DatabaseFails:
            self._waiting_for_disk.add(one.event_id)
            raise

    async def _transaction(self, incoming: Sequence[Incoming]) -> None:
        now = self._now()
        if not self._database.vault.is_ready_for(now):
            await self._database.transact(lambda db: db.vault.ready_for(db, now), first=True)
        batch = await self._database.transact(lambda db: self._work(db, incoming, now), first=True)
        self._metrics.handled(incoming, batch.outcomes, batch.hidden, batch.to_send)
        self._after_commit(batch.to_send)
        if batch.taps:
            told = self._tell_taps(batch.taps)
            if told is not None:
                await told

    async def _work(self, db: Connection, incoming: Sequence[Incoming], now: datetime) -> Batch:
        """All of a batch inside its transaction; nothing outside it is touched, so that it may be run again."""
        batch = await self._open(db, incoming, now)
        for one in incoming:
            if one.event_id not in batch.outcomes:
                batch.outcomes[one.event_id] = await self._take_one(db, batch, one)
        await storage.inbox.save_outcomes(db, incoming[0].channel, batch.outcomes, now)
        return batch

    async def _open(self, db: Connection, incoming: Sequence[Incoming], now: datetime) -> Batch:
        """Step 3: which of these came before, and the accounts of all of them, in three statements."""
        channel = incoming[0].channel
        seen = await storage.inbox.seen(db, channel, [one.event_id for one in incoming])
        known = await storage.persons.identify(db, channel, [one.sender for one in incoming if one.sender], now)
        done = {event: outcome for event, outcome in seen.items() if outcome not in _UNFINISHED}
        batch = Batch(now, dict(known), done, set(), [], [], set(done))
        for one in incoming:
            if seen.get(one.event_id) == SET_ASIDE:
                batch.outcomes[one.event_id] = await self._apologise(db, batch, one, UNREADABLE, "failed")
        return batch

    async def _take_one(self, db: Connection, batch: Batch, incoming: Incoming) -> str:
        """Steps 4 to 7 for one update, inside its savepoint. Returns the outcome for the inbox."""
        concerns = routes.concerns(incoming)
        if concerns or incoming.kind is not Kind.WORDS:
            incoming = self._limits.weigh(incoming, batch.now, concerns=concerns)
        watched = await self._watch(db, batch, incoming) if concerns else Watched([])
        if watched.alone:
            batch.hidden.add(incoming.event_id)
            return "done"
        outcome = await self._take_own(db, batch, incoming, concerns=concerns)
        if watched.after:
            await self._say_after(db, batch, incoming, watched.after)
        return outcome

    async def _take_own(self, db: Connection, batch: Batch, incoming: Incoming, *, concerns: bool) -> str:
        """What this update is answered by itself."""
        if incoming.hurried and incoming.kind is not Kind.WORDS:
            return await self._let_go(db, batch, incoming)
        known = await self._known(db, batch, incoming)
        if known is None and not _makes_known(incoming):
            return "ignored"
        if incoming.kind is Kind.WORDS and not concerns:  # what is written to a helper has a measure of its own
            incoming = self._limits.weigh(incoming, batch.now, step=known.conversation.step if known else "")
        try:
            request, said, confidential = await self._answer(db, batch, incoming, known)
            if confidential or outgoing.are_of_cases(said):
                batch.hidden.add(incoming.event_id)
            if incoming.hurried and not (said or concerns or routes.is_confidential(request)):
                return await self._let_go(db, batch, incoming)
            return "done"
        except Refused as refused:
            return await self._say_no(db, batch, incoming, refused)
        except DatabaseFails:  # nothing is wrong with this update: it comes again when the database works
            raise
        except Exception as error:  # noqa: BLE001 - a bug in one answer must not stop the others; it is told
            logger.error("a handler broke", update=incoming.event_id, why=where_it_broke(error), cause=Cause.BUG)
            return await self._apologise(db, batch, incoming, BROKEN, "failed")

    async def _answer(
        self, db: Connection, batch: Batch, incoming: Incoming, known: Known | None
    ) -> tuple[Request, list[Outgoing], bool]:
        """The answer, and after it what was asked for while the account was locked: each of that in a savepoint of its
        own, by the same steps as if it came now."""
        async with _undone_with(db, batch):
            request = await self.identify(db, batch.now, incoming, known)
            said, confidential = await self.answer(db, request)
            await self._say(db, batch, said, request, confidential=confidential)
            kept = await routes.resumed(db, request)
        for one in kept:
            await self._take_one(db, batch, one)
        return request, said, confidential

    async def _watch(self, db: Connection, batch: Batch, incoming: Incoming) -> Watched:
        """Words that may mean danger are answered first, whatever their own answer will be: a refusal of it takes
        nothing of this back. In a group nobody becomes known by them."""
        known = await self._known(db, batch, incoming)
        unknown = known is None and not incoming.is_private
        seen = replace(incoming, sender=None) if unknown else incoming
        try:
            async with _undone_with(db, batch):
                request = await self.identify(db, batch.now, seen, known)
                watched = await routes.watch(db, request)
                await self._say(db, batch, watched.said, request, confidential=True)
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - the words' own answer must not be lost over this; it is told
            logger.error("the watch broke", update=incoming.event_id, why=where_it_broke(error), cause=Cause.BUG)
            return Watched([], alone=not incoming.is_private)
        return watched

    async def _say_after(self, db: Connection, batch: Batch, incoming: Incoming, after: Sequence[Outgoing]) -> None:
        """What stands below the words' own answer, so that it is what is read and tapped."""
        try:
            async with _undone_with(db, batch):
                request = await self.identify(db, batch.now, incoming, await self._known(db, batch, incoming))
                await self._say(db, batch, after, request, confidential=True)
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - as for the watch itself
            logger.error("the watch broke", update=incoming.event_id, why=where_it_broke(error), cause=Cause.BUG)

    async def _known(self, db: Connection, batch: Batch, incoming: Incoming) -> Known | None:
        """The account, read again when an earlier update of this batch was its own."""
        if incoming.sender is None:
            return None
        if incoming.sender in batch.touched:
            batch.known.update(await storage.persons.identify(db, incoming.channel, [incoming.sender], batch.now))
        batch.touched.add(incoming.sender)
        return batch.known.get(incoming.sender)

    async def identify(self, db: Connection, now: datetime, incoming: Incoming, known: Known | None) -> Request:
        """Step 4: who this is, met for the first time if need be, and the group chat it came from."""
        chat = None
        if not incoming.is_private and incoming.chat is not None:
            chat = await storage.chats.find(db, incoming.channel, incoming.chat)
        if incoming.sender is None:
            spoken = (
                await storage.communities.get(db, chat.community_id) if chat and chat.community_id else self._defaults
            )
            nobody = Person(0, (spoken or self._defaults).language, (spoken or self._defaults).zone)
            identity = Identity(0, incoming.channel, "")
            return self._request(incoming, Known(identity, nobody, (), Conversation(), None), now, chat)
        if known is None:
            language = language_of(incoming.sender_language, self._defaults.language)
            known = await storage.persons.meet(db, incoming.channel, incoming.sender, language, self._defaults.zone)
            if not _opens_private_chat(incoming):
                await storage.persons.mark_unreachable(db, incoming.channel, incoming.sender, _NEVER_STARTED)
        elif known.unreachable and _opens_private_chat(incoming):
            await storage.persons.mark_reachable(db, known.identity.id)
        return self._request(incoming, known, now, chat)

    def _request(self, incoming: Incoming, known: Known, now: datetime, chat: Chat | None) -> Request:
        return Request(
            incoming,
            known.person,
            known.identity,
            known.memberships,
            known.conversation,
            now,
            chat,
            setup=self._defaults.setup,
            bot=self._defaults.bot,
            public_url=self._defaults.public_url,
        )

    async def answer(self, db: Connection, request: Request) -> tuple[list[Outgoing], bool]:
        """Steps 5 and 6. Also whether the answer is confidential."""
        found = routes.find(request)
        if found is None:
            return routes.not_understood(request), False
        route, request = found
        handler, request = await self.admit(db, route, request)
        return await handler(db, request), route.confidential

    async def admit(self, db: Connection, route: Route, request: Request) -> tuple[Handler, Request]:
        """Step 5: loads the subject and checks the right, here and once; where nothing names the community and
        several could be meant, the handler is the one that asks. Raises Refused."""
        _check_where(route, request)
        if request.incoming.anonymous and not route.may.anyone:
            raise _only_in_private()
        if await _is_locked(db, route, request):
            return pins.ask, request
        if route.subject is not None:
            request = await self._with_subject(db, route, request)
        elif route.community:
            return await self._with_community(db, route, request)
        elif not route.may.anyone and not any(
            may(route.may, request.standing(membership.path)) for membership in request.memberships
        ):
            raise not_here()
        return route.handler, request

    async def _with_subject(self, db: Connection, route: Route, request: Request) -> Request:
        number = request.args[0] if request.args else ""
        # Telegram ids and ours fit 63 bits; anything else is no id, and SQLite would choke on it.
        if route.subject is None or not number.isascii() or not number.isdigit() or len(number) > _LONGEST_ID:
            raise not_here()
        subject = await route.subject(db, int(number), request.person.id)
        if subject is None:
            raise not_here()
        audience = getattr(subject, "audience", None)
        if not is_allowed(route.may, request.memberships, subject.community.path, audience):
            raise not_here()
        return replace(request, subject=subject, community=subject.community)

    async def _with_community(self, db: Connection, route: Route, request: Request) -> tuple[Handler, Request]:
        community_id = request.community_id
        if community_id is None and request.chat is not None:
            community_id = request.chat.community_id
        if community_id is None:
            if not request.incoming.is_private:
                raise Refused(
                    text(
                        "This group does not belong to a class yet. An administrator can choose its class with /start."
                    )
                )
            return which.ask(route), request
        community = await storage.communities.get(db, community_id)
        if community is None or community.archived or not is_allowed(route.may, request.memberships, community.path):
            raise not_here()
        return route.handler, replace(request, community=community)

    async def _say(
        self, db: Connection, batch: Batch, said: Sequence[Outgoing], request: Request, *, confidential: bool
    ) -> None:
        """Step 7, but for the commit: every message rendered for its reader and written to the outbox."""
        if confidential:
            said = outgoing.all_confidential(said)
        batch.to_send += await outgoing.store(db, self._renderer, said, request, batch.now)
        if confidential or outgoing.are_of_cases(said):
            await _trace(db, request.incoming, batch.now)
        if request.incoming.query_id is not None:
            batch.taps.append(Tap(request.incoming.channel, outgoing.toast(self._renderer, said, request)))

    async def _say_no(self, db: Connection, batch: Batch, incoming: Incoming, refused: Refused) -> str:
        try:
            async with _undone_with(db, batch):
                return await self._refuse(db, batch, incoming, refused)
        except DatabaseFails:
            raise
        except Exception as error:  # noqa: BLE001 - as for a handler
            logger.error("a refusal broke", update=incoming.event_id, why=where_it_broke(error), cause=Cause.BUG)
            return await self._apologise(db, batch, incoming, BROKEN, "failed")

    async def _refuse(self, db: Connection, batch: Batch, incoming: Incoming, refused: Refused) -> str:
        """A no: nothing stays but what must be kept and the one sentence that says what to do next."""
        known = await self._known(db, batch, incoming)
        request = await self.identify(db, batch.now, incoming, known)
        for kept in (*refused.keep, *routes.attempts(request, refused)):
            await routes.KEEPS[type(kept)](db, kept, request.person.id, batch.now)
        in_private = incoming.is_private or incoming.kind != Kind.BUTTON
        # A group was asked about in private: what the messenger answered is hers to hear, not the group's.
        to = ToPerson(request.person.id) if incoming.kind == Kind.ANSWER and incoming.sender else ASKER
        # /home is no way out in a group: there it is one more message to everybody.
        leads_on = refused.body == NOT_HERE and not incoming.is_private
        buttons = [[TO_PRIVATE]] if leads_on else refused.buttons
        said: list[Outgoing] = [Say(refused.body, buttons, to=to)] if in_private else []
        if incoming.kind == Kind.BUTTON and not incoming.is_private:
            said.append(Toast(refused.body, alert=refused.alert))
        confidential = incoming.is_private and routes.is_confidential(request)
        await self._say(db, batch, said, request, confidential=confidential)
        if confidential:
            batch.hidden.add(incoming.event_id)
        return "refused"

    async def _let_go(self, db: Connection, batch: Batch, incoming: Incoming) -> str:
        """More than anybody writes or taps by hand: she hears so once, and the rest of it costs nobody time."""
        batch.hidden.add(incoming.event_id)  # it may be of the hotline
        if incoming.query_id is not None:
            batch.taps.append(Tap(incoming.channel, {"query_id": incoming.query_id, "text": "", "alert": False}))
        elif self._limits.tells(incoming, batch.now):
            async with _undone_with(db, batch):
                request = await self.identify(db, batch.now, incoming, await self._known(db, batch, incoming))
                refused = Refused(TOO_MANY) if incoming.is_private else _only_in_private()
                await self._say(db, batch, [Say(refused.body, refused.buttons)], request, confidential=True)
        return "let go"

    async def _apologise(self, db: Connection, batch: Batch, incoming: Incoming, body: Text, outcome: str) -> str:
        """Something broke: the person hears so, and what to do. In a group there is no room for that."""
        if incoming.is_private and incoming.kind in _SPOKEN and incoming.sender is not None:
            async with _undone_with(db, batch):
                known = await self._known(db, batch, incoming)
                request = await self.identify(db, batch.now, incoming, known)
                await self._say(db, batch, [Say(body)], request, confidential=True)
        elif incoming.query_id is not None:
            batch.taps.append(Tap(incoming.channel, {"query_id": incoming.query_id, "text": "", "alert": False}))
        return outcome


_SPOKEN = {Kind.COMMAND, Kind.BUTTON, Kind.WORDS}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a person starts with whose messenger doesn't tell her language, and the zone of the network."""

    language: str
    zone: str
    setup: Setup = NOT_SET_UP
    bot: str = ""  # the bot's own account
    public_url: str = ""


async def _is_locked(db: Connection, route: Route, request: Request) -> bool:
    """Whether she must enter her PIN first (rule 18). It is asked before the subject is looked for: what a locked
    account hears tells nothing of whether a case exists. Raises Refused for whoever has no such right anywhere."""
    if not route.unlocked:
        return False
    if not request.roles & route.may.roles:
        raise not_here()
    if not request.roles & PROVEN:
        return False
    return not await storage.pins.is_unlocked(db, request.person.id, request.identity.id, request.now)


async def _trace(db: Connection, incoming: Incoming, now: datetime) -> None:
    """What somebody wrote to the hotline is known for as long as it can be deleted from her chat."""
    if incoming.is_private and incoming.message_id is not None and incoming.kind in (Kind.WORDS, Kind.COMMAND):
        await storage.cases.note_trace(db, f"{incoming.channel}:{incoming.chat}", incoming.message_id, now)


def _check_where(route: Route, request: Request) -> None:
    private = request.incoming.is_private
    if route.where is Where.PRIVATE and not private:
        raise _only_in_private()
    if route.where is Where.GROUP and private:
        raise Refused(text("This works in the group chat of a class. Please use it there."))


def _only_in_private() -> Refused:
    return Refused(text("Please write this to me in our private chat."), buttons=[[TO_PRIVATE]])


def _opens_private_chat(incoming: Incoming) -> bool:
    return incoming.is_private and incoming.kind in _SPOKEN


def _makes_known(incoming: Incoming) -> bool:
    """Whether a stranger becomes a person by this: she turned to the bot. Chatter in a group doesn't count."""
    if incoming.sender is None:
        hidden = incoming.anonymous and incoming.kind == Kind.COMMAND  # is answered, but known to nobody
        return hidden or incoming.kind in {Kind.MOVED, Kind.TITLED, Kind.MEMBERSHIP, Kind.ANSWER, Kind.POLL}
    if incoming.is_private or incoming.kind in {
        Kind.COMMAND,
        Kind.BUTTON,
        Kind.JOIN_REQUEST,
        Kind.MEMBERSHIP,
        Kind.VOTE,
    }:
        return incoming.kind != Kind.OTHER
    return False
