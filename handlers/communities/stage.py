"""How far a school has come, by what its coordinator says of a handful of statements, as often as she likes."""

import storage.stages
from domain.messages import Body, Edit, Outgoing, Say, Text, button, lines, paragraphs, text
from domain.requests import Request
from domain.roles import COORDINATORS
from domain.stages import SAID_NAMES, STAGE_NAMES, STATEMENTS, Assessment, Said, explained, has_stage, stage_of
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Asks, Choice, Field, Form, fixed
from handlers.route import not_here
from storage.database import Connection


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """args: the school."""
    community = community_of(request)
    if not has_stage(community):
        raise not_here()
    found = await storage.stages.last_of(db, community.id)
    body = explained(found, community.zone) if found else text("This school has not assessed itself yet.")
    rows = [
        # NOTE: button. A school assesses itself by a few statements.
        [button(text("Assess now"), "c.stage.new", community.id)],
        # NOTE: button
        [button(text("Back"), "c", community.id)],
    ]
    return [Edit(lines(text("<b>%(name)s</b>", name=community.name), body), rows)]


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """args: the school."""
    if not has_stage(community_of(request)):
        raise not_here()
    intro = text("Is this true of your school? It takes a minute, and you can do it again at any time.")
    return await forms.start(db, request, FORM, intro=intro)


def _asks(number: int, statement: Text) -> Asks:
    def ask(_request: Request, _answers: Answers) -> Body:
        return text("%(number)s of %(all)s. %(what)s", number=number, all=len(STATEMENTS), what=statement)

    return ask


def _assessed(request: Request, answers: Answers) -> Assessment:
    said = tuple(Said(answers[f"s{number}"]) for number in range(len(STATEMENTS)))
    return Assessment(stage_of(said), said, request.now)


def _review(request: Request, answers: Answers) -> Body:
    found = _assessed(request, answers)
    return paragraphs(
        lines(
            *(
                text("%(what)s – %(said)s", what=statement, said=SAID_NAMES[said])
                for statement, said in zip(STATEMENTS, found.said, strict=True)
            )
        ),
        text("Stage: %(stage)s", stage=STAGE_NAMES[found.stage]),
    )


async def _save(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    community, found = community_of(request), _assessed(request, answers)
    await storage.stages.save(db, community.id, found, request.person.id)
    # NOTE: button
    return [Say(explained(found, community.zone), [[button(text("Show"), "c", community.id)]])]


FORM = Form(
    "stage",
    tuple(
        Field(
            f"s{number}",
            _asks(number + 1, statement),
            choices=fixed(*(Choice(name, said.value) for said, name in SAID_NAMES.items())),
            columns=3,
        )
        for number, statement in enumerate(STATEMENTS)
    ),
    _save,
    _review,
    # NOTE: button
    done=text("Save"),
    may=COORDINATORS,
)
