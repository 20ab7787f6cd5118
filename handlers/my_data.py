"""/mydata: everything that is kept about a person, as a page to read and as a file for programs (row A11).

Never anything of a case. Everybody's files say the same about it, so that nobody can tell from them who has one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import storage.my_data
from domain.communities import ROLE_NAMES
from domain.languages import LANGUAGES
from domain.messages import Body, HtmlFile, Lines, Moment, NewFile, Outgoing, Say, Text, Words, lines, paragraphs, text
from domain.requests import Request
from domain.stages import STAGE_NAMES
from storage.database import Connection

IN_CONFIDENCE = text("What you wrote in confidence you can ask for here: /mycases")

_PARTS: dict[str, Text] = {
    "settings": text("Your settings"),
    "accounts": text("Your accounts"),
    "memberships": text("Where you belong"),
    "families": text("Your family"),
    "parents_answers": text("What parents said about communities"),
    "meetings": text("Your answers to meetings"),
    "votes": text("Your votes"),
    "challenges": text("Challenges you take part in"),
    "check_ins": text("Days on which you did your challenge"),
    "announcements_read": text("Announcements you have read"),
    "slots": text("Your times at consultations"),
    "stories": text("Your stories"),
    "announcements_sent": text("Announcements you sent"),
    "meetings_visited": text("Meetings you came to"),
    "questions_asked": text("Questions you asked"),
    "questions_supported": text("Questions you support"),
    "tasks": text("Your tasks"),
    "minutes_written": text("Minutes you wrote"),
    "class_lists": text("Class lists that name you"),
    "class_lists_sent": text("Class lists you sent"),
    "school_years_begun": text("School years you began"),
    "meetings_called": text("Meetings you called"),
    "polls_asked": text("Polls you opened"),
    "challenges_called": text("Challenges you called"),
    "campaigns_planned": text("Campaigns you planned"),
    "newsletters_written": text("Newsletters you wrote"),
    "offers_made": text("What you offered to others"),
    "stages_said": text("Stages you gave your school"),
    "stories_agreed_to": text("Stories of your child you agreed to"),
    "invitations": text("Invitations you made"),
    "muted": text("What you muted"),
    "calendar_address": text("Your calendar address"),
}
_MORE = text("What else is kept")


async def show(db: Connection, request: Request) -> list[Outgoing]:
    facts = await storage.my_data.of_person(db, request.person.id)
    page = HtmlFile("my-data.html", _page(facts))
    file = NewFile(
        "my-data.json", storage.my_data.as_file(facts, {"in_confidence": IN_CONFIDENCE.msgid}), "application/json"
    )
    return [
        Say(text("Here is everything that I keep about you, to read."), media=page),
        Say(text("The same, to use with other programs."), media=file),
    ]


def _page(facts: storage.my_data.Facts) -> Body:
    known = [(_PARTS[name], facts[name]) for name in _PARTS if facts.get(name)]
    others = [{"": name} | row for name, rows in facts.items() if name not in _PARTS for row in rows]
    parts = [*known, *([(_MORE, others)] if others else [])]
    return paragraphs(
        text("<b>Everything that I keep about you</b>"),
        *(lines(text("<b>%(part)s</b>", part=title), *map(_row, rows)) for title, rows in parts),
        IN_CONFIDENCE,
    )


# What is stored in one word, said to people.
_SAID: dict[str, Text] = {
    "active": text("member"),
    "waiting": text("waiting for an answer"),
    "declined": text("no"),
    "refused": text("no"),
    "left": text("no longer"),
    "ended": text("no longer"),
    "linked": text("confirmed"),
    "accepted": text("yes"),
    "tentative": text("maybe"),
    "child": text("You are the child."),
    "parent": text("You are the parent."),
}
# By the name of a column: what its words are called.
_CALLED: Mapping[str, Mapping[str, Text]] = {
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "stage": {stage.value: name for stage, name in STAGE_NAMES.items()},
    **dict.fromkeys(("state", "answer", "you_are"), _SAID),
}


def _row(row: Mapping[str, Any]) -> Body:
    return Lines(tuple(_value(name, value) for name, value in row.items() if _is_said(name, value)), " · ")


def _is_said(name: str, value: Any) -> bool:
    return name == "agrees" or value not in (None, "", [], 0)


def _value(name: str, value: Any) -> Body:
    if name == "agrees":
        name, value = "answer", "accepted" if value else "declined"
    if value in _CALLED.get(name, ()):
        return _CALLED[name][value]
    if name == "language":
        return Words(LANGUAGES.get(value, value))
    if name in ("quiet_from", "quiet_until"):
        return Words(f"{value // 60:02}:{value % 60:02}")
    if name == "guests":
        return text("Guests: %(count)s", count=value)
    if name == "digest":
        return text("Announcements: %(when)s", when=text("daily, 18:00"))
    if name == "days":
        return text("Days: %(count)s", count=value)
    if isinstance(value, str) and (name.endswith("_at") or name in ("at", "since", "until")):
        # NOTE: only a day and a time
        return text("%(when)s", when=Moment(datetime.fromisoformat(value)))
    return Words(", ".join(value) if isinstance(value, list) else str(value))
