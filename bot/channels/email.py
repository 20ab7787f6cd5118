"""E-mail by SMTP: notices to the operator, and pages to staff. Only plain words go out; nothing comes in.

A server that offers STARTTLS gets it. A password is never sent in clear, but to a server on this machine.
"""

import html
import re
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiosmtplib
import structlog

from bot.clock import Clock
from bot.mailbox import Server
from domain.messages import Rejected, Result, Sent, TryLater, Unreachable

logger = structlog.get_logger(__name__)

CHANNEL = "email"
_SUBJECT = "Birge"  # the same for all: it stands on lock screens
_PATIENCE = 20.0  # seconds for each step of a conversation with the server
_AGAIN = 60.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TAG = re.compile(r"</?[a-z][^<>]*>")


class Email:
    """A channel that only says. Each send() is one try: whoever calls it keeps the message and tries again."""

    name = CHANNEL

    def __init__(self, server: Server, sender: str, clock: Clock, tls: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._tls = tls

    async def send(self, kind: str, address: str, body: Mapping[str, Any], _target: int | None) -> Result:
        """Sends one message; whatever the server or the network says is a Result."""
        if kind != "say":
            return Rejected(f"an e-mail can't be a {kind}")
        try:
            await self._hand_in(self._mail(address, body))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refusal(max(one.code for one in error.recipients), of_recipient=True)
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error.code)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            logger.warning("no mail server", why=type(error).__name__)
            return TryLater(_AGAIN)
        return Sent()

    async def _hand_in(self, mail: EmailMessage) -> None:
        server = self._server
        # None: if the server offers it. A password needs it, or a server that nobody listens in on.
        secret = server.password is not None and server.host not in _LOOPBACK
        await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls,
            start_tls=None if server.tls or not secret else True,
            tls_context=self._tls,
            timeout=_PATIENCE,
        )

    def _mail(self, address: str, body: Mapping[str, Any]) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, address, _SUBJECT
        mail["Date"] = format_datetime(self._clock.now())
        mail["Auto-Submitted"] = "auto-generated"  # no out-of-office note in answer
        mail.set_content(html.unescape(_TAG.sub("", body["html"])))
        return mail


def _refusal(code: int, *, of_recipient: bool = False) -> Result:
    """What a server's number means; its words may quote an address, and are left out."""
    if 400 <= code < 500:
        return TryLater(_AGAIN)
    return Unreachable("removed") if of_recipient else Rejected(f"the mail server said {code}")
