"""What time triggers about campaigns: a post whose time has come becomes an announcement."""

from dataclasses import replace
from datetime import datetime

import storage.announcements
import storage.campaigns
import storage.chats
import storage.communities
import storage.outgoings
import storage.persons
from domain.announcement_cards import going_out
from domain.announcements import LATE
from domain.campaigns import Campaign, Post, State, campaign_heading
from domain.messages import Lane, Outgoing, Say, Text, ToAudience, ToPerson, button, lines, text
from domain.roles import COORDINATORS
from storage.database import Connection

_AT_ONCE = 20


async def send_posts(db: Connection, now: datetime) -> list[Outgoing]:
    """Each post that is due, once. One that is too late, or has nobody to read it, waits for another time."""
    said: list[Outgoing] = []
    paused: set[int] = set()
    for post in await storage.campaigns.due(db, now, _AT_ONCE):
        if post.campaign.id in paused:
            continue
        if not await _still_leads(db, post.campaign, now):
            paused.add(post.campaign.id)
            said += await _pause(db, post.campaign, now)
        elif now - post.at > LATE:
            said += await _miss(db, post, text("A post of your campaign was not sent: its time had passed."))
        else:
            said += await _send(db, post, now)
    return said


async def _send(db: Connection, post: Post, now: datetime) -> list[Outgoing]:
    campaign, roles = post.campaign, post.campaign.whom(post.kind)
    reach = await storage.outgoings.reach(db, ToAudience(campaign.community.id, roles), now)
    if not reach.persons:
        return await _miss(db, post, text("A post of your campaign was not sent: nobody has joined yet."))
    author = (await storage.persons.readers(db, [campaign.author_id])).get(campaign.author_id)
    heading = campaign_heading(await storage.announcements.heading_of(db, campaign.community), campaign.name)
    look = replace(post.look, heading=heading, written_in=author.language if author else "")
    announcement = await storage.announcements.save(
        db, campaign.community, campaign.author_id, look, roles, reach.persons, now
    )
    await storage.campaigns.save_sent(db, post.id, announcement.id)
    chats = await storage.chats.of_community(db, campaign.community.id)
    return going_out(announcement, chats)


async def _miss(db: Connection, post: Post, why: Text) -> list[Outgoing]:
    await storage.campaigns.miss(db, post.id)
    return [_notice(post.campaign.author_id, post.campaign, why)]


async def _still_leads(db: Connection, campaign: Campaign, now: datetime) -> bool:
    """Whether whoever signs the posts still may."""
    return await storage.persons.may(db, COORDINATORS, campaign.author_id, campaign.community.path, now)


async def _pause(db: Connection, campaign: Campaign, now: datetime) -> list[Outgoing]:
    """Those who lead the community now can take it up."""
    await storage.campaigns.change_state(db, campaign.id, [State.RUNNING], State.PAUSED)
    why = text("A campaign is paused: whoever planned it no longer leads here. You can go on with it.")
    leaders = await storage.communities.leaders(db, campaign.community.path, now, COORDINATORS.leading)
    return [_notice(person_id, campaign, why) for person_id in leaders]


def _notice(person_id: int, campaign: Campaign, why: Text) -> Say:
    # NOTE: button. Opens a campaign.
    door = [[button(text("Open it"), "cp", campaign.id)]]
    named = lines(why, text("<b>Campaign: %(name)s</b>", name=campaign.name))
    return Say(named, door, to=ToPerson(person_id), lane=Lane.REMINDER)
