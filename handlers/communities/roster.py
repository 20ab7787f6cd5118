"""Rosters: a coordinator sends a file of classes and names, sees what it would change, and says yes; each class then
has its code, and its head sees who of those that ask to join is on the list."""

from collections.abc import Sequence
from dataclasses import replace

import storage.communities
import storage.expected
import storage.rosters
from domain.communities import ROLE_NAMES, CommunityKind
from domain.invites import shown
from domain.messages import (
    Ask,
    Body,
    Button,
    Edit,
    Keyboard,
    Lines,
    Outgoing,
    Question,
    Refused,
    Say,
    Text,
    TextFile,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.names import in_order
from domain.requests import Community, Request
from domain.roles import COORDINATORS, LEADERS, Role
from domain.roster_files import LARGEST, TOO_LARGE
from domain.rosters import Fault, Preview, Roster, described, preview
from handlers import forms
from handlers.communities import poster
from handlers.communities.invite import poster_door
from handlers.communities.tree import community_of, with_classes
from handlers.forms import Answers, Field, Form
from storage.database import Connection
from storage.rosters import ClassCode, Waiting

_FAULTS_SHOWN, _NAMED, _CODES_SHOWN, _AWAITED_MOST = 10, 12, 40, 20_000
_ORDER = tuple(Role)
_TAKE = "roster.file"


async def load(db: Connection, roster_id: int, person_id: int) -> Waiting | None:
    """A list that was read and waits for a yes, for whoever sent it."""
    found = await storage.rosters.get(db, roster_id)
    return found if found is not None and found.person_id == person_id and not found.community.archived else None


# --- what is there ----------------------------------------------------------------------------------------------------


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """Who is expected and who has joined, and what can be done with it."""
    community = with_classes(request)
    counts = await storage.expected.counts(db, community)
    rows: Keyboard = [
        # NOTE: button. A file of classes and names.
        [button(text("Send a list"), "rs.new", community.id)],
        # NOTE: button. The list of classes, each with the code that lets people join it.
        [button(text("Class codes"), "rs.codes", community.id)],
        _awaited_door(community, counts),
        # NOTE: button. Forgets all names that are expected.
        [button(text("Delete the names"), "rs.drop", community.id)] if counts else [],
        [button(text("Back"), "c", community.id)],
    ]
    return [Edit(_described(community, counts), rows)]


async def awaited_door(db: Connection, request: Request, community: Community) -> list[Button]:
    """The way to those who are on the list and have not joined, for whoever leads the community."""
    if not request.may(LEADERS, community.path):
        return []
    return _awaited_door(community, await storage.expected.counts(db, community))


def _awaited_door(community: Community, counts: Sequence[storage.expected.Count]) -> list[Button]:
    if all(one.joined == one.expected for one in counts):
        return []
    # NOTE: button. Who of the class's list has not joined.
    return [button(text("Not joined yet"), "rs.wait", community.id)]


def _described(community: Community, counts: Sequence[storage.expected.Count]) -> Body:
    return paragraphs(
        text("<b>Class lists</b>: %(name)s", name=community.name),
        lines(*(_counted(one) for one in counts)) if counts else None,
        text("With a list each class gets its code, and its head sees who asks to join and is on the list."),
    )


def _counted(one: storage.expected.Count) -> Text:
    match one.role:
        case Role.PUPIL:
            return text("Pupils: %(expected)s expected, %(joined)s joined", expected=one.expected, joined=one.joined)
        case Role.PARENT:
            return text("Parents: %(expected)s expected, %(joined)s joined", expected=one.expected, joined=one.joined)
        case _:
            return text("Teachers: %(expected)s expected, %(joined)s joined", expected=one.expected, joined=one.joined)


async def send_awaited(db: Connection, request: Request) -> list[Outgoing]:
    """Whom those who lead a class may still ask to come."""
    community = community_of(request)
    found = await storage.expected.awaited(db, community, _AWAITED_MOST)
    if not found:
        raise Refused(text("Nobody is awaited here: all who are on the list have joined, or there is no list."))
    order = in_order(request.person.language)
    found.sort(key=lambda one: (order(one.of_class), _ORDER.index(one.role), order(one.called)))
    named = [
        text("%(class)s: %(name)s – %(role)s", **{"class": one.of_class}, name=one.called, role=ROLE_NAMES[one.role])
        for one in found
    ]
    told = text_n("%(n)s person has not joined yet.", "%(n)s people have not joined yet.", len(found))
    return [Say(told, media=TextFile("not-joined.txt", lines(told, *named)))]


async def send_codes(db: Connection, request: Request) -> list[Outgoing]:
    community = with_classes(request)
    codes = await storage.rosters.codes(db, community, request.now)
    if not codes:
        raise Refused(text("No class has a code yet. Send a list, and each class gets one."))
    return [_listed(request, community, codes)]


async def hand_out(db: Connection, request: Request, community: Community, new: Sequence[int]) -> list[Outgoing]:
    """The posters of the classes that have a new code, and all codes beside them."""
    codes = await storage.rosters.codes(db, community, request.now)
    posters = await poster.for_classes(db, request, community, new)
    return [*posters, *([_listed(request, community, codes)] if codes else [])]


def _listed(request: Request, community: Community, codes: Sequence[ClassCode]) -> Say:
    """The codes of a school stand in the message, to be copied and passed on; those of many classes in a file."""
    order = in_order(request.person.language)
    by_name = sorted(codes, key=lambda one: (order(one.school), one.school_id, order(one.of_class)))
    rows = [_code(one, community) for one in by_name]
    counted = text_n("%(n)s class and its code:", "%(n)s classes and their codes:", len(codes))
    how = text("Whoever sends the code to me waits until the head of class says yes.")
    door = [poster_door(community)]
    if len(codes) <= _CODES_SHOWN:
        return Say(paragraphs(lines(counted, *rows), how), door)
    listed = lines(text("Codes: %(name)s", name=community.name), Lines(()), *rows)
    return Say(lines(counted, how), door, media=TextFile("codes.txt", listed))


def _code(one: ClassCode, below: Community) -> Text:
    name = one.of_class if below.kind == CommunityKind.SCHOOL else f"{one.school}, {one.of_class}"
    return text("<code>%(code)s</code> – %(name)s", code=Words(shown(one.code)), name=name)


async def ask_to_drop(_db: Connection, request: Request) -> list[Outgoing]:
    community = with_classes(request)
    asked = text("Delete all expected names? Classes, codes and members stay. From: %(name)s", name=community.name)
    rows: Keyboard = [
        # NOTE: button. Yes, delete the names.
        [button(text("Yes, delete"), "rs.drop.yes", community.id)],
        [button(text("Back"), "rs", community.id)],
    ]
    return [Edit(asked, rows)]


async def drop(db: Connection, request: Request) -> list[Outgoing]:
    community = with_classes(request)
    await storage.expected.forget(db, community)
    return [Edit(text("✓ The names are deleted."), [[button(text("Back"), "rs", community.id)]])]


# --- the file ---------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    with_classes(request)
    return await forms.start(db, request, FORM)


def _ask_file(request: Request, _answers: Answers) -> Body:
    if community_of(request).kind == CommunityKind.SCHOOL:
        example = text("For example: <code>5A; Aliyeva Aysel; pupil</code>")
    else:
        example = text("For example: <code>5A; Aliyeva Aysel; pupil; School 12</code>")
    return lines(text("Please send me the list as a file, XLSX or CSV: a line for each person."), example)


def _read_file(request: Request, _answers: Answers) -> str:
    part = next((part for part in request.incoming.parts if part.kind == "document"), None)
    if part is None:
        raise Refused(text("I need a file here: XLSX or CSV, not a picture and not words. Please attach it."))
    if (part.size or 0) > LARGEST:
        raise Refused(TOO_LARGE)
    return part.file_id


async def _fetch(_db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    asked = Ask(Question.FILE, _TAKE, (str(community_of(request).id),), about=answers["file"])
    return [Say(text("I am reading your list.")), asked]


FORM = Form("roster", (Field("file", _ask_file, read=_read_file, files=True),), _fetch, may=COORDINATORS)


async def take_file(db: Connection, request: Request) -> list[Outgoing]:
    """The file's bytes, or why there are none. args: the community."""
    community = with_classes(request)
    # NOTE: button. Another file.
    again: Keyboard = [[button(text("Send another"), "rs.new", community.id)]]
    try:
        roster = await storage.rosters.read(_content(request), community)
        known = await storage.rosters.known(db, community)
        planned = preview(roster.names, known)
    except Refused as no:
        raise Refused(no.body, buttons=again) from no
    faults = [_faults_file(roster.faults)] if len(roster.faults) > _FAULTS_SHOWN else []
    if not planned.names:
        await storage.rosters.list_again(db, community, roster.names, known, request.now)
        nothing = text("Everybody in this file is on the list already. There is nothing to add.")
        return [*faults, Say(paragraphs(nothing, _faulty(roster.faults)), again)]
    number = await storage.rosters.hold(db, community, request.person.id, roster.names, request.now)
    rows: Keyboard = [
        # NOTE: button. Keeps the classes and names of a file.
        [button(text("Add them"), "rs.yes", number)],
        [button(text("Cancel"), "rs.no", number)],
    ]
    return [*faults, Say(_previewed(community, planned, roster), rows)]


def _content(request: Request) -> bytes:
    answer = request.incoming.answer
    content = answer.get("content")
    if isinstance(content, bytes):
        return content
    if answer.get("why") == "too_big":
        raise Refused(TOO_LARGE)
    raise Refused(text("The file did not reach me. Please send it once more."))


def _previewed(community: Community, planned: Preview, roster: Roster) -> Body:
    return paragraphs(
        text("<b>Your list</b>: %(name)s", name=community.name),
        lines(
            _new(text("New schools: %(count)s (%(names)s)"), planned.schools),
            _new(text("New classes: %(count)s (%(names)s)"), planned.classes),
            *_by_role(planned),
            text("Named twice or on the list already: %(count)s", count=planned.doubles) if planned.doubles else None,
        ),
        _faulty(roster.faults),
        text("Nothing is kept yet. Shall I add them?"),
    )


def _new(sentence: Text, names: Sequence[str]) -> Text | None:
    if not names:
        return None
    return replace(sentence, params={"count": len(names), "names": some(names)})


def some(names: Sequence[str]) -> str:
    """The first of them."""
    return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])


