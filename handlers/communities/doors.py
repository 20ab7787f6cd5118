"""What those who lead can do with a community: the buttons of its page, and of the one behind it."""

from domain.communities import CommunityKind, above, kind_and_name
from domain.messages import Button, Edit, Keyboard, Outgoing, button, text
from domain.requests import Community, Request
from domain.roles import COORDINATORS, LEADERS, MEMBERS, ROSTER
from domain.rosters import HAVE_CLASSES
from domain.stages import has_stage
from storage.database import Connection


def tools(request: Request, community: Community) -> Keyboard:
    leads, may_invite = request.may(COORDINATORS, community.path), request.may(LEADERS, community.path)
    has_classes = community.kind in HAVE_CLASSES
    shown = (
        # NOTE: button
        (text("Members"), "m", request.may(ROSTER, community.path)),
        # NOTE: button. Invite people to join.
        (text("Invite"), "i", may_invite),
        # NOTE: button. A member tells a story to her community.
        (text("Tell a story"), "st.new", request.may(MEMBERS, community.path)),
        # NOTE: button. Files of classes with the names that are expected in them.
        (text("Class lists"), "rs", leads and has_classes),
        # NOTE: button. Which classes have no pupils, no parents or no teachers yet.
        (text("Who is missing"), "b", may_invite and (has_classes or community.kind == CommunityKind.CLASS)),
        # NOTE: button. The group chats that belong to a community.
        (text("Groups"), "c.chat", may_invite),
    )
    return _in_pairs([button(label, route, community.id) for label, route, may in shown if may])


def to_rarer(request: Request, community: Community) -> list[Button]:
    if not request.may(COORDINATORS, community.path):
        return []
    # NOTE: button. The new school year, partners, name, language and place of a community.
    return [button(text("Manage"), "c.more", community.id)]


async def show_more(_db: Connection, request: Request) -> list[Outgoing]:
    """What those who lead rarely do: it stands behind one button of the community's page."""
    community: Community = request.subject.community
    rows = _in_pairs(_rarer_tools(request, community))
    return [Edit(kind_and_name(community), [*rows, [button(text("Back"), "c", community.id)]])]


def _in_pairs(buttons: list[Button]) -> Keyboard:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _rarer_tools(request: Request, community: Community) -> list[Button]:
    shown = (
        # NOTE: button. All classes move up by a year: 5A becomes 6A.
        (text("New school year"), "yr", community.kind in HAVE_CLASSES),
        # NOTE: button. Other communities, speakers, officials, organisations.
        (text("Partners"), "pt", True),
        # NOTE: button. How far a school has come: beginner, advanced, model.
        (text("Stage"), "c.stage", has_stage(community)),
        # NOTE: button. Another name for a community.
        (text("Rename"), "c.name", True),
        # NOTE: button. The language of a community.
        (text("Language"), "c.lang", True),
        # NOTE: button. Puts a community under another one.
        (text("Move under…"), "c.move", may_move(request, community)),
    )
    return [button(label, route, community.id) for label, route, may in shown if may]


def may_move(request: Request, community: Community) -> bool:
    """Whether this person leads the community above it, too."""
    over = above(community.path)
    return over is not None and request.may(COORDINATORS, over)
