"""Settings: the only reader of the environment and of `cxport.toml`.

A value is taken from, in this order: a command-line option, a `CXPORT_...` variable, the file
`cxport.toml` (in the data folder, or where CXPORT_CONFIG says), the default below.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic.dataclasses import dataclass
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cxport.domain.errors import SetupError
from cxport.domain.listing import DEFAULT_PAGE_CAP
from cxport.domain.provider import Provider
from cxport.domain.sealing import DEFAULT_SPLIT_BYTES, MAX_SEALED_BYTES, MIN_SPLIT_BYTES

_DEFAULT_DATA = Path("cxport-data")

#: Variables that are no settings of an installation: where it is configured, and what the
#: commands that talk to a service over its API are told.
OTHER_VARIABLES = frozenset(
    {
        "CXPORT_API_KEY",
        "CXPORT_CA_FILE",
        "CXPORT_CLIENT_ID",
        "CXPORT_CLIENT_SECRET",
        "CXPORT_CONFIG",
        "CXPORT_PROFILE",
        "CXPORT_URL",
    }
)


@dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class IdentityProvider(Provider):
    """An identity provider as it stands in the file; what it does not know is refused."""


class Settings(BaseSettings):
    """Every setting, its default and what it means."""

    model_config = SettingsConfigDict(env_prefix="CXPORT_", extra="forbid", frozen=True)

    data: Path = Field(
        _DEFAULT_DATA, description="Folder of the installation: store, objects, master key."
    )
    database: SecretStr = Field(
        SecretStr(""),
        description="Store: a postgresql:// URL. Empty: SQLite in the data folder.",
    )
    blobs: str = Field(
        "", description="Artifacts: s3://bucket/prefix. Empty: a folder in the data folder."
    )
    s3_endpoint: str = Field("", description="URL of the S3 service. Empty: that of AWS.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key: str = Field("", description="Access key of the S3 service.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 service.")
    storage_links: bool = Field(
        False,
        description=(
            "Redirect downloads to links of the S3 service itself. It refuses clients that send"
            " their Authorization header along."
        ),
    )
    master_key: SecretStr = Field(
        SecretStr(""),
        description=(
            "Master key (base64, 32 bytes; several separated by commas: the first seals, all"
            " open). Empty: the file master.key in the data folder."
        ),
    )
    host: str = Field("127.0.0.1", description="Address that serve listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that serve listens on.")
    public_url: str = Field(
        "", description="URL by which clients reach the service; links are built from it."
    )
    tls_cert: Path | None = Field(None, description="Certificate chain (PEM) that serve uses.")
    tls_key: Path | None = Field(None, description="Private key (PEM) of tls_cert.")
    behind_proxy: str = Field(
        "",
        description="Addresses of trusted proxies that end TLS, separated by commas.",
    )
    workers: int = Field(
        2, ge=1, le=64, description="Parts that one process exports at the same time."
    )
    part_rows: int = Field(
        250_000, ge=1000, description="Rows after which a run is cut into a further part."
    )
    split_bytes: int = Field(
        DEFAULT_SPLIT_BYTES,
        ge=MIN_SPLIT_BYTES,
        le=MAX_SEALED_BYTES,
        description="Size in bytes of one sealed file where a job names none.",
    )
    max_split_bytes: int = Field(
        MAX_SEALED_BYTES,
        ge=MIN_SPLIT_BYTES,
        le=MAX_SEALED_BYTES,
        description="Largest split size in bytes that a job may name.",
    )
    retention_days: int = Field(30, ge=1, le=3650, description="Days that a file is kept.")
    retry_days: int = Field(
        3,
        ge=0,
        le=365,
        description="Days that a failed run's finished parts are kept for a retry. 0: not at all.",
    )
    audit_retention_days: int = Field(
        730, ge=0, le=36500, description="Days that the audit record is kept. 0: for ever."
    )
    webhook_receivers: str = Field(
        "",
        description=(
            "Hosts and networks (CIDR), separated by commas, that webhooks may reach besides public"
            " addresses, also by http and on any port."
        ),
    )
    smtp_host: str = Field("", description="Mail server. Empty: no mails are sent.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: str = Field(
        "starttls",
        pattern="^(starttls|tls|none)$",
        description="How the mail server is reached: starttls, tls, or none (in the clear).",
    )
    smtp_user: str = Field("", description="User of the mail server. Empty: no sign-in.")
    smtp_password: SecretStr = Field(
        SecretStr(""), description="Password of smtp_user; or in smtp_password_file."
    )
    smtp_password_file: Path | None = Field(
        None, description="File that holds the password of smtp_user."
    )
    smtp_sender: str = Field("", description="Mail address that mails come from.")
    notice_ca: Path | None = Field(
        None,
        description=(
            "Certificates (PEM) that vouch for webhook receivers and the mail server, besides the"
            " system's."
        ),
    )
    page_cap: int = Field(
        DEFAULT_PAGE_CAP, ge=1, le=100_000, description="Most items in one page of a list."
    )
    body_cap: int = Field(
        1_048_576, ge=65_536, description="Most bytes of a request body; more: 413."
    )
    requests_per_minute: int = Field(
        6000,
        ge=0,
        description="Requests of one tenant in a minute; more: 429. 0: no limit.",
    )
    session_idle_minutes: int = Field(
        30, ge=1, le=1440, description="Minutes after which an unused console session ends."
    )
    session_hours: int = Field(
        12, ge=1, le=168, description="Hours after which a console session ends anyhow."
    )
    monitoring_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port of /metrics and /health of serve and worker. 0: none.",
    )
    monitoring_host: str = Field("127.0.0.1", description="Address of monitoring_port.")
    monitoring_tenants: bool = Field(
        False, description="Whether metrics tell tenants apart, by their ids."
    )
    source_hosts: str = Field(
        "",
        description=(
            "Hosts of databases, separated by commas, that administrators may add as sources over"
            " the network. Empty: none."
        ),
    )
    source_folders: str = Field(
        "",
        description=(
            "Folders of SQLite files, separated by commas, that administrators may add as sources"
            " over the network. Empty: none."
        ),
    )
    identity_providers: tuple[IdentityProvider, ...] = Field(
        (), description="Whose tokens are taken beside our own: [[identity_providers]] of the file."
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="What is logged at least."
    )
    log_format: str = Field(
        "text", pattern="^(text|json)$", description="How log lines are written."
    )

    @field_validator("identity_providers")
    @classmethod
    def _apart(cls, found: tuple[IdentityProvider, ...]) -> tuple[IdentityProvider, ...]:
        for words in ({one.name for one in found}, {one.issuer for one in found}):
            if len(words) < len(found):
                raise ValueError("each needs a name and an issuer of its own")
        return found

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options first, then the environment, then the file."""
        del dotenv_settings, file_secret_settings
        file = TomlConfigSettingsSource(settings_cls, toml_file=_config_file(init_settings))
        return init_settings, env_settings, file

    @property
    def database_url(self) -> str:
        """The store's URL, with the default filled in."""
        given = self.database.get_secret_value()
        return given or f"sqlite:///{self.data.absolute() / 'store.sqlite'}"

    @property
    def engine_url(self) -> str:
        """Where the durable engine keeps its own tables."""
        given = self.database.get_secret_value()
        return given or f"sqlite:///{self.data.absolute() / 'engine.sqlite'}"

    @property
    def blobs_url(self) -> str:
        """The URL of the artifact storage, with the default filled in."""
        return self.blobs or (self.data.absolute() / "objects").as_uri()


def _config_file(given: PydanticBaseSettingsSource) -> Path:
    """Find cxport.toml: CXPORT_CONFIG, else the data folder that the command names."""
    named = os.environ.get("CXPORT_CONFIG")
    if named:
        return Path(named)
    data = given().get("data") or os.environ.get("CXPORT_DATA") or _DEFAULT_DATA
    return Path(data) / "cxport.toml"


def load(**options: Any) -> Settings:
    """Read the settings; SetupError names each one that is wrong, never its value."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise SetupError(f"settings: {found}") from None


def warn_unknown(environment: dict[str, str]) -> tuple[str, ...]:
    """Name the CXPORT_ variables that no setting reads: most often a spelling mistake."""
    known = {f"CXPORT_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    return tuple(sorted(k for k in environment if k.startswith("CXPORT_") and k not in known))
