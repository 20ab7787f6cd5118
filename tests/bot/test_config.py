"""Every setting that is wrong or missing is named in one sentence."""

from pathlib import Path

import pytest

from bot.config import WrongSetting, address_of, need_token, read_settings

TOKEN = "100:secret-token"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own, and no setting of the machine's."""
    import os

    for name in list(os.environ):
        if name.startswith("BIRGE_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrong() -> str:
    with pytest.raises(WrongSetting) as told:
        read_settings()
    said = str(told.value)
    assert "\n" not in said
    assert TOKEN not in said
    return said


def test_what_is_taken_for_granted() -> None:
    settings = read_settings()

    assert settings.telegram_api == "https://api.telegram.org"
    assert (settings.database, settings.keys, settings.log) == ("sqlite:///birge.sqlite3", Path("birge.keys"), "INFO")
    assert settings.admin_listen == "127.0.0.1:9464"
    assert (settings.listen, settings.public_url) == ("127.0.0.1:8080", "")
    assert not settings.is_stand_in
    with pytest.raises(WrongSetting, match="BIRGE_TELEGRAM_TOKEN is missing"):
        need_token(settings)


def test_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIRGE_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("BIRGE_TELEGRAM_API", "http://127.0.0.1:8081/")
    monkeypatch.setenv("BIRGE_KEYS", "/keys/ring")
    settings = read_settings()

    assert need_token(settings) == TOKEN
    assert settings.telegram_api == "http://127.0.0.1:8081"
    assert settings.keys == Path("/keys/ring")
    assert settings.is_stand_in
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("BIRGE_TELEGRAM_API", "api.telegram.org", "must be an address such as https://api.telegram.org"),
        ("BIRGE_TELEGRAM_API", "ftp://x", "must be an address"),
        ("BIRGE_PACE", "0", "BIRGE_PACE is wrong"),
        ("BIRGE_PACE", "fast", "BIRGE_PACE is wrong"),
        ("BIRGE_TELEGRAM_API", "http://[::1", "Invalid IPv6 URL"),
        ("BIRGE_DATABASE", "postgresql://x", "must look like sqlite:///birge.sqlite3"),
        ("BIRGE_DATABASE", f"mysql://birge:{TOKEN}@host/birge", "or postgresql://user:password@host/database"),
        ("BIRGE_DATABASE", "sqlite:///", "must look like"),
        ("BIRGE_DATABASE", f"postgresql://birge:{TOKEN}%tpw@host/birge", "in the password write"),
        ("BIRGE_DATABASE", f"postgresql://birge:{TOKEN}@ss@host/birge", "in the password write"),
        ("BIRGE_DATABASE", f"postgresql://birge:{TOKEN}/cret@host/birge", "in the password write"),
        ("BIRGE_LOG", "LOUD", "Input should be"),
        ("BIRGE_ADMIN_LISTEN", "9464", "must look like 127.0.0.1:9464, or be empty to turn it off"),
        ("BIRGE_ADMIN_LISTEN", "127.0.0.1:0", "must look like"),
        ("BIRGE_ADMIN_LISTEN", "127.0.0.1:65536", "must look like"),
        ("BIRGE_ADMIN_LISTEN", "::1:9464", "must look like"),
        ("BIRGE_ADMIN_LISTEN", "http://127.0.0.1:9464", "must look like"),
        ("BIRGE_ADMIN_LISTEN", "127.0.0.1:٩٤٦٤", "must look like"),
        ("BIRGE_LISTEN", "", "must look like 127.0.0.1:8080"),
        ("BIRGE_PUBLIC_URL", "birge.example.org", "must be an https address"),
        ("BIRGE_PUBLIC_URL", "http://birge.example.org", "must be an https address"),
        ("BIRGE_PUBLIC_URL", "https://me:secret@birge.example.org", "must be an https address"),
        ("BIRGE_PUBLIC_URL", "https://birge.example.org/?a=1", "must be an https address"),
        ("BIRGE_OPERATOR", "@somebody", "must be the number of a chat, or an e-mail address"),
        ("BIRGE_OPERATOR", "1234567890123456789", "must be the number of a chat"),
        ("BIRGE_SMTP", "mail.example.org:25", "must look like smtp://user:password@host:587"),
        ("BIRGE_SMTP_FROM", "Birge <birge@example.org>", "must be an e-mail address"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv("BIRGE_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv(name, value)

    told = wrong()
    assert told.startswith(f"The setting {name} is wrong: ")
    assert said in told


def test_who_is_told_and_how(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    assert read_settings().operator == ""
    for chat in ("42", "-1001234567890"):
        monkeypatch.setenv("BIRGE_OPERATOR", chat)
        assert read_settings().operator == chat

    monkeypatch.setenv("BIRGE_OPERATOR", "ops@example.org")
    assert wrong() == (
        "The setting is wrong: BIRGE_OPERATOR is an e-mail address, "
        "so BIRGE_SMTP must name the server that sends to it."
    )
    (nowhere / "smtp").write_text("smtps://birge:hunter2@mail.example.org\n")
    monkeypatch.setenv("BIRGE_SMTP_FILE", str(nowhere / "smtp"))
    assert wrong().endswith("so BIRGE_SMTP_FROM must say what address the mail is from.")
    monkeypatch.setenv("BIRGE_SMTP_FROM", "birge@example.org")
    settings = read_settings()
    assert settings.smtp.get_secret_value() == "smtps://birge:hunter2@mail.example.org"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("url", ["smtp://birge:hunter2@mail:99999", "smtp://birge:hunter2/x@mail", "ftp://b:hunter2@m"])
def test_a_wrong_mail_server_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("BIRGE_SMTP", url)
    told = wrong()
    assert told.startswith("The setting BIRGE_SMTP is wrong: must look like ")
    assert "hunter2" not in told


def test_a_moved_clock_is_for_stand_ins_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIRGE_CLOCK", "http://127.0.0.1:8081/sandbox/clock")
    assert "BIRGE_CLOCK works only with a BIRGE_TELEGRAM_API on this machine" in wrong()
    monkeypatch.setenv("BIRGE_TELEGRAM_API", "http://127.0.0.1.example.org:8081")
    assert "BIRGE_CLOCK" in wrong()
    for here in ("http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081"):
        monkeypatch.setenv("BIRGE_TELEGRAM_API", here)
        assert read_settings().clock


def test_the_address_of_a_server_is_a_secret(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    """It holds the password."""
    address = f"postgresql://birge:{TOKEN}@db.example.org/birge"
    monkeypatch.setenv("BIRGE_DATABASE", address)
    assert read_settings().database == address
    assert TOKEN not in repr(read_settings())

    monkeypatch.delenv("BIRGE_DATABASE")
    (nowhere / "address").write_text(f"{address}\n")
    monkeypatch.setenv("BIRGE_DATABASE_FILE", str(nowhere / "address"))
    assert read_settings().database == address


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    file = nowhere / "token"
    file.write_text(f"{TOKEN}\n")
    monkeypatch.setenv("BIRGE_TELEGRAM_TOKEN_FILE", str(file))
    assert need_token(read_settings()) == TOKEN

    file.write_bytes(b"\xff\xfe")
    assert wrong() == f"BIRGE_TELEGRAM_TOKEN_FILE names {file}, which is no file of text."
    file.unlink()
    assert wrong().startswith(f"BIRGE_TELEGRAM_TOKEN_FILE names {file}, which can't be read: No such file")


def test_an_env_file_is_read(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    (nowhere / ".env").write_text(f"BIRGE_TELEGRAM_TOKEN={TOKEN}\nBIRGE_LOG=ERROR\nOTHER=1\n")
    settings = read_settings()
    assert (need_token(settings), settings.log) == (TOKEN, "ERROR")

    monkeypatch.setenv("BIRGE_LOG", "DEBUG")
    assert read_settings().log == "DEBUG"


def test_an_env_file_may_name_a_file(nowhere: Path) -> None:
    (nowhere / "token").write_text(TOKEN)
    (nowhere / ".env").write_text(f"BIRGE_TELEGRAM_TOKEN_FILE={nowhere / 'token'}\n")

    assert need_token(read_settings()) == TOKEN


def test_where_to_listen() -> None:
    assert address_of("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert address_of("[::1]:9464") == ("::1", 9464)
    assert address_of("localhost:80") == ("localhost", 80)
    assert address_of("") is None
