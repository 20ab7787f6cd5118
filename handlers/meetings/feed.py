"""All meetings of one person in the calendar of her phone: by an address that she alone knows and can take back."""

import storage.feeds
from domain.messages import Copy, Edit, Keyboard, Outgoing, Refused, Say, Words, button, paragraphs, text
from domain.requests import Request
from storage.database import Connection


async def show(db: Connection, request: Request) -> list[Outgoing]:
    _must_be_served(request)
    has_one = await storage.feeds.has_one(db, request.person.id)
    about = text(
        "I can make an address for your calendar app. All your meetings then stand in your calendar, and changes show "
        "by themselves."
    )
    if not has_one:
        # NOTE: button. An address for the calendar of one's phone.
        return [Say(about, [[button(text("Make my address"), "mt.feed.new")]])]
    told = text("You have an address already. I show it only once; with a new one the old one stops working.")
    return [Say(told, _changes())]


async def make(db: Connection, request: Request) -> list[Outgoing]:
    """The one message that shows the address: nobody can forward it."""
    _must_be_served(request)
    secret = await storage.feeds.make(db, request.person.id, request.now)
    address = f"{request.public_url}/feeds/{secret}.ics"
    told = paragraphs(
        text("Your calendar's address:"),
        text("<code>%(address)s</code>", address=Words(address)),
        text("In your calendar app, add a calendar “from URL” and put the address in."),
        text("Whoever has it sees your meetings: please show it to nobody."),
    )
    # NOTE: button. Puts an address on the clipboard.
    return [Say(told, [[Copy(text("Copy the address"), address)], *_changes()], protected=True)]


async def revoke(db: Connection, request: Request) -> list[Outgoing]:
    await storage.feeds.revoke(db, request.person.id)
    return [Edit(text("✓ The address no longer works. What your calendar app keeps you can delete there."))]


def _must_be_served(request: Request) -> None:
    if not request.public_url:
        raise Refused(
            text(
                "I have no address here to offer to your calendar. Under each meeting, “📅 Calendar” gives you a file "
                "for it."
            )
        )


def _changes() -> Keyboard:
    return [
        # NOTE: button. A new address for one's calendar; the old one stops working.
        [button(text("New address"), "mt.feed.new")],
        # NOTE: button. The address of one's calendar stops working.
        [button(text("Stop the address"), "mt.feed.off")],
    ]
