"""Settings: environment variables BIRGE_…, each secret also as BIRGE_…_FILE, and a .env file."""

import os
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlparse

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.mailbox import server_of
from domain.paging import is_address

_ENV_FILE = ".env"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SECRETS = ("BIRGE_TELEGRAM_TOKEN", "BIRGE_DATABASE", "BIRGE_SMTP")  # the address of a server holds a password
_CHAT = re.compile(r"-?[0-9]{1,18}")


class WrongSetting(Exception):  # noqa: N818 - its text is the sentence the operator reads
    """A setting is missing or wrong; the text names it in one plain sentence."""


class Settings(BaseSettings):
    """Every setting of the program. README has them in a table; a test compares the two."""

    model_config = SettingsConfigDict(
        env_prefix="BIRGE_", env_file=_ENV_FILE, extra="ignore", hide_input_in_errors=True
    )

    telegram_token: SecretStr = SecretStr("")
    telegram_api: str = "https://api.telegram.org"
    database: str = Field(default="sqlite:///birge.sqlite3", repr=False)
    keys: Path = Path("birge.keys")
    admin_listen: str = "127.0.0.1:9464"
    listen: str = "127.0.0.1:8080"
    public_url: str = ""
    backups_kept_days: int = Field(default=35, ge=1, le=3_650)
    log: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pace: float = Field(default=30, gt=0, le=1_000, allow_inf_nan=False)
    operator: str = ""
    smtp: SecretStr = SecretStr("")
    smtp_from: str = ""
    clock: str = ""
    locales: Path | None = Field(default=None)

    @field_validator("telegram_api")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        parts = urlparse(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        wrong = ValueError(
            "must look like sqlite:///birge.sqlite3 or postgresql://user:password@host/database; in the password write "
            "@ : / % # ? as %40 %3A %2F %25 %23 %3F"
        )
        try:
            parts = urlparse(value)
            _ = parts.port
        except ValueError:
            raise wrong from None  # its text could quote the password
        is_file = value.startswith("sqlite:///") and value != "sqlite:///"
        is_server = parts.scheme in ("postgresql", "postgres") and parts.path not in ("", "/")
        # The driver would quote such an address, password and all.
        misread = parts.netloc.count("@") > 1 or re.search(r"%(?![0-9A-Fa-f]{2})", value)
        if not (is_file or is_server) or (is_server and misread):
            raise wrong
        return value

    @field_validator("admin_listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        if value and address_of(value) is None:
            raise ValueError("must look like 127.0.0.1:9464, or be empty to turn it off")
        return value

    @field_validator("listen")
    @classmethod
    def _some_host_and_port(cls, value: str) -> str:
        if address_of(value) is None:
            raise ValueError("must look like 127.0.0.1:8080")
        return value

    @field_validator("public_url")
    @classmethod
    def _address_of_pages(cls, value: str) -> str:
        if not value:
            return value
        parts = urlparse(value)
        plain = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        if not plain or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an https address such as https://birge.example.org")
        return value.rstrip("/")

    @field_validator("operator")
    @classmethod
    def _chat_or_mailbox(cls, value: str) -> str:
        if value and not _CHAT.fullmatch(value) and not is_address(value):
            raise ValueError("must be the number of a chat, or an e-mail address")
        return value

    @field_validator("smtp")
    @classmethod
    def _known_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            server_of(value.get_secret_value())
        return value

    @field_validator("smtp_from")
    @classmethod
    def _mailbox(cls, value: str) -> str:
        if value and not is_address(value):
            raise ValueError("must be an e-mail address")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> "Settings":
        if is_address(self.operator) and not self.smtp.get_secret_value():
            raise ValueError("BIRGE_OPERATOR is an e-mail address, so BIRGE_SMTP must name the server that sends to it")
        if self.smtp.get_secret_value() and not self.smtp_from:
            raise ValueError("BIRGE_SMTP is set, so BIRGE_SMTP_FROM must say what address the mail is from")
        return self

    @model_validator(mode="after")
    def _clock_only_on_loopback(self) -> "Settings":
        if self.clock and urlparse(self.telegram_api).hostname not in _LOOPBACK:
            raise ValueError("BIRGE_CLOCK works only with a BIRGE_TELEGRAM_API on this machine (127.0.0.1)")
        return self

    @property
    def is_stand_in(self) -> bool:
        """Whether the messenger is a stand-in on this machine: the demo or a test."""
        return urlparse(self.telegram_api).hostname in _LOOPBACK

    @property
    def can_mail(self) -> bool:
        return bool(self.smtp.get_secret_value())

    @property
    def has_second_route(self) -> bool:
        """Whether the hotline's staff can be paged by two routes (rule 9): by the messenger and by e-mail. A messenger
        that is a stand-in calls nobody, and needs no second one."""
        return self.can_mail or self.is_stand_in


def address_of(listen: str) -> tuple[str, int] | None:
    """The host and the port of "host:port" or "[host]:port"; None for anything else."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.%]+\]|[^\s:/\[\]]+):(\d{1,5})", listen, re.ASCII)
    if found is None or not 0 < int(found[2]) < 65_536:
        return None
    return found[1].strip("[]"), int(found[2])


def read_settings() -> Settings:
    """The settings of the environment. Raises WrongSetting with one plain sentence."""
    try:
        return Settings(**_from_files())  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"BIRGE_{str(first['loc'][0]).upper()} " if first["loc"] else ""
        said = str(first["msg"]).removeprefix("Value error, ")
        raise WrongSetting(f"The setting {name}is wrong: {said}.") from None


def need_token(settings: Settings) -> str:
    token = settings.telegram_token.get_secret_value()
    if not token:
        raise WrongSetting("BIRGE_TELEGRAM_TOKEN is missing. Get a token from @BotFather and set it.")
    return token


def _from_files() -> dict[str, str]:
    found = {}
    named = dotenv_values(_ENV_FILE) | dict(os.environ)
    for name in _SECRETS:
        path = named.get(f"{name}_FILE")
        if path:
            try:
                found[name.removeprefix("BIRGE_").lower()] = Path(path).read_text().strip()
            except OSError as error:
                raise WrongSetting(f"{name}_FILE names {path}, which can't be read: {error.strerror}.") from error
            except ValueError:
                raise WrongSetting(f"{name}_FILE names {path}, which is no file of text.") from None
    return found
