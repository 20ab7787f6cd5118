"""Planning a campaign: its name, its first and last day, and whom it is for."""

from datetime import date

import storage.campaigns
from domain.announcements import AUDIENCES
from domain.campaign_cards import described
from domain.campaigns import Campaign, check_first, check_last, read_name
from domain.challenges import Start, last_day, start_of
from domain.messages import Body, Keyboard, Outgoing, Refused, Say, Text, Words, button, paragraphs, text, text_n
from domain.requests import Request
from domain.roles import COORDINATORS, Role
from domain.when import NotUnderstood, read_date
from domain.writing import shorten
from handlers import forms
from handlers.announcements import announce
from handlers.campaigns.show import with_card
from handlers.challenges.plan import STARTS
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.meetings.when import reason, zone_of
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


def _today(request: Request) -> date:
    return request.now.astimezone(zone_of(request)).date()


def _read_day(request: Request) -> date:
    found = read_date(request.words, request.now, zone_of(request), request.person.language)
    if isinstance(found, NotUnderstood):
        raise Refused(reason(request, found))
    return found


def _read_first(request: Request, _answers: Answers) -> str:
    day = _read_day(request)
    check_first(day, _today(request))
    return day.isoformat()


def _read_last(request: Request, answers: Answers) -> str:
    day = _read_day(request)
    check_last(_first(request, answers), day)
    return day.isoformat()


def _first(request: Request, answers: Answers) -> date:
    starts = answers["first"]
    named = {start.value: start for start in Start}
    return start_of(named[starts], _today(request)) if starts in named else date.fromisoformat(starts)


def _last(request: Request, answers: Answers) -> date:
    lasts: str = answers["last"]
    return last_day(_first(request, answers), int(lasts)) if lasts.isdigit() else date.fromisoformat(lasts)


# --- the review and the end -------------------------------------------------------------------------------------------


async def _pinned(db: Connection, request: Request, answers: Answers) -> Answers:
    """The days that the review shows stay, also when midnight comes before the tap."""
    days = {"first": _first(request, answers).isoformat(), "last": _last(request, answers).isoformat()}
    return {**days, **await announce.signature(db, request)}


def _campaign(request: Request, answers: Answers) -> Campaign:
    community = community_of(request)
    return Campaign(
        id=0,
        community=community,
        author_id=request.person.id,
        heading=f"{answers['heading']} · {answers['name']}",
        called=answers["called"],
        role=Role(answers["role"]),
        name=answers["name"],
        starts_on=_first(request, answers),
        ends_on=_last(request, answers),
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
    check_first(drafted.starts_on, _today(request))
    campaign_id = await storage.campaigns.add(db, drafted, request.now)
    return await with_card(db, request, campaign_id, text("✓ The campaign is made. Now add its posts."))


FORM = Form(
    "campaign",
    (
        Field("name", _ask_name, read=lambda request, _: read_name(request.words)),
        Field(
            "first",
            _ask_first,
            read=_read_first,
            choices=fixed(*(Choice(label, start.value) for start, label in STARTS.items())),
        ),
        Field(
            "last",
            _ask_last,
            read=_read_last,
            # NOTE: button. How long a campaign lasts.
            choices=fixed(*(Choice(text_n("%(n)s day", "%(n)s days", days), str(days)) for days in _LASTS)),
            columns=3,
        ),
        Field("whom", _ask_whom, choices=fixed(*(Choice(whom.label, key) for key, whom in AUDIENCES.items()))),
    ),
    _finish,
    review=_review,
    facts=_pinned,
    # NOTE: button. Makes a campaign, to which posts are added then.
    done=text("Make it"),
    may=COORDINATORS,
)