def _by_role(planned: Preview) -> list[Text]:
    of_role = {
        Role.PUPIL: text("New pupils: %(count)s"),
        Role.PARENT: text("New parents: %(count)s"),
        Role.TEACHER: text("New teachers: %(count)s"),
    }
    return [replace(one, params={"count": n}) for role, one in of_role.items() if (n := planned.names.get(role))]


def _faulty(faults: Sequence[Fault]) -> Body | None:
    if not faults:
        return None
    left_out = text_n("I left out %(n)s line:", "I left out %(n)s lines:", len(faults))
    more = text("… and the others in the file above.") if len(faults) > _FAULTS_SHOWN else None
    return lines(left_out, *(described(one) for one in faults[:_FAULTS_SHOWN]), more)


def _faults_file(faults: Sequence[Fault]) -> Say:
    body = lines(*(described(one) for one in faults))
    return Say(text("The lines that I can't use, each with its reason."), media=TextFile("lines.txt", body))


# --- yes or no --------------------------------------------------------------------------------------------------------


async def keep(db: Connection, request: Request) -> list[Outgoing]:
    """args: the list that waits."""
    waiting: Waiting = request.subject
    if not waiting.names or not await storage.rosters.end(db, waiting.id):
        raise _done_already()
    taken = await storage.rosters.keep(db, waiting, request.person.id, request.now)
    done = lines(
        text("✓ Your list is kept."),
        text("New classes: %(count)s", count=taken.classes),
        text("New names: %(count)s", count=taken.names),
    )
    return [
        Edit(done, [[button(text("Show"), "c", waiting.community.id)]]),
        *await hand_out(db, request, waiting.community, taken.with_new_code),
    ]


async def leave(db: Connection, request: Request) -> list[Outgoing]:
    """args: the list that waits."""
    waiting: Waiting = request.subject
    if not await storage.rosters.end(db, waiting.id):
        raise _done_already()
    return [Edit(text("Nothing was changed."))]


def _done_already() -> Refused:
    return Refused(text("This list is done already. To change it, please send the file once more."))
