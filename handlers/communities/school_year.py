"""The new school year: what would become of each class, then all of it at once, and back again within a week."""

from collections.abc import Sequence
from dataclasses import replace

import storage.school_years
from domain.invites import shown
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Lane,
    Menu,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    TextFile,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Community, Request
from domain.roles import COORDINATORS
from domain.school_year import LAST_GRADE, Clash, Move, Plan, SchoolYear, Unclear, ends_at, in_the_way, plan, year_of
from handlers.communities import roster
from handlers.communities.tree import with_classes
from storage.database import Connection

_LISTED, _NAMED = 40, 12


async def load(db: Connection, school_year_id: int, _person_id: int) -> SchoolYear | None:
    """A move that was made, for whoever has the route's right in its community."""
    return await storage.school_years.get(db, school_year_id)


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """What would become of each class; nothing is changed yet."""
    community = with_classes(request)
    planned = await _plan(db, request, community)
    if planned.unclear:
        return [_who_leaves(community, planned.unclear)]
    if not planned.moves:
        return [await _nothing_to_do(db, request, community, planned)]
    rows: Keyboard = [
        # NOTE: button. All classes move up by a year.
        [button(text("Begin it"), "yr.go", community.id, len(planned.moves))],
        # NOTE: button. Whether the highest classes of a school leave it is asked once more.
        [button(text("Who leaves?"), "yr.ask", community.id)] if planned.said else [],
        [button(text("Back"), "c", community.id)],
    ]
    listed = lines(*(_line(move, several=True) for move in planned.moves))
    file = [Say(text("How each class will change."), media=TextFile("classes.txt", listed))]
    return [*(file if len(planned.moves) > _LISTED else []), Edit(_described(community, planned), rows)]


async def _plan(db: Connection, request: Request, community: Community) -> Plan:
    classes = await storage.school_years.classes(db, community, year_of(request.now, community.zone))
    return plan(classes, await storage.school_years.last_grades(db, community))


def _who_leaves(community: Community, unclear: Sequence[Unclear]) -> Edit:
    """The first of the schools, and the way to answer for all of them."""
    one = unclear[0]
    asked = text(
        "The highest classes here are of year %(year)s. Do they leave this school now, or go on to year %(next)s?",
        year=one.grade,
        next=one.grade + 1,
    )
    rows: Keyboard = [
        [
            # NOTE: button. The highest classes of a school leave it.
            button(text("They leave"), "yr.last", community.id, one.school_id, one.grade),
            # NOTE: button. The highest classes of a school stay there for another year.
            button(text("They go on"), "yr.last", community.id, one.school_id, LAST_GRADE),
        ],
        # NOTE: button. In no school of a district the highest classes leave: %(count)s schools are still asked about.
        [button(text("All go on (%(count)s)", count=len(unclear)), "yr.last", community.id, 0, LAST_GRADE)]
        if len(unclear) > 1
        else [],
        [button(text("Back"), "c", community.id)],
    ]
    return Edit(paragraphs(text("<b>New school year</b>: %(name)s", name=one.school), asked), rows)


