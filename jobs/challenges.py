"""What time triggers about challenges: cards in groups, counts kept current, thanks at the end.

Every look takes a chunk and notes how far it came, so that the next one goes on there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import storage.challenges
import storage.chats
import storage.communities
from domain.challenge_cards import (
    author_card,
    author_doors,
    group_card,
    group_doors,
    own_thanks,
    thanks,
)
from domain.challenges import Challenge, Totals
from domain.messages import Edit, Lane, Outgoing, Say, Subject, ToChat, ToPerson
from domain.requests import Chat
from storage.challenges import Reached
from storage.database import Connection

PERSONS_AT_ONCE = 500
GROUPS_AT_ONCE = 100
_CHALLENGES_AT_ONCE = 5
_GROUPS_REFRESHED = 1_000
_PAUSE = timedelta(seconds=3)
# Edits of cards in many groups share 30 messages a second with all else.
_PAUSE_FOR_A_GROUP = timedelta(seconds=0.3)


async def post_challenges(db: Connection, now: datetime) -> list[Outgoing]:
    """The next group cards of every new challenge."""
    said: list[Outgoing] = []
    for reached in await storage.challenges.posting(db, _CHALLENGES_AT_ONCE):
        challenge, chats = reached.challenge, await _next_groups(db, reached)
        done = len(chats) < GROUPS_AT_ONCE
        posted = max((chat.id for chat in chats), default=reached.chat)
        await storage.challenges.save_posted(db, challenge.id, posted, done=done)
        said += [_post(challenge, chat, card) for chat, card in await _group_cards(db, challenge, chats, now)]
    return said


async def _next_groups(db: Connection, reached: Reached) -> list[Chat]:
    path = reached.challenge.community.path
    return await storage.chats.below(db, path, after=reached.chat, most=GROUPS_AT_ONCE)


async def _group_cards(
    db: Connection, challenge: Challenge, chats: Sequence[Chat], now: datetime
) -> list[tuple[Chat, Edit]]:
    """The card of each group as it stands now. Below the challenge's community it has the group's own part, too."""
    all_of_it = await storage.challenges.totals(db, challenge.id, challenge.community.path)
    own = await storage.communities.several(db, sorted({chat.community_id or 0 for chat in chats}))
    here: dict[int, Totals] = {
        community.id: await storage.challenges.totals(db, challenge.id, community.path)
        for community in own
        if community.id != challenge.community.id
    }
    doors = group_doors(challenge, now)
    return [
        (
            chat,
            Edit(
                group_card(challenge, all_of_it, here.get(chat.community_id or 0), now),
                doors,
                card=challenge.card,
                to=ToChat(chat.id),
                live=True,
            ),
        )
        for chat in chats
    ]


def _post(challenge: Challenge, chat: Chat, card: Edit) -> Say:
    return Say(
        card.body,
        card.buttons,
        to=card.to,
        card=card.card,
        lane=Lane.BROADCAST,
        subject=Subject("challenge", challenge.id),
        not_after=challenge.ends_at,
        dedupe_key=f"{challenge.card}:chat:{chat.id}",
    )


async def refresh_challenge_cards(db: Connection, now: datetime) -> list[Outgoing]:
    """The counts on the organiser's and the groups' cards."""
    said: list[Outgoing] = []
    for challenge in await storage.challenges.cards_due(db, now, _CHALLENGES_AT_ONCE):
        chats = await storage.chats.below(db, challenge.community.path, most=_GROUPS_REFRESHED)
        await storage.challenges.save_refreshed(db, challenge.id, now + _PAUSE + len(chats) * _PAUSE_FOR_A_GROUP)
        said.append(await _author_card(db, challenge, now))
        said += [card for _, card in await _group_cards(db, challenge, chats, now)]
    return said


async def _author_card(db: Connection, challenge: Challenge, now: datetime) -> Edit:
    totals = await storage.challenges.totals(db, challenge.id, challenge.community.path)
    return Edit(
        author_card(challenge, totals, now),
        author_doors(challenge),
        card=challenge.author_card,
        to=ToPerson(challenge.author_id),
        live=True,
    )


# --- the end ----------------------------------------------------------------------------------------------------------


async def close_finished_challenges(db: Connection, now: datetime) -> list[Outgoing]:
    """The organiser hears the totals; groups and participants are thanked by thank_participants."""
    said: list[Outgoing] = []
    for challenge in await storage.challenges.due(db, now, _CHALLENGES_AT_ONCE):
        await storage.challenges.end(db, challenge.id)
        totals = await storage.challenges.totals(db, challenge.id, challenge.community.path)
        said.append(await _author_card(db, challenge, now))
        said.append(
            # Silent, as all thanks: it ends at midnight.
            Say(
                thanks(challenge, totals),
                to=ToPerson(challenge.author_id),
                dedupe_key=f"{challenge.card}:end",
                silent=True,
            )
        )
    return said


async def thank_participants(db: Connection, now: datetime) -> list[Outgoing]:
    """One thank-you with the totals to each group and to everybody who took part."""
    said: list[Outgoing] = []
    for reached in await storage.challenges.thanking(db, _CHALLENGES_AT_ONCE):
        said += await _thank_more(db, reached, now)
    return said


async def _thank_more(db: Connection, reached: Reached, now: datetime) -> list[Outgoing]:
    challenge, chats = reached.challenge, await _next_groups(db, reached)
    people = await storage.challenges.participants(db, challenge.id, after=reached.person, most=PERSONS_AT_ONCE)
    done = len(chats) < GROUPS_AT_ONCE and len(people) < PERSONS_AT_ONCE
    chat = max((one.id for one in chats), default=reached.chat)
    person = max((person_id for person_id, _ in people), default=reached.person)
    await storage.challenges.save_thanked(db, challenge.id, chat, person, done=done)
    totals = await storage.challenges.totals(db, challenge.id, challenge.community.path)
    said: list[Outgoing] = []
    for one, card in await _group_cards(db, challenge, chats, now):
        key = f"{challenge.card}:thanks:chat:{one.id}"
        said += [card, Say(thanks(challenge, totals), to=card.to, lane=Lane.BROADCAST, dedupe_key=key, silent=True)]
    for person_id, taking in people:
        key = f"{challenge.card}:thanks:{person_id}"
        body = own_thanks(challenge, taking, totals)
        said.append(Say(body, to=ToPerson(person_id), lane=Lane.BROADCAST, dedupe_key=key, silent=True))
    return said
