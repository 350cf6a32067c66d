"""Settings come from the environment, files of secrets, a TOML file and defaults, and faults are told at once."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from doorstep.cli.settings_command import settings as settings_command
from doorstep.foundation import InputError
from doorstep.settings import Settings, load_settings, settings_page, settings_text

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that says nothing about doorstep."""
    monkeypatch.chdir(tmp_path)
    for name in ("SETTINGS", "SECRETS_DIR", *(key.upper() for key in Settings.model_fields)):
        monkeypatch.delenv(f"DOORSTEP_{name}", raising=False)
    return tmp_path


def test_without_anything_every_key_has_its_default():
    settings = load_settings()
    assert (settings.host, settings.port, settings.hold_minutes) == ("127.0.0.1", 8000, 15)
    assert settings.database_url.get_secret_value() == "sqlite:///doorstep.db"
    assert (settings.body_limit_bytes, settings.upload_limit_bytes) == (1_000_000, 50_000_000)
    assert settings.webhook_allow_loopback is False


def test_the_environment_wins_over_secrets_and_these_over_the_file(nowhere, monkeypatch):
    (nowhere / "doorstep.toml").write_text('port = 1\noidc_client_id = "file"\nhost = "file"\n')
    (nowhere / "secrets").mkdir()
    (nowhere / "secrets" / "oidc_client_id").write_text("secret\n")
    (nowhere / "secrets" / "host").write_text("secret\n")
    monkeypatch.setenv("DOORSTEP_SECRETS_DIR", "secrets")
    monkeypatch.setenv("DOORSTEP_HOST", "environment")
    settings = load_settings()
    assert (settings.host, settings.oidc_client_id, settings.port) == ("environment", "secret", 1)
    origins = {line.split()[0]: line.split()[-1] for line in settings_text(settings).splitlines()}
    assert origins["host"] == "DOORSTEP_HOST"
    assert origins["oidc_client_id"] == str(Path("secrets") / "oidc_client_id")
    assert origins["port"] == "doorstep.toml"


def test_the_environment_names_another_file(nowhere, monkeypatch):
    (nowhere / "other.toml").write_text('trusted_hosts = ["shop.example"]\n')
    monkeypatch.setenv("DOORSTEP_SETTINGS", "other.toml")
    assert load_settings().trusted_hosts == ("shop.example",)


def test_lists_in_the_environment_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("DOORSTEP_TRUSTED_HOSTS", "shop.example, *.shop.example,")
    assert load_settings().trusted_hosts == ("shop.example", "*.shop.example")


def test_an_empty_variable_counts_as_absent(monkeypatch):
    monkeypatch.setenv("DOORSTEP_PORT", "")
    assert load_settings().port == 8000


def test_an_address_loses_its_last_slash(monkeypatch):
    monkeypatch.setenv("DOORSTEP_PUBLIC_URL", "https://shop.example/delivery/")
    assert load_settings().public_url == "https://shop.example/delivery"


@pytest.mark.parametrize("issuer", ["https://login.example/", "https://login.example/realms/shop"])
def test_an_issuer_stays_as_it_writes_itself(monkeypatch, issuer: str):
    for name, value in (("ISSUER", issuer), ("CLIENT_ID", "doorstep"), ("CLIENT_SECRET", "s3cret")):
        monkeypatch.setenv(f"DOORSTEP_OIDC_{name}", value)
    assert load_settings().oidc_issuer == issuer


def test_all_faults_are_told_at_once_with_where_they_come_from(nowhere, monkeypatch):
    (nowhere / "doorstep.toml").write_text('hold_minutes = 0\nprot = 9000\npublic_url = "ftp://shop"\n')
    monkeypatch.setenv("DOORSTEP_PORT", "many")
    with pytest.raises(InputError) as caught:
        load_settings()
    assert caught.value.message.splitlines() == [
        "4 faults in the settings:",
        "- port from DOORSTEP_PORT: 'many' must be a valid integer, unable to parse string as an integer",
        "- public_url from doorstep.toml: 'ftp://shop' must be an http or https address without query and fragment",
        "- hold_minutes from doorstep.toml: 0 must be greater than or equal to 1",
        "- prot in doorstep.toml: is not a setting",
    ]


def test_a_secret_with_a_fault_is_not_printed(nowhere):
    (nowhere / "doorstep.toml").write_text("oidc_client_secret = 271828\n")
    with pytest.raises(InputError) as caught:
        load_settings()
    assert "271828" not in str(caught.value)


def test_sign_in_needs_its_client(monkeypatch):
    monkeypatch.setenv("DOORSTEP_OIDC_ISSUER", "https://login.example")
    with pytest.raises(InputError, match="oidc_issuer needs oidc_client_id and oidc_client_secret"):
        load_settings()


@pytest.mark.parametrize(("name", "kind"), [("DOORSTEP_SETTINGS", "file"), ("DOORSTEP_SECRETS_DIR", "folder")])
def test_a_named_place_must_be_there(monkeypatch, name, kind):
    monkeypatch.setenv(name, "nowhere")
    with pytest.raises(InputError, match=f"{name} names 'nowhere', which is not a {kind}"):
        load_settings()


def test_a_file_that_is_not_toml_says_where(nowhere):
    (nowhere / "doorstep.toml").write_text("port 8000\n")
    with pytest.raises(InputError, match=r"doorstep\.toml is not TOML: .*line 1"):
        load_settings()


@pytest.mark.parametrize(("content", "says"), [(b"\xff", "not UTF-8"), (b"x" * 65_537, "more than 65536 bytes")])
def test_a_strange_secret_is_refused(nowhere, monkeypatch, content, says):
    (nowhere / "oidc_client_secret").write_bytes(content)
    monkeypatch.setenv("DOORSTEP_SECRETS_DIR", str(nowhere))
    with pytest.raises(InputError, match=says):
        load_settings()


def test_secrets_are_never_shown(capsys, monkeypatch):
    monkeypatch.setenv("DOORSTEP_DATABASE_URL", "postgresql+psycopg://u:hunter2@db/x")
    assert settings_command() == 0
    assert "hunter2" not in capsys.readouterr().out + repr(load_settings())


def test_settings_cannot_be_changed_later():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_every_key_is_described_and_has_a_default():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]
    assert undescribed == []
    assert [name for name, field in Settings.model_fields.items() if field.is_required()] == []


def test_secrets_are_typed_as_such():
    secret = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
    assert secret == {"database_url", "oidc_client_secret", "nats_url", "mqtt_url", "carriers", "notices"}


def test_the_committed_reference_page_is_what_the_keys_say(capsys):
    assert settings_command(markdown=True) == 0
    printed = capsys.readouterr().out
    assert printed == settings_page()
    assert PAGE.read_text(encoding="utf-8") == printed, (
        "write it anew: doorstep settings --markdown > docs/reference/settings.md"
    )