async def take_last(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, the school (0: all that are asked about), after which year its classes leave."""
    community, school_id, grade = with_classes(request), request.number(1), request.number(2)
    unclear = (await _plan(db, request, community)).unclear
    about = [one for one in unclear if school_id in (0, one.school_id) and grade in (one.grade, LAST_GRADE)]
    await storage.school_years.save_last_grade(db, [one.school_id for one in about], grade)
    return await show(db, request)


async def ask_again(db: Connection, request: Request) -> list[Outgoing]:
    """Who leaves: what was said before is asked once more."""
    community = with_classes(request)
    await storage.school_years.save_last_grade(db, (await _plan(db, request, community)).said, None)
    return await show(db, request)


async def _nothing_to_do(db: Connection, request: Request, community: Community, planned: Plan) -> Edit:
    made = await storage.school_years.last(db, community, year_of(request.now, community.zone))
    back = [button(text("Back"), "c", community.id)]
    clashes = lines(*(_clash(one) for one in planned.clashes[:_NAMED])) if planned.clashes else None
    if made is None:
        return Edit(lines(text("There is no class here that could move up."), clashes), [back])
    done = text("The new school year has begun here already, on %(day)s.", day=Moment(made.done_at, show="day"))
    return Edit(lines(done, clashes), [*_undo(request, made), back])


def _undo(request: Request, made: SchoolYear) -> list[list[Button]]:
    if not made.may_be_undone(request.now) or not request.may(COORDINATORS, made.community.path):
        return []
    # NOTE: button. The classes get their old names again.
    return [[button(text("Undo the move"), "yr.undo", made.id)]]


def _described(community: Community, planned: Plan) -> Body:
    few = len(planned.moves) <= _LISTED
    several = len({move.of_class.school_id for move in planned.moves}) > 1
    staying = [one.name for one in planned.staying]
    return paragraphs(
        text("<b>New school year</b>: %(name)s", name=community.name),
        lines(*(_line(move, several=several) for move in planned.moves)) if few else _counted(planned),
        text("These keep their names: %(names)s", names=roster.some(staying)) if staying else None,
        lines(*(_clash(one) for one in planned.clashes[:_NAMED])) if planned.clashes else None,
        text(
            "The old codes stop working, and each class gets a new one. Members stay in their class; whoever leaves"
            " school is no longer a member. You can take it all back for 7 days."
        ),
    )


def _counted(planned: Plan) -> Body:
    return lines(
        text("Classes that move up: %(count)s", count=len(planned.moves) - planned.leaving),
        text("Classes that leave school: %(count)s", count=planned.leaving),
    )


def _line(move: Move, *, several: bool) -> Text:
    before = f"{move.of_class.school}, {move.of_class.name}" if several else move.of_class.name
    if move.after is None:
        return text("%(before)s → leaves school", before=before)
    return text("%(before)s → %(after)s", before=before, after=move.after)


def _clash(clash: Clash) -> Text:
    return text(
        "%(school)s stays as it is: two classes would be called alike (%(names)s). Please rename one of them first.",
        school=clash.school,
        names=roster.some(clash.names),
    )


# --- there and back ---------------------------------------------------------------------------------------------------


async def begin(db: Connection, request: Request) -> list[Outgoing]:
    """args: the community, and of how many classes the preview told."""
    community = with_classes(request)
    planned = await _plan(db, request, community)
    if planned.unclear or not planned.moves or len(planned.moves) != request.number(1):
        return await show(db, request)
    year = year_of(request.now, community.zone)
    until = ends_at(year, community.zone)
    number = await storage.school_years.begin(db, community, request.person.id, planned.moves, year, until, request.now)
    made = SchoolYear(number, community, year, request.now, undone=False)
    done = text_n("✓ %(n)s class has moved up.", "✓ %(n)s classes have moved up.", len(planned.moves) - planned.leaving)
    left = text_n("%(n)s class has left school.", "%(n)s classes have left school.", planned.leaving)
    staying = [move.of_class.id for move in planned.moves if move.after is not None]
    return [
        Edit(lines(done, left if planned.leaving else None), _undo(request, made)),
        *await roster.hand_out(db, request, community, staying),
        *await _tell_heads(db, request, made),
    ]


async def undo(db: Connection, request: Request) -> list[Outgoing]:
    """args: the move."""
    made: SchoolYear = request.subject
    if made.undone:
        raise Refused(text("This was taken back already. The classes have their old names."))
    if not made.may_be_undone(request.now):
        raise Refused(text("This can be taken back for 7 days, and they are over."))
    await _check_places(db, request, made)
    others = in_the_way(await storage.school_years.standing(db, made))
    if others:
        raise Refused(
            text(
                "Other classes have the old names by now: %(names)s. Please rename them first, then take it back.",
                names=roster.some(others),
            )
        )
    await storage.school_years.undo(db, made, request.now)
    done = lines(
        text("✓ Taken back: the classes have their old names, members and codes again."),
        text("Please don't hang up the new posters: their codes no longer work."),
    )
    back = [[button(text("Back"), "c", made.community.id)]]
    return [Edit(done, back), *await _tell_heads(db, request, replace(made, undone=True))]


async def _check_places(db: Connection, request: Request, made: SchoolYear) -> None:
    """Nobody changes classes that went to another school, which she does not lead. Raises Refused."""
    classes = await storage.school_years.moved_classes(db, made)
    gone = [one.name for one in classes if not request.may(COORDINATORS, one.path)]
    if gone:
        raise Refused(
            text(
                "These classes stand elsewhere by now: %(names)s. They have to be moved back first.",
                names=roster.some(gone),
            )
        )


async def _tell_heads(db: Connection, request: Request, made: SchoolYear) -> list[Outgoing]:
    """The poster on the classroom's door is old now: each head of class gets the code that works."""
    heads = await storage.school_years.heads(db, made.id)
    return [
        *(
            Say(_told(made, one), _to_print(one), to=ToPerson(one.head_id), lane=Lane.BROADCAST)
            for one in heads
            if one.head_id != request.person.id
        ),
        # Whose class left school leads nothing any more, until that is taken back.
        *(Menu(None, ToPerson(one.head_id)) for one in heads if made.undone or one.code is None),
    ]


def _to_print(head: storage.school_years.Headed) -> Keyboard:
    # NOTE: button. A poster to print, with the invitation on it.
    return [[button(text("🖨 Poster"), "i.poster", head.invite_id)]] if head.invite_id is not None else []


def _told(made: SchoolYear, head: storage.school_years.Headed) -> Body:
    if head.code is None:
        return text("Your class has left school: %(name)s. Thank you for what you did!", name=head.name)
    began = text("<b>New school year</b>: %(name)s", name=made.community.name)
    return lines(
        text("The new school year was taken back: %(name)s", name=made.community.name) if made.undone else began,
        text("Your class is called: %(name)s", name=head.name),
        text("Its code now: <code>%(code)s</code>. No other code of the class works.", code=Words(shown(head.code))),
    )
