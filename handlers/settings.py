"""A person's own settings: language, time zone, quiet hours. Everything is chosen by buttons and changed in place."""

from dataclasses import replace

import storage.persons
from domain.languages import LANGUAGES, ZONES
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Say,
    Text,
    Toast,
    ToIdentity,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Request
from domain.zones import ZONE_NAMES
from handlers import home, menus, muting
from handlers.communities import join
from handlers.route import not_here
from storage.database import Connection

CARD = "settings"
_CHOOSE_LANGUAGE = text("In which language shall I write to you?")

# What a button carries: minutes after midnight, in the person's zone.
_QUIET_HOURS: dict[str, tuple[int | None, int | None]] = {
    "21": (21 * 60, 7 * 60),
    "22": (22 * 60, 7 * 60),
    "23": (23 * 60, 8 * 60),
    "0": (None, None),
}

_DIGEST: dict[str, Text] = {
    # NOTE: button. Announcements come one by one, at once.
    "0": text("at once"),
    # NOTE: button. Announcements come in one message in the evening.
    "1": text("daily, 18:00"),
}


async def show(db: Connection, request: Request) -> list[Outgoing]:
    return [Say(await _overview(db, request), _doors(), card=CARD)]


async def show_again(db: Connection, request: Request) -> list[Outgoing]:
    return [Edit(await _overview(db, request), _doors())]


# --- language ---------------------------------------------------------------------------------------------------------


async def ask_language(_db: Connection, _request: Request) -> list[Outgoing]:
    return [Say(_CHOOSE_LANGUAGE, menus.languages(CARD), card=CARD)]


async def ask_language_again(_db: Connection, _request: Request) -> list[Outgoing]:
    return [Edit(_CHOOSE_LANGUAGE, [*menus.languages(CARD), [_back()]])]


async def take_language(db: Connection, request: Request) -> list[Outgoing]:
    """args: the language, and the card to show again in it."""
    language, card = (*request.args, "", "")[:2]
    if language not in LANGUAGES:
        raise not_here()
    await storage.persons.save_language(db, request.person.id, language)
    request = replace(request, person=replace(request.person, language=language, chose_language=True))
    return [*await _shown_again(db, request, card), menus.menu(request.memberships, ToPerson(request.person.id))]


async def _shown_again(db: Connection, request: Request, card: str) -> list[Outgoing]:
    if card == home.CARD:
        return await home.show_home_again(db, request)
    if card == join.CARD:
        # Where the question is over, she sees at least what she has chosen.
        own = Say(await _overview(db, request), _doors(), card=CARD, to=ToIdentity(request.identity.id))
        return await join.show_again(db, request) or [own]
    return [await _in_new_language(db, request)]


async def _in_new_language(db: Connection, request: Request) -> Edit:
    # To her account, not to the asker: it must be read in the language that has just been saved.
    return Edit(await _overview(db, request), _doors(), card=CARD, to=ToIdentity(request.identity.id))


# --- time zone --------------------------------------------------------------------------------------------------------


async def ask_zone(_db: Connection, request: Request) -> list[Outgoing]:
    own = request.person.zone
    names = [button(_marked(ZONE_NAMES[zone], zone == own), "zone.is", number) for number, zone in enumerate(ZONES)]
    asked = text("Which city's time do you live by? I will show you all times in it.")
    return [Edit(asked, [names[:2], names[2:4], names[4:], [_back()]])]


async def take_zone(db: Connection, request: Request) -> list[Outgoing]:
    """args: the number of the zone."""
    zone = next((zone for number, zone in enumerate(ZONES) if request.args[:1] == (str(number),)), None)
    if zone is None:
        raise not_here()
    await storage.persons.save_zone(db, request.person.id, zone)
    return await _saved(db, replace(request, person=replace(request.person, zone=zone)))


# --- quiet hours ------------------------------------------------------------------------------------------------------


async def ask_quiet_hours(_db: Connection, request: Request) -> list[Outgoing]:
    own = (request.person.quiet_from, request.person.quiet_until)
    rows = [
        # NOTE: button. No quiet hours.
        [button(_marked(text("None") if key == "0" else _hours(*hours), hours == own), "quiet.is", key)]
        for key, hours in _QUIET_HOURS.items()
    ]
    return [Edit(text("When should I not write to you? Only urgent messages come then."), [*rows, [_back()]])]


async def take_quiet_hours(db: Connection, request: Request) -> list[Outgoing]:
    """args: the key of the choice."""
    hours = _QUIET_HOURS.get(request.args[0]) if request.args else None
    if hours is None:
        raise not_here()
    await storage.persons.save_quiet_hours(db, request.person.id, *hours)
    return await _saved(db, replace(request, person=replace(request.person, quiet_from=hours[0], quiet_until=hours[1])))


# --- digest -----------------------------------------------------------------------------------------------------------


async def ask_digest(_db: Connection, request: Request) -> list[Outgoing]:
    asked, own = text("When shall announcements come? Urgent ones always come at once."), request.person.digest
    rows = [[button(_marked(label, (key == "1") == own), "digest.is", key)] for key, label in _DIGEST.items()]
    return [Edit(asked, [*rows, [_back()]])]


async def take_digest(db: Connection, request: Request) -> list[Outgoing]:
    """args: 0 or 1."""
    key = request.args[0] if request.args else ""
    if key not in _DIGEST:
        raise not_here()
    await storage.persons.save_digest(db, request.person.id, key == "1")
    return await _saved(db, replace(request, person=replace(request.person, digest=key == "1")))


# --- how they look ----------------------------------------------------------------------------------------------------


async def _overview(db: Connection, request: Request) -> Body:
    person = request.person
    # The asker's own zone may have changed a moment ago: the moment names it.
    clock = Moment(request.now, person.zone, show="time")
    return paragraphs(
        text("<b>Your settings</b>"),
        lines(
            text("Language: %(language)s", language=Words(LANGUAGES[person.language])),
            text("Time zone: %(city)s, now %(time)s", city=_city(person.zone), time=clock),
            text("Quiet hours: %(hours)s", hours=_hours(person.quiet_from, person.quiet_until)),
            text("Announcements: %(when)s", when=_DIGEST["1" if person.digest else "0"]),
            await muting.line(db, request),
        ),
    )


def _marked(label: Text | Words, chosen: bool) -> Text | Words:
    """How it is now is seen on the button, too."""
    return text("✓ %(answer)s", answer=label) if chosen else label


def _city(zone: str) -> Text | Words:
    return ZONE_NAMES.get(zone) or Words(zone)


def _hours(quiet_from: int | None, quiet_until: int | None) -> Text | Words:
    if quiet_from is None or quiet_until is None:
        return text("none")
    return Words(f"{quiet_from // 60}:{quiet_from % 60:02}–{quiet_until // 60}:{quiet_until % 60:02}")


def _doors() -> Keyboard:
    return [
        # NOTE: button
        [button(text("Language"), "lang")],
        # NOTE: button
        [button(text("Time zone"), "zone")],
        # NOTE: button
        [button(text("Quiet hours"), "quiet")],
        # NOTE: button. When announcements come: at once, or together in the evening.
        [button(text("Announcements"), "digest")],
        # NOTE: button. No messages of a class or school for a while.
        [button(text("Mute"), "mute", 0)],
        # NOTE: button. A child's parents, a parent's children.
        [button(text("Family"), "fam")],
    ]


def _back() -> Button:
    return button(text("Back"), "settings.back")


async def _saved(db: Connection, request: Request) -> list[Outgoing]:
    return [Edit(await _overview(db, request), _doors()), Toast(text("Saved."))]
