"""E-mail, handed in to a real SMTP server on this machine."""

import asyncio
import contextlib
import email
import email.policy
import ipaddress
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.causes import Cause
from bot.channels import email as mailing
from bot.channels.email import Email
from bot.clock import Clock
from bot.mailbox import Server, server_of
from bot.operator import Operator
from domain.messages import Rejected, Result, Sent, TryLater, Unreachable
from domain.paging import is_address
from tests.cast import START

FROM, TO = "birge@example.org", "ops@example.org"
PAGE = {"html": "case <b>7F3K2M</b>, high &amp; overdue"}


@dataclass
class Office:
    """A mail server. `refuses`: what it answers to RCPT, `sated`: to DATA."""

    port: int = 0
    mails: list[tuple[Envelope, bool]] = field(default_factory=list)  # with whether it came by TLS
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    refuses: str = ""
    sated: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)  # a mail

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refuses or "250 OK"

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not self.sated:
            self.mails.append((envelope, session.ssl is not None))
            self.came.set()
        return self.sated or "250 OK"

    def check(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@dataclass
class Certificate:
    """Of a server on this machine; `trusting` is what a client knows it by."""

    serving: ssl.SSLContext
    trusting: ssl.SSLContext


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return Certificate(serving, ssl.create_default_context(cafile=str(folder / "cert.pem")))


@contextlib.asynccontextmanager
async def open_office(office: Office, tls: ssl.SSLContext | None = None, **more: Any) -> AsyncIterator[Office]:
    """The server, with STARTTLS where it has a certificate."""

    def protocol() -> SMTP:
        return SMTP(office, hostname="localhost", tls_context=tls, authenticator=office.check, **more)

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", office.port)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()


def mailer(office: Office, tls: ssl.SSLContext | None = None, **more: Any) -> Email:
    return Email(Server("127.0.0.1", office.port, tls=False, **more), FROM, fixed_clock(), tls)


def fixed_clock() -> Clock:
    clock = Clock()
    clock.now = lambda: START  # type: ignore[method-assign]
    return clock


async def page(mail: Email, to: str = TO) -> Result:
    return await mail.send("say", to, PAGE, None)


async def test_a_page_arrives_as_plain_words_and_its_subject_says_nothing() -> None:
    async with open_office(Office()) as office:
        assert await page(mailer(office)) == Sent()

    ((envelope, by_tls),) = office.mails
    assert not by_tls
    assert (envelope.mail_from, envelope.rcpt_tos) == (FROM, [TO])
    assert isinstance(envelope.content, bytes)
    got = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert got["Subject"] == "Birge"
    assert got["Date"] == "Tue, 01 Dec 2026 05:00:00 +0000"
    assert got.get_content().strip() == "case 7F3K2M, high & overdue"


async def test_starttls_is_taken_where_it_is_offered(certificate: Certificate) -> None:
    async with open_office(Office(), certificate.serving) as office:
        assert await page(mailer(office, certificate.trusting)) == Sent()
    assert [by_tls for _, by_tls in office.mails] == [True]


async def test_a_server_with_a_certificate_nobody_knows_gets_nothing(certificate: Certificate) -> None:
    async with open_office(Office(), certificate.serving) as office:
        assert isinstance(await page(mailer(office)), TryLater)
    assert office.mails == []


async def test_a_password_is_not_sent_in_clear(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> None:
    monkeypatch.setattr(mailing, "_LOOPBACK", set())  # as if it were another machine
    account: dict[str, Any] = {"user": "birge", "password": "right"}
    async with open_office(Office(), auth_require_tls=False) as office:
        assert isinstance(await page(mailer(office, **account)), TryLater)
    assert (office.logins, office.mails) == ([], [])

    async with open_office(Office(), certificate.serving) as office:
        assert await page(mailer(office, certificate.trusting, **account)) == Sent()
    assert office.logins == [(b"birge", b"right")]


async def test_a_wrong_password_is_no_reason_to_try_for_ever(
    certificate: Certificate, log_lines: list[dict[str, Any]]
) -> None:
    async with open_office(Office(), certificate.serving) as office:
        result = await page(mailer(office, certificate.trusting, user="birge", password="hunter2"))
    assert result == Rejected("the mail server said 535")
    assert "hunter2" not in repr(log_lines)


@pytest.mark.parametrize(
    ("refuses", "result"),
    [("550 no such user <ops@example.org>", Unreachable("removed")), ("451 come back", TryLater(60.0))],
)
async def test_a_recipient_who_is_refused(refuses: str, result: Result) -> None:
    async with open_office(Office(refuses=refuses)) as office:
        assert await page(mailer(office)) == result
    assert office.mails == []


async def test_a_mail_that_is_refused() -> None:
    async with open_office(Office(sated="554 spam by ops@example.org")) as office:
        assert await page(mailer(office)) == Rejected("the mail server said 554")


async def test_only_words_can_be_mailed() -> None:
    assert isinstance(await mailer(Office(port=9)).send("edit", TO, PAGE, 3), Rejected)


async def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "_PATIENCE", 0.05)
    silent = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    async with silent:
        assert isinstance(await page(mailer(Office(silent.sockets[0].getsockname()[1]))), TryLater)


async def test_a_notice_waits_for_a_server_that_is_away(log_lines: list[dict[str, Any]]) -> None:
    async with open_office(Office()) as office:
        pass
    now = [START]
    operator = Operator(mailer(office), TO, lambda: now[0])
    operator.hear({"cause": Cause.DATABASE})
    for _ in range(2):
        await operator.tell()
        now[0] += timedelta(minutes=2)
    assert [one["event"] for one in log_lines] == ["no mail server"] * 2

    async with open_office(office):
        await operator.tell()
    ((envelope, _),) = office.mails
    assert b"docs/operating.md" in (envelope.content or b"")


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", Server("mail.example.org", 587, tls=False)),
        ("smtps://a%40b.c:p%3Aw%2F@mail.example.org", Server("mail.example.org", 465, True, "a@b.c", "p:w/")),
        ("smtp://u:p@127.0.0.1:2525/", Server("127.0.0.1", 2525, False, "u", "p")),
    ],
)
def test_the_address_of_a_server(url: str, server: Server) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail",
        "smtp://",
        "smtp://u@host",
        "smtp://h:99999",
        "smtp://u:hunter2/x@host",
        "smtp://h/?a=b",
    ],
)
def test_what_is_no_address_of_a_server_is_not_quoted(url: str) -> None:
    with pytest.raises(ValueError, match="must look like smtp://") as told:
        server_of(url)
    assert "hunter2" not in str(told.value)
    assert told.value.__cause__ is None


def test_a_password_stands_in_no_repr() -> None:
    assert "hunter2" not in repr(server_of("smtp://u:hunter2@host"))


@pytest.mark.parametrize("typed", ["ops@example.org", "a.b+c@localhost"])
def test_a_mailbox(typed: str) -> None:
    assert is_address(typed)


@pytest.mark.parametrize(
    "typed", ["", "ops", "a@b@c", "a b@c", "a@b\nBcc: x@y", "<a@b>", "a@b,c@d", "ə@b", "x" * 250 + "@b.cd"]
)
def test_what_is_no_mailbox(typed: str) -> None:
    assert not is_address(typed)
