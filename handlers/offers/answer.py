"""Whoever runs a community accepts what another one offers, or declines it."""

from dataclasses import replace

import storage.announcements
import storage.challenges
import storage.communities
import storage.meetings
import storage.offers
from domain.announcements import AUDIENCES, EVERYBODY
from domain.announcements import State as Sending
from domain.challenges import Phase
from domain.meetings import why_closed
from domain.messages import Edit, Outgoing, Refused, Say, Toast, ToPerson, text
from domain.offers import Offer, State, Thing, answers_to, outcome, told_to_source
from domain.requests import Request
from domain.roles import COORDINATORS
from handlers.announcements import announce
from handlers.challenges import plan
from handlers.meetings import call
from handlers.offers import look
from storage.database import Connection

load = storage.offers.get


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the offer."""
    offer: Offer = request.subject
    if offer.state is not State.OFFERED:
        return [Edit(outcome(offer))]
    above = await look.as_read(db, offer)
    if not above:
        return [Edit(await look.card(db, offer), answers_to(offer))]
    return [*above, Say(await look.card(db, offer), answers_to(offer), card=offer.card)]


async def accept(db: Connection, request: Request) -> list[Outgoing]:
    """args: the offer. Its members get it like their own, with the name of where it comes from."""
    offer: Offer = request.subject
    if not await storage.offers.answer(db, offer.id, State.ACCEPTED, request.person.id, request.now):
        return await _answered_before(db, offer)
    said = await _TAKES[offer.thing](db, request, offer)
    return [*await _shown_to_all(db, request, offer, State.ACCEPTED), *said]


async def decline(db: Connection, request: Request) -> list[Outgoing]:
    """args: the offer."""
    offer: Offer = request.subject
    if not await storage.offers.answer(db, offer.id, State.DECLINED, request.person.id, request.now):
        return await _answered_before(db, offer)
    return await _shown_to_all(db, request, offer, State.DECLINED)


async def _answered_before(db: Connection, offer: Offer) -> list[Outgoing]:
    now_is = await storage.offers.get(db, offer.id) or offer
    if now_is.state is State.OFFERED:  # its time is over, and the job has not come by yet
        now_is = replace(now_is, state=State.LAPSED)
    return [Edit(outcome(now_is)), Toast(text("This was decided already."))]


async def _shown_to_all(db: Connection, request: Request, offer: Offer, state: State) -> list[Outgoing]:
    """The card at whoever tapped and at all others who have it; and whoever offered it hears."""
    answered = replace(offer, state=state)
    roles = COORDINATORS.leading
    runs_it = await storage.communities.nearest(db, offer.target.path, request.now, roles)
    others = [one.person_id for one in runs_it if one.person_id != request.person.id]
    return [
        Edit(outcome(answered)),
        *(Edit(outcome(answered), card=offer.card, to=ToPerson(one)) for one in others),
        *(
            Say(told_to_source(answered), to=ToPerson(one))
            for one in await storage.offers.who_hears(db, offer, request.now)
        ),
    ]


# --- what becomes of it -----------------------------------------------------------------------------------------------


def _gone() -> Refused:
    return Refused(text("This is over meanwhile, so it can't be accepted any more."))


async def _take_meeting(db: Connection, request: Request, offer: Offer) -> list[Outgoing]:
    """A meeting of its own: its people answer and are reminded here, and their names stay here."""
    original = await storage.meetings.get(db, offer.subject_id)
    if why_closed(original, request.now) is not None:
        raise _gone()
    copy = replace(
        original,
        id=0,
        community=offer.target,
        called_by=request.person.id,
        capacity=offer.places,
        revision=0,
        series_id=None,
        every=None,
        source=offer.source.name,
    )
    meeting, said = await call.publish(db, request, copy, [copy.starts_at])
    await storage.offers.save_copy(db, offer.id, meeting.id)
    return said


async def _take_challenge(db: Connection, request: Request, offer: Offer) -> list[Outgoing]:
    original = await storage.challenges.get_certain(db, offer.subject_id)
    if original.phase(request.now) is Phase.OVER:
        raise _gone()
    challenge, said = await plan.publish(db, request, replace(original.plan, source=offer.source.name))
    await storage.offers.save_copy(db, offer.id, challenge.id)
    return said


async def _take_announcement(db: Connection, request: Request, offer: Offer) -> list[Outgoing]:
    """To the same parties here. What was for some of its own staff is for everybody: staff differ."""
    original = await storage.announcements.get(db, offer.subject_id)
    if original is None or original.state is not Sending.SENT:
        raise _gone()
    roles = frozenset(original.roles)
    key = next((name for name, whom in AUDIENCES.items() if frozenset(whom.roles) == roles), EVERYBODY)
    look, content = original.look, original.look.content
    given = {
        "content": {
            "words": content.words,
            "kind": content.kind,
            "file_id": content.file_id,
            "channel": content.channel,
        },
        "audience": key,
        "source": offer.source.name,
        "written_in": look.written_in,
    } | {f"in_{language}": words for language, words in look.versions.items()}
    announcement, said = await announce.publish(db, request, await announce.signature(db, request) | given)
    await storage.offers.save_copy(db, offer.id, announcement.id)
    return said


_TAKES = {
    Thing.MEETING: _take_meeting,
    Thing.CHALLENGE: _take_challenge,
    Thing.ANNOUNCEMENT: _take_announcement,
}
