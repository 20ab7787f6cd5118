"""How a newcomer is called: asked the same way wherever she comes in."""

from domain.communities import called
from domain.messages import Refused, Text, text
from domain.requests import Request
from domain.roles import Role
from handlers.forms import Answers, Field


def _read(request: Request, _answers: Answers) -> str:
    name = called(request.words)
    if name is None:
        raise Refused(text("Please write your name in 2 to 60 letters, the way the others know you."))
    return name


def _ask(_request: Request, answers: Answers) -> Text:
    if answers.get("role") == Role.PUPIL:
        # NOTE: child
        return text("What is your name? Write it the way your class knows you.")
    return text("What is your name? Please write it the way the others know you.")


FIELD = Field("called", _ask, read=_read)
