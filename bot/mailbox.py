"""What BIRGE_SMTP looks like."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, repr=False)
class Server:
    """Where mail is handed in. It has no repr: that would show the password."""

    host: str
    port: int
    tls: bool  # from the first byte on
    user: str | None = None
    password: str | None = None


def server_of(url: str) -> Server:
    """The server of smtp://user:password@host:port or smtps://…; raises ValueError, which quotes nothing of it."""
    wrong = ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None  # its text could quote a part of the password
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise wrong
    if (parts.username is None) != (parts.password is None):
        raise wrong
    return Server(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )
