"""The keys: one field each, with its type, its bounds, its default and its description."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from doorstep.settings.places import ENVIRONMENT_PREFIX, secrets_folder, settings_file
from doorstep.settings.secret_files import SecretFiles

MEGABYTE = 1_000_000
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def _comma_separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _web_address(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise PydanticCustomError("web_address", "must be an http or https address without query and fragment")
    return value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]
Issuer = Annotated[str, AfterValidator(_web_address)]
"""The address as the issuer writes it itself: some end theirs with a slash, and it must be the same."""
WebAddress = Annotated[str, AfterValidator(_web_address), AfterValidator(_without_slash)]


class Settings(BaseSettings):
    """What an operator may choose; units stand in the names, secrets print as stars."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///doorstep.db"),
        description="SQLAlchemy address of the database: `sqlite:///FILE` or `postgresql+psycopg://...`",
    )
    reader_connections: int = Field(default=4, ge=1, le=256, description="connections for reading")
    roads: str = Field(
        default="",
        max_length=100,
        description="streets to drive on, as `doorstep roads list` names them; empty: times are estimated",
    )
    roads_folder: str = Field(
        default="~/.local/share/doorstep/roads", min_length=1, description="folder in which roads are built"
    )
    road_server: WebAddress = Field(
        default="", description="server of OSRM or Valhalla that says how long drives take instead; empty: none"
    )
    road_server_kind: Literal["osrm", "valhalla"] = Field(default="osrm", description="what `road_server` is")
    road_server_block: int = Field(
        default=50, ge=2, le=400, description="places on each side of the largest table that `road_server` answers"
    )
    road_server_timeout_s: float = Field(
        default=5.0, gt=0, le=600, allow_inf_nan=False, description="seconds that one table may take"
    )
    map_tiles: str = Field(
        default="",
        max_length=500,
        pattern=r"^(https?://[^/{}\s;,]+/[^\s;,]*\{z\}[^\s;,]*)?$",
        description="raster tiles under the maps, with `{z}`, `{x}` and `{y}`; empty: nothing is asked of others",
    )
    map_credit: str = Field(default="", max_length=200, description="whose map it is, as its licence wants it said")
    group_commit_max: int = Field(
        default=64, ge=1, le=10_000, description="most changes that the writer puts into one commit"
    )

    host: str = Field(default="127.0.0.1", min_length=1, description="address that the server listens on")
    port: int = Field(default=8000, ge=0, le=65_535, description="port that the server listens on; 0: any free one")
    public_url: WebAddress = Field(
        default="http://127.0.0.1:8000",
        min_length=1,
        description="address under which people and machines outside reach it",
    )
    trusted_hosts: Names = Field(
        default=LOOPBACK_HOSTS,
        description="host names that requests may ask for, comma-separated, `*.example.com` for all below; `*`: any. "
        "The host of `public_url` is always among them",
    )
    trusted_proxies: Names = Field(
        default=("127.0.0.1", "::1"),
        description="addresses or networks of proxies whose X-Forwarded-For is believed, comma-separated; else all who "
        "come through one share its address, and its limits",
    )
    worker_threads: int = Field(default=16, ge=1, le=1_000, description="threads that run blocking endpoints")

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is written"
    )
    log_format: Literal["json", "text"] = Field(default="json", description="one JSON object a line, or text to read")

    rate_limit_per_s: float = Field(
        default=100.0, gt=0, le=1_000_000, allow_inf_nan=False, description="requests a second that an API key may make"
    )
    rate_limit_burst: int = Field(
        default=200, ge=1, le=1_000_000, description="requests that an API key may make at once after a pause"
    )
    address_rate_limit_per_s: float = Field(
        default=10.0,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="requests a second from one network address without a valid key, or with one not seen before",
    )
    address_rate_limit_burst: int = Field(
        default=60,
        ge=1,
        le=1_000_000,
        description="requests at once from one network address without a valid key, or with one not seen before",
    )
    body_limit_bytes: int = Field(default=MEGABYTE, ge=1_000, le=1_000_000_000, description="largest request body")
    upload_limit_bytes: int = Field(
        default=50 * MEGABYTE, ge=1_000, le=10_000_000_000, description="largest uploaded file"
    )

    oidc_issuer: Issuer = Field(
        default="",
        description="OpenID Connect issuer that people sign in with, written as it writes itself; "
        "empty: by password only",
    )
    oidc_client_id: str = Field(default="", description="client id at the issuer")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), description="client secret at the issuer")
    session_hours: int = Field(default=12, ge=1, le=720, description="hours until people must sign in again")

    webhook_allow_loopback: bool = Field(
        default=False, description="send webhooks to this machine too, also without TLS; for trying out only"
    )
    nats_url: SecretStr = Field(
        default=SecretStr(""), description="NATS server that events are copied to; empty: none, the outbox is enough"
    )
    mqtt_url: SecretStr = Field(
        default=SecretStr(""),
        description="MQTT broker by which OwnTracks says where phones are, `mqtt://USER:PASSWORD@HOST:PORT`, "
        "`mqtts://` for TLS; empty: none. Give it to one process",
    )
    mqtt_topic: str = Field(
        default="owntracks/+/+",
        min_length=1,
        description="topic that is listened to; its last level but one is a device's id",
    )
    mqtt_client_id: str = Field(
        default="doorstep", min_length=1, description="name under which the broker keeps messages while nobody listens"
    )

    carriers: SecretStr = Field(
        default=SecretStr(""),
        description="connected carriers, as JSON by carrier id: "
        '`{"CO": {"connector": "uber_direct", "customer_id": "...", ...}}`, with connectors `uber_direct`, '
        "`doordash_drive`, `stuart`, `onfleet`, `rate_card` and `karrio`; empty: none, people call them",
    )

    notices: SecretStr = Field(
        default=SecretStr(""),
        description="channels by which shoppers are told things, as JSON: "
        '`{"email": {"connector": "smtp", "host": "...", "sender": "..."}, "sms": {"connector": "sms", ...}}`; '
        "empty: nobody is told",
    )

    compare_quotes: bool = Field(
        default=True,
        description="ask all connected carriers that the plan weighed for quotes, and book the cheapest in time",
    )
    contractor_offer_s: int = Field(
        default=120, ge=10, le=3_600, description="seconds that a delivery offered to a contractor stands"
    )
    contractor_offers_at_once: int = Field(
        default=1,
        ge=1,
        le=1_000,
        description="contractors that a delivery is offered to at once; 1: one after another",
    )

    plan_routes_minutes: int = Field(
        default=15, ge=0, le=1_440, description="minutes between two plans of what is to be brought; 0: only when asked"
    )
    plan_ahead_minutes: int = Field(
        default=120,
        ge=15,
        le=1_440,
        description="minutes before its start at which a route is fixed; later routes may still grow",
    )
    plan_may_wait: bool = Field(
        default=True,
        description="whether an order may wait for the next plan where what is likely to come makes its route denser",
    )

    reoptimise_minutes: int = Field(
        default=5,
        ge=0,
        le=1_440,
        description="minutes between two looks at whether orders not yet picked should change sites; 0: never",
    )
    reoptimise_threshold_minor: int = Field(
        default=50, ge=0, le=1_000_000, description="minor units that a change of sites must save for each order moved"
    )

    plan_stock_days: int = Field(
        default=3,
        ge=0,
        le=90,
        description="days that stock has to last (lead time and review) in the plan of each night; 0: only when asked",
    )
    plan_stock_hour: int = Field(default=8, ge=0, le=23, description="hour of the day (UTC) at which stock is planned")

    invoice_tolerance_minor: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="minor units by which a line of a carrier's invoice may differ from what was expected",
    )

    hold_minutes: int = Field(default=15, ge=1, le=1_440, description="minutes that an offered slot or option is held")
    idempotency_hours: int = Field(
        default=24, ge=24, le=720, description="hours that the reply to an Idempotency-Key is kept"
    )
    retention_contacts_days: int = Field(
        default=396, ge=1, le=3_650, description="days that contacts are kept after the last order; 396 are 13 months"
    )
    retention_positions_days: int = Field(
        default=30,
        ge=1,
        le=3_650,
        description="days that positions of devices are kept; after that only how many there were in a cell on a day",
    )
    retention_other_days: int = Field(
        default=90, ge=1, le=3_650, description="days that any other personal data is kept"
    )

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> "Settings":
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise PydanticCustomError("sign_in", "oidc_issuer needs oidc_client_id and oidc_client_secret beside it")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where values come from; the first source that has a key wins."""
        del dotenv_settings, file_secret_settings  # no .env file, and our own reader of secrets
        file = settings_file()
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=file),) if file else ()
        return (init_settings, env_settings, SecretFiles(settings_cls, folder=secrets_folder()), *toml)


def is_secret(key: str) -> bool:
    """Return whether a key's value must never be printed."""
    return Settings.model_fields[key].annotation is SecretStr
