"""Planning a campaign: its name, its first and last day, and whom it is for."""

import storage.campaigns
from domain.announcements import AUDIENCES
from domain.campaign_cards import described
from domain.campaigns import DAYS_MOST, Campaign, campaign_heading, check_first, check_last, read_name
from domain.messages import Body, Keyboard, Outgoing, Say, Text, Words, button, paragraphs, text
from domain.requests import Request
from domain.roles import COORDINATORS, Role
from domain.writing import shorten
from handlers import forms, spans
from handlers.announcements import announce
from handlers.campaigns.show import with_card
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from storage.database import Connection

_LISTED = 8  # of a community's campaigns, the newest
_LASTS = (7, 14, 30)  # days


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/campaign shows what is planned, or asks for the first one; /campaign Name begins a new one."""
    if request.words:
        return await forms.start(db, request, FORM, {"name": read_name(request.words)}, asked=("name",))
    found = await storage.campaigns.of_community(db, community_of(request).id, _LISTED)
    if not found:
        return await begin(db, request)
    rows: Keyboard = [
        *([button(Words(shorten(one.name, 40)), "cp", one.id)] for one in found),
        # NOTE: button. Plans one more campaign.
        [button(text("New campaign"), "cp.new", community_of(request).id)],
    ]
    return [Say(text("Campaigns of this community: %(name)s", name=community_of(request).name), rows)]


async def begin(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community."""
    return await forms.start(db, request, FORM)


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_name(_request: Request, _answers: Answers) -> Text:
    return text("What is the campaign called? For example: Week of Kindness")


def _ask_first(_request: Request, _answers: Answers) -> Text:
    return text("On which day does it begin? Tap, or write a day. For example: 7 December")


def _ask_last(_request: Request, _answers: Answers) -> Text:
    return text("How long does it last? Tap, or write the last day.")


def _ask_whom(_request: Request, _answers: Answers) -> Text:
    return text("Who is it for?")


def _read_first(request: Request, _answers: Answers) -> str:
    day = spans.read_day(request)
    check_first(day, spans.today(request))
    return day.isoformat()


def _read_last(request: Request, answers: Answers) -> str:
    day = spans.read_day(request)
    check_last(spans.first_of(answers), day)
    return day.isoformat()


# --- the review and the end -------------------------------------------------------------------------------------------


async def _signed(db: Connection, request: Request, _answers: Answers) -> Answers:
    return await announce.signature(db, request)


def _campaign(request: Request, answers: Answers) -> Campaign:
    community = community_of(request)
    return Campaign(
        id=0,
        community=community,
        author_id=request.person.id,
        heading=campaign_heading(answers["heading"], answers["name"]),
        called=answers["called"],
        role=Role(answers["role"]),
        name=answers["name"],
        starts_on=spans.first_of(answers),
        ends_on=spans.last_of(answers),
        zone=community.zone,
        roles=AUDIENCES[answers["whom"]].roles,
    )


def _review(request: Request, answers: Answers) -> Body:
    return paragraphs(
        described(_campaign(request, answers)),
        text("Shall I make this campaign? Its posts come next: nobody hears of it before the first one."),
    )


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    drafted = _campaign(request, answers)
    check_first(drafted.starts_on, spans.today(request))
    campaign_id = await storage.campaigns.add(db, drafted, request.now)
    return await with_card(db, request, campaign_id, text("✓ The campaign is made."))


FORM = Form(
    "campaign",
    (
        Field("name", _ask_name, read=lambda request, _: read_name(request.words)),
        Field("first", _ask_first, read=_read_first, grid=spans.FIRST_DAYS),
        Field("last", _ask_last, read=_read_last, grid=spans.last_days(_LASTS, DAYS_MOST)),
        Field("whom", _ask_whom, choices=fixed(*(Choice(whom.label, key) for key, whom in AUDIENCES.items()))),
    ),
    _finish,
    review=_review,
    facts=_signed,
    version=2,
    # NOTE: button. Makes a campaign, to which posts are added then.
    done=text("Make it"),
    may=COORDINATORS,
)
