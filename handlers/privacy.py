"""/privacy: what is kept of a person, who reads it, how long, whom to ask, who answers for it. Only what is so today.

The same for everybody: nothing in it tells whether somebody ever wrote to the hotline (rules 11 and 15).
"""

import storage.communities
from domain.messages import Outgoing, Say, paragraphs, text
from domain.requests import Request
from handlers.cases import notice
from storage.database import Connection


async def show(db: Connection, request: Request) -> list[Outgoing]:
    network = await storage.communities.root(db)
    return [
        Say(
            paragraphs(
                text("<b>What I keep, and who reads it</b>"),
                text(
                    "<b>I keep</b> the number of your account in this messenger, your name and role as your class "
                    "knows them, your settings, your answers to meetings, polls, challenges and announcements, and "
                    "what you send to others through me. Not your phone number, your date of birth or where you are."
                ),
                text(
                    "<b>Who reads it:</b> those who lead your class, your school or the communities above them. "
                    "The others see how you vote in a poll, too."
                ),
                text(
                    "<b>Reports to the hotline</b> are read by its helpers and the head of the helpers only, and are "
                    "stored encrypted. An agency that can help learns what it needs, if whoever reported agrees or two "
                    "of us record why it must be. If somebody is in serious danger, we must tell those who can "
                    "protect them."
                )
                if await notice.is_open(db, request)
                else None,
                text(
                    "<b>This messenger</b>, and whoever holds your phone, can see this chat. "
                    "Whoever runs the computer I work on could see what is stored there."
                ),
                text(
                    "<b>How long:</b> what you begin and don't finish, at most 24 hours; after two days no backup "
                    "brings it back. Who was sent what: a year. The rest until it is deleted."
                ),
                text(
                    "<b>To see it:</b> /mydata. <b>To delete it:</b> /forget. To correct it, ask those who lead your "
                    "class or school. Responsible: %(name)s",
                    name=network.name,
                )
                if network
                else None,
            )
        )
    ]
